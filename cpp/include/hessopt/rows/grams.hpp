// Gram matrices of all rows of a source, with weights of any kind: what covariances are made of.
#pragma once

#include <cstdint>
#include <span>

#include "hessopt/rows/whole.hpp"

namespace hessopt {

// (Z 1)' diag(w) (Z 1), Z = X - 1 origin', where `intercept` with the column of ones. Symmetric.
Matrix gram_of_rows(const Rows& x, bool intercept, ConstVectorRef w, const Vector& origin);

// The sum over groups g of s_g s_g', s_g the sum of r_i (z_i 1) over the rows of group g: row i is
// of group codes[i], or where that is negative of none. Rows are read where they lie, group by
// group, and the sums of some groups at a time are held. Symmetric.
Matrix gram_of_groups(const Rows& x, bool intercept, ConstVectorRef r, const Vector& origin,
                      std::span<const std::int64_t> codes, Index groups);

// (X 1)'r
Vector sums_of_rows(const Rows& x, bool intercept, ConstVectorRef r);

}  // namespace hessopt
