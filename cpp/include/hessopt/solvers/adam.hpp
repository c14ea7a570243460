// Adam: steps scaled by running moments of the gradient.
//   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g o g
//   x <- x - rate mhat / (sqrt(vhat) + eps),  mhat = m / (1 - b1^t),  vhat = v / (1 - b2^t)
// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
// AdamW first takes x <- (1 - rate decay) x: I. Loshchilov, F. Hutter, "Decoupled weight decay
// regularization", ICLR 2019. AMSGrad has the largest v so far in place of v: S. J. Reddi, S. Kale,
// S. Kumar, "On the convergence of Adam and beyond", ICLR 2018.
#pragma once

#include "hessopt/solvers/fixed_rate.hpp"

namespace hessopt {

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
  bool amsgrad = false;

  template <class A>
  void fields(A& archive) {
    archive(beta1, beta2, epsilon, weight_decay, amsgrad);
  }
};

// m, v and the largest v, and the step that they make.
template <Real T>
class AdamMoments {
 public:
  AdamMoments() = default;
  AdamMoments(const AdamOptions& options, Index size);

  template <class A>
  void fields(A& archive) {
    archive(options_, first_, second_, largest_, updates_);
  }
  bool valid(Index size) const;

  // Takes in g, and writes what x becomes to out, which may be x.
  void step(double rate, const VectorOf<T>& x, const VectorOf<T>& g, VectorOf<T>& out);

 private:
  AdamOptions options_;
  VectorOf<T> first_, second_, largest_;
  Index updates_ = 0;
};

extern template class AdamMoments<float>;
extern template class AdamMoments<double>;

template <Real T>
class Adam final : public FixedRate<T> {
  using Base = FixedRate<T>;
  using Base::run_;

 public:
  static std::string kind() { return "Adam " + precision<T>(); }

  Adam() = default;
  Adam(Run<T> run, double rate, const AdamOptions& options);

  template <class A>
  void fields(A& archive) {
    Base::rate_fields(archive);
    archive(moments_);
  }
  bool valid() const { return Base::valid_rate() && moments_.valid(run_.trial().size()); }

 private:
  void descend() override;

  AdamMoments<T> moments_;
};

}  // namespace hessopt
