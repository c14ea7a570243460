// Blocked Cholesky factorisation H = L L' and the solve with it.
//
// Right-looking, a block of columns at a time:
//   [ L11          ]      A21 <- A21 L11^-T
//   [ L21  A22     ]      A22 <- A22 - L21 L21'
// G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., section 4.2.9. The next diagonal block
// is factored as soon as its own part of the update is done, while a team is at the rest.
#pragma once

#include <limits>
#include <stdexcept>
#include <string>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/huge_pages.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/cholesky_kernel.hpp"
#include "hessopt/linalg/triangular_solve.hpp"

namespace hessopt {

class NotPositiveDefinite : public std::runtime_error {
 public:
  explicit NotPositiveDefinite(const Pivot& pivot, const std::string& name = "H")
      : std::runtime_error(name + ": not positive definite; pivot " + std::to_string(pivot.row) +
                           " is " + text(pivot.value)) {}
};

namespace detail {

// A block of columns of a matrix, from its diagonal down, that becomes L there and in panels.
template <Real T>
class BlockColumn {
  using Shape = TileShape<T>;

 public:
  // Columns of a block: enough for tiles to be worth their loads and stores, few enough for two
  // panels to share an L1 cache and a square of them an L2.
  static Index width(Index n) {
    const Index wanted = std::clamp<Index>(n / 8, 96, 144);
    return (wanted + Shape::rows - 1) / Shape::rows * Shape::rows;
  }

  BlockColumn(MatrixOf<T>& a, VectorOf<T>& panels, Index begin, Index width)
      : a_(a.data() + begin * (a.rows() + 1)),
        panels_(panels.data()),
        ld_(a.rows()),
        height_(a.rows() - begin),
        width_(std::min(width, height_)),
        pitch_(width * Shape::rows) {}

  Index panels() const { return count(height_); }
  Index diagonal_panels() const { return count(width_); }

  Pivot factor_diagonal(const double* floors) {
    for (Index i = 0; i < diagonal_panels(); ++i) {
      solve(i, i);
      const Index top = i * Shape::rows;
      const Pivot pivot = factor(i, floors ? floors + top : nullptr);
      if (pivot.failed()) return {top + pivot.row, pivot.value};
    }
    return {};
  }
  // The rows of panel i in L, for the columns of the first `until` panels.
  void solve(Index i, Index until) {
    for (Index col = 0; col < until * Shape::rows; col += Shape::cols)
      on_tile(i, col, [&](T* c, Index ld) { solve_tile<T>(panel(i), right(col), col, c, ld); });
  }
  // Panel i of the rows times all panels from `first` to `last` not beyond it, off the matrix.
  void update(Index i, Index first, Index last) {
    const Index end = std::min(std::min(last, i + 1) * Shape::rows, height_);
    for (Index col = first * Shape::rows; col < end; col += Shape::cols)
      on_tile(i, col,
              [&](T* c, Index ld) { subtract_product<T>(panel(i), right(col), width_, c, ld); });
  }

 private:
  static Index count(Index rows) { return (rows + Shape::rows - 1) / Shape::rows; }
  T* panel(Index i) const { return panels_ + i * pitch_; }
  // The operand that stands for rows col .. of L.
  const T* right(Index col) const { return panel(col / Shape::rows) + col % Shape::rows; }

  // call(tile, leading dimension) for the tile of panel i's rows at column col: in place where it
  // is whole, else in a copy.
  template <class Call>
  void on_tile(Index i, Index col, Call&& call) {
    const Index top = i * Shape::rows, height = std::min(Shape::rows, height_ - top);
    T* c = a_ + top + col * ld_;
    if (height == Shape::rows && col + Shape::cols <= top) return call(c, ld_);
    const auto first = [&](Index q) { return std::max<Index>(0, col + q - top); };
    const Index width = std::min(Shape::cols, height_ - col);
    alignas(64) Tile<T> tile;
    copy_in(c, ld_, height, width, first, tile);
    call(tile, Shape::rows);
    copy_out(tile, c, ld_, height, width, first);
  }

  // The tiles of panel i on the diagonal.
  Pivot factor(Index i, const double* floors) {
    const Index top = i * Shape::rows, height = std::min(Shape::rows, height_ - top);
    alignas(64) Tile<T> tile;
    for (Index left = 0; left < height; left += Shape::cols) {
      const Index col = top + left, width = std::min(Shape::cols, height - left);
      const auto first = [&](Index q) { return left + q; };
      T* c = a_ + top + col * ld_;
      copy_in(c, ld_, height, width, first, tile);
      subtract_product<T>(panel(i), right(col), col, tile, Shape::rows);
      const Pivot pivot = factor_tile<T>(tile, left, width, floors ? floors + left : nullptr);
      copy_out(tile, c, ld_, height, pivot.failed() ? pivot.row : width, first);
      if (pivot.failed()) return {left + pivot.row, pivot.value};
      T* out = panel(i) + col * Shape::rows;
      for (Index q = 0; q < width; ++q) {
        for (Index r = 0; r < Shape::rows; ++r)
          out[q * Shape::rows + r] = r < left + q ? T(0) : tile[q * Shape::rows + r];
        out[q * Shape::rows + left + q] = 1 / tile[q * Shape::rows + left + q];
      }
    }
    return {};
  }

  T* a_;
  T* panels_;
  Index ld_, height_, width_, pitch_;
};

// Least number of panels, and of square tiles, for a thread: below it, waking a team costs more
// than it saves, and far more where another library's threads are still spinning.
inline constexpr Index panel_share = 12, square_share = 5;

}  // namespace detail

// Overwrites the lower triangle of `a` with L; entries above the diagonal are neither read nor
// written. A pivot at or below its row's floor (>= 0; 0 where none are given) ends it.
template <Real T>
Pivot cholesky_factor(MatrixOf<T>& a, const double* floors = nullptr) {
  using Column = detail::BlockColumn<T>;
  const Index n = a.rows(), width = Column::width(n);
  if (n == 0) return {};
  constexpr Index high = detail::TileShape<T>::rows;
  const Index rows = (n + high - 1) / high * high;
  VectorOf<T> panels[2];
  for (Index k = 0; k < (n > width ? 2 : 1); ++k) {
    panels[k].resize((rows - k * width) * width);
    advise_huge_pages(panels[k].data(), sizeof(T) * static_cast<std::size_t>(panels[k].size()));
  }
  Column column(a, panels[0], 0, width);
  Pivot pivot = column.factor_diagonal(floors);
  for (Index begin = width;; begin += width) {
    if (pivot.failed()) return {begin - width + pivot.row, pivot.value};
    if (begin >= n) return {};
    const Index square = width / high, below = column.panels() - square;
    parallel_for(below, [&](Index i) { column.solve(square + i, square); }, detail::panel_share);
    Column next(a, panels[begin / width % 2], begin, width);
    const Cut squares{below, square};
    const Index count = squares.count();
    parallel_for(
        count * (count + 1) / 2,
        [&](Index t) {
          Index j = 0;
          while (t >= count - j) t -= count - j++;
          const Index i = j + t, first = square + squares.begin(j);
          for (Index k = first; k < first + squares.size(j); ++k)
            for (Index l = squares.begin(i); l < squares.begin(i) + squares.size(i); ++l)
              column.update(square + l, k, k + 1);
          if (i + j == 0) pivot = next.factor_diagonal(floors ? floors + begin : nullptr);
        },
        detail::square_share);
    column = next;
  }
}

// x <- (L L')^-1 x, one or many right-hand sides.
template <Real T>
void cholesky_solve_in_place(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x) {
  solve_lower(l, x);
  solve_lower_transposed(l, x);
}

// Factor and solve; `h` is destroyed, `b` becomes the solution.
template <Real T>
void cholesky_solve(MatrixOf<T>& h, MatrixOf<T>& b) {
  require_size("b", b.rows(), h.rows());
  const Pivot pivot = cholesky_factor(h);
  if (pivot.failed()) throw NotPositiveDefinite(pivot);
  cholesky_solve_in_place(h, b);
}

}  // namespace hessopt
