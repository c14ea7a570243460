#include "hessopt/kernels/codes.hpp"

#include <algorithm>

#include "hessopt/core/types.hpp"
#include "parts.hpp"

namespace hessopt::kernels::parts {
namespace {

// f(codes) with the codes from row `begin` on in their type.
template <class F>
void with_type(const Codes& v, Index begin, F&& f) {
  if (v.bytes == 1)
    f(static_cast<const std::uint8_t*>(v.data) + begin * v.stride);
  else if (v.bytes == 2)
    f(static_cast<const std::uint16_t*>(v.data) + begin * v.stride);
  else
    f(static_cast<const std::uint32_t*>(v.data) + begin * v.stride);
}

void add_products(const Codes* variables, Index count, Index begin, Index rows, const double* w,
                  double* out) noexcept {
  for (Index k = 0; k < count; ++k) {
    const Codes& v = variables[k];
    const double* const of_level = w + v.at;
    with_type(v, begin, [&](const auto* codes) {
      if (v.complete)
        for (Index i = 0; i < rows; ++i) out[i] += of_level[codes[i * v.stride]];
      else
        for (Index i = 0; i < rows; ++i)
          if (const Index code = codes[i * v.stride]; code < v.levels) out[i] += of_level[code];
    });
  }
}

void read(const Codes* variables, Index count, Index begin, Index rows,
          std::uint32_t* out) noexcept {
  for (Index k = 0; k < count; ++k, out += most_code_rows) {
    const Codes& v = variables[k];
    const auto none = static_cast<std::uint32_t>(v.levels);
    with_type(v, begin, [&](const auto* codes) {
      if (v.stride == 1)
        for (Index i = 0; i < rows; ++i) out[i] = std::min<std::uint32_t>(codes[i], none);
      else
        for (Index i = 0; i < rows; ++i)
          out[i] = std::min<std::uint32_t>(codes[i * v.stride], none);
    });
  }
}

// By four variables at a time: what one adds waits for what it has stored, where neighbours share a
// level, and four do not wait for each other.
void add_transposed(const Codes* variables, Index count, Index begin, Index rows, const double* r,
                    double* g) noexcept {
  std::uint32_t codes[4 * most_code_rows];
  Index k = 0;
  for (; k + 4 <= count; k += 4) {
    const Codes* const v = variables + k;
    if (!(v[0].complete && v[1].complete && v[2].complete && v[3].complete)) break;
    read(v, 4, begin, rows, codes);
    double *const g0 = g + v[0].at, *const g1 = g + v[1].at, *const g2 = g + v[2].at,
                  *const g3 = g + v[3].at;
    for (Index i = 0; i < rows; ++i) {
      g0[codes[i]] += r[i];
      g1[codes[most_code_rows + i]] += r[i];
      g2[codes[2 * most_code_rows + i]] += r[i];
      g3[codes[3 * most_code_rows + i]] += r[i];
    }
  }
  for (; k < count; ++k) {
    const Codes& v = variables[k];
    with_type(v, begin, [&](const auto* of) {
      for (Index i = 0; i < rows; ++i)
        if (const Index code = of[i * v.stride]; code < v.levels) g[v.at + code] += r[i];
    });
  }
}

template <Index N>
void add_pairs_of(const std::uint32_t* own, const std::uint32_t* others, Index rows,
                  const double* w, const PairTable& table, const Index* at) {
  for (Index i = 0; i < rows; ++i) {
    double* const row = table.data + own[i] * table.stride;
    for (Index k = 0; k < N; ++k) row[at[k] + others[k * most_code_rows + i]] += w[i];
  }
}

void add_pairs(const std::uint32_t* codes, Index variable, Index rows, const double* w,
               const PairTable& table) noexcept {
  const std::uint32_t* const own = codes + variable * most_code_rows;
  for (Index i = 0; i < rows; ++i) table.data[own[i] * table.stride + table.at[variable]] += w[i];
  Index k = 0;
  const auto others = [&] { return codes + k * most_code_rows; };
  for (; k + 4 <= variable; k += 4) add_pairs_of<4>(own, others(), rows, w, table, table.at + k);
  for (; k + 2 <= variable; k += 2) add_pairs_of<2>(own, others(), rows, w, table, table.at + k);
  if (k < variable) add_pairs_of<1>(own, others(), rows, w, table, table.at + k);
}

void add_rows(const std::uint32_t* codes, Index rows, const double* numbers, Index width,
              double* sums) noexcept {
  using Four = Eigen::Array<double, 4, 1>;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < width; j += 4)
      Eigen::Map<Four>(sums + codes[i] * width + j) +=
          Eigen::Map<const Four>(numbers + i * width + j);
}

}  // namespace

constinit const CodeKernels codes{
    .add_products = &add_products,
    .add_transposed = &add_transposed,
    .read = &read,
    .add_pairs = &add_pairs,
    .add_rows = &add_rows,
};

}  // namespace hessopt::kernels::parts
