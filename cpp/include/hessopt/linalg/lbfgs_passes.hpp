// The two passes of L-BFGS over its pairs, each at the speed of memory: four columns at a time, and
// a block of the vector they meet stays in the cache. Sums are in float64 whatever the storage.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "hessopt/core/packet.hpp"
#include "hessopt/core/prefetch.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt::detail {

// Elements of a block: 128 KiB of every column, long enough for its stream to get up to speed,
// while the block of the vector that they all meet, in float64, stays in any L2 cache.
template <Real T>
inline constexpr Index pass_block = 131072 / sizeof(T);

// Room for such a block, one for each thread; on the stack it would be too much for some.
inline double* block_buffer(Index size) {
  thread_local std::vector<double> buffer;
  if (buffer.size() < static_cast<std::size_t>(size)) buffer.resize(static_cast<std::size_t>(size));
  return buffer.data();
}

template <Real T>
using Four = std::array<const T*, 4>;

// Elements taken at a time: whole lines of every column, and two packets at least.
template <Real T>
inline constexpr Index stretch = std::max<Index>(cache_line / sizeof(T), 2 * lanes<double>);

// A hint a few lines ahead: there are more streams than the processor follows by itself.
template <Real T>
EIGEN_ALWAYS_INLINE void look_ahead(const Four<T>& columns, Index i) {
  constexpr Index line = cache_line / sizeof(T), ahead = 6 * line;
  for (const T* column : columns)
    for (Index j = i; j < i + stretch<T>; j += line) prefetch_to_l1(column + j + ahead);
}

// sums[k] += column k ' v
template <Real T>
HESSOPT_NOINLINE inline void dots(const Four<T>& columns, const double* v, Index size,
                                  double* const (&sums)[4]) {
  using Eigen::internal::pmadd;
  constexpr Index step = lanes<double>;
  const auto [a, b, c, d] = columns;
  Packet<double> partial[4][2];
  for (auto& pair : partial)
    for (Packet<double>& p : pair) p = broadcast(0.0);
  const Index whole = size / stretch<T> * stretch<T>;
  for (Index i = 0; i < whole; i += stretch<T>) {
    look_ahead<T>(columns, i);
    for (Index j = i; j < i + stretch<T>; j += 2 * step)
      for (Index h = 0; h < 2; ++h) {
        const Index at = j + h * step;
        const Packet<double> x = load(v + at);
        partial[0][h] = pmadd(load_wide(a + at), x, partial[0][h]);
        partial[1][h] = pmadd(load_wide(b + at), x, partial[1][h]);
        partial[2][h] = pmadd(load_wide(c + at), x, partial[2][h]);
        partial[3][h] = pmadd(load_wide(d + at), x, partial[3][h]);
      }
  }
  for (std::size_t k = 0; k < 4; ++k) {
    double sum = Eigen::internal::predux(Eigen::internal::padd(partial[k][0], partial[k][1]));
    for (Index i = whole; i < size; ++i) sum += static_cast<double>(columns[k][i]) * v[i];
    *sums[k] += sum;
  }
}

// sum += columns * weights
template <Real T>
HESSOPT_NOINLINE inline void accumulate(const Four<T>& columns, const std::array<double, 4>& w,
                                        double* sum, Index size) {
  using Eigen::internal::pmadd;
  constexpr Index step = lanes<double>;
  const auto [a, b, c, d] = columns;
  const Packet<double> wa = broadcast(w[0]), wb = broadcast(w[1]), wc = broadcast(w[2]),
                       wd = broadcast(w[3]);
  const Index whole = size / stretch<T> * stretch<T>;
  for (Index i = 0; i < whole; i += stretch<T>) {
    look_ahead<T>(columns, i);
    for (Index j = i; j < i + stretch<T>; j += step) {
      Packet<double> s = pmadd(load_wide(a + j), wa, load(sum + j));
      s = pmadd(load_wide(b + j), wb, s);
      s = pmadd(load_wide(c + j), wc, s);
      Eigen::internal::pstoreu(sum + j, pmadd(load_wide(d + j), wd, s));
    }
  }
  for (Index i = whole; i < size; ++i)
    sum[i] += (w[0] * static_cast<double>(a[i]) + w[1] * static_cast<double>(b[i])) +
              (w[2] * static_cast<double>(c[i]) + w[3] * static_cast<double>(d[i]));
}

// work(begin, size, sums) over the blocks of a vector that meets columns of T; returns the sums of
// all, added in order.
template <Real T, class Work>
Array sum_over_blocks(Index total, Index sums, Work&& work) {
  const Cut blocks{total, pass_block<T>};
  Matrix partial = Matrix::Zero(sums, blocks.count());
  parallel_for(blocks.count(),
               [&](Index b) { work(blocks.begin(b), blocks.size(b), partial.col(b).data()); });
  Array out = Array::Zero(sums);
  for (Index b = 0; b < blocks.count(); ++b) out += partial.col(b).array();
  return out;
}

// The columns of S and Y in use, oldest first: s, y, s, y, ...
template <Real T>
class PairColumns {
 public:
  PairColumns(const MatrixOf<T>& s, const MatrixOf<T>& y, const std::vector<Index>& slots) {
    for (const Index j : slots) {
      columns_.push_back(s.col(j).data());
      columns_.push_back(y.col(j).data());
    }
  }
  Index count() const { return static_cast<Index>(columns_.size()); }

  // sums[k] += column k ' v over a block; `v` points at it, the columns at their beginnings.
  void add_products(const double* v, Index begin, Index size, double* sums) const {
    double nowhere = 0;
    for (Index k = 0; k < count(); k += 4) {
      double* const to[4] = {place(sums, k, nowhere), place(sums, k + 1, nowhere),
                             place(sums, k + 2, nowhere), place(sums, k + 3, nowhere)};
      dots<T>(four(k, begin), v, size, to);
    }
  }
  // sum += columns * weights over a block.
  void add_combination(const Array& weights, Index begin, Index size, double* sum) const {
    const auto weight = [&](Index k) { return k < count() ? weights[k] : 0.0; };
    for (Index k = 0; k < count(); k += 4)
      accumulate<T>(four(k, begin), {weight(k), weight(k + 1), weight(k + 2), weight(k + 3)}, sum,
                    size);
  }

 private:
  // Past the last column it is read again, to no effect.
  Four<T> four(Index k, Index begin) const {
    const auto column = [&](Index i) {
      return columns_[static_cast<std::size_t>(std::min(i, count() - 1))] + begin;
    };
    return {column(k), column(k + 1), column(k + 2), column(k + 3)};
  }
  double* place(double* sums, Index k, double& nowhere) const {
    return k < count() ? sums + k : &nowhere;
  }

  std::vector<const T*> columns_;
};

// to = unit * from over a block
template <Real P>
void scaled(const P* from, double unit, Index size, double* to) {
  for (Index i = 0; i < size; ++i) to[i] = unit * static_cast<double>(from[i]);
}

}  // namespace hessopt::detail
