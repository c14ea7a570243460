// Levenberg and Marquardt's method on many small sums of squares r'r / 2.
//
// Steps are solved by J'J, many problems side by side; where that has lost too many digits, by QR
// of J itself while J is at hand.
#pragma once

#include "hessopt/batched/damped_batch.hpp"

namespace hessopt {

class SquaresBatch final : public DampedBatch {
 public:
  static std::string kind() { return "BatchLevenbergMarquardt"; }
  using DampedBatch::DampedBatch;

  // At the points asked for: m numbers of r and m n of J, row by row, for each.
  void tell(Index m, const double* r, const double* j, FoundRows rows = {});

  template <class A>
  void fields(A& archive) {
    damped_fields(archive);
  }
  bool valid() const { return valid_damped(); }

 private:
  void tell_some(const Index* problems, Index count, Index m, const double* r, const double* j,
                 FoundRows rows);
  double cosine(Index p, double f, const double* g, const double* h) const;
  // A step by QR, where one is to be had.
  bool polish(Index p, Index m, const double* r, const double* j);

  void measure(Index p, const double* h) override;
  Status ending(Index p) override;
  double least_shift() const override { return 1e-14; }
  double first_length(Index p) const override;
};

}  // namespace hessopt
