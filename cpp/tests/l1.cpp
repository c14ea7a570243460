// The l1 term: the minimum of a quadratic beside it, and proximal Newton as a state.
#include "hessopt/core/error.hpp"
#include "hessopt/solvers/proximal_newton.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

// X'X / n of columns that go together, and X'y / n.
struct Quadratic {
  Quadratic(Index n, Index p) {
    Matrix x = random_matrix(n, p, 3);
    for (Index j = 1; j < p; ++j) x.col(j) += 0.8 * x.col(j - 1);
    const Vector y = x.col(0) - x.col(p / 2) + random_matrix(n, 1, 4).col(0);
    h = x.transpose() * x / static_cast<double>(n);
    g = -x.transpose() * y / static_cast<double>(n);
  }
  Matrix h;
  Vector g;
};

double left(const Quadratic& q, const Vector& z, double l1) {
  const Vector r = q.g + q.h * z;
  double most = 0;
  for (Index j = 0; j < z.size(); ++j)
    most = std::max(most, std::abs(pseudo_gradient(z[j], r[j], l1)));
  return most;
}

}  // namespace

TEST_CASE("a quadratic beside an l1 term has its minimum where nothing is left") {
  for (const Index p : {1, 7, 40, 90}) {
    const Quadratic q(60, p);
    const double most = q.g.cwiseAbs().maxCoeff();
    for (const double share : {1.0, 0.3, 0.01}) {
      const Vector x = Vector::Zero(p), l1 = Vector::Constant(p, share * most);
      const L1Minimum found = l1_minimum(q.h, q.g, x, l1, 1e-12 * most);
      CHECK(left(q, found.z, share * most) <= 1e-11 * most);
      CHECK((share < 1 || found.z.cwiseAbs().maxCoeff() == 0));
      const double value = q.g.dot(found.z) + 0.5 * found.z.dot(q.h * found.z) +
                           share * most * found.z.cwiseAbs().sum();
      CHECK(found.decrease == doctest::Approx(-value));
    }
  }
}

TEST_CASE("proximal Newton is told a Hessian of its working set alone") {
  const Index p = 40;
  const Quadratic q(60, p);
  const double l1 = 0.3 * q.g.cwiseAbs().maxCoeff();
  ProximalNewton<double> solver(Run<double>(Vector::Zero(p)), Vector::Constant(1, l1),
                                {.cost = 1, .convex = true});
  while (solver.needs() != Need::nothing) {
    const Vector x = solver.ask();
    if (solver.needs() == Need::value) {
      solver.tell(q.g.dot(x) + 0.5 * x.dot(q.h * x), q.g + q.h * x);
    } else {
      const auto& set = solver.working_set();
      CHECK(std::ssize(set) < p);
      solver.tell_hessian(q.h(set, set));
    }
  }
  CHECK(is_success(solver.run().stop().status));
  CHECK(left(q, solver.ask(), l1) <= 1e-10);
  const std::string bytes = save(solver);
  ProximalNewton<double> other;
  load(other, bytes);
  CHECK(save(other) == bytes);
}

TEST_CASE("a strength that is none is refused") {
  const Run<double> run(Vector::Zero(3));
  for (const double wrong :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(ProximalNewton<double>(run, Vector::Constant(1, wrong)), ArgumentError);
  CHECK_THROWS_AS(ProximalNewton<double>(run, Vector::Constant(2, 1.0)), ArgumentError);
}
