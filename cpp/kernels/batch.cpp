#include "hessopt/kernels/batch.hpp"

#include "interleaved.hpp"
#include "parts.hpp"
#include "small_gram.hpp"

namespace hessopt::kernels {
namespace {

Index scratch_of_steps(Index n) noexcept { return Interleaved<double>::bytes(n, 1); }

void solve_damped(DampedSystem* systems, Index count, Index n, double least,
                  void* scratch) noexcept {
  Interleaved<double> lanes_of(n, 1, scratch);
  for (Index lane = 0; lane < count; ++lane) lanes_of.load_lane(lane, systems[lane]);
  for (Index lane = count; lane < lanes<double>; ++lane) lanes_of.clear_lane(lane);
  double pivots[lanes<double>];
  lanes_of.factor(pivots);
  lanes_of.solve();
  for (Index lane = 0; lane < count; ++lane) {
    systems[lane].least_pivot = pivots[lane] > least ? pivots[lane] : 0;
    lanes_of.store_lane(lane, systems[lane].out);
  }
}

}  // namespace

constinit const BatchKernels parts::batch{
    .lanes = lanes<double>,
    .scratch = &scratch_of_steps,
    .solve_damped = &solve_damped,
    .add_rows_f32 = &add_rows_of_few<float>,
    .add_rows_f64 = &add_rows_of_few<double>,
    .add_squares_f32 = &add_squares_of_few<float>,
    .add_squares_f64 = &add_squares_of_few<double>,
};

}  // namespace hessopt::kernels
