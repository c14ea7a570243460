// Batch normalisation on a block of rows: with u what the layer is fed with, a unit each, s =
// (variance + eps)^-1/2 and û = (u - mean) s,
//
//   forward   z = gamma û + beta
//   reverse   e = s (gamma d - w A - w k û B),  A = gamma sum d,  B = gamma sum d û,
//             gradients of gamma and beta: sum d û and sum d
//   along V   R û = s (R u - R mean - û b),  b = k sum w û R u,  R z = R gamma û + gamma R û + R
//   beta
//             R e = s (R delta - w R A - w k (û R B + R û B)) - s b e,  R delta = R gamma d + gamma
//             R d, and R A, R B the derivatives of the sums
//
// of rows that weigh w, which sum to one, and k = 1 / (1 - ddof sum w^2). Where statistics are
// fixed there is neither A nor B, nor R mean nor b. S. Ioffe, C. Szegedy, "Batch normalization:
// accelerating deep network training by reducing internal covariate shift", ICML 2015.
#pragma once

#include <vector>

#include "hessopt/kernels/table.hpp"
#include "hessopt/networks/architecture.hpp"

namespace hessopt {

// The numbers of a unit that its columns are multiplied by, known as the passes go on.
template <Real T>
struct NormNumbers {
  VectorOf<T> mean, scale;  // s
  VectorOf<T> slope;        // gamma s
  // Of statistics of the rows, shares of a sample of masks: -s A, -s k B;
  VectorOf<T> shift, tilt;
  // along a direction: R mean, -s b, -s R A, -s k R B.
  VectorOf<T> moved, turn, shift_along, tilt_along;

  void set(const Layer& layer, const T* x, const Statistics& statistics);
};

// By layer; those of fixed statistics are set.
template <Real T>
std::vector<NormNumbers<T>> norm_numbers(const Architecture& network, const T* x);

// Under parameters x, with the shares `w` of the rows in the statistics.
template <Real T>
class BatchNorm {
 public:
  BatchNorm(const Layer& layer, const T* x, const NormNumbers<T>& at, const T* w)
      : units_(layer.units),
        is_barrier_(layer.is_barrier()),
        gamma_(x + layer.weights),
        beta_(x + layer.biases),
        at_(at),
        w_(w) {}

  void normalize(Index rows, const T* u, T* unit) const {
    table().normalize(rows, units_, u, at_.mean.data(), at_.scale.data(), unit);
  }
  void forward(Index rows, const T* unit, T* z) const {
    combine(rows, {gamma_}, {unit}, beta_, nullptr, false, z);
  }
  void reverse(Index rows, const T* unit, const T* d, T* e) const {
    combine(rows, {at_.slope.data()}, {d}, nullptr, nullptr, false, e);
    if (is_barrier_) combine(rows, {at_.tilt.data()}, {unit}, at_.shift.data(), w_, true, e);
  }
  void add_gradient(Index rows, const T* unit, const T* d, T* gamma, T* beta) const {
    table().add_moments(rows, units_, nullptr, d, nullptr, unit, nullptr, gamma);
    table().add_sums(rows, units_, d, beta);
  }

  // R û from R u; without one, as of inputs, zeros.
  void normalize_along(Index rows, const T* unit, const T* ru, T* runit) const {
    if (ru == nullptr) return combine(rows, {}, {}, nullptr, nullptr, false, runit);
    if (!is_barrier_)
      return combine(rows, {at_.scale.data()}, {ru}, nullptr, nullptr, false, runit);
    table().normalize(rows, units_, ru, at_.moved.data(), at_.scale.data(), runit);
    combine(rows, {at_.turn.data()}, {unit}, nullptr, nullptr, true, runit);
  }
  void forward_along(Index rows, const T* rgamma, const T* rbeta, const T* unit, const T* runit,
                     T* rz) const {
    combine(rows, {rgamma, gamma_}, {unit, runit}, rbeta, nullptr, false, rz);
  }
  // Of the Gauss-Newton product R e has neither d nor e.
  void reverse_along(Index rows, const T* unit, const T* rd, T* re) const {
    combine(rows, {at_.slope.data()}, {rd}, nullptr, nullptr, false, re);
    if (is_barrier_)
      combine(rows, {at_.tilt_along.data()}, {unit}, at_.shift_along.data(), w_, true, re);
  }
  void reverse_along(Index rows, const T* rgamma, const T* unit, const T* runit, const T* d,
                     const T* e, const T* rd, T* re) const {
    const T* const s = at_.scale.data();
    combine(rows, {gamma_, rgamma}, {rd, d}, nullptr, nullptr, false, re);
    if (!is_barrier_) return combine(rows, {s}, {re}, nullptr, nullptr, false, re);
    combine(rows, {s, at_.turn.data()}, {re, e}, nullptr, nullptr, false, re);
    combine(rows, {at_.tilt_along.data(), at_.tilt.data()}, {unit, runit}, at_.shift_along.data(),
            w_, true, re);
  }
  void add_product(Index rows, const T* runit, const T* d, T* gamma) const {
    table().add_moments(rows, units_, nullptr, d, nullptr, runit, nullptr, gamma);
  }

 private:
  static const auto& table() { return kernels::networks<T>(); }
  void combine(Index rows, std::initializer_list<const T*> factor,
               std::initializer_list<const T*> x, const T* start, const T* w, bool add,
               T* out) const {
    table().combine(rows, units_, static_cast<int>(x.size()), factor.begin(), x.begin(), start, w,
                    add, out);
  }

  Index units_;
  bool is_barrier_;
  const T* gamma_;
  const T* beta_;
  const NormNumbers<T>& at_;
  const T* w_;
};

extern template struct NormNumbers<float>;
extern template struct NormNumbers<double>;

}  // namespace hessopt
