#include "hessian_tiles.hpp"

#include <algorithm>

namespace hessopt {
namespace {

// Of a tile of the sums: columns that there are, and columns that are made.
constexpr Index most_held = 144;
constexpr Index most_made = 48;

// 0 .. total in parts of no more than `most`, as even as multiples of four can be.
template <class Visit>
void for_parts(Index total, Index most, Visit&& visit) {
  const Index parts = (total + most - 1) / most;
  const Index step = ((total + parts - 1) / parts + 3) / 4 * 4;
  for (Index begin = 0; begin < total; begin += step) visit(begin, std::min(step, total - begin));
}

}  // namespace

Index units_above(const Architecture& net, HessianTile::Kind kind, Index k, Index l) {
  return kind == HessianTile::statistics && k == l + 1 ? 1 : net.width(k);
}

std::vector<HessianTile> hessian_tiles(const Architecture& net) {
  std::vector<HessianTile> tiles;
  const auto add = [&](HessianTile tile, Index held, Index made) {
    // Where few columns are held the tile is so much longer.
    const Index most = std::max(most_made, most_made * most_held / (2 * std::min(held, most_held)));
    for_parts(held, most_held, [&](Index h, Index n_held) {
      for_parts(made, most, [&](Index m, Index n_made) {
        tile.held = h, tile.n_held = n_held, tile.made = m, tile.n_made = n_made;
        tiles.push_back(tile);
      });
    });
  };
  const auto add_pair = [&](HessianTile::Kind kind, Index k, Index l, Index fed) {
    const Index above = units_above(net, kind, k, l) * fed;
    if (!net.layer(l).norm)
      return add({.kind = kind, .k = k, .l = l}, net.layer(l).fed(), above * net.width(l));
    for (Index i = 0; i < net.width(l); ++i)
      add({.kind = kind, .k = k, .l = l, .unit = i}, 2, above);
  };
  const std::vector<Index> barriers = net.barriers();
  for (Index l = 1; l <= net.depth(); ++l) {
    for (Index k = l; k <= net.depth(); ++k)
      if (k == l && !net.layer(l).norm)
        add({.kind = HessianTile::own, .k = k, .l = l}, triangle(net.width(l)),
            triangle(net.layer(l).fed()));
      else
        add_pair(HessianTile::below, k, l, net.layer(k).fed());
    for (const Index k : barriers)
      if (k > l) add_pair(HessianTile::statistics, k, l, 2);
  }
  return tiles;
}

}  // namespace hessopt
