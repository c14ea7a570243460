// What models of data have in common, whether or not they are sums over its rows.
#pragma once

#include <utility>

#include "hessopt/objectives/column_moments.hpp"
#include "hessopt/objectives/objective.hpp"
#include "hessopt/rows/stacked.hpp"

namespace hessopt {

class ModelOfData : public EvaluatedObjective {
 public:
  const Data& data() const { return data_; }
  // Whether no sample of the rows stands for all of them.
  virtual bool has_rare_columns() const { return hessopt::has_rare_columns(data_.rows); }
  const ColumnMoments& column_moments() const { return moments_.of(data_, takes_up_means()); }
  // X w, and with the offset.
  Array products_with_rows(ConstVectorRef w) const;
  Array predictors(ConstVectorRef w) const;
  // Of a Hessian in single precision, in evaluations of value and gradient.
  virtual double hessian_cost() const = 0;

 protected:
  explicit ModelOfData(Data data) : data_(std::move(data)) {}

  // What is known of the rows stays so.
  void set_l2(Vector l2) { data_.l2 = penalty_of_columns(std::move(l2), data_.rows.cols()); }
  // Whether a number added to a column changes nothing but an intercept.
  virtual bool takes_up_means() const { return data_.intercept; }
  // The rows, where they give sums over all of them alone.
  const WholeRows* whole() const { return data_.rows.get_if<WholeRows>(); }

  // For models whose rows are known together alone, once all predictors are: sums += X'r, and
  // lower += Z'diag(w)Z with Z = X - 1 origin'.
  void add_products(const Array& r, VectorRef sums) const;
  void add_gram_of_rows(const Array& w, const Vector& origin, MatrixRef lower) const;

  Data data_;

 private:
  KnownMoments moments_;
};

}  // namespace hessopt
