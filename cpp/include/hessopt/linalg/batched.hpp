// Many small systems H_s x_s = b_s, all of one size: a lane of a packet works on a system.
//
// One small system leaves most of a processor idle, waiting for its own pivots; as many as a packet
// has lanes, entry beside entry, run through the plain algorithm at the cost of one:
//   L is built row by row, x along with it.
#pragma once

#include <mutex>

#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/copy_lower.hpp"

namespace hessopt {

// Matrices one after another, each of its own strides.
template <Real T>
struct StackView {
  MatrixView<T> first;
  Index count = 0;
  Index stride = 0;

  MatrixView<T> operator[](Index s) const {
    MatrixView<T> one = first;
    one.data += s * stride;
    return one;
  }
};

struct StackPivot : Pivot {
  Index system = -1;
};

namespace detail {

// Above this order a system is work enough for the blocked factorisation.
inline constexpr Index largest_interleaved = 64;
// Flops of a task, and tasks for a thread.
inline constexpr Index stack_flops = 1 << 17, stack_share = 2;

// Systems side by side: L in rows, the reciprocals of its diagonal in their place, and x.
template <Real T>
class Interleaved {
 public:
  Interleaved(Index n, Index k)
      : n_(n), k_(k), l_((n + 1) * n / 2 * lanes<T>), x_(n * k * lanes<T>) {}

  void load_lane(Index lane, const MatrixView<T>& h, const MatrixView<T>& b) {
    for (Index i = 0; i < n_; ++i) load_entries(lane, h, i, 0, i + 1);
    load_right(lane, b);
  }
  // As many systems as there are lanes: squares of their rows are turned in registers.
  void load_lanes(const StackView<T>& h, const StackView<T>& b, Index begin) {
    constexpr Index side = lanes<T>;
    const bool in_rows = h.first.col_stride == 1;
    for (Index i = 0; i < n_; ++i) {
      Index j = 0;
      // What is written beyond the diagonal belongs to rows that are still to come.
      for (; in_rows && j <= i && j + side <= n_; j += side) {
        PacketSquare<T> square;
        for (Index s = 0; s < side; ++s) square.packet[s] = load(&h[begin + s](i, j));
        Eigen::internal::ptranspose(square);
        for (Index s = 0; s < side; ++s) Eigen::internal::pstoreu(at(i, j + s), square.packet[s]);
      }
      for (Index s = 0; s < side; ++s) load_entries(s, h[begin + s], i, j, i + 1);
    }
    for (Index s = 0; s < side; ++s) load_right(s, b[begin + s]);
  }
  // An identity where there is no system.
  void clear_lane(Index lane) {
    T* to = l_.data() + lane;
    for (Index i = 0; i < n_; ++i)
      for (Index j = 0; j <= i; ++j, to += lanes<T>) *to = i == j;
    for (Index i = 0; i < n_ * k_; ++i) x_[i * lanes<T> + lane] = 0;
  }
  void store_lane(Index lane, T* x) const {
    for (Index i = 0; i < n_ * k_; ++i) x[i] = x_[i * lanes<T> + lane];
  }

  // The first bad pivot of the lowest lane that has one, its lane as `system`.
  StackPivot factor() {
    StackPivot bad;
    for (Index i = 0; i < n_; ++i) {
      T* row = at(i, 0);
      Index j = 0;
      for (; j + 8 <= i; j += 8) row_part<8>(row, j);
      for (; j + 4 <= i; j += 4) row_part<4>(row, j);
      for (; j < i; ++j) row_part<1>(row, j);
      T* pivot = row + i * lanes<T>;
      Packet<T> sum = load(pivot);
      for (Index m = 0; m < i; ++m) {
        const Packet<T> l = load(row + m * lanes<T>);
        sum = Eigen::internal::psub(sum, Eigen::internal::pmul(l, l));
      }
      Eigen::internal::pstoreu(pivot, sum);
      for (Index lane = 0; lane < lanes<T>; ++lane)
        if (!(pivot[lane] > 0) || !std::isfinite(pivot[lane])) {
          if (bad.system < 0 || lane < bad.system)
            bad = {{i, static_cast<double>(pivot[lane])}, lane};
          pivot[lane] = 1;  // the other lanes go on
        }
      Eigen::internal::pstoreu(
          pivot, Eigen::internal::pdiv(broadcast(T(1)), Eigen::internal::psqrt(load(pivot))));
    }
    return bad;
  }

  void solve() {
    for (Index c = 0; c < k_; ++c) {
      for (Index i = 0; i < n_; ++i) {
        Packet<T> sum = load(x(i, c));
        for (Index j = 0; j < i; ++j) sum = minus(sum, load(at(i, j)), load(x(j, c)));
        Eigen::internal::pstoreu(x(i, c), Eigen::internal::pmul(sum, load(at(i, i))));
      }
      for (Index i = n_ - 1; i >= 0; --i) {
        const Packet<T> done = Eigen::internal::pmul(load(x(i, c)), load(at(i, i)));
        Eigen::internal::pstoreu(x(i, c), done);
        for (Index j = 0; j < i; ++j)
          Eigen::internal::pstoreu(x(j, c), minus(load(x(j, c)), load(at(i, j)), done));
      }
    }
  }

 private:
  void load_entries(Index lane, const MatrixView<T>& h, Index i, Index from, Index to) {
    for (Index j = from; j < to; ++j) at(i, j)[lane] = h(i, j);
  }
  void load_right(Index lane, const MatrixView<T>& b) {
    for (Index i = 0; i < n_; ++i)
      for (Index j = 0; j < k_; ++j) x(i, j)[lane] = b(i, j);
  }
  T* at(Index i, Index j) { return l_.data() + (i * (i + 1) / 2 + j) * lanes<T>; }
  T* x(Index i, Index c) { return x_.data() + (i * k_ + c) * lanes<T>; }
  static Packet<T> minus(const Packet<T>& c, const Packet<T>& a, const Packet<T>& b) {
    return Eigen::internal::psub(c, Eigen::internal::pmul(a, b));
  }

  // Entries j .. j + Count of row i.
  template <Index Count>
  void row_part(T* row, Index j) {
    Packet<T> sums[Count];
    const T* with[Count];
    for (Index q = 0; q < Count; ++q) {
      sums[q] = load(row + (j + q) * lanes<T>);
      with[q] = at(j + q, 0);
    }
    for (Index m = 0; m < j; ++m) {
      const Packet<T> l = load(row + m * lanes<T>);
      for (Index q = 0; q < Count; ++q) sums[q] = minus(sums[q], l, load(with[q] + m * lanes<T>));
    }
    for (Index q = 0; q < Count; ++q) {
      for (Index p = 0; p < q; ++p)
        sums[q] = minus(sums[q], sums[p], load(with[q] + (j + p) * lanes<T>));
      sums[q] = Eigen::internal::pmul(sums[q], load(with[q] + (j + q) * lanes<T>));
      Eigen::internal::pstoreu(row + (j + q) * lanes<T>, sums[q]);
    }
  }

  Index n_, k_;
  VectorOf<T> l_, x_;
};

template <Real T>
StackPivot solve_interleaved(const StackView<T>& h, const StackView<T>& b, T* out, Index begin,
                             Index end) {
  const Index n = h.first.rows, k = b.first.cols;
  Interleaved<T> systems(n, k);
  for (Index s = begin; s < end; s += lanes<T>) {
    const Index used = std::min(lanes<T>, end - s);
    if (used == lanes<T>) {
      systems.load_lanes(h, b, s);
    } else {
      for (Index lane = 0; lane < used; ++lane) systems.load_lane(lane, h[s + lane], b[s + lane]);
      for (Index lane = used; lane < lanes<T>; ++lane) systems.clear_lane(lane);
    }
    const StackPivot bad = systems.factor();
    if (bad.failed()) return {bad, s + bad.system};
    systems.solve();
    for (Index lane = 0; lane < used; ++lane) systems.store_lane(lane, out + (s + lane) * n * k);
  }
  return {};
}

template <Real T>
StackPivot solve_one_by_one(const StackView<T>& h, const StackView<T>& b, T* out, Index begin,
                            Index end) {
  const Index n = h.first.rows, k = b.first.cols;
  MatrixOf<T> l(n, n), x(n, k);
  for (Index s = begin; s < end; ++s) {
    copy_lower(h[s], l);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < k; ++j) x(i, j) = b[s](i, j);
    const Pivot pivot = cholesky_factor(l);
    if (pivot.failed()) return {pivot, s};
    cholesky_solve_in_place(l, x);
    Eigen::Map<RowMatrixOf<T>>(out + s * n * k, n, k) = x;
  }
  return {};
}

}  // namespace detail

// out[s] = H_s^-1 b_s, n x k row by row; H's lower triangles are read. Throws NotPositiveDefinite
// for the first system that is not.
template <Real T>
void cholesky_solve_stack(const StackView<T>& h, const StackView<T>& b, T* out) {
  const Index n = h.first.rows;
  const bool small = n <= detail::largest_interleaved;
  const Index some = std::max<Index>(1, detail::stack_flops / (n * n * n + n * n) / lanes<T>);
  const Cut tasks{h.count, small ? some * lanes<T> : 1};
  StackPivot first;
  std::mutex mutex;
  parallel_for(
      tasks.count(),
      [&](Index t) {
        const Index begin = tasks.begin(t), end = begin + tasks.size(t);
        const StackPivot bad = small ? detail::solve_interleaved(h, b, out, begin, end)
                                     : detail::solve_one_by_one(h, b, out, begin, end);
        if (!bad.failed()) return;
        const std::lock_guard lock(mutex);
        if (!first.failed() || bad.system < first.system) first = bad;
      },
      detail::stack_share);
  if (first.failed()) throw NotPositiveDefinite(first, "H[" + std::to_string(first.system) + "]");
}

}  // namespace hessopt
