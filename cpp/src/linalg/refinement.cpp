//   r = b - H x in float64,  x <- x + (L L')^-1 r,  until r is as small as rounding leaves it.
// Every step gains about the digits that float32 and the condition of H leave; where they leave
// none it does not converge. N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
// chapter 12; the stopping test is LAPACK's dsposv.
#include "hessopt/linalg/refinement.hpp"

#include <cmath>
#include <limits>

#include "hessopt/core/blocks.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/cholesky.hpp"

namespace hessopt {
namespace {

// out = b - H x, the whole symmetric H: its columns, where these are contiguous, are its rows.
void residual(const MatrixView<double>& h, const Vector& b, const Vector& x, Vector& out) {
  auto rows = strided(h);
  if (rows.row_stride == 1) std::swap(rows.row_stride, rows.col_stride);
  const Cut tasks{h.rows, 64};
  parallel_for(
      tasks.count(),
      [&](Index t) {
        const Index begin = tasks.begin(t);
        kernels::cholesky<double>().residual(rows.middle_rows(begin, tasks.size(t)), x.data(),
                                             b.data() + begin, out.data() + begin);
      },
      4);
}

}  // namespace

bool refined_solve(const MatrixOf<float>& l, const MatrixView<double>& h, double norm, Vector& b) {
  constexpr int most = 30;
  const double small =
      std::numeric_limits<double>::epsilon() * norm * std::sqrt(static_cast<double>(h.rows));
  Vector x = Vector::Zero(b.size()), r = b;
  for (int k = 0; k < most; ++k) {
    // Scaled, so that float32 neither overflows nor loses a small residual.
    const double size = r.cwiseAbs().maxCoeff();
    if (size == 0 || (k > 0 && size <= small * x.cwiseAbs().maxCoeff())) {
      b = x;
      return true;
    }
    if (!std::isfinite(size)) return false;
    VectorOf<float> step = (r / size).cast<float>();
    cholesky_solve_in_place(l, Eigen::Map<MatrixOf<float>>(step.data(), step.size(), 1));
    x += size * step.cast<double>();
    residual(h, b, x, r);
  }
  return false;
}

}  // namespace hessopt
