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
  explicit QuasiNewton(Run<T> run, Model model, double initial_step = 0, InitialHessian h0 = {})
      : Base(std::move(run)),
        model_(std::move(model)),
        h0_(std::move(h0)),
        initial_step_(initial_step) {
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

  // As Run::refine.
  void refine(ConstVectorRefOf<T> g) {
    run_.refine(g);
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
            skipped_in_a_row_, falls_on_);
  }
  bool valid() const {
    const Index n = run_.trial().size();
    return Base::valid_base(Need::preconditioner) && model_.valid(n) && search_.valid() &&
           is_size_or_empty(h0_.diagonal, n) && is_size_or_empty(direction_, n) &&
           (direction_.size() == n || !Base::is_under_way()) &&
           (need_ == Need::value ||
            (h0_.is_operator && operand_.size() == n && down_.size() == model_.count())) &&
           is_count(skipped_) && is_count(skipped_in_a_row_) && is_count(falls_on_);
  }

 private:
  // Of f, relatively: below it the line search looks at slopes alone.
  static constexpr double hidden = sizeof(T) == 4 ? 1e-5 : 1e-10;
  static constexpr Index most_skips = 3;

  void proceed() {
    run_.check_convergence();
    if (!run_.done()) choose_direction();
  }
  void accept(double f, ConstVectorRefOf<T> g) {
    push(run_.trial(), g);
    run_.advance(f, g, model_.step_norm(), !search_.left_domain());
    falls_on_ = 0;
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

  // The search found no Wolfe point. First the best decrease it met; else the end, where the whole
  // step promised no more than rounding; else steepest descent without the model; else the end,
  // because f and g disagree.
  void recover() {
    const Point<T>& best = run_.best();
    const double fall = run_.current().f - best.f, floor = rounding_error<T>(run_.current().f);
    if (fall > floor) {
      if (search_.falls_on() && ++falls_on_ == 2)
        run_.end(Status::unbounded, search_.slope() / run_.unit(), search_.step());
      push(best.x, best.g);
      return run_.advance_to_best(model_.step_norm());
    }
    if (promised_ <= 100 * floor)
      run_.end(Status::rounding_floor, promised_, floor);
    else if (model_.count() > 0)
      model_.clear();
    else
      run_.end(search_.saw_finite() ? Status::line_search : Status::non_finite,
               search_.slope() / run_.unit(), search_.step());
  }

  void choose_direction() {
    const Point<T>& at = run_.current();
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
  void descend_steepest() {
    const Point<T>& at = run_.current();
    model_.clear();
    direction_ = (-run_.unit() * at.g.template cast<double>()).template cast<T>();
    const double slope = norm(direction_);
    const double length = initial_step_ > 0 ? initial_step_
                          : run_.step() > 0 ? run_.step()
                                            : Base::first_length(slope);
    direction_ *= static_cast<T>(length / slope);
    search(-slope * length);
  }
  void aim(double slope) {
    if (slope < 0 && std::isfinite(slope))
      search(slope);
    else
      descend_steepest();
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
  Index skipped_ = 0, skipped_in_a_row_ = 0, falls_on_ = 0;
};

// T: of the parameters; H: of the stored pairs.
template <Real T, Real H = T>
using Lbfgs = QuasiNewton<T, LbfgsHistory<H>>;
template <Real T>
using Bfgs = QuasiNewton<T, BfgsMatrix>;

}  // namespace hessopt
