// Weighted Gram matrices and products, summed over rows. Matrices that are added to are in Fortran
// order, `ld` from one column to the next.
#pragma once

#include "hessopt/kernels/strided.hpp"

namespace hessopt::kernels {

// Rows of a slice, whose sums stay in registers: a block of rows should have as many.
inline constexpr Index gram_slice = 384;

// In the arithmetic of Compute.
template <class Compute, class From>
struct GramOf {
  Index (*scratch)(Index rows, Index cols) noexcept;  // bytes
  // lower(H) += X'diag(w)X, with weights of any sign.
  Outcome (*add)(const StridedMatrix<From>& x, const double* w, void* scratch, double* h, Index ld,
                 Poll poll) noexcept;

  // The same of one slice, in parts for several threads: of packing, each of which fills its share
  // of one scratch memory, and then of the sums, each of which adds to its own entries of H.
  Index (*packs)(Index cols) noexcept;
  void (*pack)(const StridedMatrix<From>& x, const double* w, void* scratch, Index part) noexcept;
  Index (*sums)(Index cols) noexcept;
  void (*add_sums)(Index rows, Index cols, const double* w, const void* scratch, Index part,
                   double* h, Index ld) noexcept;
};

template <class T>
struct ProductOf {
  Index (*scratch)(Index rows, Index cols_of_a, Index cols_of_b) noexcept;
  // C += A'diag(w)B
  Outcome (*add)(const StridedMatrix<T>& a, const double* w, const StridedMatrix<T>& b,
                 void* scratch, double* c, Index ld, Poll poll) noexcept;
};

enum class Tiles { portable, amx };

// From numbers split in two of 16 bits, for tile units.
template <class From>
struct SplitGramOf {
  Index (*scratch)(Index rows, Index cols) noexcept;
  // lower(H) += X'diag(w)X; the tile units asked for must be there.
  Outcome (*add)(const StridedMatrix<From>& x, const double* w, Tiles tiles, void* scratch,
                 double* h, Index ld, Poll poll) noexcept;
};

struct GramKernels : GramOf<float, float>,
                     GramOf<float, double>,
                     GramOf<double, float>,
                     GramOf<double, double>,
                     ProductOf<float>,
                     ProductOf<double>,
                     SplitGramOf<float>,
                     SplitGramOf<double> {};

}  // namespace hessopt::kernels
