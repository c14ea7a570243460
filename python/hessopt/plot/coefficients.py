"""Coefficients with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _validation
from .display import Display, with_fields

_Doubles = npt.NDArray[np.float64]


class CoefficientsDisplay(Display):
    """Estimates, one above the other, each with its interval.

    Parameters
    ----------
    names : list of str
        Of the coefficients, from the top.
    coefficients : ndarray, shape (k,)
        Estimates.
    intervals : ndarray, shape (k, 2)
        Lower and upper bounds.
    """

    def __init__(self, *, names: list[str], coefficients: _Doubles, intervals: _Doubles) -> None:
        self.names, self.coefficients, self.intervals = names, coefficients, intervals

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: npt.ArrayLike,
        *,
        fit_params: Mapping[str, Any] | None = None,
        level: float = 0.95,
        method: Literal["wald", "profile"] = "wald",
        names: list[str] | None = None,
        ax: Any = None,
        **errorbar_kwargs: Any,
    ) -> CoefficientsDisplay:
        """Draw what the `summary` of a fitted estimator says.

        Parameters
        ----------
        estimator : estimator of hessopt.sklearn
            With a `summary`.
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows that it was fitted to.
        y : array_like, shape (n,)
            Their targets.
        fit_params : dict, optional
            What `summary` takes more: ``sample_weight`` and ``offset`` of the fit, ``covariance``.
        level, method, names, ax, **errorbar_kwargs
            As of `from_result`.

        Returns
        -------
        CoefficientsDisplay
        """
        want = "a fitted estimator of hessopt.sklearn with a summary"
        with_fields("estimator", estimator, ("summary", "coef_"), want)
        found = estimator.summary(X, y, **(fit_params or {}))
        how: dict[str, Any] = {"level": level, "method": method, "names": names, "ax": ax}
        return cls.from_result(found, **how, **errorbar_kwargs)

    @classmethod
    def from_result(
        cls,
        result: Any,
        *,
        level: float = 0.95,
        method: Literal["wald", "profile"] = "wald",
        names: list[str] | None = None,
        ax: Any = None,
        **errorbar_kwargs: Any,
    ) -> CoefficientsDisplay:
        """Draw what `hessopt.inference` says.

        Parameters
        ----------
        result : Inference
            Of a fit.
        level : float
            Of the intervals, in (0, 1).
        method : {"wald", "profile"}
            As in ``Inference.confidence_intervals``.
        names : list of str, optional
            Which coefficients, from the top; by default all but the intercept.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **errorbar_kwargs
            Of ``ax.errorbar``.

        Returns
        -------
        CoefficientsDisplay

        Raises
        ------
        TypeError, ValueError
            On another result, level, method or name.
        """
        fields = ("names", "coefficients", "confidence_intervals")
        with_fields("result", result, fields, "what hessopt.inference returns")
        known = list(result.names)
        chosen = [n for n in known if n != "intercept"] if names is None else list(names)
        for name in chosen:
            if name not in known:
                raise _validation.error("names", repr(name), f"some of {known}")
        rows = [known.index(name) for name in chosen]
        bounds = result.confidence_intervals(level, method=method)
        made = cls(names=chosen, coefficients=result.coefficients[rows], intervals=bounds[rows])
        return made.plot(ax, **errorbar_kwargs)

    def plot(self, ax: Any = None, **errorbar_kwargs: Any) -> CoefficientsDisplay:
        """Draw into `ax` or a new figure."""
        ax = self._draw_into(ax)
        places = np.arange(len(self.names))[::-1]
        reach = np.abs(self.intervals.T - self.coefficients)
        look = {"fmt": "o", "capsize": 2, "ms": 4, **errorbar_kwargs}
        ax.errorbar(self.coefficients, places, xerr=reach, **look)
        ax.axvline(0, color="black", lw=0.6)
        ax.set_yticks(places, self.names)
        ax.set_xlabel("coefficient")
        ax.grid(axis="x", alpha=0.3)
        return self
