// Gram matrices in half the digits of float32, on the tile units of x86-64 (AMX).
#pragma once

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/kernels/gram.hpp"

namespace hessopt {

// Whether Gram matrices may be made on tile units: found out, and tried, once for a process.
bool has_amx();

// Columns from which on that pays. Packing, measured with AVX2, takes two thirds of the time of all
// of float32 at 50 columns, half of it at 100, a seventh at 300; the tiles are not measured.
inline constexpr Index least_cols_for_amx = 64;

// lower(H) += X'diag(w)X from numbers of 16 bits of mantissa, on tile units, which must be there,
// or on what they are measured against.
template <Real From>
void add_split_gram(const MatrixView<From>& x, const double* w, kernels::Tiles tiles,
                    MatrixRef lower);

namespace detail {

// Whether the tile units do what their witness does: whole numbers, whose sums are exact in any
// order, to the last bit; fractions to a few roundings.
bool agree_with_portable_tiles(kernels::Tiles tiles);

}  // namespace detail
}  // namespace hessopt
