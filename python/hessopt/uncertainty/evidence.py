"""The strength of the prior by the evidence: MacKay's fixed point, its root found by secants."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._minimize import minimize
from .posterior import Laplace, laplace
from .strength import FARTHEST, best_prior

_MOST_FITS = 100
_TOLERANCE = 1e-6  # of log l2
_FASTER, _LONGEST = 5.0, 4.0  # than the fixed point's, a step of log l2; and the longest


def maximize_evidence(
    objective: Any,
    x0: npt.ArrayLike,
    *,
    structure: Literal["full", "diagonal"] = "full",
    dispersion: float | None = None,
) -> Laplace:
    """Fit the parameters and the strength of their prior: no validation set is needed.

    The penalty is multiplied by the factor at which the evidence of the Laplace approximation is
    largest, where the curvature of the loss at the minimum is held; the parameters are fitted
    again, and so on until the factor is 1.

    Parameters
    ----------
    objective : hessopt.objectives.Squared, Logistic or another, with l2 > 0
        Where the search begins; ratios of different l2 stay as they are. One's own has, beside
        what `laplace` asks for, ``with_l2(l2)`` and ``l2``.
    x0 : array_like, shape (P,)
        Start of the first fit.
    structure : {"full", "diagonal"}
        As in `laplace`.
    dispersion : float, optional
        Scale φ of the law of y; by default that of largest evidence for `Squared`, 1 for others.

    Returns
    -------
    Laplace
        Its `objective` has the l2 that was found, its `mean` is the minimum.

    Warns
    -----
    RuntimeWarning
        If the evidence grows without end, towards no effect of X or towards no penalty; or if the
        fits do not settle.

    Notes
    -----
    For `Squared` that is the maximum of the exact evidence, as scikit-learn's ``BayesianRidge``
    finds it but for its priors of the two strengths. Elsewhere the curvature's own change with the
    strength is left out, as is usual. Where that evidence jumps, as that of a network does where a
    direction comes to have no curvature, the jump may be what is found.

    References
    ----------
    D. J. C. MacKay, "Bayesian interpolation", Neural Computation 4 (1992).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 5))
    >>> y = X @ [1.0, 0.5, 0.0, 0.0, -1.0] + 0.3 * rng.normal(size=100)
    >>> post = hessopt.maximize_evidence(hessopt.objectives.Squared(X, y, l2=1.0), np.zeros(6))
    >>> round(float(np.sqrt(post.dispersion)), 1)
    0.3
    """
    strengths = getattr(objective, "l2_of_parameters", np.zeros(0))
    if not np.any(strengths):
        raise _validation.error("objective", "no penalty", "l2 > 0, from which to begin")
    if getattr(objective, "_needs_rows", False):
        # A penalty of weights whose scale the statistics take out again has its minimum at zero.
        got, want = "a BatchNorm with statistics of the rows", "fixed ones, Network.with_statistics"
        raise _validation.error("objective", got, want)
    free_scale = dispersion is None and getattr(objective, "has_dispersion", False)
    scale = 1.0 if dispersion is None else dispersion
    x = _validation.doubles("x0", x0, objective.n_parameters)
    where = log_l2 = last = last_log = 0.0
    weak, strong_enough = -math.inf, math.inf  # of log l2, between which the best lies
    for fit in range(_MOST_FITS):
        strong = objective.with_l2(np.asarray(objective.l2) * math.exp(log_l2))
        x = minimize(strong, x).x
        post = laplace(strong, x, structure=structure, dispersion=scale)
        where, scale = best_prior(post, free_scale)
        post.dispersion = scale
        # The newest word counts where two do not agree.
        if where > 0:
            weak, strong_enough = log_l2, strong_enough if strong_enough > log_l2 else math.inf
        else:
            weak, strong_enough = weak if weak < log_l2 else -math.inf, log_l2
        if abs(where) <= _TOLERANCE or strong_enough - weak <= _TOLERANCE:
            return post
        if abs(log_l2) > FARTHEST:
            break
        step = where
        if fit and where != last:
            secant = (log_l2 - last_log) / (last - where)
            step = where * min(max(secant, 1.0), _FASTER)
        last, last_log = where, log_l2
        log_l2 += min(max(step, -_LONGEST), _LONGEST)
        if not weak < log_l2 < strong_enough:
            log_l2 = 0.5 * (weak + strong_enough)
    if abs(log_l2) > FARTHEST:
        towards = "no effect of X" if where > 0 else "no penalty"
        got = f"an evidence that grows towards {towards}, up to l2 = {np.max(strong.l2):.2g}"
    else:
        got = f"other minima in each of {_MOST_FITS} fits, up to l2 = {np.max(strong.l2):.2g}"
    warnings.warn(f"objective: got {got}; want one with a maximum", RuntimeWarning, stacklevel=2)
    return post
