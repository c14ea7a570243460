#include "hessopt/kernels/sparse.hpp"

#include <algorithm>
#include <type_traits>

#include "hessopt/core/types.hpp"
#include "parts.hpp"

namespace hessopt::kernels::parts {
namespace {

// The numbers of one row, which a matrix of ones does not hold.
template <class T, class I, bool ones>
struct Row {
  const T* values;
  const I* indices;
  Index size;

  double value(Index k) const {
    if constexpr (ones)
      return 1;
    else
      return static_cast<double>(values[k]);
  }
};

// visit(i, row) for every row.
template <class T, class I, class Visit>
void for_each_row(const SparseBlock<T, I>& x, Visit&& visit) {
  const auto over_rows = [&]<bool ones>(std::bool_constant<ones>) {
    for (Index i = 0; i < x.rows; ++i) {
      const Index begin = x.starts[i * x.stride], end = x.starts[i * x.stride + 1];
      visit(i, Row<T, I, ones>{ones ? nullptr : x.values + begin, x.indices + begin, end - begin});
    }
  };
  if (x.values == nullptr)
    over_rows(std::true_type{});
  else
    over_rows(std::false_type{});
}

// The sum of term(k), by four sums that do not wait for each other.
template <class Term>
double sum_of_terms(Index size, Term&& term) {
  double sums[4] = {};
  Index k = 0;
  for (; k + 4 <= size; k += 4)
    for (Index u = 0; u < 4; ++u) sums[u] += term(k + u);
  for (; k < size; ++k) sums[0] += term(k);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

#if defined(EIGEN_VECTORIZE_AVX512)

// The columns of up to 8 numbers.
EIGEN_ALWAYS_INLINE __m512d gathered(__mmask8 those, const std::int32_t* at, const double* w) {
  return _mm512_mask_i32gather_pd(_mm512_setzero_pd(), those, _mm256_maskz_loadu_epi32(those, at),
                                  w, 8);
}
EIGEN_ALWAYS_INLINE __m512d gathered(__mmask8 those, const std::int64_t* at, const double* w) {
  return _mm512_mask_i64gather_pd(_mm512_setzero_pd(), those, _mm512_maskz_loadu_epi64(those, at),
                                  w, 8);
}
EIGEN_ALWAYS_INLINE __m512d widened(__mmask8 those, const double* values) {
  return _mm512_maskz_loadu_pd(those, values);
}
EIGEN_ALWAYS_INLINE __m512d widened(__mmask8 those, const float* values) {
  return _mm512_cvtps_pd(_mm256_maskz_loadu_ps(those, values));
}

// The sum of x_j w_j.
template <class T, class I, bool ones>
double dot(const Row<T, I, ones>& row, const double* w) {
  if (row.size < 8) {
    double sum = 0;
    for (Index k = 0; k < row.size; ++k) sum += row.value(k) * w[row.indices[k]];
    return sum;
  }
  __m512d sums[2] = {_mm512_setzero_pd(), _mm512_setzero_pd()};
  const auto add = [&](__m512d& sum, Index k, __mmask8 those) {
    const __m512d v = gathered(those, row.indices + k, w);
    if constexpr (ones)
      sum = _mm512_add_pd(sum, v);
    else
      sum = _mm512_fmadd_pd(widened(those, row.values + k), v, sum);
  };
  Index k = 0;
  for (; k + 16 <= row.size; k += 16)
    for (Index u = 0; u < 2; ++u) add(sums[u], k + 8 * u, 0xFF);
  for (; k < row.size; k += 8)
    add(sums[0], k, static_cast<__mmask8>(row.size - k >= 8 ? 0xFF : (1 << (row.size - k)) - 1));
  return _mm512_reduce_add_pd(_mm512_add_pd(sums[0], sums[1]));
}

#else

template <class T, class I, bool ones>
double dot(const Row<T, I, ones>& row, const double* w) {
  return sum_of_terms(row.size, [&](Index k) { return row.value(k) * w[row.indices[k]]; });
}

#endif

template <class T, class I>
void multiply(const SparseBlock<T, I>& x, const double* w, double add, const double* offset,
              Index offset_stride, double* out) noexcept {
  for_each_row(x, [&](Index i, const auto& row) {
    const double sum = dot(row, w) + add;
    out[i] = offset == nullptr ? sum : sum + offset[i * offset_stride];
  });
}

template <class T, class I>
void multiply_with_squares(const SparseBlock<T, I>& x, const double* w, const double* z, double add,
                           double* first, double* second) noexcept {
  for_each_row(x, [&](Index i, const auto& row) {
    double sum = 0, squares = 0;
    for (Index k = 0; k < row.size; ++k) {
      const double v = row.value(k);
      sum += v * w[row.indices[k]];
      squares += v * v * z[row.indices[k]];
    }
    first[i] = sum + add;
    second[i] = squares;
  });
}

template <class T, class I>
void add_transposed(const SparseBlock<T, I>& x, const double* r, double* g) noexcept {
  for_each_row(x, [&](Index i, const auto& row) {
    for (Index k = 0; k < row.size; ++k) g[row.indices[k]] += row.value(k) * r[i];
  });
}

template <class T, class I>
void add_transposed_with_squares(const SparseBlock<T, I>& x, const double* r, const double* t,
                                 double* g, double* h) noexcept {
  for_each_row(x, [&](Index i, const auto& row) {
    for (Index k = 0; k < row.size; ++k) {
      const double v = row.value(k);
      g[row.indices[k]] += v * r[i];
      h[row.indices[k]] += v * v * t[i];
    }
  });
}

// Straight over the rows: a column of H for each number of a row, in which the numbers from it on
// are met in the order of memory.
template <class T, class I>
void add_gram(const SparseBlock<T, I>& x, const double* w, Index begin, Index end, double* h,
              Index ld) noexcept {
  for_each_row(x, [&](Index i, const auto& row) {
    if (w[i] == 0) return;
    const I* const last = row.indices + row.size;
    Index k =
        begin == 0 ? 0 : std::lower_bound(row.indices, last, static_cast<I>(begin)) - row.indices;
    for (; k < row.size && row.indices[k] < end; ++k) {
      const double factor = w[i] * row.value(k);
      double* const column = h + row.indices[k] * ld;
      Index l = k;
      for (; l + 4 <= row.size; l += 4) {  // read before written: they are four different ones
        double sums[4];
        for (Index u = 0; u < 4; ++u)
          sums[u] = column[row.indices[l + u]] + factor * row.value(l + u);
        for (Index u = 0; u < 4; ++u) column[row.indices[l + u]] = sums[u];
      }
      for (; l < row.size; ++l) column[row.indices[l]] += factor * row.value(l);
    }
  });
}

template <class T, class I>
void add_levels(const SparseBlock<T, I>& x, const double* w, const std::uint32_t* codes,
                Index levels, double* out, Index by_level, Index by_column) noexcept {
  for_each_row(x, [&](Index i, const auto& row) {
    if (codes[i] >= levels) return;
    double* const sums = out + codes[i] * by_level;
    for (Index k = 0; k < row.size; ++k) sums[row.indices[k] * by_column] += w[i] * row.value(k);
  });
}

template <class T, class I>
void widen(const SparseBlock<T, I>& x, const double* origin, const double* scale,
           double* out) noexcept {
  const auto put = [&](double* to, Index j, double value) {
    if (origin != nullptr) value -= origin[j];
    to[j] = scale != nullptr ? value / scale[j] : value;
  };
  for_each_row(x, [&](Index i, const auto& row) {
    double* const to = out + i * x.cols;
    if (origin == nullptr)
      std::fill_n(to, x.cols, 0.0);
    else
      for (Index j = 0; j < x.cols; ++j) put(to, j, 0);
    for (Index k = 0; k < row.size; ++k) put(to, row.indices[k], row.value(k));
  });
}

template <class T, class I>
consteval SparseKernelsOf<T, I> kernels_of() {
  return {
      .multiply = &multiply<T, I>,
      .multiply_with_squares = &multiply_with_squares<T, I>,
      .add_transposed = &add_transposed<T, I>,
      .add_transposed_with_squares = &add_transposed_with_squares<T, I>,
      .add_gram = &add_gram<T, I>,
      .add_levels = &add_levels<T, I>,
      .widen = &widen<T, I>,
  };
}

void add_up_forms(const SparseBlock<double, std::int64_t>& x, const QuadraticForm& form,
                  double* out) noexcept {
  for_each_row(x, [&](Index i, const auto& row) {
    double sum = form.c;
    for (Index k = 0; k < row.size; ++k) {
      const Index j = row.indices[k];
      const double* const column = form.a + j * form.ld;
      const double before = form.b[j] + sum_of_terms(k, [&](Index l) {
                              return row.value(l) * column[row.indices[l]];
                            });
      sum += row.value(k) * (2 * before + row.value(k) * column[j]);
    }
    out[i] = sum;
  });
}

}  // namespace

constinit const SparseKernels sparse{
    kernels_of<float, std::int32_t>(), kernels_of<float, std::int64_t>(),
    kernels_of<double, std::int32_t>(), kernels_of<double, std::int64_t>(), &add_up_forms};

}  // namespace hessopt::kernels::parts
