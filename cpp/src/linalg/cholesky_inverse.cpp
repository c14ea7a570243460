// The columns of L^-1 = M, strip by strip, each from the row where it begins. The diagonal is the
// sums of squares down them; solved with L' from that row down, they are the inverse's own columns.
#include "hessopt/linalg/cholesky_inverse.hpp"

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/gram.hpp"
#include "solve_many.hpp"

namespace hessopt {
namespace {

// Columns of a strip.
constexpr Index inverse_strip = 48;

// Columns begin .. begin + size of L^-1, from row `begin` down.
template <Real T>
MatrixOf<T> inverse_columns(const MatrixOf<T>& l, Index begin, Index size) {
  MatrixOf<T> m = MatrixOf<T>::Identity(l.rows() - begin, size);
  solve_many(l, begin, false, m.data(), m.rows(), size);
  return m;
}

}  // namespace

template <Real T>
VectorOf<T> cholesky_inverse_diagonal(const MatrixOf<T>& l) {
  VectorOf<T> out(l.rows());
  const Cut strips{l.rows(), inverse_strip};
  parallel_for(strips.count(), [&](Index s) {
    out.segment(strips.begin(s), strips.size(s)) =
        inverse_columns(l, strips.begin(s), strips.size(s)).colwise().squaredNorm().transpose();
  });
  return out;
}

template <Real T>
void cholesky_inverse(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> out) {
  const Index n = l.rows();
  const Cut strips{n, inverse_strip};
  parallel_for(strips.count(), [&](Index s) {
    const Index begin = strips.begin(s), size = strips.size(s);
    MatrixOf<T> m = inverse_columns(l, begin, size);
    solve_many(l, begin, true, m.data(), m.rows(), size);
    out.block(begin, begin, n - begin, size) = m;
  });
  mirror_lower(out);
}

template VectorOf<float> cholesky_inverse_diagonal(const MatrixOf<float>&);
template Vector cholesky_inverse_diagonal(const Matrix&);
template void cholesky_inverse<float>(const MatrixOf<float>&, MatrixRefOf<float>);
template void cholesky_inverse<double>(const Matrix&, MatrixRef);

}  // namespace hessopt
