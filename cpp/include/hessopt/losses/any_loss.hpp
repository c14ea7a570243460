// A loss chosen at run time, so that a model is compiled once for all of them.
#pragma once

#include <memory>
#include <type_traits>

#include "hessopt/core/root_of_squares.hpp"
#include "hessopt/losses/loss.hpp"

namespace hessopt {

// Of rows that follow each other: weight i is each[i] * all, or all where there are none.
struct RowWeights {
  const double* each = nullptr;
  double all = 1;
};

// sum_i w_i l_i and sum_i w_i l_i'^2.
struct LossSums {
  double value = 0;
  SumOfSquares residual;
};

class AnyLoss {
 public:
  template <class L>
    requires Loss<std::remove_cvref_t<L>>
  AnyLoss(L&& loss) : loss_(std::make_shared<Held<std::remove_cvref_t<L>>>(loss)) {}

  const char* name() const { return loss_->name(); }
  const char* target() const { return loss_->target(); }
  bool accepts(double y) const { return loss_->accepts(y); }
  double falls(double y) const { return loss_->falls(y); }

  // The loss itself where it is an L, else null.
  template <Loss L>
  const L* get_if() const {
    const auto* held = dynamic_cast<const Held<L>*>(loss_.get());
    return held == nullptr ? nullptr : &held->loss;
  }

  // Sums over n rows, and w_i l_i' and w_i l_i'', which have room for whole chunks. A row that
  // weighs nothing adds nothing, whatever its loss.
  LossSums add_up(Index n, const double* eta, const double* y, RowWeights w, double* first,
                  double* second) const {
    return loss_->add_up(n, eta, y, w, first, second);
  }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual const char* name() const = 0;
    virtual const char* target() const = 0;
    virtual bool accepts(double y) const = 0;
    virtual double falls(double y) const = 0;
    virtual LossSums add_up(Index n, const double* eta, const double* y, RowWeights w,
                            double* first, double* second) const = 0;
  };

  template <Loss L>
  struct Held final : Interface {
    explicit Held(L held) : loss(held) {}
    const char* name() const override { return L::name; }
    const char* target() const override { return L::target; }
    bool accepts(double y) const override { return L::accepts(y); }
    double falls([[maybe_unused]] double y) const override {
      if constexpr (LossThatFalls<L>)
        return L::falls(y);
      else
        return 0;
    }
    LossSums add_up(Index n, const double* eta, const double* y, RowWeights w, double* first,
                    double* second) const override {
      const Chunk zero = Chunk::Zero();
      Chunk value = zero, squares = zero;
      const auto add = [&](Index i, const Chunk& eta_i, const Chunk& y_i, const Chunk& w_i) {
        const Pointwise l = loss.at(eta_i, y_i);
        const Chunk w_first = w_i * l.first;
        value += w_i * l.value;
        squares += w_first * l.first;
        Eigen::Map<Chunk>(first + i) = w_first;
        Eigen::Map<Chunk>(second + i) = w_i * l.second;
      };
      // Infinity times a weight of zero would be no number. Every loss has the target 1.
      const auto add_weighted = [&](Index i, const Chunk& eta_i, const Chunk& y_i,
                                    const Chunk& w_i) {
        add(i, detail::where_less(zero, w_i, eta_i, zero),
            detail::where_less(zero, w_i, y_i, Chunk::Ones()), w_i);
      };
      const auto chunk = [](const double* from) { return Eigen::Map<const Chunk>(from); };
      Index i = 0;
      for (; i + chunk_rows <= n; i += chunk_rows)
        if (w.each)
          add_weighted(i, chunk(eta + i), chunk(y + i), w.all * chunk(w.each + i));
        else
          add(i, chunk(eta + i), chunk(y + i), Chunk::Constant(w.all));
      if (i < n) {
        Chunk eta_i = zero, y_i = zero, w_i = zero;
        for (Index r = 0; i + r < n; ++r) {
          eta_i[r] = eta[i + r];
          y_i[r] = y[i + r];
          w_i[r] = w.each ? w.all * w.each[i + r] : w.all;
        }
        add_weighted(i, eta_i, y_i, w_i);
      }
      const auto roots = [&] {
        Vector terms = Eigen::Map<const Vector>(first, n);
        for (Index r = 0; r < n; ++r)
          if (terms[r] != 0) terms[r] /= std::sqrt(w.each ? w.all * w.each[r] : w.all);
        return terms;
      };
      LossSums sums{value.sum(), {}};
      sums.residual.add(squares.sum(), roots);
      return sums;
    }
    L loss;
  };

  std::shared_ptr<const Interface> loss_;
};

}  // namespace hessopt
