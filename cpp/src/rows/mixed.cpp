#include "hessopt/rows/mixed.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"
#include "mixed_gram.hpp"
#include "mixed_slices.hpp"

namespace hessopt {
namespace {

// The answers of a block, `rest` being all rows.
struct Mixed {
  using Parts = MixedRows::Parts;

  static const Parts& parts(const Block& x) {
    return static_cast<const MixedRows*>(x.rest())->parts();
  }
  static Block dense(const Block& x) {
    thread_local RowBuffer room;
    return parts(x).dense->block(x.row(), x.rows(), 0, false, room);
  }
  static Block sparse(const Block& x) {
    thread_local RowBuffer room;
    return parts(x).sparse->block(x.row(), x.rows(), 0, false, room);
  }
  static Eigen::Map<const Vector> of_sparse(const Block& x, const double* w) {
    return {w + parts(x).sparse_at, parts(x).sparse->cols()};
  }
  static Vector of_dense(const Block& x, const double* w) {
    return Eigen::Map<const Vector>(w, x.cols())(parts(x).dense_at);
  }
  static void add_products_of_codes(const Block& x, const double* w, double* out) {
    const auto& variables = parts(x).variables;
    for_each_slice(0, x.rows(), [&](Index i, Index count) {
      kernels::codes().add_products(variables.data(), static_cast<Index>(variables.size()),
                                    x.row() + i, count, w, out + i);
    });
  }
  static void add_transposed_codes(const Block& x, const double* r, double* g) {
    const auto& variables = parts(x).variables;
    for_each_slice(0, x.rows(), [&](Index i, Index count) {
      kernels::codes().add_transposed(variables.data(), static_cast<Index>(variables.size()),
                                      x.row() + i, count, r + i, g);
    });
  }
  static void scatter(const Block& x, const Vector& of_dense, double* g) {
    for (Index j = 0; j < of_dense.size(); ++j)
      g[parts(x).dense_at[static_cast<std::size_t>(j)]] += of_dense[j];
  }

  static void predict(const Block& x, const double* w, double add, const double* offset,
                      Index stride, double* out) {
    if (parts(x).dense) {
      dense(x).predict(of_dense(x, w), out, offset, stride);
      if (add != 0)
        for (Index i = 0; i < x.rows(); ++i) out[i] += add;
    } else {
      for (Index i = 0; i < x.rows(); ++i)
        out[i] = offset == nullptr ? add : add + offset[i * stride];
    }
    add_products_of_codes(x, w, out);
    if (parts(x).sparse) sparse(x).predict(of_sparse(x, w), out, out);
  }
  static void add_transposed(const Block& x, const double* r, double* g, double* sum) {
    if (parts(x).dense) {
      Vector of = Vector::Zero(parts(x).dense->cols());
      dense(x).add_transposed(r, of);
      scatter(x, of, g);
    }
    add_transposed_codes(x, r, g);
    if (parts(x).sparse) {
      Eigen::Map<Vector> of(g + parts(x).sparse_at, parts(x).sparse->cols());
      sparse(x).add_transposed(r, of);
    }
    if (sum != nullptr) *sum += sum_of(r, x.rows());
  }
  static void add_gram(const Block& x, const double* w, bool rough, MatrixRef h) {
    RowMatrix buffer;
    x.wide(buffer);
    dense_block(buffer, false).add_gram(w, rough, h);
  }
  static void add_cross(const Block& x, const double* w, const RowBlock<double>& z, MatrixRef c) {
    RowMatrix buffer;
    x.wide(buffer);
    dense_block(buffer, false).add_cross(w, z, c);
  }
  static void predict_with_squares(const Block& x, const double* w, const double* z, double add,
                                   double* first, double* second) {
    std::fill_n(first, x.rows(), add);
    std::fill_n(second, x.rows(), 0.0);
    Array one(x.rows()), other(x.rows());
    const auto add_part = [&](const Block& part, const Vector& of_w, const Vector& of_z) {
      part.predict_with_squares(of_w, of_z, one.data(), other.data());
      for (Index i = 0; i < x.rows(); ++i) {
        first[i] += one[i];
        second[i] += other[i];
      }
    };
    if (parts(x).dense) add_part(dense(x), of_dense(x, w), of_dense(x, z));
    add_products_of_codes(x, w, first);
    add_products_of_codes(x, z, second);
    if (parts(x).sparse) add_part(sparse(x), of_sparse(x, w), of_sparse(x, z));
  }
  static void add_transposed_with_squares(const Block& x, const double* r, const double* t,
                                          double* g, double* h, double* sum) {
    const auto part = [&](const Block& rows, VectorRef of_g, VectorRef of_h) {
      rows.add_transposed_with_squares(r, t, of_g, of_h);
    };
    if (parts(x).dense) {
      Vector of_g = Vector::Zero(parts(x).dense->cols()), of_h = of_g;
      part(dense(x), of_g, of_h);
      scatter(x, of_g, g);
      scatter(x, of_h, h);
    }
    add_transposed_codes(x, r, g);
    add_transposed_codes(x, t, h);
    if (parts(x).sparse) {
      const Index at = parts(x).sparse_at, p = parts(x).sparse->cols();
      part(sparse(x), Eigen::Map<Vector>(g + at, p), Eigen::Map<Vector>(h + at, p));
    }
    if (sum != nullptr) *sum += sum_of(r, x.rows());
  }
  static void widen(const Block& x, const double* origin, const double* scale, double* out) {
    const Parts& all = parts(x);
    Eigen::Map<RowMatrix> wide(out, x.rows(), x.cols());
    wide.setZero();
    RowMatrix buffer;
    if (all.dense) {
      const RowBlock<double> numbers = dense(x).wide(buffer);
      for (std::size_t j = 0; j < all.dense_at.size(); ++j)
        wide.col(all.dense_at[j]) = numbers.col(static_cast<Index>(j));
    }
    std::uint32_t codes[slice];
    for (const kernels::Codes& v : all.variables)
      for_each_slice(0, x.rows(), [&](Index begin, Index count) {
        kernels::codes().read(&v, 1, x.row() + begin, count, codes);
        for (Index i = 0; i < count; ++i)
          if (codes[i] < v.levels) wide(begin + i, v.at + codes[i]) = 1;
      });
    if (all.sparse) wide.middleCols(all.sparse_at, all.sparse->cols()) = sparse(x).wide(buffer);
    const auto row_of = [&](const double* from) {
      return Eigen::Map<const Eigen::RowVectorXd>(from, x.cols());
    };
    if (origin != nullptr) wide.rowwise() -= row_of(origin);
    if (scale != nullptr) wide.array().rowwise() /= row_of(scale).array();
  }

  // Parts in the order of their columns: dense columns one by one, variables, sparse ones.
  static void store(const Block& x, StoredRows& out) {
    const Parts& all = parts(x);
    const auto count = static_cast<Index>(all.variables.size());
    struct Part {
      Index at, dense, variable;  // -1: not that
    };
    std::vector<Part> order;
    for (std::size_t j = 0; j < all.dense_at.size(); ++j)
      order.push_back({all.dense_at[j], static_cast<Index>(j), -1});
    for (Index k = 0; k < count; ++k)
      order.push_back({all.variables[static_cast<std::size_t>(k)].at, -1, k});
    if (all.sparse) order.push_back({all.sparse_at, -1, -1});
    std::ranges::sort(order, {}, &Part::at);
    RowMatrix buffer;
    std::optional<RowBlock<double>> numbers;
    if (all.dense) numbers.emplace(dense(x).wide(buffer));
    StoredRows words;
    if (all.sparse) sparse(x).store(words);
    std::vector<std::uint32_t> codes(static_cast<std::size_t>(count * slice));
    out.clear();
    for_each_slice(0, x.rows(), [&](Index begin, Index size) {
      kernels::codes().read(all.variables.data(), count, x.row() + begin, size, codes.data());
      for (Index i = 0; i < size; ++i) {
        for (const Part& part : order)
          if (part.dense >= 0) {
            out.add(part.at, (*numbers)(begin + i, part.dense));
          } else if (part.variable >= 0) {
            const Index code = codes[static_cast<std::size_t>(part.variable * slice + i)];
            if (code < all.variables[static_cast<std::size_t>(part.variable)].levels)
              out.add(part.at + code, 1);
          } else {
            const auto row = static_cast<std::size_t>(begin + i);
            for (auto k = static_cast<std::size_t>(words.starts[row]);
                 k < static_cast<std::size_t>(words.starts[row + 1]); ++k)
              out.add(part.at + words.columns[k], words.values[k]);
          }
        out.end_row();
      }
    });
  }

  static constexpr BlockKind kind{
      .predict = &predict,
      .add_transposed = &add_transposed,
      .add_gram = &add_gram,
      .add_cross = &add_cross,
      .predict_with_squares = &predict_with_squares,
      .add_transposed_with_squares = &add_transposed_with_squares,
      .widen = &widen,
      .store = &store,
  };
};

}  // namespace

MixedRows::MixedRows(Index rows, Index cols, Parts parts)
    : rows_(rows), cols_(cols), parts_(std::move(parts)) {
  parallel_for(n_variables(), [&](Index k) {
    kernels::Codes& v = parts_.variables[static_cast<std::size_t>(k)];
    std::uint32_t codes[slice];
    v.complete = true;
    for_each_slice(0, rows_, [&](Index begin, Index count) {
      kernels::codes().read(&v, 1, begin, count, codes);
      v.complete = v.complete && *std::max_element(codes, codes + count) < v.levels;
    });
  });
}

Index MixedRows::numbers_a_row() const {
  return static_cast<Index>(parts_.dense_at.size()) + n_variables() +
         (parts_.sparse ? parts_.sparse->numbers_a_row() : 0);
}

Block MixedRows::block(Index begin, Index count, Index /*sample*/, bool intercept,
                       RowBuffer& /*room*/) const {
  return {Mixed::kind, nullptr, 0, count, cols_, intercept, this, begin};
}

Rows MixedRows::every(Index step, Index first) const {
  Parts some = parts_;
  if (some.dense) some.dense = *some.dense->every(step, first).get_if<DenseRows>();
  if (some.sparse) some.sparse = *some.sparse->every(step, first).get_if<SparseRows>();
  for (kernels::Codes& v : some.variables) {
    v.data = static_cast<const std::byte*>(v.data) + first * v.stride * v.bytes;
    v.stride *= step;
  }
  return MixedRows((rows_ - first + step - 1) / step, cols_, std::move(some));
}

void MixedRows::add_gram(const double* w, MatrixRef h) const { add_mixed_gram(*this, w, h); }

double MixedRows::gram_work() const {
  const auto dense = static_cast<double>(parts_.dense_at.size()),
             codes = static_cast<double>(n_variables()), n = static_cast<double>(rows_);
  double work = n * (dense * dense / 32 + codes * (dense / 4 + (codes + 1) / 2));
  if (parts_.sparse)
    work += parts_.sparse->gram_work() +
            n * static_cast<double>(parts_.sparse->numbers_a_row()) * (dense + codes);
  return work;
}

}  // namespace hessopt
