#include "hessopt/objectives/model_of_rows.hpp"

#include "hessopt/rows/pass.hpp"

namespace hessopt {

Evaluation ModelOfRows::evaluate(ConstVectorRef x, const Request& request) const {
  Evaluation zero(n_parameters(), request);
  if (request.residual) zero.residual.resize(static_cast<std::size_t>(n_outputs()));
  Evaluation sum = sum_over_rows(data_.rows, data_.intercept, block_rows(request), std::move(zero),
                                 [&](Evaluation& partial, const Block& block, Index begin) {
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
