"""Objectives with the noise of their inputs or parameters integrated out."""

from __future__ import annotations

from typing import Literal, cast, get_args

from .. import _core, _validation, objectives
from ..noise.laws import Augmentation, Noise
from .averaged import Law, NoisyObjective, averaged
from .copies import OF_COPIES, noisy_copies
from .fixed_samples import SAMPLINGS
from .integrated import Integrated, integral_of

Method = Literal["exact", "normal", "taylor", "sample"]
_WITHOUT_SAMPLES = ("exact", "normal", "taylor")
_MODELS = (_core.LinearModel, _core.Softmax, *OF_COPIES)


def expected(
    objective: objectives.LinearModel
    | objectives.Softmax
    | objectives.Ordinal
    | objectives.HuberWithScale
    | objectives.Cox
    | NoisyObjective,
    noise: Noise | Augmentation | Law,
    method: Method,
    *,
    n_samples: int | None = None,
    sampling: Literal["random", "antithetic", "sobol"] = "random",
) -> objectives.Objective:
    """An objective with the noise of its inputs or parameters integrated out: E_z f(x, z).

    Parameters
    ----------
    objective : hessopt.objectives.Squared, Logistic, Softmax or another
        Its data is read where it lies. Penalty and intercepts are not touched by the noise.
        `Ordinal`, `HuberWithScale` and `Cox` by "sample" alone, of dense X: the result is such an
        objective too, of `n_samples` copies of the rows. Or an
        objective of the user's with ``value_and_gradient(x, z)``, called with one z at a time, and
        perhaps ``hessian(x, z)`` and ``hessp(x, z, v)``.
    noise : Dropout, DropConnect, GaussianDropout, GaussianNoise or Augmentation
        What happens to each X[i, j], to each coefficient, or to batches of rows; with its seed. For
        an objective of the user's, the law of z as in `expectation`: `Discrete` and `Bernoulli` by
        "exact", `Samples`, `Bernoulli`, `Normal` and `Uniform` by "sample".
    method : {"exact", "normal", "taylor", "sample"}
        - "exact": the integral itself. In closed form for `Squared`, `Poisson`, `Gamma` and
          `Exponential`, and for `Huber` under the Gaussian noises; for `Logistic`, `Huber` and
          `Softmax` under `Dropout` as the sum over all masks of a row, of at most 20 columns;
        - "normal": the linear predictor taken as normal with its exact mean and variance, which the
          Gaussian noises make it. For all but `Softmax`; for `Logistic` by an 8-term mixture, which
          is convex and within 1e-8 of that integral;
        - "taylor": to second order in the noise, ℓ(μ) + s² ℓ''(μ) / 2 with mean μ and variance s²
          of the predictor; for `Softmax` half the trace of the covariance of the predictors times
          the curvature. For all but `Huber`. Cheap, but not convex in general;
        - "sample": the mean over `n_samples` fixed samples, for any objective and noise. Sample k
          is stream k of ``noise.seed``; more samples extend the same set.
    n_samples : int, optional
        For "sample" only; 32 by default.
    sampling : {"random", "antithetic", "sobol"}
        For "sample" only, how samples are drawn:

        - "random": independently of each other;
        - "antithetic": in pairs of opposite random numbers, `n_samples` even; as good as free;
        - "sobol": in every row of X as a scrambled Sobol sequence of 32 bits with a random shift
          of its own, so that the mean is unbiased; `n_samples` a power of two. Needs SciPy.

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
    S. Wang, C. Manning, "Fast dropout training", ICML 2013 ("normal"). S. Wager, S. Wang,
    P. Liang, "Dropout training as adaptive regularization", NIPS 2013 ("taylor").
    J. M. Hammersley, K. W. Morton, "A new Monte Carlo technique: antithetic variates", Proc.
    Cambridge Philos. Soc. 52 (1956). I. M. Sobol', "On the distribution of points in a cube", USSR
    Comput. Math. Math. Phys. 7 (1967).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> f = hessopt.objectives.Squared([[1.0], [2.0]], [3.0, 5.0], fit_intercept=False)
    >>> noisy = hessopt.expected(f, hessopt.Dropout(0.5), method="exact")
    >>> hessopt.minimize(noisy, [0.0]).x.round(12)
    array([1.3])

    The newsvendor, who pays 1 for a paper, sells it for 3 and does not know the demand z.

    >>> class Loss:
    ...     def value_and_gradient(self, x, z):
    ...         soft = 0.1 * np.logaddexp(0, (z - x) / 0.1)  # unmet demand, smoothed
    ...         return x[0] - 3 * (z - soft[0]), 1 - 1.5 * (1 + np.tanh((z - x) / 0.2))
    >>> demand = hessopt.Discrete([5.0, 6.0, 7.0, 8.0], [0.1, 0.3, 0.4, 0.2])
    >>> hessopt.minimize(hessopt.expected(Loss(), demand, "exact"), [1.0]).x.round()
    array([7.])
    """
    if sampling not in SAMPLINGS:
        raise _validation.error("sampling", repr(sampling), f"one of {list(SAMPLINGS)}")
    if isinstance(noise, get_args(Law)) and not isinstance(objective, _MODELS):
        if not hasattr(objective, "value_and_gradient"):
            want = "an objective with value_and_gradient(x, z)"
            raise TypeError(f"objective: got {type(objective).__name__}; want {want}")
        mean = averaged(objective, noise, method, n_samples, sampling)
        return cast(objectives.Objective, mean)
    if not isinstance(objective, (objectives.LinearModel, objectives.Softmax, *OF_COPIES)):
        want = "a model of hessopt.objectives but Multinomial, which has no noise yet"
        raise TypeError(f"objective: got {type(objective).__name__}; want {want}")
    if not isinstance(noise, (Noise, Augmentation)):
        raise TypeError(f"noise: got {noise!r}; want a law such as hessopt.Dropout(rate, seed=...)")
    if method not in (*_WITHOUT_SAMPLES, "sample"):
        want = f"one of {[*_WITHOUT_SAMPLES, 'sample']}"
        raise _validation.error("method", repr(method), want)
    if isinstance(objective, OF_COPIES):
        if (method, sampling) != ("sample", "random"):
            want = f"'sample' and 'random' for {type(objective).__name__}"
            raise _validation.error("method", f"{method!r} and {sampling!r}", want)
        copies = noisy_copies(objective, noise, _count(n_samples))
        return cast(objectives.Objective, copies)
    if method == "sample":
        return Integrated(objective, noise, method, _count(n_samples), sampling)
    if sampling != "random":
        raise _validation.error("sampling", repr(sampling), f"nothing: {method!r} draws no samples")
    if n_samples is not None:
        raise _validation.error("n_samples", n_samples, f"nothing: {method!r} draws no samples")
    if integral_of(objective, noise, method) is None:
        there = [m for m in _WITHOUT_SAMPLES if _has(objective, noise, m)]
        which = f"{type(objective).__name__} under {type(noise).__name__}"
        raise _validation.error("method", repr(method), f"one of {[*there, 'sample']} for {which}")
    return Integrated(objective, noise, method)


def _count(n_samples: int | None) -> int:
    return 32 if n_samples is None else _validation.integer("n_samples", n_samples, 1, 2**32)


def _has(
    objective: objectives.LinearModel | objectives.Softmax,
    noise: Noise | Augmentation,
    method: str,
) -> bool:
    try:
        return integral_of(objective, noise, method) is not None
    except ValueError:  # too many columns for a sum over masks
        return False
