// The Gram matrix of mixed rows: see mixed.hpp.
#pragma once

#include "hessopt/rows/mixed.hpp"

namespace hessopt {

// lower(H) += X' diag(w) X
void add_mixed_gram(const MixedRows& x, const double* w, MatrixRef h);

}  // namespace hessopt
