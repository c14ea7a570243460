#include "hessopt/expectation/enumerate.hpp"

namespace hessopt {

void enumerate_masks(double keep, Index begin, Eigen::Ref<RowMatrix> masks, VectorRef probability) {
  for (Index row = 0; row < masks.rows(); ++row) {
    const Index i = begin + row;
    for (Index j = 0; j < masks.cols(); ++j) masks(row, j) = static_cast<double>(i >> j & 1);
    probability[row] = mask_probability(keep, masks.cols(), i);
  }
}

}  // namespace hessopt
