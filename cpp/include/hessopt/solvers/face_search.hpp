// The minimum of a quadratic model in a box where its Hessian is only multiplied with: conjugate
// gradients go to the minimum on a face of the box; from where the step leaves the box its
// projection is searched, as far as the model falls, and the face found there is the next.
//
// C.-J. Lin, J. J. More, "Newton's method for large bound-constrained optimization problems", SIAM
// J. Optim. 9 (1999).
#pragma once

#include <utility>
#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

class FaceSearch {
 public:
  FaceSearch() = default;  // no bounds
  // From s = 0, where the slopes of the model are g, in low <= s <= high. `free`: 1 for those that
  // no bound holds, 0 for the others.
  FaceSearch(Vector low, Vector high, Vector g, Vector free)
      : low_(std::move(low)),
        high_(std::move(high)),
        slopes_(std::move(g)),
        free_(std::move(free)),
        base_(Vector::Zero(low_.size())) {}

  bool is_bounded() const { return low_.size() > 0; }
  bool is_inside(const Vector& s) const {
    return !is_bounded() ||
           ((s.array() >= low_.array()).all() && (s.array() <= high_.array()).all());
  }
  // v without what is held.
  void restrict(Vector& v) const {
    if (is_bounded()) v = v.cwiseProduct(free_);
  }
  void leave_out(const std::vector<Index>& held) {
    for (const Index j : held) free_[j] = 0;
  }

  // From the base towards s, which lies outside. `change` is to be multiplied with H, and told.
  void set_out(const Vector& s);
  const Vector& change() const { return change_; }
  // Whether the model falls enough by `change`: the base has moved by it then, onto another face.
  // Else `change` is a shorter one.
  bool tell(const Vector& h_change);

  // Where the faces so far have led, the model and its slopes there.
  const Vector& base() const { return base_; }
  double model() const { return model_; }
  Vector slopes() const { return slopes_.cwiseProduct(free_); }
  // Times that the base has moved.
  Index faces() const { return faces_; }

  template <class A>
  void fields(A& archive) {
    archive(low_, high_, slopes_, free_, base_, change_, towards_, share_, model_, faces_);
  }
  bool valid(Index n) const;

 private:
  static constexpr double sufficient = 1e-4;  // of the slope, as what the model has to fall by
  static constexpr double shortest = 1e-12;   // part of a step, of which rounding decides

  void aim();

  Vector low_, high_, slopes_, free_, base_, change_, towards_;
  double share_ = 1, model_ = 0;
  Index faces_ = 0;
};

}  // namespace hessopt
