"""Whether probabilities are as often right as they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from ..uncertainty import calibration
from .display import Display, codes_of, named, with_fields


class CalibrationDisplay(Display):
    """Accuracy over confidence, with its standard errors and the line of the calibrated.

    Parameters
    ----------
    curves : dict of str to Calibration
        By the names of the legend.
    """

    def __init__(self, *, curves: dict[str, Any]) -> None:
        self.curves = curves

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: npt.ArrayLike,
        *,
        under: str | None = None,
        n_bins: int = 15,
        name: str | None = None,
        ax: Any = None,
        **errorbar_kwargs: Any,
    ) -> CalibrationDisplay:
        """Draw the reliability of a fitted classifier.

        Parameters
        ----------
        estimator : classifier
            With `predict_proba`, of `hessopt.sklearn` or another's.
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows that it was not fitted to.
        y : array_like, shape (n,)
            Their labels.
        under : {"posterior", "noise"}, optional
            Average probabilities over this, by `predict_distribution`.
        n_bins : int
            Bins of equal numbers of rows.
        name : str, optional
            For the legend; by default that of the class.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **errorbar_kwargs
            Of ``ax.errorbar``.

        Returns
        -------
        CalibrationDisplay

        Raises
        ------
        TypeError, ValueError
            On an estimator without probabilities, and labels that it does not know.
        """
        needs = "predict_proba" if under is None else "predict_distribution"
        with_fields("estimator", estimator, (needs, "classes_"), f"a classifier with {needs}")
        if under is None:
            probabilities = estimator.predict_proba(X)
        else:
            probabilities = estimator.predict_distribution(X, under=under).mean
        codes = codes_of(estimator.classes_, y)
        title = type(estimator).__name__ if name is None else name
        how = {"n_bins": n_bins, "name": title, "ax": ax}
        return cls.from_predictions(probabilities, codes, **how, **errorbar_kwargs)

    @classmethod
    def from_predictions(
        cls,
        probabilities: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        n_bins: int = 15,
        name: str = "",
        ax: Any = None,
        **errorbar_kwargs: Any,
    ) -> CalibrationDisplay:
        """Draw the reliability of predicted probabilities.

        Parameters
        ----------
        probabilities : array_like, shape (n, K) or (n,)
            As `hessopt.calibration` takes them: with noise integrated out, where they are means
            over it.
        y : array_like, shape (n,)
            Labels.
        n_bins : int
            Bins of equal numbers of rows.
        name : str
            For the legend.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **errorbar_kwargs
            Of ``ax.errorbar``.

        Returns
        -------
        CalibrationDisplay
        """
        found = calibration(probabilities, y, n_bins=n_bins)
        return cls.from_results({name: found}, ax=ax, **errorbar_kwargs)

    @classmethod
    def from_results(
        cls, results: Mapping[str, Any], *, ax: Any = None, **errorbar_kwargs: Any
    ) -> CalibrationDisplay:
        """Draw what `hessopt.calibration` returned, side by side.

        Parameters
        ----------
        results : dict of str to Calibration
            By the names of the legend.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **errorbar_kwargs
            Of ``ax.errorbar``.

        Returns
        -------
        CalibrationDisplay
        """
        curves = named("results", results, "results of hessopt.calibration")
        fields = ("confidence", "accuracy", "accuracy_error")
        for found in curves.values():
            with_fields("results", found, fields, "results of hessopt.calibration")
        return cls(curves=curves).plot(ax, **errorbar_kwargs)

    def plot(self, ax: Any = None, **errorbar_kwargs: Any) -> CalibrationDisplay:
        """Draw into `ax` or a new figure; the legend has the expected calibration error."""
        ax = self._draw_into(ax)
        for name, found in self.curves.items():
            error = f"{100 * found.error:.1f} ± {100 * found.spread:.1f} %"
            label = f"{name}: {error}" if name else error
            look = {"fmt": "o-", "ms": 3, "lw": 1, "label": label, **errorbar_kwargs}
            ax.errorbar(found.confidence, found.accuracy, found.accuracy_error, **look)
        low = min(float(found.confidence.min()) for found in self.curves.values())
        ax.plot([low, 1], [low, 1], color="black", lw=0.8)
        ax.set(xlabel="confidence", ylabel="accuracy")
        ax.legend(title="expected calibration error", frameon=False, fontsize="small")
        return self
