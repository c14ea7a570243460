// Newton's method on many small problems.
#pragma once

#include "hessopt/batched/damped_batch.hpp"

namespace hessopt {

class NewtonBatch final : public DampedBatch {
 public:
  static std::string kind() { return "BatchNewton"; }
  using DampedBatch::DampedBatch;

  // At the points asked for: values f, and n numbers of g and n n of H, row by row, for each.
  void tell(const double* f, const double* g, const double* h, FoundRows rows = {});

  // Some of them, in the order of `problems`: other threads may be at others.
  void tell_some(const Index* problems, Index count, const double* f, const double* g,
                 const double* h, FoundRows rows);

  template <class A>
  void fields(A& archive) {
    damped_fields(archive);
  }
  bool valid() const { return valid_damped(); }

 private:
  void measure(Index p, const double* h) override;
  Status ending(Index p) override;
  double least_shift() const override { return 1e-10; }
  double first_length(Index) const override { return 0; }
  bool runs_away(Index p);
};

}  // namespace hessopt
