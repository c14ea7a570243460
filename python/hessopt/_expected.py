"""Objectives with the noise of their inputs or parameters integrated out."""

from __future__ import annotations

from typing import Literal

from . import _core, _validation, objectives
from ._noise import Dropout, described


def expected(
    objective: objectives.LinearModel | objectives.Softmax,
    noise: Dropout,
    method: Literal["exact", "normal", "sample"],
    *,
    n_samples: int | None = None,
) -> objectives.Objective:
    """An objective with the noise of its inputs integrated out: E_z f(x, z).

    Parameters
    ----------
    objective : hessopt.objectives.Squared, Logistic, Softmax or another
        Its data is read where it lies. The penalty is not touched by the noise.
    noise : Dropout
        Each X[i, j] is dropped with probability ``noise.rate``, else divided by 1 − rate.
    method : {"exact", "normal", "sample"}
        - "exact": the closed form of the expectation, for `Squared`; the sum over all masks of
          each row for `Logistic`, `Huber` and `Softmax`, of at most 20 columns;
        - "normal": the linear predictor taken as normal with its exact mean and variance, for
          `Logistic` (8-term mixture, error below 1e-8 of that integral) and `Squared` (where this
          is exact as well);
        - "sample": the mean over `n_samples` fixed masks, for any objective. Mask k is stream k of
          ``noise.seed``; more samples extend the same set.
    n_samples : int, optional
        Masks, for "sample" only; 32 by default.

    Returns
    -------
    objective
        Deterministic, with ``n_parameters``, ``value_and_gradient``, ``hessian`` and ``hessp``; it
        goes into `minimize` and every solver.

    References
    ----------
    S. Wang, C. Manning, "Fast dropout training", ICML 2013.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Squared([[1.0], [2.0]], [3.0, 5.0], fit_intercept=False)
    >>> noisy = hessopt.expected(f, hessopt.Dropout(0.5), method="exact")
    >>> hessopt.minimize(noisy, [0.0]).x.round(12)
    array([1.3])
    """
    if not isinstance(objective, (objectives.LinearModel, objectives.Softmax)):
        want = "an objective of hessopt.objectives without noise"
        raise TypeError(f"objective: got {type(objective).__name__}; want {want}")
    if not isinstance(noise, Dropout):
        raise TypeError(f"noise: got {noise!r}; want hessopt.Dropout(rate, seed=...)")
    if method not in ("exact", "normal", "sample"):
        raise _validation.error("method", repr(method), "'exact', 'normal' or 'sample'")
    if method == "sample":
        count = 32 if n_samples is None else _validation.integer("n_samples", n_samples, 1, 2**32)
        return _core.fixed_samples(objective, *described(noise), count)
    if n_samples is not None:
        raise _validation.error("n_samples", n_samples, f"nothing: {method!r} draws no samples")
    if method == "exact" and isinstance(
        objective, (objectives.Huber, objectives.Logistic, objectives.Softmax)
    ):
        summed: objectives.Objective = _core.enumerated(objective, *described(noise))
        return summed
    name = type(objective).__name__
    if not isinstance(objective, (objectives.Squared, objectives.Logistic)):
        raise _validation.error("method", repr(method), f"'sample' for {name}")
    marginal: objectives.Objective = _core.closed_form(objective, *described(noise))
    return marginal
