// A block of rows X of a linear predictor X w + b. What the rows are made of nobody knows but their
// kind, which answers a few questions about them; where the intercept b stands (last), and that its
// column of ones is never stored, is known here alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/types.hpp"
#include "hessopt/kernels/sparse.hpp"
#include "hessopt/rows/output_vectors.hpp"

namespace hessopt {

class Block;
struct StoredRows;

// The questions: a kind of rows is one table of answers. Sums are in double. Of the columns nobody
// asks blocks of rows that answer for all of them at once (whole.hpp).
struct BlockKind {
  // out = X w + add + offset; null: none, else `stride` numbers from one row's to the next
  void (*predict)(const Block& x, const double* w, double add, const double* offset, Index stride,
                  double* out);
  // g += X'r, and *sum += the sum of r where there is a sum
  void (*add_transposed)(const Block& x, const double* r, double* g, double* sum);
  // Both for several vectors: columns of out and r, `stride` numbers apart. Null: one by one.
  void (*predict_all)(const Block& x, const OutputVectors& w, double* out, Index stride) = nullptr;
  void (*add_all_transposed)(const Block& x, const double* r, Index stride,
                             OutputVectors& g) = nullptr;
  // lower(H) += X' diag(w) X
  void (*add_gram)(const Block& x, const double* w, bool rough, MatrixRef h);
  // C += X' diag(w) Z
  void (*add_cross)(const Block& x, const double* w, const RowBlock<double>& z, MatrixRef c);
  // first = X w + add, second = (X o X) z
  void (*predict_with_squares)(const Block& x, const double* w, const double* z, double add,
                               double* first, double* second);
  // g += X'r, h += (X o X)'t, and *sum += the sum of r where there is a sum
  void (*add_transposed_with_squares)(const Block& x, const double* r, const double* t, double* g,
                                      double* h, double* sum);
  // sums_j += sum of weight_i (x_ij - centre_j), or of its square, over rows that weigh something
  void (*add_deviations)(const Block& x, const double* centre, const double* weight, double* sums);
  void (*add_squares)(const Block& x, const double* centre, const double* weight, double* sums);
  // least_j, most_j of the columns over the rows of each group; negative: of no group
  void (*add_ranges)(const Block& x, const Index* group, double* least, double* most);
  // out = (X - origin) / scale by columns, without gaps; null: 0 and 1
  void (*widen)(const Block& x, const double* origin, const double* scale, double* out);
  // Those numbers that are stored, where these are few. Null: all are.
  void (*store)(const Block& x, StoredRows& out) = nullptr;
  bool is_single = false;  // whether the numbers are of float32
};

class Block {
 public:
  // Row i is at `step` i bytes from `first`; `rest`: what a kind keeps beside it, of all rows,
  // among which the first of these is `row`.
  Block(const BlockKind& kind, const void* first, Index step, Index rows, Index cols,
        bool intercept, const void* rest = nullptr, Index row = 0)
      : kind_(&kind),
        first_(static_cast<const std::byte*>(first)),
        rest_(rest),
        step_(step),
        row_(row),
        rows_(rows),
        cols_(cols),
        intercept_(intercept) {}

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  bool intercept() const { return intercept_; }
  Index width() const { return cols_ + (intercept_ ? 1 : 0); }
  const void* first() const { return first_; }
  const void* rest() const { return rest_; }
  Index step() const { return step_; }
  Index row() const { return row_; }

  Block middle(Index begin, Index count) const {
    Block out = *this;
    out.first_ += begin * step_;
    out.row_ += begin;
    out.rows_ = count;
    return out;
  }

  // Whether most of the numbers are zeros that are not stored.
  bool is_sparse() const { return kind_->store != nullptr; }
  void store(StoredRows& out) const { kind_->store(*this, out); }

  // X in double, in `buffer` where it is not dense and double already.
  RowBlock<double> wide(RowMatrix& buffer) const;
  // The rows (X - 1 origin') / scale, in `buffer`. Columns are divided where there is a scale.
  Block standardised(const double* origin, const double* scale, RowMatrix& buffer) const;
  // The rows X - 1 origin', in `buffer`; these where `origin` is empty.
  Block about(const Vector& origin, RowMatrix& buffer) const {
    return origin.size() == 0 ? *this : standardised(origin.data(), nullptr, buffer);
  }

  // out = (X 1) w + offset; null: none, else `stride` numbers from one row's to the next
  void predict(ConstVectorRef w, double* out, const double* offset = nullptr,
               Index stride = 1) const {
    kind_->predict(*this, w.data(), last_of(w), offset, stride, out);
  }
  // g += (X 1)'r
  void add_transposed(const double* r, VectorRef g) const {
    kind_->add_transposed(*this, r, g.data(), last_of(g));
  }
  // Vectors for products with these rows. In double all products are exact, and summed so; where
  // there are many columns, and sums of many terms, numbers of float32 are summed as such, a few
  // hundred at a time: a sum is then good to about 1e-7 of its terms' size.
  void make_vectors(OutputVectors& out, Index count) const {
    out.make_room(cols_, intercept_, count, kind_->is_single && cols_ >= many_columns);
  }
  // out = (X 1) W, its columns `stride` numbers apart, and G += (X 1)'R, for vectors made so.
  void predict(const OutputVectors& w, double* out, Index stride) const;
  void add_transposed(const double* r, Index stride, OutputVectors& g) const;
  // mean = (X 1) w, second = (X o X) z
  void predict_with_squares(ConstVectorRef w, ConstVectorRef z, double* first,
                            double* second) const {
    kind_->predict_with_squares(*this, w.data(), z.data(), last_of(w), first, second);
  }
  // g += (X 1)'r, h += (X o X)'t
  void add_transposed_with_squares(const double* r, const double* t, VectorRef g,
                                   VectorRef h) const {
    kind_->add_transposed_with_squares(*this, r, t, g.data(), h.data(), last_of(g));
  }
  // lower(H) += (X 1)' diag(w) (X 1)
  void add_gram(const double* w, bool rough, MatrixRef h) const;
  // C += (X 1)' diag(w) Z
  void add_cross(const double* w, const RowMatrix& z, MatrixRef c) const;

  // What a kind says of its columns; sparse rows as a table.
  void add_deviations(const Array& centre, const Array& weight, Array& sums) const {
    kind_->add_deviations(*this, centre.data(), weight.data(), sums.data());
  }
  void add_squares(const Array& centre, const Array& weight, Array& sums) const {
    kind_->add_squares(*this, centre.data(), weight.data(), sums.data());
  }
  void add_ranges(const Index* group, Matrix& least, Matrix& most) const;

 private:
  static constexpr Index many_columns = 256;

  double last_of(const ConstVectorRef& w) const { return intercept_ ? w[cols_] : 0; }
  double* last_of(VectorRef& g) const { return intercept_ ? &g[cols_] : nullptr; }

  const BlockKind* kind_;
  const std::byte* first_;
  const void* rest_;
  Index step_, row_, rows_, cols_;
  bool intercept_;
};

// The numbers of some rows that are stored: of row i from starts[i] up to starts[i + 1], columns
// rising. What stands in for sparse rows has those of its own in their places.
struct StoredRows {
  std::vector<double> values;
  std::vector<Index> columns, starts;

  void clear() {
    values.clear();
    columns.clear();
    starts.assign(1, 0);
  }
  void add(Index column, double value) {
    columns.push_back(column);
    values.push_back(value);
  }
  void end_row() { starts.push_back(static_cast<Index>(values.size())); }
  Index rows() const { return static_cast<Index>(starts.size()) - 1; }
  Index count() const { return static_cast<Index>(values.size()); }
  // Sparse rows, for as long as nothing is changed here.
  Block block(Index cols, bool intercept);

 private:
  kernels::SparseBlock<double, std::int64_t> view_ = {};
};

// Dense rows in their own width: the first kind.
template <Real T>
Block dense_block(const RowBlock<T>& x, bool intercept);
// Of a row-major matrix.
inline Block dense_block(const RowMatrix& x, bool intercept) {
  return dense_block(block_of(x), intercept);
}

}  // namespace hessopt
