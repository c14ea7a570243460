// All losses there are: a header and a name each.
#pragma once

#include "hessopt/losses/exponential.hpp"
#include "hessopt/losses/gamma.hpp"
#include "hessopt/losses/huber.hpp"
#include "hessopt/losses/logistic.hpp"
#include "hessopt/losses/poisson.hpp"
#include "hessopt/losses/squared.hpp"

#define HESSOPT_FOR_EACH_LOSS(X) \
  X(Squared)                     \
  X(Huber)                       \
  X(Logistic)                    \
  X(Poisson)                     \
  X(Gamma)                       \
  X(Exponential)
