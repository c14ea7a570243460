#include <Eigen/LU>
#include <limits>
#include <string>
#include "hessopt/core/archive.hpp"
#include "hessopt/linalg/box_quadratic.hpp"
#include "hessopt/linalg/vector_ops.hpp"
#include "hessopt/solvers/face_search.hpp"

#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

struct Model {
  Matrix h;
  Vector g, low, high;
};

// Some sides are infinite, some variables fixed, and g presses some against a bound at once.
Model model_of(Index n, unsigned seed, double least) {
  const Matrix half = random_matrix(n, n, seed);
  const Vector sides = random_vector(2 * n, seed + 1).cwiseAbs();
  Model out{half.transpose() * half / n + least * Matrix::Identity(n, n),
            random_vector(n, seed + 2), -sides.head(n), sides.tail(n)};
  constexpr double inf = std::numeric_limits<double>::infinity();
  for (Index j = 0; j < n; ++j) {
    if (j % 5 == 0) out.low[j] = 0;
    if (j % 7 == 1) out.high[j] = inf;
    if (j % 11 == 2) out.low[j] = out.high[j] = 0;
  }
  return out;
}

Coordinates face_of(const Model& m) {
  Coordinates out;
  for (Index j = 0; j < m.g.size(); ++j)
    if (m.low[j] < m.high[j] && !(m.low[j] == 0 && m.g[j] > 0) && !(m.high[j] == 0 && m.g[j] < 0))
      out.push_back(j);
  return out;
}

// How far s is from the minimum of the model with B = h in its box.
double left(const Model& m, const Matrix& b, const Vector& s) {
  const Vector to = s - (m.g + b * s);
  return (s - to.cwiseMax(m.low).cwiseMin(m.high)).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("a quadratic is minimised in a box, exactly on its bounds") {
  for (const Index n : {1, 2, 9, 40, 120})
    for (const double least : {1e-6, 1.0})
      for (const double shift : {0.0, 0.3}) {
        const Model m = model_of(n, 7 * static_cast<unsigned>(n), least);
        ShiftedCholesky h;
        CHECK(h.set(m.h, 1));
        const BoxStep step = box_step(h, shift, m.g, m.low, m.high, face_of(m));
        CHECK(step.is_minimum);
        CHECK((step.s.array() >= m.low.array()).all());
        CHECK((step.s.array() <= m.high.array()).all());
        CHECK(left(m, m.h + shift * Matrix::Identity(n, n), step.s) <= 1e-9);
        CHECK(step.factorizations <= 30);
      }
}

TEST_CASE("where a later face is indefinite the model has fallen up to there") {
  // With x_0 held H is positive definite; as x_1 grows, x_0 is let go.
  Model m{Matrix(2, 2), Vector(2), Vector::Zero(2), Vector::Constant(2, 3.0)};
  m.h << -1, -2, -2, 1;
  m.g << 1, -1;
  ShiftedCholesky h;
  CHECK(h.set(m.h, 1));
  const BoxStep step = box_step(h, 0, m.g, m.low, m.high, {1});
  CHECK(step.s == Eigen::Vector2d(0, 1));
  CHECK(step.face == Coordinates{1});
  CHECK_FALSE(step.is_minimum);
}

TEST_CASE("a corner of a matrix is those rows and columns") {
  const Matrix half = random_matrix(6, 6, 3), full = half + half.transpose();
  const Coordinates rows = {1, 2, 5};
  ShiftedCholesky h;
  CHECK(h.set(full, 1));
  const ShiftedCholesky corner = h.corner(rows);
  const Vector v = random_vector(3, 4);
  CHECK((corner.multiply(v) - full(rows, rows) * v).norm() <= 1e-14);
  CHECK(gathered<double>(1, scattered(v, rows, 6), rows) == v);
}

TEST_CASE("a search from face to face lowers the model, and is saved") {
  const Index n = 60;
  const Model m = model_of(n, 5, 0.01);
  Vector free(n);
  free.setZero();
  for (const Index j : face_of(m)) free[j] = 1;
  FaceSearch box(m.low, m.high, m.g, free);
  CHECK(box.valid(n));
  for (int round = 0; round < 30; ++round) {
    // What conjugate gradients would find on the face.
    Coordinates face;
    const Vector slopes = box.slopes();
    for (Index j = 0; j < n; ++j)
      if (slopes[j] != 0) face.push_back(j);
    if (face.empty()) break;
    const Vector d = -Matrix(m.h(face, face)).inverse() * gathered<double>(1, slopes, face);
    const Vector s = box.base() + scattered(d, face, n);
    CHECK(box.is_inside(Vector::Zero(n)));
    const double before = box.model();
    box.set_out(s);
    while (!box.tell(m.h * box.change())) {
    }
    CHECK(box.model() < before);
    CHECK(box.model() ==
          doctest::Approx(m.g.dot(box.base()) + 0.5 * box.base().dot(m.h * box.base())));
    CHECK(box.is_inside(box.base()));
    if (left(m, m.h, box.base()) <= 1e-12) break;
  }
  CHECK(left(m, m.h, box.base()) <= 1e-10);
  Writer writer;
  box.fields(writer);
  const std::string bytes = writer.take();
  FaceSearch copy;
  Reader reader(bytes);
  copy.fields(reader);
  CHECK(reader.at_end());
  CHECK(copy.base() == box.base());
  CHECK(copy.faces() == box.faces());
}
