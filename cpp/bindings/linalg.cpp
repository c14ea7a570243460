#include <optional>

#include "arguments.hpp"
#include "floors.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/linalg/equalities.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"

namespace hessopt::bindings {
namespace {

// X'WX or X'WZ into `out`, which is in C order and full of zeros.
void weighted_gram_numpy(py::array& out, const py::array& x, const py::array& w,
                         const std::optional<py::array>& z) {
  dispatch(x, [&]<class T>() {
    const Elements<T> elements(out, 2);
    T* const to = elements.in_c_order();
    const Index rows = elements.size(0), cols = elements.size(1);
    const auto view = matrix_view<T>(x);
    const auto weights = vector_view<T>(w);
    const auto second = z ? matrix_view<T>(*z) : view;
    const bool symmetric = !z;
    const LongCall call;
    naming_memory("X'WX", rows, cols, sizeof(double), [&] {
      if constexpr (std::same_as<T, double>)
        if (symmetric) {
          Eigen::Map<Matrix> h(to, rows, cols);
          add_weighted_gram(view, weights, h);
          return mirror_lower(h);
        }
      Eigen::Map<RowMatrixOf<T>>(to, rows, cols) =
          (symmetric ? weighted_gram(view, weights) : weighted_gram(view, weights, second))
              .template cast<T>();
    });
  });
}

py::array two_loop_numpy(const py::array& g, const py::array& s, const py::array& y) {
  return dispatch(g, [&]<class T>() -> py::array {
    NewArray<T> out({g.shape(0)});
    auto to = out.vector();
    const auto gv = vector_view<T>(g);
    const auto sv = matrix_view<T>(s), yv = matrix_view<T>(y);
    {
      const LongCall call;
      to = two_loop(gv, sv, yv);
    }
    return py::array_t<T>(out);
  });
}

bool all_finite(const py::array& x) {
  return dispatch(x, [&]<class T>() {
    const auto view = matrix_view<T>(x);
    const LongCall call;
    const Cut blocks{view.rows, rows_per_block(view.cols)};
    std::atomic<bool> finite{true};
    parallel_for(blocks.count(), [&](Index b) {
      if (!finite.load(std::memory_order_relaxed)) return;
      const auto rows = view.middle_rows(blocks.begin(b), blocks.size(b));
      if (!kernels::rows<T>().all_finite(strided(rows))) finite = false;
    });
    return finite.load();
  });
}

Matrix plain_matrix(const py::array& any) {
  return matrix_copy(matrix_view<double>(in_c_order<double>(any)));
}

void bind_equalities(py::module_& m) {
  using namespace py::literals;
  using Map = Vector (Equalities::*)(const Vector&) const;
  const auto mapped = [](Map map) {
    return [map](const Equalities& e, const py::object& v, Index size) {
      const Vector from = VectorArgument("v", v, size).map();
      return to_numpy((e.*map)(from));
    };
  };
  py::class_<Equalities> c(m, "Equalities",
                           "The points x with A x = b, by coordinates z: x = Y w + Z z.");
  c.def(py::init([](const py::object& a, const py::object& b) {
          const Matrix rows = plain_matrix(real_array("A", a));
          return Equalities(rows, VectorArgument("b", b, rows.rows()).map());
        }),
        "A"_a, "b"_a);
  c.def_property_readonly("size", &Equalities::size, "Of x.");
  c.def_property_readonly("rank", &Equalities::rank, "Of A.");
  c.def(
      "to_x",
      [=](const Equalities& e, const py::object& z) {
        return mapped(&Equalities::to_x)(e, z, e.free());
      },
      "z"_a);
  c.def(
      "to_z",
      [=](const Equalities& e, const py::object& x) {
        return mapped(&Equalities::to_z)(e, x, e.size());
      },
      "x"_a, "Of the point nearest to x.");
  c.def(
      "direction",
      [=](const Equalities& e, const py::object& z) {
        return mapped(&Equalities::direction)(e, z, e.free());
      },
      "z"_a, "Z z.");
  c.def(
      "directions",
      [](const Equalities& e, const py::object& z) {
        const Matrix from = columns_argument("Z", z, e.free());
        Matrix out(e.size(), from.cols());
        for (Index j = 0; j < out.cols(); ++j) out.col(j) = e.direction(from.col(j));
        return to_numpy(out);
      },
      "z"_a, "Z z, of the columns of z.");
  c.def(
      "hessian_to_z",
      [](const Equalities& e, const py::object& h) {
        return to_numpy(e.hessian_to_z(SymmetricArgument("H", h, e.size()).map()));
      },
      "H"_a, "Z'H Z.");
  c.def(
      "multipliers",
      [=](const Equalities& e, const py::object& g) {
        return mapped(&Equalities::multipliers)(e, g, e.size());
      },
      "g"_a, "The least squares solution of A'y = g.");
  c.def(
      "violation",
      [](const Equalities& e, const py::object& x) {
        return e.violation(VectorArgument("x", x, e.size()).map());
      },
      "x"_a, "max |A x - b|.");
}

}  // namespace

void bind_linalg(py::module_& m) {
  using namespace py::literals;
  m.def("weighted_gram", &weighted_gram_numpy, "out"_a, "X"_a, "w"_a, "Z"_a);
  m.def("two_loop", &two_loop_numpy, "g"_a, "S"_a, "Y"_a);
  m.def("all_finite", &all_finite, "X"_a);
  bind_equalities(m);
}

}  // namespace hessopt::bindings
