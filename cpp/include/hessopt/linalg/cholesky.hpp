// Blocked Cholesky factorisation H = L L' and the solve with it.
#pragma once

#include <limits>
#include <stdexcept>
#include <string>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/huge_pages.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/cholesky.hpp"
#include "hessopt/linalg/triangular_solve.hpp"

namespace hessopt {

using kernels::Pivot;

class NotPositiveDefinite : public std::runtime_error {
 public:
  explicit NotPositiveDefinite(const Pivot& pivot, const std::string& name = "H")
      : std::runtime_error(name + ": not positive definite; pivot " + std::to_string(pivot.row) +
                           " is " + text(pivot.value)) {}
};

// Overwrites the lower triangle of `a` with L; entries above the diagonal are neither read nor
// written. A pivot at or below its row's floor (>= 0; 0 where none are given) ends it.
template <Real T>
Pivot cholesky_factor(MatrixOf<T>& a, const double* floors = nullptr);

// Whether all pivots are above `least_pivot` >= 0; the lower triangle is read.
bool is_definite(Matrix h, double least_pivot);

// x <- (L L')^-1 x, one or many right-hand sides.
template <Real T>
void cholesky_solve_in_place(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x);

// Factor and solve; `h` is destroyed, `b` becomes the solution.
template <Real T>
void cholesky_solve(MatrixOf<T>& h, MatrixOf<T>& b);

}  // namespace hessopt
