// What a block of rows leaves at every layer of a network, and the memory for it: columns of
// kernels::network_rows numbers a unit, kernels::network_stride apart.
#pragma once

#include <vector>

#include "hessopt/networks/architecture.hpp"
#include "hessopt/networks/output_loss.hpp"

namespace hessopt {

// Which of it is wanted.
struct BlockParts {
  bool reverse = false;  // slope, d
  bool curved = false;   // bend, e: of products with the Hessian
  bool along = false;    // rz, ra, rd: of products
};

// Of layer l; of the inputs, l = 0, a alone. Masks are in a, slope and bend.
template <Real T>
struct LayerBlock {
  T* unit = nullptr;   // of batch normalisation, what it is fed with, normalised
  T* a = nullptr;      // a_l = s_l o phi(z_l), or z_L
  T* slope = nullptr;  // s_l o phi'(z_l)
  T* bend = nullptr;   // s_l o phi''(z_l)
  T* d = nullptr;      // d loss / dz_l = e_l o slope_l, summed over samples where they are alike
  T* e = nullptr;      // W_{l+1} d_{l+1}
  T* runit = nullptr;  // the derivatives along a direction: of unit,
  T* rz = nullptr;     // of z_l,
  T* ra = nullptr;     // of a_l,
  T* rd = nullptr;     // of d_l
};

template <Real T>
class BlockState {
 public:
  BlockState(const Architecture& network, BlockParts parts);
  // Bytes that `place` wants: for what a point leaves at the layers and the outputs, which may be
  // kept for later directions, and for the rest.
  Index point_bytes() const { return point_bytes_; }
  Index bytes() const { return point_bytes_ + rest_bytes_; }
  void place(void* point, void* rest) {
    lay_out_point(static_cast<char*>(point));
    lay_out_rest(static_cast<char*>(rest));
  }
  void place(void* all) { place(all, static_cast<char*>(all) + point_bytes_); }

  LayerBlock<T>& operator[](Index l) { return layers_[static_cast<std::size_t>(l)]; }
  const LayerBlock<T>& operator[](Index l) const { return layers_[static_cast<std::size_t>(l)]; }

  Index count = 0;  // rows
  Index rows = 0;   // the same, filled up with rows of zeros to a multiple of the kernels' step
  const T* row[kernels::network_rows];  // where the rows of X begin
  Index index[kernels::network_rows];   // and which they are
  T* weight = nullptr;  // their shares in statistics of the rows, where a layer has any

  // Of the first layer with masks: a, slope and bend before them, the same for all samples, and the
  // sums of d and rd over samples. What is in its place among the layers is that of a sample.
  LayerBlock<T> common;
  T* drawn = nullptr;        // s, by rows
  OutputBlock output;        // in float64
  double* curved = nullptr;  // (d2 loss / d outputs2) rz_L

 private:
  Index lay_out_point(char* start);
  Index lay_out_rest(char* start);

  const Architecture* network_;
  BlockParts parts_;
  std::vector<LayerBlock<T>> layers_;
  Index point_bytes_ = 0;
  Index rest_bytes_ = 0;
};

extern template class BlockState<float>;
extern template class BlockState<double>;

}  // namespace hessopt
