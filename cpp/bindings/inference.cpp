// What is said of a fit is made of sums over rows, and of the laws that statistics are held
// against.
#include <cstdint>
#include <span>

#include "arguments.hpp"
#include "floors.hpp"
#include "hessopt/random/distributions.hpp"
#include "hessopt/rows/grams.hpp"
#include "rows.hpp"

namespace hessopt::bindings {
namespace {

py::array gram_of(const py::object& x, const py::object& weights, const py::object& origin,
                  bool intercept) {
  const Rows rows = rows_from(x);
  const VectorArgument w("weights", weights, rows.rows()), about("origin", origin, rows.cols());
  Matrix out;
  {
    const LongCall call;
    out = gram_of_rows(rows, intercept, w.map(), about.map());
  }
  return to_numpy(out);
}

py::array gram_of_clusters(const py::object& x, const py::object& slopes, const py::object& origin,
                           bool intercept, const py::array& codes, Index n_clusters) {
  const Rows rows = rows_from(x);
  const VectorArgument r("slopes", slopes, rows.rows()), about("origin", origin, rows.cols());
  const Elements<const std::int64_t> elements(codes, 1);
  require_size("codes", elements.size(), rows.rows());
  const std::span<const std::int64_t> groups(elements.in_c_order(),
                                             static_cast<std::size_t>(elements.size()));
  for (const std::int64_t g : groups)
    require(g < n_clusters, "codes", std::to_string(g), "numbers below n_clusters");
  Matrix out;
  {
    const LongCall call;
    out = gram_of_groups(rows, intercept, r.map(), about.map(), groups, n_clusters);
  }
  return to_numpy(out);
}

py::array sums_of(const py::object& x, const py::object& slopes, bool intercept) {
  const Rows rows = rows_from(x);
  const VectorArgument r("slopes", slopes, rows.rows());
  Vector out;
  {
    const LongCall call;
    out = sums_of_rows(rows, intercept, r.map());
  }
  return to_numpy(out);
}

}  // namespace

void bind_inference(py::module_& m) {
  using namespace py::literals;
  m.def("gram_of_rows", &gram_of, "X"_a, "weights"_a, "origin"_a, "intercept"_a,
        "(Z 1)' diag(weights) (Z 1), Z = X - origin, the column of ones where `intercept`.");
  m.def("gram_of_clusters", &gram_of_clusters, "X"_a, "slopes"_a, "origin"_a, "intercept"_a,
        "codes"_a, "n_clusters"_a,
        "The sum over clusters of s s', s the sum of slope_i (z_i 1) over the rows i of a cluster, "
        "Z = X - origin. `codes`: int64, of each row; a negative one is of no cluster.");
  m.def("sums_of_rows", &sums_of, "X"_a, "slopes"_a, "intercept"_a, "(X 1)' slopes.");
  m.def("chi_square_tail", &chi_square_tail, "x"_a, "k"_a,
        "P(X > x) of chi-square with k degrees of freedom, any number > 0.");
  m.def("student_tail", &student_tail, "t"_a, "k"_a,
        "P(T > t) of Student's law with k degrees of freedom; inf: of the normal law.");
  m.def("student_quantile", &student_quantile, "p"_a, "k"_a, "t with P(T > t) = p, 0 < p <= 1/2.");
  m.def("log_less_digamma", &log_less_digamma, "a"_a, "log a - psi(a), a > 0.");
  m.def(
      "gamma_shape",
      [](const py::array& weights, double total) {
        return gamma_shape(vector_copy<double>(weights), total);
      },
      "weights"_a, "total"_a,
      "The shape a with the sum of w (log(a w) - psi(a w)) over the weights equal to `total`.");
}

}  // namespace hessopt::bindings
