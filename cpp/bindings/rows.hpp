// Rows of any kind, as Python hands them over: an array, or `Rows` that it has made of what came.
#pragma once

#include "arrays.hpp"
#include "hessopt/rows/rows.hpp"

namespace hessopt::bindings {

Rows rows_from(const py::object& x);
// Rows of a user's, once Python has read and checked them.
Rows rows_argument(const char* name, const py::object& value);
// What they were made of: dense ones as an array, read-only, others as `Rows`.
py::object data_of(const Rows& rows);

}  // namespace hessopt::bindings
