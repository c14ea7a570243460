"""When a run ends: keyword arguments that every solver takes."""

from __future__ import annotations

import math
from typing import Any, TypedDict

import numpy.typing as npt

from .. import _core, _validation


class Stopping(TypedDict, total=False):
    """When a run ends. Keyword arguments of every solver.

    Without `gtol` and `gtol_rel` it ends where the solver's model of f, of curvature B, promises a
    decrease gᵀB⁻¹g / 2 below the rounding error of f, or below what rounding of x changes f by; on
    a model of rows, as long as the score of every column is at most 1e-7 standard deviations.

    Attributes
    ----------
    gtol : float
        Stop when max |gᵢ| is at most this, and not by the test above. 0: never by the gradient.
    gtol_rel : float
        The same, relative to the gradient at the start, which may be far from every minimum.
    ftol : float
        Stop when f falls by at most this fraction in one iteration. 0, the default: never.
    xtol : float
        Stop when a step is at most this fraction of x in length. 0, the default: never.
    maxiter : int
        Most iterations. f is evaluated at the start even if 0.
    maxfun : int
        Most evaluations of f, those for differences included. Unlimited by default. One gradient
        by differences is finished even so.
    maxtime : float
        Most seconds, checked after every evaluation. Unlimited by default.
    history : bool
        Keep f, max |gᵢ|, length of the step, evaluations and seconds of every iteration in the
        solver's `history`.
    """

    gtol: float
    gtol_rel: float
    ftol: float
    xtol: float
    maxiter: int
    maxfun: int
    maxtime: float
    history: bool


NAMES = tuple(Stopping.__annotations__)
UNLIMITED = 2**63 - 1


def limits(defaults: dict[str, Any], given: dict[str, Any]) -> _core.Limits:
    """The limits of a run: what was given, over the defaults."""
    for name in given:
        if name not in NAMES:
            raise TypeError(f"{name}: got an unknown argument; want one of {list(NAMES)}")
    if given.get("gtol") is not None or given.get("gtol_rel") is not None:
        defaults = {**defaults, "automatic": False, "gtol": 0.0, "gtol_rel": 0.0}
    chosen = {**defaults, **{name: value for name, value in given.items() if value is not None}}
    time = chosen["maxtime"]
    return _core.Limits(
        automatic=chosen["automatic"],
        gtol=_validation.at_least("gtol", chosen["gtol"], 0),
        gtol_rel=_validation.at_least("gtol_rel", chosen["gtol_rel"], 0),
        ftol=_validation.at_least("ftol", chosen["ftol"], 0),
        xtol=_validation.at_least("xtol", chosen["xtol"], 0),
        maxiter=_validation.integer("maxiter", chosen["maxiter"]),
        maxfun=_validation.integer("maxfun", chosen["maxfun"]),
        maxtime=time if time == math.inf else _validation.at_least("maxtime", time, 0),
    )


def of_start(x0: npt.NDArray[Any], maxiter: int, stopping: Stopping) -> tuple[_core.Limits, bool]:
    """Limits and whether to keep a history, for a run from x0."""
    given: dict[str, Any] = dict(stopping)
    keep = _validation.flag("history", given.pop("history", False))
    defaults = {
        "automatic": True,
        "gtol": 0.0,
        "gtol_rel": 0.0,
        "ftol": 0.0,
        "xtol": 0.0,
        "maxiter": maxiter,
        "maxfun": UNLIMITED,
        "maxtime": math.inf,
    }
    return limits(defaults, given), keep


def of_solver(current: _core.Limits, stopping: Stopping) -> _core.Limits:
    """The limits of a run that goes on."""
    given: dict[str, Any] = dict(stopping)
    if "history" in given:
        raise TypeError("history: got a change in mid-run; want it when the solver is made")
    names = ["automatic", *(name for name in NAMES if name != "history")]
    return limits({name: getattr(current, name) for name in names}, given)
