// Blocks of rows under one another, as data comes that is larger than memory: in memory, mapped
// from files, or loaded each time that a pass comes to them, one at a time.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "hessopt/core/function_ref.hpp"
#include "hessopt/rows/whole.hpp"

namespace hessopt {

class Stack {
 public:
  // Part k, valid for as long as a copy of it lives. It may be made anew for each call.
  using Load = std::function<Rows(Index k)>;

  // Of each part its rows, at least one, and `first`, the first of them; `loaded`: to get one may
  // cost as much as to read it.
  Stack(const std::vector<Index>& lengths, Load load, const Rows& first, bool loaded);

  Index rows() const { return begins_.back(); }
  Index cols() const { return cols_; }
  Index numbers_a_row() const { return numbers_a_row_; }
  bool loaded() const { return loaded_; }

  // visit(part, row) one after the other, `row` being the first among all: no two are there at
  // once.
  void for_each(FunctionRef<void(const Rows& part, Index row)> visit) const;
  // Some of the rows: those of a part as they lie, of several parts in a copy.
  Block block(Index begin, Index count, bool intercept, RowBuffer& room) const;
  Stack every(Index step, Index first) const;

 private:
  Index count() const { return static_cast<Index>(begins_.size()) - 1; }
  Index begin(Index k) const { return begins_[static_cast<std::size_t>(k)]; }
  Rows part(Index k) const;

  std::vector<Index> begins_;  // and the number of all rows
  Load load_;
  Index cols_, numbers_a_row_;
  bool loaded_;
};

// Rows of the stack, all dense or all such as answer for all of them at once.
Rows stacked(Stack stack, const Rows& first);

// Whether no sample of the rows tells what all do, as of sparse ones, or takes as long to read.
inline bool has_rare_columns(const Rows& rows) {
  return sparse_part(rows) != nullptr || (rows.stack() != nullptr && rows.stack()->loaded());
}

// Of dense parts.
class StackedRows final : public RowSource {
 public:
  explicit StackedRows(Stack stack) : stack_(std::move(stack)) {}

  Index rows() const override { return stack_.rows(); }
  Index cols() const override { return stack_.cols(); }
  Block block(Index begin, Index count, Index /*sample*/, bool intercept,
              RowBuffer& room) const override {
    return stack_.block(begin, count, intercept, room);
  }
  Rows every(Index step, Index first) const override {
    return StackedRows(stack_.every(step, first));
  }
  const Stack* stack() const override { return &stack_; }

 private:
  Stack stack_;
};

// Of parts that give sums over all of their rows.
class StackedWholeRows final : public WholeRows {
 public:
  // `work`: multiply-adds of a Gram matrix.
  StackedWholeRows(Stack stack, double work) : stack_(std::move(stack)), work_(work) {}

  Index rows() const override { return stack_.rows(); }
  Index cols() const override { return stack_.cols(); }
  Index numbers_a_row() const override { return stack_.numbers_a_row(); }
  Block block(Index begin, Index count, Index /*sample*/, bool intercept,
              RowBuffer& room) const override {
    return stack_.block(begin, count, intercept, room);
  }
  Rows every(Index step, Index first) const override {
    Stack some = stack_.every(step, first);
    const double share = static_cast<double>(some.rows()) / static_cast<double>(rows());
    return StackedWholeRows(std::move(some), work_ * share);
  }
  const Stack* stack() const override { return &stack_; }

  void add_transposed(const double* r, double* g) const override;
  void add_gram(const double* w, MatrixRef h) const override;
  double gram_work() const override { return work_; }
  void add_deviations(const Array& weight, const double* centre, double* sums) const override;
  void add_squares(const Array& weight, const double* centre, const double* unit,
                   double* sums) const override;
  void add_ranges(const Index* group, Index groups, double* least, double* most) const override;

 private:
  template <class Visit>
  void for_each(Visit&& visit) const;

  Stack stack_;
  double work_;
};

}  // namespace hessopt
