# What the library is made of: the core, compiled once, and the kernels, once for each level.
set(HESSOPT_CORE_SOURCES
  core/interrupt.cpp
  core/scratch.cpp
  core/threads.cpp
  dropout/apply.cpp
  dropout/many_masks.cpp
  dropout/mask.cpp
  dropout/masked_product.cpp
  dropout/walk.cpp
  expectation/closed_form.cpp
  expectation/enumerate.cpp
  expectation/enumerated_model.cpp
  expectation/expected_sigmoid.cpp
  expectation/fixed_samples.cpp
  expectation/integrals.cpp
  expectation/mask_sums.cpp
  expectation/noise_samples.cpp
  expectation/noisy_copies.cpp
  expectation/parameter_samples.cpp
  expectation/predictor_variance.cpp
  expectation/product_form.cpp
  expectation/softmax_taylor.cpp
  expectation/statistics.cpp
  expectation/tails.cpp
  linalg/batched.cpp
  linalg/bfgs_matrix.cpp
  linalg/cholesky.cpp
  linalg/cholesky_inverse.cpp
  linalg/cholesky_update.cpp
  linalg/condition.cpp
  linalg/copy_lower.cpp
  linalg/gram.cpp
  linalg/gram_amx.cpp
  linalg/lbfgs_history.cpp
  linalg/modified_cholesky.cpp
  linalg/null_space.cpp
  linalg/refinement.cpp
  linalg/shifted_cholesky.cpp
  linalg/triangular_solve.cpp
  linalg/trust_region.cpp
  linalg/vector_ops.cpp
  losses/any_loss.cpp
  networks/architecture.cpp
  networks/batch_adam.cpp
  networks/batch_gradient.cpp
  networks/block.cpp
  networks/block_pass.cpp
  networks/dropout.cpp
  networks/kept_point.cpp
  networks/network.cpp
  networks/network_data.cpp
  networks/output_loss.cpp
  networks/read_block.cpp
  networks/row_curvature.cpp
  networks/row_order.cpp
  networks/whole_hessian.cpp
  objectives/column_moments.cpp
  objectives/data.cpp
  objectives/inequalities.cpp
  objectives/linear_model.cpp
  objectives/model_of_rows.cpp
  objectives/objective.cpp
  objectives/recession.cpp
  objectives/separating_column.cpp
  objectives/softmax_model.cpp
  random/bernoulli.cpp
  rows/block.cpp
  rows/dense.cpp
  solvers/adam.cpp
  solvers/dense_solver.cpp
  solvers/fixed_rate.cpp
  solvers/gradient_descent.cpp
  solvers/model_solver.cpp
  solvers/more_thuente.cpp
  solvers/newton.cpp
  solvers/newton_cg.cpp
  solvers/optimality.cpp
  solvers/quasi_newton.cpp
  solvers/run.cpp
  solvers/solver.cpp
  solvers/stopping.cpp
  solvers/trust_region.cpp
  solvers/variables.cpp)
list(TRANSFORM HESSOPT_CORE_SOURCES PREPEND ${HESSOPT_SOURCE_DIR}/src/)

set(HESSOPT_KERNEL_SOURCES
  cholesky.cpp dropout.cpp gram.cpp losses.cpp networks.cpp random.cpp rows.cpp softmax.cpp sums.cpp table.cpp
  taylor.cpp vectors.cpp)
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
