#include "hessopt/linalg/cholesky.hpp"
#include "arguments.hpp"
#include "floors.hpp"
#include "hessopt/core/archive.hpp"
#include "hessopt/core/huge_pages.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/linalg/batched.hpp"
#include "hessopt/linalg/cholesky_inverse.hpp"
#include "hessopt/linalg/cholesky_update.hpp"
#include "hessopt/linalg/condition.hpp"
#include "hessopt/linalg/copy_lower.hpp"
#include "hessopt/linalg/modified_cholesky.hpp"
#include "hessopt/linalg/refinement.hpp"
#include "in_use.hpp"
#include "stacks.hpp"

namespace hessopt::bindings {
namespace {

template <Real T>
MatrixOf<T> lower_of(const MatrixView<T>& h) {
  MatrixOf<T> l = naming_memory("factor of H", h.rows, h.rows, sizeof(T),
                                [&] { return MatrixOf<T>(h.rows, h.rows); });
  advise_huge_pages(l.data(), sizeof(T) * static_cast<std::size_t>(l.size()));
  copy_lower(h, l);
  return l;
}

// The factor of a matrix, kept for solves and updates.
template <Real T>
struct Factor {
  static std::string kind() { return sizeof(T) == 4 ? "Factor float32" : "Factor float64"; }

  MatrixOf<T> l;
  InUse in_use;

  template <class A>
  void fields(A& archive) {
    archive(l);
  }
  bool valid() const {
    return l.rows() > 0 && l.cols() == l.rows() && (l.diagonal().array() > 0).all();
  }

  // The factor and |H|_1.
  static py::tuple of(const py::array& h) {
    const auto view = matrix_view<T>(h);
    Factor out;
    double norm = 0;
    {
      const LongCall call;
      out.l = lower_of(view);
      norm = symmetric_norm(out.l);
      const Pivot pivot = cholesky_factor(out.l);
      if (pivot.failed()) throw NotPositiveDefinite(pivot);
    }
    return py::make_tuple(std::move(out), norm);
  }
  // The factor of H + E, a bound of |H + E|_1, and the diagonal of E.
  static py::tuple modified(const py::array& h) {
    const auto view = matrix_view<T>(h);
    Factor out;
    double norm = 0;
    VectorOf<T> e;
    {
      const LongCall call;
      out.l = lower_of(view);
      norm = symmetric_norm(out.l);
      e = modified_cholesky(out.l);
      norm += static_cast<double>(e.maxCoeff());
    }
    return py::make_tuple(std::move(out), norm, to_numpy(e));
  }
  py::array_t<T> lower() const {
    const InUse::Reading reading(in_use);
    NewArray<T> out({l.rows(), l.cols()});
    out.matrix() = l.template triangularView<Eigen::Lower>();
    return out;
  }
  py::array_t<T> solve(const py::array& b) const {
    const InUse::Reading reading(in_use);
    const auto view = matrix_view<T>(b);
    require_size("b", view.rows, l.rows());
    MatrixOf<T> x;
    {
      const LongCall call;
      x = matrix_copy(view);
      cholesky_solve_in_place(l, x);
    }
    return to_numpy(x);
  }
  py::array_t<T> inverse() const {
    const InUse::Reading reading(in_use);
    const Index n = l.rows();
    NewArray<T> out({n, n});
    auto to = out.symmetric();
    {
      const LongCall call;
      cholesky_inverse(l, to);
    }
    return out;
  }
  py::array_t<T> inverse_diagonal() const {
    const InUse::Reading reading(in_use);
    VectorOf<T> out;
    {
      const LongCall call;
      out = cholesky_inverse_diagonal(l);
    }
    return to_numpy(out);
  }
  double norm_of_inverse() const {
    const InUse::Reading reading(in_use);
    const LongCall call;
    return inverse_norm(l);
  }
  double logdet() const {
    const InUse::Reading reading(in_use);
    return 2 * l.diagonal().template cast<double>().array().log().sum();
  }
  void update(const py::array& v) { modify(v, Modification::add); }
  void downdate(const py::array& v) { modify(v, Modification::subtract); }
  py::bytes state() const {
    const InUse::Reading reading(in_use);
    return save(*this);
  }

 private:
  // Where it may fail or be interrupted it is done on a copy, which costs less than it: either
  // leaves the factor as it was.
  void modify(const py::array& v, Modification sign) {
    constexpr Index long_work = Index{1} << 28;
    MatrixOf<T> columns = matrix_copy(matrix_view<T>(in_c_order<T>(v)));
    require_size("V", columns.rows(), l.rows());
    const InUse::Changing changing(in_use);
    if (sign == Modification::add && l.size() * columns.cols() < long_work) {
      const py::gil_scoped_release release;
      cholesky_modify(l, columns, sign);
      return;
    }
    const LongCall call;
    MatrixOf<T> next = l;
    const Pivot pivot = cholesky_modify(next, columns, sign);
    if (pivot.failed()) throw NotPositiveDefinite(pivot, "H - V V'");
    l.swap(next);
  }
};

template <Real T>
py::class_<Factor<T>> bind_factor(py::module_& m, const char* name) {
  using namespace py::literals;
  return py::class_<Factor<T>>(m, name)
      .def_static("of", &Factor<T>::of, "H"_a)
      .def_static("modified", &Factor<T>::modified, "H"_a)
      .def("lower", &Factor<T>::lower)
      .def("solve", &Factor<T>::solve, "b"_a)
      .def("inverse", &Factor<T>::inverse)
      .def("inverse_diagonal", &Factor<T>::inverse_diagonal)
      .def("norm_of_inverse", &Factor<T>::norm_of_inverse)
      .def("logdet", &Factor<T>::logdet)
      .def("update", &Factor<T>::update, "V"_a)
      .def("downdate", &Factor<T>::downdate, "V"_a)
      .def(py::pickle([](const Factor<T>& factor) { return factor.state(); },
                      [](const py::bytes& bytes) {
                        Factor<T> out;
                        load(out, std::string_view(bytes));
                        return out;
                      }));
}

// b: n x k; None where refinement does not converge.
py::object solve_refined(const Factor<float>& factor, const py::array& h, double norm,
                         const py::array& b) {
  const InUse::Reading reading(factor.in_use);
  const auto matrix = matrix_view<double>(h), right = matrix_view<double>(b);
  require_size("H", matrix.rows, factor.l.rows());
  require_size("H", matrix.cols, factor.l.rows());
  require_size("b", right.rows, factor.l.rows());
  Matrix x;
  bool converged = true;
  {
    const LongCall call;
    x = matrix_copy(right);
    for (Index j = 0; j < x.cols() && converged; ++j) {
      Vector column = x.col(j);
      converged = refined_solve(factor.l, matrix, norm, column);
      x.col(j) = column;
    }
  }
  if (!converged) return py::none();
  return to_numpy(x);
}

// h: n x n of any strides; b: n x k. Returns the solution in a new array like b.
py::array cholesky_solve_numpy(const py::array& h, const py::array& b) {
  return dispatch(h, [&]<class T>() -> py::array {
    const auto matrix = matrix_view<T>(h), right = matrix_view<T>(b);
    MatrixOf<T> x;
    {
      const LongCall call;
      MatrixOf<T> l = lower_of(matrix);
      x = matrix_copy(right);
      cholesky_solve(l, x);
    }
    return to_numpy(x);
  });
}

// h: B x n x n, b: B x n x k
py::array cholesky_solve_stack_numpy(const py::array& h, const py::array& b) {
  return dispatch(h, [&]<class T>() -> py::array {
    const auto matrices = stack_view<T>(h), right = stack_view<T>(b);
    NewArray<T> out({right.count, right.first.rows, right.first.cols});
    T* to = out.data();
    {
      const LongCall call;
      cholesky_solve_stack(matrices, right, to);
    }
    return py::array_t<T>(out);
  });
}

}  // namespace

void bind_cholesky(py::module_& m) {
  using namespace py::literals;
  bind_factor<double>(m, "Factor64");
  bind_factor<float>(m, "Factor32").def("solve_refined", &solve_refined, "H"_a, "norm"_a, "b"_a);
  m.def("cholesky_solve", &cholesky_solve_numpy, "H"_a, "b"_a);
  m.def("cholesky_solve_stack", &cholesky_solve_stack_numpy, "H"_a, "b"_a);

  py::register_exception_translator([](std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const NotPositiveDefinite& e) {
      py::set_error(py::module_::import("numpy.linalg").attr("LinAlgError"), e.what());
    }
  });
}

}  // namespace hessopt::bindings
