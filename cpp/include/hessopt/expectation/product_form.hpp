// A linear model under dropout of its inputs, in full where the loss is a e^(t eta) + b eta with
// t = 1 or -1: the factors of the exponential are independent, so with p = 1 - rate
//   E e^(t eta) = e^(t (intercept + offset)) prod_j (1 - p + p e^u_j),  u_j = t x_j w_j / p,
// summed in logarithms. Its derivatives are those of a model with tilted rows g_i, (q_j x_j / p,
// 1), where q_j = p e^u_j / (1 - p + p e^u_j): with E_i = a_i E e^(t_i eta_i),
//   gradient  sum_i E_i t_i g_i + b_i (x_i, 1)
//   Hessian   sum_i E_i (g_i g_i' + diag(x_ij^2 q_ij (1 - q_ij) / p^2)).
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

#include "hessopt/losses/any_loss.hpp"
#include "hessopt/objectives/linear_model.hpp"

namespace hessopt {

using TermsOfLoss = ExponentialTerms (*)(const Chunk& y);

// Null where the loss is not of this kind.
inline TermsOfLoss exponential_terms(const AnyLoss& loss) {
  TermsOfLoss out = nullptr;
  const auto look = [&]<Loss L>(std::type_identity<L>) {
    if constexpr (ExponentialLoss<L>)
      if (loss.get_if<L>() != nullptr) out = [](const Chunk& y) { return L{}.terms(y); };
  };
#define HESSOPT_LOOK(L) look(std::type_identity<L>{});
  HESSOPT_FOR_EACH_LOSS(HESSOPT_LOOK)
#undef HESSOPT_LOOK
  return out;
}

template <RowSource Rows = DenseRows>
class ProductForm : public EvaluatedObjective<ProductForm<Rows>> {
 public:
  ProductForm(Data<Rows> data, TermsOfLoss terms, double rate)
      : data_(std::move(data)), terms_(terms), rate_(rate) {}

  Index n_parameters() const { return data_.n_parameters_per_output(); }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const {
    const Index p = data_.rows.cols();
    Partial partial = sum_over_rows(data_.rows, data_.intercept, rows_per_gram_block(p),
                                    Partial{{n_parameters(), request}, Vector::Zero(p)},
                                    [&](Partial& sum, const AffineRows& rows, Index begin) {
                                      thread_local Block block;
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

 private:
  struct Partial {
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
  struct Block {
    RowMatrix wide, tilted, spread;  // X, g, x^2 q (1 - q) / p^2
    Array mean, scale, sign, slope;  // eta without noise, a, t, b, with room for whole chunks
    Array weight, expected;          // of the rows, weight_i E_i
  };

  void tilt(Block& out, const AffineRows& rows, Index begin, ConstVectorRef x,
            const Request& request) const {
    const Index count = rows.rows(), p = rows.cols();
    const double scale = 1 / (1 - rate_);  // of a kept input
    set_terms(out, begin, count);
    rows.predict(x, out.mean.data());
    Array& exponent = out.expected;
    exponent.head(count) = rows.intercept ? x[p] : 0.0;
    if (data_.offset.size() > 0) {
      const auto offset = data_.offset.col(0).segment(begin, count).array();
      out.mean.head(count) += offset;
      exponent.head(count) += offset;
    }
    const RowBlock<double> data = rows.wide(out.wide);
    out.tilted =
        out.sign.head(count).matrix().asDiagonal() * data * (scale * x.head(p)).asDiagonal();
    out.spread.resize(count, p);
    tilt_numbers(out.tilted.size(), out.tilted.data(), out.spread.data());
    exponent *= out.sign;
    exponent.head(count) += out.spread.rowwise().sum().array();
    data_.clear_weightless(begin, out.mean.head(count));
    data_.clear_weightless(begin, exponent.head(count));
    for (Index i = 0; i < exponent.size(); i += chunk_rows) {
      Eigen::Map<Chunk> e(&exponent[i]);
      e = Eigen::Map<const Chunk>(&out.scale[i]) * detail::exponential(e);
    }
    out.expected *= out.weight;
    if (request.hessian || request.along.cols() > 0)
      out.spread =
          (scale * data.array()).square() * (out.tilted.array() - out.tilted.array().square());
    out.tilted.array() *= scale * data.array();
  }

  void set_terms(Block& out, Index begin, Index count) const {
    const Index room = (count + chunk_rows - 1) / chunk_rows * chunk_rows;
    Array target = Array::Constant(room, data_.target[begin + count - 1]);
    target.head(count) = data_.target.segment(begin, count);
    for (Array* a : {&out.mean, &out.scale, &out.sign, &out.slope, &out.weight, &out.expected})
      a->setZero(room);
    out.weight.head(count) = data_.weights(begin, count);
    for (Index i = 0; i < room; i += chunk_rows) {
      const ExponentialTerms terms = terms_(Eigen::Map<const Chunk>(&target[i]));
      Eigen::Map<Chunk>(&out.scale[i]) = terms.scale;
      Eigen::Map<Chunk>(&out.sign[i]) = terms.sign;
      Eigen::Map<Chunk>(&out.slope[i]) = terms.slope;
    }
  }

  // u -> q, and the logarithm of 1 - p + p e^u.
  void tilt_numbers(Index size, double* u, double* logarithm) const {
    Index i = 0;
    for (; i + chunk_rows <= size; i += chunk_rows) tilt_chunk(u + i, logarithm + i);
    if (i == size) return;
    double last[chunk_rows] = {}, sum[chunk_rows];
    std::copy(u + i, u + size, last);
    tilt_chunk(last, sum);
    std::copy_n(last, size - i, u + i);
    std::copy_n(sum, size - i, logarithm + i);
  }
  // With e^-|u|, so that nothing overflows: e^u is taken out of the sum where u > 0.
  EIGEN_ALWAYS_INLINE void tilt_chunk(double* numbers, double* logarithms) const {
    Eigen::Map<Chunk> q(numbers), logarithm(logarithms);
    const double keep = 1 - rate_;
    const Chunk zero = Chunk::Zero(), u = q;
    const Chunk e = detail::exponential_of_negative(-u.abs());
    const Chunk kept = detail::where_less(u, zero, keep * e, Chunk::Constant(keep));
    const Chunk sum = kept + detail::where_less(u, zero, Chunk::Constant(rate_), rate_ * e);
    q = kept / sum;
    logarithm = detail::where_less(u, zero, zero, u) +
                detail::logarithm(sum.max(std::numeric_limits<double>::min()));
  }

  void add(Partial& partial, const Block& block, const AffineRows& rows,
           const Request& request) const {
    const Index count = rows.rows();
    const auto &expected = block.expected, &weight = block.weight;
    const AffineRows tilted{block_of(block.tilted), rows.intercept};
    partial.sum.value += (expected + weight * block.slope * block.mean).head(count).sum();
    if (request.gradient) {
      tilted.add_transposed(Array(expected * block.sign).data(), partial.sum.gradient);
      rows.add_transposed(Array(weight * block.slope).data(), partial.sum.gradient);
    }
    if (request.hessian)
      tilted.add_gram(expected.data(), request.single_precision, partial.sum.hessian);
    if (request.hessian || request.along.cols() > 0)
      add_transposed_rows(block_of(block.spread), expected.data(), partial.spread.data());
    Array along(count);
    for (Index k = 0; k < request.along.cols(); ++k) {
      tilted.predict(request.along.col(k), along.data());
      along *= expected.head(count);
      tilted.add_transposed(along.data(), partial.sum.products.col(k));
    }
  }

  Data<Rows> data_;
  TermsOfLoss terms_;
  double rate_;
};

}  // namespace hessopt
