// The term sum_i l1_i |x_i| beside a smooth f: what a run with it is measured by.
#pragma once

#include <string>
#include <utility>

#include "hessopt/solvers/run.hpp"

namespace hessopt {

class L1Penalty {
 public:
  L1Penalty() = default;
  // A finite number >= 0 for each parameter, or one for all.
  L1Penalty(Vector strengths, Index n);

  const Vector& strengths() const { return l1_; }
  bool is_penalised(Index i) const { return l1_[i] > 0; }

  template <Real T>
  double value(ConstVectorRefOf<T> x) const {
    return l1_.dot(x.template cast<double>().cwiseAbs());
  }
  // What of the gradient of f its kinks leave: 0 at a minimum.
  template <Real T>
  VectorOf<T> left(ConstVectorRefOf<T> x, ConstVectorRefOf<T> g) const;
  // Penalised x_i that are not 0.
  template <Real T>
  Index n_nonzero(const VectorOf<T>& x) const;

  // The run is to end where nothing is left. A saved run does not contain it.
  template <Real T>
  void measure(Run<T>& run) const {
    run.measure_by(
        {.left = [penalty = *this](ConstVectorRefOf<T> x,
                                   ConstVectorRefOf<T> g) { return penalty.left<T>(x, g); },
         .symbol = "pseudo-gradient_i",
         .kinks = [penalty = *this](ConstVectorRefOf<T> x) { return penalty.value<T>(x); }});
  }

  template <class A>
  void fields(A& archive) {
    archive(l1_);
  }
  bool valid(Index n) const {
    return l1_.size() == n && l1_.allFinite() && (l1_.array() >= 0).all();
  }

 private:
  Vector l1_;
};

}  // namespace hessopt
