// Limited-memory BFGS: x+ = x - t H g, H from the last m pairs by the two-loop recursion, t from a
// strong-Wolfe line search.
//
// D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", Math.
// Programming 45 (1989).
#pragma once

#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/solvers/more_thuente.hpp"

namespace hessopt {

class Lbfgs {
 public:
  static constexpr std::string_view kind = "Lbfgs";
  static constexpr std::uint32_t version = 1;

  Lbfgs() = default;
  Lbfgs(Vector x0, Index memory, const Limits& limits)
      : run_(limits), history_(x0.size(), memory), trial_(std::move(x0)) {
    require(trial_.size() > 0, "x0", "length 0", "at least one parameter");
    require(memory >= 1, "maxcor", std::to_string(memory), "an integer >= 1");
  }

  const Vector& ask() const { return trial_; }
  const Run& run() const { return run_; }
  void end(Status status) { run_.end(status); }
  // Pairs without measurable curvature, which were left out of the history.
  Index skipped() const { return skipped_; }

  void tell(double f, ConstVectorRef g) {
    const bool finite = run_.record(trial_, f, g);
    if (run_.done()) return;
    if (!run_.started()) {
      run_.advance(trial_, f, g);
    } else {
      search_.tell(finite, f, finite ? dot(g, direction_) : 0.0);
      if (search_.verdict() == MoreThuente::Verdict::accepted)
        accept(trial_, f, g);
      else if (search_.verdict() == MoreThuente::Verdict::failed)
        recover();
    }
    if (!run_.done()) run_.check_evaluations();
    if (run_.done()) return;
    if (search_.verdict() != MoreThuente::Verdict::searching) choose_direction();
    if (!run_.done()) trial_ = run_.current().x + search_.step() * direction_;
  }

  template <class A>
  void fields(A& archive) {
    archive(run_, history_, search_, direction_, trial_, promised_, skipped_);
  }

 private:
  void accept(const Vector& x, double f, ConstVectorRef g) {
    if (!history_.push(x - run_.current().x, g - run_.current().g)) ++skipped_;
    run_.advance(x, f, g);
  }

  // The search found no Wolfe point. First the best decrease it met; else the end, where the whole
  // step promised no more than rounding; else steepest descent without the history; else the end,
  // because f and g disagree.
  void recover() {
    const Point best = run_.best();
    const double fall = run_.current().f - best.f, floor = rounding_error(run_.current().f);
    if (fall > floor) return accept(best.x, best.f, best.g);
    if (promised_ <= 100 * floor) return run_.end(Status::rounding_floor, promised_, floor);
    if (history_.count() > 0) return history_.clear();
    run_.end(search_.saw_finite() ? Status::line_search : Status::non_finite, search_.slope(),
             search_.step());
  }

  void choose_direction() {
    const Vector& g = run_.current().g;
    double slope = 0;
    if (history_.count() > 0) {
      direction_ = -g;
      history_.apply(direction_);
      slope = dot(direction_, g);
    }
    if (!(slope < 0) || !std::isfinite(slope)) {
      // Without curvature nothing is known of the scale of x or f: a step of length 1.
      history_.clear();
      direction_ = -g / g.stableNorm();
      slope = dot(direction_, g);
    }
    promised_ = -slope;
    search_.start(run_.current().f, slope, 1.0);
  }

  Run run_;
  LbfgsHistory history_;
  MoreThuente search_;
  Vector direction_, trial_;
  double promised_ = 0;  // by the full step, to first order
  Index skipped_ = 0;
};

}  // namespace hessopt
