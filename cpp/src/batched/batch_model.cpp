#include "hessopt/batched/batch_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hessopt/batched/tolerances.hpp"
#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace {

constexpr Index cached_bytes = 256 << 10;  // rows of a chunk of problems: a share of any L2 cache

// In an order of its own.
double sum_of_row_terms(const double* terms, Index count) {
  constexpr Index width = 4;
  double sums[width] = {};
  Index i = 0;
  for (; i + width <= count; i += width)
    for (Index l = 0; l < width; ++l) sums[l] += terms[i + l];
  for (; i < count; ++i) sums[0] += terms[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void add_weighted_rows(kernels::DenseBlock<float> x, const double* weight, double* g) {
  kernels::batch().add_rows_f32(x, weight, g);
}
void add_weighted_rows(kernels::DenseBlock<double> x, const double* weight, double* g) {
  kernels::batch().add_rows_f64(x, weight, g);
}
void add_weighted_squares(kernels::DenseBlock<float> x, const double* weight, double* h, Index ld) {
  kernels::batch().add_squares_f32(x, weight, h, ld);
}
void add_weighted_squares(kernels::DenseBlock<double> x, const double* weight, double* h,
                          Index ld) {
  kernels::batch().add_squares_f64(x, weight, h, ld);
}

template <Real T>
void require_finite_stack(const StackView<T>& rows) {
  for (Index p = 0; p < rows.count; ++p)
    require(kernels::rows<T>().all_finite(strided(rows[p])), "X",
            "NaN or inf in problem " + std::to_string(p), "finite numbers");
}

void require_like_target(const char* name, const RowMatrix& a, const RowMatrix& target) {
  if (a.size() == 0) return;
  require(a.rows() == target.rows() && a.cols() == target.cols(), name, "another shape",
          "that of y");
  require(a.allFinite(), name, "NaN or inf", "finite numbers");
}

// Each problem's to a sum of 1.
void normalize_weights(RowMatrix& weight) {
  for (Index p = 0; p < weight.rows(); ++p) {
    const double sum = weight.row(p).sum();
    require(weight.row(p).minCoeff() >= 0 && sum > 0 && std::isfinite(sum), "sample_weight",
            "weights of problem " + std::to_string(p) + " that are negative, all 0 or too large",
            "numbers >= 0, one of them > 0");
    weight.row(p) /= sum;
  }
}

}  // namespace

BatchModel::BatchModel(AnyLoss loss, BatchData data)
    : loss_(std::move(loss)), data_(std::move(data)) {
  std::visit(
      [this](const auto& rows) {
        require_size("y", data_.target.rows(), rows.count);
        require_size("y", data_.target.cols(), rows.first.rows);
        require_size("l2", data_.l2.size(), rows.first.cols);
        require_finite_stack(rows);
      },
      data_.rows);
  for (Index p = 0; p < problems(); ++p)
    for (const double y : data_.target.row(p))
      if (!loss_.accepts(y))
        throw ArgumentError("y", "the target " + text(y) + " in problem " + std::to_string(p),
                            loss_.target());
  require_like_target("sample_weight", data_.weight, data_.target);
  require_like_target("offset", data_.offset, data_.target);
  if (data_.weight.size() > 0) normalize_weights(data_.weight);
}

double BatchModel::evaluate(Index p, const double* x, double* g, double* h) const {
  const Index n = parameters();
  std::fill_n(g, n, 0.0);
  if (h != nullptr) std::fill_n(h, n * n, 0.0);
  double f = std::visit([&](const auto& rows) { return add_rows(rows, p, x, g, h); }, data_.rows);
  for (Index j = 0; j < data_.l2.size(); ++j) {
    const double slope = data_.l2[j] * x[j];
    f += 0.5 * slope * x[j];
    g[j] += slope;
    if (h != nullptr) h[j * n + j] += data_.l2[j];
  }
  return f;
}

template <Real T>
double BatchModel::add_rows(const StackView<T>& rows, Index p, const double* x, double* g,
                            double* h) const {
  const Index n = parameters(), cols = data_.l2.size(), m = rows_of_problem();
  const bool intercept = data_.intercept;
  const MatrixView<T> of_problem = rows[p];
  alignas(64) double eta[most_rows_per_slice + chunk_rows];
  alignas(64) double first[most_rows_per_slice + chunk_rows];
  alignas(64) double second[most_rows_per_slice + chunk_rows];
  thread_local RowMatrixOf<T> packed;
  const Cut slices{m, rows_per_slice(cols)};
  double f = 0;
  for (Index s = 0; s < slices.count(); ++s) {
    const Index begin = slices.begin(s), count = slices.size(s);
    const kernels::DenseBlock<T> block = dense(row_block(of_problem, begin, count, packed));
    const double* offset = data_.offset.size() > 0 ? &data_.offset(p, begin) : nullptr;
    kernels::rows<T>().multiply(block, x, intercept ? x[cols] : 0, offset, 1, eta);
    RowWeights weights{nullptr, 1 / static_cast<double>(m)};
    if (data_.weight.size() > 0) weights = {&data_.weight(p, begin), 1};
    f += loss_.add_up(count, eta, &data_.target(p, begin), weights, first, second).value;
    add_weighted_rows(block, first, g);
    if (intercept) g[cols] += sum_of_row_terms(first, count);
    if (h == nullptr) continue;
    add_weighted_squares(block, second, h, n);
    if (!intercept) continue;
    add_weighted_rows(block, second, h + cols * n);
    h[cols * n + cols] += sum_of_row_terms(second, count);
  }
  return f;
}

void BatchModel::evaluate(const Index* problems, Index count, const double* x, double* f, double* g,
                          double* h) const {
  const Index n = parameters();
  const Cut groups{count, 16};
  parallel_for(groups.count(), [&](Index t) {
    for (Index q = groups.begin(t); q < groups.begin(t) + groups.size(t); ++q) {
      double* curvature = h != nullptr ? h + q * n * n : nullptr;
      f[q] = evaluate(problems[q], x + q * n, g + q * n, curvature);
      for (Index i = 0; h != nullptr && i < n; ++i)
        for (Index j = 0; j < i; ++j) curvature[j * n + i] = curvature[i * n + j];
    }
  });
}

template <bool with_hessian, class B>
void BatchModel::run_chunks(B& batch, Index count) const {
  require_size("X0", batch.problems(), problems());
  require_size("X0", batch.parameters(), parameters());
  const Index n = parameters(), bytes = rows_of_problem() * data_.l2.size() *
                                        (data_.rows.index() == 0 ? sizeof(double) : sizeof(float));
  const Index chunk =
      std::clamp<Index>(cached_bytes / std::max<Index>(bytes, 1) / 8 * 8, 8, batched::group_size);
  batch.run_groups(count, chunk, [&](const Index* first, Index size, Index) {
    std::vector<Index> problems(first, first + size);
    Vector f(size);
    RowMatrix g(size, n), h(with_hessian ? size : 0, n * n);
    while (!problems.empty()) {
      poll_interrupt();
      for (Index q = 0; q < std::ssize(problems); ++q) {
        const Index p = problems[static_cast<std::size_t>(q)];
        f[q] = evaluate(p, batch.trial(p), &g(q, 0), with_hessian ? &h(q, 0) : nullptr);
      }
      const Index told = std::ssize(problems);
      if constexpr (with_hessian)
        batch.tell_some(problems.data(), told, f.data(), g.data(), h.data(), {});
      else
        batch.tell_some(problems.data(), told, f.data(), g.data(), {});
      std::erase_if(problems, [&](Index p) { return batch.has_ended(p); });
    }
  });
}

void BatchModel::run(NewtonBatch& batch, Index count) const { run_chunks<true>(batch, count); }
void BatchModel::run(QuasiNewtonBatch& batch, Index count) const {
  run_chunks<false>(batch, count);
}

}  // namespace hessopt
