// A marginal chosen at run time, so that a closed form is compiled once for all losses.
#pragma once

#include <memory>
#include <optional>

#include "hessopt/expectation/marginals.hpp"
#include "hessopt/losses/any_loss.hpp"

namespace hessopt {

// Of rows that follow each other, all with room for whole chunks.
struct PredictorLaws {
  const double *mean, *variance, *target, *weight;
};
struct MarginalDerivatives {
  double *mean, *variance, *mean_mean, *mean_variance, *variance_variance;
};

class AnyMarginal {
 public:
  template <Marginal M>
  explicit AnyMarginal(M marginal) : marginal_(std::make_shared<Held<M>>(marginal)) {}

  // sum_i w_i F_i over n rows and what it takes to fill a chunk, and w_i times the derivatives.
  double add_up(Index n, const PredictorLaws& rows, const MarginalDerivatives& out) const {
    return marginal_->add_up(n, rows, out);
  }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual double add_up(Index n, const PredictorLaws& rows,
                          const MarginalDerivatives& out) const = 0;
  };

  template <Marginal M>
  struct Held final : Interface {
    explicit Held(M held) : marginal(held) {}
    double add_up(Index n, const PredictorLaws& rows,
                  const MarginalDerivatives& out) const override {
      Chunk sum = Chunk::Zero();
      for (Index i = 0; i < n; i += chunk_rows) {
        const auto in = [i](const double* from) { return Eigen::Map<const Chunk>(from + i); };
        const auto put = [i](double* to, const Chunk& c) { Eigen::Map<Chunk>(to + i) = c; };
        const Chunk w = in(rows.weight);
        const MarginalAt f = marginal.at(in(rows.mean), in(rows.variance), in(rows.target));
        sum += w * f.value;
        put(out.mean, w * f.mean);
        put(out.variance, w * f.variance);
        put(out.mean_mean, w * f.mean_mean);
        put(out.mean_variance, w * f.mean_variance);
        put(out.variance_variance, w * f.variance_variance);
      }
      return sum.sum();
    }
    M marginal;
  };

  std::shared_ptr<const Interface> marginal_;
};

namespace detail {

template <Loss L>
void add_marginal(const AnyLoss& loss, bool taylor, std::optional<AnyMarginal>& out) {
  const L* held = loss.get_if<L>();
  if (held == nullptr) return;
  if constexpr (HasTaylorMarginal<L>)
    if (taylor) out.emplace(TaylorMarginal<L>{*held});
  if constexpr (HasNormalMarginal<L>)
    if (!taylor) out.emplace(NormalMarginal<L>{*held});
}

inline std::optional<AnyMarginal> marginal_of(const AnyLoss& loss, bool taylor) {
  std::optional<AnyMarginal> out;
#define HESSOPT_ADD(L) add_marginal<L>(loss, taylor, out);
  HESSOPT_FOR_EACH_LOSS(HESSOPT_ADD)
#undef HESSOPT_ADD
  return out;
}

}  // namespace detail

// The marginal of a loss of the table, where it has one.
inline std::optional<AnyMarginal> normal_marginal(const AnyLoss& loss) {
  return detail::marginal_of(loss, false);
}
inline std::optional<AnyMarginal> taylor_marginal(const AnyLoss& loss) {
  return detail::marginal_of(loss, true);
}

}  // namespace hessopt
