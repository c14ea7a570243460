"""Solvers for f + Σᵢ l1ᵢ |xᵢ|, whose minima have exact zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from .base import SolverBase
from .stopping import Stopping, of_start

if TYPE_CHECKING:
    from typing_extensions import Unpack


class ProximalNewton(SolverBase, _core.ProximalNewton):
    """Newton's method for f(x) + Σᵢ l1ᵢ |xᵢ|, f smooth, on a working set.

    The model gᵀd + dᵀHd / 2 + Σᵢ l1ᵢ |xᵢ + dᵢ| is minimised by coordinate descent, and once signs
    rest by a Cholesky factor of the support. Coordinates are left out that are 0 and not about to
    move: where a Hessian is wanted, `needs` is `Need.HESSIAN` until ``tell_hessian(H)`` with that
    in the coordinates of `working_set` alone. f and g are told without the l1 term; `fun` has it.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept, with H and its factor in float64.
    l1 : float or array_like, shape (n,)
        Strength of the l1 term, >= 0, of all parameters or of each.
    hessian_cost : float
        What a Hessian of all n parameters costs, in evaluations of f with its gradient; of k of
        them it costs (k/n)² of that. One serves until a new one would save more than it costs.
    convex : bool
        f is known to be convex. If not, multiples of I are added to H until it is definite.
    restrict : bool
        Ask for Hessians on a working set. If not, it has all coordinates.
    **stopping
        See `Stopping`, g being what the l1 term leaves of the gradient, its pseudo-gradient;
        `maxiter` is 1000.

    References
    ----------
    J. D. Lee, Y. Sun, M. A. Saunders, "Proximal Newton-type methods for minimizing composite
    functions", SIAM J. Optim. 24 (2014); G.-X. Yuan, C.-H. Ho, C.-J. Lin, "An improved GLMNET for
    L1-regularized logistic regression", JMLR 13 (2012).
    """

    curvature = "hessian"
    shown = ("nhev", "n_nonzero")

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        l1: npt.ArrayLike = 0.0,
        hessian_cost: float = 1.0,
        convex: bool = False,
        restrict: bool = True,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        strengths = _validation.strengths("l1", l1, start.size)
        cost = _validation.at_least("hessian_cost", hessian_cost, 0)
        flags = _validation.flag("convex", convex), _validation.flag("restrict", restrict)
        super().__init__(start, strengths, cost, *flags, *of_start(start, 1000, stopping))

    def renew(self, l1: npt.ArrayLike) -> int:
        """Go on from the best point with another l1 term, also where the run has ended.

        As along a path of strengths: neither f is told again nor, as a rule, a Hessian.

        Parameters
        ----------
        l1 : float or array_like, shape (n,)
            Strength of the l1 term, >= 0, of all parameters or of each.

        Returns
        -------
        int
            `needs`.
        """
        n = len(self.ask())
        return int(self._renew_l1(np.broadcast_to(_validation.strengths("l1", l1, n), n)))


class OWLQN(SolverBase, _core.OwlQn):
    """L-BFGS for f(x) + Σᵢ l1ᵢ |xᵢ|, f smooth: orthant-wise, of gradients alone.

    A step goes along −H p, p the pseudo-gradient, with H restricted to the coordinates that are not
    0 or whose pᵢ is not, and stops at 0 what would change its sign. f and g are told without the l1
    term; `fun` has it.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
    l1 : float or array_like, shape (n,)
        Strength of the l1 term, >= 0, of all parameters or of each.
    maxcor : int
        Steps that H is made of, >= 1.
    **stopping
        See `Stopping`, g being p; `maxiter` is 15000.

    References
    ----------
    G. Andrew, J. Gao, "Scalable training of L1-regularized log-linear models", ICML 2007, whose H
    is that of all coordinates.
    """

    shown = ("n_nonzero",)

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        l1: npt.ArrayLike = 0.0,
        maxcor: int = 10,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        strengths = _validation.strengths("l1", l1, start.size)
        memory = _validation.integer("maxcor", maxcor, 1)
        super().__init__(start, strengths, memory, *of_start(start, 15000, stopping))
