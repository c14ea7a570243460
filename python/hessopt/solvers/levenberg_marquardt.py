"""Nonlinear least squares as a state: residuals and Jacobians that are told."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .bounds import box
from .stopping import UNLIMITED


class LevenbergMarquardt(_core.LevenbergMarquardt):
    """The minimum of ½ Σᵢ rᵢ(x)², told r and its Jacobian, within bounds.

    Steps are Levenberg and Marquardt's, in Moré's radius, by QR of the Jacobian: of rᵀr no digit
    is lost. Variables are measured by the largest norm that each column of the Jacobian has had.
    `least_squares` and `curve_fit` run it on a function.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; moved into the bounds.
    lower, upper : float or array_like, shape (n,)
        Bounds, which no point asked for is outside of. Where both are equal x stays.
    x_scale : array_like, shape (n,), optional
        Sizes > 0 of the variables; by default those of the Jacobian tell.
    acceleration : bool
        Ask for r once more a step, and follow what it bends by: pays where a Jacobian costs several
        residuals. Not with a loss.
    jac_error : float
        Of the Jacobian, relative to each column, as of differences. A parameter whose column
        follows from others to that digit stands still.
    gtol : float
        Stop when the cosine of r with every column of the Jacobian that may move is at most this.
    xtol : float
        Stop when a step is at most this fraction of x in length, in these measures.
    ftol : float
        Stop when f falls by at most this fraction in a step. 0, the default: never.
    max_nfev : int
        Most evaluations of r. Unlimited by default.

    References
    ----------
    J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", Numerical Analysis,
    1978; M. K. Transtrum, J. P. Sethna, "Improvements to the Levenberg-Marquardt algorithm for
    nonlinear least-squares minimization", 2012.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> solver = hessopt.LevenbergMarquardt([-1.2, 1.0])
    >>> while solver.needs:
    ...     x = solver.ask()
    ...     if solver.needs == solver.RESIDUALS:
    ...         need = solver.tell([10 * (x[1] - x[0] ** 2), 1 - x[0]])
    ...     else:
    ...         need = solver.tell_jacobian([[-20 * x[0], 10], [-1, 0]])
    >>> solver.x.round(12)
    array([1., 1.])
    """

    RESIDUALS: ClassVar[int] = 1  #: of `needs`: ``tell(r)``
    JACOBIAN: ClassVar[int] = 2  #: of `needs`: ``tell_jacobian(J)``

    def __init__(
        self,
        x0: npt.ArrayLike,
        lower: npt.ArrayLike = -np.inf,
        upper: npt.ArrayLike = np.inf,
        *,
        x_scale: npt.ArrayLike | None = None,
        acceleration: bool = False,
        jac_error: float = 1e-13,
        gtol: float = 1e-13,
        xtol: float = 1e-15,
        ftol: float = 0.0,
        max_nfev: int | None = None,
    ) -> None:
        start = _validation.finite("x0", _validation.array("x0", x0, 1)).astype(np.float64)
        n = len(start)
        if n == 0:
            raise _validation.error("x0", "length 0", "at least one parameter")
        low, high = box(lower, upper, n)
        scale = None
        if x_scale is not None:
            scale = np.broadcast_to(_validation.array("x_scale", x_scale), (n,)).astype(np.float64)
            if not ((scale > 0) & np.isfinite(scale)).all():
                raise _validation.error("x_scale", "a number that is not", "finite numbers > 0")
        super().__init__(
            start,
            low,
            high,
            scale,
            _validation.flag("acceleration", acceleration),
            _validation.at_least("jac_error", jac_error, 0),
            _validation.at_least("gtol", gtol, 0),
            _validation.at_least("xtol", xtol, 0),
            _validation.at_least("ftol", ftol, 0),
            UNLIMITED if max_nfev is None else _validation.integer("max_nfev", max_nfev, 1),
        )
