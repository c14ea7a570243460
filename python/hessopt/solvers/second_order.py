"""Newton, with a trust region and by conjugate gradients: curvature that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from .base import SolverBase, first_length, preconditioner_of
from .stopping import Stopping, of_start

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Newton(SolverBase, _core.Newton):
    """Newton's method by Cholesky, without a learning rate.

    The step solves (H + λ I) d = −g. λ is 0 while H is positive definite and f falls as the
    quadratic model says; it grows with every step that is rejected. Where one H serves several
    steps, what it has changed by is learnt from the steps, as in L-BFGS. At a stationary point
    where H may be indefinite, a start above all, H is tested: along negative curvature the run
    goes on. Where a Hessian is wanted, `needs` is `Need.HESSIAN` until `tell_hessian`.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept, with H and its factor in float64.
    hessian_every : int
        Accepted steps that one Hessian serves, while its model of f holds. More than 1 pays where a
        Hessian costs three evaluations or more.
    hessian_cost : float, optional
        What a Hessian costs, in evaluations of f with its gradient. With it given, a Hessian serves
        until a new one would save more evaluations than it costs, whatever their number.
    convex : bool
        f is known to be convex: a stationary point is a minimum and no Hessian is needed to tell.
        A run whose `hessian_cost` is 4 or more then begins without one, as L-BFGS does, until as
        much has been spent.
    lower, upper : float or array_like, shape (n,)
        Bounds of x, which no point asked for is outside of; x0 is moved in. A step is of the
        variables that no bound holds, and where it would leave the box the minimum of the model in
        the box takes its place. Every accepted point then has a Hessian of its own, or every
        `hessian_every`.
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapters 3 and 10; N. Doikov, E. M.
    Chayti, M. Jaggi, "Second-order optimization with lazy Hessians", ICML 2023.
    """

    curvature = "hessian"
    shown = ("nhev", "n_factorizations", "n_reused")

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        hessian_every: int = 1,
        hessian_cost: float | None = None,
        convex: bool = False,
        lower: npt.ArrayLike = -np.inf,
        upper: npt.ArrayLike = np.inf,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        every = _validation.integer("hessian_every", hessian_every, 1)
        cost = 0.0
        if hessian_cost is not None:
            if every > 1:
                raise _validation.error("hessian_cost", hessian_cost, "hessian_every or it")
            cost = max(1.0, _validation.at_least("hessian_cost", hessian_cost, 0))
        known = _validation.flag("convex", convex)
        super().__init__(start, every, cost, known, *of_start(start, 1000, stopping))
        self._stay_within(lower, upper, start.size)


class TrustRegion(SolverBase, _core.TrustRegion):
    """Newton's method in a trust region, whose quadratic model is minimised exactly.

    Directions of negative curvature are used at every step, and stationary points are tested as
    in `Newton`.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept, with H and its factor in float64.
    initial_step : float, optional
        The first radius. By default the length of the first Newton step, or a guess.
    lower, upper : float or array_like, shape (n,)
        Bounds of x; see `Newton`.
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    J. J. Moré, D. C. Sorensen, "Computing a trust region step", SIAM J. Sci. Stat. Comput. 4
    (1983).
    """

    curvature = "hessian"
    shown = ("nhev", "n_factorizations")

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        initial_step: float | None = None,
        lower: npt.ArrayLike = -np.inf,
        upper: npt.ArrayLike = np.inf,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        super().__init__(start, first_length(initial_step), *of_start(start, 1000, stopping))
        self._stay_within(lower, upper, start.size)


class NewtonCG(SolverBase, _core.NewtonCg):
    """Newton's method without the matrix: conjugate gradients in a trust region.

    Between two values it wants products of the Hessian at `ask()` with `operand`: `needs` is
    `Need.PRODUCT` until `tell_product`. Conjugate gradients end when the residual is small against
    the gradient, at the boundary, or along negative curvature (`inner_stop`), and each end leaves a
    step. A stationary start is tested for negative curvature with a few products.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
    initial_step : float, optional
        The first radius. By default the length of the first step.
    preconditioner : array_like of shape (n,), "lbfgs" or "operator", optional
        Approximates the inverse Hessian inside: its positive diagonal; "lbfgs", built from the
        products of the step before; or an operator of the caller's, who is then asked for its
        products (`Need.PRECONDITIONER`).
    lower, upper : float or array_like, shape (n,)
        Bounds of x, which no point asked for is outside of; x0 is moved in. Conjugate gradients go
        from face to face of the box.
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    T. Steihaug, "The conjugate gradient method and trust regions in large scale optimization", SIAM
    J. Numer. Anal. 20 (1983); J. L. Morales, J. Nocedal, "Automatic preconditioning by limited
    memory quasi-Newton updating", SIAM J. Optim. 10 (2000).
    """

    curvature = "product"
    shown = ("nhev",)

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        initial_step: float | None = None,
        preconditioner: npt.ArrayLike | str | None = None,
        lower: npt.ArrayLike = -np.inf,
        upper: npt.ArrayLike = np.inf,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        kind, diagonal = preconditioner_of(preconditioner, ("lbfgs", "operator"))
        super().__init__(
            start,
            first_length(initial_step),
            diagonal,
            "pairs" if kind == "lbfgs" else kind,
            *of_start(start, 1000, stopping),
        )
        self._stay_within(lower, upper, start.size)
