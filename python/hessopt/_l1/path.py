"""Minima of a model along falling strengths of its l1 term, one from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _progress, _validation
from .._minimize.driver import drive
from .._minimize.evaluator import Evaluator
from ..solvers import ProximalNewton
from .largest import Doubles, Null, pattern_of

_FEW_COLUMNS, _MANY_ROWS = 1000, 5  # and rows a column, for which one Hessian of all is worth it
_MOST_ITERATIONS = 1000  # a strength


@dataclass(frozen=True)
class L1Path:
    """Minima along a path of l1 terms, as `l1_path` finds them.

    Attributes
    ----------
    l1 : ndarray, shape (k,) or (k, p)
        The strengths, falling: one number for all coefficients, or the model's pattern times one.
    x : ndarray, shape (k, n_parameters)
        The minimum at each.
    fun : ndarray, shape (k,)
        f with the l1 term.
    n_nonzero : ndarray of int, shape (k,)
        Coefficients under the l1 term that are not 0.
    residual : ndarray, shape (k,)
        The largest component of what the l1 term leaves of the gradient, the pseudo-gradient.
    success : ndarray of bool, shape (k,)
        Whether that is what was asked for, or as little as rounding allows.
    nfev : int
        Evaluations of f, those on a part of the columns counted by that part.
    model : objective
        What was fitted.
    """

    l1: Doubles
    x: Doubles
    fun: Doubles
    n_nonzero: npt.NDArray[np.int64]
    residual: Doubles
    success: npt.NDArray[np.bool_]
    nfev: float
    model: Any

    def __repr__(self) -> str:
        k, n = self.x.shape
        most = int(self.n_nonzero.max())
        return (
            f"L1Path({k} minima of {n} parameters, up to {most} not 0, {self.nfev:.4g} evaluations)"
        )


def l1_path(
    model: Any,
    *,
    n: int = 100,
    ratio: float = 1e-3,
    l1s: npt.ArrayLike | None = None,
    tol: float = 1e-7,
    progress: bool = False,
) -> L1Path:
    """Minima along a path of strengths of the l1 term, from `l1_max` down.

    Each begins where the last has ended, on the columns that the strong rule leaves; the gradient
    of all columns then tells whether one was left out that should not be.

    Parameters
    ----------
    model : objective
        A model of `hessopt.objectives`, with `l2` for an elastic net. Where its `l1` has a number
        for each coefficient, the path is one of multiples of these; coefficients with 0 are free.
    n : int
        How many strengths there are, in geometric progression.
    ratio : float
        The last of them over the first, in (0, 1).
    l1s : array_like, shape (k,), optional
        Strengths of your own, >= 0, instead; they are taken in falling order.
    tol : float
        Bound on the largest component of the pseudo-gradient, relative to `l1_max`.
    progress : bool
        Show a bar (tqdm).

    Returns
    -------
    L1Path

    Raises
    ------
    ValueError, TypeError
        On arguments that do not fit, and objectives without an `l1`.

    References
    ----------
    R. Tibshirani et al., "Strong rules for discarding predictors in lasso-type problems", J. R.
    Statist. Soc. B 74 (2012). J. Friedman, T. Hastie, R. Tibshirani, "Regularization paths for
    generalized linear models via coordinate descent", J. Stat. Softw. 33 (2010).

    Examples
    --------
    >>> import hessopt
    >>> X, y = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], [4.0, -4.0, 1.0, -1.0]
    >>> path = hessopt.l1_path(hessopt.objectives.Squared(X, y), l1s=[2.0, 1.0, 0.25])
    >>> path.x.round(6)
    array([[0. , 0. , 0. ],
           [2. , 0. , 0. ],
           [3.5, 0.5, 0. ]])
    """
    pattern, is_given = pattern_of(model)
    bound = _validation.at_least("tol", tol, 0)
    factors = None if l1s is None else _falling(l1s)
    count, shrink = _validation.integer("n", n, 1), _validation.real("ratio", ratio, "in (0, 1)")
    if not 0 < shrink < 1:
        raise _validation.error("ratio", ratio, "a number in (0, 1)")
    shown = _validation.flag("progress", progress)
    null = Null(model, pattern)
    if factors is None:
        factors = null.factor * np.geomspace(1, shrink, count)
    restricted = getattr(model, "has_columns", False) and not _is_tall(model)
    kind = _OfColumns if restricted else _OfAll
    fits = kind(model, null, bound * null.factor)
    found = []
    with _progress.counter(shown, "fit") as update:
        for k, factor in enumerate(factors):
            found.append(fits.at(float(factor)))
            update(k + 1, len(factors))
    x, fun, residual, success = (np.array(column) for column in zip(*found, strict=True))
    return L1Path(
        l1=factors[:, None] * pattern if is_given else factors,
        x=x,
        fun=fun,
        n_nonzero=np.count_nonzero(x[:, null.strengths > 0], axis=1),
        residual=residual,
        success=success,
        nfev=fits.spent,
        model=model,
    )


def _falling(l1s: npt.ArrayLike) -> Doubles:
    given = _validation.finite("l1s", _validation.array("l1s", l1s, 1)).astype(np.float64)
    if given.size == 0 or (given < 0).any():
        got = f"the number {given.min():g}" if given.size else "nothing"
        raise _validation.error("l1s", got, "numbers >= 0, at least one")
    return np.sort(given)[::-1]


def _is_tall(model: Any) -> bool:
    """Whether a Hessian of all columns costs little more than one of some."""
    n, p = model.X.shape
    return p <= _FEW_COLUMNS and n >= _MANY_ROWS * p and isinstance(model.X, np.ndarray)


def _left(x: Doubles, g: Doubles, strengths: Doubles) -> Doubles:
    """The size of each component of the pseudo-gradient."""
    at_zero = np.maximum(np.abs(g) - strengths, 0)
    return np.asarray(np.where(x == 0, at_zero, np.abs(g + strengths * np.sign(x))))


class _Run:
    """A solver on a model, taken from one strength to the next."""

    def __init__(self, model: Any, x0: Doubles, strengths: Doubles, gtol: float, restrict: bool):
        self._evaluator, self._counted = Evaluator(model), 0
        self._solver = ProximalNewton(
            x0,
            l1=strengths,
            hessian_cost=max(1.0, getattr(model, "hessian_cost", 1.0)),
            convex=getattr(model, "convex", False),
            restrict=restrict,
            gtol=gtol,
            maxiter=_MOST_ITERATIONS,
        )

    def at(self, strengths: Doubles) -> tuple[Any, int]:
        """The solver at the minimum there, and how many evaluations it took."""
        solver = self._solver
        if solver.nfev and solver.renew(strengths):
            solver.resume(maxiter=solver.nit + _MOST_ITERATIONS)
        drive(solver, self._evaluator)
        spent, self._counted = solver.nfev - self._counted, solver.nfev
        return solver, spent


class _OfAll:
    """Fits with all columns at once."""

    def __init__(self, model: Any, null: Null, gtol: float) -> None:
        self._strengths = null.strengths
        self._run = _Run(model, null.x, null.factor * null.strengths, gtol, not _is_tall(model))
        self.spent = 0.0

    def at(self, factor: float) -> tuple[Doubles, float, float, bool]:
        """Minimum, value, residual and success."""
        strengths = factor * self._strengths
        solver, spent = self._run.at(strengths)
        self.spent += spent
        residual = float(_left(solver.x, solver.jac, strengths).max())
        return solver.x, solver.fun, residual, solver.success


class _OfColumns:
    """Fits on the columns that the strong rule leaves, of few of many."""

    def __init__(self, model: Any, null: Null, gtol: float) -> None:
        self._model, self._strengths, self._gtol = model, null.strengths, gtol
        self._x, self._g = null.x, null.gradient
        self._factor = null.factor
        self._columns = np.empty(0, np.int64)
        self.spent = 0.0

    def at(self, factor: float) -> tuple[Doubles, float, float, bool]:
        """Minimum, value, residual and success."""
        strengths = factor * self._strengths
        # Strong rule: no derivative changes by more than the strength does, as a rule.
        wanted = np.abs(self._g) >= (2 * factor - self._factor) * self._strengths
        self._factor = factor
        while True:
            self._take((self._x != 0) | wanted, strengths)
            solver, spent = self._run.at(strengths[self._places])
            self._x = np.zeros(len(strengths))
            self._x[self._places] = solver.x
            f, self._g = self._model.value_and_gradient(self._x)
            self.spent += 1 + spent * len(self._places) / len(strengths)
            left = _left(self._x, self._g, strengths)
            wanted = left > self._gtol
            wanted[self._places] = False
            if not wanted.any():
                break
        return self._x, f + float(strengths @ np.abs(self._x)), float(left.max()), solver.success

    def _take(self, wanted: npt.NDArray[np.bool_], strengths: Doubles) -> None:
        """Have these columns among those of the run, which goes on where it has them."""
        p = self._model.X.shape[1]
        places = np.flatnonzero(wanted) % (self._model.n_parameters // self._model._n_outputs)
        columns = np.unique(places[places < p])
        if len(columns) == 0:
            columns = np.zeros(1, np.int64)
        if len(self._columns) and np.isin(columns, self._columns, assume_unique=True).all():
            return
        self._columns = columns
        self._places = self._model.parameters_of(columns)
        some = self._model.of_columns(columns)
        self._run = _Run(some, self._x[self._places], strengths[self._places], self._gtol, True)
