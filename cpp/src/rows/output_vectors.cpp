#include "hessopt/rows/output_vectors.hpp"

#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// Vectors as long as a power of two would share a few sets of a first cache.
constexpr Index apart(Index cols) {
  constexpr Index step = kernels::output_step;
  return (cols + step - 1) / step * step + step;
}

}  // namespace

void OutputVectors::make_room(Index cols, bool intercept, Index count, bool single) {
  if (cols == cols_ && intercept == intercept_ && count == this->count() && single == single_)
    return;
  cols_ = cols;
  intercept_ = intercept;
  single_ = single;
  stride_ = apart(cols);
  narrow_ = VectorOf<float>::Zero(single ? count * stride_ : 0);
  wide_ = Vector::Zero(single ? 0 : count * stride_);
  last_ = Vector::Zero(count);
}

void OutputVectors::set(ConstVectorRef x) {
  visit([&]<Real S>(S* to) {
    for (Index k = 0; k < count(); ++k)
      kernels::vectors<S>().narrow(cols_, 1, x.data() + k * width(), to + k * stride_);
  });
  for (Index k = 0; k < count() && intercept_; ++k) last_[k] = x[k * width() + cols_];
}

void OutputVectors::clear() {
  narrow_.setZero();
  wide_.setZero();
  last_.setZero();
}

void OutputVectors::add_to(VectorRef x) const {
  visit([&]<Real S>(const S* from) {
    for (Index k = 0; k < count(); ++k)
      kernels::vectors<S>().axpy_wide(cols_, 1, from + k * stride_, x.data() + k * width());
  });
  for (Index k = 0; k < count() && intercept_; ++k) x[k * width() + cols_] += last_[k];
}

}  // namespace hessopt
