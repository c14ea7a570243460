// Which x86-64 levels this machine runs. Compiled without any flags of its own, so that it loads
// anywhere and can say so.
#include <Python.h>

namespace {

PyObject* levels(PyObject* /*module*/, PyObject* /*no arguments*/) {
  PyObject* best_first = PyList_New(0);
#if defined(__x86_64__) && defined(__GNUC__)
  const auto append = [&](const char* name) {
    if (best_first == nullptr) return;
    PyObject* text = PyUnicode_FromString(name);
    if (text == nullptr || PyList_Append(best_first, text) != 0) Py_CLEAR(best_first);
    Py_XDECREF(text);
  };
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) append("v4");
  if (__builtin_cpu_supports("x86-64-v3")) append("v3");
  if (__builtin_cpu_supports("x86-64-v2")) append("v2");
#endif
  return best_first;
}

PyMethodDef functions[] = {
    {"levels", &levels, METH_NOARGS,
     "levels() -> list[str]\n\n"
     "Levels that this CPU and its operating system run, the best first."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr},
};

PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_cpu",
    .m_doc = nullptr,
    .m_size = 0,
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = nullptr,
    .m_clear = nullptr,
    .m_free = nullptr,
};

}  // namespace

PyMODINIT_FUNC PyInit__cpu() { return PyModuleDef_Init(&definition); }
