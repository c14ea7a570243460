#include "hessopt/solvers/levenberg_marquardt.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/core/error.hpp"

namespace hessopt {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double hidden = 100 * eps;  // decrease, relative to f, that the rounding of r may hide
constexpr double sufficient = 1e-4;   // ratio from which on a step is taken
constexpr double bend_share = 0.1;    // of a step, at which r is asked for what it bends by

// A power of two about 1 / x, so that to multiply by it changes no digit.
double unit_of(double x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  return x > 0 && std::isfinite(x) ? std::ldexp(1.0, std::clamp(-exponent, -1020, 1020)) : 1.0;
}

}  // namespace

bool SquaresOptions::valid(Index n) const {
  return lower.size() == n && upper.size() == n && is_size_or_empty(scale, n) && error >= 0 &&
         gtol >= 0 && xtol >= 0 && ftol >= 0 && max_nfev >= 0;
}

LevenbergMarquardt::LevenbergMarquardt(Vector x0, SquaresOptions options)
    : options_(std::move(options)), norms_(Vector::Zero(x0.size())) {
  require_size("lower", options_.lower.size(), x0.size());
  require_size("upper", options_.upper.size(), x0.size());
  start_ = x0.cwiseMax(options_.lower).cwiseMin(options_.upper);
  x_ = trial_ = start_;
}

const Vector& LevenbergMarquardt::ask() const {
  return done() || need_ == SquaresNeed::jacobian ? x_ : trial_;
}

Vector LevenbergMarquardt::gradient() const { return r_.transpose() * turned_; }

std::string LevenbergMarquardt::message() const {
  if (stop_.status == Status::non_finite)
    return jacobians_ == 0 && r_.size() == 0 ? "NON_FINITE: r or r'r is NaN or inf at the start"
                                             : "NON_FINITE: the Jacobian has NaN or inf";
  if (stop_.status == Status::line_search)
    return "LINE_SEARCH: no step along a descent direction lowers f: f and its Jacobian disagree";
  return stop_.message("cos(r, J_j)");
}

bool LevenbergMarquardt::valid() const {
  const Index n = x_.size(), m = residual_.size();
  const bool started = phase_ != Phase::start || need_ == SquaresNeed::jacobian;
  const bool has_model = phase_ != Phase::start && need_ == SquaresNeed::residuals;
  return options_.valid(n) && start_.size() == n && trial_.size() == n && norms_.size() == n &&
         is_size_or_empty(weight_, m) && (started || m == 0) &&
         (r_.size() == 0 ? !has_model : r_.rows() == n && r_.cols() == n) &&
         turned_.size() == (r_.size() == 0 ? 0 : n) && (scale_.size() == n || r_.size() == 0) &&
         (step_.size() == n || !has_model) && is_count(hidden_) && is_count(failures_) &&
         is_count(iterations_) && is_count(evaluations_) && is_count(jacobians_) &&
         (jacobian_.size() == 0 || (jacobian_.rows() == m && jacobian_.cols() == n)) &&
         (!options_.accelerate || !has_model || jacobian_.rows() == m);
}

// Where a loss bends down, rho' + 2 rho'' z <= 0, its second derivative says nothing of a minimum.
void LevenbergMarquardt::read(ConstVectorRef r, const Matrix& rho, double f_scale) {
  trial_residual_ = r;
  trial_weight_.resize(0);
  trial_squares_ = r.squaredNorm();
  if (rho.size() > 0) {
    const Array z = (r / f_scale).array().square();
    const Array first = rho.col(1), curved = first + 2 * rho.col(2).array() * z;
    const Array weight = (curved > eps).select(curved, first.max(0.0)).sqrt();
    trial_squares_ = f_scale * f_scale * rho.col(0).sum();
    trial_residual_ = (weight > 0).select(first / weight, 0.0) * r.array();
    trial_weight_ = weight;
  }
  if (!std::isfinite(trial_squares_)) trial_squares_ = infinity;
}

void LevenbergMarquardt::tell(ConstVectorRef r, const Matrix& rho, double f_scale) {
  require(needs() == SquaresNeed::residuals, "tell", "residuals", "what `needs` says");
  if (phase_ != Phase::start) require_size("r", r.size(), residual_.size());
  if (rho.size() > 0) {
    require(!options_.accelerate, "rho", "a loss", "none beside the acceleration");
    require(rho.rows() == r.size() && rho.cols() == 3, "rho", "another shape", "shape (3, m)");
    require(f_scale > 0 && std::isfinite(f_scale), "f_scale", text(f_scale), "a number > 0");
  }
  ++evaluations_;
  if (phase_ == Phase::bend) return bend(r);
  read(r, rho, f_scale);
  if (phase_ == Phase::trial) return judge();
  if (trial_squares_ == infinity) return end(Status::non_finite);
  accept(false);
  iterations_ = 0;
}

// The trial, lower or as low as rounding lets see.
void LevenbergMarquardt::accept(bool is_hidden) {
  x_ = trial_;
  residual_ = trial_residual_;
  weight_ = trial_weight_;
  squares_ = trial_squares_;
  hidden_ += is_hidden ? 1 : 0;
  failures_ = 0;
  ++iterations_;
  need_ = SquaresNeed::jacobian;
}

void LevenbergMarquardt::tell_jacobian(const Eigen::Ref<const RowMatrix>& j) {
  require(needs() == SquaresNeed::jacobian, "tell_jacobian", "a Jacobian", "what `needs` says");
  const Index m = residual_.size(), n = x_.size();
  require(j.rows() == m && j.cols() == n, "J",
          "shape (" + std::to_string(j.rows()) + ", " + std::to_string(j.cols()) + ")",
          "a row for each residual and a column for each parameter");
  ++jacobians_;
  // Scaled, so that nothing over- or underflows on the way.
  Vector unit(n + 1);
  for (Index k = 0; k < n; ++k) {
    const double most = m == 0 ? 0.0 : j.col(k).cwiseAbs().maxCoeff<Eigen::PropagateNaN>();
    if (!std::isfinite(most)) return end(Status::non_finite);
    unit[k] = unit_of(most);
  }
  unit[n] = unit_of(m == 0 ? 0.0 : residual_.cwiseAbs().maxCoeff());
  TriangularRows rows(n + 1);
  const Index most_rows = std::max<Index>(4 * (n + 1), 256);
  RowMatrix block;
  for (Index begin = 0; begin < m; begin += most_rows) {
    const Index count = std::min(most_rows, m - begin);
    block.resize(count, n + 1);
    block.leftCols(n) = j.middleRows(begin, count);
    if (weight_.size() > 0)
      block.leftCols(n).array().colwise() *= weight_.segment(begin, count).array();
    block.col(n) = residual_.segment(begin, count);
    block *= unit.asDiagonal();
    rows.add(block);
  }
  r_ = rows.r().topLeftCorner(n, n) * unit.head(n).cwiseInverse().asDiagonal();
  turned_ = rows.r().col(n).head(n) / unit[n];
  if (options_.accelerate) jacobian_ = j;
  known_.reset();
  measure();
  need_ = SquaresNeed::residuals;
  phase_ = Phase::trial;
  choose_step();
}

void LevenbergMarquardt::measure() {
  for (Index k = 0; k < norms_.size(); ++k) norms_[k] = std::max(norms_[k], r_.col(k).stableNorm());
  scale_ = options_.scale.size() > 0 ? Vector(options_.scale.cwiseInverse())
                                     : Vector((norms_.array() > 0).select(norms_, 1.0));
  if (radius_ > 0) return;
  const double size = scale_.cwiseProduct(x_).stableNorm();
  radius_ = size > 0 && std::isfinite(size) ? size : 1.0;
}

// Whether r is orthogonal to every column of J that may move, as far as the tolerance goes.
bool LevenbergMarquardt::is_stationary(const Free& free) {
  const Vector g = gradient();
  const double size = residual_.stableNorm();
  cosine_ = 0;
  for (Index k = 0; k < g.size(); ++k) {
    const double product = r_.col(k).stableNorm() * size;
    if (free[k] && product > 0) cosine_ = std::max(cosine_, std::abs(g[k]) / product);
  }
  return cosine_ <= options_.gtol;
}

void LevenbergMarquardt::choose_step() {
  const Vector g = gradient();
  if (failures_ == 0) {
    if (is_stationary(free_coordinates())) return end(Status::gradient, cosine_, options_.gtol);
    if (ending_.status != Status::running)
      return end(ending_.status, ending_.measured, ending_.bound);
    if (evaluations_ >= options_.max_nfev) return end_at_limit();
  }
  lambda_ = known().damping(radius_, lambda_);
  step_ = squares().solve(lambda_, moving_, known());
  const Vector change = r_ * step_;
  length_ = scale_.cwiseProduct(step_).stableNorm();
  promised_ = -(2 * g.dot(step_) + change.squaredNorm());
  if (!(length_ > 0) || !std::isfinite(length_)) return give_up();
  if (!(promised_ > 0)) return reject();  // what was put on its bound is uphill for the rest
  if (options_.accelerate && promised_ > 1e-13 * squares_) {
    phase_ = Phase::bend;
    trial_ = x_ + bend_share * step_;
    trial_ = trial_.cwiseMax(options_.lower).cwiseMin(options_.upper);
    return;
  }
  aim();
}

// Those that no bound holds back.
LevenbergMarquardt::Free LevenbergMarquardt::free_coordinates() const {
  const Vector &lower = options_.lower, &upper = options_.upper, g = gradient();
  return (lower.array() < upper.array()) && !((x_.array() <= lower.array() && g.array() > 0) ||
                                              (x_.array() >= upper.array() && g.array() < 0));
}

// One whose column follows from those before it, or is 0, stands still: to tell it from these would
// be to follow the rounding of J.
const DampedSquares& LevenbergMarquardt::known() {
  const Vector still = Vector::Zero(x_.size());
  if (!known_) {
    moving_ = free_coordinates();
    known_ = squares().damped(moving_, still);
  }
  for (Index k; (k = known_->dependent(options_.error)) >= 0;
       known_ = squares().damped(moving_, still)) {
    Index j = 0;
    while (!moving_[j] || k-- > 0) ++j;
    moving_[j] = false;
  }
  return *known_;
}

void LevenbergMarquardt::aim() {
  phase_ = Phase::trial;
  trial_ = (x_ + step_).cwiseMax(options_.lower).cwiseMin(options_.upper);
}

// r was told a short way along the step: what it bends by, and a step that follows, where that is
// the smaller part of it.
void LevenbergMarquardt::bend(ConstVectorRef r) {
  constexpr double most = 0.75;
  const Index n = x_.size();
  if (r.allFinite()) {
    const Vector second = (2 / bend_share) * ((r - residual_) / bend_share - jacobian_ * step_);
    TriangularRows rows(n + 1);
    RowMatrix both(second.size(), n + 1);
    both << jacobian_ * scale_.cwiseInverse().asDiagonal(), second;
    rows.add(both);
    const DampedSquares solver(rows.r().topLeftCorner(n, n), rows.r().col(n).head(n));
    const Vector a = solver.solve(lambda_).cwiseQuotient(scale_);
    const double length = scale_.cwiseProduct(a).stableNorm();
    if (2 * length <= most * length_) step_ += 0.5 * a;
  }
  aim();
}

void LevenbergMarquardt::judge() {
  const double fall = squares_ - trial_squares_, ratio = fall / promised_;
  if (fall > 0 && ratio > sufficient) {
    if (ratio >= 0.75 || lambda_ == 0)
      radius_ = (options_.accelerate ? 4 : 2) * length_;
    else if (ratio < 0.25)
      radius_ = 0.5 * std::min(radius_, length_);
    const double moved = scale_.cwiseProduct(trial_ - x_).stableNorm();
    const double size = scale_.cwiseProduct(x_).stableNorm();
    if (moved <= options_.xtol * size)
      ending_ = {Status::step, moved / size, options_.xtol};
    else if (options_.ftol > 0 && fall <= options_.ftol * squares_ && ratio > 0.25)
      ending_ = {Status::decrease, fall / squares_, options_.ftol};
    return accept(false);
  }
  // Where neither f nor the model tells of more than rounding, the model is believed.
  if (std::abs(fall) <= hidden * squares_ && known().decrease() <= floor()) {
    // As long as these grow shorter, as where r is large, x gains digits.
    if (hidden_ + 1 >= most_hidden || (hidden_ > 0 && length_ > 0.9 * hidden_length_))
      ending_ = {Status::rounding_floor, 0.5 * std::abs(fall), 0.5 * hidden * squares_};
    hidden_length_ = length_;
    return accept(true);
  }
  reject();
}

void LevenbergMarquardt::reject() {
  ++failures_;
  const double size = scale_.cwiseProduct(x_).stableNorm();
  if (failures_ >= most_failures || length_ <= eps * size) return give_up();
  if (evaluations_ >= options_.max_nfev) return end_at_limit();
  radius_ = 0.25 * std::min(radius_, length_);
  choose_step();
}

// Of what the columns of J could explain of r: what may be the rounding of r, or what the rounding
// of x changes r by.
double LevenbergMarquardt::floor() const {
  const double by_x =
      100 * eps * r_.colwise().stableNorm().transpose().cwiseProduct(x_).stableNorm();
  return std::max(1e-10 * squares_, by_x * by_x);
}

// No step lowers f: the end by rounding, or J is not that of r.
void LevenbergMarquardt::give_up() {
  const double possible = known().decrease();
  if (possible <= floor())
    end(Status::rounding_floor, 0.5 * possible, 0.5 * floor());
  else
    end(Status::line_search);
}

}  // namespace hessopt
