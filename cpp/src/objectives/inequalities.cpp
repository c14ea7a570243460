#include "hessopt/objectives/inequalities.hpp"

#include "hessopt/linalg/gram.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt::detail {

Index Inequalities::group(Index row) const {
  if ((bounds.row(row) == Bound::none).all()) return -1;
  if (outputs() > 1) return static_cast<Index>(side_[row]);
  return bounds(row, 0) == Bound::tied ? 0 : side_[row] < 0 ? 1 : 2;
}

Vector Inequalities::in_units_of_x(Vector d) const {
  const Index p = data_.rows.cols();
  for (Index k = 0; k < d.size(); k += width()) {
    d.segment(k, p).array() /= moments_.scale.array();
    if (data_.intercept) d[k + p] -= moments_.mean.dot(d.segment(k, p));
  }
  return d;
}

Vector Inequalities::in_standard_units(Vector gradient) const {
  const Index p = data_.rows.cols();
  for (Index k = 0; k < gradient.size(); k += width()) {
    if (data_.intercept) gradient.segment(k, p) -= gradient[k + p] * moments_.mean;
    gradient.segment(k, p).array() /= moments_.scale.array();
  }
  return gradient;
}

std::vector<Index> Inequalities::unpenalised() const {
  std::vector<Index> free;
  for (Index j = outputs() > 1 ? width() : 0; j < n_parameters(); ++j) {
    const Index column = j % width();
    if (column == data_.rows.cols() || data_.l2[column] == 0) free.push_back(j);
  }
  return free;
}

Matrix Inequalities::basis() const {
  return Matrix::Identity(n_parameters(), n_parameters())(Eigen::all, unpenalised());
}

// visit(bound, output, z)
template <class Visit>
void Inequalities::for_each_bound(const Seen& block, Index i, Visit&& visit) const {
  for (Index k = 0; k < outputs(); ++k)
    if (const Bound bound = bounds(block.begin + i, k); bound != Bound::none)
      visit(bound, k,
            outputs() == 1 ? side_[block.begin + i] * block.eta(i, 0)
                           : block.eta(i, side(block, i)) - block.eta(i, k));
}

// visit(partial, block), its rows standardised.
template <class Partial, class Visit>
Partial Inequalities::over_rows(ConstVectorRef d, const Partial& zero, Visit&& visit) const {
  return sum_over_rows(data_.rows, data_.intercept, rows_per_gram_block(data_.rows.cols()), zero,
                       [&](Partial& partial, const Block& rows, Index begin) {
                         RowMatrix buffer;
                         const Block standard =
                             rows.standardised(moments_.mean.data(), moments_.scale.data(), buffer);
                         Matrix eta(rows.rows(), outputs());
                         predict(standard, d, eta);
                         visit(partial, Seen{standard, eta, begin});
                       });
}

void Inequalities::predict(const Block& rows, ConstVectorRef d, Matrix& out) const {
  for (Index k = 0; k < outputs(); ++k) rows.predict(d.segment(k * width(), width()), &out(0, k));
}

Evaluation Inequalities::evaluate(ConstVectorRef d, const Part& part) const {
  const Evaluation zero(n_parameters(), {.gradient = true, .hessian = true});
  Evaluation sum = over_rows(
      d, zero, [&](Evaluation& partial, const Seen& block) { add_block(partial, block, part); });
  if (outputs() > 1) complete_from_pairs(sum.hessian, outputs());
  mirror_lower(sum.hessian);
  sum.scale(1.0 / static_cast<double>(data_.rows.rows()));
  return sum;
}

Matrix Inequalities::equations(bool rough) const {
  return evaluate(Vector::Zero(n_parameters()), {.hinges = false, .rough = rough}).hessian;
}

Margins Inequalities::margins(ConstVectorRef d) const {
  constexpr double rounding = 1e-13, strict = 1e-10;  // of the terms of z
  const Eigen::RowVectorXd origin = (moments_.mean.cwiseAbs().array() / moments_.scale.array());
  // A component that is zero but for rounding is known no better than the others.
  const Vector size = d.cwiseAbs().cwiseMax(0.01 * d.cwiseAbs().maxCoeff());
  return over_rows(d, Margins{}, [&](Margins& partial, const Seen& block) {
    RowMatrix buffer;
    const RowMatrix magnitude = block.rows.wide(buffer).cwiseAbs().rowwise() + origin;
    Matrix terms(magnitude.rows(), outputs());
    predict(dense_block(magnitude, data_.intercept), size, terms);
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

Index Inequalities::falling(ConstVectorRef d) const {
  constexpr double strict = 1e-10;  // of the largest predictor
  Matrix eta(data_.rows.rows(), outputs());
  for_each_block(data_.rows, data_.intercept, [&](const Block& rows, Index begin) {
    for (Index k = 0; k < outputs(); ++k)
      rows.predict(d.segment(k * width(), width()), &eta(begin, k));
  });
  const double least = strict * eta.cwiseAbs().maxCoeff();
  Index count = 0;
  for (Index i = 0; i < eta.rows(); ++i) {
    const double own = outputs() == 1 ? 0 : eta(i, static_cast<Index>(side_[i]));
    for (Index k = 0; k < outputs(); ++k) {
      const double z = outputs() == 1 ? side_[i] * eta(i, 0) : own - eta(i, k);
      if (bounds(i, k) == Bound::none || !(z > least)) continue;
      ++count;
      break;
    }
  }
  return count;
}

void Inequalities::rebind(ConstVectorRef d, FunctionRef<Bound(Bound, double)> become) {
  over_rows(d, Margins{}, [&](Margins&, const Seen& block) {
    for (Index i = 0; i < block.eta.rows(); ++i)
      for_each_bound(block, i, [&](Bound bound, Index k, double z) {
        bounds(block.begin + i, k) = become(bound, z);
      });
  });
}

void Inequalities::add_block(Evaluation& partial, const Seen& block, const Part& part) const {
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
  add_gram(partial.hessian, block, active, part.rough);
}

void Inequalities::add_gram(MatrixRef h, const Seen& block, const Matrix& active,
                            bool single) const {
  if (outputs() == 1) return block.rows.add_gram(active.data(), single, h);
  Array both(active.rows());  // of the pairs of classes (k, j), as in complete_from_pairs
  for (Index k = 1; k < outputs(); ++k)
    for (Index j = 0; j < k; ++j) {
      for (Index i = 0; i < both.size(); ++i) {
        const Index y = side(block, i);
        both[i] = y == k ? active(i, j) : y == j ? active(i, k) : 0.0;
      }
      block.rows.add_gram(both.data(), single, h.block(k * width(), j * width(), width(), width()));
    }
}

}  // namespace hessopt::detail
