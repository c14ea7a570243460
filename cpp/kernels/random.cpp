#include "hessopt/kernels/random.hpp"

#include <bit>
#include <cstring>

#include "mask_reader.hpp"
#include "normal_group.hpp"
#include "parts.hpp"

namespace hessopt::kernels {
namespace {

void plane(const Stream& stream, std::uint64_t superblock, std::uint32_t q,
           std::uint32_t* words) noexcept {
  draw_plane(stream, superblock, q, words);
}

Index superblock(const MaskLaw& mask, std::uint64_t index, std::uint32_t* ones) noexcept {
  return draw_superblock(mask, index, ones);
}

// The byte that holds the bits 8 i .. 8 i + 8 of a row of words.
std::uint8_t byte_of(const std::uint32_t* words, Index i) {
  return static_cast<std::uint8_t>(words[i / 4] >> (8 * (i % 4)));
}

void pack(const MaskLaw& mask, Index offset, Index size, std::uint8_t* out) noexcept {
  visit_mask(mask, offset, size, [out](const std::uint32_t* words, Index begin, Index count) {
    std::uint8_t* bytes = out + begin / 8;
    if (std::endian::native == std::endian::little && count == superblock_size) {
      std::memcpy(bytes, words, superblock_size / 8);
      return;
    }
    for (Index i = 0; i < (count + 7) / 8; ++i) bytes[i] = byte_of(words, i);
    if (count % 8 != 0) bytes[count / 8] &= static_cast<std::uint8_t>((1u << (count % 8)) - 1);
  });
}

void spread(const MaskLaw& mask, Index offset, Index size, bool* out) noexcept {
  visit_mask(mask, offset, size, [out](const std::uint32_t* words, Index begin, Index count) {
    Index e = 0;
    for (; e + 8 <= count; e += 8) {
      // Each byte of the product has the eight bits, and keeps its own, which a carry brings to the
      // top and a shift to the bottom of the byte.
      const std::uint64_t copies = byte_of(words, e / 8) * 0x0101010101010101u;
      const std::uint64_t own = copies & 0x8040201008040201u;
      const std::uint64_t spread = (own + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u;
      std::uint8_t bytes[8];
      for (int b = 0; b < 8; ++b) bytes[b] = static_cast<std::uint8_t>(spread >> (8 * b));
      std::memcpy(out + begin + e, bytes, 8);
    }
    for (; e < count; ++e) out[begin + e] = (words[e / 32] >> (e % 32) & 1u) != 0;
  });
}

template <Real T>
void normal(const Stream& stream, Index offset, Index size, T* out) noexcept {
  normal_block(stream, offset, size, out);
}

}  // namespace

namespace parts {

constinit const RandomKernels random{
    .plane = &plane,
    .superblock = &superblock,
    .pack = &pack,
    .spread = &spread,
    .normal_f32 = &normal<float>,
    .normal_f64 = &normal<double>,
};

}  // namespace parts
}  // namespace hessopt::kernels
