"""The Laplace approximation: a normal law of the parameters, about the minimum of an objective."""

from __future__ import annotations

import copy
import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _validation
from .curvature import Doubles, curvature_of
from .predictors import predictor_of
from .responses import mean_response
from .strength import best_prior
from .subset import Subset, indices_of

_LOG_2PI = math.log(2 * math.pi)


def laplace(
    objective: Any,
    x: npt.ArrayLike,
    *,
    structure: Literal["full", "diagonal"] = "full",
    subset: Literal["last_layer"] | npt.ArrayLike | None = None,
    dispersion: float = 1.0,
) -> Laplace:
    """The Laplace approximation of the posterior of an objective's parameters.

    The objective is taken as the mean negative log-likelihood of rows, whose penalty is the prior
    wⱼ ~ N(0, φ / (l2ⱼ Σᵢ weightᵢ)); parameters without penalty have a flat prior of density 1. The
    posterior is then near N(x, φ (Σᵢ weightᵢ H)⁻¹), exactly for `Squared`.

    Parameters
    ----------
    objective : hessopt.objectives.Logistic or another, under noise or not; a Network; or one's own
        One's own has ``value_and_gradient(x)``; ``ggn(x)``, its products ``ggnp(x, v)`` or
        ``hessian(x)``, with the penalty;
        ``n_parameters``; ``n_rows``; ``l2_of_parameters``, shape (P,), 0 for those without prior;
        perhaps ``null_directions``, orthonormal columns along which nothing changes; for
        predictions ``predict(x, X)``, shape (m, K), ``jacobian(x, X)``, shape (m, K, P), and
        ``response``: "identity", "sigmoid", "softmax" or "exponential".
    x : array_like, shape (P,)
        Its minimum.
    structure : {"full", "diagonal"}
        The whole curvature matrix, or its diagonal alone.
    subset : "last_layer" or array_like of int, optional
        Parameters that are random, the others being held at x: those of a network's last layer, or
        with these indices. Their curvature costs a product each.
    dispersion : float
        Scale φ of the law of y, > 0, as for `covariance`: the variance of y for `Squared`.

    Returns
    -------
    Laplace

    Raises
    ------
    numpy.linalg.LinAlgError
        If the curvature is not positive definite at x.

    Notes
    -----
    The curvature is the Gauss-Newton matrix ("GGN") where the objective has it, else the Hessian,
    which is the same for the linear models of the library with their own links. The statistics of
    a network's `BatchNorm` are held at those of its rows at x. Weights count as
    repetitions of a row. One number added to all intercepts of `Softmax` changes nothing: it is
    held, and does not count. So it is with what neither data nor prior say anything of in a
    network, as the bias of a unit that does nothing.

    References
    ----------
    D. J. C. MacKay, "A practical Bayesian framework for backpropagation networks", Neural
    Computation 4 (1992). E. Daxberger et al., "Laplace redux: effortless Bayesian deep learning",
    NeurIPS 2021.

    Examples
    --------
    >>> import hessopt
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    >>> f = hessopt.objectives.Logistic(X, y, l2=0.1)
    >>> post = hessopt.laplace(f, hessopt.minimize(f, [0.0, 0.0]).x)
    >>> post.predict([[2.0], [50.0]]).round(3)
    array([0.564, 0.771])
    >>> round(post.log_marginal_likelihood, 3)
    -2.119
    """
    if structure not in ("full", "diagonal"):
        raise _validation.error("structure", repr(structure), "'full' or 'diagonal'")
    if not hasattr(objective, "l2_of_parameters"):
        want = "one with l2_of_parameters, as models of the library have it"
        raise TypeError(f"objective: got {type(objective).__name__}; want {want}")
    scale = _validation.at_least("dispersion", dispersion, 0)
    if scale == 0:
        raise _validation.error("dispersion", dispersion, "a number > 0")
    at = _validation.doubles("x", x, objective.n_parameters)
    if hasattr(objective, "at_minimum"):
        objective = objective.at_minimum(at)
    if subset is not None:
        chosen = indices_of(objective, subset)
        return Laplace(Subset(objective, at, chosen), at[chosen], structure, scale)
    return Laplace(objective, at, structure, scale)


class Laplace:
    """A normal law of parameters, as `laplace` makes it.

    Attributes
    ----------
    objective
        What it was made of.
    mean : ndarray, shape (P,)
        The minimum.
    structure : str
        "full" or "diagonal".
    dispersion : float
        Scale φ of the law of y.
    prior_factor : float
        What the prior's precision is of that which the objective's penalty says; 1 but for
        `with_prior`.
    """

    def __init__(self, objective: Any, x: Doubles, structure: str, dispersion: float) -> None:
        self.objective, self.mean = objective, x
        self.structure, self.dispersion = structure, dispersion
        self._penalty = np.asarray(objective.l2_of_parameters, np.float64)
        self.prior_factor = 1.0
        self._curvature = curvature_of(objective, x, structure)
        weight = getattr(objective, "_total_weight", None)
        self._total = float(objective.n_rows if weight is None else weight)

    @property
    def covariance(self) -> Doubles:
        """Of the parameters, shape (P, P): φ (Σᵢ weightᵢ H)⁻¹."""
        return self._curvature.covariance() * (self.dispersion / self._total)

    @property
    def log_likelihood(self) -> float:
        """Of the data at the minimum."""
        fitted = self._penalty_at_mean() / self.prior_factor
        loss = self.objective.value_and_gradient(self.mean)[0] - fitted
        constant = getattr(self.objective, "log_constant", lambda dispersion: 0.0)
        return float(-self._total / self.dispersion * loss + constant(self.dispersion))

    @property
    def log_marginal_likelihood(self) -> float:
        """The evidence: log ∫ p(y | w) p(w) dw by Laplace's method.

        log p(y | x) + log p(x) + P/2 log 2π − ½ log det(Σᵢ weightᵢ H / φ). Of two fits of the same
        data it tells which model is the likelier, also across penalties and dispersions.
        """
        ratio = self._total / self.dispersion
        held = self._penalty[self._penalty > 0]
        prior = 0.5 * (np.log(ratio * held) - _LOG_2PI).sum() - ratio * self._penalty_at_mean()
        P = len(self.mean) - self._curvature.n_null
        volume = 0.5 * (P * (_LOG_2PI - math.log(ratio)) - self._curvature.logdet)
        return float(self.log_likelihood + prior + volume)

    @property
    def effective_parameters(self) -> float:
        """How many parameters the data has determined rather than the prior: Σ λ / (λ + prior)."""
        scales = self._curvature.loss_scales(self._penalty)
        free = len(self.mean) - self._curvature.n_null - len(scales)
        return float(free + (scales / (scales + 1)).sum())

    def predictor(self, X: npt.ArrayLike) -> tuple[Doubles, Doubles]:
        """Mean and covariance of the outputs of rows, linear in the parameters about the minimum.

        Parameters
        ----------
        X : array_like, shape (m, p)
            Rows; they have no offset.

        Returns
        -------
        mean : ndarray, shape (m,) or (m, K)
            Outputs at the minimum.
        covariance : ndarray, shape (m,) or (m, K, K)
            J Σ Jᵀ for each row. Of y itself, `Squared` adds the dispersion.
        """
        outputs = predictor_of(self.objective)
        covariance = outputs.covariance(self.mean, X, self._curvature)
        return outputs.outputs(self.mean, X), covariance * (self.dispersion / self._total)

    def predict(
        self, X: npt.ArrayLike, *, method: Literal["probit", "normal"] = "probit"
    ) -> Doubles:
        """The mean of y for rows, over the law of the parameters: probabilities of classes.

        Parameters
        ----------
        X : array_like, shape (m, p)
            Rows; they have no offset.
        method : {"probit", "normal"}
            How a sigmoid of the normal predictor is averaged. "probit" is σ(μ / √(1 + πv/8)), good
            to 0.02, and for many classes the same over their pairs, good to some hundredths;
            "normal" is the integral itself to 1e-8, for two classes as `Logistic` has them. Other
            responses are exact.

        Returns
        -------
        ndarray, shape (m,) or (m, K)
        """
        if method not in ("probit", "normal"):
            raise _validation.error("method", repr(method), "'probit' or 'normal'")
        kind = getattr(self.objective, "response", None)
        if kind is None:
            want = "one with a response, as Logistic, Softmax, Squared, Poisson and Gamma have it"
            raise TypeError(f"objective: got {type(self.objective).__name__}; want {want}")
        if kind == "softmax" and method == "normal":
            raise _validation.error("method", "'normal'", "'probit', or the mean over `samples`")
        return mean_response(kind, *self.predictor(X), method)

    def with_prior(self, factor: float | None = None) -> Laplace:
        """The same with another strength of the prior, the mean staying where it is.

        For networks, whose fit need not be made again: where it has separated all classes the
        curvature of the loss vanishes, and a penalty that is good for the fit leaves the posterior
        far too wide.

        Parameters
        ----------
        factor : float, optional
            Of the prior's precision, > 0; by default that where the evidence is largest.

        Returns
        -------
        Laplace
            Its `mean` is not quite its maximum.
        """
        if factor is None:
            factor = math.exp(best_prior(self, False)[0])
        strength = _validation.at_least("factor", factor, 0)
        if strength == 0:
            raise _validation.error("factor", factor, "a number > 0")
        other = copy.copy(self)
        other._penalty = self._penalty * strength
        other.prior_factor = self.prior_factor * strength
        other._curvature = self._curvature.plus(other._penalty - self._penalty)
        return other

    def samples(self, n_samples: int, *, seed: int = 0) -> Doubles:
        """Draws of the parameters, shape (n_samples, P)."""
        count = _validation.integer("n_samples", n_samples, 1, 2**31)
        generator = np.random.Generator(np.random.Philox(key=_validation.seed(seed)))
        e = generator.standard_normal((count, len(self.mean)))
        spread = self._curvature.spread(e)
        return np.asarray(self.mean + spread * math.sqrt(self.dispersion / self._total))

    def _penalty_at_mean(self) -> float:
        return 0.5 * float(self._penalty @ np.square(self.mean))

    def __repr__(self) -> str:
        said = [repr(self.objective), self.structure, f"dispersion={self.dispersion:g}"]
        return f"Laplace({', '.join(said)})"
