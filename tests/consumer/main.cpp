#include <hessopt/hessopt.hpp>
#include <iostream>

int main() {
  hessopt::RowMatrix x(4, 1);
  x << -1, 0, 1, 2;
  hessopt::Array y(4);
  y << 0, 1, 0, 1;
  const hessopt::LinearModel model(hessopt::Logistic{},
                                   hessopt::make_data(hessopt::DenseRows(hessopt::view_of(x)), y,
                                                      {.l2 = hessopt::Vector::Constant(1, 0.1)}));
  hessopt::Newton solver(hessopt::Run<double>(hessopt::Vector::Zero(2)));
  std::cout << hessopt::minimize(solver, model).stop().message() << "\n";
}
