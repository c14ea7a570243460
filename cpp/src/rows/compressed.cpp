// Sparse matrices looked through, put in order and transposed.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "hessopt/core/error.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/rows/sparse.hpp"

namespace hessopt {
namespace {

// Memory of a matrix that is made here. What is not filled in is not touched.
template <class T, class I>
struct Storage {
  std::unique_ptr<T[]> values;  // none: all are 1
  std::unique_ptr<I[]> indices;
  std::vector<Index> starts;

  Storage(Index rows, Index stored, bool has_values)
      : values(has_values ? new T[static_cast<std::size_t>(stored)] : nullptr),
        indices(new I[static_cast<std::size_t>(stored)]),
        starts(static_cast<std::size_t>(rows) + 1) {}
};

template <class T, class I>
Compressed compressed(std::shared_ptr<Storage<T, I>> from, Index cols) {
  const SparseView<T, I> view{from->values.get(),
                              from->indices.get(),
                              from->starts.data(),
                              static_cast<Index>(from->starts.size()) - 1,
                              cols,
                              1};
  return {view, std::move(from)};
}

template <class T, class I>
void require_range(const SparseView<T, I>& x) {
  for (Index i = 0; i < x.rows; ++i)
    require(x.starts[i] <= x.starts[i + 1], "X",
            "a sparse matrix whose row " + std::to_string(i) + " ends before it begins",
            "indptr that never decreases");
  const auto is_outside = [&](I j) { return j < 0 || static_cast<Index>(j) >= x.cols; };
  const I* const end = x.indices + x.starts[x.rows];
  if (const I* bad = std::find_if(x.indices + x.starts[0], end, is_outside); bad != end)
    throw ArgumentError("X", "a sparse matrix with index " + std::to_string(*bad),
                        "indices from 0 to " + std::to_string(x.cols - 1));
}

template <class T, class I>
bool is_in_order(const SparseView<T, I>& x) {
  for (Index i = 0; i < x.rows; ++i)
    for (Index k = x.starts[i] + 1; k < x.starts[i + 1]; ++k)
      if (x.indices[k] <= x.indices[k - 1]) return false;
  return true;
}

// By counting the numbers of each column: a number finds its place in one step.
template <class J, class T, class I>
Compressed transposed_as(const SparseView<T, I>& x, Index stored) {
  auto out = std::make_shared<Storage<T, J>>(x.cols, stored, x.values != nullptr);
  std::vector<Index>& starts = out->starts;
  for (Index i = 0; i < x.rows; ++i)
    for (Index k = x.starts[i * x.stride]; k < x.starts[i * x.stride + 1]; ++k)
      ++starts[static_cast<std::size_t>(x.indices[k]) + 1];
  for (std::size_t j = 1; j < starts.size(); ++j) starts[j] += starts[j - 1];
  std::vector<Index> next(starts.begin(), starts.end() - 1);
  for (Index i = 0; i < x.rows; ++i) {
    if (i % 65536 == 0) poll_interrupt();
    for (Index k = x.starts[i * x.stride]; k < x.starts[i * x.stride + 1]; ++k) {
      const auto at = static_cast<std::size_t>(next[static_cast<std::size_t>(x.indices[k])]++);
      out->indices[at] = static_cast<J>(i);
      if (x.values != nullptr) out->values[at] = x.values[k];
    }
  }
  return compressed(std::move(out), x.rows);
}

// Rows in order in which an index may come twice: the first of them has the sum.
template <class T, class I>
Compressed without_duplicates(const SparseView<T, I>& x) {
  auto out = std::make_shared<Storage<T, I>>(x.rows, x.starts[x.rows], true);
  Index to = 0;
  for (Index i = 0; i < x.rows; ++i) {
    const Index first = to;
    for (Index k = x.starts[i]; k < x.starts[i + 1]; ++k) {
      const T value = x.values == nullptr ? T{1} : x.values[k];
      if (to > first && out->indices[static_cast<std::size_t>(to - 1)] == x.indices[k]) {
        out->values[static_cast<std::size_t>(to - 1)] += value;
        continue;
      }
      out->indices[static_cast<std::size_t>(to)] = x.indices[k];
      out->values[static_cast<std::size_t>(to++)] = value;
    }
    out->starts[static_cast<std::size_t>(i) + 1] = to;
  }
  return compressed(std::move(out), x.cols);
}

}  // namespace

Index Compressed::stored() const {
  return std::visit(
      [](const auto& x) {
        if (x.stride == 1) return x.starts[x.rows] - x.starts[0];
        Index sum = 0;
        for (Index i = 0; i < x.rows; ++i)
          sum += x.starts[i * x.stride + 1] - x.starts[i * x.stride];
        return sum;
      },
      view);
}

Compressed transposed(const Compressed& x) {
  return std::visit(
      [&](const auto& view) {
        const bool is_short = view.rows <= std::numeric_limits<std::int32_t>::max();
        return is_short ? transposed_as<std::int32_t>(view, x.stored())
                        : transposed_as<std::int64_t>(view, x.stored());
      },
      x.view);
}

Compressed checked(Compressed x) {
  const bool in_order = std::visit(
      [](const auto& view) {
        require_range(view);
        return is_in_order(view);
      },
      x.view);
  if (!in_order)
    x = std::visit([](const auto& view) { return without_duplicates(view); },
                   transposed(transposed(x)).view);
  std::visit(
      [](auto& view) {
        if (view.values == nullptr) return;
        const auto *begin = view.values + view.starts[0],
                   *end = view.values + view.starts[view.rows];
        if (!std::all_of(begin, end, [](auto v) { return std::isfinite(v); }))
          throw ArgumentError("X", "NaN or inf", "finite numbers");
        if (std::all_of(begin, end, [](auto v) { return v == 1; })) view.values = nullptr;
      },
      x.view);
  return x;
}

}  // namespace hessopt
