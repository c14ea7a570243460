# What the library is made of: the core, compiled once, and the kernels, once for each level.
# A file in a folder of cpp/src is a part of the core; which levels there are is said by the module or
# the library that it becomes.
file(GLOB HESSOPT_CORE_SOURCES CONFIGURE_DEPENDS ${HESSOPT_SOURCE_DIR}/src/*/*.cpp)
list(FILTER HESSOPT_CORE_SOURCES EXCLUDE REGEX "/src/kernels/")

set(HESSOPT_KERNEL_SOURCES
  batch.cpp     cholesky.cpp codes.cpp  dropout.cpp gram.cpp losses.cpp networks.cpp outputs.cpp random.cpp rows.cpp
  scattered.cpp softmax.cpp  sparse.cpp sums.cpp    table.cpp taylor.cpp vectors.cpp)
list(TRANSFORM HESSOPT_KERNEL_SOURCES PREPEND ${HESSOPT_SOURCE_DIR}/kernels/)
# Of the targets of the directory that calls this, where alone properties of sources hold. Each kernel
# file uses names that the others use as well, so that it is compiled by itself. GCC stops inlining
# where a file grows by much, and leaves calls in the middle of loops: value and gradient took a
# quarter longer.
function(hessopt_set_kernel_properties)
  set_source_files_properties(${HESSOPT_KERNEL_SOURCES} PROPERTIES
    SKIP_UNITY_BUILD_INCLUSION ON
    COMPILE_OPTIONS "$<$<CXX_COMPILER_ID:GNU>:--param=inline-unit-growth=1000;--param=large-function-growth=1000;--param=large-stack-frame-growth=10000>")
endfunction()
