"""Objectives with the noise of their inputs or parameters integrated out."""

from __future__ import annotations

from typing import Literal

from . import _core, _validation, objectives
from ._noise import Dropout, Noise, described


def expected(
    objective: objectives.LinearModel | objectives.Softmax,
    noise: Noise,
    method: Literal["exact", "normal", "taylor", "sample"],
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
        For `Softmax` by "taylor" also `GaussianDropout`, `GaussianNoise` or `DropConnect`.
    method : {"exact", "normal", "taylor", "sample"}
        - "exact": the closed form of the expectation, for `Squared`;
        - "normal": the linear predictor taken as normal with its exact mean and variance, for
          `Logistic` (8-term mixture, error below 1e-8 of that integral) and `Squared` (where this
          is exact as well);
        - "taylor": to second order in the noise, for `Softmax`: the loss plus half the trace of the
          covariance of the classes' predictors times the loss's curvature. Cheap and never
          negative, but not convex;
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

    S. Wager, S. Wang, P. Liang, "Dropout training as adaptive regularization", NIPS 2013.

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
    if method == "taylor" and isinstance(objective, objectives.Softmax):
        if not isinstance(noise, Noise):
            raise TypeError(f"noise: got {noise!r}; want a law such as hessopt.Dropout(rate)")
        if n_samples is not None:
            raise _validation.error("n_samples", n_samples, f"nothing: {method!r} draws no samples")
        taylor: objectives.Objective = _core.softmax_taylor(objective, *described(noise))
        return taylor
    if not isinstance(noise, Dropout):
        raise TypeError(f"noise: got {noise!r}; want hessopt.Dropout(rate, seed=...)")
    if method not in ("exact", "normal", "taylor", "sample"):
        raise _validation.error("method", repr(method), "'exact', 'normal', 'taylor' or 'sample'")
    if method == "sample":
        count = 32 if n_samples is None else _validation.integer("n_samples", n_samples, 1, 2**32)
        return _core.fixed_samples(objective, *described(noise), count)
    if n_samples is not None:
        raise _validation.error("n_samples", n_samples, f"nothing: {method!r} draws no samples")
    name = type(objective).__name__
    if not isinstance(objective, (objectives.Squared, objectives.Logistic)):
        want = "'taylor' or 'sample'" if isinstance(objective, objectives.Softmax) else "'sample'"
        raise _validation.error("method", repr(method), f"{want} for {name}")
    if method == "taylor":
        raise _validation.error("method", repr(method), f"'normal' or 'sample' for {name}")
    if isinstance(objective, objectives.Logistic) and method == "exact":
        raise _validation.error("method", repr(method), f"'normal' or 'sample' for {name}")
    marginal: objectives.Objective = _core.closed_form(objective, *described(noise))
    return marginal
