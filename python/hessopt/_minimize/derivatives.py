"""Derivatives against central differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation
from .evaluator import Evaluator

_STEP = np.finfo(np.float64).eps ** (1 / 3)


@dataclass(frozen=True)
class DerivativeCheck:
    """What `check_derivatives` found.

    Attributes
    ----------
    ok : bool
        Whether every component agrees.
    what : str
        "gradient" or "Hessian".
    worst : tuple of int
        Index of the component that disagrees most for its uncertainty.
    given, differences : float
        That component as given, and by central differences.
    error : float
        Their distance, relative to the largest component.
    """

    ok: bool
    what: str
    worst: tuple[int, ...]
    given: float
    differences: float
    error: float

    def __bool__(self) -> bool:
        """`ok`."""
        return self.ok

    def __str__(self) -> str:
        place = ", ".join(map(str, self.worst))
        verdict = "agrees with" if self.ok else "is not that of f by"
        return (
            f"the {self.what} {verdict} central differences: worst in component [{place}], "
            f"given {self.given:.10g}, differences {self.differences:.10g}, "
            f"relative error {self.error:.2g}"
        )


def _slopes(
    value: Callable[[npt.NDArray[np.float64]], Any], x: npt.NDArray[np.float64], j: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Derivative of a scalar or vector along x_j, and how far two step lengths disagree."""
    scale = max(abs(x[j]), np.abs(x).max() or 1.0, 1e-300)
    both = []
    for step in (_STEP * scale, 4 * _STEP * scale):
        left, right = x.copy(), x.copy()
        left[j] -= step
        right[j] += step
        width = right[j] - left[j]  # as it was rounded
        both.append((np.asarray(value(right)) - np.asarray(value(left))) / width)
    return both[0], np.abs(both[1] - both[0])


def _compare(
    what: str,
    given: npt.NDArray[Any],
    value: Callable[..., Any],
    x: npt.NDArray[np.float64],
    tolerance: float,
) -> DerivativeCheck:
    columns = [_slopes(value, x, j) for j in range(len(x))]
    found = np.stack([c[0] for c in columns], axis=-1)
    doubt = np.stack([c[1] for c in columns], axis=-1)
    both = np.abs([given, found])
    size = both[np.isfinite(both)].max(initial=np.finfo(np.float64).tiny)
    distance = np.abs(given - found)
    # Differences are only as good as their two step lengths agree.
    excess = np.where(np.isfinite(distance), distance / (tolerance * size + doubt), np.inf)
    worst = np.unravel_index(int(np.argmax(excess)), excess.shape)
    return DerivativeCheck(
        ok=bool(excess[worst] <= 1),
        what=what,
        worst=tuple(int(i) for i in worst),
        given=float(given[worst]),
        differences=float(found[worst]),
        error=float(distance[worst] / size),
    )


def check_derivatives(
    fun: Any,
    x: npt.ArrayLike,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    *,
    tolerance: float = 1e-5,
) -> DerivativeCheck:
    """Hold the gradient, and the Hessian where there is one, against central differences.

    Costs 4 n evaluations.

    Parameters
    ----------
    fun, jac, hess, hessp
        As in `minimize`; by default `fun` is an objective, or returns ``(f, gradient)``.
    x : array_like, shape (n,)
        The point; best a point without symmetries, for at a minimum all gradients vanish.
    tolerance : float
        Relative to the largest component. What the differences themselves are unsure of is added.

    Returns
    -------
    DerivativeCheck
        True if all agrees; as a string it names the worst component: of the gradient if that is
        wrong, else of the Hessian if that can be tested.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> def wrong(x):
    ...     return float(x @ x), np.array([2 * x[0], 3 * x[1]])
    >>> print(hessopt.check_derivatives(wrong, [1.0, 2.0]))  # doctest: +ELLIPSIS
    the gradient is not that of f by central differences: worst in component [1], given 6, ...
    """
    if jac is None and not hasattr(fun, "value_and_gradient"):
        jac = True
    evaluator = Evaluator(fun, jac, hess, hessp)
    n = evaluator.n_parameters
    point = _validation.array("x", x, 1)
    point = _validation.doubles("x", point, len(point) if n is None else n)
    if len(point) == 0:
        raise _validation.error("x", "length 0", "at least one parameter")
    _validation.at_least("tolerance", tolerance, 0)

    def gradient(at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        g = _arrays.real("g", evaluator.value_and_gradient(at)[1]).astype(np.float64)
        if g.shape != at.shape:
            raise _validation.error("gradient", f"shape {g.shape}", f"shape {at.shape}")
        return g

    def value(at: npt.NDArray[np.float64]) -> Any:
        return np.float64(evaluator.value_and_gradient(at)[0])

    check = _compare("gradient", gradient(point), value, point, tolerance)
    if not check.ok or not evaluator.has_hessian:
        return check
    h = _arrays.real("hess", evaluator.hessian(point)).astype(np.float64)
    if h.shape != (len(point), len(point)):
        raise _validation.error("hess", f"shape {h.shape}", f"shape {(len(point),) * 2}")
    return _compare("Hessian", h, gradient, point, tolerance)
