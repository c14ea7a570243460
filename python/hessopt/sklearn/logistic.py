"""Logistic regression of two classes or more."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import _fit_context
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.extmath import softmax

from ..integrate import PredictiveDistribution
from ..objectives import Logistic, Multinomial, Softmax
from ..uncertainty.response_spread import spread_of_classes
from .base import NOISE, LinearEstimator, under_noise
from .callbacks import Watch, with_callbacks
from .data import checked, class_weights, classes_and_codes, codes_of, is_single, rows, weights
from .predictive import Predictive
from .summary import Summarised

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]


class LogisticRegression(Summarised, Predictive, LinearClassifierMixin, LinearEstimator):
    """Logistic regression, of two classes or multinomial, with noise integrated out.

    Minimises Σᵢ wᵢ ℓᵢ / Σᵢ wᵢ + ‖coef‖² / (2 C Σᵢ wᵢ), ℓ the cross-entropy, to its last digits:
    what scikit-learn's estimator of this name converges to.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty, > 0; ``np.inf`` for none.
    l1_ratio : float
        Share of ‖coef‖₁ / (C Σᵢ wᵢ) in the penalty, in [0, 1]: above 0 some coefficients are 0.
    tol : float, optional
        End a fit where no component of the gradient is larger. By default it ends by itself, with
        six digits of a standard error or more.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    class_weight : dict or "balanced", optional
        Factors of the weights of the classes' rows.
    random_state : int, RandomState instance or None
        Not used: nothing here is random. The noise has its own seed.
    solver : {"auto", "newton", "newton_cg", "trust_region", "lbfgs", "bfgs"}
        "auto" takes what suits the size and kind of the data, see `hessopt.minimize`.
    max_iter : int
        Most iterations.
    verbose : int
        Whether to print how the fit ended.
    warm_start : bool
        Begin from the last fit.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` that is integrated out of the loss.
    noise_method : {"auto", "normal", "taylor", "exact", "sample"}
        How, see `hessopt.expected`. "auto" is "normal" for two classes, "taylor" for more.
    store_covariance : bool
        Whether the covariance of the coefficients is kept, as `predict_distribution` wants it. It
        takes one Hessian more, and as many numbers as that has.

    Attributes
    ----------
    classes_ : ndarray, shape (K,)
        Labels.
    coef_ : ndarray, shape (1, p) or (K, p)
        Of float32 where X is.
    intercept_ : ndarray, shape (1,) or (K,)
        Of sum 0 for more than two classes, without the noise that was integrated out.
    n_iter_ : ndarray, shape (1,)
        Iterations.
    covariance_ : ndarray, shape (P, P)
        Of coefficients and intercept, class by class, with ``store_covariance=True``.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    A frame's columns of categories or strings have a coefficient for each level, in their place.
    Without a penalty these are determined up to a constant alone, and the fit takes the first level
    as the reference.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> from hessopt.sklearn import LogisticRegression
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "no", "yes", "yes"]
    >>> LogisticRegression().fit(X, y).predict_proba([[1.5]]).round(6)
    array([[0.5, 0.5]])
    >>> noisy = LogisticRegression(C=np.inf, noise=hessopt.GaussianNoise(1.0)).fit(X, y)
    >>> noisy.coef_.shape
    (1, 1)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LinearEstimator._parameter_constraints,
        **NOISE,
        "C": [Interval(Real, 0, None, closed="right")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "random_state": ["random_state"],
        "store_covariance": ["boolean"],
    }

    def __init__(
        self,
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        tol: float | None = None,
        fit_intercept: bool = True,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "auto",
        max_iter: int = 100,
        verbose: int = 0,
        warm_start: bool = False,
        noise: Any = None,
        noise_method: str = "auto",
        store_covariance: bool = False,
    ) -> None:
        self.C = C
        self.l1_ratio = l1_ratio
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.noise = noise
        self.noise_method = noise_method
        self.store_covariance = store_covariance

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticRegression:
        """Fit the coefficients.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,)
            Labels.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        given = X, y, sample_weight
        X, y = rows(self, X, y, reference=self.fit_intercept and np.isinf(self.C))
        codes = self._codes(y)
        model = self._model(
            X, codes, self._weights(codes, weights(sample_weight, X)), self._strength
        )
        start = np.zeros(model.n_parameters)
        if self.warm_start and hasattr(self, "coef_"):
            last = self._parameters()
            start = last if last.shape == start.shape else start
        single = is_single(X)
        result = self._minimum(
            model, start, lambda x: self._attributes(x, single), Watch(self, *given)
        )
        self.n_iter_ = np.array([result.nit], np.int32)
        self._store(model, result.x)
        return self

    @property
    def _response(self) -> str:
        return "sigmoid" if len(self.classes_) == 2 else "softmax"

    def _spread(
        self, mean: _Doubles, covariance: _Doubles, n_samples: int | None
    ) -> PredictiveDistribution:
        return spread_of_classes(mean, covariance, n_samples=n_samples)

    def _outputs(self, eta: _Doubles) -> _Doubles:
        return super()._outputs(np.hstack([-eta, eta]) if eta.shape[1] == 1 else eta)

    def _codes(self, y: _Array) -> _Array:
        """The number of the class of each row, of classes that are set here."""
        self.classes_, codes = classes_and_codes(y)
        return codes

    @property
    def _strength(self) -> float:
        """Of the penalty of the sum of losses."""
        return 1 / self.C

    def _model(self, X: Any, codes: _Array, weight: _Doubles | None, strength: float) -> Any:
        total = len(codes) if weight is None else weight.sum()
        kind = Logistic if len(self.classes_) == 2 else Softmax
        model = kind(
            checked(X),
            codes,
            l2=(1 - self.l1_ratio) * strength / total,
            l1=self.l1_ratio * strength / total,
            sample_weight=weight,
            fit_intercept=self.fit_intercept,
        )
        return under_noise(model, self._noise, self.noise_method)

    def _weights(self, codes: _Array, weight: _Doubles | None) -> _Doubles | None:
        return class_weights(self.class_weight, self.classes_, codes, weight)

    def _fitted(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, _Doubles]:
        X, y = rows(self, X, y, reset=False)
        codes = codes_of(y, self.classes_)
        weight = self._weights(codes, weights(sample_weight, X))
        x = self._parameters()
        if len(self.classes_) == 2 or self._strength > 0 or self._noise is not None:
            return self._model(X, codes, weight, self._strength), x
        each = x.reshape(len(self.classes_), -1)
        model = Multinomial(X, codes, sample_weight=weight, fit_intercept=self.fit_intercept)
        return model, (each[1:] - each[0]).ravel()

    def _names(self, names: list[str]) -> list[str]:
        if len(self.classes_) == 2:
            return super()._names(names)
        size = self.coef_.shape[1] + self.fit_intercept
        columns = super()._names([name.split(": ", 1)[1] for name in names[:size]])
        labels = self.classes_[-(len(names) // size) :]  # without the reference, where there is one
        return [f"{label}: {name}" for label in labels for name in columns]

    def _parameters(self) -> _Doubles:
        """Those of the last fit, as the model has them."""
        columns = [self.coef_, self.intercept_[:, None]][: 1 + self.fit_intercept]
        return np.hstack(columns).astype(np.float64).ravel()

    def _attributes(self, x: _Doubles, single: bool) -> dict[str, Any]:
        each = x.reshape(1 if len(self.classes_) == 2 else len(self.classes_), -1)
        coef, intercept = each, np.zeros(len(each))
        if self.fit_intercept:
            coef, intercept = each[:, :-1], each[:, -1]
            if len(each) > 1:  # free up to one number for all classes
                intercept = intercept - intercept.mean()
        if len(each) > 1 and self._strength == 0:  # so are the coefficients of a column
            coef = coef - coef.mean(axis=0)
        dtype = np.float32 if single else np.float64
        return {"coef_": coef.astype(dtype), "intercept_": intercept.astype(dtype)}

    def decision_function(self, X: Any) -> _Array:
        """The predictor of class 1, or those of all classes.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,) or (n, K)
        """
        eta = self._predictor(X)
        return eta[:, 0] if eta.shape[1] == 1 else eta

    def predict_proba(self, X: Any) -> _Array:
        """Probabilities of the classes, in the order of `classes_`.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n, K)
        """
        eta = self._predictor(X)
        if eta.shape[1] > 1:
            return np.asarray(softmax(eta, copy=False))
        return np.hstack([expit(-eta), expit(eta)])

    def predict_log_proba(self, X: Any) -> _Array:
        """Their logarithms, also where they are too small for a number.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n, K)
        """
        eta = self._predictor(X)
        if eta.shape[1] == 1:
            return -np.hstack([np.logaddexp(0, eta), np.logaddexp(0, -eta)])
        eta -= eta.max(axis=1, keepdims=True)
        return np.asarray(eta - np.log(np.exp(eta).sum(axis=1, keepdims=True)))
