"""The smallest l1 term that leaves nothing but zeros."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._minimize import minimize

Doubles = npt.NDArray[np.float64]
_ROUNDING = 1e-12  # of the strength: what a fit of the rest is unsure of


def l1_max(model: Any) -> float | Doubles:
    """The smallest l1 at which every coefficient under it is 0.

    Parameters
    ----------
    model : objective
        A model of `hessopt.objectives`. Where its `l1` has a number for each coefficient, these say
        how the strengths are to each other, and coefficients with 0 are free; else all have the
        same.

    Returns
    -------
    float, or ndarray, shape (p,)
        max |gⱼ| / patternⱼ, g the gradient of f without the l1 term where all that is free is at
        its minimum and the rest 0; times the pattern where the model has one. As `l1` of the model
        it leaves zeros only, and the path of solutions begins there.

    Raises
    ------
    TypeError
        On objectives without an `l1` of their own.
    RuntimeError
        Where the free parameters have no minimum.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Squared([[-1.0], [0.0], [1.0]], [0.0, 0.0, 3.0])
    >>> round(hessopt.l1_max(f), 9)
    1.0
    >>> hessopt.minimize(f.with_l1(0.4), [0.0, 0.0]).x.round(9)  # (1 - .4) / (2 / 3), and the mean
    array([0.9, 1. ])
    """
    pattern, is_given = pattern_of(model)
    factor = Null(model, pattern).factor
    return factor * pattern if is_given else factor


def pattern_of(model: Any) -> tuple[Doubles, bool]:
    """How the strengths of the coefficients are to each other, and whether the model says so."""
    if not hasattr(model, "with_l1"):
        want = "a model of hessopt.objectives that takes an l1"
        raise TypeError(f"model: got {type(model).__name__}; want {want}")
    own = np.asarray(model.l1)
    is_given = bool(own.any() and (own != own[0]).any())
    return (own if is_given else np.ones(len(own))), is_given


class Null:
    """The fit with nothing but what is free.

    Attributes
    ----------
    x : ndarray, shape (n_parameters,)
    gradient : ndarray, shape (n_parameters,)
        Of f without the l1 term there.
    strengths : ndarray, shape (n_parameters,)
        The pattern, of every parameter.
    factor : float
        Of the pattern, from which on nothing else is the minimum.
    """

    def __init__(self, model: Any, pattern: Doubles) -> None:
        start = getattr(model, "start", None)
        x0 = start() if callable(start) else np.zeros(model.n_parameters)
        self.strengths = model.with_l1(pattern).l1_of_parameters
        held = self.strengths > 0
        size = max(self._factor(model, x0), 1e-300)
        while True:
            size *= 1e3
            # To the last digit there is: the gradient of the rest is to be that at a minimum.
            fit = minimize(model.with_l1(size * pattern), x0, options={"gtol_rel": 1e-14})
            if not fit.success:
                raise RuntimeError(f"model: got no fit of its free parameters: {fit.message}")
            if not fit.x[held].any():
                break
        self.x, self.gradient = fit.x, fit.jac
        self.factor = (1 + _ROUNDING) * self._factor(model, fit.x)

    def _factor(self, model: Any, x: Doubles) -> float:
        held = self.strengths > 0
        if not held.any():
            raise _validation.error("model", "an l1 of 0 for every coefficient", "one > 0")
        gradient = model.value_and_gradient(x)[1]
        return float(np.max(np.abs(gradient[held]) / self.strengths[held]))
