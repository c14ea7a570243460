// Points of a digital net (Sobol's) with a random shift for every element of a tensor.
//
// Sample k of element e, which lies in column j, is the 32-bit fraction points(k, j) ^ shift(e),
// where shift(e) is word e mod 64 of plane 2^31 + 1 of superblock e div 64 of stream 0: see
// Stream, in which masks have fewer planes. Each sample is uniform by itself, so means over samples
// are unbiased; the K samples of a row are a net together; rows are independent.
//
// J. Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14 (1998).
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

using NetPoints = RowMatrixOf<std::uint32_t>;  // a point a row

}  // namespace hessopt
