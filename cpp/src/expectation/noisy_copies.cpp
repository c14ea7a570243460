#include "hessopt/expectation/noisy_copies.hpp"

#include <cmath>
#include <concepts>
#include <variant>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/dropout/mask.hpp"

namespace hessopt {
namespace detail {

// The noise alone: factors of dropout, normal numbers of the law's deviation otherwise.
template <class Law, Real T>
void draw_noise(const Law& law, std::uint32_t stream, bool mirrored, Index offset, Index size,
                T* z) {
  const auto& table = kernels::dropout<T>();
  if constexpr (std::same_as<Law, Dropout>)
    table.numbers(Mask(law.keep(), law.seed, stream, mirrored), offset, size,
                  static_cast<T>(1.0 / law.keep()), z);
  else
    table.normal({law.seed, stream}, offset, size,
                 static_cast<T>((mirrored ? -1.0 : 1.0) * std::sqrt(law.variance())), z);
}

template <class Law>
constexpr kernels::Noisy how_noisy = std::same_as<Law, Dropout>         ? kernels::Noisy::factor
                                     : std::same_as<Law, GaussianNoise> ? kernels::Noisy::additive
                                                                        : kernels::Noisy::relative;

}  // namespace detail

template <Real T>
void noisy_copies(const Noise& noise, const Copies& copies, const MatrixView<T>& x, Index begin,
                  T* out) {
  require(!std::holds_alternative<DropConnect>(noise), "noise", "DropConnect", "noise on inputs");
  const Cut cut{x.rows, rows_per_block(x.cols)};
  const auto fill = [&]<class Law>(const Law& law, Index task) {
    const Index copy = task / cut.count(), block = task % cut.count();
    const Index row = cut.begin(block), rows = cut.size(block), k = copies.first + copy;
    const auto stream = static_cast<std::uint32_t>(copies.antithetic ? k / 2 : k);
    const bool mirrored = copies.antithetic && k % 2 == 1;
    VectorOf<T> z((copies.shared ? 1 : rows) * x.cols);
    detail::draw_noise(law, stream, mirrored, copies.shared ? 0 : (begin + row) * x.cols, z.size(),
                       z.data());
    RowMatrixOf<T> buffer;
    const RowBlock<T> clean = row_block<T>(x, row, rows, buffer);
    kernels::dropout<T>().combine(detail::how_noisy<Law>, rows, x.cols, clean.data(),
                                  clean.outerStride(), z.data(), copies.shared ? 0 : x.cols,
                                  out + (copy * x.rows + row) * x.cols);
  };
  const Index share = 1 + 65536 / (1 + std::min(cut.step, x.rows) * x.cols);
  const auto fill_all = [&](const auto& law) {
    parallel_for(copies.count * cut.count(), [&](Index task) { fill(law, task); }, share);
  };
  std::visit(fill_all, noise);
}
template void noisy_copies(const Noise&, const Copies&, const MatrixView<float>&, Index, float*);
template void noisy_copies(const Noise&, const Copies&, const MatrixView<double>&, Index, double*);

}  // namespace hessopt
