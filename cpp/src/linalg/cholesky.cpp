// Right-looking, a block of columns at a time:
//   [ L11          ]      A21 <- A21 L11^-T
//   [ L21  A22     ]      A22 <- A22 - L21 L21'
// G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., section 4.2.9. The next diagonal block
// is factored as soon as its own part of the update is done, while a team is at the rest.
#include "hessopt/linalg/cholesky.hpp"

#include <algorithm>

#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// Least number of panels, and of square tiles, for a thread: below it, waking a team costs more
// than it saves, and far more where another library's threads are still spinning.
constexpr Index panel_share = 12, square_share = 5;

Index rounded_up(Index size, Index step) { return (size + step - 1) / step * step; }

// Columns of a block: enough for tiles to be worth their loads and stores, few enough for two
// panels to share an L1 cache and a square of them an L2.
Index block_width(Index n, Index tile_rows) {
  return rounded_up(std::clamp<Index>(n / 8, 96, 144), tile_rows);
}

template <Real T>
kernels::BlockColumn<T> block_column(MatrixOf<T>& a, VectorOf<T>& panels, Index begin, Index width,
                                     Index tile_rows) {
  const Index height = a.rows() - begin;
  return {.a = a.data() + begin * (a.rows() + 1),
          .ld = a.rows(),
          .height = height,
          .width = std::min(width, height),
          .panels = panels.data(),
          .pitch = width * tile_rows};
}

}  // namespace

template <Real T>
Pivot cholesky_factor(MatrixOf<T>& a, const double* floors) {
  const kernels::CholeskyKernels<T>& kernel = kernels::cholesky<T>();
  const Index n = a.rows(), high = kernel.tile_rows, width = block_width(n, high);
  if (n == 0) return {};
  const Index rows = rounded_up(n, high);
  VectorOf<T> panels[2];
  for (Index k = 0; k < (n > width ? 2 : 1); ++k) {
    panels[k].resize((rows - k * width) * width);
    advise_huge_pages(panels[k].data(), sizeof(T) * static_cast<std::size_t>(panels[k].size()));
  }
  auto column = block_column(a, panels[0], 0, width, high);
  Pivot pivot = kernel.factor_diagonal(column, floors);
  for (Index begin = width;; begin += width) {
    if (pivot.failed()) return {begin - width + pivot.row, pivot.value};
    if (begin >= n) return {};
    const Index square = width / high, below = rounded_up(column.height, high) / high - square;
    parallel_for(
        below, [&](Index i) { kernel.solve_panel(column, square + i, square); }, panel_share);
    const auto next = block_column(a, panels[begin / width % 2], begin, width, high);
    const Cut squares{below, square};
    const Index count = squares.count();
    parallel_for(
        count * (count + 1) / 2,
        [&](Index t) {
          Index j = 0;
          while (t >= count - j) t -= count - j++;
          const Index i = j + t;
          const Index top = square + squares.begin(i), left = square + squares.begin(j);
          kernel.update(column, top, top + squares.size(i), left, left + squares.size(j));
          if (i + j == 0) pivot = kernel.factor_diagonal(next, floors ? floors + begin : nullptr);
        },
        square_share);
    column = next;
  }
}

bool is_definite(Matrix h, double least_pivot) {
  const Vector floors = Vector::Constant(h.rows(), least_pivot);
  return !cholesky_factor(h, floors.data()).failed();
}

template <Real T>
void cholesky_solve_in_place(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x) {
  solve_lower(l, x);
  solve_lower_transposed(l, x);
}

template <Real T>
void cholesky_solve(MatrixOf<T>& h, MatrixOf<T>& b) {
  require_size("b", b.rows(), h.rows());
  const Pivot pivot = cholesky_factor(h);
  if (pivot.failed()) throw NotPositiveDefinite(pivot);
  cholesky_solve_in_place(h, b);
}

#define HESSOPT_OF(T)                                                           \
  template Pivot cholesky_factor(MatrixOf<T>&, const double*);                  \
  template void cholesky_solve_in_place<T>(const MatrixOf<T>&, MatrixRefOf<T>); \
  template void cholesky_solve(MatrixOf<T>&, MatrixOf<T>&);
HESSOPT_OF(float)
HESSOPT_OF(double)
#undef HESSOPT_OF

}  // namespace hessopt
