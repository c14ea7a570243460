#include "hessopt/objectives/model_of_data.hpp"

#include "hessopt/linalg/gram.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

// A sum over rows that is one array.
template <class A>
struct Sum {
  A terms;

  void operator+=(const Sum& other) { terms += other.terms; }
  void clear() { terms.setZero(); }
};

}  // namespace

Array ModelOfData::predictors(ConstVectorRef w) const {
  Array eta = products_with_rows(w);
  if (data_.offset.size() > 0) eta += data_.offset.col(0).array();
  return eta;
}

Array ModelOfData::products_with_rows(ConstVectorRef w) const {
  Array out(data_.rows.rows());
  for_each_block(data_.rows, false,
                 [&](const Block& rows, Index begin) { rows.predict(w, out.data() + begin); });
  return out;
}

void ModelOfData::add_products(const Array& r, VectorRef sums) const {
  if (whole() != nullptr) return hessopt::add_transposed(*whole(), false, r.data(), sums);
  const Index cols = data_.rows.cols();
  sums += sum_over_rows(data_.rows, false, rows_per_block(cols), rows_per_small_task(cols),
                        Sum<Vector>{Vector::Zero(cols)},
                        [&](Sum<Vector>& partial, const Block& rows, Index begin) {
                          rows.add_transposed(r.data() + begin, partial.terms);
                        })
              .terms;
}

void ModelOfData::add_gram_of_rows(const Array& w, const Vector& origin, MatrixRef lower) const {
  if (whole() != nullptr) return hessopt::add_gram(*whole(), false, w.data(), origin, lower);
  const Index cols = data_.rows.cols();
  lower +=
      sum_over_rows(data_.rows, false, rows_per_gram_block(cols), rows_per_task(cols),
                    Sum<Matrix>{Matrix::Zero(cols, cols)},
                    [&](Sum<Matrix>& partial, const Block& rows, Index begin) {
                      thread_local RowMatrix shifted;
                      rows.about(origin, shifted).add_gram(w.data() + begin, false, partial.terms);
                    })
          .terms;
}

}  // namespace hessopt
