"""Solvers as states: asked for a point, told what was found there, never calling the objective.

    solver = hessopt.LBFGS(x0)
    while not solver.done:
        x = solver.ask()
        solver.tell(*value_and_gradient(x))

A pickle of a solver is a checkpoint that resumes bit for bit. A float32 start is kept in float32,
with every inner product in float64.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _arrays, _core, _stopping, _validation
from ._stopping import Stopping

if TYPE_CHECKING:
    from typing_extensions import Unpack

Status = _core.Status
InnerStop = _core.InnerStop


class Need(enum.IntEnum):
    """What a solver waits for, at the point `ask()`."""

    NOTHING = 0  #: the run has ended
    VALUE = 1  #: ``tell(f, g)``
    HESSIAN = 2  #: ``tell_hessian(H)``
    PRODUCT = 3  #: ``tell_product(H @ operand)``
    PRECONDITIONER = 4  #: ``tell_product(M @ operand)``, M approximating the inverse Hessian


class _Solver:
    """What the classes of solvers add to the native ones."""

    if TYPE_CHECKING:
        limits: _core.Limits
        _history: npt.NDArray[np.float64]
        _resume: Callable[[_core.Limits], None]

    def resume(self, **stopping: Unpack[Stopping]) -> None:
        """Go on after a limit, CALLBACK, or a tolerance that is tighter now, bit for bit.

        Limits are MAX_ITERATIONS, MAX_EVALUATIONS and MAX_TIME; tolerances GRADIENT, DECREASE and
        STEP.

        Parameters
        ----------
        **stopping
            New limits, as in `Stopping`; those not given stay.

        Raises
        ------
        ValueError
            If the run ended for another reason.
        """
        self._resume(_stopping.of_solver(self.limits, stopping))

    @property
    def history(self) -> dict[str, npt.NDArray[np.float64]]:
        """One number an iteration, the start included; empty unless asked for by ``history=True``.

        ``fun``; ``grad``, max |gᵢ|; ``step``, the length of the step; ``nfev``; ``seconds``.
        """
        return dict(zip(("fun", "grad", "step", "nfev", "seconds"), self._history.T, strict=True))


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


class _QuasiNewton(_Solver):
    if TYPE_CHECKING:
        apply_inverse: Callable[[npt.ArrayLike], npt.NDArray[Any]]
        x: npt.NDArray[Any]

    @property
    def hess_inv(self) -> InverseHessian:
        """The approximation of the inverse Hessian, as a linear operator."""
        return InverseHessian(self)  # type: ignore[arg-type]


def _length(initial_step: float | None) -> float:
    """The length of a first step; 0: the solver's choice."""
    want = "a finite number > 0"
    if initial_step is None:
        return 0.0
    length = _validation.real("initial_step", initial_step, want)
    if length <= 0:
        raise _validation.error("initial_step", initial_step, want)
    return length


def _wolfe(c1: float, c2: float, maxls: int) -> tuple[float, float, int]:
    return (
        _validation.real("c1", c1, "a number in (0, 1)"),
        _validation.real("c2", c2, "a number in (0, 1)"),
        _validation.integer("maxls", maxls, 1),
    )


def _pairs(x0: npt.NDArray[Any]) -> int:
    """The memory of L-BFGS where none is asked for."""
    return 20 if x0.size <= 1000 else 10


def _preconditioner(value: Any, words: tuple[str, ...]) -> tuple[str, npt.NDArray[Any] | None]:
    """The kind of a preconditioner, and its diagonal if it has one."""
    if value is None:
        return "none", None
    if isinstance(value, str):
        if value not in words:
            raise _validation.error(
                "preconditioner", repr(value), f"None, a diagonal, or one of {list(words)}"
            )
        return value, None
    diagonal = _validation.finite("preconditioner", _validation.array("preconditioner", value, 1))
    if not (diagonal > 0).all():
        raise _validation.error("preconditioner", "a number <= 0", "a positive diagonal")
    return "diagonal", diagonal


class LBFGS(_QuasiNewton, _core.Lbfgs):
    """Limited-memory BFGS: a strong-Wolfe line search along the two-loop recursion.

    Where vectors spill from the cache the recursion runs on inner products, which reads the history
    twice a step and no more.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
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
        kind, diagonal = _preconditioner(preconditioner, ("operator",))
        if history_dtype not in ("float64", "float32"):
            raise _validation.error("history_dtype", repr(history_dtype), '"float64" or "float32"')
        super().__init__(
            start,
            _pairs(start) if maxcor is None else _validation.integer("maxcor", maxcor, 1),
            _length(initial_step),
            diagonal,
            kind == "operator",
            history_dtype == "float32",
            *_wolfe(c1, c2, maxls),
            *_stopping.of_start(start, 15000, stopping),
        )


class BFGS(_QuasiNewton, _core.Bfgs):
    """BFGS with the inverse Hessian as a matrix: O(n²) memory and work a step.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
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
            _length(initial_step),
            hess_inv0,
            *_wolfe(c1, c2, maxls),
            *_stopping.of_start(start, 15000, stopping),
        )


class Newton(_Solver, _core.Newton):
    """Newton's method by Cholesky, without a learning rate.

    The step solves (H + λ I) d = −g. λ is 0 while H is positive definite and f falls as the
    quadratic model says; it grows with every step that is turned down. Where one H serves several
    steps, what it has changed by is learnt from the steps, as in L-BFGS. At a stationary point
    where H may be indefinite, a start above all, H is looked at: along negative curvature the run
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
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapters 3 and 10; N. Doikov, E. M.
    Chayti, M. Jaggi, "Second-order optimization with lazy Hessians", ICML 2023.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        hessian_every: int = 1,
        hessian_cost: float | None = None,
        convex: bool = False,
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
        super().__init__(start, every, cost, known, *_stopping.of_start(start, 1000, stopping))


class TrustRegion(_Solver, _core.TrustRegion):
    """Newton's method in a trust region, whose quadratic model is minimised exactly.

    Directions of negative curvature are used at every step, and stationary points are looked at as
    in `Newton`.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept, with H and its factor in float64.
    initial_step : float, optional
        The first radius. By default the length of the first Newton step, or a guess.
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    J. J. Moré, D. C. Sorensen, "Computing a trust region step", SIAM J. Sci. Stat. Comput. 4
    (1983).
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        initial_step: float | None = None,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        super().__init__(start, _length(initial_step), *_stopping.of_start(start, 1000, stopping))


class NewtonCG(_Solver, _core.NewtonCg):
    """Newton's method without the matrix: conjugate gradients in a trust region.

    Between two values it wants products of the Hessian at `ask()` with `operand`: `needs` is
    `Need.PRODUCT` until `tell_product`. Conjugate gradients end when the residual is small against
    the gradient, at the boundary, or along negative curvature (`inner_stop`), and each end leaves a
    step. A stationary start is looked at for negative curvature with a few products.

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
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    T. Steihaug, "The conjugate gradient method and trust regions in large scale optimization", SIAM
    J. Numer. Anal. 20 (1983); J. L. Morales, J. Nocedal, "Automatic preconditioning by limited
    memory quasi-Newton updating", SIAM J. Optim. 10 (2000).
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        initial_step: float | None = None,
        preconditioner: npt.ArrayLike | str | None = None,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        kind, diagonal = _preconditioner(preconditioner, ("lbfgs", "operator"))
        super().__init__(
            start,
            _length(initial_step),
            diagonal,
            "pairs" if kind == "lbfgs" else kind,
            *_stopping.of_start(start, 1000, stopping),
        )


class GradientDescent(_Solver, _core.GradientDescent):
    """Gradient descent with a fixed learning rate and momentum, the baseline that people know.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
    learning_rate : float
        The step is −learning_rate · v, with v ← momentum · v + g.
    momentum : float
        In [0, 1).
    **stopping
        See `Stopping`; `maxiter` is 1000.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        learning_rate: float = 1e-2,
        momentum: float = 0.0,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        super().__init__(
            start,
            _validation.real("learning_rate", learning_rate, "a finite number > 0"),
            _validation.real("momentum", momentum, "a number in [0, 1)"),
            *_stopping.of_start(start, 1000, stopping),
        )


class Adam(_Solver, _core.Adam):
    """Adam: steps scaled by running moments of the gradient.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
    learning_rate : float
        Roughly the largest change of a parameter in one step.
    beta1, beta2 : float
        Decay of the first and second moment, in [0, 1).
    epsilon : float
        Added to the root of the second moment, > 0.
    weight_decay : float
        AdamW: each step first shrinks x by the factor 1 − learning_rate · weight_decay.
    amsgrad : bool
        AMSGrad: the largest second moment so far in place of the present one.
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; I. Loshchilov,
    F. Hutter, "Decoupled weight decay regularization", ICLR 2019; S. J. Reddi, S. Kale, S. Kumar,
    "On the convergence of Adam and beyond", ICLR 2018.
    """

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        super().__init__(
            start,
            _validation.real("learning_rate", learning_rate, "a finite number > 0"),
            _validation.real("beta1", beta1, "a number in [0, 1)"),
            _validation.real("beta2", beta2, "a number in [0, 1)"),
            _validation.real("epsilon", epsilon, "a finite number > 0"),
            _validation.at_least("weight_decay", weight_decay, 0),
            _validation.flag("amsgrad", amsgrad),
            *_stopping.of_start(start, 1000, stopping),
        )


Solver = Newton | TrustRegion | NewtonCG | LBFGS | BFGS | GradientDescent | Adam
METHODS: dict[str, type[Solver]] = {
    "newton": Newton,
    "trust_region": TrustRegion,
    "newton_cg": NewtonCG,
    "lbfgs": LBFGS,
    "bfgs": BFGS,
    "gradient_descent": GradientDescent,
    "adam": Adam,
}
#: Those that take f on trust, and so may be given a noisy one.
FIXED_RATE = (GradientDescent, Adam)
