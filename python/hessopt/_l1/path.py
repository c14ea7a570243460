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
from .compressed import compressed
from .largest import Doubles, Null, pattern_of

_FEW_COLUMNS, _MANY_ROWS = 1000, 5  # and rows a column, whose Gram matrix is less than a path reads
_AHEAD = 1  # strengths, whose columns are taken as well
_MOST = 2  # times those that are wanted: if there are no more columns, all are read where they lie
_FEW = 30  # parameters that no working set is worth
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
    nfev : float
        Evaluations of f, those on a part of the rows or columns counted by that part.
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
    own, is_given = pattern_of(model)
    bound = _validation.at_least("tol", tol, 0)
    factors = None if l1s is None else _falling(l1s)
    count, shrink = _validation.integer("n", n, 1), _validation.real("ratio", ratio, "in (0, 1)")
    if not 0 < shrink < 1:
        raise _validation.error("ratio", ratio, "a number in (0, 1)")
    shown = _progress.asked(progress)
    # Of squares nothing is read but their Gram matrix.
    small = compressed(model.with_l1(own)) if _is_tall(model) else None
    of_all, pattern, share = model, own, 1.0
    if small is not None:
        of_all, pattern, share = small, small.l1, small.n_rows / model.n_rows
    null = Null(of_all, pattern)
    if factors is None:
        factors = null.factor * np.geomspace(1, shrink, count)
    fits = _Fits(of_all, null, bound * null.factor)
    found = []
    with _progress.counter(shown, "fit") as update:
        for k, factor in enumerate(factors):
            ahead = factors[min(k + _AHEAD, len(factors) - 1)]
            found.append(fits.at(float(factor), float(ahead)))
            update(k + 1, len(factors))
    x, fun, residual, success = (np.array(column) for column in zip(*found, strict=True))
    return L1Path(
        l1=factors[:, None] * own if is_given else factors,
        x=x,
        fun=fun,
        n_nonzero=np.count_nonzero(x[:, null.strengths > 0], axis=1),
        residual=residual,
        success=success,
        nfev=share * fits.spent,
        model=model,
    )


def _falling(l1s: npt.ArrayLike) -> Doubles:
    given = _validation.finite("l1s", _validation.array("l1s", l1s, 1)).astype(np.float64)
    if given.size == 0 or (given < 0).any():
        got = f"the number {given.min():g}" if given.size else "nothing"
        raise _validation.error("l1s", got, "numbers >= 0, at least one")
    return np.sort(given)[::-1]


def _is_tall(model: Any) -> bool:
    """Whether a Gram matrix of all columns is little beside reading them for each strength."""
    n, p = model.X.shape
    return p <= _FEW_COLUMNS and n >= _MANY_ROWS * p and isinstance(model.X, np.ndarray)


def _left(x: Doubles, g: Doubles, strengths: Doubles) -> Doubles:
    """The size of each component of the pseudo-gradient."""
    at_zero = np.maximum(np.abs(g) - strengths, 0)
    return np.asarray(np.where(x == 0, at_zero, np.abs(g + strengths * np.sign(x))))


class _Run:
    """A solver on a model, taken from one strength to the next."""

    def __init__(self, model: Any, x0: Doubles, strengths: Doubles, gtol: float) -> None:
        self._evaluator, self._counted = Evaluator(model), 0
        self._solver = ProximalNewton(
            x0,
            l1=strengths,
            hessian_cost=max(1.0, getattr(model, "hessian_cost", 1.0)),
            convex=getattr(model, "convex", False),
            restrict=len(x0) > _FEW,
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


class _Fits:
    """Fits on the columns that the strong rule leaves, held against the gradient of all."""

    def __init__(self, model: Any, null: Null, gtol: float) -> None:
        self._model, self._strengths, self._gtol = model, null.strengths, gtol
        self._x, self._g = null.x, null.gradient
        self._factor = null.factor
        self._columns = np.empty(0, np.int64)
        self.spent = 0.0

    def at(self, factor: float, ahead: float) -> tuple[Doubles, float, float, bool]:
        """Minimum, value, residual and success; `ahead`: a factor that will come soon."""
        strengths = factor * self._strengths
        wanted, soon = self._by_rule(factor), self._by_rule(ahead)
        self._factor = factor
        while True:
            self._take((self._x != 0) | wanted, soon, strengths)
            solver, spent = self._run.at(strengths[self._places])
            self.spent += spent * len(self._places) / len(strengths)
            self._x = np.zeros(len(strengths))
            self._x[self._places] = solver.x
            if self._has_all:
                f, self._g = solver.fun, solver.jac
                return self._x, f, float(_left(self._x, self._g, strengths).max()), solver.success
            f, self._g = self._model.value_and_gradient(self._x)
            self.spent += 1
            left = _left(self._x, self._g, strengths)
            wanted = left > self._gtol
            wanted[self._places] = False
            if not wanted.any():
                whole = f + float(strengths @ np.abs(self._x))
                return self._x, whole, float(left.max()), solver.success

    def _by_rule(self, factor: float) -> npt.NDArray[np.bool_]:
        """No derivative changes by more than the strength does, as a rule."""
        return np.asarray(np.abs(self._g) >= (2 * factor - self._factor) * self._strengths)

    @property
    def _has_all(self) -> bool:
        return len(self._places) == len(self._strengths)

    def _take(
        self,
        wanted: npt.NDArray[np.bool_],
        soon: npt.NDArray[np.bool_],
        strengths: Doubles,
    ) -> None:
        """Have these columns among those of the run, which goes on where it has them."""
        p = self._model.X.shape[1]
        if len(self._columns) and np.isin(self._of(wanted), self._columns).all():
            return
        columns = self._of(wanted | soon)
        if not getattr(self._model, "has_columns", False) or _MOST * len(columns) >= p:
            columns = np.arange(p)
        self._columns = columns
        some, self._places = self._model, np.arange(len(strengths))
        if len(columns) < p:
            some, self._places = self._model.of_columns(columns), self._model.parameters_of(columns)
        self._run = _Run(some, self._x[self._places], strengths[self._places], self._gtol)

    def _of(self, flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """The columns of these parameters, one at least."""
        p, outputs = self._model.X.shape[1], getattr(self._model, "_n_outputs", 1)
        places = np.flatnonzero(flags) % (self._model.n_parameters // outputs)
        columns = np.unique(places[places < p])
        return columns if len(columns) else np.zeros(1, np.int64)
