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

Index ModelOfRows::rows_per_task(const Request& request) const {
  if (is_sparse(data_.rows))
    return request.hessian ? rows_per_gram_task(data_.rows) : hessopt::rows_per_task(data_.rows);
  const Index cols = data_.rows.cols();
  return request.hessian ? hessopt::rows_per_task(cols) : rows_per_small_task(cols);
}

// Of every Gram matrix that the sum is made of, its last row being that of the column of ones.
void ModelOfRows::move_origins(Matrix& h, const Vector& origin) const {
  const Index p = origin.size(), m = p + 1;
  const auto move = [&](MatrixRef gram) {
    Vector sums = gram.row(p).head(p);
    move_origin(gram.topLeftCorner(p, p), sums, gram(p, p), origin);
    gram.row(p).head(p) = sums;
  };
  if (n_outputs() == 1) return move(h);
  for (Index k = 1; k < n_outputs(); ++k)
    for (Index j = 0; j < k; ++j) move(h.block(k * m, j * m, m, m));
}

Evaluation ModelOfRows::evaluate(ConstVectorRef x, const Request& request) const {
  Evaluation zero(n_parameters(), request);
  if (request.residual) zero.residual.resize(static_cast<std::size_t>(n_outputs()));
  if (const WholeRows* rows = whole()) {
    if (const Stack* stack = rows->stack()) {  // all that is wanted of a part while it is there
      stack->for_each(
          [&](const Rows& some, Index row) { zero += part(some, row)->evaluate(x, request); });
      return zero;
    }
    add_whole(zero, *rows, x, request);
    complete(zero.hessian);
    zero.finish(data_.penalty(), x, request);
    return zero;
  }
  // Sparse rows stay so: what another origin changes is added to their sum.
  const bool moves = request.origin.size() > 0 && data_.intercept && is_sparse(data_.rows);
  Request of_block = request;
  if (moves) of_block.origin.resize(0);
  Evaluation sum =
      sum_over_rows(data_.rows, data_.intercept, block_rows(request), rows_per_task(request),
                    std::move(zero), [&](Evaluation& partial, const Block& block, Index begin) {
                      add_block(partial, block, begin, x, of_block);
                    });
  if (moves && request.hessian) move_origins(sum.hessian, request.origin);
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
