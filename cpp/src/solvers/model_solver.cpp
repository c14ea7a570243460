#include "hessopt/solvers/model_solver.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
void ModelSolver<T>::expect_curvature_error(double error) {
  require(error >= 0 && error <= 1, "error", std::to_string(error), "a number in [0, 1]");
  curvature_error_ = error;
}

template <Real T>
Vector ModelSolver<T>::scaled_gradient() const {
  return widened<T>(run_.unit(), run_.current().g);
}

template <Real T>
Vector ModelSolver<T>::scaled_left() const {
  VectorOf<T> room;
  return widened<T>(run_.unit(), run_.left(room));
}

template <Real T>
double ModelSolver<T>::farthest() const {
  return 1e3 * std::max(norm(run_.current().x), this->first_length(norm(scaled_left())));
}

template <Real T>
void ModelSolver<T>::refine_run(ConstVectorRefOf<T> g, double blur) {
  run_.refine(g, blur);
  forget_promise();
}

template <Real T>
void ModelSolver<T>::set_step(Vector d, double slope, double curvature, bool held_back) {
  step_ = std::move(d);
  slope_ = slope;
  curvature_ = curvature;
  shortened_ = false;
  escaping_ = 0;
  set_trial();
  if (promised_ == 0) promised_ = held_back && length_ < 1e-5 * farthest() ? unknown : predicted();
}

template <Real T>
bool ModelSolver<T>::escape(const Vector& v, double curvature) {
  double side = dot(v, scaled_left()) > 0 ? -1 : 1;
  if (room(side * v) == 0) side = -side;
  const double most = room(side * v);
  if (most == 0) return false;
  // Long enough for f to show it.
  const double seen = std::sqrt(200 * run_.rounding() * run_.unit() / -curvature);
  const double length =
      std::min(most, std::max(run_.step() > 0 ? run_.step() : this->first_length(0), seen));
  set_step(side * length * v, 0, curvature * length * length, true);
  escaping_ = curvature;
  return true;
}

// How far along v the first bound lies.
template <Real T>
double ModelSolver<T>::room(const Vector& v) const {
  double out = std::numeric_limits<double>::infinity();
  if (!is_bounded()) return out;
  const Vector down = low(), up = high();
  for (Index j = 0; j < v.size(); ++j)
    if (v[j] != 0) out = std::min(out, (v[j] > 0 ? up[j] : down[j]) / v[j]);
  return out;
}

template <Real T>
std::vector<Index> ModelSolver<T>::in_the_way(const Vector& v) const {
  const Vector down = low(), up = high();
  std::vector<Index> ahead, behind;
  double lost_ahead = 0, lost_behind = 0;
  for (Index j = 0; j < v.size(); ++j) {
    if (v[j] == 0 || (down[j] < 0 && up[j] > 0)) continue;
    const bool is_ahead = v[j] > 0 ? up[j] == 0 : down[j] == 0;
    (is_ahead ? ahead : behind).push_back(j);
    (is_ahead ? lost_ahead : lost_behind) += v[j] * v[j];
  }
  return lost_ahead <= lost_behind ? ahead : behind;
}

template <Real T>
void ModelSolver<T>::shorten() {
  const double less = std::min(shrink, farthest() / length_);
  scale(less, step_);
  slope_ *= less;
  curvature_ *= less * less;
  set_trial();
}

template <Real T>
typename ModelSolver<T>::Verdict ModelSolver<T>::judge(double f, ConstVectorRefOf<T> g,
                                                       bool exact) {
  this->expect(Need::value, "tell");
  const bool finite = run_.record(f, g);
  if (run_.done()) return Verdict::ended;
  if (!run_.started()) {
    run_.advance(f, g);
    return Verdict::moved;
  }
  const Point<T>& at = run_.current();
  const double floor = run_.rounding() * run_.unit();
  const double fall = run_.unit() * (at.f - f);
  ratio_ = fall / predicted();
  gain_ = run_.told().size / at.gauge.size;
  // A fall that may be rounding does not count where the gradient grows: steps accepted for f and
  // steps accepted for its gradient could alternate without end.
  const bool is_noise = fall <= floor && gain_ >= 1 && !is_escaping();
  bool take = finite && fall > 0 && ratio_ > sufficient && !is_noise;
  // Where rounding hides how f changes, the gradient tells; a sum of terms that cancel has more
  // of it than its value shows.
  const bool hidden = std::abs(fall) <= floor ||
                      (gain_ <= 0.5 && std::max(std::abs(fall), predicted()) <= 100 * floor);
  if (finite && !take && hidden && gain_ < 1) {
    take = true;
    ratio_ = 1;
  }
  if (take) {
    if (shortened_) ratio_ = 0.5;  // says nothing of the model at full length
    shortened_in_a_row_ = shortened_ ? shortened_in_a_row_ + 1 : 0;
    if (!shortened_ && promised_ < unknown) met_edge_ = false;
    run_.advance(f, g, length_, !shortened_);
    promised_ = 0;
    if (shortened_in_a_row_ >= most_shortened)
      run_.end(Status::non_finite, slope_ / run_.unit(), length_);
    if (run_.done() || leaves_all_bounds()) return Verdict::ended;
    return Verdict::moved;
  }
  if (finite)
    run_.reject(f, g);
  else
    met_edge_ = true;
  // What the whole first step from here promised, a rise too where bounds bent it, decides whether
  // rounding is the cause, unless a better model may promise more.
  const double little = std::max(100 * rounding_error<T>(at.f) * run_.unit(), floor);
  if (finite && std::abs(promised_) <= little) {
    if (!exact) return Verdict::rejected;
    run_.end_at_rounding(promised_ / run_.unit(), floor / run_.unit());
    return Verdict::ended;
  }
  if (run_.trial() == at.x || length_ < 1e-30 * norm(at.x) ||
      (predicted() >= 0 && predicted() < 1e-3 * floor)) {
    give_up(finite);
    return Verdict::ended;
  }
  // Out of the domain, or where curvature alone leads: nearer by the same way.
  if (finite && !is_escaping()) return Verdict::rejected;
  shortened_ = true;
  shorten();
  return Verdict::shortened;
}

template <Real T>
bool ModelSolver<T>::foresaw() const {
  return gain_ <= 0.1 && std::abs(ratio_ - 1) <= 0.25;
}

template <Real T>
double ModelSolver<T>::next_radius(double radius, Verdict verdict, bool at_boundary) const {
  switch (verdict) {
    case Verdict::moved:
      if (ratio_ < poor) return poor * length_;
      return ratio_ > good && at_boundary ? 2 * radius : radius;
    case Verdict::rejected:
      return std::min(poor * length_, farthest());
    case Verdict::shortened:
      return length_;
    case Verdict::ended:
      break;
  }
  return radius;
}

// Whether f still falls so far away that it will not end. The run ends then.
template <Real T>
bool ModelSolver<T>::leaves_all_bounds() {
  if (first_length_ == 0) first_length_ = length_;
  if (!(length_ >= endless * first_length_ || run_.current().f < -largest)) return false;
  end_unbounded();
  return true;
}

template <Real T>
void ModelSolver<T>::end_unbounded() {
  run_.end(Status::unbounded, slope_ / length_ / run_.unit(), length_ / first_length_);
}

template <Real T>
void ModelSolver<T>::set_trial() {
  length_ = norm(step_);
  add(run_.current().x, step_, run_.trial());
  need_ = Need::value;
  if (is_bounded()) keep_to_bounds();
}

// The trial is within the set. A coordinate whose step leads to its bound lies on it, which
// rounding of the sum alone would not see to.
template <Real T>
void ModelSolver<T>::keep_to_bounds() {
  const FeasibleSet<T>& set = run_.set();
  const VectorOf<T>& x = run_.current().x;
  VectorOf<T>& trial = run_.trial();
  constexpr T eps = std::numeric_limits<T>::epsilon();
  for (Index j = 0; j < trial.size(); ++j) {
    if (step_[j] == 0) {
      trial[j] = x[j];
      continue;
    }
    const T bound = step_[j] < 0 ? set.lower()[j] : set.upper()[j];
    if (std::isfinite(bound) &&
        std::abs(trial[j] - bound) <= 2 * eps * (std::abs(x[j]) + std::abs(bound)))
      trial[j] = bound;
  }
  set.project(trial);
}

template <Real T>
void ModelSolver<T>::give_up(bool finite) {
  const double unit = run_.unit();
  if (!finite && run_.current().f < -largest)
    end_unbounded();
  else if (is_escaping())
    run_.end(Status::saddle, run_.current().gauge.size, escaping_ / run_.unit());
  else if (finite && !met_edge_ && std::abs(promised_) <= 1000 * run_.rounding() * unit)
    run_.end_at_rounding(promised_ / unit, run_.rounding());
  else
    run_.end(!finite || met_edge_ ? Status::non_finite : Status::line_search, slope_ / unit,
             length_);
}

template class ModelSolver<float>;
template class ModelSolver<double>;

}  // namespace hessopt
