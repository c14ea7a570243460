#include "hessopt/rows/dense.hpp"

#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/gram.hpp"

namespace hessopt {
namespace {

// The answers of dense rows: the kernels of their width.
template <Real T>
struct Dense {
  static kernels::DenseBlock<T> of(const Block& x) {
    return {static_cast<const T*>(x.first()), x.rows(), x.cols(),
            x.step() / static_cast<Index>(sizeof(T))};
  }
  static RowBlock<T> map(const Block& x) {
    const auto b = of(x);
    return {b.data, b.rows, b.cols, Eigen::OuterStride<>(b.stride)};
  }

  static void predict(const Block& x, const double* w, double add, const double* offset,
                      Index stride, double* out) {
    kernels::rows<T>().multiply(of(x), w, add, offset, stride, out);
  }
  static void add_transposed(const Block& x, const double* r, double* g, double* sum) {
    kernels::rows<T>().add_transposed(of(x), r, g, sum);
  }
  static void predict_all(const Block& x, const OutputVectors& w, double* out, Index stride) {
    w.visit([&]<Real S>(const S* vectors) {
      if constexpr (sizeof(S) >= sizeof(T))
        kernels::outputs<T, S>().multiply(of(x), vectors, w.stride(), w.count(), w.last(), out,
                                          stride);
    });
  }
  static void add_all_transposed(const Block& x, const double* r, Index stride, OutputVectors& g) {
    g.visit([&]<Real S>(S* vectors) {
      if constexpr (sizeof(S) >= sizeof(T))
        kernels::outputs<T, S>().add_transposed(of(x), r, stride, g.count(), vectors, g.stride(),
                                                g.last());
    });
  }
  static void add_gram(const Block& x, const double* w, bool rough, MatrixRef h) {
    if (rough)
      add_weighted_gram<float>(map(x), w, h);
    else
      add_weighted_gram<double>(map(x), w, h);
  }
  static void add_cross(const Block& x, const double* w, const RowBlock<double>& z, MatrixRef c) {
    thread_local RowMatrix buffer;
    detail::add_weighted_product<double>(view_of(x.wide(buffer)), w, view_of(z), c);
  }
  static void predict_with_squares(const Block& x, const double* w, const double* z, double add,
                                   double* first, double* second) {
    kernels::rows<T>().multiply_with_squares(of(x), w, z, add, first, second);
  }
  static void add_transposed_with_squares(const Block& x, const double* r, const double* t,
                                          double* g, double* h, double* sum) {
    kernels::rows<T>().add_transposed_with_squares(of(x), r, t, g, h, sum);
  }
  static void add_deviations(const Block& x, const double* centre, const double* weight,
                             double* sums) {
    kernels::rows<T>().add_deviations(of(x), centre, weight, sums);
  }
  static void add_squares(const Block& x, const double* centre, const double* weight,
                          double* sums) {
    kernels::rows<T>().add_squares(of(x), centre, weight, sums);
  }
  static void add_ranges(const Block& x, const Index* group, double* least, double* most) {
    kernels::rows<T>().add_ranges(of(x), group, least, most);
  }
  static void widen(const Block& x, const double* origin, const double* scale, double* out) {
    kernels::rows<T>().widen(of(x), origin, scale, out);
  }

  static constexpr BlockKind kind{
      .predict = &predict,
      .add_transposed = &add_transposed,
      .predict_all = &predict_all,
      .add_all_transposed = &add_all_transposed,
      .add_gram = &add_gram,
      .add_cross = &add_cross,
      .predict_with_squares = &predict_with_squares,
      .add_transposed_with_squares = &add_transposed_with_squares,
      .add_deviations = &add_deviations,
      .add_squares = &add_squares,
      .add_ranges = &add_ranges,
      .widen = &widen,
      .is_single = std::same_as<T, float>,
  };
};

}  // namespace

template <Real T>
Block dense_block(const RowBlock<T>& x, bool intercept) {
  return {Dense<T>::kind, x.data(), x.outerStride() * static_cast<Index>(sizeof(T)),
          x.rows(),       x.cols(), intercept};
}
template Block dense_block(const RowBlock<float>&, bool);
template Block dense_block(const RowBlock<double>&, bool);

RowBlock<double> Block::wide(RowMatrix& buffer) const {
  if (kind_ == &Dense<double>::kind) return Dense<double>::map(*this);
  buffer.resize(rows_, cols_);
  kind_->widen(*this, nullptr, nullptr, buffer.data());
  return block_of(buffer);
}

Block DenseRows::block(Index begin, Index count, Index /*sample*/, bool intercept,
                       RowBuffer& room) const {
  return std::visit(
      [&]<Real T>(const MatrixView<T>& x) {
        return dense_block<T>(row_block(x, begin, count, room.of<T>()), intercept);
      },
      x_);
}

Rows DenseRows::every(Index step, Index first) const {
  const auto some = [&](const auto& x) {
    return View(x.middle_rows(first, x.rows - first).every(step));
  };
  return DenseRows(std::visit(some, x_), owner_);
}

}  // namespace hessopt
