// One function per floor, called in order by main.cpp.
#pragma once

#include <pybind11/pybind11.h>

namespace hessopt::bindings {

void bind_config(pybind11::module_& m);
void bind_noise(pybind11::module_& m);
void bind_random(pybind11::module_& m);
void bind_many_masks(pybind11::module_& m);
void bind_linalg(pybind11::module_& m);
void bind_cholesky(pybind11::module_& m);
void bind_rows(pybind11::module_& m);
void bind_linear_model(pybind11::module_& m);
void bind_cox(pybind11::module_& m);
void bind_ordinal(pybind11::module_& m);
void bind_softmax(pybind11::module_& m);
void bind_inference(pybind11::module_& m);
void bind_networks(pybind11::module_& m);
void bind_training(pybind11::module_& m);
void bind_expectation(pybind11::module_& m);
void bind_softmax_noise(pybind11::module_& m);
void bind_enumeration(pybind11::module_& m);
void bind_statistics(pybind11::module_& m);
void bind_solvers(pybind11::module_& m);
void bind_least_squares(pybind11::module_& m);
void bind_batches(pybind11::module_& m);
void bind_batch_models(pybind11::module_& m);

}  // namespace hessopt::bindings
