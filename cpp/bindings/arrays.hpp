// NumPy arrays -> views that know their strides, and new arrays for results: the one way in and the
// one way out. Nothing else in the bindings takes an array's pointer (tests/test_layers.py looks).
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "hessopt/core/error.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/matrix_view.hpp"

namespace hessopt::bindings {

namespace py = pybind11;

// Whether the elements are T in the byte order of this machine. An array that was unpickled or made
// by other code has a dtype object of its own: NumPy tells whether it means the same.
template <class T>
bool holds(const py::array& a) {
  return py::isinstance<py::array_t<T>>(a);
}

// f.template operator()<float or double>() by the dtype of `a`.
template <class F>
auto dispatch(const py::array& a, F&& f) {
  if (holds<float>(a)) return f.template operator()<float>();
  if (holds<double>(a)) return f.template operator()<double>();
  throw py::type_error("array: got dtype " + std::string(py::str(a.dtype())) +
                       "; want float32 or float64");
}

inline std::string shape_text(const py::array& a) { return py::str(a.attr("shape")); }

// The elements of an array where they lie: to read where T is const, else to write. Python has made
// arrays that can be read so of whatever came; an array that cannot is an error here.
template <class T>
class Elements {
  using Value = std::remove_const_t<T>;
  using Array = std::conditional_t<std::is_const_v<T>, const py::array, py::array>;

 public:
  explicit Elements(Array& a) : array_(a) {
    if (!holds<Value>(a))
      fail("dtype " + std::string(py::str(a.dtype())), py::str(py::dtype::of<Value>()));
    if ((a.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_) == 0) fail("another", "aligned");
    for (py::ssize_t axis = 0; axis < a.ndim(); ++axis)
      if (a.shape(axis) > 1 && a.strides(axis) % item != 0) fail("another", "whole strides");
    if constexpr (std::is_const_v<T>)
      data_ = static_cast<T*>(a.data());
    else
      data_ = static_cast<T*>(a.mutable_data());  // an error where it is read-only
  }
  Elements(Array& a, py::ssize_t ndim) : Elements(a) {
    if (a.ndim() != ndim) fail("shape " + shape_text(a), std::to_string(ndim) + " dimensions");
  }

  T* data() const { return data_; }
  Index size() const { return array_.size(); }
  Index ndim() const { return array_.ndim(); }
  Index size(Index axis) const { return array_.shape(axis); }
  Index stride(Index axis) const { return array_.strides(axis) / item; }
  // For kernels that read or write one after the other.
  T* in_c_order() const {
    if ((array_.flags() & py::array::c_style) == 0) fail("a strided one", "C order");
    return data_;
  }

 private:
  static constexpr py::ssize_t item = sizeof(T);
  [[noreturn]] static void fail(const std::string& got, const std::string& want) {
    throw py::type_error("array: got " + got + "; want " + want);
  }

  Array& array_;
  T* data_;
};

template <Real T>
VectorView<T> vector_view(const py::array& a) {
  const Elements<const T> e(a, 1);
  return {e.data(), e.size(0), e.stride(0)};
}

template <Real T>
MatrixView<T> matrix_view(const py::array& a) {
  const Elements<const T> e(a, 2);
  return {e.data(), e.size(0), e.size(1), e.stride(0), e.stride(1)};
}

// A copy, whatever the strides.
template <Real T>
VectorOf<T> vector_copy(const py::array& a) {
  return vector_view<T>(a).map();
}
template <Real T>
MatrixOf<T> matrix_copy(const MatrixView<T>& from) {
  MatrixOf<T> to(from.rows, from.cols);
  for (Index j = 0; j < to.cols(); ++j)
    for (Index i = 0; i < to.rows(); ++i) to(i, j) = from(i, j);
  return to;
}

// A new array in C order, for a kernel to fill.
template <class T>
class NewArray {
 public:
  explicit NewArray(std::vector<Index> shape)
      : array_(std::vector<py::ssize_t>(shape.begin(), shape.end())) {}

  T* data() { return array_.mutable_data(); }
  Eigen::Map<VectorOf<T>> vector() { return {data(), array_.size()}; }
  Eigen::Map<RowMatrixOf<T>> matrix() { return {data(), array_.shape(0), array_.shape(1)}; }
  // A square matrix that is symmetric: C order is Fortran order.
  Eigen::Map<MatrixOf<T>> symmetric() { return {data(), array_.shape(0), array_.shape(1)}; }
  // With the GIL, as all that counts references.
  operator py::array_t<T>() const { return array_; }

 private:
  py::array_t<T> array_;
};

template <class V>
py::array_t<typename V::Scalar> to_numpy(const Eigen::DenseBase<V>& v) {
  NewArray<typename V::Scalar> out({v.size()});
  out.vector() = v.derived();
  return out;
}
template <Real T>
py::array_t<T> to_numpy(const MatrixOf<T>& m) {
  NewArray<T> out({m.rows(), m.cols()});
  out.matrix() = m;
  return out;
}

// Keeps an object alive from C++, where the last owner may not hold the GIL.
using Owner = std::shared_ptr<const void>;
inline Owner owner_of(const py::object& x) {
  return {new py::object(x), [](const void* held) {
            const py::gil_scoped_acquire gil;
            delete static_cast<const py::object*>(held);
          }};
}

// What a view sees, read-only, as an array that keeps its owner alive.
template <Real T>
py::array read_only(const MatrixView<T>& x, const Owner& owner) {
  const py::capsule base(new Owner(owner), [](void* held) { delete static_cast<Owner*>(held); });
  constexpr Index item = sizeof(T);
  py::array_t<T> out({x.rows, x.cols}, {x.row_stride * item, x.col_stride * item}, x.data, base);
  out.attr("flags").attr("writeable") = false;
  return out;
}

// Long kernels run without the GIL, and Ctrl-C ends them.
struct LongCall {
  py::gil_scoped_release release;
  Interruptible interruptible;
};

}  // namespace hessopt::bindings
