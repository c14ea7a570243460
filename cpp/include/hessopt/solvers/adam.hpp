// Adam: steps scaled by running moments of the gradient.
//   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g o g
//   x <- x - rate mhat / (sqrt(vhat) + eps),  mhat = m / (1 - b1^t),  vhat = v / (1 - b2^t)
// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
// AdamW first takes x <- (1 - rate decay) x: I. Loshchilov, F. Hutter, "Decoupled weight decay
// regularization", ICLR 2019. AMSGrad has the largest v so far in place of v: S. J. Reddi, S. Kale,
// S. Kumar, "On the convergence of Adam and beyond", ICLR 2018.
#pragma once

#include "hessopt/solvers/gradient_descent.hpp"

namespace hessopt {

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
  bool amsgrad = false;

  template <class A>
  void fields(A& archive) {
    archive(beta1, beta2, epsilon, weight_decay, amsgrad);
  }
};

template <Real T>
class Adam : public FixedRate<Adam<T>, T> {
  using Base = FixedRate<Adam<T>, T>;
  friend Base;
  using Base::run_;

 public:
  static std::string kind() { return "Adam " + precision<T>(); }
  static constexpr std::uint32_t version = 3;

  Adam() = default;
  Adam(Run<T> run, double rate, const AdamOptions& options)
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

  template <class A>
  void fields(A& archive) {
    Base::rate_fields(archive);
    archive(options_, first_, second_, largest_, updates_);
  }
  bool valid() const {
    const Index n = run_.trial().size();
    return Base::valid_rate() && first_.size() == n && second_.size() == n &&
           largest_.size() == (options_.amsgrad ? n : 0) && is_count(updates_);
  }

 private:
  void descend() {
    ++updates_;
    const auto [beta1, beta2, epsilon, decay, amsgrad] = options_;
    const double t = static_cast<double>(updates_);
    const double unbias1 = 1 - std::pow(beta1, t), unbias2 = std::sqrt(1 - std::pow(beta2, t));
    const T b1 = static_cast<T>(beta1), c1 = static_cast<T>(1 - beta1);
    const T b2 = static_cast<T>(beta2), c2 = static_cast<T>(1 - beta2);
    const T keep = static_cast<T>(1 - Base::rate() * decay), small = static_cast<T>(epsilon);
    const T rate = static_cast<T>(Base::rate() / unbias1), root = static_cast<T>(1 / unbias2);
    for_blocks(first_.size(), [&](Index begin, Index size) {
      const auto g_ = run_.current().g.segment(begin, size).array();
      auto m = first_.segment(begin, size).array();
      auto v = second_.segment(begin, size).array();
      m = b1 * m + c1 * g_;
      v = b2 * v + c2 * g_.square();
      if (options_.amsgrad) {
        auto most = largest_.segment(begin, size).array();
        most = most.max(v);
        v_step(begin, size, keep, rate, root, small, most);
      } else {
        v_step(begin, size, keep, rate, root, small, v);
      }
    });
    run_.check_limits();
  }
  template <class V>
  void v_step(Index begin, Index size, T keep, T rate, T root, T small, const V& v) {
    run_.trial().segment(begin, size).array() =
        keep * run_.current().x.segment(begin, size).array() -
        rate * first_.segment(begin, size).array() / (root * v.sqrt() + small);
  }

  AdamOptions options_;
  VectorOf<T> first_, second_, largest_;
  Index updates_ = 0;
};

}  // namespace hessopt
