#include <Eigen/LU>
#include <limits>

#include "hessopt/solvers/path_search.hpp"
#include "hessopt/solvers/quasi_newton.hpp"
#include "problems.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

FeasibleSet<double> box(std::initializer_list<double> lower, std::initializer_list<double> upper) {
  const auto vector = [](auto list) {
    return Vector(Eigen::Map<const Vector>(list.begin(), static_cast<Index>(list.size())));
  };
  return {vector(lower), vector(upper)};
}

}  // namespace

TEST_CASE("a bound holds what lies on it where f falls beyond it") {
  const auto set = box({0, 0, 0, 1, -inf}, {2, 2, 2, 1, 3});
  const Vector x = Vector{{0, 0, 1, 1, 3}}, g = Vector{{1, -1, 1, -1, -1}};
  CHECK((set.free(x, g) == Eigen::Array<bool, 5, 1>(false, true, true, false, false)).all());
  CHECK(set.left(x, g) == Vector{{0, -1, 1, 0, 0}});
  CHECK(set.holds(0, 0, 1) == -1);
  CHECK(set.holds(3, 1, -1) == 1);
  CHECK(set.holds(4, 3, -1) == 1);
  Vector d = Vector{{-1, -1, -1, 0, 1}};
  CHECK(set.keep_inside(x, d));
  CHECK(d == Vector{{0, 0, -1, 0, 0}});
  Vector outside = Vector{{-1, 5, 1, 7, 3}};
  set.project(outside);
  CHECK(outside == Vector{{0, 2, 1, 1, 3}});
  CHECK(box({-inf, -inf}, {inf, inf}).is_whole());
  CHECK_THROWS_AS(box({1, 0}, {0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(box({inf}, {inf}), std::invalid_argument);
}

TEST_CASE("bounds that float32 does not have are rounded inwards") {
  const FeasibleSet<float> set(Vector{{0.1, -0.1, 0.1}}, Vector{{0.3, 0.7, 0.1}});
  for (Index j = 0; j < 2; ++j) {
    CHECK(static_cast<double>(set.lower()[j]) >= (j == 0 ? 0.1 : -0.1));
    CHECK(static_cast<double>(set.upper()[j]) <= (j == 0 ? 0.3 : 0.7));
  }
  CHECK(set.lower()[2] == set.upper()[2]);
}

TEST_CASE("a path bends where its coordinates meet their bounds, and is on them from there") {
  const auto set = box({-1, -inf, -5}, {1, 0.3, inf});
  const Vector x = Vector{{0, 0.1, 0}}, d = Vector{{-3, 0.7, 1}}, g = Vector{{1, -2, 0.5}};
  const ProjectedPath<double> path{set, x, d};
  const Kinks kinks = path.kinks();
  CHECK(kinks.first == doctest::Approx(0.2 / 0.7));
  CHECK(kinks.last == inf);
  Vector at(3);
  path.point(kinks.first, at);
  CHECK(at[1] == 0.3);
  path.point(0.5, at);
  CHECK(at == Vector{{-1, 0.3, 0.5}});
  const auto slopes = [&](double a) { return path.slopes(kinks, a, g); };
  CHECK(slopes(0.1).before == doctest::Approx(-3.9));
  CHECK(slopes(0.1).after == slopes(0.1).before);
  CHECK(slopes(kinks.first).before == doctest::Approx(-3.9));
  CHECK(slopes(kinks.first).after == doctest::Approx(-2.5));
  CHECK(slopes(1).after == doctest::Approx(0.5));
  const auto shut = box({-1, -1, -1}, {1, 1, 1});
  CHECK(ProjectedPath<double>{shut, x, d}.kinks().last == doctest::Approx(0.9 / 0.7));
}

TEST_CASE("a line search stops where the slope turns at a kink, and at the end of a path") {
  MoreThuente line;
  line.start(-1, 1, 0, 10);
  line.tell(true, -1, 5, -1, 1);  // falls up to here, and rises from here on
  CHECK(line.verdict() == MoreThuente::Verdict::accepted);
  line.start(-1, 20, 0, 3);
  CHECK(line.step() == 3);
  line.tell(true, -0.1, 0, -1, 0.3);
  CHECK(line.verdict() == MoreThuente::Verdict::accepted);
  line.start(-1, 1, 0, 3);
  line.tell(true, -1, -1, -1, 1);
  CHECK(line.step() <= 3);
}

TEST_CASE("directions on some coordinates are those of the pairs, or of the matrix, on these") {
  const Index n = 7;
  const Matrix A = Matrix::Random(n, n);
  const Matrix B = A * A.transpose() + Matrix::Identity(n, n);
  const Coordinates on{0, 2, 3, 6};
  LbfgsHistory<double> pairs(n, 4), of_part(4, 4);
  BfgsMatrix matrix(n);
  Vector x = Vector::Zero(n);
  for (int k = 0; k < 4; ++k) {
    const Vector next = x + Vector::Random(n), g0 = B * x, g1 = B * next;
    CHECK(pairs.push<double>(x, next, g0, g1, 1));
    CHECK(matrix.push<double>(x, next, g0, g1, 1));
    of_part.push<double>(gathered<double>(1, x, on), gathered<double>(1, next, on),
                         gathered<double>(1, g0, on), gathered<double>(1, g1, on), 1);
    x = next;
  }
  const Vector g = Vector::Random(n), part = gathered<double>(1, g, on);
  Vector d(n), expected(4);
  const double slope = pairs.direction_on<double>(on, g, 1, d);
  of_part.apply<double>(part, -1, expected);
  CHECK(relative_error(gathered<double>(1, d, on), expected) < 1e-12);
  CHECK(slope == doctest::Approx(d.dot(g)));
  CHECK(slope < 0);
  const Matrix inverse = matrix.matrix(n, 1).inverse();
  Matrix block(4, 4);
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 4; ++j)
      block(i, j) = inverse(on[static_cast<std::size_t>(i)], on[static_cast<std::size_t>(j)]);
  CHECK(matrix.direction_on<double>(on, g, 1, d) < 0);
  CHECK(relative_error(gathered<double>(1, d, on), Vector(-block.inverse() * part)) < 1e-10);
  CHECK(d[1] == 0);
  CHECK(d[4] == 0);
}

TEST_CASE("L-BFGS and BFGS end on the sides of a box, and go on from a saved state") {
  const Rosenbrock problem(10);
  const auto run = [&](auto solver) {
    Vector g(10);
    while (!solver.run().done()) {
      const Vector x = solver.ask();
      REQUIRE(x.maxCoeff() <= 0.8);
      const double f = problem.value_and_gradient(x, g);
      solver.tell(f, g);
      auto loaded = solver;
      load(loaded, save(solver));
      solver = loaded;
    }
    return solver.run();
  };
  Run<double> start(problem.start());
  start.confine({Vector::Constant(10, -inf), Vector::Constant(10, 0.8)});
  const Run<double> ends[] = {run(Lbfgs<double>(start, LbfgsHistory<double>(10, 5))),
                              run(Bfgs<double>(start, BfgsMatrix(10)))};
  for (const Run<double>& end : ends) {
    CHECK(is_success(end.stop().status));
    CHECK(end.message().starts_with("GRADIENT"));
    VectorOf<double> room;
    CHECK(end.left(room).cwiseAbs().maxCoeff() < 1e-6);
  }
  CHECK(relative_error(ends[0].best().x, ends[1].best().x) < 1e-7);
}
