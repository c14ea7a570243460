"""Solvers as states: asked for a point, told what was found there, never calling the objective.

    solver = hessopt.LBFGS(x0)
    while not solver.done:
        x = solver.ask()
        solver.tell(*value_and_gradient(x))

A pickle of a solver is a checkpoint that resumes bit for bit.
"""

from __future__ import annotations

import numpy.typing as npt

from . import _core, _validation

Status = _core.Status

_RELATIVE = 1e-6  # of the start's gradient, where no gtol is given


def _limits(gtol: float | None, ftol: float, maxiter: int, maxfun: int | None) -> _core.Limits:
    absolute = 0.0 if gtol is None else _validation.at_least("gtol", gtol, 0)
    return _core.Limits(
        gtol=absolute,
        gtol_rel=_RELATIVE if gtol is None else 0.0,
        ftol=_validation.at_least("ftol", ftol, 0),
        maxiter=_validation.integer("maxiter", maxiter, 1),
        maxfun=2**63 - 1 if maxfun is None else _validation.integer("maxfun", maxfun, 1),
    )


class Newton(_core.Newton):
    """Newton's method by Cholesky, without a learning rate.

    The step solves H d = −g. It is taken in full wherever it descends, else shortened; where H is
    not positive definite to working precision, the smallest sufficient shift of a short ladder is
    added to its diagonal. After `tell` has accepted a point, `needs_hessian` is true and the solver
    wants `tell_hessian` at that point.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite.
    gtol : float, optional
        Stop when max |gᵢ| is at most this. By default 1e-6 times its value at the start.
    ftol : float
        Stop when f falls by at most this fraction in one iteration. 0 switches the test off.
    maxiter : int
        Most iterations.
    maxfun : int, optional
        Most evaluations of f and its gradient. Unlimited by default.

    References
    ----------
    J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., section 3.4.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        gtol: float | None = None,
        ftol: float = 0.0,
        maxiter: int = 1000,
        maxfun: int | None = None,
    ) -> None:
        super().__init__(x0, _limits(gtol, ftol, maxiter, maxfun))


class LBFGS(_core.Lbfgs):
    """Limited-memory BFGS: the two-loop recursion and a strong-Wolfe line search.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite.
    maxcor : int
        Pairs (s, y) kept; memory is ``2 * maxcor * n`` numbers.
    gtol : float, optional
        Stop when max |gᵢ| is at most this. By default 1e-6 times its value at the start.
    ftol : float
        Stop when f falls by at most this fraction in one iteration. 0 switches the test off.
    maxiter : int
        Most iterations.
    maxfun : int, optional
        Most evaluations of f and its gradient. Unlimited by default.

    References
    ----------
    D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", Math.
    Programming 45 (1989); J. J. Moré, D. J. Thuente, ACM TOMS 20 (1994) for the line search.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        maxcor: int = 10,
        gtol: float | None = None,
        ftol: float = 0.0,
        maxiter: int = 15000,
        maxfun: int | None = None,
    ) -> None:
        memory = _validation.integer("maxcor", maxcor, 1)
        super().__init__(x0, memory, _limits(gtol, ftol, maxiter, maxfun))


class GradientDescent(_core.GradientDescent):
    """Gradient descent with a fixed learning rate, the baseline that people know.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite.
    learning_rate : float
        The step is −learning_rate · g.
    gtol : float, optional
        Stop when max |gᵢ| is at most this. By default 1e-6 times its value at the start.
    ftol : float
        Stop when f falls by at most this fraction in one iteration. 0 switches the test off.
    maxiter : int
        Most iterations.
    maxfun : int, optional
        Most evaluations of f and its gradient. Unlimited by default.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        learning_rate: float = 1e-2,
        gtol: float | None = None,
        ftol: float = 0.0,
        maxiter: int = 1000,
        maxfun: int | None = None,
    ) -> None:
        rate = _validation.real("learning_rate", learning_rate, "a finite number > 0")
        super().__init__(x0, rate, _limits(gtol, ftol, maxiter, maxfun))


class Adam(_core.Adam):
    """Adam: steps scaled by running moments of the gradient.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite.
    learning_rate : float
        Roughly the largest change of a parameter in one step.
    beta1, beta2 : float
        Decay of the first and second moment, in [0, 1).
    epsilon : float
        Added to the root of the second moment, > 0.
    gtol : float, optional
        Stop when max |gᵢ| is at most this. By default 1e-6 times its value at the start.
    ftol : float
        Stop when f falls by at most this fraction in one iteration. 0 switches the test off.
    maxiter : int
        Most iterations.
    maxfun : int, optional
        Most evaluations of f and its gradient. Unlimited by default.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        gtol: float | None = None,
        ftol: float = 0.0,
        maxiter: int = 1000,
        maxfun: int | None = None,
    ) -> None:
        first = _validation.real("beta1", beta1, "a number in [0, 1)")
        second = _validation.real("beta2", beta2, "a number in [0, 1)")
        rate = _validation.real("learning_rate", learning_rate, "a finite number > 0")
        small = _validation.real("epsilon", epsilon, "a finite number > 0")
        super().__init__(x0, rate, first, second, small, _limits(gtol, ftol, maxiter, maxfun))


Solver = Newton | LBFGS | GradientDescent | Adam
METHODS: dict[str, type[Solver]] = {
    "newton": Newton,
    "lbfgs": LBFGS,
    "gradient_descent": GradientDescent,
    "adam": Adam,
}
