// NumPy arrays -> views, without a silent copy. Python has checked shapes and dtypes of data; what
// arrives at every step (x, v, f, g) is checked here, where that costs nothing.
#pragma once

#include <pybind11/eigen.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <string_view>

#include "hessopt/core/error.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/matrix_view.hpp"

namespace hessopt::bindings {

namespace py = pybind11;

// f.template operator()<float or double>() by the dtype of `a`.
template <class F>
auto dispatch(const py::array& a, F&& f) {
  if (a.dtype().is(py::dtype::of<float>())) return f.template operator()<float>();
  if (a.dtype().is(py::dtype::of<double>())) return f.template operator()<double>();
  throw py::type_error("array: got dtype " + std::string(py::str(a.dtype())) +
                       "; want float32 or float64");
}

template <Real T>
MatrixView<T> matrix_view(const py::array& a) {
  constexpr Index item = sizeof(T);
  return {static_cast<const T*>(a.data()), a.shape(0), a.shape(1), a.strides(0) / item,
          a.strides(1) / item};
}

template <Real T>
VectorView<T> vector_view(const py::array& a) {
  return {static_cast<const T*>(a.data()), a.shape(0), a.strides(0) / Index{sizeof(T)}};
}

inline std::string shape_text(const py::array& a) { return py::str(a.attr("shape")); }

// An argument of real numbers, of whatever type NumPy can read.
inline py::array real_array(const char* name, const py::object& value) {
  const py::array any = py::array::ensure(value);
  if (!any) throw py::error_already_set();
  if (std::string_view("fiub").find(any.dtype().kind()) == std::string_view::npos)
    throw py::type_error(std::string(name) + ": got dtype " + std::string(py::str(any.dtype())) +
                         "; want real numbers");
  return any;
}

// One real number, also as a NumPy scalar or an array of one element, as f(x) often comes.
inline double real_argument(const char* name, const py::object& value) {
  if (PyFloat_Check(value.ptr())) return PyFloat_AS_DOUBLE(value.ptr());
  const py::array any = real_array(name, value);
  if (any.size() != 1) throw ArgumentError(name, "shape " + shape_text(any), "one number");
  return any.attr("item")().cast<double>();
}

// The array itself where it is contiguous and of type T already, else a converted copy.
template <Real T>
py::array_t<T> contiguous(const py::array& any) {
  auto array = py::array_t<T, py::array::c_style | py::array::forcecast>::ensure(any);
  if (!array) throw py::error_already_set();
  return array;
}

// A vector of T, kept alive by this object.
template <Real T>
class VectorArgumentOf {
 public:
  VectorArgumentOf(const char* name, const py::object& value, Index size) {
    if (is_ready(value, size)) {
      array_ = py::reinterpret_borrow<py::array_t<T>>(value);
      return;
    }
    const py::array any = real_array(name, value);
    if (any.ndim() != 1 || any.shape(0) != size)
      throw ArgumentError(name, "shape " + shape_text(any),
                          "shape (" + std::to_string(size) + ",)");
    array_ = contiguous<T>(any);
  }
  Eigen::Map<const VectorOf<T>> map() const { return {array_.data(), array_.shape(0)}; }

 private:
  // What arrives at nearly every step, told by a glance: NumPy's own conversions cost a
  // microsecond.
  static bool is_ready(const py::object& value, Index size) {
    constexpr int wanted = int{py::array::c_style} | int{py::detail::npy_api::NPY_ARRAY_ALIGNED_};
    if (!py::isinstance<py::array>(value)) return false;
    const auto& array = reinterpret_cast<const py::array&>(value);
    return array.ndim() == 1 && array.shape(0) == size && (array.flags() & wanted) == wanted &&
           array.dtype().is(py::dtype::of<T>());
  }

  py::array_t<T> array_;
};
using VectorArgument = VectorArgumentOf<double>;

// A symmetric matrix as float64: C order and Fortran order are the same to it.
class SymmetricArgument {
 public:
  SymmetricArgument(const char* name, const py::object& value, Index size) {
    const py::array any = real_array(name, value);
    if (any.ndim() != 2 || any.shape(0) != size || any.shape(1) != size) {
      const std::string n = std::to_string(size);
      throw ArgumentError(name, "shape " + shape_text(any), "shape (" + n + ", " + n + ")");
    }
    array_ = contiguous<double>((any.flags() & py::array::f_style) ? any.attr("T") : any);
  }
  Eigen::Map<const Matrix> map() const { return {array_.data(), array_.shape(0), array_.shape(1)}; }

 private:
  py::array_t<double> array_;
};

template <class V>
py::array_t<typename V::Scalar> to_numpy(const Eigen::DenseBase<V>& v) {
  return py::array_t<typename V::Scalar>(v.size(), v.derived().data());
}

// Long kernels run without the GIL, and Ctrl-C ends them.
struct LongCall {
  py::gil_scoped_release release;
  Interruptible interruptible;
};

inline Array to_array(const py::array_t<double>& a) {
  return Eigen::Map<const Array>(a.data(), a.size());
}

}  // namespace hessopt::bindings
