#include "hessopt/networks/predict.hpp"

#include <algorithm>
#include <utility>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/networks/read_block.hpp"

namespace hessopt {
namespace {

// visit(state, begin) for blocks of rows of x, each with room for the parts wanted and read, but
// for a_0, which `read_inputs` writes.
template <Real T, class Visit>
void for_blocks_of(const Architecture& network, BlockParts parts, const MatrixView<T>& x,
                   Visit&& visit) {
  const Cut blocks{x.rows, kernels::network_rows};
  parallel_for(blocks.count(), [&](Index b) {
    poll_interrupt();
    BlockState<T> state(network, parts);
    const Scratch scratch(state.bytes());
    state.place(scratch.data());
    read_block<T>(x, nullptr, blocks.begin(b), blocks.size(b), state);
    visit(state, blocks.begin(b));
  });
}

template <Real T>
void read_inputs(const Architecture& network, const MatrixView<T>& x, BlockState<T>& state) {
  kernels::networks<T>().transpose(state.count, network.width(0), state.row, x.col_stride,
                                   state[0].a);
}

// z_L by rows.
template <Real T>
void write_outputs(const Architecture& network, const BlockState<T>& state, double* out) {
  const Index width = network.width(network.depth());
  const T* z = state[network.depth()].a;
  for (Index i = 0; i < state.count; ++i)
    for (Index k = 0; k < width; ++k)
      out[i * width + k] = static_cast<double>(z[k * kernels::network_stride<T> + i]);
}

// Row i of a_{l-1} d_l' and of d_l, for all layers, of one output; where a layer normalises, of
// what it is fed with times d, and of d.
void write_row(const Architecture& network, const BlockState<double>& state, Index i, double* out) {
  constexpr Index stride = kernels::network_stride<double>;
  for (Index l = 1; l <= network.depth(); ++l) {
    const Layer& layer = network.layer(l);
    // Without biases in the place of the first weights, which are written last.
    double* const d = out + (layer.has_bias ? layer.biases : layer.weights);
    for (Index k = 0; k < layer.units; ++k) d[k] = state[l].d[k * stride + i];
    for (Index k = 0; k < layer.units && layer.norm; ++k)
      out[layer.weights + k] = state[l].unit[k * stride + i] * d[k];
    for (Index j = layer.norm ? -1 : layer.inputs - 1; j >= 0; --j) {
      const double a = state[l - 1].a[j * stride + i];
      double* const weights = out + layer.weights + j * layer.units;
      for (Index k = 0; k < layer.units; ++k) weights[k] = a * d[k];
    }
  }
}

}  // namespace

RowMatrix outputs(const Network& network, ConstVectorRef parameters, const DenseRows& x) {
  const Architecture& net = network.architecture();
  const Index width = network.loss().outputs();
  RowMatrix out(x.rows(), width);
  std::visit(
      [&]<Real T>(const MatrixView<T>& rows) {
        const VectorOf<T> at = parameters.cast<T>();
        const auto norms = norm_numbers(net, at.data());
        for_blocks_of<T>(net, {}, rows, [&](BlockState<T>& state, Index begin) {
          read_inputs(net, rows, state);
          BlockPass<T>(net, network.loss(), network.masks(), at.data(), norms, state)
              .forward(0, net.depth());
          write_outputs(net, state, &out(begin, 0));
        });
      },
      x.view());
  return out;
}

void masked_outputs(const Network& network, ConstVectorRef parameters, const DenseRows& x,
                    std::uint64_t seed, Index first, Index count, double* out) {
  const Architecture& net = network.architecture();
  const Index width = network.loss().outputs(), masked = net.first_masked(), last = net.depth();
  const Masks masks{seed, first + count};
  std::visit(
      [&]<Real T>(const MatrixView<T>& rows) {
        const VectorOf<T> at = parameters.cast<T>();
        const auto norms = norm_numbers(net, at.data());
        for_blocks_of<T>(net, {}, rows, [&](BlockState<T>& state, Index begin) {
          BlockPass<T> pass(net, network.loss(), masks, at.data(), norms, state);
          // Up to the first mask into what all samples have in common.
          std::swap(state[masked].a, state.common.a);
          read_inputs(net, rows, state);
          pass.forward(0, masked);
          std::swap(state[masked].a, state.common.a);
          for (Index sample = 0; sample < count; ++sample) {
            pass.mask(masked, first + sample, state.common);
            pass.forward_masked(masked, last, first + sample);
            write_outputs(net, state, out + (sample * rows.rows + begin) * width);
          }
        });
      },
      x.view());
}

void jacobian(const Network& network, ConstVectorRef parameters, const MatrixView<double>& x,
              double* out) {
  const Architecture& net = network.architecture();
  const Index width = network.loss().outputs(), last = net.depth(), n = net.n_parameters();
  const Vector at = parameters;
  const auto norms = norm_numbers(net, at.data());
  for_blocks_of<double>(net, {.reverse = true}, x, [&](BlockState<double>& state, Index begin) {
    constexpr Index stride = kernels::network_stride<double>;
    BlockPass<double> pass(net, network.loss(), network.masks(), at.data(), norms, state);
    read_inputs(net, x, state);
    pass.forward(0, last);
    for (Index k = 0; k < width; ++k) {
      std::fill_n(state[last].d, width * stride, 0.0);
      std::fill_n(state[last].d + k * stride, state.count, 1.0);
      pass.reverse(last, 1);
      for (Index i = 0; i < state.count; ++i)
        write_row(net, state, i, out + ((begin + i) * width + k) * n);
    }
  });
}

}  // namespace hessopt
