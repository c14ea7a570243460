"""Expectations of a function of a random variable of known law."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._validation import Array
from . import monte_carlo, quadrature
from .densities import Density, Normal, Uniform
from .laws import LARGEST_ENUMERATION, RANDOM, Bernoulli, Discrete, Samples

Law = Discrete | Samples | Bernoulli | Density | Normal | Uniform

_BATCH = 4096  # values of z handed to f at once, so that 2^20 masks need no 2^20 rows
_SAMPLES = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class Expectation:
    """An expectation with its error.

    Attributes
    ----------
    value : float or ndarray
        E f(z), of the shape that f has for one z.
    error : float or ndarray
        How far `value` may be from the truth: 0 for an exact sum, the estimate of a quadrature, the
        half-width of the 95 % confidence interval of a mean over samples.
    standard_error : float or ndarray
        Of a mean over samples; 0 for an exact sum, NaN for a quadrature, which has none.
    n_evaluations : int
        How many z were evaluated.
    method : str
        The method used, where "auto" chose as well.
    converged : bool
        Whether `error` is within the tolerance; True where none was asked for and none applies.
    """

    value: Any
    error: Any
    standard_error: Any
    n_evaluations: int
    method: str
    converged: bool

    def __repr__(self) -> str:
        with np.printoptions(formatter={"float": "{:.12g}".format}, threshold=8):
            value = str(self.value) if np.ndim(self.value) else f"{self.value:.12g}"
        state = "" if self.converged else ", not converged"
        evaluations = f"{self.n_evaluations} evaluations"
        return f"{value} ± {np.max(self.error):.2g} ({self.method}, {evaluations}{state})"


class _Batches:
    """Calls f on batches of z and checks what comes back."""

    def __init__(self, f: Callable[[Array], npt.ArrayLike]) -> None:
        self._f = f
        self._shape: tuple[int, ...] | None = None
        self._first: Array
        self._drawn = False  # whether z varies
        self._boolean = True
        self._least: Array
        self._most: Array

    def __call__(self, z: Array) -> npt.NDArray[np.float64]:
        returned = self._f(z)
        values = _validation.array("f(z)", returned)
        if values.ndim == 0 or len(values) != len(z):
            raise _validation.error(
                "f(z)", f"shape {values.shape}", f"one row for each of {len(z)} z"
            )
        flat = np.ascontiguousarray(values.reshape(len(z), -1), np.float64)
        if self._shape is None:
            self._shape, self._first = values.shape[1:], z[:1]
            self._least = self._most = flat[0]
        elif values.shape[1:] != self._shape:
            raise _validation.error("f(z)", f"rows of {values.shape[1:]}", f"rows of {self._shape}")
        self._drawn = self._drawn or bool((z != self._first).any())
        self._boolean = self._boolean and getattr(returned, "dtype", None) == np.bool_
        self._least = np.minimum(self._least, flat.min(axis=0))
        self._most = np.maximum(self._most, flat.max(axis=0))
        return flat

    def is_constant(self) -> bool:
        """Whether f gave the same for different z, and may give other than True and False."""
        return self._drawn and not self._boolean and bool((self._least == self._most).all())

    def between(self, value: Array) -> Array:
        """A mean, where it has to be: between the values of f, whatever rounding does."""
        return np.clip(value, self._least, self._most)

    def shaped(self, flat: npt.NDArray[np.float64]) -> Any:
        return flat.reshape(self._shape) if self._shape else float(flat[0])


def expectation(
    f: Callable[[Array], npt.ArrayLike],
    law: Law,
    *,
    method: Literal["auto", "exact", "adaptive", "gauss", "sample", "antithetic", "sobol"] = "auto",
    tol: float | None = None,
    n_samples: int | None = None,
    max_evaluations: int = 1_000_000,
) -> Expectation:
    """E f(z) = ∫ ρ(z) f(z) dz over a random z of known law ρ.

    Parameters
    ----------
    f : callable
        Vectorised: takes a batch of z, shape (m,) or (m, d), and returns an array of m rows.
    law : Discrete, Samples, Bernoulli, Density, Normal or Uniform
        The law of z.
    method : str
        - "exact": the sum over every value of `Discrete`, or all 2^size masks of `Bernoulli`, size
          at most 24;
        - "adaptive": adaptive Gauss-Kronrod quadrature, for `Density` and for `Normal` and
          `Uniform` of one component; kinks and jumps of f cost evaluations, not digits;
        - "gauss": Gauss-Hermite for `Normal`, Gauss-Legendre for `Uniform`, on a grid in up to five
          dimensions; for smooth f;
        - "sample": the mean over independent samples, or over those of `Samples`;
        - "antithetic": over pairs of a sample and its mirror image: less error where f is monotone,
          more where it is even;
        - "sobol": over 32 independent scramblings of a Sobol sequence (needs SciPy): far less error
          where f is smooth;
        - "auto": the first of these that the law has, except that more than 16 units are sampled.
    tol : float, optional
        Absolute error wanted in every component of the expectation. By default, quadrature aims at
        1e-10 of E abs(f(z)), and sampling takes `n_samples`.
    n_samples : int, optional
        Samples, >= 2, in place of `tol`; 10,000 by default. More extend the same sequence. Rounded
        up to whole pairs, or for "sobol" to 32 times a power of two.
    max_evaluations : int
        Where the search for `tol` gives up, with a `RuntimeWarning` and ``converged=False``.

    Returns
    -------
    Expectation

    Notes
    -----
    The error of a quadrature holds at kinks and jumps as well, wherever they are, and is far too
    large where f is smooth; but no rule can tell of what lies between its points. The interval of a
    mean over samples is a score interval, which knows of skewness and of events that did not occur.
    It holds with 95 % also where `tol` ended the sampling, as long as the first 1024 samples show
    the variance of f. Where few samples carry the mean it does not, and there is a
    `RuntimeWarning`; so there is where f(z) is the same for all samples of z.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> law = hessopt.Discrete([1, 25, 0], [0.03, 0.1, 0.87])
    >>> hessopt.expectation(lambda z: z, law)
    2.53 ± 0 (exact, 3 evaluations)
    >>> relu = hessopt.expectation(lambda z: np.maximum(z, 0), hessopt.Normal())
    >>> abs(relu.value - 1 / np.sqrt(2 * np.pi)) <= relu.error < 1e-10
    True
    """
    if not callable(f):
        raise TypeError(f"f: got {f!r}; want a function")
    if not isinstance(law, get_args(Law)):
        raise TypeError(f"law: got {law!r}; want one of the laws of hessopt, such as Normal")
    method = _chosen(method, law)
    tol = None if tol is None else _validation.at_least("tol", tol, 0.0)
    if n_samples is not None:
        if method not in RANDOM or isinstance(law, Samples):
            raise _validation.error("n_samples", n_samples, f"nothing: {method!r} draws no samples")
        if tol is not None:
            raise _validation.error("n_samples", n_samples, "n_samples or tol, not both")
        n_samples = _validation.integer("n_samples", n_samples, 2)
    most = _validation.integer("max_evaluations", max_evaluations, 2)
    found, doubt = _computed(_Batches(f), law, method, tol, n_samples, most)
    if doubt:
        warnings.warn(f"E f(z): got {found} from {doubt}", RuntimeWarning, stacklevel=2)
    if not found.converged:
        want = "an error of 1e-10 E abs(f(z))" if tol is None else f"an error of {tol:g}"
        warnings.warn(f"E f(z): got {found}; want {want}", RuntimeWarning, stacklevel=2)
    return found


def _chosen(method: object, law: Law) -> Any:
    if method == "auto":
        return law.methods[0]
    if method not in law.methods:
        want = ", ".join(map(repr, ("auto", *law.methods)))
        if isinstance(law, Bernoulli) and method == "exact":
            want += f" (at most {LARGEST_ENUMERATION} units are enumerated)"
        raise _validation.error("method", repr(method), f"one of {want} for this law")
    return method


def _computed(
    f: _Batches, law: Any, method: str, tol: float | None, n: int | None, most: int
) -> tuple[Expectation, str]:
    """The expectation, and what speaks against its error."""
    converged, doubt = None, ""
    if method == "exact":
        value, count = _exact(f, law)
        error = deviation = 0 * value
    elif method in ("adaptive", "gauss"):
        value, error, count, converged = (
            quadrature.adaptive(f, law, tol, most)
            if method == "adaptive"
            else quadrature.gauss(f, law, tol, most, _BATCH)
        )
        deviation = np.full_like(error, np.nan)
    else:
        n = _SAMPLES if n is None and tol is None else n
        found = (
            monte_carlo.over_samples(f, law, _BATCH)
            if isinstance(law, Samples)
            else getattr(monte_carlo, method)(f, law, n, tol, most, _BATCH)
        )
        value, error, deviation = found.value, found.error, found.standard_error
        count, doubt = found.evaluations, found.doubt
        if f.is_constant():
            rare = f"{-np.log(0.025) / count:.1g}"
            doubt = f"the same f(z) for all z; what is less probable than {rare} is not seen"
    if converged is None:
        converged = tol is None or bool((error <= tol).all())
    shaped = [f.shaped(a) for a in (f.between(value), error, deviation)]
    return Expectation(shaped[0], shaped[1], shaped[2], count, method, converged), doubt


def _exact(f: _Batches, law: Discrete | Bernoulli) -> tuple[Array, int]:
    if isinstance(law, Discrete):
        z, p = np.asarray(law.values), np.asarray(law.probabilities)
        n = len(z)

        def batch(begin: int, count: int) -> tuple[Array, Array]:
            return z[begin : begin + count], p[begin : begin + count]
    else:
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
    return total.value, n
