// Many small systems H_s x_s = b_s, all of one size: a lane of a packet works on a system.
//
// One small system leaves most of a processor idle, waiting for its own pivots; as many as a packet
// has lanes, entry beside entry, run through the plain algorithm at the cost of one:
//   L is built row by row, x along with it.
#pragma once

#include <algorithm>
#include <cmath>

#include "hessopt/kernels/batch.hpp"
#include "hessopt/kernels/cholesky.hpp"
#include "packet.hpp"
#include "room.hpp"

namespace hessopt::kernels {
namespace {

// Systems side by side: L in rows, the reciprocals of its diagonal in their place, and x.
template <Real T>
class Interleaved {
 public:
  Interleaved(Index n, Index k, void* scratch) : n_(n), k_(k) {
    Room room(scratch);
    l_ = room.take<T>((n + 1) * n / 2 * lanes<T>);
    x_ = room.take<T>(n * k * lanes<T>);
  }
  static Index bytes(Index n, Index k) {
    return Room::bytes<T>((n + 1) * n / 2 * lanes<T>) + Room::bytes<T>(n * k * lanes<T>);
  }

  void load_lane(Index lane, const StridedMatrix<T>& h, const StridedMatrix<T>& b) {
    for (Index i = 0; i < n_; ++i) load_entries(lane, h, i, 0, i + 1);
    load_right(lane, b);
  }
  // As many systems as there are lanes: squares of their rows are turned in registers.
  void load_lanes(const Stack<T>& h, const Stack<T>& b, Index begin) {
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
  // Rows and columns that are held are those of the identity.
  void load_lane(Index lane, const DampedSystem& system) {
    const double* h = system.h;
    const unsigned char* held = system.held;
    for (Index i = 0; i < n_; ++i) {
      for (Index j = 0; j < i; ++j, ++h) at(i, j)[lane] = held[i] || held[j] ? 0 : *h;
      at(i, i)[lane] = held[i] ? 1 : *h + system.lambda * system.diagonal[i];
      ++h;
      x(i, 0)[lane] = held[i] ? 0 : system.right[i];
    }
  }
  // An identity where there is no system.
  void clear_lane(Index lane) {
    T* to = l_ + lane;
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
    factor_rows([&](Index i, T* pivot, const T*) {
      for (Index lane = 0; lane < lanes<T>; ++lane)
        if (!(pivot[lane] > 0) || !std::isfinite(pivot[lane])) {
          if (bad.system < 0 || lane < bad.system)
            bad = {{i, static_cast<double>(pivot[lane])}, lane};
          pivot[lane] = 1;  // the other lanes go on
        }
    });
    return bad;
  }

  // Of each lane the smallest pivot relative to the diagonal that it is of; 0 where one is bad.
  void factor(T* least) {
    for (Index lane = 0; lane < lanes<T>; ++lane) least[lane] = 1;
    factor_rows([&](Index, T* pivot, const T* diagonal) {
      for (Index lane = 0; lane < lanes<T>; ++lane) {
        const T share = pivot[lane] / diagonal[lane];
        const bool is_good = pivot[lane] > 0 && std::isfinite(pivot[lane]);
        least[lane] = is_good ? std::min(least[lane], share) : 0;
        if (!is_good) pivot[lane] = 1;
      }
    });
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
  // judge(i, pivots of all lanes, their diagonals) makes of what is no pivot one that is.
  template <class F>
  void factor_rows(F&& judge) {
    for (Index i = 0; i < n_; ++i) {
      T* row = at(i, 0);
      Index j = 0;
      for (; j + 8 <= i; j += 8) row_part<8>(row, j);
      for (; j + 4 <= i; j += 4) row_part<4>(row, j);
      for (; j < i; ++j) row_part<1>(row, j);
      T* pivot = row + i * lanes<T>;
      Packet<T> sum = load(pivot);
      T diagonal[lanes<T>];
      Eigen::internal::pstoreu(diagonal, sum);
      for (Index m = 0; m < i; ++m) {
        const Packet<T> l = load(row + m * lanes<T>);
        sum = Eigen::internal::psub(sum, Eigen::internal::pmul(l, l));
      }
      Eigen::internal::pstoreu(pivot, sum);
      judge(i, pivot, diagonal);
      Eigen::internal::pstoreu(
          pivot, Eigen::internal::pdiv(broadcast(T(1)), Eigen::internal::psqrt(load(pivot))));
    }
  }
  void load_entries(Index lane, const StridedMatrix<T>& h, Index i, Index from, Index to) {
    for (Index j = from; j < to; ++j) at(i, j)[lane] = h(i, j);
  }
  void load_right(Index lane, const StridedMatrix<T>& b) {
    for (Index i = 0; i < n_; ++i)
      for (Index j = 0; j < k_; ++j) x(i, j)[lane] = b(i, j);
  }
  T* at(Index i, Index j) { return l_ + (i * (i + 1) / 2 + j) * lanes<T>; }
  T* x(Index i, Index c) { return x_ + (i * k_ + c) * lanes<T>; }
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
  T *l_, *x_;
};

template <Real T>
Index stack_scratch(Index n, Index k) noexcept {
  return Interleaved<T>::bytes(n, k);
}

template <Real T>
StackPivot solve_stack(const Stack<T>& h, const Stack<T>& b, Index begin, Index end, void* scratch,
                       T* out) noexcept {
  const Index n = h.first.rows, k = b.first.cols;
  Interleaved<T> systems(n, k, scratch);
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

}  // namespace
}  // namespace hessopt::kernels
