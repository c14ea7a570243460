// BFGS on many small problems, by the inverse Hessian itself or by the last few pairs; steps are
// searched along the path that the bounds make of a line.
//
// Of what bounds hold nothing is learnt and nothing moves: the direction is -H_FF g_F on the free
// coordinates F, H_FF the block of the inverse or the two loops over pairs restricted to F. It
// descends for whatever F is: D. P. Bertsekas, "Projected Newton methods for optimization problems
// with simple constraints", SIAM J. Control Optim. 20 (1982).
#pragma once

#include "hessopt/batched/batch.hpp"

namespace hessopt {

// Of the search of a problem.
struct BatchSearch {
  double factor = 1;      // of the direction, at the trial
  double slope = 0;       // along the direction
  bool is_finite = true;  // what was found at the last trial
  Index pairs = 0;        // learnt since the last steepest descent
  double stretch = 1;     // of a direction along which f has bent down so far

  template <class A>
  void fields(A& archive) {
    archive(factor, slope, is_finite, pairs, stretch);
  }
};

class QuasiNewtonBatch final : public Batch {
 public:
  static std::string kind() { return "BatchQuasiNewton"; }

  QuasiNewtonBatch() = default;
  // memory: pairs that are kept; 0: the inverse itself.
  QuasiNewtonBatch(RowMatrix x0, BatchOptions options, Index memory);

  Index memory() const { return memory_; }
  // At the points asked for: values f, and n numbers of g for each.
  void tell(const double* f, const double* g, FoundRows rows = {});
  // Some of them, in the order of `problems`: other threads may be at others.
  void tell_some(const Index* problems, Index count, const double* f, const double* g,
                 FoundRows rows);

  template <class A>
  void fields(A& archive) {
    base_fields(archive);
    archive(memory_, direction_, inverse_, pairs_, search_);
  }
  bool valid() const;

 private:
  struct Room;

  BatchSearch& search(Index p) { return search_[static_cast<std::size_t>(p)]; }
  void tell_one(Index p, double f, const double* g, Room& room);
  bool is_low_enough(Index p, double f, const double* g);
  void step_back(Index p, double f, const double* g);
  void learn(Index p, Room& room);
  void update_inverse(Index p, Room& room, double sy, double yy);
  void remember(Index p, const Room& room);
  void choose_direction(Index p, Room& room);
  void two_loop(Index p, Room& room);
  void descend_steepest(Index p);
  void put_trial(Index p);
  double slope_at(Index p, const double* g) const;

  double* pair(Index p, Index k) { return &pairs_(p, k * 2 * parameters()); }

  Index memory_ = 0;
  RowMatrix direction_;
  RowMatrix inverse_;  // n n of each problem, where there is no memory
  RowMatrix pairs_;    // s and y of each place in turn, else
  std::vector<BatchSearch> search_;
};

}  // namespace hessopt
