// What a model is fitted to: rows, a target per row, a weight per row that sums to one, an offset
// of the predictor, a penalty.
#pragma once

#include "hessopt/losses/any_loss.hpp"
#include "hessopt/objectives/penalty.hpp"
#include "hessopt/rows/dense.hpp"

namespace hessopt {

struct Data {
  Rows rows;
  Array target;
  Array weight;      // normalised; empty when all rows weigh the same
  RowMatrix offset;  // a column per output; empty when there is none
  Vector l2;         // per coefficient
  bool intercept = true;

  Index n_parameters_per_output() const { return rows.cols() + (intercept ? 1 : 0); }
  Ridge penalty() const { return {l2, n_parameters_per_output()}; }

  // Weights of the rows from `begin` on in the mean over rows and over samples.
  RowWeights weights(Index begin) const;
  Array weights(Index begin, Index count) const;
  // Those of output k from row `begin` on, offset.cols() numbers from one row to the next; null
  // where there are none.
  const double* offsets(Index begin, Index k = 0) const {
    return offset.size() > 0 ? &offset(begin, k) : nullptr;
  }

  // The same data with its rows drawn from another source.
  Data with_rows(Rows other) const;
  // What rows begin .. begin + m add to the mean and the penalty, as one of `samples` equal copies,
  // with m other rows in their place.
  Data part(Rows other, Index begin, Index samples) const;
  // Rows 0, step, 2 step, ... as data of their own.
  Data every(Index step) const;
};

// What may be left out.
struct DataOptions {
  Array sample_weight = {};  // empty: all rows weigh the same
  RowMatrix offset = {};     // rows x outputs; empty: none
  Vector l2 = {};            // one number, or one per coefficient; empty: none
  bool intercept = true;
};

// A finite number >= 0 for each of `cols` columns; one is that of all, none is 0.
Vector penalty_of_columns(Vector l2, Index cols);

// Checks and normalises.
Data make_data(Rows rows, Array target, DataOptions options = {});

}  // namespace hessopt
