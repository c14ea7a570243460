# The Python extension: the core, compiled once for every machine; a module of kernels for each
# instruction-set level; and a flag-free probe that tells which of them runs here. Eigen's inline
# functions compiled with different flags must never meet in one binary, so each level is a module of
# its own that exports its PyInit function and nothing else.
set(PYBIND11_FINDPYTHON ON)
find_package(pybind11 CONFIG REQUIRED)

function(hessopt_add_module name)
  python_add_library(${name} MODULE WITH_SOABI ${ARGN})
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_definitions(${name} PRIVATE HESSOPT_MODULE=${name})
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
target_link_libraries(_cpu PRIVATE pybind11::module)

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
  main config noise random many_masks linalg rows model_of_data linear_model softmax cox ordinal
  inference solvers quasi_newton objective cholesky networks training enumeration second_order
  fixed_rate least_squares batches batch_models expectation softmax_noise statistics)
list(TRANSFORM floors PREPEND cpp/bindings/)
list(TRANSFORM floors APPEND .cpp)
# The bindings hold no loop: at -O1 they take two thirds of the compiler's time and the same of a
# call's. Of inline functions that both have, those of the library come first and are linked.
add_library(_library OBJECT ${HESSOPT_CORE_SOURCES})
set_target_properties(_library PROPERTIES POSITION_INDEPENDENT_CODE ON
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
# Most of what a file costs is to read these, and for the bindings what pybind11 makes of them again.
target_precompile_headers(_library PRIVATE
  <Eigen/Core> <algorithm> <cmath> <functional> <memory> <optional> <string> <vector>)
hessopt_add_module(_core ${floors} cpp/src/kernels/levels.cpp)
target_precompile_headers(_core PRIVATE
  <pybind11/numpy.h> <pybind11/stl.h> <Eigen/Core> <functional> <memory> <optional> <string> <vector>)
target_link_libraries(_core PRIVATE _library pybind11::module)
target_compile_definitions(_core PRIVATE HESSOPT_VERSION="${PROJECT_VERSION}")
target_compile_options(_core PRIVATE
  $<$<AND:$<CONFIG:Release>,$<NOT:$<CXX_COMPILER_ID:MSVC>>>:-O1>)

# For measurements: a figure that depends on it names a loop that ought to be a kernel.
set(HESSOPT_CORE_LEVEL "" CACHE STRING "Level of the core; that of every machine if empty")
mark_as_advanced(HESSOPT_CORE_LEVEL)
set(core_level ${HESSOPT_CORE_LEVEL})
if(NOT core_level AND NOT levels STREQUAL "generic")
  set(core_level v2)
endif()
foreach(part _library _core)
  hessopt_use_eigen(${part} PRIVATE)
  hessopt_level_options(${part} PRIVATE "${core_level}")
  if(OpenMP_CXX_FOUND)
    target_link_libraries(${part} PRIVATE OpenMP::OpenMP_CXX)
  endif()
endforeach()

hessopt_set_kernel_properties()
set_source_files_properties(cpp/bindings/kernels.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
foreach(level IN LISTS levels)
  set(kernels _kernels_${level})
  hessopt_add_module(${kernels} ${HESSOPT_KERNEL_SOURCES} cpp/bindings/kernels.cpp)
  hessopt_use_eigen(${kernels} PRIVATE)
  hessopt_level_options(${kernels} PRIVATE ${level})
  # Without a precompiled header: GCC would take the parameters of inlining from it, not those of the
  # kernels' own files, and value and gradient take a third longer.
  target_include_directories(${kernels} PRIVATE cpp/kernels)
  target_compile_definitions(${kernels} PRIVATE HESSOPT_LEVEL="${level}")
endforeach()
