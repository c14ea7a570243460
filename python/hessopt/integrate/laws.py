"""The laws of a random variable z that `expectation` integrates over: points and masks.

A law says by which methods, the first of them being what it is best served by, and gives each what
it needs: `sampler` and `from_cube` for random points, `bounds`, `density`, `place` and `gauss_rule`
for quadrature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._validation import Array
from ..noise.one_mask import bernoulli_mask

Draw = Callable[[int], Array]  #: the next so many samples of a sequence

RANDOM = ("sample", "antithetic", "sobol")
LARGEST_ENUMERATION = 24  # units; 2^24 masks are a minute of a cheap f
_FEW = 16  # units whose masks are enumerated unasked


def _support(name: str, value: object) -> Array:
    values = np.asarray(_validation.array(name, value), order="C")
    if values.ndim not in (1, 2) or 0 in values.shape:
        raise _validation.error(name, f"shape {values.shape}", "shape (m,) or (m, d), not empty")
    return values


@dataclass(frozen=True, eq=False)
class Discrete:
    """A random variable that takes finitely many values.

    Parameters
    ----------
    values : array_like, shape (m,) or (m, d)
        The values z, one per row.
    probabilities : array_like, shape (m,)
        Their probabilities, >= 0, summing to 1.
    """

    values: npt.ArrayLike
    probabilities: npt.ArrayLike

    def __post_init__(self) -> None:
        values = _support("values", self.values)
        p = _validation.doubles("probabilities", self.probabilities, len(values))
        if (p < 0).any() or abs(p.sum() - 1) > 1e-9:
            raise _validation.error(
                "probabilities", f"a sum of {p.sum():g}, least {p.min():g}", "p >= 0 with sum 1"
            )
        _validation.store(self, values=values, probabilities=p.copy())

    @property
    def methods(self) -> tuple[str, ...]:
        """By which its expectations can be had."""
        return ("exact",)


@dataclass(frozen=True, eq=False)
class Samples:
    """A random variable known by samples alone: draws of it, or data.

    Parameters
    ----------
    values : array_like, shape (m,) or (m, d)
        Independent samples z, one per row, at least two.
    weights : array_like, shape (m,), optional
        Importance weights, >= 0, of any sum; equal by default.
    """

    values: npt.ArrayLike
    weights: npt.ArrayLike | None = None

    def __post_init__(self) -> None:
        values = _support("values", self.values)
        if len(values) < 2:
            raise _validation.error("values", "one sample", "at least two")
        w = np.ones(len(values)) if self.weights is None else self.weights
        w = _validation.doubles("weights", w, len(values))
        if (w < 0).any() or np.count_nonzero(w) < 2:
            raise _validation.error("weights", f"least {w.min():g}", "w >= 0, two of them positive")
        _validation.store(self, values=values, weights=w / w.sum())

    @property
    def methods(self) -> tuple[str, ...]:
        """By which its expectations can be had."""
        return ("sample",)


@dataclass(frozen=True)
class Bernoulli:
    """A mask z of independent units in {0, 1}: the law of dropout on `size` units, unscaled.

    Parameters
    ----------
    keep : float
        Probability that a unit is 1.
    size : int
        Number of units.
    seed : int
        Seed of the samples, in [0, 2**64); enumeration does not use it.
    """

    keep: float
    size: int
    seed: int = 0

    def __post_init__(self) -> None:
        _validation.store(
            self,
            keep=_validation.probability("keep", self.keep),
            size=_validation.integer("size", self.size, 1),
            seed=_validation.seed(self.seed),
        )

    @property
    def methods(self) -> tuple[str, ...]:
        """By which its expectations can be had."""
        if self.size > LARGEST_ENUMERATION:
            return RANDOM
        return ("exact", *RANDOM) if self.size <= _FEW else (*RANDOM, "exact")

    @property
    def dimension(self) -> int:
        """Uniform numbers that make one z."""
        return self.size

    def sampler(self, antithetic: bool) -> Draw:
        """Masks one after the other, in pairs of U < keep and 1 - U < keep if antithetic."""
        drawn = 0

        def draw(count: int) -> Array:
            nonlocal drawn
            shape, offset = (count // (1 + antithetic), self.size), drawn * self.size
            drawn += shape[0]
            z = bernoulli_mask(shape, self.keep, self.seed, offset=offset)
            if antithetic:
                other = ~bernoulli_mask(shape, 1 - self.keep, self.seed, offset=offset)
                z = np.stack([z, other], axis=1).reshape(count, self.size)
            return z.astype(np.float64)

        return draw

    def from_cube(self, u: Array) -> Array:
        """The masks of uniform numbers."""
        return (u < self.keep).astype(np.float64)
