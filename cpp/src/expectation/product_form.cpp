#include "hessopt/expectation/product_form.hpp"

#include <utility>
#include <vector>

#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {

struct ProductForm::Partial {
  Evaluation sum;
  Vector spread;  // the diagonal

  void operator+=(const Partial& other) {
    sum += other.sum;
    spread += other.spread;
  }
  void clear() {
    sum.clear();
    spread.setZero();
  }
};
struct ProductForm::Tilted {
  RowMatrix tilted, spread, logarithms;  // g, x^2 q (1 - q) / p^2
  StoredRows stored, stored_spread;      // the same of sparse rows
  Array mean, scale, sign, slope;        // eta without noise, a, t, b, with room for whole chunks
  Array weight, expected;                // of the rows, weight_i E_i
};

Evaluation ProductForm::evaluate(ConstVectorRef x, const Request& request) const {
  const Index p = data_.rows.cols();
  const Index step =
      is_sparse(data_.rows) ? rows_per_block(data_.rows.numbers_a_row()) : rows_per_gram_block(p);
  Partial partial =
      sum_over_rows(data_.rows, data_.intercept, step,
                    request.hessian ? rows_per_gram_task(data_.rows) : rows_per_task(data_.rows),
                    Partial{{n_parameters(), request}, Vector::Zero(p)},
                    [&](Partial& sum, const Block& rows, Index begin) {
                      thread_local Tilted block;
                      tilt(block, rows, begin, x, request);
                      add(sum, block, rows, request);
                    });
  if (request.hessian) partial.sum.hessian.diagonal().head(p) += partial.spread;
  for (Index k = 0; k < request.along.cols(); ++k)
    partial.sum.products.col(k).head(p) +=
        partial.spread.cwiseProduct(request.along.col(k).head(p));
  partial.sum.finish(data_.penalty(), x, request);
  return std::move(partial.sum);
}

void ProductForm::tilt(Tilted& out, const Block& rows, Index begin, ConstVectorRef x,
                       const Request& request) const {
  const Index count = rows.rows(), p = rows.cols();
  set_terms(out, begin, count);
  rows.predict(x, out.mean.data(), data_.offsets(begin));
  const bool wants_spread = request.hessian || request.along.cols() > 0;
  Array& exponent = out.expected;
  if (rows.is_sparse()) {
    tilt_stored(out, rows, x, wants_spread);
  } else {
    out.tilted.resize(count, p);
    out.logarithms.resize(count, p);
    if (wants_spread) out.spread.resize(count, p);
    thread_local RowMatrix buffer;
    kernels::losses().tilt(dense(rows.wide(buffer)), x.data(), rate_, out.sign.data(),
                           out.tilted.data(), exponent.data(),
                           wants_spread ? out.spread.data() : nullptr, out.logarithms.data());
  }
  for (Index i = 0; i < count; ++i) {
    const double offset = data_.offset.size() > 0 ? data_.offset(begin + i, 0) : 0;
    exponent[i] += out.sign[i] * ((rows.intercept() ? x[p] : 0) + offset);
    if (out.weight[i] == 0) out.mean[i] = exponent[i] = 0;  // infinity times 0 is no number
  }
  kernels::losses().weighted_exponentials(exponent.size(), out.scale.data(), out.weight.data(),
                                          exponent.data());
}

// A zero multiplies by 1 and has neither a tilted number nor a spread.
void ProductForm::tilt_stored(Tilted& out, const Block& rows, ConstVectorRef x,
                              bool wants_spread) const {
  thread_local StoredRows clean;
  thread_local std::vector<double> weights;
  rows.store(clean);
  out.stored = clean;
  out.logarithms.resize(1, clean.count());
  if (wants_spread) out.stored_spread = clean;
  weights.resize(clean.values.size());
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = x[clean.columns[k]];
  for (Index i = 0; i < rows.rows(); ++i) {
    const Index first = clean.starts[static_cast<std::size_t>(i)];
    const Index size = clean.starts[static_cast<std::size_t>(i) + 1] - first;
    kernels::losses().tilt({clean.values.data() + first, 1, size, size}, weights.data() + first,
                           rate_, &out.sign[i], out.stored.values.data() + first, &out.expected[i],
                           wants_spread ? out.stored_spread.values.data() + first : nullptr,
                           out.logarithms.data());
  }
}

void ProductForm::set_terms(Tilted& out, Index begin, Index count) const {
  const Index room = (count + chunk_rows - 1) / chunk_rows * chunk_rows;
  Array target = Array::Constant(room, data_.target[begin + count - 1]);
  target.head(count) = data_.target.segment(begin, count);
  for (Array* a : {&out.mean, &out.scale, &out.sign, &out.slope, &out.weight, &out.expected})
    a->setZero(room);
  out.weight.head(count) = data_.weights(begin, count);
  terms_(room, target.data(), out.scale.data(), out.sign.data(), out.slope.data());
}

void ProductForm::add(Partial& partial, Tilted& block, const Block& rows,
                      const Request& request) const {
  const Index count = rows.rows();
  const auto &expected = block.expected, &weight = block.weight;
  const bool is_stored = rows.is_sparse();
  const Block tilted = is_stored ? block.stored.block(rows.cols(), rows.intercept())
                                 : dense_block(block.tilted, rows.intercept());
  partial.sum.value += (expected + weight * block.slope * block.mean).head(count).sum();
  if (request.gradient) {
    tilted.add_transposed(Array(expected * block.sign).data(), partial.sum.gradient);
    rows.add_transposed(Array(weight * block.slope).data(), partial.sum.gradient);
  }
  if (request.hessian) tilted.add_gram(expected.data(), request.rough, partial.sum.hessian);
  if (request.hessian || request.along.cols() > 0)
    (is_stored ? block.stored_spread.block(rows.cols(), false) : dense_block(block.spread, false))
        .add_transposed(expected.data(), partial.spread);
  Array along(count);
  for (Index k = 0; k < request.along.cols(); ++k) {
    tilted.predict(request.along.col(k), along.data());
    kernels::losses().multiply(count, expected.data(), along.data());
    tilted.add_transposed(along.data(), partial.sum.products.col(k));
  }
}

}  // namespace hessopt
