// Many small problems at once, each a state of its own.
//
// All are asked for at once and told at once, those that have ended apart: the working set is a
// list of indices. No number of one problem enters another, and those of one are added in an order
// that only its own shape decides, so that its bits are the same in any company.
#pragma once

#include <string>
#include <vector>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/function_ref.hpp"
#include "hessopt/solvers/stopping.hpp"

namespace hessopt {

struct BatchOptions {
  RowMatrix lower = {}, upper = {};  // of each problem, or one row for all; empty: none
  double gtol = 1e-8;
  Index maxiter = 1000;

  template <class A>
  void fields(A& archive) {
    archive(lower, upper, gtol, maxiter);
  }
};

// What a problem has come to.
struct Progress {
  Status status = Status::running;
  Index iterations = 0, evaluations = 0;
  double f = 0;
  double size = 0;        // of the gradient, as the run ends by it
  double start_size = 0;  // of the gradient
  double rounding = 0;    // by which a decrease of f may be hidden

  template <class A>
  void fields(A& archive) {
    archive(status, iterations, evaluations, f, size, start_size, rounding);
  }
};

// What was found at the points asked for. Problem `position` of those that run is row
// rows[position] of the arrays, or row `position` itself where there is no list.
struct FoundRows {
  const Index* rows = nullptr;
  Index operator()(Index position) const { return rows ? rows[position] : position; }
};

class Batch {
 public:
  Batch() = default;
  Batch(RowMatrix x0, BatchOptions options);

  Index problems() const { return x_.rows(); }
  Index parameters() const { return x_.cols(); }
  // Those that have not ended, ascending.
  const std::vector<Index>& running() const { return running_; }
  bool done() const { return running_.empty(); }
  // The points to evaluate at, a row for each that runs.
  RowMatrix ask() const;
  // Ends those that run.
  void stop();

  // For an objective that takes some of the problems to their ends before others.
  // work(problems, how many, position of the first among those that run), by threads, of the first
  // `count` that run, `size` at a time; then those that have ended leave, also after an exception.
  using Work = FunctionRef<void(const Index* problems, Index count, Index position)>;
  void run_groups(Index count, Index size, Work work);
  const double* trial(Index p) const { return &trial_(p, 0); }
  bool has_ended(Index p) const {
    return progress_[static_cast<std::size_t>(p)].status != Status::running;
  }

  const RowMatrix& x() const { return x_; }
  const RowMatrix& gradient() const { return gradient_; }
  const std::vector<Progress>& progress() const { return progress_; }
  const BatchOptions& options() const { return options_; }
  // -1, 1: on a bound that the gradient pushes against; else 0.
  int active(Index p, Index i) const;
  // On no bound.
  bool is_inside(Index p, Index i) const {
    return !has_bounds() || (x_(p, i) > lower(p, i) && x_(p, i) < upper(p, i));
  }

  // In words, of one problem.
  static std::string message(Status status);

 protected:
  void for_each_group(Work work);
  void refresh();

  bool has_bounds() const { return options_.lower.rows() > 0; }
  double lower(Index p, Index i) const { return bound(options_.lower, p, i); }
  double upper(Index p, Index i) const { return bound(options_.upper, p, i); }
  double within(Index p, Index i, double value) const;
  // Whether coordinate i stays where it is at a point with such a derivative.
  bool is_held(Index p, Index i, double x, double derivative) const;
  // max |g_i| of those that may move
  double gradient_size(Index p, const double* x, const double* g) const;
  void end(Index p, Status status) { progress(p).status = status; }
  Progress& progress(Index p) { return progress_[static_cast<std::size_t>(p)]; }
  // The trial becomes the point come to.
  void advance(Index p, double f, const double* g, double size);
  bool is_still(Index p) const;  // the trial is the point itself

  template <class A>
  void base_fields(A& archive) {
    archive(options_, x_, trial_, gradient_, progress_, running_);
  }
  bool valid_base() const;

  BatchOptions options_;
  RowMatrix x_, trial_, gradient_;
  std::vector<Progress> progress_;
  std::vector<Index> running_;

 private:
  static double bound(const RowMatrix& bounds, Index p, Index i) {
    return bounds(bounds.rows() == 1 ? 0 : p, i);
  }
};

}  // namespace hessopt
