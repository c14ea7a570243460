#include "hessopt/linalg/gram.hpp"

#include <algorithm>
#include <array>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// Weights of a slice in double: themselves where they lie so.
template <Real T>
class SliceWeights {
 public:
  const double* of(const VectorView<T>& w, Index begin, Index count) {
    if constexpr (std::same_as<T, double>)
      if (w.stride == 1) return w.data + begin;
    for (Index i = 0; i < count; ++i)
      wide_[static_cast<std::size_t>(i)] = static_cast<double>(w[begin + i]);
    return wide_.data();
  }

 private:
  std::array<double, kernels::gram_slice> wide_;
};

// Tile by tile, since one side is read or written across the columns.
template <Real T>
void mirror_by_tiles(MatrixRefOf<T>& h) {
  const Cut tiles{h.cols(), 32};
  for (Index t = 0; t < tiles.count(); ++t) {
    poll_interrupt();
    for (Index u = t; u < tiles.count(); ++u)
      for (Index j = tiles.begin(t); j < tiles.begin(t) + tiles.size(t); ++j)
        for (Index i = std::max(j + 1, tiles.begin(u)); i < tiles.begin(u) + tiles.size(u); ++i)
          h(j, i) = h(i, j);
  }
}

}  // namespace

namespace detail {

template <Real Compute, Real From>
void add_plain_gram(const MatrixView<From>& x, const double* w, MatrixRef lower) {
  const kernels::GramOf<Compute, From>& kernel = kernels::gram();
  const Scratch scratch(kernel.scratch(x.rows, x.cols));
  require_done(kernel.add(strided(x), w, scratch.data(), lower.data(), lower.outerStride(),
                          &poll_in_kernel));
}

template <Real T>
void add_weighted_product(const MatrixView<T>& a, const double* w, const MatrixView<T>& b,
                          MatrixRef c) {
  const kernels::ProductOf<T>& kernel = kernels::gram();
  const Scratch scratch(kernel.scratch(a.rows, a.cols, b.cols));
  require_done(kernel.add(strided(a), w, strided(b), scratch.data(), c.data(), c.outerStride(),
                          &poll_in_kernel));
}

}  // namespace detail

template <Real Compute, Real From>
void add_weighted_gram(const RowBlock<From>& x, const double* w, MatrixRef lower) {
  if constexpr (std::same_as<Compute, float>)
    if (x.cols() >= least_cols_for_amx && has_amx())
      return add_split_gram(view_of(x), w, kernels::Tiles::amx, lower);
  detail::add_plain_gram<Compute>(view_of(x), w, lower);
}

void mirror_lower(MatrixRef h) { mirror_by_tiles<double>(h); }
void mirror_lower(MatrixRefOf<float> h) { mirror_by_tiles<float>(h); }

Matrix sum_over_slices(Index total, Index cols, Index depth, const Matrix& zero,
                       FunctionRef<void(MatrixRef, Index, Index)> add) {
  const Cut slices{total, depth};
  const Cut tasks{slices.count(), (rows_per_task(cols) + depth - 1) / depth};
  Matrix sum = zero;
  ordered_reduce(
      tasks.count(), [&] { return zero; },
      [&](Matrix& partial, Index t) {
        for (Index s = tasks.begin(t); s < tasks.begin(t) + tasks.size(t); ++s) {
          poll_interrupt();
          add(partial, slices.begin(s), slices.size(s));
        }
      },
      [&](Matrix& partial) {
        sum += partial;
        partial.setZero();
      });
  return sum;
}

template <Real T>
Matrix weighted_gram(const MatrixView<T>& x, const VectorView<T>& w) {
  require_size("w", w.size, x.rows);
  Matrix sum = sum_over_slices(x.rows, x.cols, kernels::gram_slice, Matrix::Zero(x.cols, x.cols),
                               [&](MatrixRef partial, Index begin, Index count) {
                                 SliceWeights<T> weights;
                                 detail::add_plain_gram<T>(x.middle_rows(begin, count),
                                                           weights.of(w, begin, count), partial);
                               });
  mirror_lower(sum);
  return sum;
}

template <Real T>
Matrix weighted_gram(const MatrixView<T>& x, const VectorView<T>& w, const MatrixView<T>& z) {
  require_size("w", w.size, x.rows);
  require_size("Z", z.rows, x.rows);
  return sum_over_slices(x.rows, x.cols + z.cols, kernels::gram_slice, Matrix::Zero(x.cols, z.cols),
                         [&](MatrixRef partial, Index begin, Index count) {
                           SliceWeights<T> weights;
                           detail::add_weighted_product(x.middle_rows(begin, count),
                                                        weights.of(w, begin, count),
                                                        z.middle_rows(begin, count), partial);
                         });
}

#define HESSOPT_COMPUTED(Compute, From)                                                            \
  template void add_weighted_gram<Compute, From>(const RowBlock<From>&, const double*, MatrixRef); \
  template void detail::add_plain_gram<Compute, From>(const MatrixView<From>&, const double*,      \
                                                      MatrixRef);
HESSOPT_COMPUTED(float, float)
HESSOPT_COMPUTED(float, double)
HESSOPT_COMPUTED(double, float)
HESSOPT_COMPUTED(double, double)
#undef HESSOPT_COMPUTED

#define HESSOPT_OF(T)                                                                              \
  template Matrix weighted_gram(const MatrixView<T>&, const VectorView<T>&);                       \
  template Matrix weighted_gram(const MatrixView<T>&, const VectorView<T>&, const MatrixView<T>&); \
  template void detail::add_weighted_product(const MatrixView<T>&, const double*,                  \
                                             const MatrixView<T>&, MatrixRef);
HESSOPT_OF(float)
HESSOPT_OF(double)
#undef HESSOPT_OF

}  // namespace hessopt
