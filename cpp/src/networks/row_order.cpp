#include "hessopt/networks/row_order.hpp"

#include <numeric>
#include <utility>

#include "hessopt/random/philox.hpp"

namespace hessopt {

void shuffle_rows(std::uint64_t seed, Index epoch, std::vector<Index>& rows) {
  std::iota(rows.begin(), rows.end(), Index{0});
  const Philox philox(seed);
  // No mask has a bit plane of this number: no bits are shared with one of the same seed.
  constexpr std::uint32_t plane = 0xFFFFFFFFu;
  const auto of_epoch = static_cast<std::uint32_t>(epoch);
  std::array<std::uint32_t, 4> words{};
  for (std::size_t left = rows.size(); left > 1; --left) {
    const std::size_t at = rows.size() - left;
    if (at % 4 == 0) words = philox({static_cast<std::uint32_t>(at / 4), 0, plane, of_epoch});
    const auto chosen = static_cast<std::size_t>(std::uint64_t{words[at % 4]} * left >> 32);
    std::swap(rows[left - 1], rows[chosen]);
  }
}

}  // namespace hessopt
