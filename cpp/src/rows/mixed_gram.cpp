#include "mixed_gram.hpp"

#include <algorithm>
#include <numeric>

#include "hessopt/core/huge_pages.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/rows/pass.hpp"
#include "mixed_slices.hpp"

namespace hessopt {
namespace {

std::size_t unsigned_index(Index i) { return static_cast<std::size_t>(i); }

struct Sum {
  Matrix lower;

  void operator+=(const Sum& other) { lower += other.lower; }
  void clear() { lower.setZero(); }
};

class MixedGram {
 public:
  MixedGram(const MixedRows& x, const double* w, MatrixRef h)
      : x_(x), parts_(x.parts()), w_(w), h_(h) {}

  void add() {
    if (parts_.dense) add_dense();
    if (!parts_.variables.empty()) add_levels();
    if (parts_.sparse) add_sparse();
  }

 private:
  double& entry(Index i, Index j) { return h_(std::max(i, j), std::min(i, j)); }
  Index dense_cols() const { return static_cast<Index>(parts_.dense_at.size()); }
  Index dense_at(Index j) const { return parts_.dense_at[static_cast<std::size_t>(j)]; }

  void add_dense() {
    const Index p = dense_cols();
    const Matrix sum =
        sum_over_rows(Rows(*parts_.dense), false, rows_per_block(p), Sum{Matrix::Zero(p, p)},
                      [&](Sum& partial, const Block& rows, Index begin) {
                        rows.add_gram(w_ + begin, false, partial.lower);
                      })
            .lower;
    for (Index j = 0; j < p; ++j)
      for (Index i = j; i < p; ++i) entry(dense_at(i), dense_at(j)) += sum(i, j);
  }

  // The variables with most levels last: their tables have the longest rows, which are few.
  void add_levels() {
    variables_ = parts_.variables;
    std::ranges::stable_sort(variables_, {}, &kernels::Codes::levels);
    const auto count = static_cast<Index>(variables_.size());
    width_ = (dense_cols() + 3) / 4 * 4;
    for (Index k = 0; k < count; ++k) tables_.push_back(table(k));
    const std::vector<std::vector<Index>> shares = shares_of_threads();
    parallel_for(static_cast<Index>(shares.size()),
                 [&](Index k) { fill_tables(shares[static_cast<std::size_t>(k)]); });
    parallel_for(count, [&](Index k) { add_table(k); });
  }

  struct Table {
    std::vector<Index> at;  // where each variable begins
    Index stride;
    Vector data, dense;  // sums for levels, and for dense columns
  };
  Index levels(Index k) const { return variables_[static_cast<std::size_t>(k)].levels; }

  Table table(Index variable) const {
    Table out;
    Index at = 0;
    for (Index k = 0; k <= variable; ++k) {
      out.at.push_back(at);
      at += k < variable ? levels(k) + 1 : 1;
    }
    out.stride = (at + 3) / 4 * 4;
    set_zeros(out.data, out.stride * (levels(variable) + 1), 1);
    set_zeros(out.dense, width_ * (levels(variable) + 1), 1);
    return out;
  }

  // Tables, dealt out by their work; a sum does not depend on who has it.
  std::vector<std::vector<Index>> shares_of_threads() const {
    const auto count = static_cast<Index>(variables_.size());
    std::vector<std::vector<Index>> shares(
        static_cast<std::size_t>(std::min<Index>(max_threads(), count)));
    std::vector<Index> work(shares.size());
    for (Index k = count - 1; k >= 0; --k) {
      const auto least = std::ranges::min_element(work) - work.begin();
      shares[static_cast<std::size_t>(least)].push_back(k);
      work[static_cast<std::size_t>(least)] += 1 + k;
    }
    return shares;
  }

  void fill_tables(const std::vector<Index>& share) {
    const Index last = *std::ranges::max_element(share);
    std::vector<std::uint32_t> codes(unsigned_index((last + 1) * slice));
    RowMatrix weighted = RowMatrix::Zero(slice, width_), buffer;
    RowBuffer room;
    for (Index begin = 0; begin < x_.rows(); begin += slice) {
      poll_interrupt();
      const Index rows = std::min(slice, x_.rows() - begin);
      kernels::codes().read(variables_.data(), last + 1, begin, rows, codes.data());
      if (parts_.dense) {
        const RowBlock<double> z = parts_.dense->block(begin, rows, 0, false, room).wide(buffer);
        for (Index i = 0; i < rows; ++i)
          for (Index j = 0; j < z.cols(); ++j) weighted(i, j) = w_[begin + i] * z(i, j);
      }
      for (const Index k : share) {
        Table& t = tables_[unsigned_index(k)];
        kernels::codes().add_pairs(codes.data(), k, rows, w_ + begin,
                                   {t.data.data(), t.stride, t.at.data()});
        kernels::codes().add_rows(&codes[unsigned_index(k * slice)], rows, weighted.data(), width_,
                                  t.dense.data());
      }
    }
  }

  void add_table(Index variable) {
    const Table& t = tables_[unsigned_index(variable)];
    const kernels::Codes& v = variables_[unsigned_index(variable)];
    for (Index j = 0; j < dense_cols(); ++j)
      add_corner({t.dense.data() + j, width_}, v, 1, dense_at(j));
    for (Index k = 0; k < variable; ++k)
      add_corner({&t.data[t.at[unsigned_index(k)]], t.stride}, v, levels(k),
                 variables_[unsigned_index(k)].at);
    for (Index i = 0; i < v.levels; ++i)
      h_(v.at + i, v.at + i) += t.data[i * t.stride + t.at.back()];
  }

  // A row of sums for each level of a variable, those with columns to .. + cols. By squares, since
  // one side may be read or written across its rows.
  struct Sums {
    const double* data;
    Index stride;
  };
  void add_corner(const Sums& sums, const kernels::Codes& v, Index cols, Index to) {
    const Index ld = h_.outerStride();
    const bool is_later = v.at > to;  // whether a level is a row of lower(H)
    double* const corner = &entry(v.at, to);
    const Index by_level = is_later ? 1 : ld, by_column = is_later ? ld : 1;
    const Cut of_levels{v.levels, 16}, others{cols, 16};
    for (Index b = 0; b < of_levels.count(); ++b)
      for (Index c = 0; c < others.count(); ++c)
        for (Index j = others.begin(c); j < others.begin(c) + others.size(c); ++j) {
          const double* const from = sums.data + of_levels.begin(b) * sums.stride + j;
          double* const out = corner + of_levels.begin(b) * by_level + j * by_column;
          for (Index i = 0; i < of_levels.size(b); ++i) out[i * by_level] += from[i * sums.stride];
        }
  }

  void add_sparse() {
    const SparseRows& x = *parts_.sparse;
    const Index at = parts_.sparse_at, p = x.cols();
    x.add_gram(w_, h_.block(at, at, p, p));
    Array column(x_.rows());
    for (Index j = 0; j < dense_cols(); ++j) {
      std::visit(
          [&](const auto& z) {
            for (Index i = 0; i < z.rows; ++i) column[i] = w_[i] * static_cast<double>(z(i, j));
          },
          parts_.dense->view());
      Vector sums = Vector::Zero(p);
      x.add_transposed(column.data(), sums.data());
      for (Index k = 0; k < p; ++k) entry(at + k, dense_at(j)) += sums[k];
    }
    parallel_for(static_cast<Index>(parts_.variables.size()), [&](Index k) {
      const kernels::Codes& v = parts_.variables[static_cast<std::size_t>(k)];
      std::vector<std::uint32_t> codes(static_cast<std::size_t>(slice));
      const bool is_later = at > v.at;  // where a level is a column of H
      double* const corner = &entry(at, v.at);
      const Index ld = h_.outerStride();
      for (Index begin = 0; begin < x_.rows(); begin += slice) {
        poll_interrupt();
        const Index rows = std::min(slice, x_.rows() - begin);
        kernels::codes().read(&v, 1, begin, rows, codes.data());
        x.add_levels(begin, rows, w_ + begin,
                     {codes.data(), v.levels, is_later ? ld : 1, is_later ? 1 : ld}, corner);
      }
    });
  }

  const MixedRows& x_;
  const MixedRows::Parts& parts_;
  const double* w_;
  MatrixRef h_;
  std::vector<kernels::Codes> variables_;
  std::vector<Table> tables_;
  Index width_ = 0;  // of a row of sums for dense columns
};

}  // namespace

void add_mixed_gram(const MixedRows& x, const double* w, MatrixRef h) { MixedGram(x, w, h).add(); }

}  // namespace hessopt
