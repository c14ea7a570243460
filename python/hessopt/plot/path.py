"""Coefficients along a path of penalties."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..uncertainty import select_l2
from ..uncertainty.estimates import names_of
from .display import Display, with_fields

_Doubles = npt.NDArray[np.float64]
_MOST_NAMED = 8


class PathDisplay(Display):
    """A line for each coefficient over the strength of the penalty, and the one that was chosen.

    Parameters
    ----------
    strength : ndarray, shape (m,)
        Of the penalty.
    coefficients : ndarray, shape (m, k)
        Along the path.
    names : list of str
        Of the coefficients.
    chosen : float or None
        The strength that was chosen.
    x_label : str
        What `strength` is.
    """

    def __init__(
        self,
        *,
        strength: _Doubles,
        coefficients: _Doubles,
        names: list[str],
        chosen: float | None = None,
        x_label: str = "l2",
    ) -> None:
        self.strength, self.coefficients, self.names = strength, coefficients, names
        self.chosen, self.x_label = chosen, x_label

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: npt.ArrayLike,
        *,
        fit_params: Mapping[str, Any] | None = None,
        ax: Any = None,
        **line_kwargs: Any,
    ) -> PathDisplay:
        """Draw the coefficients of an estimator over its penalty, and the penalty that it has.

        Parameters
        ----------
        estimator : estimator of hessopt.sklearn
            Fitted, of one predictor with a ridge penalty and no noise: `RidgeCV`,
            `LogisticRegressionCV`, `PoissonRegressorCV`, also `Ridge` and the like. Those that have
            chosen are drawn over the values that they chose from.
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows that it was fitted to.
        y : array_like, shape (n,)
            Their targets.
        fit_params : dict, optional
            What else the fit was given: ``sample_weight``, ``offset``.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **line_kwargs
            Of ``ax.plot``.

        Returns
        -------
        PathDisplay

        Raises
        ------
        TypeError, ValueError
            On estimators without such a penalty, of several classes or targets, and under noise.

        Notes
        -----
        The path is that of `hessopt.select_l2`, and is fitted once more here.
        """
        label = "C" if hasattr(estimator, "C") or hasattr(estimator, "C_") else "alpha"
        own = getattr(estimator, label + "_", getattr(estimator, label, None))
        want = "a fitted estimator of hessopt.sklearn with a ridge penalty"
        if own is None or not hasattr(estimator, "_fitted") or not hasattr(estimator, "coef_"):
            raise TypeError(f"estimator: got {type(estimator).__name__}; want {want}")
        given = dict(fit_params or {})
        model, _ = estimator._fitted(X, y, given.pop("sample_weight", None), **given)
        l2 = float(np.max(getattr(model, "l2", 0.0)))
        if not l2 > 0:
            raise _validation.error(label, own, f"a penalty, as {want} has it")
        # In the units of the estimator, whose penalty may be one of a sum, or an inverse.
        power = -1 if label == "C" else 1
        unit = own / l2**power
        values = getattr(estimator, label + "s_", None)
        grid = None if values is None else (np.asarray(values) / unit) ** power
        with warnings.catch_warnings():  # where the best is the last: here it is not chosen
            warnings.simplefilter("ignore", RuntimeWarning)
            path = select_l2(model, grid)
        p = model.X.shape[1]
        made = cls(
            strength=unit * path.l2**power,
            coefficients=path.x[:, :p],
            names=estimator._names(names_of(model))[:p],
            chosen=float(own),
            x_label=label,
        )
        return made.plot(ax, **line_kwargs)

    @classmethod
    def from_result(cls, result: Any, *, ax: Any = None, **line_kwargs: Any) -> PathDisplay:
        """Draw what `hessopt.select_l2` or `hessopt.l1_path` found.

        Parameters
        ----------
        result : PenaltyPath or L1Path
            The path; its intercepts are left out.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **line_kwargs
            Of ``ax.plot``.

        Returns
        -------
        PathDisplay

        Raises
        ------
        TypeError
            On another result.
        """
        want = "what hessopt.select_l2 or hessopt.l1_path returns"
        with_fields("result", result, ("x", "model"), want)
        names = names_of(result.model)
        shown = [j for j, name in enumerate(names) if not name.endswith("intercept")]
        is_l1 = hasattr(result, "l1")
        # Strengths that differ between coefficients are one pattern times a number.
        strength = np.reshape(result.l1, (len(result.l1), -1)).max(axis=1) if is_l1 else result.l2
        made = cls(
            strength=strength,
            coefficients=result.x[:, shown],
            names=[names[j] for j in shown],
            chosen=None if is_l1 else float(result.l2[result.best]),
            x_label="l1" if is_l1 else "l2",
        )
        return made.plot(ax, **line_kwargs)

    def plot(self, ax: Any = None, **line_kwargs: Any) -> PathDisplay:
        """Draw into `ax` or a new figure; the largest coefficients are named."""
        ax = self._draw_into(ax)
        lines = ax.plot(self.strength, self.coefficients, **line_kwargs)
        sizes = np.nanmax(np.abs(self.coefficients), axis=0)
        largest = np.argsort(-sizes, kind="stable")[:_MOST_NAMED]
        for j in sorted(largest.tolist()):
            lines[j].set_label(self.names[j])
        ax.axhline(0, color="black", lw=0.6)
        if self.chosen is not None:
            ax.axvline(self.chosen, color="black", ls=":", label=f"chosen: {self.chosen:.3g}")
        ax.set(xlabel=self.x_label, ylabel="coefficient", xscale="log")
        ax.legend(fontsize="small")
        return self
