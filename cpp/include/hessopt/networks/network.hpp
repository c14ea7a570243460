// A dense network as an objective over rows: the weighted mean of the losses of its outputs, over
// rows and over samples of fixed masks, plus sum_l l2_l |W_l|^2 / 2. In the precision of X; values
// and sums of tasks are in float64.
//
// Rows go through the layers a block at a time, and nothing of rows x parameters is ever held. What
// comes before the first mask is computed once for all samples of a block, and so are, as they are
// linear in it, the gradients and products of those layers, from sums over the samples. Where a
// layer normalises by statistics of the rows, sweeps.hpp does all this instead.
#pragma once

#include <memory>

#include "hessopt/networks/block_pass.hpp"
#include "hessopt/networks/kept_point.hpp"
#include "hessopt/networks/network_data.hpp"
#include "hessopt/networks/read_block.hpp"
#include "hessopt/networks/sweeps.hpp"
#include "hessopt/objectives/objective.hpp"

namespace hessopt {

class Network final : public EvaluatedObjective {
 public:
  // l2: of each layer.
  Network(Architecture architecture, OutputLoss loss, NetworkData data, Vector l2, Masks masks);

  const Architecture& architecture() const { return architecture_; }
  const OutputLoss& loss() const { return loss_; }
  const NetworkData& data() const { return data_; }
  const Vector& l2() const { return l2_; }
  const Masks& masks() const { return masks_; }

  Network batch(const std::vector<Index>& rows) const;
  Network every(Index step) const;
  Network with_masks(Masks masks) const;
  Network without_masks() const;
  // With these statistics of all layers of batch normalisation.
  Network fixed(const std::vector<Statistics>& statistics) const;
  // Those that f has at x, of all such layers.
  std::vector<Statistics> statistics(ConstVectorRef x) const;

  Index n_parameters() const override { return architecture_.n_parameters(); }
  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;

 private:
  void add_penalty(ConstVectorRef x, const Request& request, Evaluation& sum) const;

  Architecture architecture_;
  OutputLoss loss_;
  NetworkData data_;
  Vector l2_;
  Masks masks_;
  // Of the last products; copies have the same data, and share it.
  std::shared_ptr<KeptPoint> kept_ = std::make_shared<KeptPoint>();
};

// The rows of a network's data as its sweeps read them: read(rows).
template <Real T, class Read>
decltype(auto) with_swept_rows(const Network& network, const MatrixView<T>& x, Read&& read) {
  const NetworkData& data = network.data();
  const auto into = [&](Index begin, Index count, BlockState<T>& state) {
    read_block(x, &data, begin, count, state);
    read_targets(data, network.masks().samples, begin, state.output, count);
    read_shares(data, begin, state);
  };
  return read(SweptRows<T>{data.rows(), data.squared_weights(), x.col_stride, into});
}

}  // namespace hessopt
