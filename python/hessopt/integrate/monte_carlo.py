"""Means over random points, with intervals that are right also where a tolerance ends them."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _core, _extras, _validation
from .._validation import Array
from .densities import Normal, Uniform
from .kronrod import Terms
from .laws import Bernoulli, Samples

Drawn = Bernoulli | Normal | Uniform


@dataclass
class Estimate:
    """A mean over samples, the half of its 95 % interval, and what speaks against that."""

    value: Array
    error: Array
    standard_error: Array
    evaluations: int
    doubt: str


_FIRST_LOOK = 1024  # samples before a standard error is believed
_RANDOMISATIONS = 32
_STOPPED = 1.05  # what an interval is widened by that was small enough to stop at
_HEAVY = 0.65  # Pareto shape of a tail beyond which intervals cover less than 90 %
_SKEWED = 0.03  # skewness^2 / n below which they cover whatever the tail
_ALONE = 0.5  # the same of two equal samples and nothing else
_FEW = 100  # groups below which a tail is too short to have a shape
_ROUNDING = 1e-13  # deviation beside the mean below which it is rounding
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
    """How many samples to have before the error is tested again.

    `ratio` is the error now, divided by the one wanted. Looks (interim tests) are few, as every
    look is a chance to stop at an error that is small by accident. [1]_

    References
    ----------
    .. [1] P. W. Glynn, W. Whitt, "The asymptotic validity of sequential stopping rules for
       stochastic simulations", Annals of Applied Probability 2 (1992).
    """
    wanted = 1.05 * n * min(ratio, 2.0) ** 2
    return min(max(math.ceil(wanted), n + n // 4), most)


class _Samples:
    """Running sums of samples in independent groups, and what they tell of those not drawn."""

    def __init__(self, size: int, group: int = 1) -> None:
        self.moments = _core.RunningMoments(size, group)
        self.tails = _core.Tails(size, group)
        self._group = group
        self._event = True

    def look(self, terms: Array) -> None:
        """Whether all of them are 0 or 1."""
        self._event = self._event and bool(((terms == 0) | (terms == 1)).all())

    def add(self, terms: Array) -> None:
        """To the sums."""
        self.moments.add(terms)
        self.tails.add(terms)

    @property
    def groups(self) -> int:
        """Independent of each other."""
        return self.moments.count // self._group

    def interval(
        self, deviation: Array, tilt: Array, freedom: int, count: float, tol: float | None
    ) -> Array:
        """Half of the 95 % interval of a mean, whose variance grows with it by `tilt`.

        With v = deviation^2 the mean is off by at most d, where d^2 = t^2 (v + tilt d). So an
        interval of few or large numbers is as wide to their side as it has to be: for an event it
        is Wilson's, which knows of what did not occur once. [1]_

        References
        ----------
        .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
           Journal of the American Statistical Association 22 (1927).
        """
        t = student(max(freedom, 1))
        lift = 0.5 * t * t * np.where(self._event & (deviation == 0), 1 / count, tilt)
        half: Array = lift + np.hypot(t * deviation, lift)
        return half * (1.0 if tol is None else _STOPPED)

    def doubt(self) -> str:
        """What speaks against the interval."""
        if self._event:
            return ""
        moments = self.moments
        found = heavy_tail(self.tails, moments.mean, moments.standard_error, self.groups)
        want = "quadrature, importance sampling or more samples"
        return found and f"{found}; want {want}"


def heavy_tail(tails: _core.Tails, mean: Array, deviation: Array, groups: int) -> str:
    """In words, where means rest on few samples, so that intervals are too short."""
    squares, variance = np.square(tails.tilt), np.square(deviation)
    squares[deviation < _ROUNDING * abs(mean)] = 0
    if groups < _FEW:
        alone = (squares > _ALONE * variance).sum() > 0.1 * len(variance)
        return "one or two samples that carry the mean" if alone else ""
    tail = min(groups / 5, 3 * math.sqrt(groups))
    spread = math.sqrt(2 * math.log(max(len(variance), 1)) / tail)  # of the largest of so many
    shape = np.where(squares > _SKEWED * variance, tails.shape, -np.inf).max(initial=-np.inf)
    heavy = shape > _HEAVY + 2 / tail + 0.7 * spread
    return f"a tail of Pareto shape {shape:.2f}, that is from a few samples" if heavy else ""


def sample(
    f: Terms, law: Drawn, n: int | None, tol: float | None, most: int, batch: int, group: int = 1
) -> Estimate:
    """The mean over samples in independent groups of one or two."""
    draw = law.sampler(group == 2)
    look = max(n if n is not None else min(_FIRST_LOOK, most), 2 * group)
    samples: _Samples | None = None
    drawn = 0
    while True:
        look += look % group
        while drawn < look:
            terms = f(draw(min(batch, look - drawn)))
            samples = samples or _Samples(terms.shape[1], group)
            samples.look(terms)
            samples.add(terms)
            drawn += len(terms)
        assert samples is not None
        deviation = samples.moments.standard_error
        error = samples.interval(deviation, samples.tails.tilt, samples.groups - 1, drawn, tol)
        ratio = 0.0 if tol is None else _ratio(error, tol)
        if not ratio > 1 or drawn >= most:
            return Estimate(samples.moments.mean, error, deviation, drawn, samples.doubt())
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
    samples: _Samples | None = None
    drawn = 0
    each = 1 << max(math.ceil(math.log2((n or _FIRST_LOOK) / _RANDOMISATIONS)), 0)
    while True:
        for r, engine in enumerate(engines):
            for begin in range(drawn, each, batch):
                u = engine.random(min(batch, each - begin))
                terms = f(law.from_cube(u + 2.0**-31))  # of 30 bits: the middle of their cell
                samples = samples or _Samples(terms.shape[1])
                samples.look(terms)
                samples.add(terms)
                if r == len(means):
                    means.append(_core.RunningMoments(terms.shape[1]))
                means[r].add(terms)
        assert samples is not None
        drawn = each
        over = _Samples(means[0].mean.size)
        over.add(np.array([m.mean for m in means]))
        total = drawn * _RANDOMISATIONS
        deviation = over.moments.standard_error
        error = samples.interval(deviation, over.tails.tilt, _RANDOMISATIONS - 1, total, tol)
        ratio = 0.0 if tol is None else _ratio(error, tol)
        if not ratio > 1 or 2 * total > most:
            return Estimate(over.moments.mean, error, deviation, total, samples.doubt())
        each *= 2


def _scrambled(law: Drawn) -> list[Any]:
    qmc = _extras.load("scipy.stats.qmc", "method='sobol'", "scipy")
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
    shares = w[:, None] * (terms - total.value)
    samples = _Samples(terms.shape[1])
    samples.look(terms)
    samples.add(len(z) * shares)
    squares = np.square(w).sum()
    deviation = np.sqrt(np.square(shares).sum(axis=0) / (1 - squares))
    freedom = int(1 / squares) - 1
    error = samples.interval(deviation, samples.tails.tilt, freedom, 1 / squares, None)
    return Estimate(total.value, error, deviation, len(z), samples.doubt())


def _ratio(error: Array, tol: float) -> float:
    return float(error.max() / max(tol, 1e-300))
