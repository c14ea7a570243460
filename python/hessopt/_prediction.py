"""The distribution of a prediction under noise, and over the models of an ensemble."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from . import _core, _monte_carlo, _progress, _validation
from ._noise import Dropout, GaussianDropout, GaussianNoise, described
from ._validation import Array

Predictor = Callable[[Array], npt.ArrayLike]
InputNoise = Dropout | GaussianDropout | GaussianNoise

_SAMPLES = 128
_FIRST_LOOK = 64  # samples before a standard error is believed
_ENTROPIES = [
    "entropy",
    "expected_entropy",
    "mutual_information",
    "entropy_error",
    "expected_entropy_error",
    "mutual_information_error",
]
_ELEMENTS = 1 << 20  # of noisy inputs handed to the predictor at once


@dataclass(frozen=True, eq=False)
class PredictiveDistribution:
    """What samples of a prediction say of it, row by row.

    Standard errors are those of finitely many samples; the spread of the prediction itself is
    `variance`. Entropies are in nats, and None where the outputs are not probabilities of classes.

    Attributes
    ----------
    mean : ndarray, shape (rows,) or (rows, outputs)
        Mean prediction.
    variance : ndarray, as mean
        Variance of a prediction over the noise, or over the models.
    standard_error : ndarray, as mean
        Standard error of `mean`.
    entropy : ndarray, shape (rows,), or None
        Predictive entropy H(mean): all the uncertainty of the class.
    expected_entropy : ndarray, shape (rows,), or None
        Mean entropy of a prediction: what would be left if the noise were known.
    mutual_information : ndarray, shape (rows,), or None
        Their difference, of class and noise: what the predictions disagree about (BALD).
    entropy_error, expected_entropy_error, mutual_information_error : ndarray or None
        Standard errors of the three, by the delta method.
    n_samples : int
        Predictions of each row.
    converged : bool
        Whether every standard error of `mean` is within the tolerance; True where none was given.
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


class _Statistics:
    """Moments of predictions, and of the entropies of those that are probabilities."""

    def __init__(self, group: int = 1) -> None:
        self._group = group
        self._shape: tuple[int, ...] | None = None
        self._probabilities = True
        self._sums: _core.RunningMoments | _core.EntropyMoments

    def add(self, outputs: Array) -> None:
        """Outputs of some samples, shape (samples, rows) or (samples, rows, outputs)."""
        self._probabilities = self._probabilities and _are_probabilities(outputs)
        if self._shape is None:
            self._shape = outputs.shape[1:]
            self._sums = (
                _core.EntropyMoments(*self._shape, self._group)
                if self._probabilities
                else _core.RunningMoments(outputs[0].size, self._group)
            )
        elif outputs.shape[1:] != self._shape:
            raise _validation.error(
                "predict(X)", f"shape {outputs.shape[1:]}", f"shape {self._shape}, as before"
            )
        flat = outputs.reshape(len(outputs), -1)
        self._sums.add(np.ascontiguousarray(flat, np.float64))

    @property
    def _moments(self) -> _core.RunningMoments:
        sums = self._sums
        return sums.probabilities if isinstance(sums, _core.EntropyMoments) else sums

    def largest_error(self) -> float:
        """The largest standard error of a mean."""
        return float(self._moments.standard_error.max())

    def result(self, converged: bool = True) -> PredictiveDistribution:
        moments, shape = self._moments, self._shape
        assert shape is not None
        found: dict[str, Array | None] = dict.fromkeys(_ENTROPIES)
        if self._probabilities and isinstance(self._sums, _core.EntropyMoments):
            values = [*self._sums.value.T, *self._sums.standard_error.T]
            found = dict(zip(_ENTROPIES, values, strict=True))
        return PredictiveDistribution(
            mean=moments.mean.reshape(shape),
            variance=moments.variance.reshape(shape),
            standard_error=moments.standard_error.reshape(shape),
            n_samples=moments.count,
            converged=converged,
            **found,
        )


def _are_probabilities(outputs: Array) -> bool:
    if outputs.ndim != 3 or not (outputs >= 0).all():
        return False
    return bool((abs(outputs.sum(axis=2) - 1) <= 1e-5).all())


def _predicted(predict: Predictor, X: Array) -> Array:
    outputs = _validation.array("predict(X)", predict(X))
    if outputs.ndim not in (1, 2) or len(outputs) != len(X):
        want = f"({len(X)},) or ({len(X)}, outputs)"
        raise _validation.error("predict(X)", f"shape {outputs.shape}", f"shape {want}")
    return outputs


def _sampled(
    predict: Predictor, X: Array, noise: InputNoise, group: int, shared: bool
) -> Callable[[int, int], Iterator[Array]]:
    """Predictions of samples begin .. end in batches, whose noisy inputs fit into memory."""
    law = described(noise)
    samples = max(_ELEMENTS // X.size // group, 1) * group
    rows = max(_ELEMENTS // (group * X.shape[1]), 1)

    def predictions(begin: int, end: int) -> Iterator[Array]:
        for first in range(begin, end, samples):
            count = min(samples, end - first)
            parts = []
            for row in range(0, len(X), rows):
                block = X[row : row + rows]
                noisy = _core.noisy_copies(block, *law, group == 2, shared, first, count, row)
                outputs = _predicted(predict, noisy.reshape(-1, X.shape[1]))
                parts.append(outputs.reshape(count, len(block), *outputs.shape[1:]))
            yield parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    return predictions


def predict_distribution(
    predict: Predictor,
    X: npt.ArrayLike,
    noise: InputNoise,
    *,
    n_samples: int | None = None,
    tol: float | None = None,
    max_samples: int = 100_000,
    sampling: Literal["random", "antithetic"] = "random",
    shared: bool = False,
    progress: bool = False,
) -> PredictiveDistribution:
    """Mean, spread and entropies of a prediction whose inputs are noisy: Monte Carlo dropout.

    Samples are made in batches, folded into running sums and forgotten; memory is a few times that
    of the result, whatever the number of samples.

    Parameters
    ----------
    predict : callable
        Takes rows of inputs, shape (m, p), and returns (m,) or (m, outputs): the whole model, or
        what of it comes after the noise, such as the head on activations.
    X : array_like, shape (rows, p)
        Inputs without noise; float32 stays float32.
    noise : Dropout, GaussianDropout or GaussianNoise
        Put on every element of `X`. Sample k has stream k of its seed, so that samples are the same
        on every machine, and more of them extend the same set.
    n_samples : int, optional
        Samples, >= 2, in place of `tol`; 128 by default.
    tol : float, optional
        Draw until the standard error of every mean is at most this.
    max_samples : int
        Where the search for `tol` gives up, with a `RuntimeWarning` and ``converged=False``.
    sampling : {"random", "antithetic"}
        "antithetic" draws pairs that mirror each other, which costs nothing and mostly lowers the
        error; standard errors are then those of pair means.
    shared : bool
        One noise for all rows of a sample: predictions of different rows can then be compared
        sample by sample, as under one network drawn at random.
    progress : bool
        Show a progress bar (needs tqdm).

    Returns
    -------
    PredictiveDistribution
        With entropies where `predict` returns probabilities of classes: two dimensions, rows of
        numbers >= 0 that sum to 1.

    Notes
    -----
    mean ± 1.96 standard errors covers the expectation with 95 %, also where `tol` ended the
    sampling, as long as the first 64 samples show the variance. The estimate of the mutual
    information is too low by about 1 part in `n_samples`.

    References
    ----------
    Y. Gal, Z. Ghahramani, "Dropout as a Bayesian approximation: representing model uncertainty in
    deep learning", ICML 2016.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> w = np.array([1.0, -2.0, 0.5])
    >>> noise = hessopt.Dropout(0.5, seed=1)
    >>> d = hessopt.predict_distribution(lambda X: X @ w, np.ones((1, 3)), noise, n_samples=4000)
    >>> bool(abs(d.mean[0] - w.sum()) < 3 * d.standard_error[0])
    True
    """
    if not callable(predict):
        raise TypeError(f"predict: got {predict!r}; want a function")
    X = _validation.filled("X", X)
    if not isinstance(noise, get_args(InputNoise)):
        raise TypeError(f"noise: got {noise!r}; want Dropout, GaussianDropout or GaussianNoise")
    if sampling not in ("random", "antithetic"):
        raise _validation.error("sampling", repr(sampling), "'random' or 'antithetic'")
    if tol is not None and n_samples is not None:
        raise _validation.error("n_samples", n_samples, "n_samples or tol, not both")
    tol = None if tol is None else _validation.at_least("tol", tol, 0.0)
    most = _validation.integer("max_samples", max_samples, 2, 2**32)
    count = _SAMPLES if n_samples is None else _validation.integer("n_samples", n_samples, 2, 2**32)
    group = 2 if sampling == "antithetic" else 1
    predictions = _sampled(predict, X, noise, group, _validation.flag("shared", shared))
    statistics, drawn = _Statistics(group), 0
    look = count if tol is None else min(_FIRST_LOOK, most)
    with _progress.counter(_validation.flag("progress", progress), "sample") as show:
        while True:
            look += look % group
            for outputs in predictions(drawn, look):
                statistics.add(outputs)
                drawn += len(outputs)
                show(drawn, look)
            ratio = 0.0 if tol is None else statistics.largest_error() / max(tol, 1e-300)
            if not ratio > 1 or drawn >= most:
                break
            look = _monte_carlo.next_look(drawn, ratio, most)
    if not ratio <= 1:
        got = f"{statistics.largest_error():.2g} after {drawn} samples"
        warnings.warn(f"standard error: got {got}; want {tol:g}", RuntimeWarning, stacklevel=2)
    return statistics.result(converged=ratio <= 1)


def ensemble_distribution(
    predictors: Sequence[Predictor] | npt.ArrayLike, X: npt.ArrayLike | None = None
) -> PredictiveDistribution:
    """Mean, spread and entropies of the prediction of several fitted models.

    Parameters
    ----------
    predictors : sequence of callable, or array_like
        Functions of `X` that return (rows,) or (rows, outputs); or their outputs, shape (models,
        rows) or (models, rows, outputs). At least two.
    X : array_like, shape (rows, p), optional
        What the functions are called with, one after the other.

    Returns
    -------
    PredictiveDistribution
        ``n_samples`` is the number of models. Standard errors take them as drawn independently from
        the models that might have been fitted.

    References
    ----------
    B. Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty
    estimation using deep ensembles", NeurIPS 2017.

    Examples
    --------
    >>> import hessopt
    >>> sure = hessopt.ensemble_distribution([[[0.5, 0.5]], [[0.5, 0.5]]])
    >>> split = hessopt.ensemble_distribution([[[1.0, 0.0]], [[0.0, 1.0]]])
    >>> sure.mutual_information.round(3), split.mutual_information.round(3)
    (array([0.]), array([0.693]))
    """
    statistics = _Statistics()
    if X is None:
        outputs = _validation.array("predictors", predictors)
        if outputs.ndim not in (2, 3) or len(outputs) < 2 or 0 in outputs.shape:
            want = "shape (models, rows) or (models, rows, outputs), two models or more"
            raise _validation.error("predictors", f"shape {outputs.shape}", want)
        statistics.add(outputs)
        return statistics.result()
    if not isinstance(predictors, Sequence) or not all(map(callable, predictors)):
        raise TypeError(f"predictors: got {type(predictors).__name__}; want functions beside X")
    if len(predictors) < 2:
        raise _validation.error("predictors", f"{len(predictors)} of them", "at least two")
    X = _validation.filled("X", X)
    for predict in predictors:
        statistics.add(_predicted(cast(Predictor, predict), X)[None])
    return statistics.result()
