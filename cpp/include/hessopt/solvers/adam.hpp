// Adam: steps scaled by running moments of the gradient.
//   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g o g
//   x <- x - rate mhat / (sqrt(vhat) + eps),  mhat = m / (1 - b1^t),  vhat = v / (1 - b2^t)
// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
#pragma once

#include "hessopt/solvers/gradient_descent.hpp"

namespace hessopt {

class Adam : public FixedRate {
 public:
  static constexpr std::string_view kind = "Adam";
  static constexpr std::uint32_t version = 1;

  Adam() = default;
  Adam(Vector x0, double rate, double beta1, double beta2, double epsilon, const Limits& limits)
      : FixedRate(std::move(x0), rate, limits), beta1_(beta1), beta2_(beta2), epsilon_(epsilon) {
    require(beta1 >= 0 && beta1 < 1, "beta1", std::to_string(beta1), "a number in [0, 1)");
    require(beta2 >= 0 && beta2 < 1, "beta2", std::to_string(beta2), "a number in [0, 1)");
    require(epsilon > 0 && std::isfinite(epsilon), "epsilon", std::to_string(epsilon),
            "a finite number > 0");
    first_ = second_ = Vector::Zero(ask().size());
  }

  void tell(double f, ConstVectorRef g) {
    if (!arrive(f, g)) return;
    ++updates_;
    first_ = beta1_ * first_ + (1 - beta1_) * g;
    second_ = beta2_ * second_ + (1 - beta2_) * g.cwiseAbs2();
    const double t = static_cast<double>(updates_);
    const double unbias1 = 1 - std::pow(beta1_, t), unbias2 = std::sqrt(1 - std::pow(beta2_, t));
    trial().array() -=
        rate() / unbias1 * first_.array() / (second_.array().sqrt() / unbias2 + epsilon_);
  }

  template <class A>
  void fields(A& archive) {
    base_fields(archive);
    archive(beta1_, beta2_, epsilon_, first_, second_, updates_);
  }

 private:
  double beta1_ = 0, beta2_ = 0, epsilon_ = 0;
  Vector first_, second_;
  Index updates_ = 0;
};

}  // namespace hessopt
