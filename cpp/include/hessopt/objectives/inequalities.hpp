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

#include "hessopt/core/function_ref.hpp"
#include "hessopt/objectives/column_moments.hpp"
#include "hessopt/objectives/objective.hpp"

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

class Inequalities {
 public:
  // Rows x outputs; `side`: of a row s_i or, where there are several outputs, its class.
  using Bounds = Eigen::Array<Bound, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  Inequalities(const Data& data, const ColumnMoments& moments, Array side, Bounds all)
      : bounds(std::move(all)), data_(data), moments_(moments), side_(std::move(side)) {}

  Bounds bounds;

  const Data& data() const { return data_; }
  Index outputs() const { return bounds.cols(); }
  Index width() const { return data_.n_parameters_per_output(); }
  Index n_parameters() const { return outputs() * width(); }
  Index groups() const { return outputs() == 1 ? 3 : outputs(); }
  // Of a row, its class; with one output 0 where it is an equation, 1 or 2 by its side; or -1.
  Index group(Index row) const;
  const ColumnMoments& moments() const { return moments_; }

  // d in the units of X.
  Vector in_units_of_x(Vector d) const;
  // The gradient of a model, g'd for d in standard units.
  Vector in_standard_units(Vector gradient) const;
  // Parameters without a penalty; of classes all but those of the first, as one vector added to all
  // changes nothing.
  std::vector<Index> unpenalised() const;
  Matrix basis() const;

  // phi and its derivatives: of the hinges those where 1 - z > `slack`, or none.
  struct Part {
    bool hinges = true;
    double slack = 0;
    bool rough = false;  // as in a Request
  };
  Evaluation evaluate(ConstVectorRef d, const Part& part) const;
  Evaluation evaluate(ConstVectorRef d) const { return evaluate(d, {}); }
  // The equations' Hessian, the same everywhere.
  Matrix equations(bool rough = false) const;

  Margins margins(ConstVectorRef d) const;
  // Rows with a strict one along d, which is in the units of X, where all are known to hold.
  Index falling(ConstVectorRef d) const;
  // Sets every bound to become(bound, z).
  void rebind(ConstVectorRef d, FunctionRef<Bound(Bound, double)> become);

 private:
  // Standardised rows and their predictors along a direction.
  struct Seen {
    const Block& rows;
    const Matrix& eta;
    Index begin;
  };

  Index side(const Seen& block, Index i) const {
    return static_cast<Index>(side_[block.begin + i]);
  }
  template <class Visit>
  void for_each_bound(const Seen& block, Index i, Visit&& visit) const;
  template <class Partial, class Visit>
  Partial over_rows(ConstVectorRef d, const Partial& zero, Visit&& visit) const;
  void predict(const Block& rows, ConstVectorRef d, Matrix& out) const;
  void add_block(Evaluation& partial, const Seen& block, const Part& part) const;
  void add_gram(MatrixRef h, const Seen& block, const Matrix& active, bool single) const;

  const Data& data_;
  const ColumnMoments& moments_;
  Array side_;
};

}  // namespace hessopt::detail
