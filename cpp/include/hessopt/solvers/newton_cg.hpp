// Newton's method where the Hessian is only multiplied with: conjugate gradients on H d = -g,
// ended early, within a trust region.
//
// The inner iteration stops when the residual is a fraction of |g| that falls with it, at the
// boundary of the region, along a direction of negative curvature (then at the boundary too), or
// after 2n products, or a thousand; each leaves a usable step. Its path is kept: after a rejected
// step it is followed again up to the smaller radius without another product. Within bounds it is
// of the variables that none holds, and goes on from face to face: see FaceSearch.
//
// T. Steihaug, "The conjugate gradient method and trust regions in large scale optimization", SIAM
// J. Numer. Anal. 20 (1983); J. L. Morales, J. Nocedal, "Automatic preconditioning by limited
// memory quasi-Newton updating", SIAM J. Optim. 10 (2000).
#pragma once

#include <vector>

#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/solvers/face_search.hpp"
#include "hessopt/solvers/model_solver.hpp"

namespace hessopt {

// Why the inner iteration ended last.
enum class InnerStop : std::int32_t { none, tolerance, boundary, negative_curvature, limit };
inline bool is_enumerator(InnerStop s) { return s >= InnerStop::none && s <= InnerStop::limit; }

// Of the inner iteration: what approximates the inverse Hessian.
struct Preconditioner {
  enum class Kind : std::int32_t { none, diagonal, pairs, caller };
  friend bool is_enumerator(Kind k) { return k >= Kind::none && k <= Kind::caller; }
  Kind kind = Kind::none;
  Vector diagonal;  // of the inverse

  template <class A>
  void fields(A& archive) {
    archive(kind, diagonal);
  }
};

template <Real T>
class NewtonCg : public ModelSolver<T> {
  using Base = ModelSolver<T>;
  using Base::need_;
  using Base::run_;

 public:
  static std::string kind() { return "NewtonCg " + precision<T>(); }

  NewtonCg() = default;
  explicit NewtonCg(Run<T> run, double radius = 0, Preconditioner m = {});

  Index products() const { return products_; }
  InnerStop inner_stop() const { return inner_stop_; }
  const Vector& operand() const {
    if (is_bending_) return box_.change();
    return need_ == Need::product ? p_ : r_;
  }

  void tell(double f, ConstVectorRefOf<T> g);

  // As Run::resume.
  void resume(const Limits& limits);
  // As Run::refine.
  void refine(ConstVectorRefOf<T> g, double blur);

  // What was needed: the Hessian, or the preconditioner, times operand().
  void tell_product(ConstVectorRef v);

  template <class A>
  void fields(A& archive) {
    Base::model_fields(archive);
    archive(m_, pairs_, fresh_pairs_, radius_, s_, r_, p_, path_, path_norms_, path_models_, hp_,
            rz_, model_, slope_, target_, stiffest_, inner_, products_, inner_stop_, probing_,
            is_thorough_, settled_, box_, is_bending_, left_out_);
  }
  bool valid() const;

 private:
  bool valid_pairs(const LbfgsHistory<double>& pairs, Index n) const;

  static constexpr Index memory = 8;      // pairs of the built-in preconditioner
  static constexpr Index most_kept = 16;  // points of the path
  static constexpr Index most_probes = 10, most_products = 1000, most_faces = 20;
  static constexpr double thorough = 1e-3;  // of the residual that leaves a step
  static constexpr double negative = 1e-8;  // curvature below it, relative to the largest met

  bool at_boundary() const {
    return inner_stop_ == InnerStop::boundary || inner_stop_ == InnerStop::negative_curvature;
  }

  void proceed();
  void begin(bool probing);
  void precondition();
  void next_direction(const Vector& z);
  void extend(const Vector& hp);
  bool ends_here();
  void finish(InnerStop why);
  void turn(const Vector& h_change);
  void conclude(Vector step, double model);
  void take(Vector step, double model);
  void conclude_probe(double curvature, bool negative);

  void keep_pair(const Vector& hp);
  void keep_point();
  void retrace();
  void cut(const Vector& s, const Vector& p, const Eigen::RowVector3d& at);

  Preconditioner m_;
  LbfgsHistory<double> pairs_, fresh_pairs_;  // in use, and gathered for the next point
  double radius_ = 0;                         // 0: none yet
  Vector s_, r_, p_;
  Matrix path_;
  Array path_norms_;
  Eigen::Matrix<double, Eigen::Dynamic, 3> path_models_;
  double hp_ = 0, rz_ = 0, model_ = 0, slope_ = 0, target_ = 0, stiffest_ = 0;
  Index inner_ = 0, products_ = 0;
  InnerStop inner_stop_ = InnerStop::none;
  bool probing_ = false, is_thorough_ = false;
  FaceSearch box_;
  bool is_bending_ = false;      // what is multiplied is a change of box_
  std::vector<Index> left_out_;  // on their bounds, where they were in the way out of a saddle
  Stop settled_;                 // as the automatic tests have it of the current point
};

}  // namespace hessopt
