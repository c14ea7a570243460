"""Nonlinear least squares by SciPy's calls."""

from __future__ import annotations

from .fit import curve_fit
from .run import least_squares

__all__ = ["curve_fit", "least_squares"]
