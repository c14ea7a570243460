#include "hessopt/rows/block.hpp"

#include "hessopt/rows/pass.hpp"

namespace hessopt {

Block Block::standardised(const double* origin, const double* scale, RowMatrix& buffer) const {
  buffer.resize(rows_, cols_);
  kind_->widen(*this, origin, scale, buffer.data());
  return dense_block(buffer, intercept_);
}

void Block::predict(const OutputVectors& w, double* out, Index stride) const {
  if (kind_->predict_all != nullptr) return kind_->predict_all(*this, w, out, stride);
  w.visit([&]<Real S>(const S* vectors) {
    if constexpr (std::same_as<S, double>)
      for (Index k = 0; k < w.count(); ++k)
        kind_->predict(*this, vectors + k * w.stride(), w.last()[k], nullptr, 0, out + k * stride);
  });
}

void Block::add_transposed(const double* r, Index stride, OutputVectors& g) const {
  if (kind_->add_all_transposed != nullptr) return kind_->add_all_transposed(*this, r, stride, g);
  g.visit([&]<Real S>(S* vectors) {
    if constexpr (std::same_as<S, double>)
      for (Index k = 0; k < g.count(); ++k)
        kind_->add_transposed(*this, r + k * stride, vectors + k * g.stride(), &g.last()[k]);
  });
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

void Block::add_ranges(const Index* group, Matrix& least, Matrix& most) const {
  if (kind_->add_ranges != nullptr)
    return kind_->add_ranges(*this, group, least.data(), most.data());
  RowMatrix buffer;
  standardised(nullptr, nullptr, buffer).add_ranges(group, least, most);
}

void for_each_block(const Rows& source, bool intercept,
                    FunctionRef<void(const Block& rows, Index begin)> visit) {
  const auto visit_all = [&](const Rows& rows, Index first) {
    const Cut blocks{rows.rows(), rows_per_block(rows.numbers_a_row())};
    parallel_for(blocks.count(), [&](Index b) {
      thread_local RowBuffer room;
      const Index begin = blocks.begin(b);
      visit(rows.block(begin, blocks.size(b), 0, intercept, room), first + begin);
    });
  };
  if (const Stack* stack = source.stack())
    stack->for_each(visit_all);
  else
    visit_all(source, 0);
}

}  // namespace hessopt
