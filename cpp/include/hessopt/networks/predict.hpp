// What a network says of rows: its outputs, with or without masks, and their derivatives. Where it
// normalises, statistics are fixed ones.
#pragma once

#include "hessopt/networks/network.hpp"

namespace hessopt {

// z_L of the rows of x, rows x outputs, without masks.
RowMatrix outputs(const Network& network, ConstVectorRef parameters, const DenseRows& x);

// The same under the masks of samples first .. first + count, which are those of rows 0, 1, ...:
// out has count x rows x outputs numbers. What comes before the first mask is computed once.
void masked_outputs(const Network& network, ConstVectorRef parameters, const DenseRows& x,
                    std::uint64_t seed, Index first, Index count, double* out);

// Their derivatives in the parameters, without masks: rows x outputs x parameters numbers.
void jacobian(const Network& network, ConstVectorRef parameters, const MatrixView<double>& x,
              double* out);

}  // namespace hessopt
