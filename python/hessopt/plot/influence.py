"""Leverage and residual of every row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .display import Display, with_fields

_Doubles = npt.NDArray[np.float64]


class InfluenceDisplay(Display):
    """Standardised residuals over leverages, and where Cook's distance is .5 and 1.

    Parameters
    ----------
    leverage, residual, cooks_distance : ndarray, shape (n,)
        As `hessopt.influence` has them.
    n_coefficients : int
        P, which Cook's distance is over.
    """

    def __init__(
        self,
        *,
        leverage: _Doubles,
        residual: _Doubles,
        cooks_distance: _Doubles,
        n_coefficients: int,
    ) -> None:
        self.leverage, self.residual = leverage, residual
        self.cooks_distance, self.n_coefficients = cooks_distance, n_coefficients

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: npt.ArrayLike,
        *,
        fit_params: Mapping[str, Any] | None = None,
        n_named: int = 3,
        ax: Any = None,
        **scatter_kwargs: Any,
    ) -> InfluenceDisplay:
        """Draw the `influence` of the rows of a fitted estimator.

        Parameters
        ----------
        estimator : estimator of hessopt.sklearn
            With an `influence`.
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows that it was fitted to.
        y : array_like, shape (n,)
            Their targets.
        fit_params : dict, optional
            What else the fit was given: ``sample_weight``, ``offset``.
        n_named, ax, **scatter_kwargs
            As of `from_result`.

        Returns
        -------
        InfluenceDisplay
        """
        want = "a fitted estimator of hessopt.sklearn with an influence"
        with_fields("estimator", estimator, ("influence", "coef_"), want)
        found = estimator.influence(X, y, **(fit_params or {}))
        return cls.from_result(found, n_named=n_named, ax=ax, **scatter_kwargs)

    @classmethod
    def from_result(
        cls, result: Any, *, n_named: int = 3, ax: Any = None, **scatter_kwargs: Any
    ) -> InfluenceDisplay:
        """Draw what `hessopt.influence` found.

        Parameters
        ----------
        result : Influence
            Of a fit.
        n_named : int
            How many rows of the largest Cook's distance get their number.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **scatter_kwargs
            Of ``ax.scatter``.

        Returns
        -------
        InfluenceDisplay

        Raises
        ------
        TypeError, ValueError
            On another result, or a number below 0.
        """
        fields = ("leverage", "residual", "cooks_distance", "names")
        with_fields("result", result, fields, "what hessopt.influence returns")
        made = cls(
            leverage=result.leverage,
            residual=result.residual,
            cooks_distance=result.cooks_distance,
            n_coefficients=len(result.names),
        )
        return made.plot(ax, n_named=n_named, **scatter_kwargs)

    def plot(self, ax: Any = None, *, n_named: int = 3, **scatter_kwargs: Any) -> InfluenceDisplay:
        """Draw into `ax` or a new figure."""
        count = _validation.integer("n_named", n_named, 0)
        ax = self._draw_into(ax)
        ax.scatter(self.leverage, self.residual, **{"s": 10, "alpha": 0.6, **scatter_kwargs})
        x_most, y_most = ax.get_xlim()[1], ax.get_ylim()
        h = np.linspace(1e-3, min(max(x_most, 1e-2), 0.999), 200)
        for distance, style in ((0.5, ":"), (1.0, "--")):
            # D = r² h / ((1 − h) P)
            r = np.sqrt(distance * self.n_coefficients * (1 - h) / h)
            label = f"Cook's distance {distance:g}"
            ax.plot(h, r, color="grey", ls=style, lw=0.9, label=label)
            ax.plot(h, -r, color="grey", ls=style, lw=0.9)
        ax.set(xlim=(0, x_most), ylim=y_most)
        order = np.argsort(-np.nan_to_num(self.cooks_distance), kind="stable")[:count]
        for i in order.tolist():
            at = self.leverage[i], self.residual[i]
            ax.annotate(str(i), at, xytext=(4, 3), textcoords="offset points", fontsize="small")
        ax.axhline(0, color="black", lw=0.6)
        ax.set(xlabel="leverage", ylabel="standardised residual")
        ax.legend(frameon=False, fontsize="small")
        return self
