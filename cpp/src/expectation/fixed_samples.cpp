#include "hessopt/expectation/fixed_samples.hpp"

#include <algorithm>

#include "hessopt/core/error.hpp"

namespace hessopt {
namespace {

std::size_t unsigned_of(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

NoisyRows::NoisyRows(Rows clean, NoiseSamples noise)
    : clean_(std::move(clean)), noise_(std::move(noise)) {
  require(clean_.stack() == nullptr, "X", "blocks of rows",
          "one block, to put noise on, or a method other than \"sample\"");
  require(clean_.get_if<DenseRows>() != nullptr || !noise_.is_additive(), "noise",
          "GaussianNoise on sparse X, of whose zeros it leaves none",
          "noise that multiplies, or a method other than \"sample\"");
}

Block NoisyRows::block(Index begin, Index count, Index sample, bool intercept,
                       RowBuffer& room) const {
  if (clean_.get_if<DenseRows>() == nullptr)
    return stored_block(begin, count, sample, intercept, room);
  return std::visit(
      [&]<Real T>(const MatrixView<T>& x) {
        RowMatrixOf<T>& buffer = room.of<T>();
        buffer.resize(std::max(buffer.rows(), count), cols());
        const T* from = x.data + begin * x.row_stride;
        if (!x.rows_are_contiguous() || x.row_stride != x.cols) {
          pack_rows(x, begin, count, buffer.data());
          from = buffer.data();
        }
        noise_.apply(sample, begin * cols(), count * cols(), from, buffer.data());
        return dense_block<T>({buffer.data(), count, cols(), Eigen::OuterStride<>(cols())},
                              intercept);
      },
      clean_.get_if<DenseRows>()->view());
}

// Of sparse rows. What is dropped is left out.
Block NoisyRows::stored_block(Index begin, Index count, Index sample, bool intercept,
                              RowBuffer& room) const {
  StoredRows& x = room.stored;
  clean_.block(begin, count, 0, false, room).store(x);
  room.elements.resize(x.columns.size());
  for (Index i = 0; i < count; ++i)
    for (auto k = x.starts[unsigned_of(i)]; k < x.starts[unsigned_of(i + 1)]; ++k)
      room.elements[unsigned_of(k)] = (begin + i) * cols() + x.columns[unsigned_of(k)];
  noise_.apply_at(sample, {room.elements.data(), x.columns.data(), x.count()}, x.values.data());
  std::size_t to = 0;
  for (Index i = 0, first = 0; i < count; ++i) {
    const Index end = x.starts[unsigned_of(i + 1)];
    for (Index k = first; k < end; ++k) {  // without a branch: half of them may be dropped
      x.values[to] = x.values[unsigned_of(k)];
      x.columns[to] = x.columns[unsigned_of(k)];
      to += x.values[unsigned_of(k)] != 0 ? 1 : 0;
    }
    first = end;
    x.starts[unsigned_of(i + 1)] = static_cast<Index>(to);
  }
  x.values.resize(to);
  x.columns.resize(to);
  return x.block(cols(), intercept);
}

}  // namespace hessopt
