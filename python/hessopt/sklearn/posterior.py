"""The posterior of its coefficients that a fit keeps for predictions.

Near the minimum of a mean of losses with Hessian H the posterior is N(x, φ (Σᵢ wᵢ H)⁻¹), see
`hessopt.laplace`: to say what is certain of predictions takes H⁻¹, and no rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import objectives
from ..objectives.family import Family
from ..uncertainty import laplace
from ..uncertainty.predictors import Linear

_Doubles = npt.NDArray[np.float64]
#: Parameters up to which a covariance is kept where nobody asked for it.
KEPT = 500


class Curvature(NamedTuple):
    """The inverse of the Hessian of a mean of losses, in parameters (w, b + mean'w)."""

    mean: _Doubles | None  # of the columns; None where parameters are (w, b)
    inverse: _Doubles


class Posterior(NamedTuple):
    """What of a posterior predictions need beside its mean."""

    curvature: Any  # with `mean` and `inverse`
    total: float  # Σ w
    dispersion: float

    def covariance(self, X: Any, n_outputs: int) -> _Doubles:
        """Of the predictors of rows, shape (m,) or (m, n_outputs, n_outputs)."""
        P, p = len(self.curvature.inverse), X.shape[1]
        about = Linear(p, n_outputs, P).covariance(np.zeros(P), X, self.curvature)
        return about * (self.dispersion / self.total)


def posterior_of(objective: Any, x: _Doubles) -> Posterior | str:
    """That of a fit, at its minimum x, or why there is none.

    The dispersion is Pearson's estimate without the noise, as a summary has it.
    """
    plain: Any = getattr(objective, "objective", objective)
    is_law = isinstance(plain, (Family, objectives.Softmax))
    if not is_law:
        return f"{type(plain).__name__}, which is the likelihood of no law"
    if np.any(plain.l1_of_parameters):
        return "an l1 term, whose choice of coefficients it would not know"
    try:
        made = laplace(objective, x)._curvature
    except np.linalg.LinAlgError as exc:
        return str(exc).removeprefix("x: got ")
    curvature, total = Curvature(made.mean, made.inverse), float(plain._total_weight)
    if not getattr(plain, "dispersion_is_free", False):
        return Posterior(curvature, total, 1.0)
    free = freedom(total, curvature, plain.l2_of_parameters)
    if free <= 0:
        return _no_freedom(free)
    return Posterior(curvature, total, float(plain.pearson_chi2(x)) / free)


def posterior_of_choice(objective: Any, x: _Doubles) -> Posterior | str:
    """That of a fit which took many, where nobody asked for it: of as many columns as are kept."""
    if len(x) > KEPT:
        return f"more than {KEPT} coefficients"
    return posterior_of(objective, x)


def freedom(total: float, curvature: Any, penalty: _Doubles) -> float:
    """Residual degrees of freedom: Σ w less the effective number of parameters."""
    inverse = curvature.inverse
    return float(total - len(inverse) + penalty @ inverse.diagonal())


def posterior_of_squares(
    p: int, curvature: Any, total: float, x: _Doubles, value: float
) -> Posterior | str:
    """That of least squares of p columns, from the minimum of half their mean and its value."""
    strength = curvature.strength
    free = freedom(total, curvature, np.repeat([strength, 0.0], [p, len(x) - p]))
    if free <= 0:
        return _no_freedom(free)
    squares = total * (2 * value - strength * float(x[:p] @ x[:p]))
    return Posterior(curvature, total, max(squares, 0.0) / free)


def _no_freedom(free: float) -> str:
    return f"{free:.3g} residual degrees of freedom, by which the dispersion would be known"


def variance_powers(family: type[Family], given: dict[str, Any]) -> list[tuple[float, float]]:
    """V(μ) of a family as factors and powers of μ: the variance of y is φ V(μ)."""
    if family is objectives.NegativeBinomial:
        return [(1.0, 1.0), (1 / given["theta"], 2.0)]
    if family in (objectives.Binomial, objectives.Logistic):
        return [(1.0, 1.0), (-1.0, 2.0)]
    own: dict[type[Family], float] = {
        objectives.Squared: 0.0,
        objectives.Poisson: 1.0,
        objectives.Gamma: 2.0,
        objectives.InverseGaussian: 3.0,
    }
    return [(1.0, own[family] if family in own else given["power"])]
