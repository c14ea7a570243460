#include "hessopt/dropout/many_masks.hpp"
#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/dropout/masked_product.hpp"

namespace hessopt::bindings {
namespace {

// x and each out[k]: C-contiguous, of one shape and dtype.
void dropout_samples_into(const py::array& x, py::array& out, double rate, std::uint64_t seed,
                          std::uint32_t stream) {
  dispatch(x, [&]<class T>() {
    const T* from = Elements<const T>(x).in_c_order();
    T* to = Elements<T>(out).in_c_order();
    const Index size = x.size(), samples = out.shape(0);
    const LongCall call;
    dropout_samples(Dropout{rate, seed}, stream, samples, size, from, to);
  });
}

py::tuple dropout_moments_of(const py::array& x, double rate, std::uint64_t seed, Index samples,
                             std::uint32_t stream) {
  return dispatch(x, [&]<class T>() -> py::tuple {
    const std::vector<Index> shape(x.shape(), x.shape() + x.ndim());
    NewArray<T> mean(shape), variance(shape);
    const T* from = Elements<const T>(x).in_c_order();
    T *to_mean = mean.data(), *to_variance = variance.data();
    const Index size = x.size();
    {
      const LongCall call;
      dropout_moments(Dropout{rate, seed}, stream, samples, size, from, to_mean, to_variance);
    }
    return py::make_tuple(py::array_t<T>(mean), py::array_t<T>(variance));
  });
}

// All of one dtype; bias: in C order, or empty for none.
py::array dropout_linear(const py::array& h, const py::array& w, const py::array& bias, double rate,
                         std::uint64_t seed, Index samples, std::uint32_t stream, bool shared) {
  return dispatch(h, [&]<class T>() -> py::array {
    const MatrixView<T> rows = matrix_view<T>(h), weights = matrix_view<T>(w);
    NewArray<T> result({samples, rows.rows, weights.rows});
    const T* b = bias.size() > 0 ? Elements<const T>(bias).in_c_order() : nullptr;
    T* to = result.data();
    {
      const LongCall call;
      masked_product(Dropout{rate, seed}, stream, shared, rows, weights, b, samples, to);
    }
    return py::array_t<T>(result);
  });
}

}  // namespace

void bind_many_masks(py::module_& m) {
  using namespace py::literals;
  m.def("dropout_samples_into", &dropout_samples_into, "x"_a, "out"_a, "rate"_a, "seed"_a,
        "stream"_a);
  m.def("dropout_moments", &dropout_moments_of, "x"_a, "rate"_a, "seed"_a, "n_samples"_a,
        "stream"_a);
  m.def("dropout_linear", &dropout_linear, "h"_a, "W"_a, "bias"_a, "rate"_a, "seed"_a,
        "n_samples"_a, "stream"_a, "shared"_a);
}

}  // namespace hessopt::bindings
