#include "hessopt/expectation/softmax_taylor.hpp"

#include "hessopt/core/threads.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

// C += diag(S'weight) / 2
void add_variances(MatrixRef c, const kernels::TaylorRows& at, const Array& weight) {
  Vector sums = Vector::Zero(at.p);
  kernels::rows<double>().add_transposed({at.s, at.pi.n, at.p, at.p}, weight.data(), sums.data(),
                                         nullptr);
  c.diagonal() += 0.5 * sums;
}

}  // namespace

// A block of noisy rows at a point; arrays named as above.
struct SoftmaxTaylor::Room {
  RowMatrix x;  // with the intercept's ones
  RowMatrix s, z;
  Probabilities pi;
  Matrix q, centred;  // c; where the noise is shared, q less its mean
  Array mean;         // sum_k pi_k q_k
};

SoftmaxTaylor::InputVariance::InputVariance(const Noise& noise) {
  (is_additive(noise) ? constant : of_square) = variance_of(noise);
  shared = !std::holds_alternative<DropConnect>(noise);
}

SoftmaxTaylor::SoftmaxTaylor(const SoftmaxModel& model, const Noise& noise)
    : data_(model.data()), classes_(model.n_classes()), variance_(noise) {}

Evaluation SoftmaxTaylor::evaluate(ConstVectorRef x, const Request& request) const {
  const Index cols = data_.rows.cols();
  Evaluation sum = sum_over_rows(
      data_.rows, data_.intercept, request.hessian ? rows_per_block(cols) : rows_per_slice(cols),
      Evaluation(n_parameters(), request),
      [&](Evaluation& partial, const Block& rows, Index begin) {
        thread_local Room room;
        const kernels::TaylorRows at = prepare(room, rows, begin, x);
        partial.value += kernels::taylor().evaluate(at, variance_.of_square, variance_.constant,
                                                    data_.target.data() + begin);
        if (request.gradient) add_gradient(partial.gradient, rows, begin, at);
        for (Index k = 0; k < request.along.cols(); ++k)
          add_product(partial.products.col(k), rows, at, request.along.col(k));
        if (!request.hessian) return;
        if (variance_.shared)
          add_pairs(partial.hessian, rows, at);
        else
          add_blocks(partial.hessian, rows, at);
      });
  if (request.hessian) complete(sum.hessian);
  sum.finish(data_.penalty(), x, request);
  return sum;
}

// Rows and their predictors, and room for the rest.
kernels::TaylorRows SoftmaxTaylor::prepare(Room& at, const Block& rows, Index begin,
                                           ConstVectorRef x) const {
  const Index n = rows.rows(), p = rows.cols();
  thread_local RowMatrix buffer;
  const Array ones = Array::Ones(n);
  at.x.resize(n, width());
  kernels::softmax().stack(dense(rows.wide(buffer)), rows.intercept(), ones.data(), n, 1,
                           at.x.data());
  at.s.resize(n, p);
  at.z.resize(n, p);
  at.pi.make_room(n, classes_);
  at.q.resize(at.pi.each.rows(), classes_);
  at.centred.resize(at.pi.each.rows(), classes_);
  at.mean.resize(n);
  predict_classes(rows, x, at.pi.each, data_, begin);
  return {.pi = at.pi.some(0, n),
          .weights = data_.weights(begin),
          .p = p,
          .intercept = rows.intercept(),
          .shared = variance_.shared,
          .w = x.data(),
          .x = at.x.data(),
          .s = at.s.data(),
          .z = at.z.data(),
          .q = at.q.data(),
          .centred = at.centred.data(),
          .mean = at.mean.data()};
}

void SoftmaxTaylor::add_gradient(VectorRef g, const Block& rows, Index begin,
                                 const kernels::TaylorRows& at) const {
  thread_local Matrix r;
  r.resize(at.pi.stride, classes_);
  kernels::taylor().add_gradient(at, data_.target.data() + begin, r.data(), g.data());
  add_transposed_classes(rows, r, g);
}
// The derivative of add_gradient along v.
void SoftmaxTaylor::add_product(VectorRef out, const Block& rows, const kernels::TaylorRows& at,
                                ConstVectorRef v) const {
  thread_local Matrix r, spread;
  thread_local RowMatrix z;
  r.resize(at.pi.stride, classes_);
  spread.resize(at.pi.stride, classes_);
  z.resize(at.pi.n, at.p);
  predict_classes(rows, v, r);
  kernels::taylor().add_product(at, v.data(), r.data(), z.data(), spread.data(), out.data());
  add_transposed_classes(rows, r, out);
}

// For noise that all classes see, C in place of H_km, k > m, where -H_km = C + C'.
void SoftmaxTaylor::add_pairs(MatrixRef h, const Block& rows, const kernels::TaylorRows& at) const {
  thread_local RowMatrix right;
  right.resize(at.pi.n, width());
  Array weight(at.pi.n);
  for (Index k = 1; k < classes_; ++k)
    for (Index m = 0; m < k; ++m) {
      poll_interrupt();
      kernels::taylor().set_pair(at, k, m, right.data(), weight.data());
      rows.add_cross(weight.data(), right, h.block(k * width(), m * width(), width(), width()));
      add_variances(h.block(k * width(), m * width(), at.p, at.p), at, weight);
    }
}

// For noise of each class's own, C where H = C + C'.
void SoftmaxTaylor::add_blocks(MatrixRef h, const Block& rows,
                               const kernels::TaylorRows& at) const {
  thread_local RowMatrix right;
  thread_local Matrix outer;
  right.resize(at.pi.n, width());
  outer.resize(at.pi.stride, classes_);
  Array weight(at.pi.n);
  for (Index k = 0; k < classes_; ++k) {
    poll_interrupt();
    kernels::taylor().set_outer(at, k, outer.data());
    for (Index m = 0; m < classes_; ++m) {
      kernels::taylor().set_block(at, outer.data(), k, m, right.data(), weight.data());
      rows.add_cross(weight.data(), right, h.block(k * width(), m * width(), width(), width()));
    }
    kernels::taylor().weights_of_class(at, k, weight.data());
    add_variances(h.block(k * width(), k * width(), at.p, at.p), at, weight);
  }
}

void SoftmaxTaylor::complete(Matrix& h) const {
  if (!variance_.shared) {
    h += h.transpose().eval();
    return;
  }
  for (Index k = 1; k < classes_; ++k)
    for (Index m = 0; m < k; ++m) {
      auto pair = h.block(k * width(), m * width(), width(), width());
      pair += pair.transpose().eval();
    }
  complete_from_pairs(h, classes_);
}

}  // namespace hessopt
