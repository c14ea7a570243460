// The loss of a class between two thresholds: minus the log of the probability that a latent number
// lies between a and b, a < b, either of them infinite for the first and the last class, and its
// derivatives in both. With eta subtracted from both thresholds they are those of a model of
// ordered classes: f_eta = -(f_a + f_b), f_eta_a = -(f_aa + f_ab) and so on.
//
// P. McCullagh, "Regression models for ordinal data", J. R. Statist. Soc. B 42 (1980); that both
// losses are convex in (eta, a, b): J. Burridge, "A note on maximum likelihood estimation for
// regression models using grouped data", J. R. Statist. Soc. B 43 (1981).
#pragma once

namespace hessopt {

struct BetweenAt {
  double value;
  double in_below, in_above;      // f_a >= 0, f_b <= 0
  double slope;                   // f_eta
  double with_below, with_above;  // -f_eta_a, -f_eta_b, both >= 0; their sum is f_eta_eta
  double between;                 // -f_ab
};

enum class OrdinalLink { logit, probit };

// d = b - a, of which b and a themselves have lost digits where they are large beside it.
BetweenAt logistic_between(double a, double b, double d);
BetweenAt normal_between(double a, double b, double d);

inline BetweenAt between(OrdinalLink link, double a, double b, double d) {
  return link == OrdinalLink::logit ? logistic_between(a, b, d) : normal_between(a, b, d);
}

}  // namespace hessopt
