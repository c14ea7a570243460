"""How `scipy.optimize.minimize` spells what is here: methods, options, a start."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _progress, _validation
from ..solvers import METHODS
from ..solvers.stopping import UNLIMITED

#: SciPy's methods that go by another name here.
_METHODS = {
    "lbfgsb": "lbfgs",
    "trustncg": "newton_cg",
    "trustkrylov": "newton_cg",
    "trustexact": "trust_region",
    "dogleg": "trust_region",
}
_RENAMED = {"xrtol": "xtol", "maxfev": "maxfun", "initial_trust_radius": "initial_step"}
#: SciPy's that say how its solvers work inside. No minimum depends on them: those that a solver
#: here has no use for are left out.
_INNER = {
    *("iprint", "c1", "c2", "maxls", "max_trust_radius", "eta", "inexact", "subproblem_maxiter"),
}


@dataclass
class Asked:
    """What options ask of `minimize` itself, not of the solver."""

    progress: Any = False
    check_repeatable: Any = False
    domain_errors: Any = ()
    disp: Any = False
    return_all: Any = False
    norm: Any = math.inf
    eps: Any = None
    finite_diff_rel_step: Any = None
    workers: Any = None


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


def takes_differences(value: Any) -> bool:
    """Whether a method that only multiplies with the Hessian makes do with differences.

    SciPy's Newton-CG does, its trust-ncg and trust-krylov do not.
    """
    return not isinstance(value, str) or _plain(value) not in ("trustncg", "trustkrylov")


def method(value: Any) -> str:
    """The key of a method, however its name is spelt."""
    if isinstance(value, str):
        spelt = _plain(value)
        for name in METHODS:
            if name.replace("_", "") == spelt:
                return name
        if spelt in _METHODS:
            return _METHODS[spelt]
        if spelt == "cg":
            raise _validation.error("method", repr(value), "'lbfgs', which does better than CG")
    raise _validation.error("method", repr(value), f"one of {sorted(METHODS)}")


def options(given: Any) -> tuple[Asked, dict[str, Any]]:
    """What is asked of `minimize`, and the keyword arguments of the solver."""
    if given is not None and not isinstance(given, Mapping):
        raise TypeError(f"options: got {given!r}; want a dictionary")
    keywords = dict(given or {})
    for theirs, ours in _RENAMED.items():
        if theirs in keywords:
            keywords.setdefault(ours, keywords.pop(theirs))
    asked = Asked(**{f.name: keywords.pop(f.name) for f in fields(Asked) if f.name in keywords})
    _progress.asked(asked.progress)
    _validation.flag("check_repeatable", asked.check_repeatable)
    for key in ("maxiter", "maxfun"):
        if keywords.get(key) is not None:
            keywords[key] = _count(key, keywords[key])
    return asked, keywords


def _count(name: str, value: Any) -> int:
    """A limit, which may be inf, a fraction, or below what can be: nothing, then."""
    value = _validation.scalar(value)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real) or math.isnan(value):
        raise TypeError(f"{name}: got {value!r}; want a number")
    if value == math.inf:
        return UNLIMITED
    if value <= 0:
        return 0
    whole: int = int(value) if isinstance(value, Integral) else math.ceil(float(value))
    return whole


def known(keywords: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The keywords among these names; of the others a warning is given, as SciPy gives one."""
    unknown = [key for key in keywords if key not in names and key not in _INNER]
    if unknown:
        listed = ", ".join(map(str, unknown))
        warn(f"Unknown solver options: {listed}; known are {', '.join(sorted(names))}")
    return {key: value for key, value in keywords.items() if key in names}


def warn(text: str) -> None:
    """Warn as SciPy would, with its class where it is loaded."""
    scipy = sys.modules.get("scipy.optimize")
    warnings.warn(text, getattr(scipy, "OptimizeWarning", RuntimeWarning), stacklevel=4)


def start(x0: Any) -> npt.NDArray[Any]:
    """The start, shape (n,): also from a number, and from numbers of other types than float64."""
    x = np.atleast_1d(_arrays.returned("x0", x0, "real numbers"))
    single = x.dtype.kind == "f" and x.dtype.itemsize == 4
    return _validation.array("x0", x if single else x.astype(np.float64), 1)
