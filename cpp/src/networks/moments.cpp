#include "hessopt/networks/moments.hpp"

#include <algorithm>

#include "hessopt/core/scratch.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

void Moments::clear(Index units) {
  weight = 0;
  for (Vector* v : {&mean, &squares, &moved, &comoments}) v->setZero(units);
}

void Moments::add(const Moments& other) {
  if (other.weight == 0) return;
  const double all = weight + other.weight, share = other.weight / all;
  const Vector apart = other.mean - mean, apart_along = other.moved - moved;
  squares += other.squares + weight * share * apart.cwiseAbs2();
  comoments += other.comoments + weight * share * apart.cwiseProduct(apart_along);
  mean += share * apart;
  moved += share * apart_along;
  weight = all;
}

template <Real T>
void Moments::add_block(const BlockState<T>& state, const T* u, const T* ru) {
  const auto& table = kernels::networks<T>();
  const Index units = mean.size(), rows = state.rows;
  Moments block;
  block.clear(units);
  for (Index i = 0; i < state.count; ++i) block.weight += static_cast<double>(state.weight[i]);
  if (block.weight == 0) return;
  const Scratch scratch(4 * units * static_cast<Index>(sizeof(T)));
  Eigen::Map<MatrixOf<T>> sums(static_cast<T*>(scratch.data()), units, 4);
  sums.setZero();
  const auto mean_of = [&](const T* x, Index k) {
    table.add_inner(rows, units, 1, x, state.weight, sums.col(k).data());
    sums.col(k) /= static_cast<T>(block.weight);
  };
  mean_of(u, 0);
  table.add_moments(rows, units, state.weight, u, sums.col(0).data(), u, sums.col(0).data(),
                    sums.col(1).data());
  if (ru != nullptr) {
    mean_of(ru, 2);
    table.add_moments(rows, units, state.weight, u, sums.col(0).data(), ru, sums.col(2).data(),
                      sums.col(3).data());
  }
  block.mean = sums.col(0).template cast<double>();
  block.squares = sums.col(1).template cast<double>();
  block.moved = sums.col(2).template cast<double>();
  block.comoments = sums.col(3).template cast<double>();
  add(block);
}

template void Moments::add_block(const BlockState<float>&, const float*, const float*);
template void Moments::add_block(const BlockState<double>&, const double*, const double*);

}  // namespace hessopt
