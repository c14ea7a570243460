"""Quadrature with an error estimate: adaptive on an interval, or a rule on a grid."""

from __future__ import annotations

import numpy as np

from .. import _core, _validation
from .._validation import Array
from . import kronrod
from .densities import Density, Normal, Uniform
from .kronrod import FLOOR, LEAST, Pieces, Terms

Estimate = tuple[Array, Array, int, bool]  #: value, error, evaluations, whether it converged

_RELATIVE = 1e-10  # of the mean of |f|: the error aimed at unasked
_FEW = 2500  # evaluations, for a digit of E|f| where tol asks for none
_SEARCHED = 2048  # pieces, before mass of a density that is not found is an error


def adaptive(f: Terms, law: Density | Normal | Uniform, tol: float | None, most: int) -> Estimate:
    """Gauss-Kronrod on pieces of the interval; those with most of the error are halved.

    All pieces of a round are evaluated in one call of f.
    """
    integrand, begin, end = _on_line(f, law)
    edges = np.linspace(begin, end, 9)
    pieces = kronrod.evaluated(integrand, edges[:-1], edges[1:])
    evaluations = 21 * len(pieces.left)
    while True:
        errors = pieces.errors()
        room = max(most - evaluations, 0) // 42
        if not _has_its_mass(pieces, errors, law):  # some of it lies between the nodes
            chosen = pieces.widest()
            if len(pieces.left) >= _SEARCHED or len(chosen) > room:
                one = "1: other ends, or normalized=False"
                want = one if _normalized(law) else "a positive one: other ends"
                mass = pieces.value[:, 0].sum()
                raise _validation.error("pdf", f"an integral of {mass:.6g}", want)
        else:
            value, errors, size = _result(pieces, errors, law)
            error, few = errors.sum(axis=0), evaluations < _FEW
            target = _target(tol, size)
            # What is seen of a narrow peak may be small beside tol: have a digit of it first.
            enough = np.minimum(target, np.maximum(0.1 * size, LEAST)) if few else target
            if few and not size.any():
                chosen = pieces.widest()[:room]
            elif (error <= enough).all():
                chosen = np.arange(0)
            else:
                chosen = _worst(errors / enough, pieces.can_be_halved(errors, size))[:room]
            if len(chosen) == 0 or not np.isfinite(error).all():
                return value, error, evaluations, bool((error <= target).all())
        pieces = pieces.halved(chosen, integrand)
        evaluations += 42 * len(chosen)


def _normalized(law: Density | Normal | Uniform) -> bool:
    return getattr(law, "normalized", True)


def _has_its_mass(pieces: Pieces, errors: Array, law: Density | Normal | Uniform) -> bool:
    """Column 0 has the integral of the density."""
    mass, error = pieces.value[:, 0].sum(), errors[:, 0].sum()
    if _normalized(law):
        return not abs(mass - 1) > 1e-6 + error
    return bool(mass > 0 and np.isfinite(mass))


def _result(
    pieces: Pieces, errors: Array, law: Density | Normal | Uniform
) -> tuple[Array, Array, Array]:
    """Value, error of each piece and mean modulus."""
    total, size = pieces.value.sum(axis=0), pieces.size.sum(axis=0)
    if _normalized(law):
        return total[1:], errors[:, 1:], size[1:]
    mass = total[0]
    value = total[1:] / mass
    return value, (errors[:, 1:] + abs(value) * errors[:, :1]) / mass, size[1:] / mass


def _target(tol: float | None, size: Array) -> Array:
    return np.maximum(_RELATIVE * size if tol is None else tol, LEAST)


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

    The error is three times the sum of the last two changes: at a kink or a jump changes are of the
    size of errors, and one of them may be small by accident.
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
        error = np.maximum(3 * changes.sum(axis=0), FLOOR * size)
        converged = bool((error <= _target(tol, size)).all())
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
