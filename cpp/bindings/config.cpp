// What this module was built with, and what it runs on.
#if defined(__linux__)
#include <dlfcn.h>
#endif
#ifdef _OPENMP
#include <omp.h>
#endif

#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/gram_amx.hpp"

namespace hessopt::bindings {
namespace {

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#elif defined(_MSC_VER)
  return "msvc " + std::to_string(_MSC_VER);
#else
  return "unknown";
#endif
}

std::string openmp_runtime() {
#ifdef _OPENMP
  std::string text = "OpenMP " + std::to_string(_OPENMP);
#if defined(__linux__)
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&omp_get_max_threads), &info) != 0 && info.dli_fname)
    text += ", " + std::string(info.dli_fname);
#endif
  return text;
#else
  return "none: built without OpenMP, one thread";
#endif
}

std::string eigen_version() {
  return std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION);
}

// The kernels of the module that the loader has chosen.
void use_kernels(py::module_ m, const py::capsule& capsule) {
  const auto* table =
      static_cast<const kernels::Table*>(PyCapsule_GetPointer(capsule.ptr(), kernels::table_name));
  if (table == nullptr) throw py::error_already_set();
  if (table->size != kernels::table_size)
    throw py::import_error("the kernels are of another build than the core: install hessopt anew");
  if (kernels::in_use != nullptr && kernels::in_use != table)
    throw py::import_error("kernels of a level are in use, those of another would change results");
  kernels::in_use = table;
  m.attr("level") = table->level;
  m.attr("simd") = table->simd();
}

// Only in the main thread does Python run its signal handlers; elsewhere this is a no-op.
void check_signals() {
  const py::gil_scoped_acquire acquire;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace

void bind_config(py::module_& m) {
  using namespace py::literals;
  install_fork_guard();
  interrupt_hook = &check_signals;
  m.attr("version") = HESSOPT_VERSION;
  m.attr("compiler") = compiler();
  m.attr("eigen_version") = eigen_version();
  m.attr("openmp_runtime") = openmp_runtime();
  m.def(
      "use_kernels", [m](const py::capsule& table) { use_kernels(m, table); }, "table"_a,
      "Take the kernels of a level from its module, once; `level` and `simd` say which.");
  m.def("require_memory", &require_memory, "what"_a, "rows"_a, "cols"_a, "size"_a,
        "MemoryError where rows x cols numbers of so many bytes cannot be had.");
  m.def("has_amx", &has_amx, "Whether rough Hessians are made on tile units.");
  m.def("max_threads", &max_threads, "Threads the next call from this thread would use.");
}

}  // namespace hessopt::bindings
