#include "hessopt/solvers/adam.hpp"

#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
AdamMoments<T>::AdamMoments(const AdamOptions& options, Index size) : options_(options) {
  const auto [beta1, beta2, epsilon, decay, amsgrad] = options;
  require(beta1 >= 0 && beta1 < 1, "beta1", std::to_string(beta1), "a number in [0, 1)");
  require(beta2 >= 0 && beta2 < 1, "beta2", std::to_string(beta2), "a number in [0, 1)");
  require(epsilon > 0 && std::isfinite(epsilon), "epsilon", std::to_string(epsilon),
          "a finite number > 0");
  require(decay >= 0 && std::isfinite(decay), "weight_decay", std::to_string(decay),
          "a finite number >= 0");
  first_ = second_ = VectorOf<T>::Zero(size);
  if (amsgrad) largest_ = second_;
}

template <Real T>
bool AdamMoments<T>::valid(Index size) const {
  return first_.size() == size && second_.size() == size &&
         largest_.size() == (options_.amsgrad ? size : 0) && is_count(updates_);
}

template <Real T>
void AdamMoments<T>::step(double rate, const VectorOf<T>& x, const VectorOf<T>& g,
                          VectorOf<T>& out) {
  ++updates_;
  const auto [beta1, beta2, epsilon, decay, amsgrad] = options_;
  const double t = static_cast<double>(updates_);
  const double unbias1 = 1 - std::pow(beta1, t), unbias2 = std::sqrt(1 - std::pow(beta2, t));
  const kernels::AdamStep<T> step{
      static_cast<T>(beta1),       static_cast<T>(1 - beta1),        static_cast<T>(beta2),
      static_cast<T>(1 - beta2),   static_cast<T>(1 - rate * decay), static_cast<T>(rate / unbias1),
      static_cast<T>(1 / unbias2), static_cast<T>(epsilon)};
  for_blocks(first_.size(), [&](Index begin, Index size) {
    kernels::vectors<T>().adam(size, &step, x.data() + begin, g.data() + begin,
                               first_.data() + begin, second_.data() + begin,
                               amsgrad ? largest_.data() + begin : nullptr, out.data() + begin);
  });
}

template <Real T>
Adam<T>::Adam(Run<T> run, double rate, const AdamOptions& options)
    : Base(std::move(run), rate), moments_(options, run_.trial().size()) {}

template <Real T>
void Adam<T>::descend() {
  moments_.step(Base::rate(), run_.current().x, run_.current().g, run_.trial());
  run_.check_limits();
}

template class AdamMoments<float>;
template class AdamMoments<double>;
template class Adam<float>;
template class Adam<double>;

}  // namespace hessopt
