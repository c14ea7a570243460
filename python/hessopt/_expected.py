"""Objectives with the noise of their inputs or parameters integrated out."""

from __future__ import annotations

from typing import Literal

from . import _core, _validation, objectives
from ._noise import DropConnect, Dropout, Noise, described

_CLOSED = ("exact", "normal", "taylor")


def _closed_form(objective: object, noise: Noise, method: str) -> objectives.Objective | None:
    """The integral without samples, or None where there is no such."""
    if not isinstance(objective, objectives.LinearModel):
        return None
    form: objectives.Objective | None = _core.closed_form(objective, *described(noise), method)
    return form


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
        Its data is read where it lies. The penalty and the intercept are not touched by the noise.
    noise : Dropout, DropConnect, GaussianDropout or GaussianNoise
        What happens to each X[i, j], or to each coefficient. To one row the two are the same, so
        `DropConnect` has the closed forms of `Dropout`.
    method : {"exact", "normal", "taylor", "sample"}
        - "exact": the closed form of the expectation. For `Squared` under any noise; for `Poisson`,
          `Gamma` and `Exponential` under any noise; for `Huber` under the Gaussian ones. Without
          one, under `Dropout` and `DropConnect`: the sum over all masks of each row, for up to 20
          columns;
        - "normal": the linear predictor taken as normal with its exact mean and variance, which the
          Gaussian noises make it. For `Logistic` (8-term mixture, error below 1e-8 of that
          integral, convex), `Huber`, `Squared`, `Poisson`, `Gamma` and `Exponential`;
        - "taylor": ℓ(μ) + s² ℓ''(μ) / 2, with mean μ and variance s² of the predictor. For all of
          these but `Huber`. Not convex in general;
        - "sample": the mean over `n_samples` fixed masks, for any objective under `Dropout`. Mask k
          is stream k of ``noise.seed``; more samples extend the same set.
    n_samples : int, optional
        Masks, for "sample" only; 32 by default.

    Returns
    -------
    objective
        Deterministic, with ``n_parameters``, ``value_and_gradient``, ``hessian``, ``hessp`` and
        ``evaluate``; it goes into `minimize` and every solver.

    Raises
    ------
    ValueError, TypeError
        On arguments that do not fit each other: the error names the methods there are.

    References
    ----------
    S. Wang, C. Manning, "Fast dropout training", ICML 2013 ("normal").
    S. Wager, S. Wang, P. Liang, "Dropout training as adaptive regularization", NIPS 2013
    ("taylor").

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
    if not isinstance(noise, Noise):
        raise TypeError(f"noise: got {noise!r}; want a law such as hessopt.Dropout(rate)")
    if method not in (*_CLOSED, "sample"):
        raise _validation.error("method", repr(method), f"one of {[*_CLOSED, 'sample']}")
    if method == "sample":
        if not isinstance(noise, Dropout):
            raise TypeError(f"noise: got {noise!r}; want hessopt.Dropout(rate, seed=...)")
        count = 32 if n_samples is None else _validation.integer("n_samples", n_samples, 1, 2**32)
        return _core.fixed_samples(objective, *described(noise), count)
    if n_samples is not None:
        raise _validation.error("n_samples", n_samples, f"nothing: {method!r} draws no samples")
    form = _closed_form(objective, noise, method)
    finite = isinstance(noise, (Dropout, DropConnect))  # many masks in all
    if form is None and method == "exact" and finite:
        form = _core.enumerated(objective, *described(noise))
    if form is None:
        there = [m for m in _CLOSED if _closed_form(objective, noise, m) is not None]
        there = ["exact", *there] if finite and "exact" not in there else there
        which = f"{type(objective).__name__} under {type(noise).__name__}"
        raise _validation.error("method", repr(method), f"one of {[*there, 'sample']} for {which}")
    return form
