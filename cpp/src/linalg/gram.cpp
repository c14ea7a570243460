#include "hessopt/linalg/gram.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

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
  parallel_for(
      tiles.count(),
      [&](Index t) {
        for (Index u = t; u < tiles.count(); ++u)
          for (Index j = tiles.begin(t); j < tiles.begin(t) + tiles.size(t); ++j)
            for (Index i = std::max(j + 1, tiles.begin(u)); i < tiles.begin(u) + tiles.size(u); ++i)
              h(j, i) = h(i, j);
      },
      8);
}

// From so many columns on the panels of a slice outgrow a second cache, and a sum for each thread
// costs more than it is worth: to add one to another is as much work as some hundred rows, and few
// rows would leave threads without any. There the threads share the entries of one sum.
constexpr Index least_cols_shared = 512;

// A queue of the sums of one slice of rows and the packing of the next, and so on. Threads take
// parts in this order, and wait where one is not ready: they meet once and not after every slice.
template <Real T>
class SharedGram {
  using Kernel = kernels::GramOf<T, T>;

 public:
  SharedGram(const MatrixView<T>& x, const VectorView<T>& w, MatrixRef lower)
      : x_(x),
        w_(Vector::NullaryExpr(w.size, [&](Index i) { return static_cast<double>(w[i]); })),
        lower_(lower),
        room_(kernel_.scratch(slices_.size(0), x.cols)),
        scratch_(std::min<Index>(2, slices_.count()) * room_) {}

  void add() {
    parallel_for(team_size(end_ - sums_), [&](Index) {
      for (Index part; (part = next_.fetch_add(1)) < end_;) {
        poll_interrupt();
        const Index round = part / (sums_ + packs_), rest = part % (sums_ + packs_);
        if (rest < sums_)
          add_sums(round - 1, rest);
        else
          pack(round, rest - sums_);
      }
    });
  }

 private:
  void pack(Index slice, Index part) {
    wait_for(summed_, (slice - 1) * sums_);  // of the slice that lay here before
    kernel_.pack(rows(slice), weights(slice), room(slice), part);
    packed_.fetch_add(1);
  }
  void add_sums(Index slice, Index part) {
    wait_for(packed_, (slice + 1) * packs_);
    wait_for(summed_, slice * sums_);  // a fixed order
    kernel_.add_sums(slices_.size(slice), x_.cols, weights(slice), room(slice), part, lower_.data(),
                     lower_.outerStride());
    summed_.fetch_add(1);
  }
  static void wait_for(const std::atomic<Index>& done, Index count) {
    while (done.load() < count) {
      poll_interrupt();
      std::this_thread::yield();
    }
  }

  kernels::StridedMatrix<T> rows(Index slice) const {
    return strided(x_.middle_rows(slices_.begin(slice), slices_.size(slice)));
  }
  const double* weights(Index slice) const { return w_.data() + slices_.begin(slice); }
  void* room(Index slice) const { return static_cast<char*>(scratch_.data()) + slice % 2 * room_; }

  const Kernel& kernel_ = kernels::gram();
  const MatrixView<T>& x_;
  const Vector w_;
  MatrixRef lower_;
  const Cut slices_{x_.rows, kernels::gram_slice};
  const Index packs_ = kernel_.packs(x_.cols), sums_ = kernel_.sums(x_.cols);
  const Index end_ = sums_ + slices_.count() * (packs_ + sums_);
  const Index room_;
  const Scratch scratch_;
  std::atomic<Index> next_{sums_}, packed_{0}, summed_{0};  // the first slice has none before it
};

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
void add_weighted_gram(const MatrixView<T>& x, const VectorView<T>& w, MatrixRef lower) {
  require_size("w", w.size, x.rows);
  if (x.cols >= least_cols_shared) return SharedGram<T>(x, w, lower).add();
  lower += sum_over_slices(x.rows, x.cols, kernels::gram_slice, Matrix::Zero(x.cols, x.cols),
                           [&](MatrixRef partial, Index begin, Index count) {
                             SliceWeights<T> weights;
                             detail::add_plain_gram<T>(x.middle_rows(begin, count),
                                                       weights.of(w, begin, count), partial);
                           });
}

template <Real T>
Matrix weighted_gram(const MatrixView<T>& x, const VectorView<T>& w) {
  Matrix sum = Matrix::Zero(x.cols, x.cols);
  add_weighted_gram(x, w, sum);
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
  template void add_weighted_gram(const MatrixView<T>&, const VectorView<T>&, MatrixRef);          \
  template Matrix weighted_gram(const MatrixView<T>&, const VectorView<T>&);                       \
  template Matrix weighted_gram(const MatrixView<T>&, const VectorView<T>&, const MatrixView<T>&); \
  template void detail::add_weighted_product(const MatrixView<T>&, const double*,                  \
                                             const MatrixView<T>&, MatrixRef);
HESSOPT_OF(float)
HESSOPT_OF(double)
#undef HESSOPT_OF

}  // namespace hessopt
