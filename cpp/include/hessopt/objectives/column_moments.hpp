// The weighted mean of every column of X and its deviation from it: the units in which a model is
// well scaled, whatever those of X are.
//
// Columns are counted from their first row, each block in two passes while it is in cache, and
// blocks are merged as T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample
// variance", Amer. Statist. 37 (1983). No digit is lost however far from zero a column lies, and
// squares that leave the range of numbers are kept by their root.
#pragma once

#include <memory>

#include "hessopt/objectives/data.hpp"

namespace hessopt {

struct ColumnMoments {
  Vector mean;   // zero where nothing takes up a mean, as an intercept does
  Vector scale;  // root mean square distance from there
};

ColumnMoments column_moments(const Data& data, bool about_mean);

// The weighted means of the products of the columns (x_j - mean_j) / scale_j: symmetric, p x p.
Matrix column_products(const Data& data, const Vector& mean, const Vector& scale);

// Found when they are first asked for, and then known to all copies of a model.
class KnownMoments {
 public:
  KnownMoments();
  const ColumnMoments& of(const Data& data, bool about_mean) const;

 private:
  struct Known;
  std::shared_ptr<Known> known_;
};

}  // namespace hessopt
