"""L-BFGS and BFGS: curvature learnt from the steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from .base import SolverBase, first_length, preconditioner_of
from .stopping import Stopping, of_start

if TYPE_CHECKING:
    from typing_extensions import Unpack


class InverseHessian:
    """The approximation of the inverse Hessian of a quasi-Newton solver, as a linear operator.

    It reads the solver's state, and changes when the solver goes on. NumPy takes it for a matrix,
    which is made at every such use.

    Attributes
    ----------
    shape : tuple
        (n, n).
    dtype : dtype
        That of the parameters.
    """

    def __init__(self, solver: LBFGS | BFGS) -> None:
        self._solver = solver
        x = solver.x
        self.shape = (len(x), len(x))
        self.dtype = x.dtype

    def matvec(self, v: npt.ArrayLike) -> npt.NDArray[Any]:
        """H v for v of shape (n,), or a column as SciPy hands it over."""
        array = _arrays.real("v", v)
        return self._solver.apply_inverse(array.ravel()).reshape(array.shape)

    rmatvec = matvec  # it is symmetric

    def __matmul__(self, v: npt.ArrayLike) -> npt.NDArray[Any]:
        """H v for v of shape (n,) or (n, k)."""
        array = _arrays.real("v", v)
        if array.ndim == 2:
            return np.stack([self.matvec(column) for column in array.T], axis=1)
        return self.matvec(array)

    dot = __call__ = __matmul__

    @property
    def T(self) -> InverseHessian:
        """Itself."""
        return self

    def todense(self) -> npt.NDArray[Any]:
        """The matrix, shape (n, n)."""
        if isinstance(self._solver, BFGS):
            return self._solver._inverse_matrix
        return self @ np.eye(self.shape[0], dtype=self.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return self.todense().astype(dtype or self.dtype, copy=False)

    def __getitem__(self, key: Any) -> Any:
        return self.todense()[key]

    def __repr__(self) -> str:
        return f"InverseHessian(shape={self.shape})"


class _QuasiNewton(SolverBase):
    shown = ("n_skipped", "hess_inv")

    if TYPE_CHECKING:
        apply_inverse: Callable[[npt.ArrayLike], npt.NDArray[Any]]
        x: npt.NDArray[Any]

    @property
    def hess_inv(self) -> InverseHessian:
        """The approximation of the inverse Hessian, as a linear operator."""
        return InverseHessian(self)  # type: ignore[arg-type]


def _wolfe(c1: float, c2: float, maxls: int) -> tuple[float, float, int]:
    return (
        _validation.real("c1", c1, "a number in (0, 1)"),
        _validation.real("c2", c2, "a number in (0, 1)"),
        _validation.integer("maxls", maxls, 1),
    )


def _pairs(x0: npt.NDArray[Any]) -> int:
    """The memory of L-BFGS where none is asked for."""
    return 20 if x0.size <= 1000 else 10


class LBFGS(_QuasiNewton, _core.Lbfgs):
    """Limited-memory BFGS: a strong-Wolfe line search along the two-loop recursion.

    Where vectors spill from the cache the recursion runs on inner products, which reads the history
    twice a step and no more.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept. Moved into the bounds.
    lower, upper : float or array_like, shape (n,)
        Bounds, which no point asked for is outside of. Where both are equal x stays.
    maxcor : int, optional
        Pairs (s, y) kept; memory is ``2 * (maxcor + 1) * n`` numbers. By default 20 up to 1000
        parameters, where a pair costs next to nothing, else 10.
    initial_step : float, optional
        Length of the first step. By default that of x0, or what brings the linear model of f to 0,
        whichever is shorter.
    preconditioner : array_like of shape (n,), or "operator", optional
        The first inverse Hessian of the recursion: a positive diagonal; or an operator of the
        caller's, who is then asked for its products (`needs` is `Need.PRECONDITIONER`). By default
        s'y / y'y of the newest pair times the identity.
    history_dtype : {"float64", "float32"}
        Of the pairs. "float32" halves the memory; inner products are in float64 all the same.
    c1, c2 : float
        Of the Wolfe conditions, 0 < c1 < c2 < 1: the part of the first slope that f has to fall by,
        and that may be left of it.
    maxls : int
        Most evaluations in one line search.
    **stopping
        See `Stopping`; `maxiter` is 15000.

    References
    ----------
    D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", Math.
    Programming 45 (1989); J. J. Moré, D. J. Thuente, ACM TOMS 20 (1994) for the line search;
    W. Chen, Z. Wang, J. Zhou, NIPS 2014 for the inner products.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        lower: npt.ArrayLike = -np.inf,
        upper: npt.ArrayLike = np.inf,
        maxcor: int | None = None,
        initial_step: float | None = None,
        preconditioner: npt.ArrayLike | str | None = None,
        history_dtype: str = "float64",
        c1: float = 1e-4,
        c2: float = 0.9,
        maxls: int = 20,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        kind, diagonal = preconditioner_of(preconditioner, ("operator",))
        if history_dtype not in ("float64", "float32"):
            raise _validation.error("history_dtype", repr(history_dtype), '"float64" or "float32"')
        super().__init__(
            start,
            _pairs(start) if maxcor is None else _validation.integer("maxcor", maxcor, 1),
            first_length(initial_step),
            diagonal,
            kind == "operator",
            history_dtype == "float32",
            *_wolfe(c1, c2, maxls),
            *of_start(start, 15000, stopping),
        )
        self._stay_within(lower, upper, len(start))


class BFGS(_QuasiNewton, _core.Bfgs):
    """BFGS with the inverse Hessian as a matrix: O(n²) memory and work a step.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept. Moved into the bounds.
    lower, upper : float or array_like, shape (n,)
        Bounds; see `LBFGS`.
    initial_step : float, optional
        Length of the first step; see `LBFGS`.
    hess_inv0 : array_like, shape (n, n), optional
        The first inverse Hessian, symmetric and positive definite. By default s'y / y'y of the
        first step times the identity.
    c1, c2, maxls
        Of the line search; see `LBFGS`.
    **stopping
        See `Stopping`; `maxiter` is 15000.

    References
    ----------
    J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapter 6.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        lower: npt.ArrayLike = -np.inf,
        upper: npt.ArrayLike = np.inf,
        initial_step: float | None = None,
        hess_inv0: npt.ArrayLike | None = None,
        c1: float = 1e-4,
        c2: float = 0.9,
        maxls: int = 20,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        super().__init__(
            start,
            first_length(initial_step),
            hess_inv0,
            *_wolfe(c1, c2, maxls),
            *of_start(start, 15000, stopping),
        )
        self._stay_within(lower, upper, len(start))

    def at_end(self) -> dict[str, Any]:
        """The matrix itself, which does not change when the solver goes on."""
        return {"hess_inv": self._inverse_matrix}
