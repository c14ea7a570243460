#include "hessopt/objectives/model_of_rows.hpp"

#include "hessopt/rows/pass.hpp"

namespace hessopt {

void ModelOfRows::add_values(
    Evaluation& sum,
    FunctionRef<void(Evaluation& partial, const Block& rows, Index begin)> visit) const {
  Evaluation zero(0, {});
  zero.residual.resize(sum.residual.size());
  // Whole chunks of a loss, so that blocks write to different places.
  const Index step = rows_per_block(data_.rows.numbers_a_row()) / chunk_rows * chunk_rows;
  const Evaluation found = sum_over_rows(data_.rows, data_.intercept, step, std::move(zero), visit);
  sum.value += found.value;
  for (std::size_t k = 0; k < found.residual.size(); ++k) sum.residual[k] += found.residual[k];
}

double ModelOfRows::cost_of_gram(const WholeRows& rows) const {
  // In additions to memory: the loss of a row is 10 of them, of the multiply-adds of a factor,
  // which stay in registers, 16 are one.
  const auto n = static_cast<double>(rows.rows()), p = static_cast<double>(rows.cols());
  const double once = n * (10 + 2 * static_cast<double>(rows.numbers_a_row()));
  return (rows.gram_work() + p * p * p / 3 / 16) / once;
}

Evaluation ModelOfRows::evaluate(ConstVectorRef x, const Request& request) const {
  Evaluation zero(n_parameters(), request);
  if (request.residual) zero.residual.resize(static_cast<std::size_t>(n_outputs()));
  if (const WholeRows* rows = whole()) {
    add_whole(zero, *rows, x, request);
    complete(zero.hessian);
    zero.finish(data_.penalty(), x, request);
    return zero;
  }
  const Index cols = data_.rows.cols();
  Evaluation sum =
      sum_over_rows(data_.rows, data_.intercept, block_rows(request),
                    request.hessian ? rows_per_task(cols) : rows_per_small_task(cols),
                    std::move(zero), [&](Evaluation& partial, const Block& block, Index begin) {
                      add_block(partial, block, begin, x, request);
                    });
  if (request.rough && !sum.hessian.allFinite()) {  // X is beyond its range
    Request wide = request;
    wide.rough = false;
    return evaluate(x, wide);
  }
  complete(sum.hessian);
  sum.finish(data_.penalty(), x, request);
  return sum;
}

}  // namespace hessopt
