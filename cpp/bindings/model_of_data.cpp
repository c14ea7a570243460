#include "model_of_data.hpp"

#include <cmath>
#include <optional>

namespace hessopt::bindings {

Data data_from(const py::object& x, const py::array& y, const py::array& weight,
               const py::array& offset, const py::array& l2, bool fit_intercept) {
  return make_data(rows_from(x), vector_copy<double>(y),
                   {.sample_weight = vector_copy<double>(weight),
                    .offset = matrix_copy(matrix_view<double>(offset)),
                    .l2 = vector_copy<double>(l2),
                    .intercept = fit_intercept});
}

py::tuple value_gradient_and_residual(const ModelOfData& f, const py::object& x) {
  const VectorArgument at("x", x, f.n_parameters());
  std::optional<Evaluation> found;
  {
    const LongCall call;
    found = f.evaluate(at.map(), {.gradient = true, .residual = true});
  }
  return py::make_tuple(found->value, to_numpy(found->gradient), to_numpy(found->residual_roots()),
                        0.0, std::sqrt(found->value_error));
}

py::array hessian_about(const ModelOfData& f, const py::object& x, const py::object& origin,
                        bool rough) {
  const VectorArgument at("x", x, f.n_parameters());
  const VectorArgument about("origin", origin, f.data().rows.cols());
  return to_numpy(
      evaluate_with_hessian(f, at.map(), {.hessian = true, .rough = rough, .origin = about.map()})
          .hessian);
}

py::tuple evaluate_about(const ModelOfData& f, const py::object& x, const py::object& origin,
                         bool rough) {
  const VectorArgument at("x", x, f.n_parameters());
  const VectorArgument about("origin", origin, f.data().rows.cols());
  const Evaluation found = evaluate_with_hessian(
      f, at.map(), {.gradient = true, .hessian = true, .rough = rough, .origin = about.map()});
  return py::make_tuple(found.value, to_numpy(found.gradient), to_numpy(found.hessian));
}

py::tuple moments_of(const ModelOfData& f) {
  const ColumnMoments* moments;
  {
    const LongCall call;
    moments = &f.column_moments();
  }
  return py::make_tuple(to_numpy(moments->mean), to_numpy(moments->scale));
}

py::object products_of(const ModelOfData& f, const py::object& mean, const py::object& scale) {
  const Index p = f.data().rows.cols();
  const VectorArgument centre("mean", mean, p), unit("scale", scale, p);
  std::optional<Matrix> found;
  {
    const LongCall call;
    found = column_products(f.data(), centre.map(), unit.map());
  }
  return to_numpy(*found);
}

}  // namespace hessopt::bindings
