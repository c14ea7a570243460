#include "hessopt/minimize.hpp"
#include "hessopt/solvers/adam.hpp"
#include "hessopt/solvers/gradient_descent.hpp"
#include "hessopt/solvers/newton.hpp"
#include "hessopt/solvers/newton_cg.hpp"
#include "hessopt/solvers/quasi_newton.hpp"
#include "hessopt/solvers/trust_region.hpp"
#include "problems.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

static_assert(Solver<Lbfgs<float>> && Solver<GradientDescent<double>> && Solver<Adam<float>>);
static_assert(HessianSolver<Newton<double>> && !HessianSolver<Bfgs<double>>);
static_assert(ProductSolver<NewtonCg<double>> && !ProductSolver<TrustRegion<double>>);

namespace {

Limits to_gradient(double gtol) {
  Limits limits;
  limits.gtol = gtol;
  limits.automatic = false;
  return limits;
}

Run<double> run_from(const Vector& x0, const Limits& limits = {}) {
  return Run<double>(x0, limits, true);
}
Lbfgs<double> lbfgs(const Vector& x0, Index memory, const Limits& limits = {}) {
  return Lbfgs<double>(run_from(x0, limits), LbfgsHistory<double>(x0.size(), memory), 0);
}
Bfgs<double> bfgs(const Vector& x0, const Limits& limits = {}) {
  return Bfgs<double>(run_from(x0, limits), BfgsMatrix(), 0);
}
Newton<double> newton(const Vector& x0, const Limits& limits = {}) {
  return Newton<double>(run_from(x0, limits));
}
TrustRegion<double> region(const Vector& x0, const Limits& limits = {}) {
  return TrustRegion<double>(run_from(x0, limits), 0);
}
NewtonCg<double> newton_cg(const Vector& x0, const Limits& limits = {}) {
  return NewtonCg<double>(run_from(x0, limits), 0, {});
}

template <class S, class F>
void check_minimum(S solver, const F& problem, double tolerance) {
  const Run<double>& run = minimize(solver, problem);
  INFO(S::kind(), ": ", run.message());
  CHECK(run.stop().status == Status::gradient);
  CHECK(run.best().f <= 1e-8);
  CHECK((run.best().x - problem.minimum()).cwiseAbs().maxCoeff() <= tolerance);
  Vector g(run.best().x.size());
  CHECK(problem.value_and_gradient(run.best().x, g) == run.best().f);
  CHECK(g == run.best().g);
  CHECK(run.history().size() == static_cast<std::size_t>(run.iterations() + 1));
}

template <class F>
void check_all(const F& problem, double tolerance) {
  const Limits limits = to_gradient(1e-10);
  check_minimum(newton(problem.start(), limits), problem, tolerance);
  check_minimum(region(problem.start(), limits), problem, tolerance);
  check_minimum(newton_cg(problem.start(), limits), problem, tolerance);
  check_minimum(lbfgs(problem.start(), 10, limits), problem, tolerance);
  check_minimum(bfgs(problem.start(), limits), problem, tolerance);
}

// All that a solver wants up to the next value.
template <class S, class F>
void step(S& solver, const F& problem) {
  if (solver.run().done()) return;
  Vector g(solver.ask().size());
  solver.tell(problem.value_and_gradient(solver.ask(), g), g);
  if constexpr (HessianSolver<S>) {
    if (solver.needs() != Need::hessian) return;
    Matrix h(g.size(), g.size());
    problem.hessian(solver.ask(), h);
    solver.tell_hessian(h);
  }
  if constexpr (ProductSolver<S>) {
    while (solver.needs() == Need::product) {
      problem.hessp(solver.ask(), solver.operand(), g);
      solver.tell_product(g);
    }
  }
}

template <class S>
void check_archive(S solver) {
  const Rosenbrock problem(6);
  for (int i = 0; i < 9; ++i) step(solver, problem);
  const std::string bytes = save(solver);
  S copy;
  load(copy, bytes);
  for (int i = 0; i < 12; ++i) {
    CHECK(copy.ask() == solver.ask());
    step(solver, problem);
    step(copy, problem);
  }
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 40)
    CHECK_THROWS_AS(load(copy, std::string_view(bytes).substr(0, size)), std::invalid_argument);
}

}  // namespace

TEST_CASE("known minima are found") {
  check_all(Rosenbrock(2), 1e-8);
  check_all(Rosenbrock(100), 1e-8);
  check_all(Beale(), 1e-8);
  check_all(PowellSingular(), 1e-2);  // f grows as x^4 around it
}

TEST_CASE("a saved state goes on bit for bit; a damaged one is refused") {
  const Vector x0 = Rosenbrock(6).start();
  const Limits limits = to_gradient(0);
  check_archive(newton(x0, limits));
  check_archive(region(x0, limits));
  check_archive(newton_cg(x0, limits));
  check_archive(lbfgs(x0, 3, limits));
  check_archive(bfgs(x0, limits));
  check_archive(GradientDescent<double>(run_from(x0, limits), 1e-3, 0.5));
  check_archive(Adam<double>(run_from(x0, limits), 1e-2, {}));
}

TEST_CASE("steps out of the domain are shortened") {
  struct {
    double value_and_gradient(ConstVectorRef x, VectorRef g) const {
      g = (1 - x.array().inverse()).matrix();
      return (x.array() - x.array().log()).sum();
    }
    void hessian(ConstVectorRef x, MatrixRef h) const {
      h = x.array().square().inverse().matrix().asDiagonal();
    }
  } const edge;
  const Vector x0 = Vector::Constant(3, 30.0);
  auto second = newton(x0, to_gradient(1e-10));
  auto first = lbfgs(x0, 5, to_gradient(1e-10));
  for (const auto* run : {&minimize(second, edge), &minimize(first, edge)}) {
    CHECK(run->stop().status == Status::gradient);
    CHECK((run->best().x.array() - 1).abs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("a gradient that belongs to another function is named") {
  struct {
    double value_and_gradient(ConstVectorRef x, VectorRef g) const {
      g = -2 * x;
      return x.squaredNorm();
    }
    void hessian(ConstVectorRef x, MatrixRef h) const {
      h = 2 * Matrix::Identity(x.size(), x.size());
    }
  } const uphill;
  auto second = newton(Vector::Ones(3));
  auto first = lbfgs(Vector::Ones(3), 5);
  CHECK(minimize(second, uphill).stop().status == Status::line_search);
  CHECK(minimize(first, uphill).stop().status == Status::line_search);
}

TEST_CASE("limits are kept") {
  Limits limits = to_gradient(0);
  limits.maxiter = 4;
  auto few = lbfgs(Rosenbrock(10).start(), 5, limits);
  CHECK(minimize(few, Rosenbrock(10)).stop().status == Status::max_iterations);
  CHECK(few.run().iterations() == 4);
  limits.maxfun = 3;
  Adam<double> fewer(run_from(Rosenbrock(10).start(), limits), 1e-3, {});
  CHECK(minimize(fewer, Rosenbrock(10)).stop().status == Status::max_evaluations);
  CHECK(fewer.run().evaluations() == 3);
  CHECK_THROWS_AS(fewer.tell(0.0, Vector::Zero(10)), ArgumentError);
}

TEST_CASE("a run that met a limit goes on as if it had not") {
  const Rosenbrock problem(10);
  Limits limits = to_gradient(0);
  limits.maxiter = 40;
  auto straight = lbfgs(problem.start(), 5, limits);
  minimize(straight, problem);
  limits.maxiter = 0;
  auto pieces = lbfgs(problem.start(), 5, limits);
  for (int k = 0; k < 4; ++k) {
    limits.maxiter += 10;
    pieces.resume(limits);
    CHECK(minimize(pieces, problem).stop().status == Status::max_iterations);
  }
  CHECK(pieces.run().best().x == straight.run().best().x);
  CHECK(pieces.ask() == straight.ask());
  pieces.edit().repeat(pieces.run().best().f + 1e-3);
  CHECK(pieces.run().stop().status == Status::not_repeatable);
  CHECK_THROWS_AS(pieces.resume(limits), ArgumentError);
}

TEST_CASE("a stationary start is looked at before it is called a minimum") {
  struct {
    double value_and_gradient(ConstVectorRef x, VectorRef g) const {
      g << 4 * std::pow(x[0], 3) - 4 * x[0], 2 * x[1];
      return std::pow(x[0], 4) - 2 * x[0] * x[0] + x[1] * x[1];
    }
    void hessian(ConstVectorRef x, MatrixRef h) const { h << 12 * x[0] * x[0] - 4, 0, 0, 2; }
    void hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const {
      out << (12 * x[0] * x[0] - 4) * v[0], 2 * v[1];
    }
  } const saddle;
  const auto check = [&](auto solver) {
    const Run<double>& run = minimize(solver, saddle);
    CHECK(run.stop().status == Status::gradient);
    CHECK(run.best().f == doctest::Approx(-1));
  };
  check(newton(Vector::Zero(2)));
  check(region(Vector::Zero(2)));
  check(newton_cg(Vector::Zero(2)));
}

TEST_CASE(
    "a run ends by what it is measured by: in a box, the gradient that its sides do not hold") {
  // Steepest descent from within x >= 0: no Run of its own.
  struct Descent : SolverState<double> {
    using SolverState::SolverState;
    void tell(double f, ConstVectorRef g) {
      if (!run_.record(f, g)) return;
      run_.advance(f, g);
      run_.check_convergence();
      run_.trial() = (run_.current().x - 0.1 * g).cwiseMax(0);
      run_.check_limits();
    }
  };
  const Optimality<double> held{[](ConstVectorRef x, ConstVectorRef g) -> Vector {
                                  return (g.array() > 0).select(g.cwiseMin(x), g);
                                },
                                "projected g_i"};
  // (x_0 + 2)^2 + (x_1 - 1)^2 + ..., lowest in the box at (0, 1, ...).
  const Vector centre = Eigen::Vector3d(-2, 1, 5);
  for (const bool in_box : {true, false}) {
    Run<double> run = run_from(Vector::Ones(3), to_gradient(1e-8));
    if (in_box) run.measure_by(held);
    Descent solver(run);
    while (!solver.run().done()) {
      const Vector g = 2 * (solver.ask() - centre);
      solver.tell((solver.ask() - centre).squaredNorm(), g);
    }
    const Run<double>& end = solver.run();
    CHECK((end.best().x - centre.cwiseMax(0)).cwiseAbs().maxCoeff() <= 1e-8);
    if (!in_box) {
      CHECK(end.stop().status == Status::max_iterations);
      continue;
    }
    CHECK(end.message().starts_with("GRADIENT: max |projected g_i| = "));
    CHECK(end.best().gauge.size == end.history().back().norm);
    CHECK(end.best().g[0] == 4);  // as it was told
    CHECK(end.relative_gradient() <= 1e-6);
  }
}

TEST_CASE("L-BFGS is measured by what its run is given, before and after it was saved") {
  const Rosenbrock problem(10);
  const Optimality<double> in_other_units{
      [](ConstVectorRef, ConstVectorRef g) -> Vector { return 1e6 * g; }, "1e6 g_i"};
  auto plain = lbfgs(problem.start(), 5, to_gradient(1e-2));
  auto measured = plain;
  measured.edit().measure_by(in_other_units);
  minimize(plain, problem);
  for (int i = 0; i < 9; ++i) step(measured, problem);
  Lbfgs<double> loaded;
  load(loaded, save(measured));
  loaded.edit().measure_by(in_other_units);
  for (auto* solver : {&measured, &loaded}) {
    const Run<double>& run = minimize(*solver, problem);
    const Point<double>& best = run.best();
    CHECK(run.message().starts_with("GRADIENT: max |1e6 g_i| = "));
    CHECK(best.gauge.norm == (1e6 * best.g).cwiseAbs().maxCoeff());
    CHECK(best.gauge.norm <= 1e-2);
    CHECK(run.evaluations() > plain.run().evaluations());
  }
  CHECK(loaded.run().best().x == measured.run().best().x);
  // What is not finite is not hidden by what is left of it.
  auto blind = lbfgs(Vector::Ones(2), 5);
  blind.edit().measure_by({[](ConstVectorRef x, ConstVectorRef) { return Vector(0 * x); }});
  blind.tell(1, Eigen::Vector2d(std::nan(""), 0));
  CHECK(blind.run().stop().status == Status::non_finite);
}

TEST_CASE("Adam is its recurrence") {
  const Rosenbrock problem(2);
  Adam<double> solver(run_from(problem.start(), to_gradient(0)), 0.01, {});
  Array x = problem.start().array(), m = 0 * x, v = 0 * x;
  for (int t = 1; t < 50; ++t) {
    CHECK(relative_error(solver.ask(), x.matrix()) < 1e-13);
    step(solver, problem);
    Vector g(2);
    problem.value_and_gradient(x.matrix(), g);
    m = 0.9 * m + 0.1 * g.array();
    v = 0.999 * v + 0.001 * g.array().square();
    x -= 0.01 * (m / (1 - std::pow(0.9, t))) / ((v / (1 - std::pow(0.999, t))).sqrt() + 1e-8);
  }
}

TEST_CASE("the line search ends at a strong Wolfe point of functions of all shapes") {
  const auto search = [](auto phi, double step) {
    MoreThuente line;
    const auto [value, slope] = phi(0.0);
    line.start(slope, step, 0.0);
    Index trials = 0;
    while (line.verdict() == MoreThuente::Verdict::searching && trials++ < 100) {
      const auto [f, g] = phi(line.step());
      line.tell(std::isfinite(f) && std::isfinite(g), f - value, g);
    }
    INFO(step);
    CHECK(line.verdict() == MoreThuente::Verdict::accepted);
    const auto [f, g] = phi(line.step());
    CHECK(f <= value + 1e-4 * line.step() * slope);
    CHECK(std::abs(g) <= 0.9 * std::abs(slope));
  };
  using Pair = std::pair<double, double>;
  for (const double step : {1e-3, 0.1, 1.0, 10.0, 1e3}) {
    // Functions 1, 2 and 3 of section 5 of the paper, with their minima near 1.4, 1.6 and 1.0.
    search([](double a) { return Pair{-a / (a * a + 2), (a * a - 2) / std::pow(a * a + 2, 2)}; },
           step);
    search(
        [](double a) {
          const double t = a + 0.004;
          return Pair{std::pow(t, 5) - 2 * std::pow(t, 4), 5 * std::pow(t, 4) - 8 * std::pow(t, 3)};
        },
        step);
    search([](double a) { return Pair{a - std::log(a + 0.5), 1 - 1 / (a + 0.5)}; }, step);
    // Not finite beyond 2.
    search([](double a) { return Pair{-a - 0.1 * std::log(2 - a), -1 + 0.1 / (2 - a)}; }, step);
  }
}
