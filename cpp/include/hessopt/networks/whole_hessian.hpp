// The whole Hessian of a network, or its Gauss-Newton matrix, by its structure and not by as many
// products as parameters. With C, J, d as in row_curvature.hpp and block_pass.hpp, A_l = (a_{l-1},
// 1) and W_l with b_l as its last row, the second derivative in W_k[q,p] and W_l[j,i] is the sum
// over rows of
//
//   (C_kl[p,i] A_k[q] + d_k[p] J_{k-1,l}[q,i]) A_l[j]     (k >= l; the second term for k > l only).
//
// A block on the diagonal is symmetric twice, in (p, i) and in (q, j): one product of the pairs of
// C by the pairs of A, a quarter of P_l^2 multiplications a row. Any other takes P_k P_l, whatever
// the depth between.
//
// A layer of batch normalisation has (gamma_p, beta_p) of (û_p, 1) in the place of W, its own unit
// alone. Its statistics t, of all layers, are functions of the parameters, and what they add is in
// eliminate.hpp.
#pragma once

#include "hessopt/networks/network.hpp"

namespace hessopt {

// Into h, n_parameters x n_parameters. The matrix itself is all that is allocated beyond what a few
// blocks of rows need.
void whole_hessian(const Network& network, ConstVectorRef x, bool gauss_newton, MatrixRef h);

// What it takes, in evaluations of value and gradient.
double whole_hessian_cost(const Network& network);

}  // namespace hessopt
