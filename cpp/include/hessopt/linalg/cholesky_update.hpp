// The factor of L L' + V V' or L L' - V V' from L, in O(k n^2) for V with k columns.
#pragma once

#include "hessopt/linalg/cholesky.hpp"

namespace hessopt {

enum class Modification { add, subtract };

// Overwrites the lower triangle of `l`; `v` is destroyed. Only a subtraction can fail, by the pivot
// returned, and leaves `l` of no use then.
template <Real T>
Pivot cholesky_modify(MatrixOf<T>& l, MatrixOf<T>& v, Modification sign);

}  // namespace hessopt
