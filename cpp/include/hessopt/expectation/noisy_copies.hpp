// Copies of a batch of inputs, each with noise of its own: what a model predicts from, sample by
// sample. Element (i, j) of row i and column j of the whole has element i cols + j of the noise, or
// element j where all rows share it; copy k has stream k, or in pairs stream k / 2 and its mirror.
#pragma once

#include <algorithm>
#include <cmath>
#include <variant>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/dropout/apply.hpp"
#include "hessopt/dropout/noise.hpp"
#include "hessopt/random/normal.hpp"

namespace hessopt {

struct Copies {
  Index first, count;
  bool antithetic, shared;
};

namespace detail {

// The noise alone: factors of dropout, normal numbers of the law's deviation otherwise.
template <class Law, Real T>
void draw_noise(const Law& law, std::uint32_t stream, bool mirrored, Index offset, Index size,
                T* z) {
  if constexpr (std::same_as<Law, Dropout>) {
    std::fill(z, z + size, T{1});
    dropout_block(law, stream, mirrored, offset, size, z, z);
  } else {
    normal_block(law.seed, stream, offset, size, z);
    const T scale = static_cast<T>((mirrored ? -1.0 : 1.0) * std::sqrt(law.variance()));
    for (Index j = 0; j < size; ++j) z[j] *= scale;
  }
}

template <class Law, Real T>
T noisy(T x, T z) {
  if constexpr (std::same_as<Law, Dropout>)
    return z == 0 ? T{0} : x * z;  // +0 also where x is NaN
  else if constexpr (std::same_as<Law, GaussianNoise>)
    return x + z;
  else
    return x + x * z;
}

}  // namespace detail

// Rows begin .. begin + x.rows of the whole into out, count x x.rows x x.cols.
template <Real T>
void noisy_copies(const Noise& noise, const Copies& copies, const MatrixView<T>& x, Index begin,
                  T* out) {
  require(!std::holds_alternative<DropConnect>(noise), "noise", "DropConnect", "noise on inputs");
  const Cut cut{x.rows, rows_per_block(x.cols)};
  const auto fill = [&]<class Law>(const Law& law, Index task) {
    const Index copy = task / cut.count(), block = task % cut.count();
    const Index row = cut.begin(block), rows = cut.size(block), k = copies.first + copy;
    const auto stream = static_cast<std::uint32_t>(copies.antithetic ? k / 2 : k);
    const bool mirrored = copies.antithetic && k % 2 == 1;
    VectorOf<T> z((copies.shared ? 1 : rows) * x.cols);
    detail::draw_noise(law, stream, mirrored, copies.shared ? 0 : (begin + row) * x.cols, z.size(),
                       z.data());
    RowMatrixOf<T> buffer;
    const RowBlock<T> clean = row_block<T>(x, row, rows, buffer);
    T* to = out + (copy * x.rows + row) * x.cols;
    for (Index i = 0; i < rows; ++i, to += x.cols) {
      const T* from = clean.data() + i * clean.outerStride();
      const T* with = z.data() + (copies.shared ? 0 : i * x.cols);
      for (Index j = 0; j < x.cols; ++j) to[j] = detail::noisy<Law>(from[j], with[j]);
    }
  };
  const Index share = 1 + 65536 / (1 + std::min(cut.step, x.rows) * x.cols);
  const auto fill_all = [&](const auto& law) {
    parallel_for(copies.count * cut.count(), [&](Index task) { fill(law, task); }, share);
  };
  std::visit(fill_all, noise);
}

}  // namespace hessopt
