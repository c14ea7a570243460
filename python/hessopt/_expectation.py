"""Expectations of a function of a random variable of known law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core, _validation
from ._dropout import bernoulli_mask
from ._validation import Array

_BATCH = 4096  # values of z handed to f at once, so that 2^20 masks need no 2^20 rows
_LARGEST_ENUMERATION = 24  # units; 2^24 masks are a minute of a cheap f


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
        values = _validation.array("values", self.values)
        if values.ndim not in (1, 2) or len(values) == 0:
            raise _validation.error(
                "values", f"shape {values.shape}", "shape (m,) or (m, d), m > 0"
            )
        p = _validation.vector("probabilities", self.probabilities, len(values))
        if (p < 0).any() or abs(p.sum() - 1) > 1e-9:
            raise _validation.error(
                "probabilities", f"a sum of {p.sum():g}, least {p.min():g}", "p >= 0 with sum 1"
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "probabilities", p.astype(np.float64))


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
        _validation.probability("keep", self.keep)
        _validation.integer("size", self.size, 1)
        _validation.seed(self.seed)


@dataclass(frozen=True, eq=False)
class Expectation:
    """An expectation with its error.

    Attributes
    ----------
    value : float or ndarray
        E f(z), of the shape that f has for one z.
    standard_error : float or ndarray
        Standard error of `value`: 0 where the law was summed exactly.
    n_evaluations : int
        How many z were evaluated.
    """

    value: Any
    standard_error: Any
    n_evaluations: int


class _Batches:
    """Calls f on batches of z and checks what comes back."""

    def __init__(self, f: Callable[[Array], npt.ArrayLike]) -> None:
        self._f = f
        self._shape: tuple[int, ...] | None = None

    def __call__(self, z: Array) -> npt.NDArray[np.float64]:
        values = _validation.array("f(z)", self._f(z))
        if values.ndim == 0 or len(values) != len(z):
            raise _validation.error(
                "f(z)", f"shape {values.shape}", f"one row for each of {len(z)} z"
            )
        if self._shape is None:
            self._shape = values.shape[1:]
        elif values.shape[1:] != self._shape:
            raise _validation.error("f(z)", f"rows of {values.shape[1:]}", f"rows of {self._shape}")
        return np.ascontiguousarray(values.reshape(len(z), -1), np.float64)

    def shaped(self, flat: npt.NDArray[np.float64]) -> Any:
        return flat.reshape(self._shape) if self._shape else float(flat[0])


def expectation(
    f: Callable[[Array], npt.ArrayLike],
    law: Discrete | Bernoulli,
    *,
    method: Literal["exact", "sample"] = "exact",
    n_samples: int | None = None,
) -> Expectation:
    """E f(z) over a random z of known law.

    Parameters
    ----------
    f : callable
        Vectorised: takes a batch of z, shape (m,) or (m, d), and returns an array of m rows.
    law : Discrete or Bernoulli
        The law of z.
    method : {"exact", "sample"}
        "exact" sums over every value: all 2^size masks of `Bernoulli`, size <= 24. "sample" is the
        Monte Carlo mean of `n_samples` masks, with its standard error; for `Bernoulli` only.
    n_samples : int, optional
        Samples, >= 2, for "sample" only; 10,000 by default. More samples extend the same sequence.

    Returns
    -------
    Expectation

    Examples
    --------
    >>> import hessopt
    >>> law = hessopt.Discrete([1, 25, 0], [0.03, 0.1, 0.87])
    >>> hessopt.expectation(lambda z: z, law).value
    2.53
    """
    if not callable(f):
        raise TypeError(f"f: got {f!r}; want a function")
    if not isinstance(law, (Discrete, Bernoulli)):
        raise TypeError(f"law: got {law!r}; want a Discrete or a Bernoulli law")
    if method not in ("exact", "sample"):
        raise _validation.error("method", repr(method), "'exact' or 'sample'")
    if method == "exact":
        if n_samples is not None:
            raise _validation.error("n_samples", n_samples, "nothing: the sum is exact")
        return _exact(_Batches(f), law)
    if isinstance(law, Discrete):
        raise _validation.error("method", "'sample'", "'exact': a discrete law is a finite sum")
    count = 10_000 if n_samples is None else _validation.integer("n_samples", n_samples, 2)
    return _sampled(_Batches(f), law, count)


def _exact(f: _Batches, law: Discrete | Bernoulli) -> Expectation:
    if isinstance(law, Discrete):
        z, p = np.asarray(law.values), np.asarray(law.probabilities)
        n = len(z)

        def batch(begin: int, count: int) -> tuple[Array, Array]:
            return z[begin : begin + count], p[begin : begin + count]
    else:
        if law.size > _LARGEST_ENUMERATION:
            raise _validation.error(
                "size", law.size, f"at most {_LARGEST_ENUMERATION} for 'exact'; or use 'sample'"
            )
        n = 2**law.size

        def batch(begin: int, count: int) -> tuple[Array, Array]:
            return _core.enumerate_masks(law.keep, law.size, begin, count)

    total: _core.WeightedSum | None = None
    for begin in range(0, n, _BATCH):
        values, weights = batch(begin, min(_BATCH, n - begin))
        terms = f(values)
        total = total or _core.WeightedSum(terms.shape[1])
        total.add(weights, terms)
    assert total is not None
    return Expectation(f.shaped(total.value), f.shaped(0 * total.value), n)


def _sampled(f: _Batches, law: Bernoulli, count: int) -> Expectation:
    moments: _core.RunningMoments | None = None
    for begin in range(0, count, _BATCH):
        shape = (min(_BATCH, count - begin), law.size)
        masks = bernoulli_mask(shape, law.keep, law.seed, offset=begin * law.size)
        terms = f(masks.astype(np.float64))
        moments = moments or _core.RunningMoments(terms.shape[1])
        moments.add(terms)
    assert moments is not None
    return Expectation(f.shaped(moments.mean), f.shaped(moments.standard_error), count)
