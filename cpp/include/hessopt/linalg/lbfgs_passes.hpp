// The two passes of L-BFGS over its pairs, each at the speed of memory: four columns at a time, and
// a block of the vector they meet stays in the cache. Sums are in float64 whatever the storage.
#pragma once

#include <array>
#include <vector>

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

using Lane = Eigen::Array<double, 8, 1>;
template <Real T>
using Four = std::array<const T*, 4>;

// A cache line of every column at a time, and a hint a few lines ahead: more streams than the
// processor follows by itself.
template <Real T>
inline constexpr Index line = 64 / sizeof(T);
inline constexpr Index lines_ahead = 6;

template <Real T>
Lane lane(const T* from) {
  return Eigen::Map<const Eigen::Array<T, 8, 1>>(from).template cast<double>();
}
template <Real T>
void look_ahead(const Four<T>& columns, Index i) {
  for (const T* column : columns) Eigen::internal::prefetch(column + i + lines_ahead * line<T>);
}

// sums[k] += column k ' v
template <Real T>
HESSOPT_NOINLINE inline void dots(const Four<T>& columns, const double* v, Index size,
                                  double* const (&sums)[4]) {
  Lane lanes[4];
  for (Lane& l : lanes) l.setZero();
  const Index whole = size / line<T> * line<T>;
  for (Index i = 0; i < whole; i += line<T>) {
    look_ahead<T>(columns, i);
    for (Index j = i; j < i + line<T>; j += 8) {
      const Eigen::Map<const Lane> x(v + j);
      for (std::size_t k = 0; k < 4; ++k) lanes[k] += lane(columns[k] + j) * x;
    }
  }
  for (std::size_t k = 0; k < 4; ++k) {
    double sum = lanes[k].sum();
    for (Index i = whole; i < size; ++i) sum += static_cast<double>(columns[k][i]) * v[i];
    *sums[k] += sum;
  }
}

// sum += columns * weights
template <Real T>
HESSOPT_NOINLINE inline void accumulate(const Four<T>& columns, const std::array<double, 4>& w,
                                        double* sum, Index size) {
  const auto [a, b, c, d] = columns;
  const Index whole = size / line<T> * line<T>;
  for (Index i = 0; i < whole; i += line<T>) {
    look_ahead<T>(columns, i);
    for (Index j = i; j < i + line<T>; j += 8)
      Eigen::Map<Lane>(sum + j) +=
          (w[0] * lane(a + j) + w[1] * lane(b + j)) + (w[2] * lane(c + j) + w[3] * lane(d + j));
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
