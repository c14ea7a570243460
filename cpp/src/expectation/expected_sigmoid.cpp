#include "hessopt/expectation/expected_sigmoid.hpp"

#include <algorithm>
#include <concepts>
#include <string>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/expectation/any_marginal.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/predictor_variance.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/losses/logistic.hpp"

namespace hessopt {

template <Real T>
void enumerated_sigmoid(const MatrixView<T>& x, ConstVectorRef w, double b, double keep,
                        double* out) {
  const auto shares = [&](Index i) {
    std::vector<double> a;
    for (Index j = 0; j < x.cols; ++j)
      if (const double a_j = static_cast<double>(x(i, j)) * w[j]; a_j != 0) a.push_back(a_j / keep);
    return a;
  };
  Index most = 0;
  for (Index i = 0; i < x.rows; ++i) most = std::max(most, static_cast<Index>(shares(i).size()));
  if (most > most_enumerated_inputs)
    throw ArgumentError(
        "X", "a row with " + std::to_string(most) + " inputs that are not zero",
        "at most " + std::to_string(most_enumerated_inputs) + " for 'exact'; or take 'normal'");
  const Index step = 128;  // blocks of a task
  const Index parts = Cut{MaskBlocks{most}.count(), step}.count();
  Matrix partial = Matrix::Zero(parts, x.rows);
  parallel_for(parts * x.rows, [&](Index task) {
    const Index i = task / parts, part = task % parts;
    const std::vector<double> a = shares(i);
    const Cut cut{MaskBlocks{static_cast<Index>(a.size())}.count(), step};
    if (part >= cut.count()) return;
    partial(part, i) = kernels::sums().sigmoids(b, a.data(), static_cast<Index>(a.size()), keep,
                                                cut.begin(part), cut.begin(part) + cut.size(part));
  });
  // Sums of products of rounded probabilities may be a few ulp beyond 1; what is returned is not.
  for (Index i = 0; i < x.rows; ++i) out[i] = std::clamp(partial.col(i).sum(), 0.0, 1.0);
}

template <Real T>
void normal_sigmoid(const MatrixView<T>& x, ConstVectorRef w, double b, const Noise& noise,
                    double* out) {
  const VarianceFactor factor(noise);
  const Cut chunks{x.rows, 16};
  parallel_for(
      chunks.count(),
      [&](Index t) {
        const Index begin = chunks.begin(t);
        const kernels::StridedMatrix<T> rows{x.data + begin * x.row_stride, chunks.size(t), x.cols,
                                             x.row_stride, x.col_stride};
        const auto& table = kernels::sums();
        if constexpr (std::same_as<T, float>)
          table.normal_sigmoids_f32(rows, w.data(), b, factor.c, factor.additive, out + begin);
        else
          table.normal_sigmoids_f64(rows, w.data(), b, factor.c, factor.additive, out + begin);
      },
      32);
}

// The slope of the logistic loss where y = 0.
void sigmoid_of_normal(const double* mean, const double* variance, Index n, double* out) {
  static const AnyMarginal marginal = *AnyMarginal::normal(AnyLoss(Logistic{}));
  constexpr Index most = 256;
  const double target[most] = {};
  double slope[most], others[4][most];
  for (Index begin = 0; begin < n; begin += most) {
    const Index count = std::min(most, n - begin);
    marginal.add_up({count, mean + begin, variance + begin, nullptr, target, {nullptr, 1.0}},
                    {slope, others[0], others[1], others[2], others[3]});
    for (Index i = 0; i < count; ++i) out[begin + i] = std::clamp(slope[i], 0.0, 1.0);
  }
}

template void enumerated_sigmoid(const MatrixView<float>&, ConstVectorRef, double, double, double*);
template void enumerated_sigmoid(const MatrixView<double>&, ConstVectorRef, double, double,
                                 double*);
template void normal_sigmoid(const MatrixView<float>&, ConstVectorRef, double, const Noise&,
                             double*);
template void normal_sigmoid(const MatrixView<double>&, ConstVectorRef, double, const Noise&,
                             double*);

}  // namespace hessopt
