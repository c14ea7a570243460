"""Objectives with the noise of their inputs or parameters integrated out."""

from __future__ import annotations

from typing import Literal, cast, get_args

from . import _core, _validation, objectives
from ._averaged import Law, NoisyObjective, averaged
from ._fixed_samples import SAMPLINGS, fixed_samples
from ._noise import Augmentation, Dropout, Noise, described

_MODELS = (_core.LinearModel, _core.Softmax)


def expected(
    objective: objectives.LinearModel | objectives.Softmax | NoisyObjective,
    noise: Noise | Augmentation | Law,
    method: Literal["exact", "normal", "sample"],
    *,
    n_samples: int | None = None,
    sampling: Literal["random", "antithetic", "sobol"] = "random",
) -> objectives.Objective:
    """An objective with the noise of its inputs integrated out: E_z f(x, z).

    Parameters
    ----------
    objective : hessopt.objectives.Squared, Logistic, Softmax or another
        Its data is read where it lies. The penalty is not touched by the noise. Or an objective of
        the user's with ``value_and_gradient(x, z)``, called with one z at a time, and perhaps
        ``hessian(x, z)`` and ``hessp(x, z, v)``.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation
        Each of its own law and seed. For all but `Dropout` the method is "sample". For an objective
        of the user's, the law of z as in `expectation`: `Discrete` and `Bernoulli` by "exact",
        `Samples`, `Bernoulli`, `Normal` and `Uniform` by "sample".
    method : {"exact", "normal", "sample"}
        - "exact": the closed form of the expectation, for `Squared`;
        - "normal": the linear predictor taken as normal with its exact mean and variance, for
          `Logistic` (8-term mixture, error below 1e-8 of that integral) and `Squared` (where this
          is exact as well);
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
        Deterministic, with ``n_parameters``, ``value_and_gradient``, ``hessian`` and ``hessp``; it
        goes into `minimize` and every solver.

    References
    ----------
    S. Wang, C. Manning, "Fast dropout training", ICML 2013 ("normal"). J. M. Hammersley,
    K. W. Morton, "A new Monte Carlo technique: antithetic variates", Proc. Cambridge Philos. Soc.
    52 (1956). I. M. Sobol', "On the distribution of points in a cube", USSR Comput. Math. Math.
    Phys. 7 (1967).

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
    if not isinstance(objective, (objectives.LinearModel, objectives.Softmax)):
        want = "an objective of hessopt.objectives without noise"
        raise TypeError(f"objective: got {type(objective).__name__}; want {want}")
    if not isinstance(noise, (Noise, Augmentation)):
        raise TypeError(f"noise: got {noise!r}; want a law such as hessopt.Dropout(rate, seed=...)")
    if method not in ("exact", "normal", "sample"):
        raise _validation.error("method", repr(method), "'exact', 'normal' or 'sample'")
    if method == "sample":
        return fixed_samples(objective, noise, n_samples, sampling)
    if sampling != "random":
        raise _validation.error("sampling", repr(sampling), f"nothing: {method!r} draws no samples")
    if not isinstance(noise, Dropout):
        raise _validation.error("method", repr(method), f"'sample' for {type(noise).__name__}")
    if n_samples is not None:
        raise _validation.error("n_samples", n_samples, f"nothing: {method!r} draws no samples")
    name = type(objective).__name__
    if not isinstance(objective, (objectives.Squared, objectives.Logistic)):
        raise _validation.error("method", repr(method), f"'sample' for {name}")
    if isinstance(objective, objectives.Logistic) and method == "exact":
        raise _validation.error("method", repr(method), f"'normal' or 'sample' for {name}")
    marginal: objectives.Objective = _core.closed_form(objective, *described(noise))
    return marginal
