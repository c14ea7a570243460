// The laws that statistics of a fit are held against: upper tails, small ones to all their digits,
// and a quantile. Degrees of freedom are any numbers > 0.
//
// A tail is the integral of the density, whose integrand never cancels, by the exp-sinh rule of
// H. Takahasi, M. Mori, "Double exponential formulas for numerical integration", Publ. RIMS 9
// (1974), whose step is halved until nothing changes.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

// P(X > x) of chi-square with k degrees of freedom.
double chi_square_tail(double x, double k);

// P(T > t) of Student's law with k degrees of freedom; of an infinite number the normal law.
double student_tail(double t, double k);
// t with P(T > t) = p, p in (0, 1/2].
double student_quantile(double p, double k);

// log a - psi(a), a > 0, psi the digamma function.
double log_less_digamma(double a);
// The shape a with sum_i w_i (log(a w_i) - psi(a w_i)) = total > 0, of weights >= 0: at which the
// likelihood of gamma laws of shapes a w_i is largest, `total` being half their deviance.
double gamma_shape(ConstVectorRef weight, double total);

}  // namespace hessopt
