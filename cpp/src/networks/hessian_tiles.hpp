// How the sums of a whole Hessian are cut, so that threads share its entries and not its rows.
#pragma once

#include <vector>

#include "hessopt/networks/row_curvature.hpp"

namespace hessopt {

// Sums over rows of columns that there are, C_ll or A_l, times columns made of pairs of others.
struct HessianTile {
  enum Kind { own, below, statistics };
  Kind kind;  // C_ll by A_l; C_kl and A_k by A_l; J_{k-1,l} and shares of barrier k by A_l
  Index k, l;
  Index held = 0, n_held = 0;  // of C_ll or A_l
  Index made = 0, n_made = 0;  // pairs of A_l, or (p, i, q)
  Index unit = -1;  // the i of a layer l that normalises, whose units have each their own A_l
};

std::vector<HessianTile> hessian_tiles(const Architecture& network);

// Units of k that a unit of l comes to, one after another in what is made: all of them, or the unit
// itself, right below a barrier.
Index units_above(const Architecture& network, HessianTile::Kind kind, Index k, Index l);

}  // namespace hessopt
