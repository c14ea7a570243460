// Vectors of several outputs, as products with a block of rows want them: the coefficients of
// several linear predictors, or sums of rows for each.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

class OutputVectors {
 public:
  // `count` vectors of `cols` numbers and, where `intercept`, one more; `single`: in float32.
  void make_room(Index cols, bool intercept, Index count, bool single);

  // The vectors become those of x, which follow each other, or zeros.
  void set(ConstVectorRef x);
  void clear();
  // x += the vectors
  void add_to(VectorRef x) const;

  Index count() const { return last_.size(); }
  Index stride() const { return stride_; }
  bool is_single() const { return single_; }
  // The last number of each, in double; zeros without intercepts.
  const double* last() const { return last_.data(); }
  double* last() { return last_.data(); }

  // f(the numbers but for the last of each)
  template <class F>
  void visit(F&& f) const {
    single_ ? f(narrow_.data()) : f(wide_.data());
  }
  template <class F>
  void visit(F&& f) {
    single_ ? f(narrow_.data()) : f(wide_.data());
  }

 private:
  Index width() const { return cols_ + (intercept_ ? 1 : 0); }

  Index cols_ = 0, stride_ = 0;
  bool intercept_ = false, single_ = false;
  VectorOf<float> narrow_;
  Vector wide_, last_;
};

}  // namespace hessopt
