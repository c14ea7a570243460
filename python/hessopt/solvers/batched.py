"""Many small problems as one state: asked for the points of those that run, told what was found."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation

_Doubles = npt.NDArray[np.float64]


class BatchNewton(_core.BatchNewton):
    """Newton's method on many small problems, told f, g and H of those that run.

    Where H has no factor, or f does not fall as foreseen, a multiple of the identity is added.

    Parameters
    ----------
    X0 : array_like, shape (B, n)
        A start for each problem, finite; moved into the bounds.
    bounds : array_like, shape (n, 2) or (B, n, 2), or scipy.optimize.Bounds, optional
        Lowest and highest value of each variable, for all problems or of each; None and infinities
        are none. No point asked for is outside.
    gtol : float
        A problem ends when max |gᵢ|, of what no bound holds, is at most this fraction of what it
        was at its own start. 0: only where rounding hides what a step changes.
    maxiter : int
        Most iterations of each.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> a = np.array([1.0, 4.0, 9.0])  # the roots of a, by minima of x³/3 - a x
    >>> state = hessopt.BatchNewton(np.ones((3, 1)))
    >>> while not state.done:
    ...     x, c = state.ask(), a[state.index, None]
    ...     state.tell((x**3 / 3 - c * x)[:, 0], x**2 - c, 2 * x[:, :, None])
    >>> state.x[:, 0].round(8)
    array([1., 2., 3.])
    """

    def __init__(
        self, X0: npt.ArrayLike, bounds: Any = None, *, gtol: float = 1e-8, maxiter: int = 1000
    ) -> None:
        super().__init__(*_arguments(X0, bounds, gtol, maxiter))


class BatchBFGS(_core.BatchQuasiNewton):
    """BFGS on many small problems, told f and g of those that run.

    The inverse Hessian of each is kept as a matrix. The parameters are those of `BatchNewton`.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> a = np.array([1.0, 2.0, 3.0])
    >>> state = hessopt.BatchBFGS(np.zeros((3, 1)))
    >>> while not state.done:
    ...     x, c = state.ask(), a[state.index, None]
    ...     state.tell((np.exp(x) - c * x)[:, 0], np.exp(x) - c)
    >>> np.exp(state.x[:, 0]).round(6)
    array([1., 2., 3.])
    """

    def __init__(
        self, X0: npt.ArrayLike, bounds: Any = None, *, gtol: float = 1e-8, maxiter: int = 1000
    ) -> None:
        super().__init__(*_arguments(X0, bounds, gtol, maxiter), 0)


class BatchLBFGS(_core.BatchQuasiNewton):
    """The same by the last `memory` pairs of steps and changes of the gradient: for larger n.

    Parameters
    ----------
    X0, bounds, gtol, maxiter
        As those of `BatchNewton`.
    memory : int
        Pairs, >= 1.
    """

    def __init__(
        self,
        X0: npt.ArrayLike,
        bounds: Any = None,
        *,
        gtol: float = 1e-8,
        maxiter: int = 1000,
        memory: int = 10,
    ) -> None:
        pairs = _validation.integer("memory", memory, 1)
        super().__init__(*_arguments(X0, bounds, gtol, maxiter), pairs)


class BatchLevenbergMarquardt(_core.BatchLevenbergMarquardt):
    """Levenberg and Marquardt's method on many small sums ½ Σᵢ rᵢ(x)², told r and its Jacobian.

    Steps are solved by JᵀJ, damped in units of its largest diagonals so far; where that has lost
    half of its digits, by QR of J.

    Parameters
    ----------
    X0, bounds, maxiter
        As those of `BatchNewton`.
    gtol : float
        A problem ends when the cosine of r with every column of the Jacobian that may move is at
        most this.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> t = np.linspace(0, 4, 9)
    >>> y = np.array([[3.0], [2.0]]) * np.exp(np.array([[-0.7], [-0.2]]) * t)
    >>> state = hessopt.BatchLevenbergMarquardt(np.ones((2, 2)))
    >>> while not state.done:
    ...     a, k = state.ask().T[:, :, None]
    ...     e = np.exp(-k * t)
    ...     state.tell(a * e - y[state.index], np.stack([e, -a * t * e], axis=-1))
    >>> state.x.round(8)
    array([[3. , 0.7],
           [2. , 0.2]])
    """

    def __init__(
        self, X0: npt.ArrayLike, bounds: Any = None, *, gtol: float = 1e-8, maxiter: int = 1000
    ) -> None:
        super().__init__(*_arguments(X0, bounds, gtol, maxiter))


BatchSolver = BatchNewton | BatchBFGS | BatchLBFGS | BatchLevenbergMarquardt


def _arguments(
    X0: npt.ArrayLike, bounds: Any, gtol: float, maxiter: int
) -> tuple[_Doubles, _Doubles | None, _Doubles | None, float, int]:
    start = starts(X0)
    return (
        start,
        *pairs(bounds, *start.shape),
        _validation.at_least("gtol", gtol, 0),
        _validation.integer("maxiter", maxiter),
    )


def starts(X0: npt.ArrayLike) -> _Doubles:
    """A start in each row; there may be none."""
    X = _validation.array("X0", X0)
    if X.ndim != 2:
        want = "shape (B, n): X0[None] for one problem, X0[:, None] for one variable"
        raise _validation.error("X0", f"shape {X.shape}", want if X.ndim == 1 else "shape (B, n)")
    if X.shape[1] == 0:
        raise _validation.error("X0", f"shape {X.shape}", "at least one variable")
    X = X.astype(np.float64)
    if not np.isfinite(X).all():
        p = int(np.flatnonzero(~np.isfinite(X).all(axis=1))[0])
        raise _validation.error("X0", f"NaN or inf in row {p}", "finite numbers")
    return X


def pairs(bounds: Any, n_problems: int, n: int) -> tuple[_Doubles | None, _Doubles | None]:
    """Lower and upper bounds, a row for each problem or one for all; None: there are none."""
    if bounds is None:
        return None, None
    shapes = f"pairs of shape ({n}, 2) or ({n_problems}, {n}, 2)"
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        ends = [_validation.array("bounds", end) for end in (bounds.lb, bounds.ub)]
        try:
            low, high = (
                np.broadcast_to(e, (1, n) if e.ndim < 2 else (n_problems, n)) for e in ends
            )
        except ValueError:
            raise _validation.error(
                "bounds", f"ends of shapes {ends[0].shape}, {ends[1].shape}", shapes
            ) from None
    else:
        both = _validation.array("bounds", _without_none(bounds))
        if both.shape not in ((n, 2), (n_problems, n, 2)):
            raise _validation.error("bounds", f"shape {both.shape}", shapes)
        low, high = (np.atleast_2d(both[..., k]) for k in (0, 1))
    low, high = (
        np.broadcast_to(end, np.broadcast_shapes(low.shape, high.shape)).astype(
            np.float64, order="C"
        )
        for end in (low, high)
    )
    if np.isnan(low).any() or np.isnan(high).any():
        raise _validation.error("bounds", "NaN", "numbers, or -inf and inf")
    if (low > high).any():
        p, i = (int(k) for k in np.argwhere(low > high)[0])
        got = f"[{low[p, i]:g}, {high[p, i]:g}] of variable {i}"
        raise _validation.error("bounds", got, "lowest <= highest")
    return low, high


def _without_none(bounds: Any) -> Any:
    """Pairs in which None stands for what is not bounded, as SciPy's may have them."""
    if isinstance(bounds, np.ndarray) and bounds.dtype.kind != "O":
        return bounds
    try:
        loose = np.array(bounds, dtype=object)
    except ValueError:
        return bounds
    if loose.ndim < 2 or loose.shape[-1] != 2:
        return bounds
    missing = np.reshape([end is None for end in loose.flat], loose.shape)
    if not missing.any():
        return bounds
    infinite = np.broadcast_to([-np.inf, np.inf], loose.shape)
    return np.where(missing, infinite, loose).astype(np.float64)
