// A loss chosen at run time, so that a model is compiled once for all of them: what it computes
// stands in the kernels.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "hessopt/core/root_of_squares.hpp"
#include "hessopt/losses/parameter.hpp"

namespace hessopt {

using kernels::chunk_rows;
using RowWeights = kernels::Weights;

// sum_i w_i l_i and sum_i w_i l_i'^2.
struct LossSums {
  double value = 0;
  SumOfSquares residual;
};

class AnyLoss {
 public:
  template <NamedLoss L>
  AnyLoss(const L& loss) : AnyLoss(L::name, parameters_of(loss)) {}
  // The loss of that name in the table.
  AnyLoss(std::string_view name, std::span<const double> parameters = {});

  const char* name() const { return kernel_->name; }
  const char* target() const { return kernel_->target; }
  bool accepts(double y) const { return kernel_->accepts(parameters(), y); }
  double falls(double y) const { return kernel_->falls(y); }
  bool convex() const { return kernel_->convex(parameters()); }
  const kernels::LossKernel& kernel() const { return *kernel_; }
  const double* parameters() const { return parameters_.data(); }

  // Sums over n rows, and w_i l_i' and w_i l_i'', which have room for whole chunks. A row that
  // weighs nothing adds nothing, whatever its loss.
  LossSums add_up(Index n, const double* eta, const double* y, RowWeights w, double* first,
                  double* second) const;
  // out_i = l(eta_i, y_i)
  void values(Index n, const double* eta, const double* y, double* out) const {
    kernel_->values(parameters(), n, eta, y, out);
  }

 private:
  const kernels::LossKernel* kernel_;
  std::vector<double> parameters_;
};

// Of the table.
std::vector<const char*> names_of_losses();
const kernels::LossKernel& kernel_of_loss(std::string_view name);

}  // namespace hessopt
