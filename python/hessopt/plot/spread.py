"""Predictions with their spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .display import Display, codes_of, with_fields

_Doubles = npt.NDArray[np.float64]


class PredictiveSpreadDisplay(Display):
    """Mean predictions of rows, and the range that the noise or the models give each.

    Parameters
    ----------
    x : ndarray, shape (rows,)
        Where the rows stand.
    mean, deviation : ndarray, shape (rows,)
        Mean and standard deviation of each prediction.
    target : ndarray, shape (rows,), or None
        What is known.
    x_label : str
        What `x` is.
    """

    def __init__(
        self,
        *,
        x: _Doubles,
        mean: _Doubles,
        deviation: _Doubles,
        target: _Doubles | None,
        x_label: str,
    ) -> None:
        self.x, self.mean, self.deviation = x, mean, deviation
        self.target, self.x_label = target, x_label

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: npt.ArrayLike | None = None,
        *,
        under: str | None = None,
        n_samples: int | None = None,
        x: npt.ArrayLike | None = None,
        output: int | None = None,
        ax: Any = None,
        **fill_kwargs: Any,
    ) -> PredictiveSpreadDisplay:
        """Draw the `predict_distribution` of a fitted estimator.

        Parameters
        ----------
        estimator : estimator of hessopt.sklearn
            With a `predict_distribution`.
        X : array_like, sparse matrix or frame, shape (rows, p)
            Rows.
        y : array_like, shape (rows,), optional
            Targets, drawn as points; of classes 1 for that of `output`, else 0.
        under : {"posterior", "noise"}, optional
            What predictions vary over, where the estimator has both.
        n_samples : int, optional
            As of `predict_distribution`.
        x, output, ax, **fill_kwargs
            As of `from_result`; of two classes `output` is the second by default.

        Returns
        -------
        PredictiveSpreadDisplay
        """
        want = "a fitted estimator of hessopt.sklearn with predict_distribution"
        with_fields("estimator", estimator, ("predict_distribution", "n_features_in_"), want)
        how = {"under": under, "n_samples": n_samples}
        given = {name: value for name, value in how.items() if value is not None}
        found = estimator.predict_distribution(X, **given)
        classes = getattr(estimator, "classes_", None)
        if classes is not None:
            output = 1 if output is None and len(classes) == 2 else output
            if y is not None and output is not None:
                y = (codes_of(classes, y) == output).astype(float)
        return cls.from_result(found, x=x, y=y, output=output, ax=ax, **fill_kwargs)

    @classmethod
    def from_result(
        cls,
        result: Any,
        *,
        x: npt.ArrayLike | None = None,
        y: npt.ArrayLike | None = None,
        output: int | None = None,
        ax: Any = None,
        **fill_kwargs: Any,
    ) -> PredictiveSpreadDisplay:
        """Draw a predictive distribution.

        Parameters
        ----------
        result : PredictiveDistribution
            Of `hessopt.predict_distribution`, `ensemble_distribution` and the like.
        x : array_like, shape (rows,), optional
            What the rows are drawn over; by default their rank by mean prediction.
        y : array_like, shape (rows,), optional
            Targets, drawn as points.
        output : int, optional
            Which of several outputs, as the probability of one class.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **fill_kwargs
            Of ``ax.fill_between``.

        Returns
        -------
        PredictiveSpreadDisplay

        Raises
        ------
        TypeError, ValueError
            On another result, several outputs of which none is named, and wrong lengths.
        """
        want = "what hessopt.predict_distribution returns"
        with_fields("result", result, ("mean", "variance"), want)
        mean, variance = np.asarray(result.mean), np.asarray(result.variance)
        if mean.ndim == 2:
            outputs = mean.shape[1]
            if output is None:
                raise _validation.error("output", None, f"one of the {outputs} outputs")
            k = _validation.integer("output", output, 0, outputs)
            mean, variance = mean[:, k], variance[:, k]
        if mean.ndim != 1:
            raise _validation.error("result", f"means of shape {mean.shape}", "(rows,)")
        n = len(mean)
        target = None if y is None else _validation.doubles("y", y, n)
        places = np.arange(n, dtype=float) if x is None else _validation.doubles("x", x, n)
        order = np.argsort(mean if x is None else places, kind="stable")
        made = cls(
            x=places if x is None else places[order],
            mean=mean[order],
            deviation=np.sqrt(variance[order]),
            target=None if target is None else target[order],
            x_label="rows, by mean prediction" if x is None else "x",
        )
        return made.plot(ax, **fill_kwargs)

    def plot(self, ax: Any = None, **fill_kwargs: Any) -> PredictiveSpreadDisplay:
        """Draw into `ax` or a new figure: one and two standard deviations about the mean."""
        ax = self._draw_into(ax)
        (line,) = ax.plot(self.x, self.mean, label="mean")
        for width, alpha in ((2, 0.15), (1, 0.25)):
            look = {"color": line.get_color(), "alpha": alpha, "lw": 0, **fill_kwargs}
            label = f"± {width} standard deviation" + ("s" if width > 1 else "")
            low, high = (self.mean + sign * width * self.deviation for sign in (-1, 1))
            ax.fill_between(self.x, low, high, label=label, **look)
        if self.target is not None:
            ax.plot(self.x, self.target, "k.", ms=3, label="target")
        ax.set(xlabel=self.x_label, ylabel="prediction")
        ax.legend(frameon=False, fontsize="small")
        return self
