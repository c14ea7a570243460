// Dense X in its own dtype and order.
#pragma once

#include <memory>
#include <utility>
#include <variant>

#include "hessopt/objectives/objective.hpp"

namespace hessopt {

class DenseRows {
 public:
  // `owner` keeps the memory behind x alive for as long as any copy of these rows lives.
  template <Real T>
  explicit DenseRows(const MatrixView<T>& x, std::shared_ptr<const void> owner = nullptr)
      : x_(x), owner_(std::move(owner)) {}

  Index rows() const {
    return std::visit([](const auto& x) { return x.rows; }, x_);
  }
  Index cols() const {
    return std::visit([](const auto& x) { return x.cols; }, x_);
  }
  Index samples() const { return 1; }
  // Rows 0, step, 2 step, ... where they lie.
  DenseRows every(Index step) const {
    return std::visit([&](const auto& x) { return DenseRows(x.every(step), owner_); }, x_);
  }

  AnyRowBlock block(Index begin, Index count, Index /*sample*/, RowBuffer& buffer) const {
    return std::visit(
        [&]<Real T>(const MatrixView<T>& x) -> AnyRowBlock {
          return row_block<T>(x, begin, count, buffer.of<T>());
        },
        x_);
  }
  // Where they lie, for sources that read them and write noisy ones.
  const auto& view() const { return x_; }
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::variant<MatrixView<float>, MatrixView<double>> x_;
  std::shared_ptr<const void> owner_;
};

}  // namespace hessopt
