#include "hessopt/linalg/gram_amx.hpp"

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/kernels/table.hpp"

#if defined(__x86_64__) && defined(__linux__) && __has_include(<amxbf16intrin.h>)
#define HESSOPT_ASK_FOR_AMX
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace hessopt {
namespace {

// Whether this CPU has tile units for bf16, and its system saves and lends their registers: Linux
// does so on request, once for a process.
bool has_tile_registers() {
#ifdef HESSOPT_ASK_FOR_AMX
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 22 & 1) || !(d >> 24 & 1)) return false;
  asm volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  constexpr long ask_for_permission = 0x1023, tile_data = 18;
  return (a >> 17 & 3) == 3 && syscall(SYS_arch_prctl, ask_for_permission, tile_data) == 0;
#else
  return false;
#endif
}

Matrix split_gram(const RowMatrix& x, kernels::Tiles tiles) {
  const Vector ones = Vector::Ones(x.rows());
  Matrix h = Matrix::Zero(x.cols(), x.cols());
  add_split_gram(view_of(x), ones.data(), tiles, h);
  return h;
}

}  // namespace

bool detail::agree_with_portable_tiles(kernels::Tiles tiles) {
  const RowMatrix whole = RowMatrix::NullaryExpr(90, 40, [](Index i, Index j) {
    return static_cast<double>((7 * i + j * (i + 13)) % 601 - 300);
  });
  if (split_gram(whole, tiles) != split_gram(whole, kernels::Tiles::portable)) return false;
  const RowMatrix fractions = whole / 7;
  const Matrix want = split_gram(fractions, kernels::Tiles::portable);
  return ((split_gram(fractions, tiles) - want).array().abs() <= 1e-6 * want.maxCoeff()).all();
}

bool has_amx() {
  static const bool found =
      has_tile_registers() && detail::agree_with_portable_tiles(kernels::Tiles::amx);
  return found;
}

template <Real From>
void add_split_gram(const MatrixView<From>& x, const double* w, kernels::Tiles tiles,
                    MatrixRef lower) {
  const kernels::SplitGramOf<From>& kernel = kernels::gram();
  const Scratch scratch(kernel.scratch(x.rows, x.cols));
  require_done(kernel.add(strided(x), w, tiles, scratch.data(), lower.data(), lower.outerStride(),
                          &poll_in_kernel));
}
template void add_split_gram(const MatrixView<float>&, const double*, kernels::Tiles, MatrixRef);
template void add_split_gram(const MatrixView<double>&, const double*, kernels::Tiles, MatrixRef);

}  // namespace hessopt
