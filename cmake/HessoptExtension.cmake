# The Python extension: a module per instruction-set level and a flag-free probe that picks one.
# Eigen's inline functions compiled with different flags must never meet in one binary, so each level
# is a module of its own that exports its PyInit function and nothing else.
set(PYBIND11_FINDPYTHON ON)
find_package(pybind11 CONFIG REQUIRED)

function(hessopt_add_module name)
  pybind11_add_module(${name} MODULE NO_EXTRAS ${ARGN})
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(${name} PRIVATE
      "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map")
    if(NOT HESSOPT_SANITIZE)  # whose reports are of use with names alone
      target_link_options(${name} PRIVATE "LINKER:-s")
    endif()
  elseif(APPLE)
    target_link_options(${name} PRIVATE "LINKER:-exported_symbol,_PyInit_${name}")
  endif()
  install(TARGETS ${name} DESTINATION _native)
endfunction()

hessopt_add_module(_cpu cpp/bindings/cpu.cpp)

set(levels ${HESSOPT_ISA})
if(HESSOPT_ISA MATCHES "^(all|auto)$")
  # 32-bit, ARM and MSVC builds have one module for the compiler's default target.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND NOT MSVC AND NOT APPLE)
    set(levels v2 v3 v4)
  else()
    set(levels generic)
  endif()
endif()
# That of this machine, and the baseline, so that what is built here runs on a lesser one.
if(HESSOPT_ISA STREQUAL "auto" AND "v4" IN_LIST levels AND NOT CMAKE_CROSSCOMPILING)
  set(probe "${CMAKE_CURRENT_BINARY_DIR}/level.cpp")
  file(WRITE "${probe}" [[
    int main() {
      return __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 2;
    }
  ]])
  try_run(level is_known "${CMAKE_CURRENT_BINARY_DIR}" "${probe}")
  if(is_known)
    set(levels v2 "v${level}")
    list(REMOVE_DUPLICATES levels)
  endif()
endif()

set(floors
  main config random many_masks linalg solvers quasi_newton second_order fixed_rate
  cholesky objective objectives expectation softmax_noise enumeration statistics)
list(TRANSFORM floors PREPEND cpp/bindings/)
list(TRANSFORM floors APPEND .cpp)
foreach(level IN LISTS levels)
  set(module _core_${level})
  hessopt_add_module(${module} ${floors}
    ${HESSOPT_CORE_SOURCES} ${HESSOPT_KERNEL_SOURCES} cpp/src/kernels/one_level.cpp)
  hessopt_use_eigen(${module} PRIVATE)
  hessopt_level_options(${module} PRIVATE ${level})
  target_include_directories(${module} PRIVATE cpp/kernels)
  if(OpenMP_CXX_FOUND)
    target_link_libraries(${module} PRIVATE OpenMP::OpenMP_CXX)
  endif()
  target_compile_definitions(${module} PRIVATE
    HESSOPT_MODULE=${module} HESSOPT_LEVEL="${level}" HESSOPT_VERSION="${PROJECT_VERSION}")
endforeach()
