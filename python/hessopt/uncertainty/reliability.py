"""Whether predicted probabilities are as often right as they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .. import _validation

_Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Confidence against accuracy, bin by bin, as `calibration` makes it.

    Attributes
    ----------
    confidence : ndarray, shape (bins,)
        Mean confidence of the rows of a bin; bins without rows are left out.
    accuracy : ndarray, shape (bins,)
        How often these were right.
    count : ndarray of int, shape (bins,)
        Rows of each bin.
    accuracy_error : ndarray, shape (bins,)
        Standard error of `accuracy`, √(a (1 − a) / count) of Laplace's a = (right + 1) / (count +
        2), which is not 0 where all were right.
    error : float
        Expected calibration error: Σ count |accuracy − confidence| / rows.
    spread : float
        Its standard deviation over bootstrap samples of the rows.
    error_if_calibrated : float
        What it would be on average for as many rows whose probabilities are true: it is never 0.
        An `error` that is near is no sign of a fault.
    """

    confidence: _Doubles
    accuracy: _Doubles
    count: npt.NDArray[np.int64]
    accuracy_error: _Doubles
    error: float
    spread: float
    error_if_calibrated: float


def calibration(
    probabilities: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    n_bins: int = 15,
    n_resamples: int = 200,
    seed: int = 0,
) -> Calibration:
    """Reliability curve and expected calibration error of predicted classes.

    Parameters
    ----------
    probabilities : array_like, shape (n, K) or (n,)
        Of classes, each row summing to one: the confidence is that of the most probable class. Or
        of class 1 of two, where the curve is of that probability itself.
    y : array_like, shape (n,)
        Labels 0 .. K − 1, or 0 and 1.
    n_bins : int
        Bins of equal numbers of rows, by confidence; at most n.
    n_resamples : int
        Bootstrap samples for the spread, and draws of labels for the error if calibrated; >= 2.
    seed : int
        Of both, in [0, 2**64).

    Returns
    -------
    Calibration

    Notes
    -----
    Bins of equal counts have less bias than those of equal width, of which the last has most rows.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017.
    J. Vaicenavicius et al., "Evaluating model calibration in classification", AISTATS 2019 (what is
    to be expected of a calibrated model).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(5000)
    >>> y = rng.random(5000) < p
    >>> good, bold = hessopt.calibration(p, y), hessopt.calibration(p**2, y)
    >>> round(good.error, 2), round(bold.error, 2)
    (0.01, 0.16)
    """
    p = _validation.array("probabilities", probabilities)
    if p.ndim not in (1, 2) or 0 in p.shape or p.shape[1:] == (1,):
        raise _validation.error("probabilities", f"shape {p.shape}", "shape (n, K) or (n,)")
    if not ((p >= 0) & (p <= 1 + 1e-6)).all():
        raise _validation.error("probabilities", "others than in [0, 1]", "probabilities")
    n = len(p)
    labels = _validation.doubles("y", y, n)
    classes = 2 if p.ndim == 1 else p.shape[1]
    if not np.isin(labels, np.arange(classes)).all():
        raise _validation.error("y", "other labels", f"integers 0 .. {classes - 1}")
    if p.ndim == 2:
        if abs(p.sum(axis=1) - 1).max() > 1e-4:
            raise _validation.error("probabilities", "rows of other sums", "rows that sum to one")
        said = p.argmax(axis=1)
        confidence, right = p.max(axis=1), said == labels
    else:
        confidence, right = p, labels == 1
    bins = _validation.integer("n_bins", n_bins, 1)
    draws = _validation.integer("n_resamples", n_resamples, 2, 2**31)
    generator = np.random.Generator(np.random.Philox(key=_validation.seed(seed)))
    order = np.argsort(confidence, kind="stable")
    sure = np.minimum(confidence[order].astype(np.float64), 1)
    was = right[order].astype(np.float64)
    starts = np.unique(np.linspace(0, n, min(bins, n) + 1).astype(int))[:-1]
    count = np.diff([*starts, n])
    mean, often = np.add.reduceat(sure, starts) / count, np.add.reduceat(was, starts) / count
    smooth = (often * count + 1) / (count + 2)
    bootstrap, calibrated = np.empty(draws), np.empty(draws)
    for k in range(draws):
        rows = np.sort(generator.integers(0, n, n))  # which keeps them in order of confidence
        bootstrap[k] = _error(sure[rows], was[rows], starts)
        calibrated[k] = _error(sure, (generator.random(n) < sure).astype(np.float64), starts)
    return Calibration(
        confidence=mean,
        accuracy=often,
        count=count,
        accuracy_error=np.sqrt(smooth * (1 - smooth) / count),
        error=_error(sure, was, starts),
        spread=float(bootstrap.std(ddof=1)),
        error_if_calibrated=float(calibrated.mean()),
    )


def _error(confidence: _Doubles, right: _Doubles, starts: npt.NDArray[np.int64]) -> float:
    """Σ |Σ (right − confidence)| over the bins, a row."""
    return float(abs(np.add.reduceat(right - confidence, starts)).sum() / len(right))
