"""What samples of a prediction say of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .. import _core, _validation
from .._validation import Array
from . import monte_carlo

_ENTROPIES = [
    "entropy",
    "expected_entropy",
    "mutual_information",
    "entropy_error",
    "expected_entropy_error",
    "mutual_information_error",
]
_WATCHED = 32  # outputs whose tails are examined


@dataclass(frozen=True, eq=False)
class PredictiveDistribution:
    """What samples of a prediction, or integrals, say of it, row by row.

    Standard errors are those of finitely many samples; the spread of the prediction itself is
    `variance`. Entropies are in nats, and None where the outputs are not probabilities of classes.

    Attributes
    ----------
    mean : ndarray, shape (rows,) or (rows, outputs), or whatever `predict` returns
        Mean prediction.
    variance : ndarray, as mean
        Variance of a prediction over what `under` says.
    standard_error : ndarray, as mean
        Standard error of `mean`.
    entropy : ndarray, shape (rows,) or that of `mean` without the axis of classes, or None
        Predictive entropy H(mean): all the uncertainty of the class.
    expected_entropy : ndarray, as entropy, or None
        Mean entropy of a prediction: what would be left if the noise were known.
    mutual_information : ndarray, as entropy, or None
        Their difference, of class and noise: what the predictions disagree about (BALD).
    entropy_error, expected_entropy_error, mutual_information_error : ndarray or None
        Standard errors of the three, by the delta method.
    n_samples : int
        Predictions of each row; 0 where means and variances are integrals.
    converged : bool
        Whether every standard error of `mean` is within the tolerance; True where none was given.
    under : {"noise", "models", "posterior"}
        What a prediction varies over: the noise of inputs or masks, the models of an ensemble, or
        the posterior of the parameters.
    """

    mean: Array
    variance: Array
    standard_error: Array
    entropy: Array | None
    expected_entropy: Array | None
    mutual_information: Array | None
    entropy_error: Array | None
    expected_entropy_error: Array | None
    mutual_information_error: Array | None
    n_samples: int
    converged: bool
    under: str


class Statistics:
    """Moments of predictions, and of the entropies of those that are probabilities."""

    def __init__(self, group: int = 1, under: str = "noise") -> None:
        self._group, self._under = group, under
        self._shape: tuple[int, ...] | None = None
        self._axis: int | None = None  # of classes, among those of outputs
        self._probabilities = True
        self._sums: _core.RunningMoments | _core.EntropyMoments
        self._watched: Array
        self._tails: _core.Tails

    def add(self, outputs: Array) -> None:
        """Outputs of some samples, shape (samples, rows, ...)."""
        if self._shape is None:
            self._start(outputs)
        elif outputs.shape[1:] != self._shape:
            raise _validation.error(
                "predict(X)", f"shape {outputs.shape[1:]}", f"shape {self._shape}, as before"
            )
        self._probabilities = self._probabilities and _sum_to_one(outputs, self._axis)
        if self._axis is not None:
            outputs = np.moveaxis(outputs, self._axis, -1)
        flat = np.ascontiguousarray(outputs.reshape(len(outputs), -1), np.float64)
        if self._probabilities:
            flat = np.minimum(flat, 1)  # above which rounding may have put them
        self._sums.add(flat)
        self._tails.add(np.ascontiguousarray(flat[:, self._watched]))

    def _start(self, outputs: Array) -> None:
        self._shape = outputs.shape[1:]
        size = math.prod(self._shape)
        self._axis = next((a for a in (2, -1) if _sum_to_one(outputs, a)), None)
        if self._axis is None:
            self._sums = _core.RunningMoments(size, self._group)
        else:
            classes = outputs.shape[self._axis]
            self._sums = _core.EntropyMoments(size // classes, classes, self._group)
        self._watched = np.unique(np.linspace(0, size - 1, _WATCHED).astype(int))
        self._tails = _core.Tails(len(self._watched), self._group)

    @property
    def _moments(self) -> _core.RunningMoments:
        sums = self._sums
        return sums.probabilities if isinstance(sums, _core.EntropyMoments) else sums

    def largest_error(self) -> float:
        """The largest standard error of a mean."""
        return float(self._moments.standard_error.max())

    def doubt(self) -> str:
        """What speaks against the standard errors of the mean, of those that matter."""
        if self._probabilities:
            return ""
        moments, watched = self._moments, self._watched
        mean, deviation = moments.mean[watched], moments.standard_error[watched]
        deviation[deviation < 0.1 * deviation.max()] = np.inf
        return monte_carlo.heavy_tail(self._tails, mean, deviation, moments.count // self._group)

    def result(self, converged: bool = True) -> PredictiveDistribution:
        """What the samples so far say."""
        moments, shape = self._moments, self._shape
        assert shape is not None
        found: dict[str, Array | None] = dict.fromkeys(_ENTROPIES)
        turned, to = shape, -1  # classes last
        if self._axis is not None:
            to = 1 if self._axis == 2 else -1
            turned = (*np.delete(shape, to), shape[to])
        if self._probabilities and isinstance(self._sums, _core.EntropyMoments):
            values = [*self._sums.value.T, *self._sums.standard_error.T]
            each = [a.reshape(turned[:-1]) for a in values]
            found = dict(zip(_ENTROPIES, each, strict=True))

        def shaped(a: Array) -> Array:
            return np.moveaxis(a.reshape(turned), -1, to)

        return PredictiveDistribution(
            mean=shaped(moments.mean),
            variance=shaped(moments.variance),
            standard_error=shaped(moments.standard_error),
            n_samples=moments.count,
            converged=converged,
            under=self._under,
            **found,
        )


def _sum_to_one(outputs: Array, axis: int | None) -> bool:
    """Whether they are probabilities of the classes along an axis, which is not that of rows."""
    if axis is None or outputs.ndim < 3 or not (outputs >= 0).all():
        return False
    return bool((abs(outputs.sum(axis=axis) - 1) <= 1e-5).all())
