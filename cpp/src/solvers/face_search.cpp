#include "hessopt/solvers/face_search.hpp"

#include "hessopt/core/archive.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

void FaceSearch::set_out(const Vector& s) {
  towards_ = s - base_;
  // What leads out at once does not lead anywhere.
  for (Index j = 0; j < towards_.size(); ++j)
    if ((base_[j] <= low_[j] && towards_[j] < 0) || (base_[j] >= high_[j] && towards_[j] > 0))
      towards_[j] = 0;
  share_ = 1;
  aim();
}

void FaceSearch::aim() {
  change_ = (base_ + share_ * towards_).cwiseMax(low_).cwiseMin(high_) - base_;
}

bool FaceSearch::tell(const Vector& h_change) {
  const double slope = dot(slopes_, change_), fall = slope + 0.5 * dot(change_, h_change);
  if (!(fall <= sufficient * slope) && share_ > shortest) {
    share_ *= 0.25;
    aim();
    return false;
  }
  // As `aim` had it: where a bound was met, on it.
  base_ = (base_ + share_ * towards_).cwiseMax(low_).cwiseMin(high_);
  slopes_ += h_change;
  model_ += fall;
  ++faces_;
  for (Index j = 0; j < free_.size(); ++j) {
    const bool held = (base_[j] <= low_[j] && slopes_[j] > 0) ||
                      (base_[j] >= high_[j] && slopes_[j] < 0) || low_[j] == high_[j];
    free_[j] = held ? 0 : 1;
  }
  return true;
}

bool FaceSearch::valid(Index n) const {
  const auto fits = [&](const Vector& v) { return v.size() == (is_bounded() ? n : 0); };
  return fits(low_) && fits(high_) && fits(slopes_) && fits(free_) && fits(base_) &&
         is_size_or_empty(change_, n) && towards_.size() == change_.size() && is_count(faces_) &&
         (!is_bounded() || (low_.array() <= high_.array()).all());
}

}  // namespace hessopt
