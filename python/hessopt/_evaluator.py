"""The objective protocol over Python callables."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core, _validation

Vector = npt.NDArray[Any]
DIFFERENCES = ("2-point", "3-point")


def pair(returned: Any) -> tuple[Any, Any]:
    """What fun returned under jac=True."""
    if type(returned) is tuple and len(returned) == 2:
        return returned
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        raise TypeError(f"fun: got {type(returned).__name__}; want (f, gradient), as jac=True says")
    return returned[0], returned[1]


def _differences(fun: Callable[..., Any], method: str) -> Callable[[Vector], tuple[Any, Vector]]:
    try:
        numdiff = importlib.import_module("scipy.optimize._numdiff")
    except ImportError as exc:
        raise ImportError(f'jac="{method}" needs SciPy: pip install scipy') from exc

    def value_and_gradient(x: Vector) -> tuple[Any, Vector]:
        f = fun(x)
        if not np.isfinite(f):
            return f, np.full(len(x), np.nan)
        return f, numdiff.approx_derivative(fun, x, method=method, f0=f)

    return value_and_gradient


def is_model(fun: Any) -> bool:
    """Whether it is a convex model of the library, whose rows can be sampled."""
    return isinstance(fun, (_core.LinearModel, _core.Softmax))


class Evaluator:
    """Value, gradient, Hessian and products of what `minimize` was given."""

    def __init__(
        self, fun: Any, jac: Any = None, hess: Any = None, hessp: Any = None, args: Any = ()
    ) -> None:
        args = args if isinstance(args, tuple) else (args,)
        self._rough_hessian: Callable[[Vector], Any] | None = None
        self.n_parameters: int | None = getattr(fun, "n_parameters", None)
        if hasattr(fun, "value_and_gradient"):
            given = {"jac": jac, "hess": hess, "hessp": hessp, "args": args or None}
            for name, value in given.items():
                if value is not None:
                    raise _validation.error(name, value, "nothing: the objective has its own")
            self.value_and_gradient = fun.value_and_gradient
            hess, hessp = getattr(fun, "hessian", None), getattr(fun, "hessp", None)
            if is_model(fun):
                self._rough_hessian = lambda x: fun.evaluate(
                    x, gradient=False, hessian=True, precision="float32"
                )[2]
        else:
            for name, function in (("fun", fun), ("hess", hess), ("hessp", hessp)):
                if not callable(function) and (function is not None or name == "fun"):
                    raise TypeError(f"{name}: got {function!r}; want a function or an objective")
            self.value_and_gradient = self._from_functions(_with(fun, args), jac, args)
            hess, hessp = _with(hess, args), _with(hessp, args)
        self.has_hessian = hess is not None or hessp is not None
        self._hess, self._hessp = hess, hessp
        self._matrix_at: Vector = np.empty(0)
        self._matrix: Any = None

    @staticmethod
    def _from_functions(fun: Any, jac: Any, args: Any) -> Callable[[Vector], tuple[Any, Any]]:
        if jac is True:
            return lambda x: pair(fun(x))
        if callable(jac):
            gradient = _with(jac, args)
            return lambda x: (fun(x), gradient(x))
        if isinstance(jac, str) and jac in DIFFERENCES:
            return _differences(fun, jac)
        raise _validation.error(
            "jac",
            repr(jac),
            "a function, True where fun returns (f, gradient), or one of "
            f"{list(DIFFERENCES)} for differences by SciPy",
        )

    def outside(self, errors: Any) -> None:
        """Take these exceptions of the functions for f = inf."""
        kinds = errors if isinstance(errors, tuple) else (errors,)
        if not all(isinstance(k, type) and issubclass(k, Exception) for k in kinds):
            raise TypeError(f"domain_errors: got {errors!r}; want exception types")
        inside: Callable[[Vector], tuple[Any, Any]] = self.value_and_gradient

        def value_and_gradient(x: Vector) -> tuple[Any, Any]:
            try:
                return inside(x)
            except kinds:
                return math.inf, np.full(len(x), math.nan)

        self.value_and_gradient = value_and_gradient

    def tell_hessian(self, solver: Any) -> Any:
        """Tell the Hessian at the solver's point, in single precision where both can."""
        x = solver.ask()
        if self._rough_hessian is not None and getattr(solver, "takes_rough_hessian", False):
            return solver.tell_hessian(self._rough_hessian(x), rough=True)
        return solver.tell_hessian(self.hessian(x))

    def hessian(self, x: Vector) -> Any:
        """The matrix, from products where there is nothing else."""
        if self._hess is not None:
            return self._hess(x)
        return np.stack([self._hessp(x, unit) for unit in np.eye(len(x))])

    def product(self, x: Vector, v: Vector) -> Any:
        """H v, from the matrix where there is nothing else: one for all the products at x."""
        if self._hessp is not None:
            return self._hessp(x, v)
        if not np.array_equal(x, self._matrix_at):
            self._matrix_at, self._matrix = x, self.hessian(x)
        return self._matrix @ v


def _with(function: Any, args: tuple[Any, ...]) -> Any:
    """The function of x, or of x and v, alone."""
    if function is None or not args:
        return function
    return lambda *x: function(*x, *args)


def operator(given: Any) -> Callable[[Vector], Any] | None:
    """The function that applies a preconditioner, or None where it is an array or a word."""
    if callable(given) and not hasattr(given, "matvec"):
        function: Callable[[Vector], Any] = given
        return function
    if hasattr(given, "matvec"):
        matvec: Callable[[Vector], Any] = given.matvec
        return matvec
    matrix = getattr(given, "ndim", 0) == 2
    return (lambda v: given @ v) if matrix else None


def as_options(options: Any) -> dict[str, Any]:
    """A copy of the options."""
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options: got {options!r}; want a dictionary")
    return dict(options or {})
