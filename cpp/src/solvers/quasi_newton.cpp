#include "hessopt/solvers/quasi_newton.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T, class Model>
QuasiNewton<T, Model>::QuasiNewton(Run<T> run, Model model, double initial_step, InitialHessian h0,
                                   const Wolfe& wolfe)
    : Base(std::move(run)),
      model_(std::move(model)),
      h0_(std::move(h0)),
      initial_step_(initial_step),
      search_(wolfe) {
  require(wolfe.is_ordered(), "c1, c2", std::to_string(wolfe.c1) + ", " + std::to_string(wolfe.c2),
          "0 < c1 < c2 < 1");
  require(wolfe.most_trials > 0, "maxls", std::to_string(wolfe.most_trials), "a number > 0");
  require(initial_step >= 0 && std::isfinite(initial_step), "initial_step",
          std::to_string(initial_step), "a finite number > 0");
  require(h0_.diagonal.size() == 0 || h0_.diagonal.minCoeff() > 0, "preconditioner",
          "a number <= 0 on the diagonal", "positive numbers");
  if (h0_.diagonal.size() > 0)
    require_size("preconditioner", h0_.diagonal.size(), run_.trial().size());
}

template <Real T, class Model>
void QuasiNewton<T, Model>::apply_inverse(ConstVectorRefOf<T> v,
                                          Eigen::Ref<VectorOf<T>> out) const {
  model_.template apply<T>(v, run_.unit(), out);
}

template <Real T, class Model>
void QuasiNewton<T, Model>::tell(double f, ConstVectorRefOf<T> g) {
  Base::expect(Need::value, "tell");
  const bool finite = run_.record(f, g);
  if (run_.done()) return;
  bool moved = !run_.started();
  if (moved) {
    run_.advance(f, g);
    if constexpr (requires { model_.begin(1.0); }) model_.begin(run_.unit());
  } else {
    search_.tell(run_.set(), run_.current(), run_.unit(), run_.trial(), finite, f, g);
    moved = search_.verdict() != Verdict::searching;
    if (search_.verdict() == Verdict::accepted)
      accept(f, g);
    else if (finite)
      run_.reject(f, g);
    if (search_.verdict() == Verdict::failed) recover();
  }
  if (moved)
    proceed();
  else
    set_trial();
  run_.check_limits();
}

template <Real T, class Model>
void QuasiNewton<T, Model>::resume(const Limits& limits) {
  if (!run_.resume(limits)) return;
  settled_ = doubted_ = {};
  need_ = Need::value;
  proceed();
  run_.check_limits();
}

template <Real T, class Model>
void QuasiNewton<T, Model>::refine(ConstVectorRefOf<T> g, double blur) {
  run_.refine(g, blur);
  settled_ = doubted_ = {};
  need_ = Need::value;
  proceed();
  run_.check_limits();
}

template <Real T, class Model>
void QuasiNewton<T, Model>::renew(Variables variables, double curvature) {
  Base::expect(Need::value, "renew");
  require(curvature > 0 && std::isfinite(curvature), "curvature", std::to_string(curvature),
          "a finite number > 0");
  run_.renew_variables(std::move(variables));
  doubted_ = {};
  goes_by_size_ = false;
  cleared_at_ = std::numeric_limits<double>::quiet_NaN();
  least_promise_ = idle_f_ = idle_norm_ = std::numeric_limits<double>::infinity();
  active_at_ = run_.evaluations();
  descend_steepest(norm(run_.current().g) / curvature);
}

template <Real T, class Model>
void QuasiNewton<T, Model>::tell_product(ConstVectorRef product) {
  Base::expect(Need::preconditioner, "tell_product");
  require_size("product", product.size(), operand_.size());
  need_ = Need::value;
  operand_ = product;
  finish_direction();
}

template <Real T, class Model>
bool QuasiNewton<T, Model>::valid() const {
  const Index n = run_.trial().size();
  return Base::valid_base(Need::preconditioner) && model_.valid(n) && search_.valid(n) &&
         is_size_or_empty(h0_.diagonal, n) &&
         (search_.direction().size() == n || !Base::is_under_way()) &&
         (need_ == Need::value ||
          (h0_.is_operator && operand_.size() == n && down_.size() <= model_.count())) &&
         is_count(skipped_) && is_count(skipped_in_a_row_) && is_count(falls_on_) &&
         is_count(active_at_);
}

template <Real T, class Model>
void QuasiNewton<T, Model>::proceed() {
  run_.check_convergence();
  // A start whose scores vanish: the first step, without a model, would follow rounding.
  if (Stop known = run_.settled_by_score(); run_.iterations() == 0 && is_success(known.status)) {
    known.at_start = true;
    run_.end(known);
  }
  if (!run_.done()) choose_direction();
}

template <Real T, class Model>
void QuasiNewton<T, Model>::accept(double f, ConstVectorRefOf<T> g) {
  push(run_.trial(), g);
  // Steps that neither f nor its gradient shows are no progress.
  const double before = idle_f_;
  const Index now = run_.evaluations();
  const double floor = std::max(rounding_error<T>(f), run_.told().told_rounding);
  if (f < idle_f_ - floor || run_.told().size <= 0.5 * idle_norm_) {
    active_at_ = now;
    idle_f_ = f;
    idle_norm_ = run_.told().size;
  }
  run_.advance(f, g, model_.step_norm(), !search_.left_domain());
  if (now - active_at_ >= most_idle) end_at_rounding(std::abs(before - f));
  falls_on_ = 0;
  least_promise_ = std::numeric_limits<double>::infinity();
}

template <Real T, class Model>
void QuasiNewton<T, Model>::push(const VectorOf<T>& x, ConstVectorRefOf<T> g) {
  const Point<T>& at = run_.current();
  if (model_.template push<T>(at.x, x, at.g, g, run_.unit())) {
    skipped_in_a_row_ = 0;
  } else {
    ++skipped_;
    if (++skipped_in_a_row_ >= most_skips) model_.clear();
  }
}

// The search found no Wolfe point. First the best decrease it met; else the end, where the model
// had promised next to nothing; else steepest descent without the model, which may be wrong; else
// the end, where the whole step promised no more than rounding, or because f and g disagree.
template <Real T, class Model>
void QuasiNewton<T, Model>::recover() {
  if (run_.end_if_blurred()) return;
  const Point<T>& best = run_.best();
  const double fall = run_.current().f - best.f, floor = run_.rounding();
  if (fall > floor) {
    if (search_.falls_on() && !search_.left_domain() && ++falls_on_ == 2)
      run_.end(Status::unbounded, search_.slope() / run_.unit(), search_.step());
    push(best.x, best.g);
    return run_.advance_to_best(model_.step_norm());
  }
  if (settled_.status != Status::running && !is_answered()) return;  // to be doubted
  if (settled_.status != Status::running) return run_.end(settled_);
  if (is_answered()) return run_.end(doubted_);
  if (search_.left_domain() && best.f < -largest)
    return run_.end(Status::unbounded, search_.slope() / run_.unit(), search_.step());
  if (model_.count() > 0) {
    // Cleared once before, the run has gained nothing without it.
    if (cleared_at_ - run_.current().f <= floor) return end_at_rounding(promised_);
    cleared_at_ = run_.current().f;
    least_promise_ = promised_;
    return model_.clear();
  }
  if (std::min(promised_, least_promise_) <= 100 * floor && !search_.left_domain())
    end_at_rounding(promised_);
  else
    run_.end(search_.left_domain() ? Status::non_finite : Status::line_search,
             search_.slope() / run_.unit(), search_.step());
}

// But for a gradient that is to be followed by the sizes of the variables first.
template <Real T, class Model>
void QuasiNewton<T, Model>::end_at_rounding(double change) {
  if (is_answered() || !is_large_by_size()) return run_.end_at_rounding(change, run_.rounding());
  doubted_ = {Status::rounding_floor, change, run_.rounding()};
  doubted_at_ = run_.current().f;
  goes_by_size_ = true;
}

template class QuasiNewton<float, LbfgsHistory<float>>;
template class QuasiNewton<double, LbfgsHistory<double>>;
template class QuasiNewton<double, LbfgsHistory<float>>;
template class QuasiNewton<float, BfgsMatrix>;
template class QuasiNewton<double, BfgsMatrix>;

}  // namespace hessopt
