// Copies of a batch of inputs, each with noise of its own: what a model predicts from, sample by
// sample. Element (i, j) of row i and column j of the whole has element i cols + j of the noise, or
// element j where all rows share it; copy k has stream k, or in pairs stream k / 2 and its mirror.
#pragma once

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/dropout/noise.hpp"

namespace hessopt {

struct Copies {
  Index first, count;
  bool antithetic, shared;
};

// Rows begin .. begin + x.rows of the whole into out, count x x.rows x x.cols.
template <Real T>
void noisy_copies(const Noise& noise, const Copies& copies, const MatrixView<T>& x, Index begin,
                  T* out);

}  // namespace hessopt
