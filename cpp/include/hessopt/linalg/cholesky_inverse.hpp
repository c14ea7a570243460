// (L L')^-1 and its diagonal, the variances of a normal law with precision L L'.
//
// The columns of L^-1 = M, strip by strip, each from the row where it begins. The diagonal is the
// sums of squares down them; solved with L' from that row down, they are the inverse's own columns.
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/linalg/triangular_solve.hpp"

namespace hessopt {
namespace detail {

// Columns of a strip.
inline constexpr Index inverse_strip = 48;

// Columns begin .. begin + size of L^-1, from row `begin` down.
template <Real T>
MatrixOf<T> inverse_columns(const MatrixOf<T>& l, Index begin, Index size) {
  const Index rest = l.rows() - begin;
  MatrixOf<T> m = MatrixOf<T>::Identity(rest, size);
  solve_many_lower(l.bottomRightCorner(rest, rest), m);
  return m;
}

}  // namespace detail

template <Real T>
VectorOf<T> cholesky_inverse_diagonal(const MatrixOf<T>& l) {
  VectorOf<T> out(l.rows());
  const Cut strips{l.rows(), detail::inverse_strip};
  parallel_for(strips.count(), [&](Index s) {
    out.segment(strips.begin(s), strips.size(s)) =
        detail::inverse_columns(l, strips.begin(s), strips.size(s))
            .colwise()
            .squaredNorm()
            .transpose();
  });
  return out;
}

// The whole inverse, symmetric to the last bit.
template <Real T>
void cholesky_inverse(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> out) {
  const Index n = l.rows();
  const Cut strips{n, detail::inverse_strip};
  parallel_for(strips.count(), [&](Index s) {
    const Index begin = strips.begin(s), rest = n - begin;
    MatrixOf<T> m = detail::inverse_columns(l, begin, strips.size(s));
    detail::solve_many_lower_transposed(l.bottomRightCorner(rest, rest), m);
    out.block(begin, begin, rest, strips.size(s)) = m;
  });
  mirror_lower(out);
}

}  // namespace hessopt
