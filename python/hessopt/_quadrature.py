"""Quadrature with an error estimate: adaptive on an interval, or a rule on a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import _core, _validation
from ._densities import Density, Normal, Uniform
from ._validation import Array

Terms = Callable[[Array], Array]  #: a row of numbers for each z
Estimate = tuple[Array, Array, int, bool]  #: value, error, evaluations, whether it converged

_RELATIVE = 1e-10  # of the mean of |f|: the error aimed at unasked
_FLOOR = 4 * np.finfo(np.float64).eps  # of the same: what rounding alone may do
_NARROW = 1e4 * np.finfo(np.float64).eps  # width of a piece beside its place, never halved

# The Gauss-Kronrod rule of 21 points on [-1, 1], right half. Points 1, 3, .. of these are the
# Gauss points. A. S. Kronrod, "Nodes and weights of quadrature formulas", 1965.
_POINTS = [
    [0.0, 0.149445554002916905664936468389821],
    [0.148874338981631210884826001129720, 0.147739104901338491374841515972068],
    [0.294392862701460198131126603103866, 0.142775938577060080797094273138717],
    [0.433395394129247190799265943165784, 0.134709217311473325928054001771707],
    [0.562757134668604683339000099272694, 0.123491976262065851077958109831074],
    [0.679409568299024406234327365114874, 0.109387158802297641899210590325805],
    [0.780817726586416897063717578345042, 0.093125454583697605535065465083366],
    [0.865063366688984510732096688423493, 0.075039674810919952767043140916190],
    [0.930157491355708226001207180059508, 0.054755896574351996031381300244580],
    [0.973906528517171720077964012084452, 0.032558162307964727478818972459390],
    [0.995657163025808080735527280689003, 0.011694638867371874278064396062192],
]
_x, _w = np.transpose(_POINTS)
NODES = np.concatenate([-_x[:0:-1], _x])
KRONROD = np.concatenate([_w[:0:-1], _w])
GAUSS = np.zeros(21)
GAUSS[1::2] = np.polynomial.legendre.leggauss(10)[1]


@dataclass
class _Pieces:
    """Intervals with the integral, its error and the integral of the modulus, a row for each."""

    left: Array
    right: Array
    value: Array
    error: Array
    size: Array

    def where(self, chosen: Array) -> _Pieces:
        return _Pieces(*(a[chosen] for a in vars(self).values()))

    def with_(self, other: _Pieces) -> _Pieces:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Pieces(*(np.concatenate(pair) for pair in pairs))

    def can_be_halved(self) -> Array:
        """Not where rounding is all that is left, and not into nothing."""
        wide = self.right - self.left > _NARROW * np.maximum(abs(self.left), abs(self.right))
        rough: Array = (self.error > _FLOOR * self.size).any(axis=1)
        return wide & rough


def adaptive(f: Terms, law: Density | Normal | Uniform, tol: float | None, most: int) -> Estimate:
    """Gauss-Kronrod on pieces of the interval; those with most of the error are halved.

    All pieces of a round are evaluated in one call of f. The error of a piece is taken as the
    difference of its rules of 21 and 10 points: that of the latter, mostly far more than its own.
    """
    integrand, begin, end = _on_line(f, law)
    edges = np.linspace(begin, end, 9)
    pieces = _evaluated(integrand, edges[:-1], edges[1:])
    evaluations = 21 * len(pieces.left)
    while True:
        value, errors, size = _result(pieces, law)
        error = errors.sum(axis=0)
        target = _target(tol, size)
        chosen = _worst(errors / target, pieces.can_be_halved())[: (most - evaluations) // 42]
        converged = bool((error <= target).all())
        if converged or len(chosen) == 0 or not np.isfinite(error).all():
            return value, error, evaluations, converged
        middle = 0.5 * (pieces.left[chosen] + pieces.right[chosen])
        left = np.concatenate([pieces.left[chosen], middle])
        right = np.concatenate([middle, pieces.right[chosen]])
        others = np.delete(np.arange(len(pieces.left)), chosen)
        pieces = pieces.where(others).with_(_evaluated(integrand, left, right))
        evaluations += 21 * len(left)


def _evaluated(integrand: Terms, left: Array, right: Array) -> _Pieces:
    half = 0.5 * (right - left)
    t = 0.5 * (left + right)[:, None] + half[:, None] * NODES
    terms = integrand(t.ravel()).reshape(len(left), 21, -1) * half[:, None, None]
    kronrod, gauss, size = (
        np.einsum("q,iqc->ic", w, a)
        for w, a in ((KRONROD, terms), (GAUSS, terms), (KRONROD, abs(terms)))
    )
    with np.errstate(invalid="ignore"):  # inf, where f has it: the error is NaN
        error = np.maximum(abs(kronrod - gauss), _FLOOR * size)
    return _Pieces(left, right, kronrod, error, size)


def _result(pieces: _Pieces, law: Density | Normal | Uniform) -> tuple[Array, Array, Array]:
    """Value, error of each piece and mean modulus; column 0 has the integral of the density."""
    total, size = pieces.value.sum(axis=0), pieces.size.sum(axis=0)
    mass, error = total[0], pieces.error[:, 1:]
    if getattr(law, "normalized", True):
        if abs(mass - 1) > 1e-6 + pieces.error[:, 0].sum():
            want = "1: other ends, or normalized=False"
            raise _validation.error("pdf", f"an integral of {mass:.6g}", want)
        return total[1:], error, size[1:]
    if not (mass > 0 and np.isfinite(mass)):
        raise _validation.error("pdf", f"an integral of {mass:g}", "a positive one: other ends")
    value = total[1:] / mass
    return value, (error + abs(value) * pieces.error[:, :1]) / mass, size[1:] / mass


def _target(tol: float | None, size: Array) -> Array:
    return np.maximum(_RELATIVE * size if tol is None else tol, 1e-300)


def _worst(error: Array, can_be_halved: Array) -> Array:
    """Which pieces to halve, worst first: all but those with half of the error allowed."""
    largest = np.where(can_be_halved, error.max(axis=1, initial=0), 0)
    order = np.argsort(largest, kind="stable")
    spared = np.searchsorted(np.cumsum(largest[order]), 0.5, side="right")
    worst = order[spared:][::-1]
    return worst[can_be_halved[worst]]


def _on_line(f: Terms, law: Density | Normal | Uniform) -> tuple[Terms, float, float]:
    """The density and the density times f, as functions of t in a finite interval."""
    lower, upper = law.bounds
    columns = 0

    def integrand(t: Array) -> Array:
        nonlocal columns
        s, slope = _substituted(t, lower, upper)
        p = law.density(s)
        there = p > 0
        rows = f(law.place(s[there, None])) if there.any() else np.empty((0, columns))
        columns = rows.shape[1]
        terms = np.zeros((len(t), 1 + columns))
        terms[:, 0] = p * slope
        terms[there, 1:] = terms[there, :1] * rows
        return terms

    if np.isinf([lower, upper]).all():
        return integrand, -1.0, 1.0
    return (integrand, 0.0, 1.0) if np.isinf([lower, upper]).any() else (integrand, lower, upper)


def _substituted(t: Array, lower: float, upper: float) -> tuple[Array, Array]:
    """The place that t stands for, and its derivative."""
    if np.isinf(lower) and np.isinf(upper):
        rest = (1 - t) * (1 + t)
        return t / rest, (1 + t * t) / rest**2
    if np.isinf(upper):
        return lower + t / (1 - t), 1 / (1 - t) ** 2
    if np.isinf(lower):
        return upper - t / (1 - t), 1 / (1 - t) ** 2
    return t, np.ones_like(t)


def gauss(f: Terms, law: Normal | Uniform, tol: float | None, most: int, batch: int) -> Estimate:
    """The Gauss rule of the law on a grid, with 3, 7, 15, .. points an axis until they agree.

    The error is the larger of the last two changes.
    """
    values: list[Array] = []
    evaluations, n, d = 0, 3, law.dimension
    if 15**d > most:
        want = f"at most {int(np.log(most) / np.log(15))} for 'gauss' and max_evaluations={most}"
        raise _validation.error("law", f"{d} dimensions", want)
    while True:
        value, size = _on_grid(f, law, n, batch)
        values.append(value)
        evaluations += n**d
        n = 2 * n + 1
        if len(values) < 3:
            continue
        changes = abs(np.diff(values[-3:], axis=0))
        error = np.maximum(changes.max(axis=0), _FLOOR * size)
        converged = bool(
            (error <= np.maximum(_RELATIVE * size if tol is None else tol, 1e-300)).all()
        )
        if converged or n > 127 or evaluations + n**d > most or not np.isfinite(error).all():
            return value, error, evaluations, converged


def _on_grid(f: Terms, law: Normal | Uniform, n: int, batch: int) -> tuple[Array, Array]:
    nodes, weights = law.gauss_rule(n)
    d = law.dimension
    total: _core.WeightedSum | None = None
    for begin in range(0, n**d, batch):
        index = np.unravel_index(np.arange(begin, min(begin + batch, n**d)), (n,) * d)
        w = np.prod([weights[i] for i in index], axis=0)
        terms = f(law.place(np.stack([nodes[i] for i in index], axis=1)))
        total = total or _core.WeightedSum(2 * terms.shape[1])
        total.add(w, np.concatenate([terms, abs(terms)], axis=1))
    assert total is not None
    value, size = np.split(total.value, 2)
    return value, size
