// X'w and X'WX of a problem with few columns. Rows are read as they lie: a packet of one row times
// numbers of the same row goes into sums that stay in registers.
#pragma once

#include <algorithm>

#include "hessopt/kernels/rows.hpp"
#include "packet.hpp"

namespace hessopt::kernels {
namespace {

// Columns j .. j + lanes of rows that may end before: what is loaded beyond is never written.
template <Real T>
class PacketColumn {
 public:
  PacketColumn(const DenseBlock<T>& x, Index j) : x_(x), j_(j) {
    const Index beyond = j + lanes<double> - x.cols;  // of the last row nothing may be read there
    safe_ = beyond <= 0 ? x.rows : std::max<Index>(0, x.rows - (beyond + x.stride - 1) / x.stride);
  }

  // f(k, packet of row k)
  template <class F>
  EIGEN_ALWAYS_INLINE void for_each_row(F&& f) const {
    for (Index k = 0; k < safe_; ++k) f(k, load_wide(x_.data + k * x_.stride + j_));
    for (Index k = safe_; k < x_.rows; ++k) {
      double part[lanes<double>] = {};
      for (Index l = 0; j_ + l < x_.cols && l < lanes<double>; ++l)
        part[l] = static_cast<double>(x_.data[k * x_.stride + j_ + l]);
      f(k, load(part));
    }
  }
  // to_l += sum_l for the columns that there are.
  static void add(const Packet<double>& sum, Index count, double* to) {
    double part[lanes<double>];
    Eigen::internal::pstoreu(part, sum);
    for (Index l = 0; l < std::min(count, lanes<double>); ++l) to[l] += part[l];
  }

 private:
  DenseBlock<T> x_;
  Index j_, safe_;
};

template <Real T>
void add_rows_of_few(DenseBlock<T> x, const double* weight, double* g) noexcept {
  for (Index j = 0; j < x.cols; j += lanes<double>) {
    Packet<double> sums[4] = {broadcast(0.0), broadcast(0.0), broadcast(0.0), broadcast(0.0)};
    PacketColumn<T>(x, j).for_each_row([&](Index k, const Packet<double>& row) {
      sums[k & 3] = Eigen::internal::pmadd(broadcast(weight[k]), row, sums[k & 3]);
    });
    const Packet<double> all = Eigen::internal::padd(Eigen::internal::padd(sums[0], sums[1]),
                                                     Eigen::internal::padd(sums[2], sums[3]));
    PacketColumn<T>::add(all, x.cols - j, g + j);
  }
}

// Rows i .. i + Count of H, columns j .. j + lanes.
template <Index Count, Real T>
EIGEN_ALWAYS_INLINE void add_strip(const DenseBlock<T>& x, const double* weight, Index i, Index j,
                                   double* h, Index ld) {
  Packet<double> sums[Count];
  for (Index a = 0; a < Count; ++a) sums[a] = broadcast(0.0);
  PacketColumn<T>(x, j).for_each_row([&](Index k, const Packet<double>& row) {
    const T* numbers = x.data + k * x.stride + i;
    const Packet<double> scaled = weight ? Eigen::internal::pmul(broadcast(weight[k]), row) : row;
    for (Index a = 0; a < Count; ++a)
      sums[a] = Eigen::internal::pmadd(broadcast(static_cast<double>(numbers[a])), scaled, sums[a]);
  });
  for (Index a = 0; a < Count; ++a)
    PacketColumn<T>::add(sums[a], i + a - j + 1, h + (i + a) * ld + j);
}

template <Real T>
void add_squares_of_few(DenseBlock<T> x, const double* weight, double* h, Index ld) noexcept {
  const Index n = x.cols;
  for (Index j = 0; j < n; j += lanes<double>) {
    Index i = j;
    for (; i + 8 <= n; i += 8) add_strip<8>(x, weight, i, j, h, ld);
    if (i + 4 <= n) {
      add_strip<4>(x, weight, i, j, h, ld);
      i += 4;
    }
    if (i + 2 <= n) {
      add_strip<2>(x, weight, i, j, h, ld);
      i += 2;
    }
    if (i < n) add_strip<1>(x, weight, i, j, h, ld);
  }
}

}  // namespace
}  // namespace hessopt::kernels
