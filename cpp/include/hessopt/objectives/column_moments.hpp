// The weighted mean of every column of X and its deviation from it: the units in which a model is
// well scaled, whatever those of X are.
//
// Columns are counted from their first row, each block in two looks while it lies in cache, and
// blocks are merged as T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample
// variance", Amer. Statist. 37 (1983). No digit is lost however far from zero a column lies, and
// squares that leave the range of numbers are kept by their root.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "hessopt/core/packet.hpp"
#include "hessopt/core/root_of_squares.hpp"
#include "hessopt/objectives/data.hpp"

namespace hessopt {

struct ColumnMoments {
  Vector mean;   // zero without an intercept, which is what takes up a mean
  Vector scale;  // root mean square distance from there
};

namespace detail {

// sums_j += sum over N rows of w_i term(x_ij, j); of packets and, past the last whole one, numbers.
template <Index N, Real T, class Term>
void add_terms(const T* const* rows, const double* w, Index p, double* sums, Term&& term) {
  constexpr Index step = lanes<double>;
  Packet<double> factors[N];
  for (Index r = 0; r < N; ++r) factors[r] = broadcast(w[r]);
  Index j = 0;
  for (; j + step <= p; j += step) {
    Packet<double> sum = load(sums + j);
    for (Index r = 0; r < N; ++r)
      sum = Eigen::internal::pmadd(term(load_wide(rows[r] + j), j), factors[r], sum);
    Eigen::internal::pstoreu(sums + j, sum);
  }
  for (; j < p; ++j)
    for (Index r = 0; r < N; ++r) sums[j] += w[r] * term(static_cast<double>(rows[r][j]), j);
}

// x - centre_j, of a packet or a number.
inline auto distance_from(const double* centre) {
  return [centre]<class X>(const X& x, Index j) {
    if constexpr (std::same_as<X, double>)
      return x - centre[j];
    else
      return Eigen::internal::psub(x, load(centre + j));
  };
}

// Of rows counted from `origin`.
class MomentSums {
 public:
  MomentSums(Array origin, bool centred)
      : origin_(std::move(origin)),
        mean_(Array::Zero(origin_.size())),
        squares_(static_cast<std::size_t>(origin_.size())),
        centred_(centred) {}

  template <Real T>
  void add_block(const RowBlock<T>& x, const Array& weight) {
    const double sum = weight.sum();
    if (sum == 0) return;
    Array mean = Array::Zero(origin_.size()), squares = mean;
    if (centred_) add_up(x, weight, mean, distance_from(origin_.data()));
    mean /= sum;
    const Array centre = origin_ + mean;
    const auto distance = distance_from(centre.data());
    add_up(x, weight, squares, [&]<class X>(const X& x_ij, Index j) {
      const X d = distance(x_ij, j);
      return Eigen::internal::pmul(d, d);
    });
    merge(sum, mean);
    Array range;  // of the columns, wanted where squares may have left that of numbers
    for (Index j = 0; j < squares.size(); ++j) {
      if (range.size() == 0 && !SumOfSquares::is_in_range(squares[j]))
        range = range_about(x, weight, centre);
      if (range.size() > 0 && range[j] == 0) continue;
      squares_[static_cast<std::size_t>(j)].add(squares[j], [&]() -> Vector {
        const Array column = x.col(j).template cast<double>().array() - centre[j];
        return (weight > 0).select(column, 0.0) * weight.sqrt();
      });
    }
  }
  void operator+=(const MomentSums& other) {
    merge(other.weight_, other.mean_);
    for (std::size_t j = 0; j < squares_.size(); ++j) squares_[j] += other.squares_[j];
  }
  void clear() {
    weight_ = 0;
    mean_.setZero();
    for (SumOfSquares& sum : squares_) sum.clear();
  }

  ColumnMoments moments() const {
    ColumnMoments out{origin_ + mean_, Vector(mean_.size())};
    std::ranges::transform(squares_, out.scale.begin(), &SumOfSquares::root);
    out.scale /= std::sqrt(weight_);
    // A constant, or one but for its last digits, has no unit but itself.
    for (Index j = 0; j < origin_.size(); ++j)
      if (const double size = std::abs(out.mean[j]); !(out.scale[j] > 0x1p-50 * size))
        out.scale[j] = size > 0 ? size : 1;
    return out;
  }

 private:
  // sums_j += sum_i w_i term(x_ij, j) over the rows that weigh something.
  template <Real T, class Term>
  static void add_up(const RowBlock<T>& x, const Array& weight, Array& sums, Term&& term) {
    constexpr Index group = 8;
    const T* rows[group];
    double w[group];
    Index held = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      if (weight[i] == 0) continue;
      rows[held] = x.data() + i * x.outerStride();
      w[held++] = weight[i];
      if (held < group) continue;
      add_terms<group>(rows, w, x.cols(), sums.data(), term);
      held = 0;
    }
    for (Index r = 0; r < held; ++r) add_terms<1>(rows + r, w + r, x.cols(), sums.data(), term);
  }
  // Of every column, how far from its mean it goes.
  template <Real T>
  static Array range_about(const RowBlock<T>& x, const Array& weight, const Array& centre) {
    Array out = Array::Zero(x.cols());
    for (Index i = 0; i < x.rows(); ++i)
      if (weight[i] > 0)
        out = out.max((x.row(i).template cast<double>().transpose().array() - centre).abs());
    return out;
  }
  void merge(double weight, const Array& mean) {
    if (weight == 0) return;
    const double sum = weight_ + weight, share = weight / sum;
    const Array step = mean - mean_;
    const double apart = std::sqrt(weight_ * share);
    for (std::size_t j = 0; j < squares_.size(); ++j)
      squares_[j].add_square_of(apart * step[static_cast<Index>(j)]);
    mean_ += share * step;
    weight_ = sum;
  }

  Array origin_;
  double weight_ = 0;
  Array mean_;
  std::vector<SumOfSquares> squares_;  // about the mean
  bool centred_;
};

}  // namespace detail

template <RowSource Rows>
ColumnMoments column_moments(const Data<Rows>& data) {
  const Index cols = data.rows.cols();
  Array origin = Array::Zero(cols);
  if (data.intercept) {
    Index first = 0;
    while (first + 1 < data.rows.rows() && data.weights(first, 1)[0] == 0) ++first;
    RowBuffer buffer;
    std::visit(
        [&](const auto& x) { origin = x.row(0).template cast<double>().transpose().array(); },
        data.rows.block(first, 1, 0, buffer));
  }
  using Sums = detail::MomentSums;
  return sum_over_rows(data.rows, data.intercept, rows_per_block(cols),
                       Sums(origin, data.intercept),
                       [&](Sums& partial, const AffineRows& rows, Index begin) {
                         const Array weight = data.weights(begin, rows.rows());
                         std::visit([&](const auto& x) { partial.add_block(x, weight); }, rows.x);
                       })
      .moments();
}

// Found when they are first asked for, and then known to all copies of a model.
class KnownMoments {
 public:
  template <RowSource Rows>
  const ColumnMoments& of(const Data<Rows>& data) const {
    const std::scoped_lock lock(known_->mutex);
    if (!known_->moments) known_->moments = column_moments(data);
    return *known_->moments;
  }

 private:
  struct Known {
    std::mutex mutex;
    std::optional<ColumnMoments> moments;
  };
  std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

}  // namespace hessopt
