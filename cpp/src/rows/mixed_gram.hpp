// The Gram matrix of mixed rows: see mixed.hpp.
#pragma once

#include "hessopt/kernels/table.hpp"
#include "hessopt/rows/mixed.hpp"

namespace hessopt {

// Rows whose codes are read at a time.
inline constexpr Index slice = kernels::most_code_rows;

// lower(H) += X' diag(w) X
void add_mixed_gram(const MixedRows& x, const double* w, MatrixRef h);

}  // namespace hessopt
