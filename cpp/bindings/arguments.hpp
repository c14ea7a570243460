// What users pass to methods, at every step: checked here, where that costs nothing, and read by
// Python's own functions (hessopt._arrays, hessopt._validation) where it is anything unusual.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "arrays.hpp"

namespace hessopt::bindings {

inline bool is_plain(const py::handle& value) {
  return Py_TYPE(value.ptr()) == py::detail::npy_api::get().PyArray_Type_;
}

// Real numbers of whatever type NumPy knows. Lists, frames, subclasses and the rest are for Python
// to read, and to say what is wrong with them.
inline py::array real_array(const char* name, const py::object& value) {
  if (is_plain(value)) {
    const auto array = py::reinterpret_borrow<py::array>(value);
    if (std::string_view("fiub").find(array.dtype().kind()) != std::string_view::npos) return array;
  }
  return py::module_::import("hessopt._arrays").attr("real")(name, value);
}

// One real number, also as a NumPy scalar or an array of one element, as f(x) often comes.
inline double real_argument(const char* name, const py::object& value) {
  if (PyFloat_Check(value.ptr())) return PyFloat_AS_DOUBLE(value.ptr());
  const py::array any = real_array(name, value);
  if (any.size() != 1) throw ArgumentError(name, "shape " + shape_text(any), "one number");
  return any.attr("item")().cast<double>();
}

inline Index integer_argument(const char* name, const py::object& value, Index lowest) {
  return py::module_::import("hessopt._validation")
      .attr("integer")(name, value, lowest)
      .cast<Index>();
}

inline bool flag_argument(const char* name, const py::object& value) {
  if (PyBool_Check(value.ptr())) return value.is(py::bool_(true));
  return py::module_::import("hessopt._validation").attr("flag")(name, value).cast<bool>();
}

// The array itself where it is of type T and in C order already, else a copy that is.
template <Real T>
py::array in_c_order(const py::array& any) {
  constexpr int wanted = int{py::array::c_style} | int{py::detail::npy_api::NPY_ARRAY_ALIGNED_};
  if (holds<T>(any) && (any.flags() & wanted) == wanted) return any;
  auto copy = py::array_t<T, wanted | py::array::forcecast>::ensure(any);
  if (!copy) throw py::error_already_set();
  return copy;
}

// A vector of T, kept alive by this object.
template <Real T>
class VectorArgumentOf {
 public:
  VectorArgumentOf(const char* name, const py::object& value, Index size)
      : array_(real_array(name, value)) {
    if (array_.ndim() != 1 || array_.shape(0) != size)
      throw ArgumentError(name, "shape " + shape_text(array_),
                          "shape (" + std::to_string(size) + ",)");
    array_ = in_c_order<T>(array_);
    data_ = Elements<const T>(array_).data();
    size_ = size;
  }
  // Also without the GIL.
  Eigen::Map<const VectorOf<T>> map() const { return {data_, size_}; }

 private:
  py::array array_;
  const T* data_;
  Index size_;
};
using VectorArgument = VectorArgumentOf<double>;

// A matrix of `rows` rows and any number of columns, copied.
inline Matrix columns_argument(const char* name, const py::object& value, Index rows) {
  const py::array any = real_array(name, value);
  if (any.ndim() != 2 || any.shape(0) != rows)
    throw ArgumentError(name, "shape " + shape_text(any),
                        "shape (" + std::to_string(rows) + ", k)");
  return matrix_copy(matrix_view<double>(in_c_order<double>(any)));
}

// Whole numbers.
inline std::vector<Index> indices_argument(const char* name, const py::object& value) {
  const py::array any = py::module_::import("hessopt._validation").attr("indices")(name, value);
  const Elements<const Index> e(any, 1);
  std::vector<Index> out(static_cast<std::size_t>(e.size()));
  for (Index i = 0; i < e.size(); ++i) out[static_cast<std::size_t>(i)] = e.data()[i * e.stride(0)];
  return out;
}

// A symmetric matrix as float64, of which the solvers read one triangle.
class SymmetricArgument {
 public:
  SymmetricArgument(const char* name, const py::object& value, Index size)
      : array_(real_array(name, value)) {
    if (array_.ndim() != 2 || array_.shape(0) != size || array_.shape(1) != size) {
      const std::string n = std::to_string(size);
      throw ArgumentError(name, "shape " + shape_text(array_), "shape (" + n + ", " + n + ")");
    }
    array_ = in_c_order<double>(array_);
    data_ = Elements<const double>(array_).data();
    size_ = size;
  }
  // C order is Fortran order to it.
  Eigen::Map<const Matrix> map() const { return {data_, size_, size_}; }

 private:
  py::array array_;
  const double* data_;
  Index size_;
};

}  // namespace hessopt::bindings
