"""The law that a fit is of: its dispersion, its log-likelihood, its curvature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..objectives.data import Weights
from ..objectives.estimate import Estimate

_Doubles = npt.NDArray[np.float64]
_METHODS = ("pearson", "deviance", "ml")


def estimated_dispersion(
    model: Any, x: _Doubles, method: str, weights: Weights, freedom: float
) -> float:
    """The dispersion, over the residual degrees of freedom."""
    if method not in _METHODS:
        raise _validation.error("dispersion", repr(method), f"a number > 0 or one of {_METHODS}")
    if not hasattr(model, "pearson_chi2"):
        got = f"{method!r} for {type(model).__name__}, which is no family of laws"
        raise _validation.error("dispersion", got, "a number > 0")
    if method == "ml":
        return float(model.dispersion(x, method="ml", weights=weights))
    if freedom <= 0:
        got = f"{freedom:g} residual degrees of freedom"
        raise _validation.error("model", got, "more rows than coefficients, or a dispersion")
    total = model.pearson_chi2(x) if method == "pearson" else model.deviance(x)
    return float(total / freedom)


def is_likelihood(model: Any) -> bool:
    """Whether its losses are those of a law, as far as it says."""
    try:
        return not hasattr(model, "log_constant") or math.isfinite(model.log_constant(1.0))
    except ValueError:
        return False


def log_likelihood(
    model: Any, x: _Doubles, dispersion: float, weights: Weights, total: float
) -> float | None:
    """Of all rows with its constants; None where the losses are those of no law."""
    if hasattr(model, "log_likelihood"):
        named: dict[str, Any] = {} if dispersion == 1 else {"dispersion": dispersion}
        if weights == "variance":
            named["weights"] = weights
        return float(model.log_likelihood(x, **named))
    if not hasattr(model, "log_constant") or not is_likelihood(model):
        return None
    value = float(model.value_and_gradient(x)[0])
    penalty = np.asarray(getattr(model, "l2_of_parameters", 0.0))
    losses = total * (value - 0.5 * float(np.sum(penalty * x**2)))
    return float(model.log_constant(dispersion) - losses / dispersion)


class ByHessian(Estimate):
    """An objective of one's own, with a covariance by its Hessian."""

    _determined_by = "parameters that the data determine"

    def __init__(self, objective: Any) -> None:
        for name in ("hessian", "n_rows"):
            if not hasattr(objective, name):
                kind = type(objective).__name__
                raise TypeError(f"model: got a {kind} without {name}; want one with it")
        self.n_parameters = objective.n_parameters
        self.hessian, self._total_weight = objective.hessian, float(objective.n_rows)
        self.value_and_gradient = objective.value_and_gradient
