"""The distribution of a prediction under noise, and over the models of an ensemble."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from .. import _core, _progress, _validation
from .._validation import Array
from ..noise.laws import Augmentation, Dropout, GaussianDropout, GaussianNoise
from . import monte_carlo
from .augmented import batch_of, rows_at_once
from .distribution import PredictiveDistribution, Statistics

Predictor = Callable[[Array], npt.ArrayLike]
InputNoise = Dropout | GaussianDropout | GaussianNoise | Augmentation

_SAMPLES = 128
_FIRST_LOOK = 64  # samples before a standard error is believed
_ELEMENTS = 1 << 20  # of noisy inputs handed to the predictor at once


def _inputs(X: npt.ArrayLike) -> Array:
    X = _validation.array("X", X)
    if X.ndim < 2 or 0 in X.shape:
        raise _validation.error(
            "X", f"shape {X.shape}", "shape (rows, p) or (rows, ...), not empty"
        )
    return X


def _predicted(predict: Predictor, X: Array) -> Array:
    outputs = _validation.array("predict(X)", predict(X))
    if outputs.ndim == 0 or len(outputs) != len(X) or 0 in outputs.shape:
        want = f"({len(X)},) or ({len(X)}, ...)"
        raise _validation.error("predict(X)", f"shape {outputs.shape}", f"shape {want}")
    return outputs


def _sampled(
    predict: Predictor, X: Array, noise: InputNoise, group: int, shared: bool
) -> Callable[[int, int], Iterator[Array]]:
    """Predictions of samples begin .. end in batches, whose noisy inputs fit into memory."""
    shape = X.shape[1:]
    samples = max(_ELEMENTS // X.size // group, 1) * group
    if isinstance(noise, Augmentation):
        X = X.view()
        X.flags.writeable = False
        rows = rows_at_once(math.prod(shape))

        def copies(first: int, count: int, row: int) -> Array:
            drawn = [batch_of(noise, X, row, rows, k) for k in range(first, first + count)]
            return np.concatenate(drawn)
    else:
        law, flat = noise._law(), X.reshape(len(X), -1)
        rows = max(_ELEMENTS // (group * flat.shape[1]), 1)

        def copies(first: int, count: int, row: int) -> Array:
            block = flat[row : row + rows]
            return _core.noisy_copies(block, law, group == 2, shared, first, count, row)

    def predictions(begin: int, end: int) -> Iterator[Array]:
        for first in range(begin, end, samples):
            count = min(samples, end - first)
            parts = []
            for row in range(0, len(X), rows):
                outputs = _predicted(predict, copies(first, count, row).reshape(-1, *shape))
                parts.append(outputs.reshape(count, -1, *outputs.shape[1:]))
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

    Under an `Augmentation`, what is called test-time augmentation.

    Samples are made in batches, folded into running sums and forgotten; memory is a few times that
    of the result, whatever the number of samples.

    Parameters
    ----------
    predict : callable
        Takes rows of inputs, shape (m, p), and returns (m,) or (m, outputs): the whole model, or
        what of it comes after the noise, such as the head on activations. Rows of inputs and of
        outputs may be arrays of any shape: (m, steps, p) or (m, height, width, channels), and (m,
        classes, height, width) or (m, height, width, classes).
    X : array_like, shape (rows, p) or (rows, ...)
        Inputs without noise; float32 stays float32.
    noise : Dropout, GaussianDropout, GaussianNoise or Augmentation
        Put on every element of `X`, or on its rows. Sample k has stream k of its seed, so that
        samples are the same on every machine, and more of them extend the same set.
    n_samples : int, optional
        Samples, >= 2, in place of `tol`; 128 by default.
    tol : float, optional
        Draw until the standard error of every mean is at most this.
    max_samples : int
        Where the search for `tol` gives up, with a `RuntimeWarning` and ``converged=False``.
    sampling : {"random", "antithetic"}
        "antithetic" draws pairs that mirror each other, which costs nothing and mostly lowers the
        error; standard errors are then those of pair means. Not for an `Augmentation`.
    shared : bool
        One noise for all rows of a sample: predictions of different rows can then be compared
        sample by sample, as under one network drawn at random. Not for an `Augmentation`.
    progress : bool
        Show a progress bar (needs tqdm).

    Returns
    -------
    PredictiveDistribution
        With entropies where `predict` returns probabilities of classes: numbers >= 0 that sum to 1
        along axis 1 or, where they do not, along the last axis; for each row, or for each pixel or
        step of what has more axes.

    Notes
    -----
    mean ± 1.96 standard errors covers the expectation with 95 %, also where `tol` ended the
    sampling, as long as the first 64 samples show the variance: where few samples carry the mean of
    some output there is a `RuntimeWarning`, but what no sample shows has a standard error of 0 (of
    an event not seen in n samples, the probability may be 3.7 / n). The estimate of the mutual
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
    X = _inputs(X)
    if not isinstance(noise, get_args(InputNoise)):
        want = "Dropout, GaussianDropout, GaussianNoise or Augmentation"
        raise TypeError(f"noise: got {noise!r}; want {want}")
    if sampling not in ("random", "antithetic"):
        raise _validation.error("sampling", repr(sampling), "'random' or 'antithetic'")
    shared = _validation.flag("shared", shared)
    shown = _progress.asked(progress)
    if isinstance(noise, Augmentation):
        if sampling != "random":
            raise _validation.error("sampling", repr(sampling), "'random' for an Augmentation")
        if shared:
            raise _validation.error("shared", shared, "False for an Augmentation")
    if tol is not None and n_samples is not None:
        raise _validation.error("n_samples", n_samples, "n_samples or tol, not both")
    tol = None if tol is None else _validation.at_least("tol", tol, 0.0)
    most = _validation.integer("max_samples", max_samples, 2, 2**32)
    count = _SAMPLES if n_samples is None else _validation.integer("n_samples", n_samples, 2, 2**32)
    group = 2 if sampling == "antithetic" else 1
    predictions = _sampled(predict, X, noise, group, shared)
    statistics, drawn = Statistics(group), 0
    look = count if tol is None else min(_FIRST_LOOK, most)
    with _progress.counter(shown, "sample") as show:
        while True:
            look = max(look + look % group, 2 * group)
            for outputs in predictions(drawn, look):
                statistics.add(outputs)
                drawn += len(outputs)
                show(drawn, look)
            ratio = 0.0 if tol is None else statistics.largest_error() / max(tol, 1e-300)
            if not ratio > 1 or drawn >= most:
                break
            look = monte_carlo.next_look(drawn, ratio, most)
    if doubt := statistics.doubt():
        want = "more samples, or outputs that are bounded"
        warnings.warn(f"predict(X): got {doubt}; want {want}", RuntimeWarning, stacklevel=2)
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
    statistics = Statistics(under="models")
    if X is None:
        outputs = _validation.array("predictors", predictors)
        if outputs.ndim < 2 or len(outputs) < 2 or 0 in outputs.shape:
            want = "shape (models, rows) or (models, rows, outputs), two models or more"
            raise _validation.error("predictors", f"shape {outputs.shape}", want)
        statistics.add(outputs)
        return statistics.result()
    if not isinstance(predictors, Sequence) or not all(map(callable, predictors)):
        raise TypeError(f"predictors: got {type(predictors).__name__}; want functions beside X")
    if len(predictors) < 2:
        raise _validation.error("predictors", f"{len(predictors)} of them", "at least two")
    X = _inputs(X)
    for predict in predictors:
        statistics.add(_predicted(cast(Predictor, predict), X)[None])
    return statistics.result()
