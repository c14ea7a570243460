"""The laws of a random variable z that `expectation` integrates over: densities."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation
from .._validation import Array
from .laws import RANDOM, Draw


class _Placed(ABC):
    """What z has that is a function of standard numbers, one for each component."""

    shape: tuple[int, ...]
    seed: int

    @property
    def methods(self) -> tuple[str, ...]:
        """By which its expectations can be had."""
        one = self.dimension == 1
        return ("adaptive", "gauss", *RANDOM) if one else (*RANDOM, "gauss")

    @property
    def dimension(self) -> int:
        """Standard numbers that make one z."""
        return self.shape[0] if self.shape else 1

    @abstractmethod
    def place(self, standard: Array) -> Array:
        """The z of standard numbers, shape (m, dimension)."""

    @abstractmethod
    def draw_standard(self, rng: np.random.Generator, count: int) -> Array:
        """Independent standard numbers, shape (count, dimension)."""

    @abstractmethod
    def mirror(self, standard: Array) -> Array:
        """Numbers of the same law that are large where these are small."""

    def sampler(self, antithetic: bool) -> Draw:
        """One z after the other, each second one mirroring the one before if antithetic."""
        rng = np.random.Generator(np.random.Philox(key=self.seed))

        def draw(count: int) -> Array:
            e = self.draw_standard(rng, count // 2 if antithetic else count)
            if antithetic:
                e = np.stack([e, self.mirror(e)], axis=1).reshape(count, self.dimension)
            return self.place(e)

        return draw


@dataclass(frozen=True, eq=False)
class Normal(_Placed):
    """A normal random variable.

    Parameters
    ----------
    mean : float or array_like, shape (d,)
        A number makes z a number, of which f gets batches of shape (m,).
    scale : float or array_like, shape (d,), optional
        Standard deviations of independent components, >= 0; 1 by default.
    cov : array_like, shape (d, d), optional
        Positive semidefinite covariance, in place of `scale`.
    seed : int
        Seed of the samples, in [0, 2**64); quadrature does not use it.
    """

    mean: npt.ArrayLike = 0.0
    scale: npt.ArrayLike | None = None
    cov: npt.ArrayLike | None = None
    seed: int = 0
    shape: tuple[int, ...] = field(init=False, repr=False)

    bounds = (-np.inf, np.inf)

    def __post_init__(self) -> None:
        mean = _parameter("mean", self.mean)
        if self.cov is None:
            scale = _parameter("scale", 1.0 if self.scale is None else self.scale)
            if (scale < 0).any():
                raise _validation.error("scale", f"{scale.min():g}", "standard deviations >= 0")
            shape = _common_shape(mean=mean, scale=scale)
        elif self.scale is not None:
            raise _validation.error("scale", self.scale, "nothing beside cov")
        else:
            scale = _root("cov", self.cov)
            shape = (len(scale),)
            if mean.shape not in ((), shape):
                raise _validation.error("mean", f"shape {mean.shape}", f"shape {shape}, as cov has")
        seed = _validation.seed(self.seed)
        _validation.store(self, mean=mean, scale=scale, shape=shape, seed=seed)

    def place(self, standard: Array) -> Array:
        """Mean + scale e, or mean + L e with L L' = cov."""
        mean, scale = np.asarray(self.mean), np.asarray(self.scale)
        spread: Array = standard @ scale.T if scale.ndim == 2 else standard * scale
        return (mean + spread).reshape(len(standard), *self.shape)

    def draw_standard(self, rng: np.random.Generator, count: int) -> Array:
        """Standard normal numbers."""
        return rng.standard_normal((count, self.dimension))

    def mirror(self, standard: Array) -> Array:
        """-e."""
        return -standard

    def from_cube(self, u: Array) -> Array:
        """The z of uniform numbers, by the inverse of the normal distribution function."""
        special = importlib.import_module("scipy.special")  # beside the Sobol points' own module
        return self.place(special.ndtri(u))

    def density(self, e: Array) -> Array:
        """Of one standard number."""
        return np.asarray(np.exp(-0.5 * e * e) / np.sqrt(2 * np.pi))

    def gauss_rule(self, n: int) -> tuple[Array, Array]:
        """Gauss-Hermite nodes and weights for one standard number."""
        e, w = np.polynomial.hermite_e.hermegauss(n)
        return e, w / w.sum()


@dataclass(frozen=True, eq=False)
class Uniform(_Placed):
    """A random variable uniform on an interval or a box.

    Parameters
    ----------
    lower, upper : float or array_like, shape (d,)
        Ends, lower <= upper. Numbers make z a number, of which f gets batches of shape (m,).
    seed : int
        Seed of the samples, in [0, 2**64); quadrature does not use it.
    """

    lower: npt.ArrayLike = 0.0
    upper: npt.ArrayLike = 1.0
    seed: int = 0
    shape: tuple[int, ...] = field(init=False, repr=False)

    bounds = (0.0, 1.0)

    def __post_init__(self) -> None:
        lower, upper = _parameter("lower", self.lower), _parameter("upper", self.upper)
        shape = _common_shape(lower=lower, upper=upper)
        if (lower > upper).any():
            raise _validation.error("lower", self.lower, f"at most upper, {self.upper}")
        seed = _validation.seed(self.seed)
        _validation.store(self, lower=lower, upper=upper, shape=shape, seed=seed)

    def place(self, standard: Array) -> Array:
        """Lower + (upper - lower) u."""
        lower, upper = np.asarray(self.lower), np.asarray(self.upper)
        z: Array = lower + (upper - lower) * standard
        return z.reshape(len(standard), *self.shape)

    from_cube = place

    def draw_standard(self, rng: np.random.Generator, count: int) -> Array:
        """Uniform numbers."""
        return rng.random((count, self.dimension))

    def mirror(self, standard: Array) -> Array:
        """1 - u."""
        return 1 - standard

    def density(self, u: Array) -> Array:
        """Of one standard number."""
        return np.ones_like(u)

    def gauss_rule(self, n: int) -> tuple[Array, Array]:
        """Gauss-Legendre nodes and weights for one standard number."""
        u, w = np.polynomial.legendre.leggauss(n)
        return 0.5 * (1 + u), w / w.sum()


@dataclass(frozen=True, eq=False)
class Density:
    """A random number with a density on an interval.

    Parameters
    ----------
    pdf : callable
        The density: takes z of shape (m,), returns m numbers >= 0. Where it is 0, f is not called.
    lower, upper : float
        Ends of the interval, at which `pdf` is not evaluated; they may be infinite. Where all the
        mass sits in a small part of an infinite interval, give finite ends around it.
    normalized : bool
        Whether `pdf` integrates to 1, which is then checked. If False, it is divided by its
        integral.
    """

    pdf: Callable[[Array], npt.ArrayLike]
    lower: float
    upper: float
    normalized: bool = True

    methods = ("adaptive",)

    def __post_init__(self) -> None:
        if not callable(self.pdf):
            raise TypeError(f"pdf: got {self.pdf!r}; want a function")
        lower, upper = _end("lower", self.lower), _end("upper", self.upper)
        if not lower < upper:
            raise _validation.error("lower", self.lower, f"less than upper, {self.upper}")
        normalized = _validation.flag("normalized", self.normalized)
        _validation.store(self, lower=lower, upper=upper, normalized=normalized)

    @property
    def bounds(self) -> tuple[float, float]:
        """Ends of the interval."""
        return self.lower, self.upper

    def place(self, standard: Array) -> Array:
        """The z themselves."""
        return standard[:, 0]

    def density(self, z: Array) -> Array:
        """The user's density, checked."""
        p = _validation.array("pdf(z)", self.pdf(z))
        if p.shape != z.shape:
            raise _validation.error("pdf(z)", f"shape {p.shape}", f"shape {z.shape}, as z has")
        if not (p >= 0).all():
            raise _validation.error("pdf(z)", f"{p[~(p >= 0)][0]:g}", "densities >= 0")
        return p.astype(np.float64, order="C")


def _parameter(name: str, value: object) -> Array:
    """A number, or one for each component."""
    a = _arrays.real(name, value).astype(np.float64, order="C")
    if a.ndim > 1 or a.size == 0:
        raise _validation.error(name, f"shape {a.shape}", "a number, or one for each component")
    _validation.finite(name, a.reshape(-1))
    return a


def _common_shape(**parameters: Array) -> tuple[int, ...]:
    shape = max((a.shape for a in parameters.values()), key=len)
    for name, a in parameters.items():
        if a.shape not in ((), shape):
            raise _validation.error(name, f"shape {a.shape}", f"shape () or {shape}")
    return shape


def _root(name: str, value: object) -> Array:
    """L with L L' the covariance; eigenvalues that rounding has made negative are zero."""
    given = _validation.matrix(name, value)
    cov, eps = given.astype(np.float64, order="C"), np.finfo(given.dtype).eps
    if cov.shape[0] != cov.shape[1]:
        raise _validation.error(name, f"shape {cov.shape}", "a square matrix")
    apart, size = abs(cov - cov.T).max(), abs(cov).max()
    if apart > max(1e-8, 8 * eps) * size:
        got = f"a matrix that is {apart:.2g} off its transpose"
        raise _validation.error(name, got, "a symmetric matrix")
    try:
        return np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(cov)
    if values[0] < -max(1e-10, 4 * len(cov) * eps) * abs(values).max():
        got = f"an indefinite matrix, of least eigenvalue {values[0]:.3g}"
        want = f"a positive semidefinite one, such as with {-values[0]:.3g} on its diagonal more"
        raise _validation.error(name, got, want)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _end(name: str, value: object) -> float:
    if isinstance(value, (float, np.floating)) and np.isinf(value):
        return float(value)
    return _validation.real(name, value, "a number or an infinity")
