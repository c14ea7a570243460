// Dense, categorical and sparse columns side by side. Of a categorical variable only codes are
// read: its columns of zeros and ones, one for each level, are nowhere.
//
// Pairs of levels are summed into tables of their own, a row for each level of a variable with the
// sums for all levels of the variables before it: whatever a row of X adds to them lies together.
// Sums for dense columns have a table beside it, which is small.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hessopt/kernels/codes.hpp"
#include "hessopt/rows/dense.hpp"
#include "hessopt/rows/sparse.hpp"

namespace hessopt {

class MixedRows final : public WholeRows {
 public:
  struct Parts {
    std::optional<DenseRows> dense = {};
    std::vector<Index> dense_at = {};  // the columns that they are
    std::vector<kernels::Codes> variables = {};
    std::optional<SparseRows> sparse = {};
    Index sparse_at = 0;                          // the first of its columns
    std::shared_ptr<const void> owner = nullptr;  // of the codes
  };
  // Whether codes are levels is looked up here.
  MixedRows(Index rows, Index cols, Parts parts);

  Index rows() const override { return rows_; }
  Index cols() const override { return cols_; }
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

  const Parts& parts() const { return parts_; }

 private:
  Index n_variables() const { return static_cast<Index>(parts_.variables.size()); }
  void add_transposed_codes(const double* r, double* g) const;
  template <class Term>
  void add_terms_of_levels(const Array& weight, double* sums, Term&& term) const;

  Index rows_, cols_;
  Parts parts_;
};

}  // namespace hessopt
