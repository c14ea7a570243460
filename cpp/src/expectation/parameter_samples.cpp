#include "hessopt/expectation/parameter_samples.hpp"

#include <utility>
#include <vector>

#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

// Of all samples, and of the one at hand in a block of rows.
struct SampleSums {
  Evaluation total, one;

  void add(ConstVectorRef z) {
    total.value += one.value;
    if (one.gradient.size() > 0) total.gradient += z.cwiseProduct(one.gradient);
    if (one.products.cols() > 0) total.products += z.asDiagonal() * one.products;
    for (Index j = 0; j < one.hessian.cols(); ++j) {
      const Index below = z.size() - j;
      total.hessian.col(j).tail(below) +=
          z[j] * z.tail(below).cwiseProduct(one.hessian.col(j).tail(below));
    }
  }
  void operator+=(const SampleSums& other) { total += other.total; }
  void clear() { total.clear(); }
};

}  // namespace

ParameterSamples::ParameterSamples(std::shared_ptr<const ModelOfRows> model,
                                   const NoiseSamples& noise)
    : model_(std::move(model)), factors_(Matrix::Ones(model_->n_parameters(), noise.count())) {
  const Index stride = model_->data().n_parameters_per_output(), p = model_->data().rows.cols();
  for (Index k = 0; k < factors_.cols(); ++k) {
    noise.apply(k, 0, factors_.rows(), &factors_(0, k), &factors_(0, k));
    for (Index j = p; j < factors_.rows(); j += stride)  // the intercepts
      if (stride > p) factors_(j, k) = 1;
  }
}

Evaluation ParameterSamples::evaluate(ConstVectorRef x, const Request& request) const {
  const Data& data = model_->data();
  const Evaluation zero(n_parameters(), request);
  std::vector<Request> of_sample(static_cast<std::size_t>(factors_.cols()), request);
  for (Index k = 0; k < factors_.cols() && request.along.cols() > 0; ++k)
    of_sample[static_cast<std::size_t>(k)].along = factors_.col(k).asDiagonal() * request.along;
  const Matrix points = x.asDiagonal() * factors_;
  if (const auto* rows = data.rows.get_if<WholeRows>()) {  // sample by sample, each over all rows
    SampleSums sums{zero, zero};
    for (Index k = 0; k < factors_.cols(); ++k) {
      sums.one.clear();
      model_->add_whole(sums.one, *rows, points.col(k), of_sample[static_cast<std::size_t>(k)]);
      model_->complete(sums.one.hessian);
      sums.add(factors_.col(k));
    }
    return finished(std::move(sums.total), x, request);
  }
  Evaluation sum =
      sum_over_rows(data.rows, data.intercept, model_->block_rows(request), SampleSums{zero, zero},
                    [&](SampleSums& sums, const Block& rows, Index begin) {
                      for (Index k = 0; k < factors_.cols(); ++k) {
                        poll_interrupt();
                        sums.one.clear();
                        model_->add_block(sums.one, rows, begin, points.col(k),
                                          of_sample[static_cast<std::size_t>(k)]);
                        model_->complete(sums.one.hessian);
                        sums.add(factors_.col(k));
                      }
                    })
          .total;
  return finished(std::move(sum), x, request);
}

Evaluation ParameterSamples::finished(Evaluation sum, ConstVectorRef x,
                                      const Request& request) const {
  sum.scale(1.0 / static_cast<double>(factors_.cols()));
  sum.finish(model_->data().penalty(), x, request);
  return sum;
}

}  // namespace hessopt
