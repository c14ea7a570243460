// Column by column, with c the part of H not yet explained by L, the pivot is lifted until no
// entry of L exceeds beta:
//   d_j = max(|c_jj|, (max_i |c_ij| / beta)^2, delta),  e_j = d_j - c_jj
//   beta^2 = max(gamma, xi / sqrt(n^2 - 1), eps),  delta = eps max(gamma + xi, 1)
// with gamma the largest diagonal entry of H and xi the largest other, in size. Then
//   max E <= (xi / beta + (n - 1) beta)^2 + 2 (gamma + (n - 1) beta^2) + delta.
// P. E. Gill, W. Murray, M. H. Wright, Practical Optimization (1981), section 4.4.2.2. Without
// their interchanges, of which the bound makes no use: L stands in the order of H, and all that is
// built on L holds for H + E. A matrix that has a Cholesky factor gets it, and E = 0.
#include "hessopt/linalg/modified_cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// beta and delta of a matrix of which the lower triangle is read.
template <Real T>
std::pair<T, T> modification_bounds(const MatrixOf<T>& h) {
  const Index n = h.rows();
  constexpr T eps = std::numeric_limits<T>::epsilon();
  T gamma, xi;
  kernels::cholesky<T>().largest(h.data(), n, n, &gamma, &xi);
  const T order = std::sqrt(std::max<T>(1, static_cast<T>(n) * static_cast<T>(n) - 1));
  const T scale = std::max(gamma, xi);
  return {std::sqrt(std::max({gamma, xi / order, eps * scale, std::numeric_limits<T>::min()})),
          eps * (scale > 0 ? gamma + xi : 1)};
}

template <Real T>
void modified_factor(MatrixOf<T>& a, VectorOf<T>& e) {
  const kernels::CholeskyKernels<T>& kernel = kernels::cholesky<T>();
  const auto [beta, delta] = modification_bounds(a);
  const Index n = a.rows();
  const Cut blocks{n, kernels::most_lifted};
  for (Index b = 0; b < blocks.count(); ++b) {
    poll_interrupt();
    const Index begin = blocks.begin(b), size = blocks.size(b);
    T* at = a.data() + begin * (n + 1);
    kernel.lift_columns(at, n, n - begin, size, beta, delta, e.data() + begin);
    const Cut strips{n - begin - size, 128};
    parallel_for(strips.count(), [&](Index s) {
      require_done(kernel.subtract_outer(at, n, size, size + strips.begin(s), strips.size(s)));
    });
  }
}

}  // namespace

template <Real T>
VectorOf<T> modified_cholesky(MatrixOf<T>& a) {
  const Index n = a.rows();
  const Vector floors = static_cast<double>(n) * std::numeric_limits<T>::epsilon() *
                        a.diagonal().cwiseAbs().template cast<double>();
  const MatrixOf<T> h = a;
  VectorOf<T> e = VectorOf<T>::Zero(n);
  if (!cholesky_factor(a, floors.data()).failed()) return e;
  a = h;
  modified_factor(a, e);
  return e;
}
template VectorOf<float> modified_cholesky(MatrixOf<float>&);
template Vector modified_cholesky(Matrix&);

}  // namespace hessopt
