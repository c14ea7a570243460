#include "hessopt/dropout/masked_product.hpp"

#include <algorithm>
#include <cstddef>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/dropout/mask.hpp"

namespace hessopt {

template <Real T>
void masked_product(const Dropout& noise, std::uint32_t stream, bool shared, const MatrixView<T>& h,
                    const MatrixView<T>& w, const T* bias, Index samples, T* out) {
  require_size("W", w.cols, h.cols);
  const Index outputs = w.rows, pitch = kernels::padded(h.cols);
  const Index width = outputs <= 2 ? outputs : outputs <= 5 ? 5 : 10;
  // Aligned: half of the packets would cross cache lines else.
  VectorOf<T> panels = VectorOf<T>::Zero(Cut{outputs, width}.count() * width * pitch);
  const auto& table = kernels::dropout<T>();
  table.pack_outputs(w.data, outputs, w.cols, w.row_stride, w.col_stride, width, panels.data());
  const kernels::MaskedProduct<T> product{.mask = Mask(noise.keep(), noise.seed, stream),
                                          .shared = shared,
                                          .scale = static_cast<T>(noise.factor_of_kept()),
                                          .h = h.data,
                                          .rows = h.rows,
                                          .cols = h.cols,
                                          .row_stride = h.row_stride,
                                          .col_stride = h.col_stride,
                                          .panels = panels.data(),
                                          .width = width,
                                          .outputs = outputs,
                                          .bias = bias};
  const Index cols = std::max<Index>(h.cols, 1);
  // Neighbouring blocks draw a superblock each that they have in common, or, if shared, all.
  const Cut rows{h.rows, std::clamp<Index>((shared ? 32 : 8) * superblock_size / cols, 1, 256)};
  const Index bits = shared ? cols : rows.step * cols;  // of a mask
  const Cut groups{samples, std::clamp<Index>((Index{1} << 18) / bits, 1, 16)};
  parallel_for(rows.count() * groups.count(), [&](Index task) {
    const Index r = task / groups.count(), g = task % groups.count();
    const Index numbers = rows.step * pitch * Index{sizeof(T)};
    const Index words = groups.step * kernels::words_of_mask(bits);
    const Scratch scratch(numbers + words * Index{sizeof(std::uint32_t)});
    auto* const room = static_cast<std::byte*>(scratch.data());
    require_done(table.multiply(product, rows.begin(r), rows.size(r), groups.begin(g),
                                groups.size(g), reinterpret_cast<T*>(room),
                                reinterpret_cast<std::uint32_t*>(room + numbers), out,
                                &poll_in_kernel));
  });
}
template void masked_product(const Dropout&, std::uint32_t, bool, const MatrixView<float>&,
                             const MatrixView<float>&, const float*, Index, float*);
template void masked_product(const Dropout&, std::uint32_t, bool, const MatrixView<double>&,
                             const MatrixView<double>&, const double*, Index, double*);

}  // namespace hessopt
