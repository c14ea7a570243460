// Steps on a model of each problem, of gradient g and curvature H,
//   s = -(H + lambda D)^-1 g,
// with as many problems side by side as a packet has lanes. lambda follows the ratio of the
// decrease found to that foreseen; where it must grow, it is at first what halves the step. What
// would leave the bounds is put on them, and the rest solved again.
//
// Newton's method takes lambda = 0 wherever H has a factor and f agrees. On r'r / 2 with H = J'J
// and D its largest diagonals so far it is Levenberg and Marquardt's: J. J. More, "The
// Levenberg-Marquardt algorithm: implementation and theory", 1978.
#pragma once

#include <limits>

#include "hessopt/batched/batch.hpp"

namespace hessopt {

// Of a problem's steps.
struct Damping {
  double lambda = 0;
  double predicted = 0;                                       // decrease by the last step
  double promised = std::numeric_limits<double>::infinity();  // by one without damping from here
  double share = 0;        // of the damping in its slope: 0, it is the model's own, to 1
  double halving = 0;      // lambda that would have halved it
  double length = 0;       // of it
  double shrinkage = 0;    // its length relative to that of the one before
  double pace = 0;         // size of the gradient relative to that before the step
  double least_pivot = 1;  // of the last factor, relative to its diagonal
  double resolution = 0;   // decrease that the rounding of x hides
  Index failures = 0;      // of steps from here
  bool is_finite = true;   // what was found at the last

  template <class A>
  void fields(A& archive) {
    archive(lambda, predicted, promised, share, halving, length, shrinkage, pace, least_pivot,
            resolution, failures, is_finite);
  }
};

// What was found at a trial.
struct Found {
  double f;
  const double* g;
  const double* h;  // n x n, row by row; the lower triangle is read
  double size;      // of g, as the run ends by it
  double rounding;  // by which a decrease of f may be hidden
  bool is_finite;
};

class DampedBatch : public Batch {
 public:
  DampedBatch() = default;
  DampedBatch(RowMatrix x0, BatchOptions options);

 protected:
  // Accepts or rejects the trial of a problem; whether it did accept.
  bool judge(Index p, const Found& found);
  // New trials of those that run.
  void choose_steps(const std::vector<Index>& problems);
  // The trial that a step leads to, unless no step is left to be made.
  void take(Index p, const double* step, double predicted);

  Damping& damping(Index p) { return damping_[static_cast<std::size_t>(p)]; }
  bool is_positive(Index p, double shift);

  template <class A>
  void damped_fields(A& archive) {
    base_fields(archive);
    archive(curvature_, scale_, damping_);
  }
  bool valid_damped() const;

  RowMatrix curvature_;  // of each problem, lower triangles without gaps
  RowMatrix scale_;      // D
  std::vector<Damping> damping_;

 private:
  struct Subproblems;

  bool refuse(Index p, const Found& found);
  void accept(Index p, const Found& found);
  void adapt(Damping& d, double ratio);
  // Whether a problem has to be solved once more.
  bool continues(Subproblems& all, Index q, double least_pivot);
  bool raise(Subproblems& all, Index q, double lambda);
  double model_decrease(Index p, const double* step) const;

  // Of D where H has the diagonal given: `h` as told.
  virtual void measure(Index p, const double* h) = 0;
  // The status that a run ends by at an accepted point, else running.
  virtual Status ending(Index p) = 0;
  // Lambda where none was needed and there is no factor.
  virtual double least_shift() const = 0;
  // Length that a first step has at most, in units of D; 0: any.
  virtual double first_length(Index p) const = 0;
};

}  // namespace hessopt
