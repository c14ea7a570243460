#include "mixed_gram.hpp"

#include <algorithm>
#include <numeric>

#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

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

  // The variables with most levels last: their rows of the tables are the longest.
  void add_levels() {
    variables_ = parts_.variables;
    std::ranges::stable_sort(variables_, {}, &kernels::Codes::levels);
    const auto count = static_cast<Index>(variables_.size());
    pad_ = (dense_cols() + 3) / 4 * 4;
    for (Index k = 0; k < count; ++k) tables_.push_back(table(k));
    const std::vector<std::vector<Index>> shares = shares_of_threads();
    parallel_for(static_cast<Index>(shares.size()),
                 [&](Index k) { fill_tables(shares[static_cast<std::size_t>(k)]); });
    parallel_for(count, [&](Index k) { add_table(k); });
  }

  struct Table {
    std::vector<Index> at;  // where each variable begins
    Index stride;
    std::vector<double> data;
  };
  Index levels(Index k) const { return variables_[static_cast<std::size_t>(k)].levels; }

  Table table(Index variable) const {
    Table out;
    Index at = pad_;
    for (Index k = 0; k <= variable; ++k) {
      out.at.push_back(at);
      at += k < variable ? levels(k) + 1 : 1;
    }
    out.stride = (at + 3) / 4 * 4;
    out.data.resize(static_cast<std::size_t>(out.stride * (levels(variable) + 1)));
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
      work[static_cast<std::size_t>(least)] += 1 + k + pad_ / 2;
    }
    return shares;
  }

  void fill_tables(const std::vector<Index>& share) {
    const Index last = *std::ranges::max_element(share);
    std::vector<std::uint32_t> codes(static_cast<std::size_t>((last + 1) * slice));
    RowMatrix weighted = RowMatrix::Zero(slice, pad_), buffer;
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
        Table& t = tables_[static_cast<std::size_t>(k)];
        kernels::codes().add_pairs(codes.data(), k, rows, w_ + begin, weighted.data(),
                                   {t.data.data(), t.stride, pad_, t.at.data()});
      }
    }
  }

  // By squares, since one side is read or written across its rows.
  void add_table(Index variable) {
    const Table& t = tables_[static_cast<std::size_t>(variable)];
    const Index at = variables_[static_cast<std::size_t>(variable)].at;
    const auto add_block = [&](Index from, Index cols, auto&& column) {
      const Cut rows{levels(variable), 16}, others{cols, 16};
      for (Index b = 0; b < rows.count(); ++b)
        for (Index c = 0; c < others.count(); ++c)
          for (Index j = others.begin(c); j < others.begin(c) + others.size(c); ++j)
            for (Index i = rows.begin(b); i < rows.begin(b) + rows.size(b); ++i)
              entry(at + i, column(j)) += t.data[static_cast<std::size_t>(i * t.stride + from + j)];
    };
    add_block(0, dense_cols(), [&](Index j) { return dense_at(j); });
    for (Index k = 0; k < variable; ++k) {
      const Index begin = variables_[static_cast<std::size_t>(k)].at;
      add_block(t.at[static_cast<std::size_t>(k)], levels(k), [&](Index j) { return begin + j; });
    }
    const Index own = t.at.back();
    for (Index i = 0; i < levels(variable); ++i)
      h_(at + i, at + i) += t.data[static_cast<std::size_t>(i * t.stride + own)];
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
  Index pad_ = 0;
};

}  // namespace

void add_mixed_gram(const MixedRows& x, const double* w, MatrixRef h) { MixedGram(x, w, h).add(); }

}  // namespace hessopt
