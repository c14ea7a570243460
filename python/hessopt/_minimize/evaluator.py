"""What `minimize` was given, behind one face: value, gradient, Hessian and products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from . import columns
from .differences import WORDS, Differences, Rules
from .first_order import Call, Differenced, FirstOrder, Joint, Separate, inf, inf_and_nan, nan
from .second_order import (
    GradientDifferences,
    Matrices,
    Products,
    SecondOrder,
    Updates,
    is_strategy,
)

Vector = npt.NDArray[Any]


_LONG_SEARCH = 5  # evaluations
#: How a run stands that a more accurate gradient may bring further.
_REFINABLE = (
    _core.Status.RUNNING,
    _core.Status.GRADIENT,
    _core.Status.DECREASE,
    _core.Status.STEP,
    _core.Status.ROUNDING_FLOOR,
    _core.Status.LINE_SEARCH,
    _core.Status.SADDLE,
)


class Evaluator:
    """Value, gradient, Hessian and products of what `minimize` was given.

    Parameters
    ----------
    fun, jac, hess, hessp, args
        As in `minimize`.
    outside : exception type or tuple of them
        Of fun and jac: x is outside of the domain.
    rules : Rules, optional
        Of differences.

    Attributes
    ----------
    value, value_and_gradient : callable
        Of x.
    has_hessian : bool
        Whether there are second derivatives.
    spends : bool
        Whether functions are called beside these, for differences; see `report`.
    origin : ndarray, shape (p,), or None
        About which Hessians of a model are told, as its ``hessian_about`` has them.
    knows_columns : bool
        Whether f tells the columns of its data, and how large their residual is.
    moments : tuple, or None
        Mean and scale of the columns of a model, as `standardize` took them, and whether a sample
        of the rows tells them: see `columns.moments`.
    metric : callable, or None
        Called with the solver after an iteration: see `columns.ClassMetric`.
    """

    def __init__(
        self,
        fun: Any,
        jac: Any = None,
        hess: Any = None,
        hessp: Any = None,
        args: Any = (),
        *,
        outside: Any = (),
        rules: Rules | None = None,
    ) -> None:
        self._args = args if isinstance(args, tuple) else (args,)
        self._outside = _kinds(outside)
        self._rules = rules or Rules()
        self._spent = [0, 0]  # evaluations of f, of its gradient
        self._told: tuple[Vector, Vector] = (np.empty(0), np.empty(0))
        self._matrix: SecondOrder | None = None
        self._product: SecondOrder | None = None
        self._rough_hessian: Callable[[Vector], Any] | None = None
        self._searching = 0, 0  # the iteration, and the gradients known when it began
        self.spends = False
        self.origin: Vector | None = None
        self.moments: tuple[Vector, Vector, bool] | None = None
        self.metric: columns.ClassMetric | None = None
        self.n_parameters: int | None = getattr(fun, "n_parameters", None)
        if hasattr(fun, "value_and_gradient"):
            given = {"jac": jac, "hess": hess, "hessp": hessp, "args": self._args or None}
            for name, value in given.items():
                if value is not None:
                    raise _validation.error(name, value, "nothing: the objective has its own")
            self._first: FirstOrder = Joint(self._call(fun.value_and_gradient, inf_and_nan))
            hess, hessp = getattr(fun, "hessian", None), getattr(fun, "hessp", None)
        else:
            self._first = self._first_order(fun, jac)
        self.value = self._first.value
        self.value_and_gradient: Callable[[Vector], Any] = self._first.value_and_gradient
        self._take_hessian(hess, hessp)
        self.knows_columns = hasattr(fun, "value_gradient_and_residual")
        self._hessian_of = getattr(fun, "hessian_of", None)
        if hasattr(fun, "rough_hessian"):
            self._rough_hessian = fun.rough_hessian
        if self.knows_columns:
            if not self._outside:  # nothing to guard, nothing to read
                self.value_and_gradient = fun.value_gradient_and_residual
            if fun.n_rows < fun.X.shape[1]:  # flat directions would be lost in rounding
                self._rough_hessian = None

    def is_single(self, x: Vector) -> bool:
        """Whether f and its gradient are of float32, whatever x is."""
        return self._first.is_single(x)

    @property
    def is_differenced(self) -> bool:
        """Whether the gradient is made of differences."""
        return isinstance(self._first, Differenced)

    @property
    def hessian_is_differenced(self) -> bool:
        """Whether a Hessian is made of n gradients."""
        return isinstance(self._matrix, GradientDifferences)

    @property
    def curvature_error(self) -> float:
        """Of the Hessian, relative to its largest curvature."""
        return 0.0 if self._product is None else self._product.error

    @property
    def has_hessian(self) -> bool:
        """Whether there are second derivatives."""
        return self._product is not None

    def _call(self, function: Any, there: Callable[[Vector], Any]) -> Callable[..., Any]:
        if not self._args and not self._outside:
            return function  # type: ignore[no-any-return]
        return Call(function, self._args, self._outside, there)

    def _first_order(self, fun: Any, jac: Any) -> FirstOrder:
        if not callable(fun):
            raise TypeError(f"fun: got {fun!r}; want a function or an objective")
        if jac is True:
            return Joint(self._call(fun, inf_and_nan))
        if callable(jac):
            return Separate(self._call(fun, inf), self._call(jac, nan))
        if jac is not None and jac is not False and jac not in WORDS:
            raise _validation.error(
                "jac",
                repr(jac),
                "a function, True where fun returns (f, gradient), or for differences "
                f"nothing or one of {list(WORDS)}",
            )
        self.spends = True
        differences = Differences(jac or "2-point", self._rules)
        return Differenced(self._call(fun, inf), differences, self._spend_values)

    def _take_hessian(self, hess: Any, hessp: Any) -> None:
        if is_strategy(hess):
            self._remember()
            self._matrix = Updates(hess, self._gradient_at)
        elif callable(hess):
            self._matrix = Matrices(Call(hess, self._args) if self._args else hess)
        elif isinstance(hess, str) and hess in WORDS:
            self._difference(hess)
        elif hess is not None:
            raise TypeError(f"hess: got {hess!r}; want a function, or one of {list(WORDS)}")
        if callable(hessp):
            self._product = Products(Call(hessp, self._args) if self._args else hessp)
        elif hessp is not None:
            raise TypeError(f"hessp: got {hessp!r}; want a function")
        self._product = self._product or self._matrix
        self._matrix = self._matrix or self._product

    def take_differences(self) -> None:
        """Take the Hessian from differences of the gradient, where there is nothing else."""
        if not self.has_hessian:
            self._difference("2-point")

    def _difference(self, word: str) -> None:
        gradient = self._first.gradient
        if gradient is None:
            raise _validation.error(
                "jac", "nothing", "a gradient: no Hessian comes from differences of differences"
            )
        self._remember()
        self.spends = True
        self._matrix = self._product = GradientDifferences(
            Differences(word, self._rules), gradient, self._gradient_at, self._spend_gradients
        )

    def _remember(self) -> None:
        """Keep the gradient that was told last: a Hessian is wanted at that point, as a rule."""
        evaluate = self.value_and_gradient

        def value_and_gradient(x: Vector) -> Any:
            at = x.copy()
            told = evaluate(x)
            self._told = at, told[1].copy()
            return told

        self.value_and_gradient = value_and_gradient

    def _gradient_at(self, x: Vector) -> Vector:
        if not np.array_equal(x, self._told[0]):
            self._spend_gradients(1)
            return np.asarray(self._first.value_and_gradient(x.copy())[1])
        return self._told[1]

    def _spend_values(self, calls: int) -> None:
        self._spent[0] += calls

    def _spend_gradients(self, calls: int) -> None:
        self._spent[1] += calls
        if isinstance(self._first, Joint):
            self._spent[0] += calls

    def report(self, solver: Any) -> None:
        """Tell a solver of the calls beside those it was told of."""
        if any(self._spent):
            solver.spend(*self._spent)
            self._spent = [0, 0]

    def refine(self) -> None:
        """Take the most accurate gradient from now on."""
        if isinstance(self._first, Differenced):
            self._first.refine()

    def refined(self, solver: Any) -> tuple[Vector, float] | None:
        """A more accurate gradient and its error, where there is one and the run needs it.

        One-sided differences bring a run near its end, central ones there. They are wanted where it
        has ended, or where one line search takes so long that the gradient must be the cause.
        """
        first = self._first
        if not isinstance(first, Differenced) or not first.is_rough:
            return None
        if solver.nit != self._searching[0]:
            self._searching = solver.nit, solver.njev
        if not hasattr(solver, "refine") or solver.status not in _REFINABLE:
            return None
        if not solver.done and solver.njev - self._searching[1] < _LONG_SEARCH:
            return None
        first.refine()
        gradient, error = first.slopes(solver.x, solver.fun)
        return (gradient, error) if np.isfinite(gradient).all() else None

    def standardize(
        self, solver: Any, model: Any, moments: tuple[Vector, Vector, bool] | None = None
    ) -> None:
        """Let the solver work in the variables of the model's columns, standardised.

        `moments` of all rows, where the model is a sample of them.

        Not where there are as many columns as rows: of all minima the one nearest the start is
        wanted then, in the units of x. Unless a penalty tells which: of wide sparse columns
        Newton-CG then takes the units that suit it.
        """
        n_columns = model.X.shape[1]
        is_sparse = getattr(model, "has_rare_columns", False)
        mixes = is_sparse and solver.curvature == "product"
        is_wide = model.n_rows <= n_columns + 1
        if is_wide and not (mixes and np.all(model.l2 > 0)):
            return
        self.moments = moments or columns.moments(model)
        mean, scale, alike = self.moments
        has_intercept = model.n_parameters > len(scale) * getattr(model, "n_classes", 1)
        mean = np.where(scale == np.abs(mean), 0, mean)  # a constant column is its own unit
        scale = columns.units(scale, columns.HELD * model.l2 if mixes else model.l2)
        if solver._is_bounded:
            if has_intercept and columns.bounds_intercept(solver, len(scale)):
                return
            scale = columns.exact(scale)
        elif hasattr(solver, "_renew"):
            self.metric = columns.ClassMetric.of(model, scale)
        factor = None
        # A bound on one variable is none on others.
        if alike and solver.curvature != "hessian" and not solver._is_bounded:
            factor = columns.correlation_factor(model, mean, scale)
        self.value_and_gradient = model.value_gradient_and_residual
        shift = mean if has_intercept else mean[:0]
        origin = solver._standardize(scale, shift, model.n_rows, factor)
        if len(origin):
            self.origin = origin
            self._matrix = Matrices(lambda x: model.hessian_about(x, origin))
            self._rough_hessian = lambda x: model.hessian_about(x, origin, rough=True)

    def tell_hessian(self, solver: Any) -> Any:
        """Tell the Hessian at the solver's point, in single precision where both can."""
        x = solver.ask()
        if hasattr(solver, "working_set"):
            which = solver.working_set
            is_most = 2 * len(which) >= len(x)
            if is_most and self._rough_hessian is not None and solver.takes_rough_hessian:
                h = _block(self._rough_hessian(x), which)
                return solver.tell_hessian(h, rough=True)
            return solver.tell_hessian(self.hessian_of(x, which))
        if self._rough_hessian is not None and getattr(solver, "takes_rough_hessian", False):
            return solver.tell_hessian(self._rough_hessian(x), rough=True)
        return solver.tell_hessian(self.hessian(x))

    def hessian(self, x: Vector) -> Any:
        """The matrix."""
        assert self._matrix is not None
        return self._matrix.matrix(x)

    def hessian_of(self, x: Vector, which: npt.NDArray[np.int64]) -> Any:
        """The matrix of some parameters alone, x being 0 in all others."""
        if self._hessian_of is not None:
            return self._hessian_of(x, which)
        n, h = len(x), self.hessian(x)
        if np.shape(h) != (n, n):
            raise _validation.error("H", f"shape {np.shape(h)}", f"shape ({n}, {n})")
        return _block(h, which)

    def product(self, x: Vector, v: Vector) -> Any:
        """H v."""
        assert self._product is not None
        return self._product.product(x, v)


def _block(h: npt.NDArray[Any], which: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    return h if len(which) == len(h) else h[np.ix_(which, which)]


def _kinds(outside: Any) -> tuple[type[Exception], ...]:
    kinds = outside if isinstance(outside, tuple) else (outside,)
    if not all(isinstance(k, type) and issubclass(k, Exception) for k in kinds):
        raise TypeError(f"domain_errors: got {outside!r}; want exception types")
    return kinds
