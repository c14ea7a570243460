#include <optional>

#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/core/memory.hpp"
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

}  // namespace

void bind_linalg(py::module_& m) {
  using namespace py::literals;
  m.def("weighted_gram", &weighted_gram_numpy, "out"_a, "X"_a, "w"_a, "Z"_a);
  m.def("two_loop", &two_loop_numpy, "g"_a, "S"_a, "Y"_a);
  m.def("all_finite", &all_finite, "X"_a);
}

}  // namespace hessopt::bindings
