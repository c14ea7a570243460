"""SciPy's own tests of `least_squares` and `curve_fit`, run through hessopt's.

    python tests/scipy_squares_suite.py [-v]

As in scipy_suite.py: a test applies if it calls one of them, passes if it passes unchanged, and is
listed with a reason where it does not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from scipy import optimize

import hessopt
from scipy_suite import run

FILES = ("test_least_squares", "test_minpack")
BOUNDED = ("TestDogbox", "TestTRF")
ALL = (*BOUNDED, "TestLM")


def of_each(classes: tuple[str, ...], *names: str) -> list[str]:
    return [f"{one}::{name}" for one in classes for name in names]


KNOWN = {
    "takes what SciPy's method 'lm' refuses: bounds, losses, few residuals, sparse Jacobians": [
        *of_each(
            ("TestLM",),
            *("test_rosenbrock_cropped", "test_bounds_not_supported", "test_loss"),
            *("test_m_less_n_not_supported", "test_sparse_not_supported"),
            "test_jac_sparsity_not_supported",
        ),
    ],
    "wants njev to be None": ["TestLM::test_full_result"],
    "wants an error for tolerances below the precision, which are the default here": [
        *of_each(ALL, "test_error_raised_when_all_tolerances_below_eps"),
        "test_small_tolerances_for_lm",
    ],
    "wants an error for a start outside the bounds, which is moved in here": [
        *of_each(BOUNDED, "test_infeasible"),
    ],
    "takes a bound of length 1 for all variables, as scipy.optimize.Bounds does": [
        *of_each(BOUNDED, "test_inconsistent_shape"),
    ],
    "wants a ValueError for complex numbers, which are a TypeError here": [
        *of_each(ALL, "test_x0_complex_scalar", "test_x0_complex_array"),
    ],
    "of how SciPy solves inside: sparsity, its solvers and their options": [
        *of_each(
            BOUNDED,
            *("test_exact_tr_solver", "test_wrong_parameters", "test_solver_selection"),
            "test_wrong_jac_sparsity",
        ),
    ],
    "wants linear operators as Jacobians, which the error says": [
        *of_each(BOUNDED, "test_linear_operator"),
    ],
    "wants a minimum at 0 to the last bit": [
        *of_each(BOUNDED, "test_options"),
        *of_each(ALL, "test_x_scale_options"),
    ],
    "pins the weights of a Jacobian where a loss bends down": [*of_each(BOUNDED, "test_jac")],
    "wants the end by the gradient where a step of 1e-27 comes first": [
        "test_gh_18793_and_19351",
    ],
    "holds a fit in float32 against one that is further from the minimum": [
        "test_fp32_gh12991",
    ],
    "ends at the edge of a logarithm's domain in the evaluations there are, and says so": [
        "TestCurveFit::test_gh4555",
    ],
}


class Counted:
    """How often SciPy's tests call one of these."""

    def __init__(self) -> None:
        self.count = 0

    def counting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            return function(*args, **kwargs)

        return call


if __name__ == "__main__":
    counted = Counted()
    # Before the tests import them.
    optimize.least_squares = counted.counting(hessopt.least_squares)
    optimize.curve_fit = counted.counting(hessopt.curve_fit)
    sys.exit(run(counted, FILES, KNOWN, __doc__.split("\n")[0]))
