// Everything: #include <hessopt/hessopt.hpp>
#pragma once

#include "hessopt/expectation/closed_form.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/fixed_samples.hpp"
#include "hessopt/expectation/statistics.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/minimize.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "hessopt/solvers/adam.hpp"
#include "hessopt/solvers/gradient_descent.hpp"
#include "hessopt/solvers/newton.hpp"
#include "hessopt/solvers/newton_cg.hpp"
#include "hessopt/solvers/quasi_newton.hpp"
#include "hessopt/solvers/trust_region.hpp"
