// Multi-class logistic regression: the weighted mean of log sum_k e^{eta_k} - eta_y plus a ridge
// penalty, where eta_k = x'w_k + b_k. Parameters class by class, each (w_k, b_k).
//
// With pi = softmax(eta), the derivatives in eta are pi - e_y and diag(pi) - pi pi'. As the
// probabilities sum to one, so do the blocks of the Hessian to zero,
//   H_kj = -X'diag(weight pi_k pi_j)X,   H_kk = -sum of H_kj over j other than k,
// which takes no difference of numbers that are nearly the same, however certain a class is.
#pragma once

#include "hessopt/objectives/model_of_rows.hpp"
#include "hessopt/objectives/probabilities.hpp"

namespace hessopt {

class SoftmaxModel final : public ModelOfRows {
 public:
  SoftmaxModel(Data data, Index n_classes);

  Index n_classes() const { return classes_; }
  SoftmaxModel with_data(Data other) const { return {std::move(other), classes_}; }
  // The same under another penalty, one number or one per column.
  SoftmaxModel with_l2(Vector l2) const {
    SoftmaxModel out = *this;
    out.set_l2(std::move(l2));
    return out;
  }
  SoftmaxModel every(Index step) const { return {data().every(step), classes_}; }
  // B, of the parameters of one class: at no point does the Hessian exceed the matrix that has B
  // for every class on its diagonal, as diag(pi) - pi pi' <= (I - 11'/K) / 2. D. Bohning,
  // "Multinomial logistic regression algorithm", Ann. Inst. Statist. Math. 44 (1992).
  Matrix curvature_bound() const;

  Index n_outputs() const override { return classes_; }
  Index block_rows(const Request& request) const override;
  void add_block(Evaluation& partial, const Block& block, Index begin, ConstVectorRef x,
                 const Request& request) const override;
  void add_whole(Evaluation& sum, const WholeRows& rows, ConstVectorRef x,
                 const Request& request) const override;
  void complete(Matrix& hessian) const override;
  Matrix slopes(ConstVectorRef x) const override;
  std::unique_ptr<const ModelOfRows> part(Rows rows, Index begin) const override {
    return std::make_unique<SoftmaxModel>(with_data(data().part(std::move(rows), begin, 1)));
  }
  double hessian_cost() const override;

 private:
  struct Room;

  void add_slices(Evaluation& partial, const Block& block, Index begin, const Request& request,
                  Room& room) const;
  void add_pairs(MatrixRef h, const Block& rows, Index begin, Probabilities& pi,
                 const Request& request) const;
  void add_stacked(MatrixRef h, const Block& rows, const Array& weight, const Probabilities& pi,
                   const Request& request) const;

  Index classes_;
};

// Predictors of all classes, a column each, and sums (X 1)'r of columns, in double; the parameters
// of the classes follow each other. Offsets where there are any, of data from `row` on.
void predict_classes(const Block& rows, ConstVectorRef x, MatrixRef out);
void predict_classes(const Block& rows, ConstVectorRef x, MatrixRef out, const Data& data,
                     Index row);
void add_transposed_classes(const Block& rows, const MatrixRef& r, VectorRef sums);

// Completes a Hessian by classes whose blocks sum to zero in every row of blocks, from the lower
// triangles of -H_kj, k > j, in place of these blocks.
void complete_from_pairs(Matrix& h, Index classes);

}  // namespace hessopt
