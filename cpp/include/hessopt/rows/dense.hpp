// Dense X in its own dtype and order.
#pragma once

#include <memory>
#include <utility>
#include <variant>

#include "hessopt/rows/rows.hpp"

namespace hessopt {

class DenseRows final : public RowSource {
 public:
  using View = std::variant<MatrixView<float>, MatrixView<double>>;

  // `owner` keeps the memory behind x alive for as long as any copy of these rows lives.
  explicit DenseRows(View x, std::shared_ptr<const void> owner = nullptr)
      : x_(x), owner_(std::move(owner)) {}
  template <Real T>
  explicit DenseRows(const MatrixView<T>& x, std::shared_ptr<const void> owner = nullptr)
      : DenseRows(View(x), std::move(owner)) {}

  Index rows() const override {
    return std::visit([](const auto& x) { return x.rows; }, x_);
  }
  Index cols() const override {
    return std::visit([](const auto& x) { return x.cols; }, x_);
  }
  Block block(Index begin, Index count, Index sample, bool intercept,
              RowBuffer& room) const override;
  Rows every(Index step, Index first) const override;

  // Where they lie, for sources that read them and write noisy ones.
  const View& view() const { return x_; }
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  View x_;
  std::shared_ptr<const void> owner_;
};

}  // namespace hessopt
