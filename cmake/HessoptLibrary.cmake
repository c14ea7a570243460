# hessopt_add_library(<name> [LEVEL <v2|v3|v4|native|"">]): the library as a static one, its kernels at
# one level; without any at that of the compiler's flags. HESSOPT_SOURCE_DIR holds src and kernels,
# HESSOPT_INCLUDE_DIR the headers.
include(${CMAKE_CURRENT_LIST_DIR}/HessoptSources.cmake)

function(hessopt_level_options target scope level)
  if(level STREQUAL "v4")
    target_compile_options(${target} ${scope} -march=x86-64-v4 -mprefer-vector-width=512)
  elseif(level STREQUAL "native")
    target_compile_options(${target} ${scope} -march=native)
  elseif(level MATCHES "^v[0-9]$")
    target_compile_options(${target} ${scope} -march=x86-64-${level})
  endif()
endfunction()

# The settings of Eigen are part of the interface, so that every translation unit of a program agrees
# on them: its own threads would make results depend on their number, its default stack allocations
# fill a small thread stack, and memory is aligned for the widest registers whatever unit asks for it.
function(hessopt_use_eigen target scope)
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope} $<BUILD_INTERFACE:${HESSOPT_INCLUDE_DIR}>)
  target_link_libraries(${target} ${scope} Eigen3::Eigen)
  target_compile_definitions(${target} ${scope} EIGEN_MPL2_ONLY EIGEN_DONT_PARALLELIZE
    EIGEN_STACK_ALLOCATION_LIMIT=16384 EIGEN_MAX_ALIGN_BYTES=64)
endfunction()

function(hessopt_add_library name)
  cmake_parse_arguments(arg "" "LEVEL" "" ${ARGN})
  add_library(${name} STATIC EXCLUDE_FROM_ALL
    ${HESSOPT_CORE_SOURCES} ${HESSOPT_KERNEL_SOURCES} ${HESSOPT_SOURCE_DIR}/src/kernels/one_level.cpp)
  hessopt_set_kernel_properties()
  hessopt_use_eigen(${name} PUBLIC)
  # Public, since Eigen's objects cross the interface.
  hessopt_level_options(${name} PUBLIC "${arg_LEVEL}")
  target_include_directories(${name} PRIVATE ${HESSOPT_SOURCE_DIR}/kernels)
  # Most of what a file costs to compile is to read Eigen.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON
    UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  # Kernels without optimisation are of no use to anybody.
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND NOT HESSOPT_SANITIZE)
    target_compile_options(${name} PRIVATE -O3)
  endif()
  if(OpenMP_CXX_FOUND)
    target_link_libraries(${name} PUBLIC OpenMP::OpenMP_CXX)
  endif()
endfunction()
