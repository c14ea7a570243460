#include "hessopt/rows/block.hpp"

#include "hessopt/rows/pass.hpp"

namespace hessopt {

Block Block::standardised(const double* origin, const double* scale, RowMatrix& buffer) const {
  buffer.resize(rows_, cols_);
  kind_->widen(*this, origin, scale, buffer.data());
  return dense_block(buffer, intercept_);
}

void Block::add_gram(const double* w, bool rough, MatrixRef h) const {
  kind_->add_gram(*this, w, rough, h.topLeftCorner(cols_, cols_));
  if (!intercept_) return;
  Vector last = Vector::Zero(cols_ + 1);
  add_transposed(w, last);
  h.row(cols_) += last.transpose();
}

void Block::add_cross(const double* w, const RowMatrix& z, MatrixRef c) const {
  kind_->add_cross(*this, w, block_of(z), c.topRows(cols_));
  if (!intercept_) return;
  Vector last = Vector::Zero(z.cols());
  dense_block(z, false).add_transposed(w, last);
  c.row(cols_) += last.transpose();
}

void for_each_block(const Rows& source, bool intercept,
                    FunctionRef<void(const Block& rows, Index begin)> visit) {
  const Cut blocks{source.rows(), rows_per_block(source.numbers_a_row())};
  parallel_for(blocks.count(), [&](Index b) {
    thread_local RowBuffer room;
    visit(source.block(blocks.begin(b), blocks.size(b), 0, intercept, room), blocks.begin(b));
  });
}

}  // namespace hessopt
