#include "hessopt/kernels/sums.hpp"

#include <algorithm>

#include "hessopt/expectation/logistic_mixture.hpp"
#include "mask_sums.hpp"
#include "parts.hpp"
#include "statistics.hpp"

namespace hessopt::kernels {
namespace {

// E sigma is the slope in the mean of E log(1 + e^t), the logistic marginal at y = 0. Sums of
// rounded probabilities may be a few ulp beyond 1; what is returned is not.
template <Real T>
void normal_sigmoids(StridedMatrix<T> x, const double* w, double b, double c, bool additive,
                     double* out) noexcept {
  for (Index begin = 0; begin < x.rows; begin += chunk_rows) {
    const Index count = std::min(chunk_rows, x.rows - begin);
    Chunk mean = Chunk::Constant(b), squares = Chunk::Zero();
    if (additive) squares += Eigen::Map<const Vector>(w, x.cols).squaredNorm();
    for (Index i = 0; i < count; ++i)
      for (Index j = 0; j < x.cols; ++j) {
        const double term = static_cast<double>(x(begin + i, j)) * w[j];
        mean[i] += term;
        if (!additive) squares[i] += term * term;
      }
    const Chunk slope = NormalMarginal<Logistic>{}.at(mean, c * squares, Chunk::Zero()).mean;
    for (Index i = 0; i < count; ++i) out[begin + i] = std::clamp(slope[i], 0.0, 1.0);
  }
}

}  // namespace

namespace parts {

constinit const SumKernels sums{
    .units = &units,
    .probabilities = &probabilities,
    .shift = &shift,
    .fold = &fold,
    .fold_pairs = &fold_pairs,
    .sigmoids = &sigmoids,
    .normal_sigmoids_f32 = &normal_sigmoids<float>,
    .normal_sigmoids_f64 = &normal_sigmoids<double>,
    .add_weighted = &add_weighted,
    .add_moments = &add_moments,
    .add_third_moments = &add_third_moments,
    .pareto_shape = &pareto_shape,
    .entropies = &entropies,
    .entropy_terms = &entropy_terms,
};

}  // namespace parts
}  // namespace hessopt::kernels
