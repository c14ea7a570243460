// From second derivatives with the statistics t of barriers held to those in which they follow the
// parameters. With T(theta, t) what t is, sums over rows, t_theta = (I - T_t)^-1 T_theta, and
// lambda = (I - T_t)^-T F_t, what a change of each statistic is worth,
//
//   H = [I; t_theta]' d2 (F + lambda'T) [I; t_theta].
//
// Of a unit, z = gamma s (u - mean) + beta, so that statistics act as gamma and beta do: mean as
// -gamma s times beta, the variance v as -gamma s^2 / 2 times gamma. All of the rows' part is then
// among the derivatives in the parameters; what is left is the curvature of these two maps, times
// the gradient, and that of v in the mean.
#pragma once

#include "hessopt/networks/sweeps.hpp"

namespace hessopt {

// h: with statistics held, and lambda'T in C of row_curvature.hpp unless it is of Gauss and Newton.
// t: a row for the mean of each unit of the first barrier, for each variance, the next barrier,
// ...; the derivatives with the barriers below held, summed over samples of masks and without the
// factor 2 k of the variance. Here it becomes t_theta.
template <Real T>
void eliminate(const Architecture& network, const Vector& x, double samples,
               const Sweeps<T>& sweeps, bool gauss_newton, Matrix& t, MatrixRef h);

}  // namespace hessopt
