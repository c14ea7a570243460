#include "hessopt/objectives/column_moments.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "hessopt/core/root_of_squares.hpp"
#include "hessopt/rows/pass.hpp"
#include "hessopt/rows/whole.hpp"

namespace hessopt {
namespace {

// Of rows counted from `origin`.
class MomentSums {
 public:
  MomentSums(Array origin, bool centred)
      : origin_(std::move(origin)),
        mean_(Array::Zero(origin_.size())),
        squares_(static_cast<std::size_t>(origin_.size())),
        centred_(centred) {}

  void add_block(const Block& x, const Array& weight) {
    const double sum = weight.sum();
    if (sum == 0) return;
    Array mean = Array::Zero(origin_.size()), squares = mean;
    if (centred_) x.add_deviations(origin_, weight, mean);
    mean /= sum;
    const Array centre = origin_ + mean;
    x.add_squares(centre, weight, squares);
    merge(sum, mean);
    RowMatrix distance;  // wanted where squares may have left the range of numbers
    for (Index j = 0; j < squares.size(); ++j) {
      if (distance.size() == 0 && !SumOfSquares::is_in_range(squares[j]))
        x.standardised(centre.data(), nullptr, distance);
      const auto column = [&] { return (weight > 0).select(distance.col(j).array(), 0.0); };
      if (distance.size() > 0 && (column() == 0).all()) continue;
      squares_[static_cast<std::size_t>(j)].add(
          squares[j], [&]() -> Vector { return column() * weight.sqrt(); });
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
    return out;
  }

 private:
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

ColumnMoments moments_of_blocks(const Data& data, bool centred) {
  const Index cols = data.rows.cols();
  Array origin = Array::Zero(cols);
  if (centred) {
    Index first = 0;
    while (first + 1 < data.rows.rows() && data.weights(first, 1)[0] == 0) ++first;
    RowBuffer room;
    RowMatrix buffer;
    origin = data.rows.block(first, 1, 0, true, room).wide(buffer).row(0).transpose().array();
  }
  return sum_over_rows(data.rows, data.intercept, rows_per_block(cols), MomentSums(origin, centred),
                       [&](MomentSums& partial, const Block& rows, Index begin) {
                         partial.add_block(rows, data.weights(begin, rows.rows()));
                       })
      .moments();
}

// Of rows that give sums over all of them alone: the mean, and the distance from it.
ColumnMoments moments_of_whole(const WholeRows& rows, const Array& weight, bool centred) {
  const Index p = rows.cols();
  const double total = sum_of(weight.data(), weight.size());
  ColumnMoments out{Vector::Zero(p), Vector::Zero(p)};
  for (int times = 0; centred && times < 2; ++times) {  // the second time what rounding has left
    Vector sums = Vector::Zero(p);
    rows.add_deviations(weight, out.mean.data(), sums.data());
    out.mean += sums / total;
  }
  Vector unit = Vector::Ones(p);
  rows.add_squares(weight, out.mean.data(), unit.data(), out.scale.data());
  if (!out.scale.unaryExpr(&SumOfSquares::is_in_range).all()) {  // in units of the largest numbers
    Vector least = Vector::Zero(p), most = least;
    const std::vector<Index> all(static_cast<std::size_t>(rows.rows()));
    rows.add_ranges(all.data(), 1, least.data(), most.data());
    const auto size = most.cwiseMax(-least).cwiseMax(out.mean.cwiseAbs());
    unit = (size.array() > 0).select(size, 1.0);
    out.scale.setZero();
    rows.add_squares(weight, out.mean.data(), unit.data(), out.scale.data());
  }
  out.scale = unit.array() * (out.scale / total).array().sqrt();
  return out;
}

// A constant, or one but for its last digits, has no unit but itself.
void give_constants_a_unit(ColumnMoments& moments) {
  for (Index j = 0; j < moments.mean.size(); ++j)
    if (const double size = std::abs(moments.mean[j]); !(moments.scale[j] > 0x1p-50 * size))
      moments.scale[j] = size > 0 ? size : 1;
}

struct Products {
  Matrix lower;

  void operator+=(const Products& other) { lower += other.lower; }
  void clear() { lower.setZero(); }
};

}  // namespace

ColumnMoments column_moments(const Data& data, bool about_mean) {
  ColumnMoments out;
  // Noise that leaves zeros as they are changes little of these.
  if (const auto* whole = sparse_part(data.rows))
    out = moments_of_whole(*whole, data.weights(0, whole->rows()), about_mean);
  else
    out = moments_of_blocks(data, about_mean);
  give_constants_a_unit(out);
  return out;
}

Matrix column_products(const Data& data, const Vector& mean, const Vector& scale) {
  const Index p = data.rows.cols();
  const Products zero{Matrix::Zero(p, p)};
  const Products sum = sum_over_rows(data.rows, false, rows_per_block(p), zero,
                                     [&](Products& partial, const Block& rows, Index begin) {
                                       thread_local RowMatrix buffer;
                                       const Array weight = data.weights(begin, rows.rows());
                                       rows.standardised(mean.data(), scale.data(), buffer)
                                           .add_gram(weight.data(), false, partial.lower);
                                     });
  return sum.lower.selfadjointView<Eigen::Lower>();
}

struct KnownMoments::Known {
  std::mutex mutex;
  std::optional<ColumnMoments> moments;
};

KnownMoments::KnownMoments() : known_(std::make_shared<Known>()) {}

const ColumnMoments& KnownMoments::of(const Data& data, bool about_mean) const {
  const std::scoped_lock lock(known_->mutex);
  if (!known_->moments) known_->moments = column_moments(data, about_mean);
  return *known_->moments;
}

}  // namespace hessopt
