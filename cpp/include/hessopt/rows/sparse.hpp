// Sparse X, by rows and by columns. Products with X read it by rows, sums X'r by columns: these are
// made when they are first wanted, or the rows of columns that came, and kept, because to scatter
// instead takes two to three times as long.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "hessopt/kernels/sparse.hpp"
#include "hessopt/rows/whole.hpp"

namespace hessopt {

template <class T, class I>
using SparseView = kernels::SparseBlock<T, I>;

// Rows in compressed form, and what keeps them alive.
struct Compressed {
  using View = std::variant<SparseView<float, std::int32_t>, SparseView<float, std::int64_t>,
                            SparseView<double, std::int32_t>, SparseView<double, std::int64_t>>;
  View view;
  std::shared_ptr<const void> owner = nullptr;

  Index rows() const {
    return std::visit([](const auto& x) { return x.rows; }, view);
  }
  Index cols() const {
    return std::visit([](const auto& x) { return x.cols; }, view);
  }
  // Of all rows.
  Index stored() const;
};

// An error that calls X by its name where indices are out of range or decrease, or numbers are not
// finite. Numbers that are all 1 are dropped. Indices that are not in order, or come twice in a
// row, are put in order in a copy, numbers of one index added up.
Compressed checked(Compressed x);
// X', its rows in order.
Compressed transposed(const Compressed& x);

class SparseRows final : public WholeRows {
 public:
  // Both checked.
  explicit SparseRows(Compressed rows);
  static SparseRows of_columns(Compressed columns);

  Index rows() const override { return rows_.rows(); }
  Index cols() const override { return rows_.cols(); }
  Index numbers_a_row() const override;
  Block block(Index begin, Index count, Index sample, bool intercept,
              RowBuffer& room) const override;
  Rows every(Index step, Index first) const override;

  void add_transposed(const double* r, double* g) const override;
  void add_gram(const double* w, MatrixRef h) const override;
  double gram_work() const override;
  void add_deviations(const Array& weight, const double* centre, double* sums) const override;
  void add_squares(const Array& weight, const double* centre, const double* unit,
                   double* sums) const override;
  void add_ranges(const Index* group, Index groups, double* least, double* most) const override;

  // Of rows begin .. begin + count, the sums of w_i x_ij over those of each level: see the kernel.
  struct Levels {
    const std::uint32_t* codes;
    Index count;
    Index by_level, by_column;  // numbers of `out` from one to the next
  };
  void add_levels(Index begin, Index count, const double* w, const Levels& levels,
                  double* out) const;

  const Compressed& by_columns() const;

 private:
  struct Columns;
  std::vector<double> work_of_columns() const;

  Compressed rows_;
  std::shared_ptr<Columns> columns_;  // known to all copies
};

}  // namespace hessopt
