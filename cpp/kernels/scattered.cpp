#include "hessopt/kernels/scattered.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "digital_net.hpp"
#include "keep_bits.hpp"
#include "normal_group.hpp"
#include "normal_quantile.hpp"
#include "parts.hpp"
#include "scattered_words.hpp"

namespace hessopt::kernels::parts {
namespace {

constexpr Index most = 512;  // elements at a time

// visit(begin, count) for pieces of the elements.
template <class Visit>
void for_each_piece(Index count, Visit&& visit) {
  for (Index begin = 0; begin < count; begin += most) visit(begin, std::min(most, count - begin));
}

// Where word w of superblock s is found: a counter, and which of its words.
struct Place {
  std::uint64_t counter;
  std::uint32_t word;
};
Place place_of(std::uint64_t superblock, std::uint32_t w) {
  return {superblock_lanes * superblock + w % superblock_lanes, w / superblock_lanes};
}

// visit(i, words, at) for `count` counters, the words of counter i being words[0 .. 3][at]. There
// is room for whole rounds behind them.
template <class Visit>
void for_each_counter(const ScatteredWords& source, std::uint64_t* counters, Index count,
                      std::uint32_t q, Visit&& visit) {
  std::fill_n(counters + count, ScatteredWords::size, 0);
  std::uint32_t words[4][2 * ScatteredWords::size];
  for (Index begin = 0; begin < count; begin += ScatteredWords::size) {
    source.draw(counters + begin, q, words);
    const Index here = std::min<Index>(ScatteredWords::size, count - begin);
    for (Index i = 0; i < here; ++i) visit(begin + i, words, 2 * i);
  }
}

// The bits of up to `most` elements. A plane is drawn for the elements that those before have not
// decided, half as many each time.
void draw_bits(const MaskLaw& mask, const Index* elements, Index count, bool* ones) {
  const ScatteredWords source(mask.stream);
  std::uint64_t counters[most + ScatteredWords::size];
  std::uint8_t words[most], bits[most];
  std::uint16_t open[most];  // which elements these are
  for (Index i = 0; i < count; ++i) {
    const auto e = static_cast<std::uint64_t>(elements[i]);
    const Place at = place_of(e / superblock_size, static_cast<std::uint32_t>(e / 32 % 64));
    counters[i] = at.counter;
    words[i] = static_cast<std::uint8_t>(at.word);
    bits[i] = static_cast<std::uint8_t>(e % 32);
    open[i] = static_cast<std::uint16_t>(i);
    ones[i] = mask.law.inverted;
  }
  for (int q = 0; count > 0 && q < mask.law.planes; ++q) {
    const bool digit = (mask.law.digits >> (63 - q) & 1) != 0;
    Index left = 0;
    for_each_counter(source, counters, count, static_cast<std::uint32_t>(q),
                     [&](Index i, const auto& drawn, Index at) {
                       const bool random = (drawn[words[i]][at] >> bits[i] & 1) != 0;
                       ones[open[i]] ^= digit && !random;
                       // What is left moves up, to places that have been read.
                       counters[left] = counters[i];
                       words[left] = words[i];
                       bits[left] = bits[i];
                       open[left] = open[i];
                       left += random == digit ? 1 : 0;
                     });
    count = left;
  }
}

void dropout(const MaskLaw& mask, const Scattered& at, double scale, double* x) noexcept {
  for_each_piece(at.count, [&](Index begin, Index count) {
    bool ones[most];
    draw_bits(mask, at.elements + begin, count, ones);
    double* const to = x + begin;
    for (Index i = 0; i < count; ++i)
      to[i] = kept_or_zero(static_cast<std::uint32_t>(ones[i]), to[i] * scale);
  });
}

// Fractions of a net at up to `most` elements.
void fractions_of(const NetPoint& net, const Scattered& at, Index begin, Index count,
                  std::uint32_t* out) {
  const ScatteredWords source({net.seed, 0});
  std::uint64_t counters[most + ScatteredWords::size];
  std::uint8_t words[most];
  for (Index i = 0; i < count; ++i) {
    const auto e = static_cast<std::uint64_t>(at.elements[begin + i]);
    const Place place = place_of(e / superblock_words, static_cast<std::uint32_t>(e % 64));
    counters[i] = place.counter;
    words[i] = static_cast<std::uint8_t>(place.word);
  }
  for_each_counter(source, counters, count, shift_plane,
                   [&](Index i, const auto& drawn, Index place) {
                     out[i] = net.fractions[at.columns[begin + i]] ^ drawn[words[i]][place];
                   });
}

void net_dropout(const NetPoint& net, const Scattered& at, std::uint32_t last, double scale,
                 double* x) noexcept {
  for_each_piece(at.count, [&](Index begin, Index count) {
    std::uint32_t u[most];
    fractions_of(net, at, begin, count, u);
    double* const to = x + begin;
    for (Index i = 0; i < count; ++i)
      to[i] = kept_or_zero(std::uint32_t{u[i] <= last}, to[i] * scale);
  });
}

// Each element is one of the pair that its counter makes.
void gaussian_dropout(const Stream& stream, const Scattered& at, double deviation,
                      double* x) noexcept {
  constexpr int pairs = 16;  // made at a time
  const ScatteredWords source(stream);
  for_each_piece(at.count, [&](Index begin, Index count) {
    std::uint64_t counters[most + ScatteredWords::size];
    std::uint32_t words[most / pairs][4 * pairs] = {};
    const Index* const elements = at.elements + begin;
    for (Index i = 0; i < count; ++i) {
      const auto e = static_cast<std::uint64_t>(elements[i]);
      counters[i] = e / 32 * pairs + e % pairs;
    }
    for_each_counter(source, counters, count, normal_plane,
                     [&](Index i, const auto& drawn, Index place) {
                       for (int w = 0; w < 4; ++w)
                         words[i / pairs][w * pairs + i % pairs] = drawn[w][place];
                     });
    for (Index first = 0; first < count; first += pairs) {
      double z[2 * pairs];
      pairs_of_words(words[first / pairs], z);
      for (Index i = first; i < std::min<Index>(first + pairs, count); ++i)
        x[begin + i] *= 1.0 + deviation * z[elements[i] / pairs % 2 * pairs + i - first];
    }
  });
}

void net_gaussian_dropout(const NetPoint& net, const Scattered& at, double deviation,
                          double* x) noexcept {
  for_each_piece(at.count, [&](Index begin, Index count) {
    std::uint32_t u[most];
    fractions_of(net, at, begin, count, u);
    for (Index first = 0; first < count; first += 16) {
      const Index here = std::min<Index>(16, count - first);
      const SixteenReals quantile = normal_quantile(middles(u + first, here));
      for (Index i = 0; i < here; ++i) x[begin + first + i] *= 1.0 + deviation * quantile[i];
    }
  });
}

}  // namespace

constinit const ScatteredKernels scattered{
    .dropout = &dropout,
    .gaussian_dropout = &gaussian_dropout,
    .net_dropout = &net_dropout,
    .net_gaussian_dropout = &net_gaussian_dropout,
};

}  // namespace hessopt::kernels::parts
