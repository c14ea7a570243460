"""Means over random points, with intervals that are right also where a tolerance ends them."""

from __future__ import annotations

import functools
import importlib
import math
from typing import Any

import numpy as np

from . import _core, _validation
from ._densities import Normal, Uniform
from ._laws import Bernoulli, Samples
from ._quadrature import Terms
from ._validation import Array

Estimate = tuple[Array, Array, Array, int]  #: value, error, standard error, evaluations
Drawn = Bernoulli | Normal | Uniform

_FIRST_LOOK = 1024  # samples before a standard error is believed
_RANDOMISATIONS = 32
_STOPPED = 1.05  # what an interval is widened by that was small enough to stop at
# Two-sided 95 % quantiles of Student's t for 1 .. 10 degrees of freedom.
_STUDENT = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


@functools.cache
def student(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's t.

    Beyond the table, the expansion in 1 / freedom of Abramowitz & Stegun 26.7.5.
    """
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    z = 1.959963984540054
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return math.fsum(term / freedom**k for k, term in enumerate(terms))


def next_look(n: int, ratio: float, most: int) -> int:
    """How many samples to have before the error is looked at again.

    `ratio` is the error now, divided by the one wanted. Looks are few and far between, as every
    look is a chance to stop at an error that is small by accident. [1]_

    References
    ----------
    .. [1] P. W. Glynn, W. Whitt, "The asymptotic validity of sequential stopping rules for
       stochastic simulations", Annals of Applied Probability 2 (1992).
    """
    wanted = 1.05 * n * min(ratio, 2.0) ** 2
    return min(max(math.ceil(wanted), n + n // 4), most)


def sample(
    f: Terms, law: Drawn, n: int | None, tol: float | None, most: int, batch: int, group: int = 1
) -> Estimate:
    """The mean over samples in independent groups of one or two."""
    draw = law.sampler(group == 2)
    look = n if n is not None else min(_FIRST_LOOK, most)
    moments: _core.RunningMoments | None = None
    drawn = 0
    while True:
        look += look % group
        while drawn < look:
            count = min(batch, look - drawn)
            terms = f(draw(count))
            moments = moments or _core.RunningMoments(terms.shape[1], group)
            moments.add(terms)
            drawn += count
        assert moments is not None
        deviation = moments.standard_error
        error = _half_width(deviation, drawn // group - 1, tol)
        ratio = 0.0 if tol is None else _ratio(error, tol)
        if not ratio > 1 or drawn >= most:
            return moments.mean, error, deviation, drawn
        look = next_look(drawn, ratio, most)


def antithetic(
    f: Terms, law: Drawn, n: int | None, tol: float | None, most: int, batch: int
) -> Estimate:
    """The mean over independent pairs of a sample and its mirror image."""
    return sample(f, law, n, tol, most, batch, group=2)


def sobol(
    f: Terms, law: Drawn, n: int | None, tol: float | None, most: int, batch: int
) -> Estimate:
    """The mean over 32 independent scramblings of a Sobol sequence, each of 2^k points.

    A. B. Owen, "Randomly permuted (t, m, s)-nets and (t, s)-sequences", 1995.
    """
    engines = _scrambled(law)
    means: list[_core.RunningMoments] = []
    drawn = 0
    each = 1 << max(math.ceil(math.log2((n or _FIRST_LOOK) / _RANDOMISATIONS)), 0)
    while True:
        for r, engine in enumerate(engines):
            for begin in range(drawn, each, batch):
                u = engine.random(min(batch, each - begin))
                terms = f(law.from_cube(u + 2.0**-31))  # of 30 bits: the middle of their cell
                if r == len(means):
                    means.append(_core.RunningMoments(terms.shape[1]))
                means[r].add(terms)
        drawn = each
        over = _core.RunningMoments(means[0].mean.size)
        over.add(np.array([m.mean for m in means]))
        error = _half_width(over.standard_error, _RANDOMISATIONS - 1, tol)
        total = drawn * _RANDOMISATIONS
        ratio = 0.0 if tol is None else _ratio(error, tol)
        if not ratio > 1 or 2 * total > most:
            return over.mean, error, over.standard_error, total
        each *= 2


def _scrambled(law: Drawn) -> list[Any]:
    try:
        qmc = importlib.import_module("scipy.stats.qmc")
    except ImportError as exc:
        raise ImportError("method='sobol' needs SciPy: pip install scipy") from exc
    if law.dimension > qmc.Sobol.MAXDIM:
        want = f"at most {qmc.Sobol.MAXDIM} for 'sobol'"
        raise _validation.error("law", f"{law.dimension} dimensions", want)
    seeds = [np.random.SeedSequence([law.seed, r]) for r in range(_RANDOMISATIONS)]
    rngs = [np.random.Generator(np.random.Philox(seed)) for seed in seeds]
    return [qmc.Sobol(law.dimension, scramble=True, seed=rng) for rng in rngs]


def over_samples(f: Terms, law: Samples, batch: int) -> Estimate:
    """The weighted mean over given samples; for the quantile they count by their effective number.

    A. B. Owen, "Monte Carlo theory, methods and examples", chapter 9.
    """
    z, w = np.asarray(law.values), np.asarray(law.weights)
    terms = np.concatenate([f(z[i : i + batch]) for i in range(0, len(z), batch)])
    total = _core.WeightedSum(terms.shape[1])
    total.add(w, terms)
    squares = np.square(w)
    spread = squares @ np.square(terms - total.value)
    deviation = np.sqrt(spread / (1 - squares.sum()))
    effective = 1 / squares.sum()
    return total.value, _half_width(deviation, int(effective) - 1, None), deviation, len(z)


def _half_width(deviation: Array, freedom: int, tol: float | None) -> Array:
    return student(max(freedom, 1)) * deviation * (1.0 if tol is None else _STOPPED)


def _ratio(error: Array, tol: float) -> float:
    return float(error.max() / max(tol, 1e-300))
