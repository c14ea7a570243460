// Blocks of columns of a Cholesky factorisation, made of tiles.
#pragma once

#include "cholesky_tiles.hpp"

namespace hessopt::kernels {
namespace {

// A block of columns at work.
template <Real T>
class TiledColumn {
  using Shape = TileShape<T>;

 public:
  explicit TiledColumn(const BlockColumn<T>& column)
      : a_(column.a),
        panels_(column.panels),
        ld_(column.ld),
        height_(column.height),
        width_(column.width),
        pitch_(column.pitch) {}

  Pivot factor_diagonal(const double* floors) {
    for (Index i = 0; i * Shape::rows < width_; ++i) {
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
  // Panel i of the rows times panel k, where that is not beyond it, off the matrix.
  void update(Index i, Index k) {
    const Index end = std::min((std::min(i, k) + 1) * Shape::rows, height_);
    for (Index col = k * Shape::rows; col < end; col += Shape::cols)
      on_tile(i, col,
              [&](T* c, Index ld) { subtract_product<T>(panel(i), right(col), width_, c, ld); });
  }

 private:
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

template <Real T>
Pivot factor_diagonal(const BlockColumn<T>& column, const double* floors) noexcept {
  return TiledColumn<T>(column).factor_diagonal(floors);
}
template <Real T>
void solve_panel(const BlockColumn<T>& column, Index panel, Index until) noexcept {
  TiledColumn<T>(column).solve(panel, until);
}
template <Real T>
void update(const BlockColumn<T>& column, Index begin, Index end, Index left,
            Index right) noexcept {
  TiledColumn<T> at(column);
  for (Index k = left; k < right; ++k)
    for (Index i = begin; i < end; ++i) at.update(i, k);
}

}  // namespace
}  // namespace hessopt::kernels
