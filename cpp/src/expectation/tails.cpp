#include "hessopt/expectation/tails.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace detail {

Index tail_length(Index n) {
  return std::min(n / 5, static_cast<Index>(3 * std::sqrt(static_cast<double>(n))));
}

// The shape k of the generalised Pareto law, of density (1 + k x / s)^(-1/k - 1) / s, of numbers
// x > 0 in ascending order: moments of order 1/k and above do not exist. It is drawn to 1/2 as by
// ten more numbers.
double pareto_shape(const double* x, Index n) {
  const Index points = 30 + static_cast<Index>(std::sqrt(static_cast<double>(n)));
  const Scratch scratch(2 * (points + 7) * Index{sizeof(double)});
  return kernels::sums().pareto_shape(n, x, points, static_cast<double*>(scratch.data()));
}

// Groups after which the tails are trimmed.
constexpr Index groups_between_trims = 256;

}  // namespace detail

void UpperTail::trim(Index n) {
  const auto most = static_cast<std::ptrdiff_t>(2 * detail::tail_length(n) + 64);
  if (static_cast<std::ptrdiff_t>(kept_.size()) <= most) return;
  std::nth_element(kept_.begin(), kept_.begin() + most - 1, kept_.end(), std::greater<>());
  kept_.resize(static_cast<std::size_t>(most));
  least_ = kept_.back();
}

double UpperTail::shape(Index n) const {
  const double none = -std::numeric_limits<double>::infinity();
  Array x = Eigen::Map<const Array>(kept_.data(), static_cast<Index>(kept_.size()));
  std::sort(x.begin(), x.end());
  const Index length = detail::tail_length(n), before = x.size() - length - 1;
  if (before < 0 || !std::isfinite(x[x.size() - 1])) return none;
  const Array beyond = x.tail(length) - x[before];
  const Index count = (beyond > 0).count();
  return count < 10 ? none : detail::pareto_shape(beyond.data() + length - count, count);
}

Tails::Tails(Index size, Index group)
    : group_(group),
      mean_(Array::Zero(size)),
      second_(mean_),
      third_(mean_),
      upper_(static_cast<std::size_t>(size)),
      lower_(upper_) {}

void Tails::add(const Eigen::Ref<const RowMatrix>& f) {
  require(f.rows() % group_ == 0, "f", std::to_string(f.rows()) + " rows", "whole groups");
  require_size("f", f.cols(), size());
  const Cut cut{size(), 64};
  const Index share = 1 + 8192 / (1 + f.rows());
  parallel_for(cut.count(), [&](Index i) { add_columns(f, cut.begin(i), cut.size(i)); }, share);
  count_ += f.rows() / group_;
}

void Tails::add_columns(const Eigen::Ref<const RowMatrix>& f, Index begin, Index size) {
  const Index all = f.rows() / group_, step = detail::groups_between_trims;
  const Scratch scratch(std::min(all, step) * size * Index{sizeof(double)});
  auto* const units = static_cast<double*>(scratch.data());
  for (Index done = 0; done < all;) {
    const Index n = count_ + done, groups = std::min(step - n % step, all - done);
    kernels::sums().add_third_moments({f.data() + done * group_ * f.outerStride() + begin,
                                       groups * group_, size, f.outerStride()},
                                      group_, n, mean_.data() + begin, second_.data() + begin,
                                      third_.data() + begin, units);
    for (Index j = 0; j < size; ++j) {
      UpperTail& upper = upper_[static_cast<std::size_t>(begin + j)];
      UpperTail& lower = lower_[static_cast<std::size_t>(begin + j)];
      for (Index i = 0; i < groups; ++i) {
        upper.add(units[i * size + j]);
        lower.add(-units[i * size + j]);
      }
      upper.trim(n + groups);
      lower.trim(n + groups);
    }
    done += groups;
  }
}

Vector Tails::tilt() const {
  return (second_ > 0).select(third_ / second_, 0.0).abs() / static_cast<double>(count_);
}

Vector Tails::shape() const {
  Vector out(size());
  parallel_for(
      size(),
      [&](Index j) {
        const auto k = static_cast<std::size_t>(j);
        out[j] = std::max(upper_[k].shape(count_), lower_[k].shape(count_));
      },
      16);
  return out;
}

}  // namespace hessopt
