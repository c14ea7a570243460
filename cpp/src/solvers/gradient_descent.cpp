#include "hessopt/solvers/gradient_descent.hpp"

#include "hessopt/core/error.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
GradientDescent<T>::GradientDescent(Run<T> run, double rate, double momentum)
    : Base(std::move(run), rate), momentum_(momentum) {
  require(momentum >= 0 && momentum < 1, "momentum", std::to_string(momentum),
          "a number in [0, 1)");
  velocity_ = VectorOf<T>::Zero(run_.trial().size());
}

template <Real T>
bool GradientDescent<T>::valid() const {
  return Base::valid_rate() && momentum_ >= 0 && momentum_ < 1 &&
         velocity_.size() == run_.trial().size();
}

template <Real T>
void GradientDescent<T>::descend() {
  for_blocks(velocity_.size(), [&](Index begin, Index size) {
    kernels::vectors<T>().momentum(size, static_cast<T>(momentum_), static_cast<T>(Base::rate()),
                                   run_.current().x.data() + begin, run_.current().g.data() + begin,
                                   velocity_.data() + begin, run_.trial().data() + begin);
  });
  run_.check_limits();
}

template class GradientDescent<float>;
template class GradientDescent<double>;

}  // namespace hessopt
