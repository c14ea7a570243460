// What mixed rows sum over all rows, of columns of every kind.
#include <algorithm>
#include <cstddef>
#include <limits>

#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/rows/mixed.hpp"
#include "hessopt/rows/pass.hpp"
#include "mixed_slices.hpp"

namespace hessopt {
namespace {

struct ColumnSums {
  Vector values;

  void operator+=(const ColumnSums& other) { values += other.values; }
  void clear() { values.setZero(); }
};

// A sum over blocks of the dense rows: visit(sums, rows, begin).
template <class Visit>
Vector sum_of_dense(const DenseRows& rows, Visit&& visit) {
  return sum_over_rows(Rows(rows), false, rows_per_block(rows.cols()),
                       ColumnSums{Vector::Zero(rows.cols())},
                       [&](ColumnSums& partial, const Block& block, Index begin) {
                         visit(partial.values, block, begin);
                       })
      .values;
}

}  // namespace

void MixedRows::add_transposed(const double* r, double* g) const {
  if (parts_.dense) {
    const Vector of = sum_of_dense(*parts_.dense, [&](Vector& sums, const Block& x, Index begin) {
      x.add_transposed(r + begin, sums);
    });
    for (Index j = 0; j < of.size(); ++j) g[parts_.dense_at[static_cast<std::size_t>(j)]] += of[j];
  }
  add_transposed_codes(r, g);
  if (parts_.sparse) parts_.sparse->add_transposed(r, g + parts_.sparse_at);
}

// By groups of variables, which write to different places.
void MixedRows::add_transposed_codes(const double* r, double* g) const {
  const Cut groups{n_variables(), std::clamp<Index>(n_variables() / max_threads(), 1, 4)};
  parallel_for(groups.count(), [&](Index k) {
    for_each_slice(0, rows_, [&](Index begin, Index count) {
      kernels::codes().add_transposed(parts_.variables.data() + groups.begin(k), groups.size(k),
                                      begin, count, r + begin, g);
    });
  });
}

// sums_j += sum of weight_i term(x_ij, j) over the columns of variables.
template <class Term>
void MixedRows::add_terms_of_levels(const Array& weight, double* sums, Term&& term) const {
  Vector weighed = Vector::Zero(cols_);
  add_transposed_codes(weight.data(), weighed.data());
  const double total = sum_of(weight.data(), rows_);
  const double rounding =
      std::numeric_limits<double>::epsilon() * static_cast<double>(rows_) * total;
  for (const kernels::Codes& v : parts_.variables)
    for (Index j = v.at; j < v.at + v.levels; ++j) {
      const double zeros = total - weighed[j];
      sums[j] += weighed[j] * term(1, j);
      if (zeros > rounding) sums[j] += zeros * term(0, j);
    }
}

void MixedRows::add_deviations(const Array& weight, const double* centre, double* sums) const {
  const auto term = [&](double x, Index j) { return x - centre[j]; };
  if (parts_.dense) {
    const Array from = Eigen::Map<const Array>(centre, cols_)(parts_.dense_at);
    const Vector of = sum_of_dense(*parts_.dense, [&](Vector& sum, const Block& x, Index begin) {
      Array deviations = Array::Zero(sum.size());
      x.add_deviations(from, weight.segment(begin, x.rows()), deviations);
      sum += deviations.matrix();
    });
    for (Index j = 0; j < of.size(); ++j)
      sums[parts_.dense_at[static_cast<std::size_t>(j)]] += of[j];
  }
  add_terms_of_levels(weight, sums, term);
  if (parts_.sparse)
    parts_.sparse->add_deviations(weight, centre + parts_.sparse_at, sums + parts_.sparse_at);
}

void MixedRows::add_squares(const Array& weight, const double* centre, const double* unit,
                            double* sums) const {
  if (parts_.dense) {
    const Vector from = Eigen::Map<const Vector>(centre, cols_)(parts_.dense_at),
                 in = Eigen::Map<const Vector>(unit, cols_)(parts_.dense_at);
    const Vector of = sum_of_dense(*parts_.dense, [&](Vector& sum, const Block& x, Index begin) {
      RowMatrix buffer;
      const Array zero = Array::Zero(sum.size());
      Array squares = zero;
      x.standardised(from.data(), in.data(), buffer)
          .add_squares(zero, weight.segment(begin, x.rows()), squares);
      sum += squares.matrix();
    });
    for (Index j = 0; j < of.size(); ++j)
      sums[parts_.dense_at[static_cast<std::size_t>(j)]] += of[j];
  }
  add_terms_of_levels(weight, sums, [&](double x, Index j) {
    const double distance = (x - centre[j]) / unit[j];
    return distance * distance;
  });
  if (parts_.sparse)
    parts_.sparse->add_squares(weight, centre + parts_.sparse_at, unit + parts_.sparse_at,
                               sums + parts_.sparse_at);
}

void MixedRows::add_ranges(const Index* group, Index groups, double* least, double* most) const {
  const auto widen = [&](Index g, Index j, double low, double high) {
    least[g * cols_ + j] = std::min(least[g * cols_ + j], low);
    most[g * cols_ + j] = std::max(most[g * cols_ + j], high);
  };
  // Of some columns, whose ranges lie side by side.
  const auto add_part = [&](Index p, auto&& ranges_of, auto&& column) {
    Matrix low = Matrix::Constant(p, groups, std::numeric_limits<double>::infinity()), high = -low;
    ranges_of(low, high);
    for (Index g = 0; g < groups; ++g)
      for (Index j = 0; j < p; ++j) widen(g, column(j), low(j, g), high(j, g));
  };
  if (parts_.dense)
    add_part(
        parts_.dense->cols(),
        [&](Matrix& low, Matrix& high) {
          RowBuffer room;
          const Cut blocks{rows_, rows_per_block(parts_.dense->cols())};
          for (Index b = 0; b < blocks.count(); ++b)
            parts_.dense->block(blocks.begin(b), blocks.size(b), 0, false, room)
                .add_ranges(group + blocks.begin(b), low, high);
        },
        [&](Index j) { return parts_.dense_at[static_cast<std::size_t>(j)]; });
  if (parts_.sparse)
    add_part(
        parts_.sparse->cols(),
        [&](Matrix& low, Matrix& high) {
          parts_.sparse->add_ranges(group, groups, low.data(), high.data());
        },
        [&](Index j) { return parts_.sparse_at + j; });
  Array member(rows_);
  for (Index g = 0; g < groups; ++g) {  // how often a group has a level
    for (Index i = 0; i < rows_; ++i) member[i] = group[i] == g ? 1 : 0;
    const double size = member.sum();
    Vector counts = Vector::Zero(cols_);
    add_transposed_codes(member.data(), counts.data());
    for (const kernels::Codes& v : parts_.variables)
      for (Index j = v.at; j < v.at + v.levels; ++j) {
        if (counts[j] > 0) widen(g, j, 1, 1);
        if (counts[j] < size) widen(g, j, 0, 0);
      }
  }
}

}  // namespace hessopt
