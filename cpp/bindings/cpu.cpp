// Which x86-64 levels this machine runs. Compiled without any flags of its own, so that it loads
// anywhere and can say so.
#include <pybind11/pybind11.h>

namespace py = pybind11;

PYBIND11_MODULE(_cpu, m, py::mod_gil_not_used()) {
  m.def(
      "levels",
      [] {
        py::list best_first;
#if defined(__x86_64__) && defined(__GNUC__)
        __builtin_cpu_init();
        if (__builtin_cpu_supports("x86-64-v4")) best_first.append("v4");
        if (__builtin_cpu_supports("x86-64-v3")) best_first.append("v3");
        if (__builtin_cpu_supports("x86-64-v2")) best_first.append("v2");
#endif
        return best_first;
      },
      "Levels that this CPU and its operating system run, the best first.");
}
