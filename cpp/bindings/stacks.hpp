// Matrices one after another, as an array of three dimensions.
#pragma once

#include "arrays.hpp"
#include "hessopt/linalg/batched.hpp"

namespace hessopt::bindings {

template <Real T>
StackView<T> stack_view(const py::array& a) {
  const Elements<const T> e(a, 3);
  return {{e.data(), e.size(1), e.size(2), e.stride(1), e.stride(2)}, e.size(0), e.stride(0)};
}

}  // namespace hessopt::bindings
