// The head of a network under Monte-Carlo dropout, for K masks at once:
//   out_k = dropout_k(h) W' + b,   k = 0 .. K - 1,
// with dropout_k the mask of stream `stream` + k. No copy of h is made for a mask: its bits clear
// lanes of h on the way from the cache to the multiply-adds of all outputs.
#pragma once

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/dropout/noise.hpp"

namespace hessopt {

// samples x rows x outputs, in C order. One mask per sample and row, that of dropout(h); or, if
// `shared`, one per sample for all rows, that of dropout of a single row. No bias where it is null.
template <Real T>
void masked_product(const Dropout& noise, std::uint32_t stream, bool shared, const MatrixView<T>& h,
                    const MatrixView<T>& w, const T* bias, Index samples, T* out);

}  // namespace hessopt
