#include "hessopt/rows/grams.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "hessopt/linalg/gram.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

struct LowerSum {
  Matrix lower;

  void operator+=(const LowerSum& other) { lower += other.lower; }
  void clear() { lower.setZero(); }
};

struct VectorSum {
  Vector values;

  void operator+=(const VectorSum& other) { values += other.values; }
  void clear() { values.setZero(); }
};

Matrix completed(Matrix lower) {
  mirror_lower(lower);
  return lower;
}

// The rows of each of some groups, one group after the other, each in order.
struct Grouped {
  std::vector<Index> starts, rows;

  Grouped(std::span<const std::int64_t> codes, Index first, Index count)
      : starts(static_cast<std::size_t>(count) + 1) {
    const auto group_of = [&](std::int64_t code) { return code < 0 ? -1 : code - first; };
    const auto is_one = [&](Index group) { return group >= 0 && group < count; };
    for (const std::int64_t code : codes)
      if (const Index g = group_of(code); is_one(g)) ++starts[static_cast<std::size_t>(g) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    rows.resize(static_cast<std::size_t>(starts.back()));
    std::vector<Index> next(starts.begin(), starts.end() - 1);
    for (std::size_t i = 0; i < codes.size(); ++i)
      if (const Index g = group_of(codes[i]); is_one(g))
        rows[static_cast<std::size_t>(next[static_cast<std::size_t>(g)]++)] = static_cast<Index>(i);
  }

  // visit(begin, count) for runs of rows of a group that follow each other, `most` at a time.
  template <class Visit>
  void for_each_run(Index group, Index most, Visit&& visit) const {
    const auto end = starts[static_cast<std::size_t>(group) + 1];
    for (auto k = starts[static_cast<std::size_t>(group)]; k < end;) {
      const Index begin = rows[static_cast<std::size_t>(k)];
      Index count = 1;
      while (k + count < end && count < most &&
             rows[static_cast<std::size_t>(k + count)] == begin + count)
        ++count;
      visit(begin, count);
      k += count;
    }
  }
};

// sums.row(g) += the sum of r_i (z_i 1) over the rows of group first + g.
void add_sums_of_groups(const Rows& x, bool intercept, const double* r, const Vector& origin,
                        std::span<const std::int64_t> codes, Index first, RowMatrix& sums) {
  const bool widens = x.get_if<WholeRows>() == nullptr;  // else origin by what it changes
  const Grouped grouped(codes, first, sums.rows());
  const Index most = rows_per_block(x.numbers_a_row());
  const Cut tasks{sums.rows(), 64};
  parallel_for(tasks.count(), [&](Index t) {
    thread_local RowBuffer room;
    thread_local RowMatrix buffer;
    Vector one(sums.cols());
    for (Index g = tasks.begin(t); g < tasks.begin(t) + tasks.size(t); ++g) {
      poll_interrupt();
      one.setZero();
      double total = 0;
      grouped.for_each_run(g, most, [&](Index begin, Index size) {
        const Block rows = x.block(begin, size, 0, intercept, room);
        (widens ? rows.about(origin, buffer) : rows).add_transposed(r + begin, one);
        total += sum_of(r + begin, size);
      });
      if (!widens && origin.size() > 0) one.head(x.cols()) -= total * origin;
      sums.row(g) += one.transpose();
    }
  });
}

}  // namespace

Matrix gram_of_rows(const Rows& x, bool intercept, ConstVectorRef w, const Vector& origin) {
  const Index width = x.cols() + (intercept ? 1 : 0);
  if (const auto* whole = x.get_if<WholeRows>()) {
    Matrix h = Matrix::Zero(width, width);
    add_gram(*whole, intercept, w.data(), origin, h);
    return completed(std::move(h));
  }
  LowerSum zero{Matrix::Zero(width, width)};
  return completed(
      sum_over_rows(x, intercept, rows_per_gram_block(x.cols()), std::move(zero),
                    [&](LowerSum& partial, const Block& rows, Index begin) {
                      thread_local RowMatrix buffer;
                      rows.about(origin, buffer).add_gram(w.data() + begin, false, partial.lower);
                    })
          .lower);
}

Matrix gram_of_groups(const Rows& x, bool intercept, ConstVectorRef r, const Vector& origin,
                      std::span<const std::int64_t> codes, Index groups) {
  constexpr Index most_numbers = Index{1} << 24;  // of sums that are held: 128 MiB
  const Index width = x.cols() + (intercept ? 1 : 0);
  const Cut batches{groups, std::max<Index>(1, most_numbers / width)};
  Matrix lower = Matrix::Zero(width, width);
  RowMatrix sums;
  for (Index k = 0; k < batches.count(); ++k) {
    sums.setZero(batches.size(k), width);
    const auto add = [&](const Rows& part, Index row) {
      const auto some =
          codes.subspan(static_cast<std::size_t>(row), static_cast<std::size_t>(part.rows()));
      add_sums_of_groups(part, intercept, r.data() + row, origin, some, batches.begin(k), sums);
    };
    if (const Stack* stack = x.stack())
      stack->for_each(add);
    else
      add(x, 0);
    const Vector ones = Vector::Ones(sums.rows());
    add_weighted_gram(view_of(block_of(sums)), VectorView<double>{ones.data(), ones.size(), 1},
                      lower);
  }
  return completed(std::move(lower));
}

Vector sums_of_rows(const Rows& x, bool intercept, ConstVectorRef r) {
  Vector out = Vector::Zero(x.cols() + (intercept ? 1 : 0));
  if (const auto* whole = x.get_if<WholeRows>()) {
    add_transposed(*whole, intercept, r.data(), out);
    return out;
  }
  return sum_over_rows(x, intercept, rows_per_block(x.cols()), VectorSum{std::move(out)},
                       [&](VectorSum& partial, const Block& rows, Index begin) {
                         rows.add_transposed(r.data() + begin, partial.values);
                       })
      .values;
}

}  // namespace hessopt
