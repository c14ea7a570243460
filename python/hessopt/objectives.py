"""Compiled objectives: one pass over the data for value, gradient and Hessian.

Every objective has ``n_parameters``, ``value_and_gradient(x)``, ``hessian(x)`` and ``hessp(x, v)``,
all in float64, and ``evaluate(x, gradient=True, hessian=False, V=None)`` for any of them at once.
The data is read where it lies, in float32 or float64, in C or Fortran order or strided, and is not
copied; changing it changes the objective.
"""

from __future__ import annotations

import warnings
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from . import _absent, _arrays, _cholesky, _core, _separation, _validation

_Doubles = npt.NDArray[np.float64]
# Of a pivot, for each parameter. A variance inflated by its inverse has no certain digit.
_ROUNDING = 100 * float(np.finfo(np.float64).eps)


class Objective(Protocol):
    """What every compiled objective has, and `hessopt.minimize` asks for."""

    @property
    def n_parameters(self) -> int:
        """Length of x."""
        ...

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x; the gradient has shape (n_parameters,)."""
        ...

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """Hessian at x, shape (n_parameters, n_parameters)."""
        ...

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """Hessian at x times v, shape (n_parameters,)."""
        ...


def _weights(sample_weight: npt.ArrayLike | None, n_rows: int) -> _Doubles:
    if sample_weight is None:
        return np.empty(0)
    weight = _validation.doubles("sample_weight", sample_weight, n_rows)
    if (weight < 0).any():
        raise _validation.error("sample_weight", f"the weight {weight.min():g}", "weights >= 0")
    if not weight.any():
        raise _validation.error("sample_weight", "weights that are all 0", "at least one > 0")
    with np.errstate(over="ignore"):
        if not np.isfinite(weight.sum()):
            raise _validation.error("sample_weight", "a sum that overflows", "smaller weights")
    return weight


def _total(weight: _Doubles, n_rows: int) -> float:
    return float(weight.sum()) if weight.size else float(n_rows)


def _offset(offset: npt.ArrayLike | None, n_rows: int, n_outputs: int) -> _Doubles:
    """Rows x outputs, or nothing."""
    if offset is None:
        return np.empty((0, 0))
    if n_outputs == 1:
        return _validation.doubles("offset", offset, n_rows)[:, None]
    given = _validation.matrix("offset", offset)
    if given.shape != (n_rows, n_outputs):
        raise _validation.error("offset", f"shape {given.shape}", f"shape ({n_rows}, {n_outputs})")
    return given.astype(np.float64, copy=False)


def _ridge(l2: npt.ArrayLike, n_columns: int) -> _Doubles:
    """One number, or one per coefficient."""
    if _arrays.real("l2", l2).ndim == 0:
        return np.array([_validation.at_least("l2", l2, 0)])
    strength = _validation.doubles("l2", l2, n_columns)
    if (strength < 0).any():
        raise _validation.error("l2", f"the number {strength.min():g}", "numbers >= 0")
    return strength


class _Model(Objective, Protocol):
    """What an estimate is made of."""

    _total_weight: float  # Σᵢ weightᵢ as given, or the number of rows
    _determined_by: str  # what there must be for one minimum alone

    @property
    def column_moments(self) -> tuple[_Doubles, _Doubles]: ...
    def hessian_about(self, x: npt.ArrayLike, origin: npt.ArrayLike) -> _Doubles: ...
    def recession(self, x: npt.ArrayLike) -> tuple[_Doubles, int] | None: ...
    def _falls(self, direction: _Doubles, n_rows: int) -> str: ...
    def without_minimum(self, x: npt.ArrayLike) -> str | None: ...


class _Estimate:
    """Whether there is a minimum, and its uncertainty."""

    def without_minimum(self: _Model, x: npt.ArrayLike) -> str | None:
        """Why there is no minimum near x, where a run has ended.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Where `hessopt.minimize` stopped, which asks this question itself.

        Returns
        -------
        str or None
            None where there is a minimum, where no loss has come near its infimum yet, or where
            there is no telling. Else in words what separates the classes of y, which of them has no
            row, or where all counts are 0. A reason is never given for a model that has a minimum:
            each row is checked. Models of more than 2000 parameters are not looked at.

        References
        ----------
        A. Albert, J. A. Anderson, "On the existence of maximum likelihood estimates in logistic
        regression models", Biometrika 71 (1984).

        Examples
        --------
        >>> import hessopt
        >>> f = hessopt.objectives.Logistic([[0.0], [1.0], [2.0]], [0, 1, 1])
        >>> f.without_minimum(hessopt.minimize(f, [0.0, 0.0]).x)
        'X[:, 0] separates the classes of y in 3 rows; l2 > 0 would keep it finite'
        """
        found = self.recession(x)
        return None if found is None else self._falls(*found)

    def covariance(self: _Model, x: npt.ArrayLike, *, dispersion: float = 1.0) -> _Doubles:
        """Covariance of the estimate x: dispersion · (Σᵢ weightᵢ · H(x))⁻¹.

        H is the Hessian of the objective, so that Σᵢ weightᵢ · H is the observed information of all
        rows. The roots of the diagonal are the standard errors.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        dispersion : float
            Scale φ of the law of y, > 0: the variance of y for `Squared`, 1 / shape for `Gamma`, 1
            for `Logistic`, `Poisson` and `Softmax`.

        Returns
        -------
        ndarray, shape (n_parameters, n_parameters)
            Symmetric, in the order of x, in units of x squared.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the Hessian is singular to working precision: x is then not the only minimum, or
            there is none.
        ValueError, TypeError
            On a wrong `dispersion` or length of x, or a Hessian that is not finite at x.

        Warns
        -----
        RuntimeWarning
            If there is no minimum, see `without_minimum`: variances grow without end on the way.

        Notes
        -----
        Weights count as repetitions of a row, "frequency weights": doubling them all halves the
        covariance. The penalty is part of H. With l2 > 0 this is the Laplace approximation of the
        posterior under the prior wⱼ ~ N(0, φ / (l2ⱼ Σᵢ weightᵢ)), not the spread of a biased
        estimate over repeated samples.

        References
        ----------
        B. Efron, D. V. Hinkley, "Assessing the accuracy of the maximum likelihood estimator:
        observed versus expected Fisher information", Biometrika 65 (1978).

        Examples
        --------
        >>> import numpy as np, hessopt
        >>> f = hessopt.objectives.Squared([[0.0], [1.0], [2.0]], [1.0, 2.0, 3.6])
        >>> x = hessopt.minimize(f, [0.0, 0.0]).x
        >>> variance = 2 * 3 * f.value_and_gradient(x)[0] / (3 - 2)  # of the residuals
        >>> np.sqrt(np.diag(f.covariance(x, dispersion=variance))).round(4)
        array([0.1732, 0.2236])
        """
        scale = _validation.at_least("dispersion", dispersion, 0)
        if scale == 0:
            raise _validation.error("dispersion", dispersion, "a number > 0")
        mean, _ = self.column_moments  # about which the Hessian has all its digits
        information = self.hessian_about(x, mean)
        if not np.isfinite(information).all():
            raise _validation.error("x", "NaN or inf in the Hessian there", "a minimum")
        reason = self.without_minimum(x)
        # In units that make its diagonal 1, the inverse's is how far the other columns inflate each
        # variance, whatever the units of X are.
        n, unit = self.n_parameters, np.sqrt(information.diagonal())
        unit[unit == 0] = 1
        try:
            inverse = _cholesky.cholesky_solve(information / unit / unit[:, None], np.eye(n))
        except np.linalg.LinAlgError:
            inverse = np.full((n, n), np.inf)
        if inverse.diagonal().max() * _ROUNDING * n >= 1:
            got = "a Hessian that is singular there" if reason is None else f"no minimum: {reason}"
            raise np.linalg.LinAlgError(f"x: got {got}; want {self._determined_by}")
        if reason is not None:
            warnings.warn(f"x: got no minimum: {reason}", RuntimeWarning, stacklevel=2)
        covariance = inverse / unit / unit[:, None] * (scale / self._total_weight)
        if n > len(mean) * getattr(
            self, "n_classes", 1
        ):  # with intercepts, which are those of X less its means
            blocks = covariance.reshape(-1, len(mean) + 1, n)
            blocks[:, -1] -= mean @ blocks[:, :-1]
            blocks = covariance.reshape(n, -1, len(mean) + 1)
            blocks[:, :, -1] -= blocks[:, :, :-1] @ mean
        symmetric: _Doubles = (covariance + covariance.T) / 2
        return symmetric


class LinearModel(_core.LinearModel, _Estimate):
    """The weighted mean of a loss ℓ of a linear predictor, plus a ridge penalty.

    f(w, b) = Σᵢ weightᵢ ℓ(ηᵢ, yᵢ) / Σᵢ weightᵢ + ½ Σⱼ l2ⱼ wⱼ², with ηᵢ = xᵢᵀw + b + offsetᵢ and
    parameters (w, b). What `Squared`, `Huber`, `Logistic`, `Poisson`, `Gamma` and `Exponential`
    share.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, finite.
    y : array_like, shape (n,)
        Targets, in the domain of the loss.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    offset : array_like, shape (n,), optional
        Added to the predictor, with no coefficient of its own; for rates, the log of the exposure.
    fit_intercept : bool
        Append the intercept b, which is not penalised.
    """

    _loss = ""  # its name in the table
    _determined_by = "columns of X that are linearly independent, or l2 > 0"
    _runs_away = ""  # what columns do where there is no minimum

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        l2: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
        _parameter: float = 0.0,
        **others: Any,
    ) -> None:
        _absent.refuse(others)
        if not self._loss:
            raise TypeError("LinearModel: got no loss; want one of its subclasses, as Squared")
        data = _validation.matrix("X", X)
        n, p = data.shape
        weight = _weights(sample_weight, n)
        self._total_weight = _total(weight, n)
        super().__init__(
            self._loss,
            _parameter,
            data,
            _validation.doubles("y", y, n),
            weight,
            _offset(offset, n, 1),
            _ridge(l2, p),
            _validation.flag("fit_intercept", fit_intercept),
        )

    def _falls(self, direction: _Doubles, n_rows: int) -> str:
        scale = self.column_moments[1]
        columns = _separation.columns(direction[: len(scale)], scale)
        if not columns:
            return f"y is {int(direction[-1] > 0)} in every row"
        return _separation.sentence(columns, self._runs_away, n_rows)


class Squared(LinearModel):
    """Half the mean squared error of a linear model: ℓ(η, y) = ½(η − y)².

    The parameters are those of `LinearModel`.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Squared([[1.0], [2.0]], [3.0, 5.0])
    >>> hessopt.minimize(f, [0.0, 0.0]).x.round(12)
    array([2., 1.])
    """

    _loss = "Squared"


class Huber(LinearModel):
    """Huber's robust loss: ½r² of the residual r = η − y up to delta, from there on linear.

    The parameters are those of `LinearModel`, and

    delta : float
        Residual from which on the loss is linear, > 0, in units of y.

    Notes
    -----
    Its second derivative is 1 inside and 0 outside, so Newton's method ends in finitely many steps.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964).

    Examples
    --------
    >>> import hessopt
    >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0]], [0.0, 1.0, 2.0, 3.0, 99.0]
    >>> hessopt.minimize(hessopt.objectives.Huber(X, y, delta=0.1), [0.0, 0.0]).x.round(2)
    array([ 1.05, -0.05])
    """

    _loss = "Huber"

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        delta: float = 1.0,
        l2: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
        **others: Any,
    ) -> None:
        threshold = _validation.at_least("delta", delta, 0)
        if threshold == 0:
            raise _validation.error("delta", delta, "a number > 0")
        super().__init__(
            X,
            y,
            l2=l2,
            sample_weight=sample_weight,
            offset=offset,
            fit_intercept=fit_intercept,
            _parameter=threshold,
            **others,
        )


class Logistic(LinearModel):
    """The logistic loss of two classes, y in {0, 1}: ℓ(η, y) = log(1 + e^η) − yη.

    The parameters are those of `LinearModel`.
    """

    _loss = "Logistic"
    _runs_away = "separates the classes of y in {rows} rows"


class Poisson(LinearModel):
    """Poisson regression, y >= 0 with mean e^η: ℓ(η, y) = e^η − yη, the constant log y! left out.

    The parameters are those of `LinearModel`.
    """

    _loss = "Poisson"
    _runs_away = "tells {rows} rows, of which y is 0 in all, from the others"


class Gamma(LinearModel):
    """Gamma regression, y > 0 with mean e^η: ℓ(η, y) = η + y e^−η, up to the shape and constants.

    The parameters are those of `LinearModel`.
    """

    _loss = "Gamma"


class Exponential(LinearModel):
    """The exponential loss of boosting, y in {0, 1}: ℓ(η, y) = e^((1 − 2y) η).

    The parameters are those of `LinearModel`.

    Notes
    -----
    Its minimum over all functions η is half the log-odds of y = 1. It is no log-likelihood: the
    inverse of its Hessian, `covariance`, is not the spread of the estimate.

    References
    ----------
    J. Friedman, T. Hastie, R. Tibshirani, "Additive logistic regression: a statistical view of
    boosting", Ann. Statist. 28 (2000).

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Exponential([[0.0]] * 4, [1, 1, 1, 0], l2=1.0)
    >>> hessopt.minimize(f, [0.0, 0.0]).x.round(6)  # log(3) / 2
    array([0.      , 0.549306])
    """

    _loss = "Exponential"
    _runs_away = Logistic._runs_away


class Softmax(_core.Softmax, _Estimate):
    """The mean cross-entropy of a linear model of K classes, plus a ridge penalty.

    f = Σᵢ weightᵢ (log Σₖ e^ηᵢₖ − ηᵢ,yᵢ) / Σᵢ weightᵢ + ½·Σₖⱼ l2ⱼ wₖⱼ²,
    with ηᵢₖ = xᵢᵀwₖ + bₖ + offsetᵢₖ. The parameters are (w₁, b₁, w₂, b₂, …): ``x.reshape(K, -1)``
    has a class per row, its intercept last.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, finite.
    y : array_like, shape (n,)
        Labels 0 .. K − 1; K is the largest plus one and at least 2.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each feature's.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    offset : array_like, shape (n, K), optional
        Added to the predictors.
    fit_intercept : bool
        Append the intercepts bₖ, which are not penalised.

    Notes
    -----
    Adding one vector to all wₖ, or one number to all bₖ, changes no probability. `l2` settles the
    first and nothing the second; `Newton` stands the singular Hessian, and `covariance` exists only
    with l2 > 0 and ``fit_intercept=False``. Without `l2`, the parameters of the other classes less
    those of class 0 have the covariance ``np.linalg.inv(n * f.hessian(x)[m:, m:])``, where m is the
    number of parameters of a class and n the sum of the weights.
    """

    _determined_by = (
        "l2 > 0 and fit_intercept=False: one vector added to all classes' coefficients, or one "
        "number to their intercepts, changes no probability"
    )

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        l2: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
        **others: Any,
    ) -> None:
        _absent.refuse(others)
        data = _validation.matrix("X", X)
        n, p = data.shape
        target, n_classes = _validation.labels(y, n)
        weight = _weights(sample_weight, n)
        self._total_weight = _total(weight, n)
        super().__init__(
            data,
            target,
            weight,
            _offset(offset, n, n_classes),
            _ridge(l2, p),
            _validation.flag("fit_intercept", fit_intercept),
            n_classes,
        )

    def _falls(self, direction: _Doubles, n_rows: int) -> str:
        scale = self.column_moments[1]
        slopes = direction.reshape(self.n_classes, -1)
        columns = _separation.columns(slopes[:, : len(scale)], scale)
        moved = np.flatnonzero(slopes.any(axis=1))
        names = " and ".join(map(str, moved))
        if not columns:
            return f"no row has class {names}"
        which = f"class {names} from the others" if len(moved) == 1 else "the classes of y"
        return _separation.sentence(columns, f"separates {which} in {{rows}} rows", n_rows)


def __getattr__(name: str) -> Any:
    raise _absent.family(name)


__all__ = [
    "Exponential",
    "Gamma",
    "Huber",
    "LinearModel",
    "Logistic",
    "Objective",
    "Poisson",
    "Softmax",
    "Squared",
]
