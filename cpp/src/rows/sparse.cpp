#include "hessopt/rows/sparse.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

template <class T, class I>
const kernels::SparseKernelsOf<T, I>& kernels_for(const SparseView<T, I>&) {
  return kernels::sparse();
}

template <class T, class I>
SparseView<T, I> middle(const SparseView<T, I>& x, Index begin, Index count) {
  return {x.values, x.indices, x.starts + begin * x.stride, count, x.cols, x.stride};
}

// The answers of a block: where its rows start, `rest` being a view of all rows.
template <class T, class I>
struct Sparse {
  static SparseView<T, I> of(const Block& x) {
    const auto& all = *static_cast<const SparseView<T, I>*>(x.rest());
    return {all.values, all.indices, static_cast<const Index*>(x.first()),
            x.rows(),   x.cols(),    x.step() / static_cast<Index>(sizeof(Index))};
  }
  static const kernels::SparseKernelsOf<T, I>& kernel() { return kernels::sparse(); }

  static void predict(const Block& x, const double* w, double add, const double* offset,
                      Index stride, double* out) {
    kernel().multiply(of(x), w, add, offset, stride, out);
  }
  static void add_transposed(const Block& x, const double* r, double* g, double* sum) {
    kernel().add_transposed(of(x), r, g);
    if (sum != nullptr) *sum += sum_of(r, x.rows());
  }
  static void add_gram(const Block& x, const double* w, bool /*rough*/, MatrixRef h) {
    kernel().add_gram(of(x), w, 0, x.cols(), h.data(), h.outerStride());
  }
  static void add_cross(const Block& x, const double* w, const RowBlock<double>& z, MatrixRef c) {
    Vector column(x.rows()), sums(x.cols());
    for (Index k = 0; k < z.cols(); ++k) {
      column = z.col(k).array() * Eigen::Map<const Array>(w, x.rows());
      sums.setZero();
      kernel().add_transposed(of(x), column.data(), sums.data());
      c.col(k) += sums;
    }
  }
  static void predict_with_squares(const Block& x, const double* w, const double* z, double add,
                                   double* first, double* second) {
    kernel().multiply_with_squares(of(x), w, z, add, first, second);
  }
  static void add_transposed_with_squares(const Block& x, const double* r, const double* t,
                                          double* g, double* h, double* sum) {
    kernel().add_transposed_with_squares(of(x), r, t, g, h);
    if (sum != nullptr) *sum += sum_of(r, x.rows());
  }
  static void widen(const Block& x, const double* origin, const double* scale, double* out) {
    kernel().widen(of(x), origin, scale, out);
  }
  static void store(const Block& x, StoredRows& out) {
    const SparseView<T, I> rows = of(x);
    out.clear();
    for (Index i = 0; i < rows.rows; ++i) {
      for (Index k = rows.starts[i * rows.stride]; k < rows.starts[i * rows.stride + 1]; ++k)
        out.add(rows.indices[k],
                rows.values == nullptr ? 1.0 : static_cast<double>(rows.values[k]));
      out.end_row();
    }
  }

  static constexpr BlockKind kind{
      .predict = &predict,
      .add_transposed = &add_transposed,
      .add_gram = &add_gram,
      .add_cross = &add_cross,
      .predict_with_squares = &predict_with_squares,
      .add_transposed_with_squares = &add_transposed_with_squares,
      .widen = &widen,
      .store = &store,
  };
};

// Ranges of rows, for threads to share, with about as many numbers in each.
std::vector<Index> equal_ranges(const Compressed& x) {
  constexpr Index least = 16384;  // numbers
  return std::visit(
      [&](const auto& view) {
        const Index first = view.starts[0], stored = view.starts[view.rows] - first;
        const Index count = std::clamp<Index>(stored / least, 1, 64);
        std::vector<Index> edges{0};
        for (Index k = 1; k < count; ++k)
          edges.push_back(
              std::lower_bound(view.starts, view.starts + view.rows, first + stored / count * k) -
              view.starts);
        edges.push_back(view.rows);
        return edges;
      },
      x.view);
}

// visit(view, begin, end) for each range of rows.
template <class Visit>
void for_each_range(const Compressed& x, Visit&& visit) {
  const std::vector<Index> edges = equal_ranges(x);
  std::visit(
      [&](const auto& view) {
        parallel_for(static_cast<Index>(edges.size()) - 1, [&](Index k) {
          visit(view, edges[static_cast<std::size_t>(k)], edges[static_cast<std::size_t>(k) + 1]);
        });
      },
      x.view);
}

// sums_j += sum of weight_i term(x_ij, j) over rows that weigh something; `columns` is X'.
template <class Term>
void add_terms(const Compressed& columns, const Array& weight, double* sums, Term&& term) {
  const double total = sum_of(weight.data(), weight.size());
  for_each_range(columns, [&](const auto& x, Index begin, Index end) {
    for (Index j = begin; j < end; ++j) {
      double sum = 0, weighed = 0;
      for (Index k = x.starts[j]; k < x.starts[j + 1]; ++k) {
        const double w = weight[x.indices[k]];
        if (w == 0) continue;
        sum += w * term(x.values == nullptr ? 1.0 : static_cast<double>(x.values[k]), j);
        weighed += w;
      }
      const bool has_zeros = x.starts[j + 1] - x.starts[j] < x.cols && weighed < total;
      sums[j] += has_zeros ? sum + (total - weighed) * term(0, j) : sum;
    }
  });
}

}  // namespace

Block StoredRows::block(Index cols, bool intercept) {
  view_ = {values.data(), columns.data(), starts.data(), rows(), cols, 1};
  return {Sparse<double, std::int64_t>::kind,
          starts.data(),
          sizeof(Index),
          rows(),
          cols,
          intercept,
          &view_};
}

struct SparseRows::Columns {
  std::once_flag found;
  Compressed known;
};

SparseRows::SparseRows(Compressed rows)
    : rows_(std::move(rows)), columns_(std::make_shared<Columns>()) {}

SparseRows SparseRows::of_columns(Compressed columns) {
  SparseRows out(transposed(columns));
  std::call_once(out.columns_->found, [&] { out.columns_->known = std::move(columns); });
  return out;
}

const Compressed& SparseRows::by_columns() const {
  std::call_once(columns_->found, [&] { columns_->known = transposed(rows_); });
  return columns_->known;
}

Index SparseRows::numbers_a_row() const {
  return std::max<Index>(1, rows_.stored() / std::max<Index>(1, rows()));
}

Block SparseRows::block(Index begin, Index count, Index /*sample*/, bool intercept,
                        RowBuffer& /*room*/) const {
  return std::visit(
      [&]<class T, class I>(const SparseView<T, I>& x) {
        const Index step = x.stride * static_cast<Index>(sizeof(Index));
        return Block(Sparse<T, I>::kind, x.starts + begin * x.stride, step, count, x.cols,
                     intercept, &x);
      },
      rows_.view);
}

Rows SparseRows::every(Index step, Index first) const {
  return SparseRows({std::visit(
                         [&](const auto& x) {
                           auto some = middle(x, first, x.rows - first);
                           some.rows = (some.rows + step - 1) / step;
                           some.stride *= step;
                           return Compressed::View(some);
                         },
                         rows_.view),
                     rows_.owner});
}

void SparseRows::add_transposed(const double* r, double* g) const {
  for_each_range(by_columns(), [&](const auto& x, Index begin, Index end) {
    kernels_for(x).multiply(middle(x, begin, end - begin), r, 0, g + begin, 1, g + begin);
  });
}

void SparseRows::add_gram(const double* w, MatrixRef h) const {
  constexpr Index rows_at_once = 4096;  // between two looks at whether to go on
  const std::vector<double> work = work_of_columns();
  const Index p = cols(), parts = std::min<Index>(max_threads(), p);
  const auto edge = [&](Index k) {
    if (k == 0 || k == parts) return k == 0 ? 0 : p;
    const double share = work.back() * static_cast<double>(k) / static_cast<double>(parts);
    return static_cast<Index>(std::lower_bound(work.begin(), work.end(), share) - work.begin());
  };
  std::visit(
      [&](const auto& x) {
        parallel_for(parts, [&](Index k) {
          const Index begin = edge(k), end = edge(k + 1);
          for (Index i = 0; i < x.rows; i += rows_at_once) {
            poll_interrupt();
            kernels_for(x).add_gram(middle(x, i, std::min(rows_at_once, x.rows - i)), w + i, begin,
                                    end, h.data(), h.outerStride());
          }
        });
      },
      rows_.view);
}

void SparseRows::add_levels(Index begin, Index count, const double* w, const Levels& levels,
                            double* out) const {
  std::visit(
      [&](const auto& x) {
        kernels_for(x).add_levels(middle(x, begin, count), w, levels.codes, levels.count, out,
                                  levels.by_level, levels.by_column);
      },
      rows_.view);
}

// Of the columns of lower(H) up to each: for each number of a column, those from it on in its row.
std::vector<double> SparseRows::work_of_columns() const {
  return std::visit(
      [&](const auto& x) {
        std::vector<double> work(static_cast<std::size_t>(x.cols));
        for (Index i = 0; i < x.rows; ++i) {
          const Index end = x.starts[i * x.stride + 1];
          for (Index k = x.starts[i * x.stride]; k < end; ++k)
            work[static_cast<std::size_t>(x.indices[k])] += static_cast<double>(end - k);
        }
        for (std::size_t j = 1; j < work.size(); ++j) work[j] += work[j - 1];
        return work;
      },
      rows_.view);
}

double SparseRows::gram_work() const {
  return std::visit(
      [&](const auto& x) {
        double pairs = 0;
        for (Index i = 0; i < x.rows; ++i) {
          const auto size =
              static_cast<double>(x.starts[i * x.stride + 1] - x.starts[i * x.stride]);
          pairs += size * (size + 1) / 2;
        }
        return pairs;
      },
      rows_.view);
}

void SparseRows::add_deviations(const Array& weight, const double* centre, double* sums) const {
  add_terms(by_columns(), weight, sums, [&](double x, Index j) { return x - centre[j]; });
}

void SparseRows::add_squares(const Array& weight, const double* centre, const double* unit,
                             double* sums) const {
  add_terms(by_columns(), weight, sums, [&](double x, Index j) {
    const double distance = (x - centre[j]) / unit[j];
    return distance * distance;
  });
}

void SparseRows::add_ranges(const Index* group, Index groups, double* least, double* most) const {
  const Index p = cols();
  std::vector<Index> sizes(static_cast<std::size_t>(groups));
  for (Index i = 0; i < rows(); ++i)
    if (group[i] >= 0) ++sizes[static_cast<std::size_t>(group[i])];
  for_each_range(by_columns(), [&](const auto& x, Index begin, Index end) {
    std::vector<Index> stored(sizes.size());
    for (Index j = begin; j < end; ++j) {
      std::fill(stored.begin(), stored.end(), 0);
      const auto widen = [&](Index g, double value) {
        least[g * p + j] = std::min(least[g * p + j], value);
        most[g * p + j] = std::max(most[g * p + j], value);
      };
      for (Index k = x.starts[j]; k < x.starts[j + 1]; ++k) {
        const Index g = group[x.indices[k]];
        if (g < 0) continue;
        ++stored[static_cast<std::size_t>(g)];
        widen(g, x.values == nullptr ? 1.0 : static_cast<double>(x.values[k]));
      }
      for (Index g = 0; g < groups; ++g)
        if (stored[static_cast<std::size_t>(g)] < sizes[static_cast<std::size_t>(g)]) widen(g, 0);
    }
  });
}

}  // namespace hessopt
