// E sigma(b + sum_j x_j w_j z_j) over noise z of mean one: the probability that a logistic model
// predicts when its noise is integrated out.
#pragma once

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/dropout/noise.hpp"

namespace hessopt {

inline constexpr Index most_enumerated_inputs = 24;

// out[i] = E sigma(b + sum_j x_ij w_j z_j / keep), z_j one with probability `keep`, else zero: the
// sum over all masks of the inputs that matter.
template <Real T>
void enumerated_sigmoid(const MatrixView<T>& x, ConstVectorRef w, double b, double keep,
                        double* out);

// The same with the predictor taken as normal with its own mean and variance, which it is when the
// noise is.
template <Real T>
void normal_sigmoid(const MatrixView<T>& x, ConstVectorRef w, double b, const Noise& noise,
                    double* out);

// out[i] = E sigma(mean[i] + sqrt(variance[i]) e), e standard normal.
void sigmoid_of_normal(const double* mean, const double* variance, Index n, double* out);

}  // namespace hessopt
