// What the bindings of batches share: the object that Python has, and arrays with a problem in each
// row.
#pragma once

#include <new>

#include "arguments.hpp"
#include "hessopt/batched/batch.hpp"
#include "in_use.hpp"

namespace hessopt::bindings {

// Many threads may look, one may tell.
template <class B>
struct BatchObject {
  B batch;
  InUse in_use;

  template <class F>
  auto read(F&& f) const {
    const InUse::Reading reading(in_use);
    return f(batch);
  }
  // f(batch), of which `running` problems run: as many as were told.
  template <class F>
  void change(Index running, F&& f) {
    const InUse::Changing changing(in_use);
    require_size("index", std::ssize(batch.running()), running);
    const py::gil_scoped_release release;
    try {
      f(batch);
    } catch (const std::bad_alloc&) {
      in_use.lose();
      throw;
    }
  }
};

// What was found at several points: one more dimension than one of them has.
class FoundArray {
 public:
  FoundArray(const char* name, const py::object& value, Index ndim)
      : name_(name), array_(real_array(name, value)) {
    if (array_.ndim() != ndim)
      throw ArgumentError(name, "shape " + shape_text(array_),
                          std::to_string(ndim) + " dimensions, a problem in each row");
    array_ = in_c_order<double>(array_);
  }
  const double* data() const { return Elements<const double>(array_).data(); }
  Index size(Index axis) const { return array_.shape(axis); }
  void require(const std::vector<Index>& shape) const {
    std::string wanted;
    bool holds = true;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      holds = holds && array_.shape(static_cast<py::ssize_t>(axis)) == shape[axis];
      wanted += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
    }
    if (!holds)
      throw ArgumentError(name_, "shape " + shape_text(array_),
                          "shape (" + wanted + (shape.size() == 1 ? ",)" : ")"));
  }

 private:
  const char* name_;
  py::array array_;
};

template <class B>
Index running(const BatchObject<B>& o) {
  return o.read([](const B& batch) { return std::ssize(batch.running()); });
}

}  // namespace hessopt::bindings
