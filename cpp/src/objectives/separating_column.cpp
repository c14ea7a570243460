#include "hessopt/objectives/separating_column.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "hessopt/rows/pass.hpp"
#include "hessopt/rows/whole.hpp"

namespace hessopt::detail {
namespace {

// Of every column, its range in each group of rows.
struct Ranges {
  Matrix least, most;  // columns x groups

  Ranges(Index cols, Index groups) : least(cols, groups), most(cols, groups) { clear(); }
  void operator+=(const Ranges& other) {
    least = least.cwiseMin(other.least);
    most = most.cwiseMax(other.most);
  }
  void clear() {
    least.setConstant(std::numeric_limits<double>::infinity());
    most.setConstant(-std::numeric_limits<double>::infinity());
  }
};

Ranges ranges(const Inequalities& all) {
  const Index cols = all.data().rows.cols();
  if (const auto* whole = all.data().rows.get_if<WholeRows>()) {
    Ranges out(cols, all.groups());
    std::vector<Index> group(static_cast<std::size_t>(whole->rows()));
    for (std::size_t i = 0; i < group.size(); ++i) group[i] = all.group(static_cast<Index>(i));
    whole->add_ranges(group.data(), all.groups(), out.least.data(), out.most.data());
    return out;
  }
  return sum_over_rows(all.data().rows, false, rows_per_block(cols), Ranges(cols, all.groups()),
                       [&](Ranges& partial, const Block& rows, Index begin) {
                         std::vector<Index> group(static_cast<std::size_t>(rows.rows()));
                         for (Index& g : group) g = all.group(begin++);
                         rows.add_ranges(group.data(), partial.least, partial.most);
                       });
}

// Between the rows of groups below, up to `low`, and above, from `high` on. Without an intercept a
// cut is at zero.
std::optional<double> cut_between(double low, double high, bool intercept) {
  constexpr double largest = std::numeric_limits<double>::max();
  low = std::max(low, -largest);
  high = std::min(high, largest);
  if (!(low <= high)) return std::nullopt;
  const double cut = intercept ? std::clamp(low / 2 + high / 2, low, high) : 0;
  if (!(low <= cut && cut <= high)) return std::nullopt;
  return cut;
}

// Rows of one output: groups of the equations and of those on either side.
std::optional<double> cut_of(const Ranges& r, Index column, Index above, bool intercept) {
  const auto least = r.least.row(column), most = r.most.row(column);
  const Index below = 3 - above;
  const auto cut =
      cut_between(std::max(most[below], most[0]), std::min(least[above], least[0]), intercept);
  if (cut && (least[below] < *cut || most[above] > *cut)) return cut;
  return std::nullopt;
}
// Rows of classes, each a group: those above, where there is a cut.
struct ClassCut {
  double at;
  Eigen::Array<bool, Eigen::Dynamic, 1> above;
};
std::optional<ClassCut> class_cut_of(const Ranges& r, Index column, bool intercept) {
  const Array least = r.least.row(column), most = r.most.row(column);
  for (const double edge : most) {
    const auto above = (most > (intercept ? edge : 0.0)).eval();
    if (above.all() || !above.any()) continue;
    const auto cut = cut_between(above.select(-HUGE_VAL, most).maxCoeff(),
                                 above.select(least, HUGE_VAL).minCoeff(), intercept);
    if (cut && ((least < *cut).any() || (most > *cut).any())) return ClassCut{*cut, above};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Vector> direction_of_intercepts(const Inequalities& rows) {
  const Index outputs = rows.outputs(), cols = rows.data().rows.cols(), width = rows.width();
  if (!rows.data().intercept) return std::nullopt;
  Eigen::Array<bool, Eigen::Dynamic, 1> missing(rows.groups());
  missing.setConstant(true);
  for (Index i = 0; i < rows.bounds.rows(); ++i)
    if (const Index g = rows.group(i); g >= 0) missing[g] = false;
  Vector d = Vector::Zero(rows.n_parameters());
  for (Index k = 0; outputs > 1 && k < outputs; ++k)
    if (missing[k]) d[k * width + cols] = -1;
  if (outputs == 1 && missing[0] && (missing[1] || missing[2])) d[cols] = missing[1] ? 1 : -1;
  if ((d.array() == 0).all()) return std::nullopt;
  return d;
}

std::optional<Vector> direction_of_ranges(const Inequalities& rows) {
  const Index outputs = rows.outputs(), cols = rows.data().rows.cols(), width = rows.width();
  const bool intercept = rows.data().intercept;
  const Ranges r = ranges(rows);
  Vector d = Vector::Zero(rows.n_parameters());
  const auto along = [&](Index output, Index column, double sign, double cut) {
    d[output * width + column] = sign;
    if (intercept)
      d[output * width + cols] =
          sign * (rows.moments().mean[column] - cut) / rows.moments().scale[column];
  };
  for (Index j = 0; j < cols; ++j) {
    if (rows.data().l2[j] > 0) continue;
    if (outputs == 1) {
      for (const Index above : {1, 2})
        if (const auto cut = cut_of(r, j, above, intercept)) {
          along(0, j, above == 2 ? 1 : -1, *cut);
          return d;
        }
    } else if (const auto cut = class_cut_of(r, j, intercept)) {
      const bool few_above = 2 * cut->above.count() <= outputs;  // those that are moved
      for (Index k = 0; k < outputs; ++k)
        if (cut->above[k] == few_above) along(k, j, few_above ? 1 : -1, cut->at);
      return d;
    }
  }
  return std::nullopt;
}

}  // namespace hessopt::detail
