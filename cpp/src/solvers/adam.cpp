#include "hessopt/solvers/adam.hpp"

#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
Adam<T>::Adam(Run<T> run, double rate, const AdamOptions& options)
    : Base(std::move(run), rate), options_(options) {
  const auto [beta1, beta2, epsilon, decay, amsgrad] = options;
  require(beta1 >= 0 && beta1 < 1, "beta1", std::to_string(beta1), "a number in [0, 1)");
  require(beta2 >= 0 && beta2 < 1, "beta2", std::to_string(beta2), "a number in [0, 1)");
  require(epsilon > 0 && std::isfinite(epsilon), "epsilon", std::to_string(epsilon),
          "a finite number > 0");
  require(decay >= 0 && std::isfinite(decay), "weight_decay", std::to_string(decay),
          "a finite number >= 0");
  first_ = second_ = VectorOf<T>::Zero(run_.trial().size());
  if (amsgrad) largest_ = second_;
}

template <Real T>
bool Adam<T>::valid() const {
  const Index n = run_.trial().size();
  return Base::valid_rate() && first_.size() == n && second_.size() == n &&
         largest_.size() == (options_.amsgrad ? n : 0) && is_count(updates_);
}

template <Real T>
void Adam<T>::descend() {
  ++updates_;
  const auto [beta1, beta2, epsilon, decay, amsgrad] = options_;
  const double t = static_cast<double>(updates_);
  const double unbias1 = 1 - std::pow(beta1, t), unbias2 = std::sqrt(1 - std::pow(beta2, t));
  const kernels::AdamStep<T> step{static_cast<T>(beta1),
                                  static_cast<T>(1 - beta1),
                                  static_cast<T>(beta2),
                                  static_cast<T>(1 - beta2),
                                  static_cast<T>(1 - Base::rate() * decay),
                                  static_cast<T>(Base::rate() / unbias1),
                                  static_cast<T>(1 / unbias2),
                                  static_cast<T>(epsilon)};
  for_blocks(first_.size(), [&](Index begin, Index size) {
    kernels::vectors<T>().adam(size, &step, run_.current().x.data() + begin,
                               run_.current().g.data() + begin, first_.data() + begin,
                               second_.data() + begin, amsgrad ? largest_.data() + begin : nullptr,
                               run_.trial().data() + begin);
  });
  run_.check_limits();
}

template class Adam<float>;
template class Adam<double>;

}  // namespace hessopt
