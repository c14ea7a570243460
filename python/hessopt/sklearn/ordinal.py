"""Regression of ordered classes."""

from __future__ import annotations

from itertools import pairwise
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import log_expit, log_ndtr
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from ..objectives import Ordinal
from .base import NOISE, LinearEstimator, refuse_samples, under_noise
from .callbacks import Watch, with_callbacks
from .data import class_weights, classes_and_codes, codes_of, is_single, order_of, rows, weights
from .summary import Summarised

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]
_LOG_LAWS = {"logit": log_expit, "probit": log_ndtr}


class OrdinalRegression(Summarised, ClassifierMixin, LinearEstimator):
    """Ordered classes: P(y ≤ class k) = F(thresholdₖ − X coef), F logistic or normal.

    Minimises −Σᵢ wᵢ log P(yᵢ) / Σᵢ wᵢ + (l1_ratio ‖coef‖₁ + ½ (1 − l1_ratio) ‖coef‖²) / (C Σᵢ wᵢ)
    over the coefficients and the thresholds, which have no penalty.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty, > 0; ``np.inf`` for none.
    l1_ratio : float
        Share of absolute values in it, in [0, 1]: above 0 some coefficients are 0, and there is no
        `summary`.
    link : {"logit", "probit"}
        F: logistic, so that exp(coef) is the ratio of the odds of higher classes; or normal.
    class_weight : dict or "balanced", optional
        Factors of the weights of the classes' rows.
    solver, max_iter, tol, warm_start, verbose
        As of `LogisticRegression`.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` whose mean over fixed samples the loss is, of dense X: 32 copies of it.

    Attributes
    ----------
    classes_ : ndarray, shape (K,)
        Labels, the lowest first.
    coef_ : ndarray, shape (p,)
        Of float32 where X is.
    thresholds_ : ndarray, shape (K − 1,)
        Rising; there is no other intercept.
    n_iter_ : int
        Iterations.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, the first of which is the reference where
        there is no penalty, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    See Also
    --------
    hessopt.objectives.Ordinal

    Notes
    -----
    The order of labels is that of a categorical series of pandas which is ordered, or of an Enum of
    polars; of other labels it is that of sorted ones, also of strings. Of two classes it is
    logistic or probit regression.

    References
    ----------
    P. McCullagh, "Regression models for ordinal data", J. R. Statist. Soc. B 42 (1980).

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import OrdinalRegression
    >>> fit = OrdinalRegression(C=np.inf).fit([[0], [0], [1], [1], [2], [2]], [1, 2, 1, 3, 2, 3])
    >>> fit.coef_.round(2), fit.thresholds_.round(2)
    (array([1.1]), array([0.25, 1.95]))
    >>> fit.predict_proba([[0], [2]]).round(2)
    array([[0.56, 0.31, 0.12],
           [0.12, 0.31, 0.56]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LinearEstimator._parameter_constraints,
        "C": [Interval(Real, 0, None, closed="right")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "link": [StrOptions({"logit", "probit"})],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "noise": NOISE["noise"],
    }
    del _parameter_constraints["fit_intercept"]

    def __init__(
        self,
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        link: Literal["logit", "probit"] = "logit",
        class_weight: Any = None,
        solver: str = "auto",
        max_iter: int = 100,
        tol: float | None = None,
        warm_start: bool = False,
        verbose: int = 0,
        noise: Any = None,
    ) -> None:
        self.C = C
        self.l1_ratio = l1_ratio
        self.link = link
        self.class_weight = class_weight
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.noise = noise

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> OrdinalRegression:
        """Fit the coefficients and the thresholds.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like or categorical series, shape (n,)
            Labels.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        given, order = (X, y, sample_weight), order_of(y)
        X, y = rows(self, X, y, reference=bool(np.isinf(self.C)))
        self.classes_, codes = classes_and_codes(y, order)
        model = self._model(X, codes, weights(sample_weight, X))
        start = model.start()
        if self.warm_start and hasattr(self, "coef_"):
            last = self._parameters()
            start = last if last.shape == start.shape else start
        p, dtype = X.shape[1], np.float32 if is_single(X) else np.float64
        result = self._minimum(
            under_noise(model, self.noise, "auto"),
            start,
            lambda x: {"coef_": x[:p].astype(dtype), "thresholds_": x[p:].astype(dtype)},
            Watch(self, *given),
        )
        self.n_iter_ = result.nit
        return self

    def _model(self, X: Any, codes: _Array, weight: _Doubles | None) -> Ordinal:
        weight = class_weights(self.class_weight, self.classes_, codes, weight)
        total = np.bincount(codes, weight, len(self.classes_))
        if not total.all():
            label = self.classes_[total == 0].tolist()[0]
            raise ValueError(f"sample_weight: got only 0 for class {label!r}; want some > 0")
        strength = 1 / (self.C * total.sum())
        return Ordinal(
            X,
            codes,
            link=self.link,
            l2=(1 - self.l1_ratio) * strength,
            l1=self.l1_ratio * strength,
            sample_weight=weight,
        )

    def _fitted(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, _Doubles]:
        refuse_samples(self.noise)
        X, y = rows(self, X, y, reset=False)
        model = self._model(X, codes_of(y, self.classes_), weights(sample_weight, X))
        return model, self._parameters()

    def _parameters(self) -> _Doubles:
        return np.append(self.coef_, self.thresholds_).astype(np.float64)

    def _names(self, names: list[str]) -> list[str]:
        columns = super()._names(names[: len(self.coef_)])
        return [*columns, *(f"{low}|{high}" for low, high in pairwise(self.classes_.tolist()))]

    def decision_function(self, X: Any) -> _Array:
        """Of two classes the predictor less the threshold, of more `predict_log_proba`.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,) or (n, K)
        """
        check_is_fitted(self)
        if len(self.classes_) == 2:
            return np.asarray(self._predictor(X) - self.thresholds_[0])
        return self.predict_log_proba(X)

    def predict(self, X: Any) -> _Array:
        """The likeliest classes.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,)
        """
        likeliest = self.predict_log_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

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
        return np.exp(self.predict_log_proba(X))

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
        end = np.full((len(eta), 1), np.inf, eta.dtype)
        cuts = np.hstack([-end, self.thresholds_ - eta[:, None], end])
        below, above = cuts[:, :-1], cuts[:, 1:]
        # Of two tails the small ones, whose difference keeps its digits.
        is_right = below + above > 0
        log_law = _LOG_LAWS[self.link]
        high = log_law(np.where(is_right, -below, above))
        low = log_law(np.where(is_right, -above, below))
        return np.asarray(high + np.log(-np.expm1(low - high)))

    @property
    def intercept_(self) -> float:
        """0: the thresholds have it."""
        return 0.0

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # of classes that lie in no order
        return tags
