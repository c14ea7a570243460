// A model of one linear predictor for each of many problems, of as many rows and columns each:
//   f_p(w, b) = sum_i weight_pi l(x_pi'w + b + offset_pi, y_pi) + sum_j l2_j w_j^2 / 2,
// parameters (w, b), b last; weights sum to 1 in each problem.
//
// A chunk of problems, whose rows stay in cache, runs to its end before the next is read: memory is
// read once, not at every iteration.
#pragma once

#include <memory>
#include <variant>

#include "hessopt/batched/newton_batch.hpp"
#include "hessopt/batched/quasi_newton_batch.hpp"
#include "hessopt/core/matrix_view.hpp"
#include "hessopt/linalg/batched.hpp"
#include "hessopt/losses/any_loss.hpp"

namespace hessopt {

struct BatchData {
  std::variant<StackView<double>, StackView<float>> rows;  // a problem after the other
  RowMatrix target;                                        // a problem in each row
  RowMatrix weight;  // the same, of any sum; empty: all rows weigh the same
  RowMatrix offset;  // the same; empty: none
  Vector l2;         // one number, or one per column
  bool intercept = true;
  std::shared_ptr<const void> owner = {};  // of the rows
};

class BatchModel {
 public:
  // Throws where a number is not finite, or no target or weight.
  BatchModel(AnyLoss loss, BatchData data);

  Index problems() const { return data_.target.rows(); }
  Index parameters() const { return data_.l2.size() + (data_.intercept ? 1 : 0); }

  // Value, gradient and, unless `h` is null, the lower triangle of the Hessian of problem p at x,
  // n x n row by row.
  double evaluate(Index p, const double* x, double* g, double* h) const;
  // The same of `count` problems, by threads.
  void evaluate(const Index* problems, Index count, const double* x, double* f, double* g,
                double* h) const;

  // Runs the first `count` of those that run to their ends.
  void run(NewtonBatch& batch, Index count) const;
  void run(QuasiNewtonBatch& batch, Index count) const;

 private:
  template <Real T>
  double add_rows(const StackView<T>& rows, Index p, const double* x, double* g, double* h) const;
  template <bool with_hessian, class B>
  void run_chunks(B& batch, Index count) const;
  Index rows_of_problem() const { return data_.target.cols(); }

  AnyLoss loss_;
  BatchData data_;
};

}  // namespace hessopt
