// What the kernels of a loss are made of its formula by.
#pragma once

#include <algorithm>

#include "hessopt/expectation/marginals.hpp"
#include "hessopt/kernels/losses.hpp"
#include "hessopt/losses/loss.hpp"

namespace hessopt::kernels {
namespace {

inline auto chunk_at(const double* from) { return Eigen::Map<const Chunk>(from); }
inline auto chunk_at(double* from) { return Eigen::Map<Chunk>(from); }

template <Loss L>
void add_up(const double* parameters, Index n, const double* eta, const double* y, Weights w,
            double* first, double* second, double* sums) noexcept {
  const L loss = loss_with<L>(parameters);
  const Chunk zero = Chunk::Zero(), one = Chunk::Ones();
  Chunk value = zero, squares = zero;
  const auto add = [&](Index i, const Chunk& eta_i, const Chunk& y_i, const Chunk& w_i) {
    const Pointwise l = loss.at(eta_i, y_i);
    const Chunk w_first = w_i * l.first;
    value += w_i * l.value;
    squares += w_first * l.first;
    chunk_at(first + i) = w_first;
    chunk_at(second + i) = w_i * l.second;
  };
  // Infinity times a weight of zero would be no number. Every loss has the target 1, and is finite
  // at a predictor of 1.
  const auto add_weighted = [&](Index i, const Chunk& eta_i, const Chunk& y_i, const Chunk& w_i) {
    add(i, hessopt::detail::where_less(zero, w_i, eta_i, one),
        hessopt::detail::where_less(zero, w_i, y_i, one), w_i);
  };
  Index i = 0;
  for (; i + chunk_rows <= n; i += chunk_rows)
    if (w.each)
      add_weighted(i, chunk_at(eta + i), chunk_at(y + i), w.all * chunk_at(w.each + i));
    else
      add(i, chunk_at(eta + i), chunk_at(y + i), Chunk::Constant(w.all));
  if (i < n) {
    Chunk eta_i = zero, y_i = zero, w_i = zero;
    for (Index r = 0; i + r < n; ++r) {
      eta_i[r] = eta[i + r];
      y_i[r] = y[i + r];
      w_i[r] = w.each ? w.all * w.each[i + r] : w.all;
    }
    add_weighted(i, eta_i, y_i, w_i);
  }
  sums[0] = value.sum();
  sums[1] = squares.sum();
}

template <Loss L>
void values(const double* parameters, Index n, const double* eta, const double* y,
            double* out) noexcept {
  const L loss = loss_with<L>(parameters);
  Index i = 0;
  for (; i + chunk_rows <= n; i += chunk_rows)
    chunk_at(out + i) = loss.at(chunk_at(eta + i), chunk_at(y + i)).value;
  if (i == n) return;
  Chunk eta_i = Chunk::Ones(), y_i = Chunk::Ones();  // finite, whatever the loss
  for (Index r = 0; i + r < n; ++r) {
    eta_i[r] = eta[i + r];
    y_i[r] = y[i + r];
  }
  const Chunk last = loss.at(eta_i, y_i).value;
  for (Index r = 0; i + r < n; ++r) out[i + r] = last[r];
}

template <ExponentialLoss L>
void terms_of(Index n, const double* y, double* scale, double* sign, double* slope) noexcept {
  for (Index i = 0; i < n; i += chunk_rows) {
    const ExponentialTerms terms = L{}.terms(chunk_at(y + i));
    chunk_at(scale + i) = terms.scale;
    chunk_at(sign + i) = terms.sign;
    chunk_at(slope + i) = terms.slope;
  }
}

// Of the last rows, with zeros and a weight of zero behind them.
inline Chunk some_rows(const double* from, Index count) {
  Chunk out = Chunk::Zero();
  for (Index r = 0; r < count; ++r) out[r] = from[r];
  return out;
}

template <Loss L, template <class> class Form>
double add_marginals(const double* parameters, const PredictorLaws& rows,
                     const MarginalDerivatives& out) noexcept {
  using hessopt::detail::where_less;
  const Form<L> marginal{loss_with<L>(parameters)};
  const Chunk zero = Chunk::Zero();
  Chunk sum = zero;
  for (Index i = 0; i < rows.n; i += chunk_rows) {
    const Index count = std::min(chunk_rows, rows.n - i);
    const auto in = [&](const double* from) -> Chunk {
      if (count == chunk_rows) return chunk_at(from + i);
      return some_rows(from + i, count);
    };
    Chunk w = zero;
    if (rows.weights.each)
      w = rows.weights.all * in(rows.weights.each);
    else
      w.head(count).setConstant(rows.weights.all);
    Chunk mean = in(rows.mean);
    if (rows.offset) mean += in(rows.offset);
    // Such rows get a law that does no harm: infinity times a weight of zero would be no number.
    const MarginalAt f =
        marginal.at(where_less(zero, w, mean, zero), where_less(zero, w, in(rows.variance), zero),
                    where_less(zero, w, in(rows.target), Chunk::Ones()));
    sum += w * f.value;
    chunk_at(out.mean + i) = w * f.mean;
    chunk_at(out.variance + i) = w * f.variance;
    chunk_at(out.mean_mean + i) = w * f.mean_mean;
    chunk_at(out.mean_variance + i) = w * f.mean_variance;
    chunk_at(out.variance_variance + i) = w * f.variance_variance;
  }
  return sum.sum();
}

template <class L>
using NormalMarginalOf = NormalMarginal<L>;
template <class L>
using TaylorMarginalOf = TaylorMarginal<L>;

template <Loss L>
consteval NormalForm normal_form_of() {
  if constexpr (!HasNormalMarginal<L>)
    return NormalForm::none;
  else if constexpr (requires { NormalMarginal<L>::form; })
    return NormalMarginal<L>::form;
  else
    return NormalForm::of_normal_noise;
}

template <Loss L>
consteval LossKernel kernel_of() {
  LossKernel out{
      .name = L::name,
      .target = L::target,
      .parameters = nullptr,
      .defaults = default_parameters<L>.data(),
      .n_parameters = number_of_parameters<L>(),
      .convex =
          [](const double* parameters) noexcept { return is_convex(loss_with<L>(parameters)); },
      .accepts = [](const double* parameters,
                    double y) noexcept { return loss_with<L>(parameters).accepts(y); },
      .falls = [](double) noexcept { return 0.0; },
      .add_up = &add_up<L>,
      .values = &values<L>,
      .terms = nullptr,
      .normal = nullptr,
      .normal_form = normal_form_of<L>(),
      .taylor = nullptr,
  };
  if constexpr (LossWithParameters<L>) out.parameters = L::parameters;
  if constexpr (LossThatFalls<L>) out.falls = [](double y) noexcept { return L::falls(y); };
  if constexpr (ExponentialLoss<L>) out.terms = &terms_of<L>;
  if constexpr (HasNormalMarginal<L>) out.normal = &add_marginals<L, NormalMarginalOf>;
  if constexpr (HasTaylorMarginal<L>) out.taylor = &add_marginals<L, TaylorMarginalOf>;
  return out;
}

}  // namespace
}  // namespace hessopt::kernels
