"""The driver: what runs solvers on functions and objectives."""

from __future__ import annotations

from .derivatives import DerivativeCheck, check_derivatives
from .quantile import quantile_regression
from .run import minimize
from .scipy import scipy_method

__all__ = [
    "DerivativeCheck",
    "check_derivatives",
    "minimize",
    "quantile_regression",
    "scipy_method",
]
