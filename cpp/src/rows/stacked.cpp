#include "hessopt/rows/stacked.hpp"

#include <algorithm>

#include "hessopt/core/error.hpp"

namespace hessopt {

Stack::Stack(const std::vector<Index>& lengths, Load load, const Rows& first, bool loaded)
    : begins_{0},
      load_(std::move(load)),
      cols_(first.cols()),
      numbers_a_row_(first.numbers_a_row()),
      loaded_(loaded) {
  for (const Index n : lengths) begins_.push_back(begins_.back() + n);
}

Rows Stack::part(Index k) const {
  Rows part = load_(k);
  require_size("X", part.rows(), begin(k + 1) - begin(k));
  require_size("X", part.cols(), cols_);
  return part;
}

void Stack::for_each(FunctionRef<void(const Rows& part, Index row)> visit) const {
  for (Index k = 0; k < count(); ++k) visit(part(k), begin(k));
}

Block Stack::block(Index begin, Index count, bool intercept, RowBuffer& room) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), begin);
  Index k = static_cast<Index>(after - begins_.begin()) - 1;
  if (begin + count <= this->begin(k + 1)) {
    const Rows rows = part(k);
    room.held = rows.source();
    return rows.block(begin - this->begin(k), count, 0, intercept, room);
  }
  room.wide.resize(count, cols_);
  for (Index done = 0; done < count; ++k) {
    const Rows rows = part(k);
    const Index at = begin + done - this->begin(k), some = std::min(count - done, rows.rows() - at);
    RowBuffer inner;
    RowMatrix buffer;
    room.wide.middleRows(done, some) = rows.block(at, some, 0, false, inner).wide(buffer);
    done += some;
  }
  return dense_block(room.wide, intercept);
}

Stack Stack::every(Index step, Index first) const {
  Stack out = *this;
  out.begins_ = {0};
  std::vector<std::pair<Index, Index>> from;  // part, and the first of its rows that is taken
  for (Index k = 0; k < count(); ++k) {
    // Row `first` and those a multiple of `step` after it.
    const Index at =
        begin(k) <= first ? first - begin(k) : (step - (begin(k) - first) % step) % step;
    const Index length = begin(k + 1) - begin(k);
    if (at >= length) continue;
    from.emplace_back(k, at);
    out.begins_.push_back(out.begins_.back() + (length - at + step - 1) / step);
  }
  out.load_ = [load = load_, step, from = std::move(from)](Index k) {
    const auto [part, at] = from[static_cast<std::size_t>(k)];
    return load(part).every(step, at);
  };
  return out;
}

Rows stacked(Stack stack, const Rows& first) {
  const auto* whole = first.get_if<WholeRows>();
  if (whole == nullptr) return StackedRows(std::move(stack));
  const double share = static_cast<double>(stack.rows()) / static_cast<double>(first.rows());
  return StackedWholeRows(std::move(stack), share * whole->gram_work());
}

// visit(part, row), of parts that give such sums.
template <class Visit>
void StackedWholeRows::for_each(Visit&& visit) const {
  stack_.for_each([&](const Rows& part, Index row) { visit(*part.get_if<WholeRows>(), row); });
}

void StackedWholeRows::add_transposed(const double* r, double* g) const {
  for_each([&](const WholeRows& part, Index row) { part.add_transposed(r + row, g); });
}

void StackedWholeRows::add_gram(const double* w, MatrixRef h) const {
  for_each([&](const WholeRows& part, Index row) { part.add_gram(w + row, h); });
}

void StackedWholeRows::add_deviations(const Array& weight, const double* centre,
                                      double* sums) const {
  for_each([&](const WholeRows& part, Index row) {
    part.add_deviations(weight.segment(row, part.rows()), centre, sums);
  });
}

void StackedWholeRows::add_squares(const Array& weight, const double* centre, const double* unit,
                                   double* sums) const {
  for_each([&](const WholeRows& part, Index row) {
    part.add_squares(weight.segment(row, part.rows()), centre, unit, sums);
  });
}

void StackedWholeRows::add_ranges(const Index* group, Index groups, double* least,
                                  double* most) const {
  for_each(
      [&](const WholeRows& part, Index row) { part.add_ranges(group + row, groups, least, most); });
}

}  // namespace hessopt
