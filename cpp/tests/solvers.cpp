#include "hessopt/minimize.hpp"
#include "hessopt/solvers/adam.hpp"
#include "hessopt/solvers/gradient_descent.hpp"
#include "hessopt/solvers/lbfgs.hpp"
#include "hessopt/solvers/newton.hpp"
#include "problems.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

static_assert(Solver<Lbfgs> && Solver<GradientDescent> && Solver<Adam>);
static_assert(SecondOrderSolver<Newton> && !SecondOrderSolver<Lbfgs>);

namespace {

Limits to_gradient(double gtol) {
  Limits limits;
  limits.gtol = gtol;
  limits.gtol_rel = 0;
  return limits;
}

template <class S, class F>
void check_minimum(S solver, const F& problem, double tolerance) {
  const Run& run = minimize(solver, problem);
  INFO(run.stop().message());
  CHECK(run.stop().status == Status::gradient);
  CHECK(run.best().f <= 1e-8);
  CHECK((run.best().x - problem.minimum()).cwiseAbs().maxCoeff() <= tolerance);
  Vector g(run.best().x.size());
  CHECK(problem.value_and_gradient(run.best().x, g) == run.best().f);
  CHECK(g == run.best().g);
}

template <class F>
void check_both(const F& problem, double tolerance) {
  check_minimum(Newton(problem.start(), to_gradient(1e-10)), problem, tolerance);
  check_minimum(Lbfgs(problem.start(), 10, to_gradient(1e-10)), problem, tolerance);
}

// One exchange with a solver.
template <class S, class F>
void step(S& solver, const F& problem) {
  Vector g(solver.ask().size());
  solver.tell(problem.value_and_gradient(solver.ask(), g), g);
  if constexpr (SecondOrderSolver<S>) {
    if (!solver.needs_hessian()) return;
    Matrix h(g.size(), g.size());
    problem.hessian(solver.run().current().x, h);
    solver.tell_hessian(h);
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

TEST_CASE("Newton and L-BFGS find known minima") {
  check_both(Rosenbrock(2), 1e-8);
  check_both(Rosenbrock(100), 1e-8);
  check_both(Beale(), 1e-8);
  check_both(PowellSingular(), 1e-2);  // f grows as x^4 around it
}

TEST_CASE("a saved state goes on bit for bit; a damaged one is refused") {
  const Vector x0 = Rosenbrock(6).start();
  const Limits limits = to_gradient(0);
  check_archive(Newton(x0, limits));
  check_archive(Lbfgs(x0, 3, limits));
  check_archive(GradientDescent(x0, 1e-3, limits));
  check_archive(Adam(x0, 1e-2, 0.9, 0.999, 1e-8, limits));
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
  Newton newton(x0, to_gradient(1e-10));
  Lbfgs lbfgs(x0, 5, to_gradient(1e-10));
  for (const Run* run : {&minimize(newton, edge), &minimize(lbfgs, edge)}) {
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
  Newton newton(Vector::Ones(3), Limits{});
  Lbfgs lbfgs(Vector::Ones(3), 5, Limits{});
  CHECK(minimize(newton, uphill).stop().status == Status::line_search);
  CHECK(minimize(lbfgs, uphill).stop().status == Status::line_search);
}

TEST_CASE("limits are kept") {
  Limits limits = to_gradient(0);
  limits.maxiter = 4;
  Lbfgs few(Rosenbrock(10).start(), 5, limits);
  CHECK(minimize(few, Rosenbrock(10)).stop().status == Status::max_iterations);
  CHECK(few.run().iterations() == 4);
  limits.maxfun = 3;
  Adam fewer(Rosenbrock(10).start(), 1e-3, 0.9, 0.999, 1e-8, limits);
  CHECK(minimize(fewer, Rosenbrock(10)).stop().status == Status::max_evaluations);
  CHECK(fewer.run().evaluations() == 3);
  CHECK_THROWS_AS(fewer.tell(0.0, Vector::Zero(10)), ArgumentError);
}

TEST_CASE("Adam is its recurrence") {
  const Rosenbrock problem(2);
  Adam solver(problem.start(), 0.01, 0.9, 0.999, 1e-8, to_gradient(0));
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
    line.start(value, slope, step);
    Index trials = 0;
    while (line.verdict() == MoreThuente::Verdict::searching && trials++ < 100) {
      const auto [f, g] = phi(line.step());
      line.tell(std::isfinite(f) && std::isfinite(g), f, g);
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
