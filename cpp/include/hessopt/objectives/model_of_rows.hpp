// What models of rows have in common: a pass that sums over blocks, from which a form of the model
// under noise can take the blocks one by one.
#pragma once

#include <memory>
#include <utility>

#include "hessopt/core/function_ref.hpp"
#include "hessopt/objectives/model_of_data.hpp"

namespace hessopt {

class ModelOfRows : public ModelOfData {
 public:
  // Linear predictors of a row.
  virtual Index n_outputs() const = 0;
  Index n_parameters() const override { return n_outputs() * data_.n_parameters_per_output(); }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;
  virtual Index block_rows(const Request& request) const = 0;
  // What the rows from `begin` on add; the sum of Hessians is then to be completed, of which the
  // lower triangle is wanted.
  virtual void add_block(Evaluation& partial, const Block& block, Index begin, ConstVectorRef x,
                         const Request& request) const = 0;
  // The same of all rows, where these give sums over all of them alone.
  virtual void add_whole(Evaluation& sum, const WholeRows& rows, ConstVectorRef x,
                         const Request& request) const = 0;
  virtual void complete(Matrix& hessian) const = 0;
  // Of every row, the derivatives of its loss in the predictors.
  virtual Matrix slopes(ConstVectorRef x) const = 0;
  // The model of rows begin .. begin + m alone, with m rows in their place: see Data::part.
  virtual std::unique_ptr<const ModelOfRows> part(Rows rows, Index begin) const = 0;

 protected:
  explicit ModelOfRows(Data data) : ModelOfData(std::move(data)) {}

  // What `visit(partial, rows, begin)` adds of blocks to the value and the residual.
  void add_values(
      Evaluation& sum,
      FunctionRef<void(Evaluation& partial, const Block& rows, Index begin)> visit) const;

 private:
  Index rows_per_task(const Request& request) const;
  void move_origins(Matrix& h, const Vector& origin) const;
};

}  // namespace hessopt
