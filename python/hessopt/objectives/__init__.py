"""Compiled objectives: one pass over the data for value, gradient and Hessian.

Every objective has ``n_parameters``, ``value_and_gradient(x)``, ``hessian(x)`` and ``hessp(x, v)``,
all in float64, and ``evaluate(x, gradient=True, hessian=False, V=None)`` for any of them at once.
The data is read where it lies, in float32 or float64, in C or Fortran order or strided, and is not
copied; changing it changes the objective.
"""

from __future__ import annotations

from typing import Any

from .. import _core
from .binomial import Binomial, Logistic
from .cox import Cox
from .families import Gamma, InverseGaussian, NegativeBinomial, Poisson, Squared, Tweedie
from .huber_scale import HuberWithScale
from .linear_model import Exponential, Huber, LinearModel, of_loss
from .multinomial import Multinomial
from .objective import Objective
from .ordinal import Ordinal
from .residual_losses import Expectile, PseudoHuber, SmoothedQuantile
from .softmax import Softmax


def __getattr__(name: str) -> Any:
    if name in _core.losses():
        return of_loss(name)
    raise AttributeError(f"hessopt.objectives has no {name}", name=name)


__all__ = [
    "Binomial",
    "Cox",
    "Expectile",
    "Exponential",
    "Gamma",
    "Huber",
    "HuberWithScale",
    "InverseGaussian",
    "LinearModel",
    "Logistic",
    "Multinomial",
    "NegativeBinomial",
    "Objective",
    "Ordinal",
    "Poisson",
    "PseudoHuber",
    "SmoothedQuantile",
    "Softmax",
    "Squared",
    "Tweedie",
]
