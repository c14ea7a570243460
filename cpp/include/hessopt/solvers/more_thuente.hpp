// A line search for the strong Wolfe conditions, as a state that is told phi(t) = f(x + t d) -
// f(x).
//
//   phi(t) <= c1 t phi'(0)   and   |phi'(t)| <= c2 |phi'(0)|
// or, where |phi| is hidden by rounding, the approximate test
//   (2 delta - 1) phi'(0) >= phi'(t) >= c2 phi'(0).
//
// Along the projection of a ray onto a box phi has kinks, with a slope before and one after; either
// may pass the second test, or 0 lie between them, and the first is of what the projection leaves
// of t phi'(0). M. W. Ferry, P. E. Gill, E. Wong, M. Zhang, "Projected-search methods for
// bound-constrained optimization", 2020.
//
// J. J. More, D. J. Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS
// 20 (1994); W. W. Hager, H. Zhang, "A new conjugate gradient method with guaranteed descent and an
// efficient line search", SIAM J. Optim. 16 (2005).
//
//   paper      here        paper      here
//   alpha_l    low_        mu, eta    c1, c2
//   alpha_u    high_       psi        auxiliary (phi minus c1 t phi'(0))
//   alpha_t    step_       I          [low_, high_] once bracketed_
#pragma once

#include "hessopt/core/archive.hpp"

namespace hessopt {

// What a search asks for, and how often it tries.
struct Wolfe {
  double c1 = 1e-4, c2 = 0.9;
  Index most_trials = 20;

  template <class A>
  void fields(A& archive) {
    archive(c1, c2, most_trials);
  }
  bool is_ordered() const { return 0 < c1 && c1 < c2 && c2 < 1; }
  bool valid() const { return is_ordered() && most_trials > 0; }
};

class MoreThuente {
 public:
  static constexpr double delta = 0.1;
  static constexpr double max_step = 1e20;

  enum class Verdict : std::int32_t { searching, accepted, failed };
  friend bool is_enumerator(Verdict v) { return v >= Verdict::searching && v <= Verdict::failed; }

  MoreThuente() = default;
  explicit MoreThuente(const Wolfe& wolfe) : wolfe_(wolfe) {}

  // `hidden`: the change of f that says nothing; `most`: the longest step there is.
  void start(double slope, double step, double hidden, double most = max_step);
  double step() const { return step_; }
  double slope() const { return origin_.slope; }
  // Whether a trial fell out of the domain of f.
  bool left_domain() const { return limit_ < max_step; }
  // Whether f kept falling from trial to trial, with no minimum between any two of them.
  bool falls_on() const { return !bracketed_ && low_.step > 0; }
  Verdict verdict() const { return verdict_; }

  // phi and phi' at step(). `finite` is false where f or its gradient is not.
  void tell(bool finite, double value, double slope) { tell(finite, value, slope, slope, 1); }
  // The same at a kink: `slope` is that after it, and `share` what is left of t phi'(0).
  void tell(bool finite, double value, double slope, double before, double share);

  template <class A>
  void fields(A& archive) {
    archive(wolfe_, origin_, low_, high_, hidden_, step_, lower_, upper_, most_, limit_, width_,
            old_width_, bracketed_, first_stage_, finite_, trials_, verdict_);
  }
  bool valid() const { return wolfe_.valid() && is_count(trials_); }

 private:
  static constexpr double expand_least = 1.1, expand_most = 4.0, shrink = 0.66;
  static constexpr double shrink_most = 1e-3;
  static constexpr double tiny_width = 1e-14;  // of the bracket, relative to its end

  struct Sample {
    double step = 0, value = 0, slope = 0;

    template <class A>
    void fields(A& archive) {
      archive(step, value, slope);
    }
  };

  bool accepts(const Sample& trial, double before, double share) const;
  void contract();
  void update(Sample& low, Sample& high, const Sample& trial);
  double flatter(const Sample& low, const Sample& high, const Sample& trial) const;
  void next_bounds();
  static Sample tilted(Sample s, double tilt);
  static double cubic(const Sample& a, const Sample& b);
  static double secant(const Sample& a, const Sample& b);

  Wolfe wolfe_;
  Sample origin_, low_, high_;
  double hidden_ = 0, step_ = 0, lower_ = 0, upper_ = 0, most_ = max_step, limit_ = max_step;
  double width_ = max_step, old_width_ = 2 * max_step;
  bool bracketed_ = false, first_stage_ = true, finite_ = false;
  Index trials_ = 0;
  Verdict verdict_ = Verdict::failed;
};

}  // namespace hessopt
