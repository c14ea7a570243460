"""What the classes of solvers add to the native ones."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .bounds import box
from .stopping import Stopping, of_solver

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


class SolverBase:
    """What the classes of solvers add to the native ones, and say of themselves."""

    #: Second derivatives that it asks for: "hessian", "product", or none.
    curvature: ClassVar[str | None] = None
    #: Attributes that its result has beside those of every solver.
    shown: ClassVar[tuple[str, ...]] = ()
    #: Whether it takes f on trust, and so may be given a noisy one.
    trusting: ClassVar[bool] = False

    if TYPE_CHECKING:
        _is_bounded: bool
        _confine: Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], None]
        active: npt.NDArray[np.int64]
        projected_gradient: npt.NDArray[Any]
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
        self._resume(of_solver(self.limits, stopping))

    def at_end(self) -> dict[str, Any]:
        """What becomes of fields of the result once the run has ended."""
        return {}

    def _stay_within(self, lower: npt.ArrayLike, upper: npt.ArrayLike, n: int) -> None:
        """Before the start: ask for no point outside of these bounds."""
        low, high = box(lower, upper, n)
        if (low > -np.inf).any() or (high < np.inf).any():
            self._confine(low, high)

    @property
    def history(self) -> dict[str, npt.NDArray[np.float64]]:
        """One number an iteration, the start included; empty unless asked for by ``history=True``.

        ``fun``; ``grad``, max |gᵢ|; ``step``, the length of the step; ``nfev``; ``seconds``.
        """
        return dict(zip(("fun", "grad", "step", "nfev", "seconds"), self._history.T, strict=True))


def first_length(initial_step: float | None) -> float:
    """The length of a first step; 0: the solver's choice."""
    want = "a finite number > 0"
    if initial_step is None:
        return 0.0
    length = _validation.real("initial_step", initial_step, want)
    if length <= 0:
        raise _validation.error("initial_step", initial_step, want)
    return length


def preconditioner_of(value: Any, words: tuple[str, ...]) -> tuple[str, npt.NDArray[Any] | None]:
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
