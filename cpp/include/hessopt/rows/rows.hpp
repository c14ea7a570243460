// Where an objective's rows come from, whatever they are made of. A source may hold the same rows
// several times over: `samples` copies, which differ by the noise drawn into them, and are
// averaged.
#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include "hessopt/rows/block.hpp"

namespace hessopt {

class RowSource;
class Stack;

// Room for a block of rows that a source has to write.
struct RowBuffer {
  std::shared_ptr<const RowSource> held;  // what a block lies in that is there for its sake alone
  RowMatrix wide;
  RowMatrixOf<float> narrow;
  StoredRows stored;
  std::vector<Index> elements;  // of the noise, each of what is stored

  template <Real T>
  RowMatrixOf<T>& of() {
    if constexpr (std::same_as<T, double>)
      return wide;
    else
      return narrow;
  }
};

class Rows;

class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual Index rows() const = 0;
  virtual Index cols() const = 0;
  virtual Index samples() const { return 1; }
  // How many numbers of a row are stored, about.
  virtual Index numbers_a_row() const { return cols(); }
  // Rows begin .. begin + count of a sample, valid for as long as `room` is not used again.
  virtual Block block(Index begin, Index count, Index sample, bool intercept,
                      RowBuffer& room) const = 0;
  // Rows first, first + step, first + 2 step, ... where they lie.
  virtual Rows every(Index step, Index first) const = 0;
  // Where rows are made of parts, which a pass takes one after the other; else null.
  virtual const Stack* stack() const { return nullptr; }
  // The rows before any noise was put on them; null: these.
  virtual const Rows* clean() const { return nullptr; }
};

// A source by reference: copies of it are as good as itself.
class Rows {
 public:
  template <std::derived_from<RowSource> S>
  Rows(S source) : source_(std::make_shared<const S>(std::move(source))) {}

  Index rows() const { return source_->rows(); }
  Index cols() const { return source_->cols(); }
  Index samples() const { return source_->samples(); }
  Index numbers_a_row() const { return source_->numbers_a_row(); }
  Block block(Index begin, Index count, Index sample, bool intercept, RowBuffer& room) const {
    return source_->block(begin, count, sample, intercept, room);
  }
  Rows every(Index step, Index first = 0) const { return source_->every(step, first); }
  const Stack* stack() const { return source_->stack(); }
  const std::shared_ptr<const RowSource>& source() const { return source_; }
  const Rows& clean() const {
    const Rows* inner = source_->clean();
    return inner != nullptr ? *inner : *this;
  }
  // The source itself where it is an S, else null.
  template <std::derived_from<RowSource> S>
  const S* get_if() const {
    return dynamic_cast<const S*>(source_.get());
  }

 private:
  std::shared_ptr<const RowSource> source_;
};

}  // namespace hessopt
