// What the rows of a model ask of a direction d of its parameters along which it falls without end:
//   s_i x_i'd >= 0 where a loss falls towards predictors of sign s_i, x_i'd = 0 where it rises both
//   ways, and of K classes x_i'(d_y - d_k) >= 0, k other than y; one of them more than 0.
// With z for these numbers, the least value of the squared hinge
//   phi(d) = mean of max(0, 1 - z)^2 / 2 for inequalities, of z^2 / 2 for equations,
// tells whether there is one: see recession.hpp. All in units of the standardised columns.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "hessopt/objectives/softmax_model.hpp"

namespace hessopt::detail {

enum class Bound : std::uint8_t { none, falling, tied };

// What rows say of a direction.
struct Margins {
  bool hold = true;  // all of them, up to rounding
  Index rows = 0;    // that have one which is strict

  void operator+=(const Margins& other) {
    hold = hold && other.hold;
    rows += other.rows;
  }
  void clear() { *this = {}; }
};

template <RowSource Rows>
class Inequalities {
 public:
  // Rows x outputs; `side`: of a row s_i or, where there are several outputs, its class.
  using Bounds = Eigen::Array<Bound, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  Inequalities(const Data<Rows>& data, const ColumnMoments& moments, Array side, Bounds all)
      : bounds(std::move(all)), data_(data), moments_(moments), side_(std::move(side)) {}

  Bounds bounds;

  const Data<Rows>& data() const { return data_; }
  Index outputs() const { return bounds.cols(); }
  Index width() const { return data_.n_parameters_per_output(); }
  Index n_parameters() const { return outputs() * width(); }
  // Of a row, its class; with one output 0 where it is an equation, 1 or 2 by its side; or -1.
  Index group(Index row) const {
    if ((bounds.row(row) == Bound::none).all()) return -1;
    if (outputs() > 1) return static_cast<Index>(side_[row]);
    return bounds(row, 0) == Bound::tied ? 0 : side_[row] < 0 ? 1 : 2;
  }
  const ColumnMoments& moments() const { return moments_; }

  // d in the units of X.
  Vector in_units_of_x(Vector d) const {
    const Index p = data_.rows.cols();
    for (Index k = 0; k < d.size(); k += width()) {
      d.segment(k, p).array() /= moments_.scale.array();
      if (data_.intercept) d[k + p] -= moments_.mean.dot(d.segment(k, p));
    }
    return d;
  }
  // The gradient of a model, g'd for d in standard units.
  Vector in_standard_units(Vector gradient) const {
    const Index p = data_.rows.cols();
    for (Index k = 0; k < gradient.size(); k += width()) {
      if (data_.intercept) gradient.segment(k, p) -= gradient[k + p] * moments_.mean;
      gradient.segment(k, p).array() /= moments_.scale.array();
    }
    return gradient;
  }
  // Parameters without a penalty; of classes all but those of the first, as one vector added to all
  // changes nothing.
  std::vector<Index> unpenalised() const {
    std::vector<Index> free;
    for (Index j = outputs() > 1 ? width() : 0; j < n_parameters(); ++j) {
      const Index column = j % width();
      if (column == data_.rows.cols() || data_.l2[column] == 0) free.push_back(j);
    }
    return free;
  }
  Matrix basis() const {
    return Matrix::Identity(n_parameters(), n_parameters())(Eigen::all, unpenalised());
  }

  // phi and its derivatives: of the hinges those where 1 - z > `slack`, or none.
  struct Part {
    bool hinges = true;
    double slack = 0;
    bool single_precision = false;  // as in a Request
  };
  Evaluation evaluate(ConstVectorRef d, const Part& part) const {
    const Evaluation zero(n_parameters(), {.gradient = true, .hessian = true});
    Evaluation sum = over_rows(
        d, zero, [&](Evaluation& partial, const Block& block) { add_block(partial, block, part); });
    if (outputs() > 1) from_pairs(sum.hessian, outputs());
    mirror_lower(sum.hessian);
    sum.scale(1.0 / static_cast<double>(data_.rows.rows()));
    return sum;
  }
  Evaluation evaluate(ConstVectorRef d) const { return evaluate(d, {}); }
  // The equations' Hessian, the same everywhere.
  Matrix equations(bool single_precision = false) const {
    return evaluate(Vector::Zero(n_parameters()),
                    {.hinges = false, .single_precision = single_precision})
        .hessian;
  }

  Margins margins(ConstVectorRef d) const {
    constexpr double rounding = 1e-13, strict = 1e-10;  // of the terms of z
    const Eigen::RowVectorXd origin = (moments_.mean.cwiseAbs().array() / moments_.scale.array());
    // A component that is zero but for rounding is known no better than the others.
    const Vector size = d.cwiseAbs().cwiseMax(0.01 * d.cwiseAbs().maxCoeff());
    return over_rows(d, Margins{}, [&](Margins& partial, const Block& block) {
      const RowMatrix magnitude =
          std::get<RowBlock<double>>(block.rows.x).cwiseAbs().rowwise() + origin;
      Matrix terms(magnitude.rows(), outputs());
      predict({block_of(magnitude), data_.intercept}, size, terms);
      for (Index i = 0; i < terms.rows(); ++i) {
        bool falls = false;
        for_each_bound(block, i, [&](Bound bound, Index k, double z) {
          const double of = outputs() == 1 ? terms(i, 0) : terms(i, k) + terms(i, side(block, i));
          const bool holds = z >= -rounding * of && (bound == Bound::falling || z <= rounding * of);
          partial.hold = partial.hold && holds;
          falls = falls || z > strict * of;
        });
        if (falls) ++partial.rows;
      }
    });
  }

  // Sets every bound to become(bound, z).
  template <class Become>
  void rebind(ConstVectorRef d, Become&& become) {
    over_rows(d, Margins{}, [&](Margins&, const Block& block) {
      for (Index i = 0; i < block.eta.rows(); ++i)
        for_each_bound(block, i, [&](Bound bound, Index k, double z) {
          bounds(block.begin + i, k) = become(bound, z);
        });
    });
  }

 private:
  struct Block {
    AffineRows rows;
    const Matrix& eta;
    Index begin;
  };

  Index side(const Block& block, Index i) const {
    return static_cast<Index>(side_[block.begin + i]);
  }
  // visit(bound, output, z)
  template <class Visit>
  void for_each_bound(const Block& block, Index i, Visit&& visit) const {
    for (Index k = 0; k < outputs(); ++k)
      if (const Bound bound = bounds(block.begin + i, k); bound != Bound::none)
        visit(bound, k,
              outputs() == 1 ? side_[block.begin + i] * block.eta(i, 0)
                             : block.eta(i, side(block, i)) - block.eta(i, k));
  }
  void predict(const AffineRows& rows, ConstVectorRef d, Matrix& out) const {
    for (Index k = 0; k < outputs(); ++k) rows.predict(d.segment(k * width(), width()), &out(0, k));
  }
  // visit(partial, block), its rows standardised.
  template <class Partial, class Visit>
  Partial over_rows(ConstVectorRef d, const Partial& zero, Visit&& visit) const {
    return sum_over_rows(data_.rows, data_.intercept, rows_per_gram_block(data_.rows.cols()), zero,
                         [&](Partial& partial, const AffineRows& rows, Index begin) {
                           RowMatrix buffer;
                           const AffineRows standard = rows.standardised(
                               moments_.mean.data(), moments_.scale.data(), buffer);
                           Matrix eta(rows.rows(), outputs());
                           const Block block{standard, eta, begin};
                           predict(block.rows, d, eta);
                           visit(partial, block);
                         });
  }

  void add_block(Evaluation& partial, const Block& block, const Part& part) const {
    const Index count = block.eta.rows();
    Matrix change = Matrix::Zero(count, outputs()), active = change;
    for (Index i = 0; i < count; ++i)
      for_each_bound(block, i, [&](Bound bound, Index k, double z) {
        const bool hinge = bound == Bound::falling;
        const double gap = (hinge ? 1.0 : 0.0) - z;
        if (hinge && !(part.hinges && gap > part.slack)) return;
        partial.value += 0.5 * gap * gap;
        active(i, k) = 1;
        if (outputs() == 1) {
          change(i, 0) = -gap * side_[block.begin + i];
        } else {
          change(i, k) += gap;
          change(i, side(block, i)) -= gap;
        }
      });
    for (Index k = 0; k < outputs(); ++k)
      block.rows.add_transposed(&change(0, k), partial.gradient.segment(k * width(), width()));
    add_gram(partial.hessian, block, active, part.single_precision);
  }
  void add_gram(MatrixRef h, const Block& block, const Matrix& active, bool single) const {
    if (outputs() == 1) return block.rows.add_gram(active.data(), single, h);
    Array both(active.rows());  // of the pairs of classes (k, j), as in from_pairs
    for (Index k = 1; k < outputs(); ++k)
      for (Index j = 0; j < k; ++j) {
        for (Index i = 0; i < both.size(); ++i) {
          const Index y = side(block, i);
          both[i] = y == k ? active(i, j) : y == j ? active(i, k) : 0.0;
        }
        block.rows.add_gram(both.data(), single,
                            h.block(k * width(), j * width(), width(), width()));
      }
  }

  const Data<Rows>& data_;
  const ColumnMoments& moments_;
  Array side_;
};

}  // namespace hessopt::detail
