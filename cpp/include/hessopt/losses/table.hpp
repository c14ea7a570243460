// All losses there are: a header and a name each. One whose name has a link in brackets is that of
// a family at that link; Python knows the family by its name and the link by a keyword.
#pragma once

#include "hessopt/losses/binomial.hpp"
#include "hessopt/losses/expectile.hpp"
#include "hessopt/losses/exponential.hpp"
#include "hessopt/losses/gamma.hpp"
#include "hessopt/losses/huber.hpp"
#include "hessopt/losses/logistic.hpp"
#include "hessopt/losses/negative_binomial.hpp"
#include "hessopt/losses/poisson.hpp"
#include "hessopt/losses/pseudo_huber.hpp"
#include "hessopt/losses/smoothed_quantile.hpp"
#include "hessopt/losses/squared.hpp"
#include "hessopt/losses/tweedie.hpp"

#define HESSOPT_FOR_EACH_LOSS(X) \
  X(Squared)                     \
  X(Huber)                       \
  X(PseudoHuber)                 \
  X(Expectile)                   \
  X(SmoothedQuantile)            \
  X(Logistic)                    \
  X(Exponential)                 \
  X(Binomial<Logit>)             \
  X(Binomial<Probit>)            \
  X(Binomial<CompLogLog>)        \
  X(Binomial<Cauchit>)           \
  X(Poisson)                     \
  X(NegativeBinomial)            \
  X(Gamma)                       \
  X(Tweedie)                     \
  X(TweedieOfPower)
