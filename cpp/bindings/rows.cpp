#include "rows.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "floors.hpp"
#include "hessopt/rows/dense.hpp"
#include "hessopt/rows/mixed.hpp"
#include "hessopt/rows/pass.hpp"
#include "hessopt/rows/sparse.hpp"
#include "hessopt/rows/stacked.hpp"

namespace hessopt::bindings {
namespace {

// `values`: null where all are 1; `starts` of int64, as `values` and `indices` in one piece.
template <class T, class I>
Compressed compressed_from(const py::object& values, const py::array& indices,
                           const py::array& starts, Index cols) {
  const Elements<const I> columns(indices, 1);
  const Elements<const std::int64_t> edges(starts, 1);
  SparseView<T, I> view{nullptr, columns.in_c_order(), edges.in_c_order(), edges.size() - 1, cols,
                        1};
  if (!values.is_none()) {
    const auto array = py::reinterpret_borrow<py::array>(values);
    view.values = Elements<const T>(array, 1).in_c_order();
    require(array.size() == columns.size(), "X", std::to_string(array.size()) + " numbers",
            "one for each of the indices");
  }
  require(view.rows >= 1 && view.starts[0] >= 0 && view.starts[view.rows] <= columns.size(), "X",
          "indptr that does not fit", "row by row where its numbers begin and end");
  return {view, owner_of(py::make_tuple(values, indices, starts))};
}

Compressed compressed_of(const py::object& values, const py::array& indices,
                         const py::array& starts, Index cols) {
  const auto of_type = [&]<class T>() {
    if (holds<std::int32_t>(indices))
      return compressed_from<T, std::int32_t>(values, indices, starts, cols);
    return compressed_from<T, std::int64_t>(values, indices, starts, cols);
  };
  const Compressed given = values.is_none()
                               ? of_type.template operator()<double>()
                               : dispatch(py::reinterpret_borrow<py::array>(values), of_type);
  const LongCall call;
  return checked(given);
}

template <class T>
kernels::Codes codes_as(const py::array& codes, Index levels, Index at) {
  const Elements<const T> e(codes, 1);
  return {e.data(), sizeof(T), e.stride(0), levels, at, false};
}

// Codes without a sign, the levels they are of, and the column of the first.
kernels::Codes codes_from(const py::array& codes, Index levels, Index at) {
  if (holds<std::uint8_t>(codes)) return codes_as<std::uint8_t>(codes, levels, at);
  if (holds<std::uint16_t>(codes)) return codes_as<std::uint16_t>(codes, levels, at);
  return codes_as<std::uint32_t>(codes, levels, at);
}

using Variable = std::tuple<py::array, Index, Index>;

Rows mixed_rows(Index rows, Index cols, const py::object& dense, const std::vector<Index>& dense_at,
                const std::vector<Variable>& variables, const py::object& sparse, Index sparse_at) {
  MixedRows::Parts parts{.dense_at = dense_at, .sparse_at = sparse_at};
  const auto require_length = [&](Index length) { require_size("X", length, rows); };
  if (!dense.is_none()) {
    parts.dense = *rows_from(dense).get_if<DenseRows>();
    require_length(parts.dense->rows());
    require_size("X", static_cast<Index>(dense_at.size()), parts.dense->cols());
  }
  py::list owners;
  for (const auto& [codes, levels, at] : variables) {
    require_length(codes.size());
    parts.variables.push_back(codes_from(codes, levels, at));
    owners.append(codes);
  }
  if (!sparse.is_none()) {
    parts.sparse = *sparse.cast<Rows>().get_if<SparseRows>();
    require_length(parts.sparse->rows());
  }
  parts.owner = owner_of(owners);
  const LongCall call;
  return MixedRows(rows, cols, std::move(parts));
}

// Rows of the parts that `load` gives by their number: called without the GIL, in the middle of a
// pass.
Rows stacked_rows(const std::vector<Index>& lengths, const py::object& load,
                  const py::object& first, bool loaded) {
  const Rows like = rows_from(first);
  const auto function = std::static_pointer_cast<const py::object>(owner_of(load));
  const auto part = [function](Index k) {
    const py::gil_scoped_acquire gil;
    return rows_from((*function)(k));
  };
  return stacked(Stack(lengths, part, like, loaded), like);
}

}  // namespace

Rows rows_from(const py::object& x) {
  if (py::isinstance<Rows>(x)) return x.cast<Rows>();
  const auto array = x.cast<py::array>();
  return dispatch(array,
                  [&]<class T>() { return DenseRows(matrix_view<T>(array), owner_of(array)); });
}

Rows rows_argument(const char* name, const py::object& value) {
  return rows_from(py::module_::import("hessopt.rows").attr("rows_of")(name, value));
}

py::object data_of(const Rows& rows) {
  const auto* dense = rows.get_if<DenseRows>();
  if (dense == nullptr) return py::cast(rows);
  return std::visit([&](const auto& x) -> py::object { return read_only(x, dense->owner()); },
                    dense->view());
}

void bind_rows(py::module_& m) {
  using namespace py::literals;
  py::class_<Rows>(m, "Rows").def_property_readonly(
      "shape", [](const Rows& x) { return py::make_tuple(x.rows(), x.cols()); },
      "Numbers of rows and columns.");
  m.def(
      "products_with_rows",
      [](const Rows& x, const py::object& w, const py::object& add) {
        const Matrix columns = columns_argument("w", w, x.cols());
        const VectorArgument last("add", add, columns.cols());
        const Vector intercepts = last.map();
        Matrix out(x.rows(), columns.cols());
        {
          const LongCall call;
          for_each_block(x, true, [&](const Block& rows, Index begin) {
            Vector parameters(x.cols() + 1);
            for (Index k = 0; k < columns.cols(); ++k) {
              parameters << columns.col(k), intercepts[k];
              rows.predict(parameters, &out(begin, k));
            }
          });
        }
        return to_numpy(out);
      },
      "X"_a, "w"_a, "add"_a,
      "X w + add, shape (n, k), of w of shape (p, k) and add of shape (k,).");
  m.def(
      "dense_rows",
      [](const Rows& x, Index begin, Index count) {
        require(begin >= 0 && count >= 0 && begin <= x.rows() - count, "begin",
                std::to_string(begin), "the index of a row, with as many from there");
        NewArray<double> out({count, x.cols()});
        RowBuffer room;
        RowMatrix buffer;
        if (count > 0) out.matrix() = x.block(begin, count, 0, false, room).wide(buffer);
        return py::array_t<double>(out);
      },
      "X"_a, "begin"_a, "count"_a, "Rows begin .. begin + count, filled in, shape (count, p).");
  m.def(
      "sparse_rows",
      [](const py::object& values, const py::array& indices, const py::array& starts, Index cols) {
        return Rows(SparseRows(compressed_of(values, indices, starts, cols)));
      },
      "values"_a, "indices"_a, "starts"_a, "n_columns"_a,
      "Compressed rows, read where they lie; `values` None: all are 1.");
  m.def(
      "sparse_columns",
      [](const py::object& values, const py::array& indices, const py::array& starts, Index rows) {
        const Compressed columns = compressed_of(values, indices, starts, rows);
        const LongCall call;
        return Rows(SparseRows::of_columns(columns));
      },
      "values"_a, "indices"_a, "starts"_a, "n_rows"_a,
      "Compressed columns, of which rows are made.");
  m.def(
      "mixed_rows", &mixed_rows, "n_rows"_a, "n_columns"_a, "dense"_a, "dense_at"_a, "variables"_a,
      "sparse"_a, "sparse_at"_a,
      "Columns side by side: those of a dense array, where each stands; of variables (codes, "
      "levels, first column), whose rows of another code are zeros; of sparse rows, from one on.");
  m.def(
      "stacked_rows", &stacked_rows, "lengths"_a, "load"_a, "first"_a, "loaded"_a,
      "Parts under one another, of which `load` gives each by its number, when a pass comes to it: "
      "the rows that each has, the first of them, and whether it takes long to get one.");
}

}  // namespace hessopt::bindings
