"""All that is said of a fit: standard errors, tests, intervals, criteria."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._result import OptimizeResult
from ..objectives import Multinomial
from ..objectives.data import FromArrays, Weights, column_names, kind_of_weights
from ..objectives.sandwich import Kind
from .dependent import without_dependent
from .law import ByHessian, estimated_dispersion, is_likelihood, log_likelihood
from .laws import critical, two_sided
from .of_classes import Contrasts, about_mean, has_no_reference, law_of
from .profile import Profile
from .table import frame, html, table

_Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Inference:
    """What `inference` says of a fit; printed, a table.

    statsmodels' ``params``, ``bse``, ``tvalues``, ``pvalues``, ``conf_int()``, ``cov_params()``,
    ``scale``, ``llf``, ``df_resid`` are `coefficients`, `standard_errors`, `statistics`,
    `p_values`, `confidence_intervals()`, `covariance`, `dispersion`, `log_likelihood`,
    `residual_degrees_of_freedom`.
    """

    #: The objective; where columns are left out, with a penalty that holds theirs at 0.
    model: Any
    #: Of the coefficients: those of the columns where X knows them, and "intercept".
    names: list[str]
    #: The minimum, shape (P,).
    coefficients: _Doubles
    #: Of these, shape (P, P).
    covariance: _Doubles
    #: Of which kind that is: "observed", "expected", "HC0", "HC1", "HC3" or "cluster".
    covariance_kind: str
    #: Scale φ of the law of y.
    dispersion: float
    #: Whether it was estimated.
    uses_estimate: bool
    #: How many there are: the sum of frequencies, or the rows that weigh something.
    n_observations: float
    #: The number of coefficients, with a penalty tr A(A + P)⁻¹, A the information of the losses.
    effective_degrees_of_freedom: float
    #: Of all rows with its constants; None where the objective has none.
    log_likelihood: float | None
    #: Twice the log-likelihood that is missing to a perfect fit, times φ; None as before.
    deviance: float | None
    #: That of the best model with an intercept alone.
    null_deviance: float | None
    _unit: float  # what the difference of values is multiplied by to be one of log-likelihoods

    @property
    def residual_degrees_of_freedom(self) -> float:
        """Observations less effective degrees of freedom."""
        return self.n_observations - self.effective_degrees_of_freedom

    @property
    def standard_errors(self) -> _Doubles:
        """Roots of the variances, shape (P,)."""
        return np.sqrt(self.covariance.diagonal())

    @property
    def statistics(self) -> _Doubles:
        """Coefficients over their standard errors, shape (P,)."""
        return np.asarray(self.coefficients / self.standard_errors)

    @property
    def statistic_name(self) -> str:
        """Student's "t" where φ was estimated and the covariance is the law's, else "z"."""
        return "t" if math.isfinite(self._freedom) else "z"

    @property
    def p_values(self) -> _Doubles:
        """Probabilities of statistics as large where a coefficient is 0, shape (P,)."""
        return two_sided(self.statistics, self._freedom)

    @property
    def aic(self) -> float | None:
        """2 effective degrees of freedom − 2 log-likelihood; an estimated φ is not counted."""
        if self.log_likelihood is None:
            return None
        return 2 * (self.effective_degrees_of_freedom - self.log_likelihood)

    @property
    def bic(self) -> float | None:
        """Log n · effective degrees of freedom − 2 log-likelihood."""
        if self.log_likelihood is None:
            return None
        per_parameter = math.log(self.n_observations)
        return per_parameter * self.effective_degrees_of_freedom - 2 * self.log_likelihood

    @property
    def left_out(self) -> list[str]:
        """Names of columns that are combinations of others: their coefficients are NaN."""
        return [self.names[j] for j in np.flatnonzero(np.isnan(self.coefficients))]

    @property
    def model_name(self) -> str:
        """Of its class, with its link where that is told."""
        law = law_of(self.model)
        link = getattr(law, "link", None)
        name = type(law).__name__ + (f", link {link}" if link else "")
        return name if law is self.model else f"{name}, {self.model.noise!r} integrated out"

    @property
    def _freedom(self) -> float:
        is_of_law = self.covariance_kind in ("observed", "expected")
        return self.residual_degrees_of_freedom if self.uses_estimate and is_of_law else math.inf

    def confidence_intervals(
        self, level: float = 0.95, *, method: Literal["wald", "profile"] = "wald"
    ) -> _Doubles:
        """Intervals that hold each coefficient with a probability of `level`.

        Parameters
        ----------
        level : float
            In (0, 1).
        method : {"wald", "profile"}
            Estimate ± quantile · standard error; or where twice the log-likelihood, the others at
            their best, has fallen by the square of that quantile: not symmetric, the same in any
            parameter, and some fits dearer.

        Returns
        -------
        ndarray, shape (P, 2)
            Lower and upper bounds; infinite where the profile never falls so far.

        Raises
        ------
        ValueError
            On another level or method; on profiles beside a covariance that is not the law's.

        Warns
        -----
        RuntimeWarning
            Where a profile has no bound, as columns that separate the classes of y have none.

        References
        ----------
        D. J. Venzon, S. H. Moolgavkar, "A method for computing profile-likelihood-based confidence
        intervals", Appl. Statist. 37 (1988).
        """
        quantile = critical(level, self._freedom)
        if method == "wald":
            reach = quantile * self.standard_errors
            return np.column_stack([self.coefficients - reach, self.coefficients + reach])
        if method != "profile":
            raise _validation.error("method", repr(method), "'wald' or 'profile'")
        if has_no_reference(self.model):
            got = "'profile' of classes of which none is the reference"
            raise _validation.error("method", got, "'wald', or a Multinomial")
        if self.covariance_kind not in ("observed", "expected"):
            got = f"'profile' beside the covariance {self.covariance_kind!r}"
            raise _validation.error("method", got, "'wald': a profile is of the law's likelihood")
        known = np.flatnonzero(np.isfinite(self.coefficients))
        at = np.nan_to_num(self.coefficients)
        profile = Profile(self.model, at, self._unit, self.standard_errors)
        bounds = np.full((len(at), 2), np.nan)
        for j in known:
            bounds[j] = [profile.bound(int(j), side, quantile**2) for side in (-1, 1)]
        endless = [self.names[j] for j in np.flatnonzero(np.isinf(bounds).any(axis=1))]
        if endless:
            got = f"a likelihood that never falls by enough along {', '.join(endless)}"
            warnings.warn(f"model: got {got}; want bounds", RuntimeWarning, stacklevel=2)
        return bounds

    def __repr__(self) -> str:
        said = f"{len(self.names)} coefficients, covariance {self.covariance_kind!r}"
        return f"Inference({self.model_name}, {said})"

    def __str__(self) -> str:
        return table(self)

    def _repr_html_(self) -> str:
        return html(self)

    def to_frame(self) -> Any:
        """The table as a `pandas.DataFrame`: a row for each coefficient, with all digits."""
        return frame(self)


def inference(
    model: Any,
    x: npt.ArrayLike | OptimizeResult,
    *,
    covariance: Kind | None = None,
    clusters: npt.ArrayLike | None = None,
    dispersion: float | Literal["pearson", "deviance", "ml"] | None = None,
    weights: Weights = "frequency",
) -> Inference:
    """Standard errors, tests, intervals and criteria of a fit.

    Parameters
    ----------
    model : hessopt.objectives.LinearModel, or another with a covariance or a Hessian
        What was fitted. One's own is taken as the mean negative log-likelihood of ``n_rows`` rows
        and has ``n_parameters``, ``value_and_gradient(x)`` and ``hessian(x)``; where it has
        ``covariance``, ``log_likelihood``, ``deviance``, ``null_deviance``, ``parameter_names``,
        these are asked.
    x : OptimizeResult or array_like, shape (P,)
        The minimum, as `hessopt.minimize` finds it.
    covariance : {"observed", "expected", "HC0", "HC1", "HC3", "cluster"}, optional
        As `kind` of the model's ``covariance``: of the law, or of scores, which stand where the
        variance of y is another than the law's.
    clusters : array_like of integers, categorical series or `Categorical`, shape (n,), optional
        The cluster of each row, where rows of one are not independent.
    dispersion : float or {"pearson", "deviance", "ml"}, optional
        Scale φ of the law of y, or how it is estimated. By default 1 for the laws that have none,
        else "pearson"; "pearson" makes quasi-likelihoods of `Poisson` and `Binomial`.
    weights : {"frequency", "variance"}
        What `sample_weight` is: repetitions of a row, as when equal rows were counted; or by what a
        row is less spread than others, as means of so many. The fit is the same; dispersion,
        degrees of freedom, likelihood and scores differ.

    Returns
    -------
    Inference
        Frozen; printed, a table.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where the data leave something undetermined, but for columns that are combinations of
        others.
    ValueError, TypeError
        On wrong arguments, and on what the model does not have.

    Notes
    -----
    Statistics are Student's where φ is estimated and the covariance is the law's, else normal. The
    log-likelihood is that at φ, for `Squared` at its φ of largest likelihood, as in statsmodels; R
    counts φ as a parameter, which makes its AIC larger by 2.

    With l2 > 0 an "observed" covariance is that of the posterior, see ``covariance`` of the model,
    and p-values have no such meaning. A noise that was integrated out counts as a penalty does: it
    is in the covariance and in the degrees of freedom, and not in likelihood and deviance.

    Of columns that are combinations of each other the last is left out, as in R: its row is of NaN,
    and those of the others are of the fit without it, whose predictors are the same. Classes of
    `Softmax`, which has no reference among them, are held against their mean: what is the same for
    all is taken from the parameters and from their covariance.

    References
    ----------
    P. McCullagh, J. A. Nelder, "Generalized Linear Models", 2nd ed., 1989.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> x = np.arange(10.0)
    >>> X, y = hessopt.Columns({"x": x}), [1, 0, 2, 1, 3, 2, 6, 4, 9, 12]
    >>> f = hessopt.objectives.Poisson(X, y)
    >>> print(hessopt.inference(f, hessopt.minimize(f, np.zeros(2))))
    model                       Poisson, link log
    observations                10
    residual degrees of freedom 8
    covariance                  observed
    dispersion                  1
    log-likelihood              -16.14117
    AIC, BIC                    36.28234, 36.88751
    deviance, null deviance     4.74966, 33.01257
               coefficient  std error       z  p-value   [0.025   0.975]
    x              0.32996   0.069849   4.724  2.3e-06  0.19306  0.46686
    intercept      -0.5124    0.50226  -1.020   0.3076  -1.4968    0.472
    """
    kind_of_weights(weights)
    if hasattr(model, "ggnp"):
        got = f"a {type(model).__name__}, whose parameters the data do not tell one by one"
        raise TypeError(f"model: got {got}; want a model of one predictor, or hessopt.laplace")
    n = model.n_parameters
    at = _validation.doubles("x", x["x"] if isinstance(x, dict) else x, n)
    asked = covariance, clusters, dispersion, weights
    if has_no_reference(model):
        return _inference(model, about_mean(model, at), *asked)
    try:
        return _inference(model, at, *asked)
    except np.linalg.LinAlgError:
        found = (
            without_dependent(model, at) if isinstance(model, FromArrays | Multinomial) else None
        )
        if found is None:
            raise
    model, at, held = found
    made = _inference(model, at, *asked)
    made.coefficients[held] = made.covariance[held] = made.covariance[:, held] = np.nan
    if made.covariance_kind in ("HC1", "cluster"):  # whose factor is of the coefficients that stay
        left = made.n_observations - n
        made.covariance[:] *= left / (left + len(held))
    return made


def _inference(
    model: Any,
    at: _Doubles,
    covariance: Kind | None,
    clusters: Any,
    dispersion: float | str | None,
    weights: Weights,
) -> Inference:
    """Of parameters that are all determined."""
    law = law_of(model)
    kind = covariance or ("observed" if clusters is None else "cluster")
    n, total = float(len(at)), float(getattr(law, "_total_weight", 0) or law.n_rows)
    find: Callable[..., Any]
    if has_no_reference(model):
        contrasts = Contrasts(model)
        n, find = float(contrasts.n_parameters), contrasts.of_all
    else:
        own: Any = model if hasattr(model, "covariance") else ByHessian(model)
        find = own.covariance
    observations = total
    if hasattr(law, "n_observations"):
        observations = float(law.n_observations(weights))
    effective, plain = n, None
    penalty = np.asarray(getattr(law, "l2_of_parameters", 0.0))
    if model is not law:  # noise holds coefficients as a penalty does
        plain = np.asarray(find(at))
        losses = law.hessian(at) - np.diag(penalty)
        effective = total * float(np.sum(losses * plain))
    elif np.any(penalty):
        plain = np.asarray(find(at))
        effective -= total * float(penalty @ plain.diagonal())
    free = getattr(law, "dispersion_is_free", False)
    estimated = isinstance(dispersion, str) or (dispersion is None and free)
    if isinstance(dispersion, str) or estimated:
        method = dispersion if isinstance(dispersion, str) else "pearson"
        scale = estimated_dispersion(law, at, method, weights, observations - effective)
    else:
        scale = 1.0 if dispersion is None else _validation.at_least("dispersion", dispersion, 0)
        if scale == 0:
            raise _validation.error("dispersion", dispersion, "a number > 0")
    if kind in ("observed", "expected") and dispersion is None and not is_likelihood(law):
        got = f"none for {type(law).__name__}, which is the likelihood of no law"
        raise _validation.error("dispersion", got, "a number > 0, or covariance='HC0'")
    if kind == "observed" and clusters is None:
        made = find(at, dispersion=scale) if plain is None else scale * plain
    else:
        named = {"dispersion": scale, "kind": covariance, "clusters": clusters, "weights": weights}
        made = find(at, **named)
    scale_of_likelihood = scale
    if estimated and getattr(law, "has_dispersion", False):
        scale_of_likelihood = float(law.dispersion(at, method="ml", weights=weights))
    return Inference(
        model=model,
        names=names_of(law),
        coefficients=at.copy(),
        covariance=np.array(made),
        covariance_kind=kind,
        dispersion=scale,
        uses_estimate=estimated,
        n_observations=observations,
        effective_degrees_of_freedom=effective,
        log_likelihood=log_likelihood(law, at, scale_of_likelihood, weights, total),
        deviance=float(law.deviance(at)) if hasattr(law, "deviance") else None,
        null_deviance=float(law.null_deviance()) if hasattr(law, "null_deviance") else None,
        _unit=total / scale,
    )


def names_of(model: Any) -> list[str]:
    """Of the parameters of a model."""
    n, own = model.n_parameters, getattr(model, "parameter_names", None)
    if own is not None:
        return [str(name) for name in own]
    X = getattr(model, "X", None)
    columns = [] if X is None else column_names(X)
    p = len(columns)
    if p and n in (p, p + 1):
        return columns + ["intercept"] * (n - p)
    classes = getattr(model, "n_classes", 0)
    if classes and n in (classes * p, classes * (p + 1)):
        per_class = columns + ["intercept"] * (n // classes - p)
        return [f"{k}: {name}" for k in range(classes) for name in per_class]
    return [f"x[{j}]" for j in range(n)]
