// Cholesky factors, solves by them, and symmetric matrices. Matrices without strides are in Fortran
// order, `ld` from one column to the next; of a symmetric one, a triangle is read.
#pragma once

#include "hessopt/kernels/strided.hpp"

namespace hessopt::kernels {

// Where a factorisation stopped: the first pivot that was not above its floor.
struct Pivot {
  Index row = -1;
  double value = 0;

  bool failed() const { return row >= 0; }
};

struct StackPivot : Pivot {
  Index system = -1;
};

// A block of columns of a matrix, from its diagonal down, that becomes L there and in panels of
// tile_rows rows.
template <class T>
struct BlockColumn {
  T* a;
  Index ld;
  Index height, width;
  T* panels;
  Index pitch;  // from one panel to the next
};

template <class T>
struct TileKernels {
  Index tile_rows;
  // The triangle at the top; `floors` of its pivots, or null for 0.
  Pivot (*factor_diagonal)(const BlockColumn<T>& column, const double* floors) noexcept;
  // The rows of a panel in L, for the columns of the first `until` panels.
  void (*solve_panel)(const BlockColumn<T>& column, Index panel, Index until) noexcept;
  // Panels begin .. end of the rows times panels left .. right, those beyond a row's own left out,
  // off the matrix.
  void (*update)(const BlockColumn<T>& column, Index begin, Index end, Index left,
                 Index right) noexcept;
};

// Columns that are read side by side.
inline constexpr Index solve_side = 8;

template <class T>
struct TriangularKernels {
  // x <- L^-1 x and x <- L^-T x, for a triangle that is read but once.
  void (*forward)(const T* l, Index ld, T* x, Index cols) noexcept;
  void (*backward)(const T* l, Index ld, T* x, Index cols) noexcept;
  // y -= A x and x -= A'y, for a multiple of solve_side columns.
  void (*subtract_columns)(const T* a, Index ld, const T* x, Index cols, T* y, Index rows) noexcept;
  void (*subtract_dots)(const T* a, Index ld, const T* y, Index rows, T* x, Index cols) noexcept;
  // X <- L^-1 X or L^-T X, `cols` columns of n numbers.
  Outcome (*solve_many)(const T* l, Index ld, Index n, bool transposed, T* x, Index ldx, Index cols,
                        Poll poll) noexcept;
};

// Columns that a modified factorisation takes at once, at most.
inline constexpr Index most_lifted = 48;

// A rotation of a column of L and a column beside it.
template <class T>
struct Rotation {
  T c, s, reciprocal;  // of c
};

template <class T>
struct ModificationKernels {
  // The first `cols` columns of L and of `k` columns V beside it, for the rows of the triangle;
  // `rotations` has room for cols k of them.
  Pivot (*rotate_triangle)(bool subtract, T* l, Index ld, Index cols, T* v, Index ldv, Index k,
                           Rotation<T>* rotations) noexcept;
  // The same rotations for rows below.
  void (*rotate_rows)(bool subtract, const Rotation<T>* rotations, T* l, Index ld, Index cols, T* v,
                      Index ldv, Index k, Index rows) noexcept;
  // The largest number in size on the diagonal, and below it.
  void (*largest)(const T* a, Index ld, Index n, T* diagonal, T* other) noexcept;
  // Columns of L for H + E, `a` at their diagonal, and their part of E.
  void (*lift_columns)(T* a, Index ld, Index rows, Index cols, T beta, T delta, T* e) noexcept;
  // Rows top .. top + rows less the product of `cols` columns of L that begin at `a`, for columns
  // from `cols` to the diagonal.
  Outcome (*subtract_outer)(T* a, Index ld, Index cols, Index top, Index rows) noexcept;
};

// Matrices one after another.
template <class T>
struct Stack {
  StridedMatrix<T> first;
  Index stride;

  StridedMatrix<T> operator[](Index s) const {
    StridedMatrix<T> one = first;
    one.data += s * stride;
    return one;
  }
};

template <class T>
struct StackKernels {
  Index stack_lanes;                                  // systems that are solved side by side
  Index (*stack_scratch)(Index n, Index k) noexcept;  // bytes
  // out[s] = H_s^-1 b_s for systems begin .. end, n x k row by row.
  StackPivot (*solve_stack)(const Stack<T>& h, const Stack<T>& b, Index begin, Index end,
                            void* scratch, T* out) noexcept;
};

template <class T>
struct SymmetricKernels {
  // Columns left .. left + cols of the lower triangle of `from`.
  void (*copy_lower)(const StridedMatrix<T>& from, Index left, Index cols, T* to,
                     Index ld) noexcept;
  // out_i = sum |a_ij|, j other than i.
  void (*off_diagonal_sums)(bool upper, const T* a, Index ld, Index n, T* out) noexcept;
  // out = A x with the diagonal of A apart.
  void (*multiply)(bool upper, const T* a, Index ld, Index n, const T* diagonal, Index step,
                   const T* x, T* out) noexcept;
  // lower(A) += factor (x y' + y x')
  void (*add_outer)(T factor, const T* x, const T* y, Index n, T* a, Index ld) noexcept;
  // out = b - A x
  void (*residual)(const StridedMatrix<T>& a, const T* x, const T* b, T* out) noexcept;
};

template <class T>
struct CholeskyKernels : TileKernels<T>,
                         TriangularKernels<T>,
                         ModificationKernels<T>,
                         StackKernels<T>,
                         SymmetricKernels<T> {};

}  // namespace hessopt::kernels
