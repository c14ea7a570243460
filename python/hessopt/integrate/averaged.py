"""The mean of a user's own objective f(x, z) over fixed values of z."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from . import sobol
from .densities import Normal, Uniform
from .laws import Bernoulli, Discrete, Samples

Law = Discrete | Samples | Bernoulli | Normal | Uniform
Doubles = npt.NDArray[np.float64]
_LARGEST = 16  # units whose masks are enumerated
Points = tuple[npt.NDArray[Any], Doubles]  #: values of z and their weights, which sum to one


class NoisyObjective(Protocol):
    """f(x, z); where it can, it has ``hessian(x, z)`` and ``hessp(x, z, v)`` too."""

    def value_and_gradient(self, x: Any, z: Any) -> tuple[Any, Any]:
        """Value and gradient in x, for one z."""
        ...


class Averaged:
    """F(x) = Σₖ weightₖ f(x, zₖ), with the derivatives that f has."""

    def __init__(self, f: NoisyObjective, points: Points) -> None:
        self._f, self._points = f, points
        if hasattr(f, "hessian"):
            self.hessian = self._hessian
        if hasattr(f, "hessp"):
            self.hessp = self._hessp
        if hasattr(f, "n_parameters"):
            self.n_parameters: int = f.n_parameters

    def value_and_gradient(self, x: npt.NDArray[Any]) -> tuple[float, Doubles]:
        """Value and gradient at x; the gradient has shape (n,)."""
        value, gradient = 0.0, np.zeros(len(x))
        for z, weight in zip(*self._points, strict=True):
            of_z, slope = self._f.value_and_gradient(x, z)
            value += weight * of_z
            gradient += weight * _arrays.real("gradient", slope)
        return float(value), gradient

    def _hessian(self, x: npt.NDArray[Any]) -> Doubles:
        return self._mean("hessian", x)

    def _hessp(self, x: npt.NDArray[Any], v: npt.NDArray[Any]) -> Doubles:
        return self._mean("hessp", x, v)

    def _mean(self, name: str, x: npt.NDArray[Any], *along: npt.NDArray[Any]) -> Doubles:
        function = getattr(self._f, name)
        total: Any = 0.0
        for z, weight in zip(*self._points, strict=True):
            total = total + weight * _arrays.real(name, function(x, z, *along))
        return np.asarray(total)


def averaged(
    f: NoisyObjective, law: Law, method: str, n_samples: int | None, sampling: str
) -> Averaged:
    """The mean over the law's own values, or over samples of it."""
    known = [m for m in ("exact", "sample") if m in law.methods]
    if method not in known:
        want = " or ".join(map(repr, known))
        raise _validation.error("method", repr(method), f"{want} for {type(law).__name__}")
    if method == "sample" and not isinstance(law, Samples):
        count = 32 if n_samples is None else _validation.integer("n_samples", n_samples, 1, 2**32)
        return Averaged(f, _drawn(law, count, sampling))
    for name, given in (("n_samples", n_samples), ("sampling", sampling)):
        if given not in (None, "random"):
            raise _validation.error(name, repr(given), "nothing: no samples are drawn")
    return Averaged(f, _own(law))


def _own(law: Any) -> Points:
    """The values that the law has itself."""
    if isinstance(law, Bernoulli):
        if law.size > _LARGEST:
            want = f"at most {_LARGEST}, as f is called for each of 2^size masks"
            raise _validation.error("size", law.size, want)
        masks, probabilities = _core.enumerate_masks(law.keep, law.size, 0, 2**law.size)
        return masks, probabilities
    weights = law.probabilities if isinstance(law, Discrete) else law.weights
    return np.asarray(law.values), np.asarray(weights)


def _drawn(law: Any, count: int, sampling: str) -> Points:
    """Samples of the law, all of the same weight."""
    _core.require_memory("n_samples", count, law.dimension + 1, 8)
    weights = np.full(count, 1 / count)
    if sampling == "sobol":
        fractions = sobol.points(count, law.dimension, law.seed)
        return law.from_cube((fractions + 0.5) / 2.0**32), weights
    antithetic = sampling == "antithetic"
    if antithetic and count % 2:
        raise _validation.error("n_samples", count, 'an even number for sampling="antithetic"')
    return law.sampler(antithetic)(count), weights
