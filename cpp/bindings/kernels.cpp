// A module of kernels: its one attribute is the table of a level, which the core is handed at
// import.
#include <Python.h>

#include "hessopt/kernels/table.hpp"

namespace hessopt::kernels {

extern const Table table;

namespace {

int fill(PyObject* module) {
  PyObject* capsule = PyCapsule_New(const_cast<Table*>(&table), table_name, nullptr);
  const int status = PyModule_AddObjectRef(module, "table", capsule);
  Py_XDECREF(capsule);
  return status;
}

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(&fill)},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr},
};

#define HESSOPT_TEXT_OF(name) #name
#define HESSOPT_TEXT(name) HESSOPT_TEXT_OF(name)
#define HESSOPT_INIT_OF(name) PyInit_##name
#define HESSOPT_INIT(name) HESSOPT_INIT_OF(name)

PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = HESSOPT_TEXT(HESSOPT_MODULE),
    .m_doc = nullptr,
    .m_size = 0,
    .m_methods = nullptr,
    .m_slots = slots,
    .m_traverse = nullptr,
    .m_clear = nullptr,
    .m_free = nullptr,
};

}  // namespace
}  // namespace hessopt::kernels

PyMODINIT_FUNC HESSOPT_INIT(HESSOPT_MODULE)() {
  return PyModuleDef_Init(&hessopt::kernels::definition);
}
