#include "hessopt/losses/any_loss.hpp"

#include <cmath>
#include <string>

#include "hessopt/core/error.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

std::span<const kernels::LossKernel> table() {
  const kernels::LossKernels& losses = kernels::losses();
  return {losses.each, static_cast<std::size_t>(losses.count)};
}

}  // namespace

AnyLoss::AnyLoss(std::string_view name, std::span<const double> parameters)
    : kernel_(&kernel_of_loss(name)), parameters_(parameters.begin(), parameters.end()) {
  require_size("parameters", std::ssize(parameters_), kernel_->n_parameters);
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    const kernels::LossParameter& wanted = kernel_->parameters[k];
    require(wanted.accepts(parameters_[k]), wanted.name, text(parameters_[k]), wanted.domain);
  }
}

LossSums AnyLoss::add_up(Index n, const double* eta, const double* y, RowWeights w, double* first,
                         double* second) const {
  double sums[2];  // of the losses, of the squares
  kernel_->add_up(parameters_.data(), n, eta, y, w, first, second, sums);
  LossSums out{sums[0], {}};
  out.residual.add(sums[1], [&] {
    Vector terms = Eigen::Map<const Vector>(first, n);
    for (Index r = 0; r < n; ++r)
      if (terms[r] != 0) terms[r] /= std::sqrt(w.each ? w.all * w.each[r] : w.all);
    return terms;
  });
  return out;
}

std::vector<const char*> names_of_losses() {
  std::vector<const char*> names;
  for (const auto& loss : table()) names.push_back(loss.name);
  return names;
}

const kernels::LossKernel& kernel_of_loss(std::string_view name) {
  for (const auto& loss : table())
    if (loss.name == name) return loss;
  throw ArgumentError("loss", std::string(name), "the name of a loss");
}

}  // namespace hessopt
