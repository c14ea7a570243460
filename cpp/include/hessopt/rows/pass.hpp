// The one loop over blocks of rows that every objective is made of.
#pragma once

#include <algorithm>
#include <utility>

#include "hessopt/core/threads.hpp"
#include "hessopt/rows/stacked.hpp"

namespace hessopt {

// Whether most numbers of a row are zeros that are not stored.
inline bool is_sparse(const Rows& source) { return source.numbers_a_row() < source.cols(); }

// Rows whose sum is worth handing over: of sparse ones as many as have some numbers a column.
inline Index rows_per_task(const Rows& source) {
  const Index cols = source.cols(), stored = source.numbers_a_row();
  return stored < cols ? std::max(4 * rows_per_block(stored), 4 * cols / stored)
                       : rows_per_task(cols);
}

// The same where the sum is as large as the square of the columns.
inline Index rows_per_gram_task(const Rows& source) {
  if (!is_sparse(source)) return rows_per_task(source.cols());
  const Index cols = source.cols(), stored = source.numbers_a_row();
  const double pairs = static_cast<double>(stored) * static_cast<double>(stored + 1) / 2;
  const double rows = static_cast<double>(cols) * static_cast<double>(cols) / pairs;
  return std::max(rows_per_task(source),
                  static_cast<Index>(std::min(rows, static_cast<double>(source.rows()))));
}

namespace detail {

// total += such a sum over the rows of `source`, which are those from `first` on.
template <class Partial, class Visit>
void add_over_rows(Partial& total, const Partial& zero, const Rows& source, Index first,
                   bool intercept, Index step, Index task, Visit&& visit) {
  const Cut blocks{source.rows(), step};
  const Cut tasks{blocks.count(), std::max<Index>(1, task / step)};
  struct Work {
    Partial partial;
    RowBuffer room;
  };
  ordered_reduce(
      tasks.count(), [&] { return Work{zero, {}}; },
      [&](Work& work, Index t) {
        for (Index b = tasks.begin(t); b < tasks.begin(t) + tasks.size(t); ++b)
          for (Index sample = 0; sample < source.samples(); ++sample) {
            poll_interrupt();
            visit(work.partial,
                  source.block(blocks.begin(b), blocks.size(b), sample, intercept, work.room),
                  first + blocks.begin(b));
          }
      },
      [&](Work& work) {
        total += work.partial;
        work.partial.clear();
      });
}

}  // namespace detail

// One pass over the data: visit(partial, rows, begin) for each block of `step` rows and each sample
// of it, while it lies in cache, and the sum of the partials in a fixed order, one for every `task`
// rows or so.
// A partial is a value that can be set to zero by `clear()` and added by `+=`.
template <class Partial, class Visit>
Partial sum_over_rows(const Rows& source, bool intercept, Index step, Index task, Partial zero,
                      Visit&& visit) {
  Partial total = zero;
  const auto add = [&](const Rows& rows, Index first) {
    detail::add_over_rows(total, zero, rows, first, intercept, step, task, visit);
  };
  if (const Stack* stack = source.stack())
    stack->for_each(add);
  else
    add(source, 0);
  return total;
}

// The same with a partial as large as the square of the columns.
template <class Partial, class Visit>
Partial sum_over_rows(const Rows& source, bool intercept, Index step, Partial zero, Visit&& visit) {
  return sum_over_rows(source, intercept, step, rows_per_task(source), std::move(zero),
                       std::forward<Visit>(visit));
}

// visit(rows, begin) for blocks of all rows, which write to different places.
void for_each_block(const Rows& source, bool intercept,
                    FunctionRef<void(const Block& rows, Index begin)> visit);

}  // namespace hessopt
