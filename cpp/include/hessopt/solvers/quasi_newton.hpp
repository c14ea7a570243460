// Quasi-Newton methods: x+ = x - t H g, H from the steps taken so far, t from a strong-Wolfe line
// search. Lbfgs keeps the last m steps, Bfgs the whole matrix.
//
// D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", Math.
// Programming 45 (1989); J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapter 6.
#pragma once

#include "hessopt/linalg/bfgs_matrix.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/solvers/more_thuente.hpp"
#include "hessopt/solvers/solver.hpp"

namespace hessopt {

// H0: gamma I unless a positive diagonal is given, or the caller applies an operator of their own.
struct InitialHessian {
  Vector diagonal;
  bool is_operator = false;

  template <class A>
  void fields(A& archive) {
    archive(diagonal, is_operator);
  }
};

// Model: push, direction, apply, count, clear, step_norm as in LbfgsHistory.
template <Real T, class Model>
class QuasiNewton : public SolverState<T> {
  using Base = SolverState<T>;
  using Base::need_;
  using Base::run_;

 public:
  static std::string kind() { return Model::kind() + " " + precision<T>(); }
  static constexpr std::uint32_t version = 3;

  QuasiNewton() = default;
  explicit QuasiNewton(Run<T> run, Model model, double initial_step = 0, InitialHessian h0 = {},
                       const Wolfe& wolfe = {})
      : Base(std::move(run)),
        model_(std::move(model)),
        h0_(std::move(h0)),
        initial_step_(initial_step),
        search_(wolfe) {
    require(0 < wolfe.c1 && wolfe.c1 < wolfe.c2 && wolfe.c2 < 1, "c1, c2",
            std::to_string(wolfe.c1) + ", " + std::to_string(wolfe.c2), "0 < c1 < c2 < 1");
    require(wolfe.most_trials > 0, "maxls", std::to_string(wolfe.most_trials), "a number > 0");
    require(initial_step >= 0 && std::isfinite(initial_step), "initial_step",
            std::to_string(initial_step), "a finite number > 0");
    require(h0_.diagonal.size() == 0 || h0_.diagonal.minCoeff() > 0, "preconditioner",
            "a number <= 0 on the diagonal", "positive numbers");
    if (h0_.diagonal.size() > 0)
      require_size("preconditioner", h0_.diagonal.size(), run_.trial().size());
  }

  // Pairs without measurable curvature, which were left out of the model.
  Index skipped() const { return skipped_; }
  const Vector& operand() const { return operand_; }
  // out = the approximate inverse Hessian times v.
  void apply_inverse(ConstVectorRefOf<T> v, Eigen::Ref<VectorOf<T>> out) const {
    model_.template apply<T>(v, run_.unit(), out);
  }

  // The same as a matrix, of the model that is one.
  Matrix inverse() const
    requires requires(const Model& m) { m.matrix(Index{}, 1.0); }
  {
    return model_.matrix(run_.trial().size(), run_.unit());
  }

  void tell(double f, ConstVectorRefOf<T> g) {
    Base::expect(Need::value, "tell");
    const bool finite = run_.record(f, g);
    if (run_.done()) return;
    bool moved = !run_.started();
    if (moved) {
      run_.advance(f, g);
      if constexpr (requires { model_.begin(1.0); }) model_.begin(run_.unit());
    } else {
      const double unit = run_.unit();
      search_.tell(finite, unit * (f - run_.current().f), finite ? unit * dot(g, direction_) : 0.0);
      moved = search_.verdict() != MoreThuente::Verdict::searching;
      if (search_.verdict() == MoreThuente::Verdict::accepted)
        accept(f, g);
      else if (finite)
        run_.reject(f, g);
      if (search_.verdict() == MoreThuente::Verdict::failed) recover();
    }
    if (moved)
      proceed();
    else
      set_trial();
    run_.check_limits();
  }

  // As Run::resume.
  void resume(const Limits& limits) {
    if (!run_.resume(limits)) return;
    settled_ = doubted_ = {};
    need_ = Need::value;
    proceed();
    run_.check_limits();
  }
  // As Run::refine.
  void refine(ConstVectorRefOf<T> g, double blur) {
    run_.refine(g, blur);
    settled_ = doubted_ = {};
    need_ = Need::value;
    proceed();
    run_.check_limits();
  }

  // The preconditioner times operand().
  void tell_product(ConstVectorRef product) {
    Base::expect(Need::preconditioner, "tell_product");
    require_size("product", product.size(), operand_.size());
    need_ = Need::value;
    operand_ = product;
    finish_direction();
  }

  template <class A>
  void fields(A& archive) {
    Base::base_fields(archive);
    archive(model_, h0_, initial_step_, search_, direction_, operand_, down_, promised_, skipped_,
            skipped_in_a_row_, falls_on_, settled_, doubted_, doubted_at_, least_promise_,
            cleared_at_, goes_by_size_, idle_f_, idle_norm_, active_at_);
  }
  bool valid() const {
    const Index n = run_.trial().size();
    return Base::valid_base(Need::preconditioner) && model_.valid(n) && search_.valid() &&
           is_size_or_empty(h0_.diagonal, n) && is_size_or_empty(direction_, n) &&
           (direction_.size() == n || !Base::is_under_way()) &&
           (need_ == Need::value ||
            (h0_.is_operator && operand_.size() == n && down_.size() == model_.count())) &&
           is_count(skipped_) && is_count(skipped_in_a_row_) && is_count(falls_on_) &&
           is_count(active_at_);
  }

 private:
  // Of f, relatively: below it the line search looks at slopes alone.
  static constexpr double hidden = sizeof(T) == 4 ? 1e-5 : 1e-10;
  static constexpr Index most_skips = 3;
  static constexpr Index most_idle = 20;    // evaluations
  static constexpr double largest = 1e290;  // of |f|, next to overflow

  void proceed() {
    run_.check_convergence();
    if (!run_.done()) choose_direction();
  }
  void accept(double f, ConstVectorRefOf<T> g) {
    push(run_.trial(), g);
    // Steps that neither f nor its gradient shows are no progress.
    const double before = idle_f_;
    const Index now = run_.evaluations();
    if (f < idle_f_ - rounding_error<T>(f) || run_.told_norm() <= 0.5 * idle_norm_) {
      active_at_ = now;
      idle_f_ = f;
      idle_norm_ = run_.told_norm();
    }
    run_.advance(f, g, model_.step_norm(), !search_.left_domain());
    if (now - active_at_ >= most_idle) run_.end_at_rounding(std::abs(before - f), run_.rounding());
    falls_on_ = 0;
    least_promise_ = std::numeric_limits<double>::infinity();
  }
  void push(const VectorOf<T>& x, ConstVectorRefOf<T> g) {
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
  void recover() {
    if (run_.is_blurred()) return run_.end_blurred();
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
    if (doubted_.status != Status::running) return run_.end(doubted_);
    if (search_.left_domain() && best.f < -largest)
      return run_.end(Status::unbounded, search_.slope() / run_.unit(), search_.step());
    if (model_.count() > 0) {
      // Cleared once before, the run has gained nothing without it.
      if (cleared_at_ - run_.current().f <= floor) return end_at_rounding();
      cleared_at_ = run_.current().f;
      least_promise_ = promised_;
      return model_.clear();
    }
    if (std::min(promised_, least_promise_) <= 100 * floor && !search_.left_domain())
      end_at_rounding();
    else
      run_.end(search_.left_domain() ? Status::non_finite : Status::line_search,
               search_.slope() / run_.unit(), search_.step());
  }

  // But for a gradient that is to be followed by the sizes of the variables first.
  void end_at_rounding() {
    if (is_answered() || !is_large_by_size())
      return run_.end_at_rounding(promised_, run_.rounding());
    doubted_ = {Status::rounding_floor, promised_, run_.rounding()};
    doubted_at_ = run_.current().f;
    goes_by_size_ = true;
  }

  void choose_direction() {
    const Point<T>& at = run_.current();
    if (std::exchange(goes_by_size_, false)) return descend_by_size();
    if constexpr (requires(Vector& q) { model_.down(q); }) {
      if (h0_.is_operator || h0_.diagonal.size() > 0) {
        operand_ = run_.unit() * at.g.template cast<double>();
        down_ = model_.down(operand_);
        if (h0_.is_operator) {
          need_ = Need::preconditioner;
          return;
        }
        operand_.array() *= h0_.diagonal.array();
        return finish_direction();
      }
    }
    if (model_.count() == 0) return descend_steepest();
    aim(model_.template direction<T>(at.g, run_.unit(), direction_));
  }
  void finish_direction() {
    if constexpr (requires(Vector& q) { model_.down(q); }) {
      model_.up(down_, operand_);
      direction_ = -operand_.template cast<T>();
      aim(run_.unit() * dot(direction_, run_.current().g));
    }
  }
  // Without curvature nothing is known but a length: the one given, that of the last step, or a
  // guess.
  void descend_steepest(double most_length = 0) {
    const Point<T>& at = run_.current();
    model_.clear();
    settled_ = {};
    direction_ = (-run_.unit() * at.g.template cast<double>()).template cast<T>();
    const double slope = norm(direction_);
    const double length = initial_step_ > 0 ? initial_step_
                          : most_length > 0 ? std::min(most_length, Base::first_length(slope))
                          : run_.step() > 0 ? run_.step()
                                            : Base::first_length(slope);
    direction_ *= static_cast<T>(length / slope);
    search(-slope * length);
  }
  // The model may know too little of the curvature. Where it promises nothing more, the run ends
  // only if the step to here was what the model had said, and that from a point like this; or if
  // there was no step.
  void aim(double slope) {
    if (!(slope < 0) || !std::isfinite(slope)) return descend_steepest();
    const Stop before = std::exchange(settled_, run_.settled(-0.5 * slope));
    if (settled_.status == Status::running) return search(slope);
    const bool was_right = search_.step() >= 0.25 && search_.step() <= 4;
    const bool failed = search_.verdict() == MoreThuente::Verdict::failed;
    if (!failed && (before.status == Status::running || !was_right)) return search(slope);
    doubt();
  }
  // Along directions that no step has taken the model is a guess. A gradient that is not small
  // where each variable is measured by its own size, or where f is curved as along the newest step,
  // is followed before the run ends; again only if f fell by it.
  void doubt() {
    const Point<T>& at = run_.current();
    // Scores have looked along all directions.
    if (is_answered() || !std::isnan(at.gauge.score)) return run_.end(settled_);
    doubted_ = settled_;
    doubted_at_ = at.f;
    const double size = run_.unit() * norm(at.g), gamma = model_.gamma();
    if (is_large_by_size())
      descend_by_size();
    else if (run_.settled(0.005 * gamma * size * size).status == Status::running)
      descend_steepest(gamma * size);
    else
      run_.end(settled_);
  }
  bool is_large_by_size() const {
    return std::isnan(run_.current().gauge.score) && run_.relative_gradient() > 1e-3;
  }
  bool is_answered() const {
    return doubted_.status != Status::running &&
           !(doubted_at_ - run_.current().f > run_.rounding());
  }
  // Steepest descent in the variables x_i / |x_i|. The model stays, and learns from the step.
  void descend_by_size() {
    const Point<T>& at = run_.current();
    const Array x = at.x.template cast<double>().array();
    const Array slopes = run_.unit() * at.g.template cast<double>().array() * x;
    const double slope = slopes.square().sum(), f = std::abs(at.f) * run_.unit();
    const double t = std::min(f / slope, 0.5 / slopes.abs().maxCoeff());
    direction_ = (-t * x * slopes).template cast<T>();
    settled_ = {};
    search(-t * slope);
  }
  void search(double slope) {
    promised_ = -slope / run_.unit();
    search_.start(slope, 1.0, hidden * std::abs(run_.current().f) * run_.unit());
    set_trial();
  }
  void set_trial() {
    const T t = static_cast<T>(search_.step());
    const VectorOf<T>& x = run_.current().x;
    VectorOf<T>& trial = run_.trial();
    for_blocks(x.size(), [&](Index begin, Index size) {
      trial.segment(begin, size) = x.segment(begin, size) + t * direction_.segment(begin, size);
    });
  }

  Model model_;
  InitialHessian h0_;
  double initial_step_ = 0;
  MoreThuente search_;
  VectorOf<T> direction_;
  Vector operand_;
  Array down_;
  double promised_ = 0;  // by the full step, to first order
  double least_promise_ = std::numeric_limits<double>::infinity();  // of the model cleared last
  Stop settled_;  // as the automatic tests have it of the current point
  Stop doubted_;  // as they had it where the model was last cleared in doubt
  double cleared_at_ = std::numeric_limits<double>::quiet_NaN();  // f where that was
  bool goes_by_size_ = false;                                     // the next direction
  double doubted_at_ = 0;                                         // f there
  double idle_f_ = std::numeric_limits<double>::infinity();       // f and
  double idle_norm_ = std::numeric_limits<double>::infinity();  // max |g_i| where idle steps began
  Index skipped_ = 0, skipped_in_a_row_ = 0, falls_on_ = 0;
  Index active_at_ = 0;  // the number of evaluations when there was progress
};

// T: of the parameters; H: of the stored pairs.
template <Real T, Real H = T>
using Lbfgs = QuasiNewton<T, LbfgsHistory<H>>;
template <Real T>
using Bfgs = QuasiNewton<T, BfgsMatrix>;

}  // namespace hessopt
