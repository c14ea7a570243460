"""Logistic regression that chooses the strength of its penalty, and a law of noise."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval

from .base import Predictor
from .data import is_single, rows, weights
from .logistic import LogisticRegression
from .posterior import posterior_of_choice
from .selection import CV, LAWS, Choice, among_laws, chosen, rising


class LogisticRegressionCV(LogisticRegression):
    """Logistic regression whose penalty is that which predicts rows best that it has not seen.

    Parameters
    ----------
    Cs : int or array_like
        Values of C, > 0; a number of them lies between 1e-4 and 1e4.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    cv : None, "evidence", int, splitter or iterable of splits
        None is leave-one-out from one fit at each C, and five folds under noise or of more than two
        classes; "evidence" is that of the Laplace approximation; a number of folds, or what
        scikit-learn takes for such.
    class_weight : dict or "balanced", optional
        Factors of the weights of the classes' rows.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, or list, optional
        A law of `hessopt` that is integrated out of the loss. Of a list of laws, and of None for
        none, folds choose one: ``[Dropout(r) for r in (0.0, 0.1, 0.3)]`` is a path of rates.
    noise_method : {"auto", "normal", "taylor", "exact", "sample"}
        How, see `hessopt.expected`.

    Attributes
    ----------
    C_ : float
        The choice.
    noise_ : law or None
        That of the fit.
    Cs_, scores_ : ndarray, shape (m,)
        Values of C, rising, and of each the mean log-likelihood of a row that was left out, or the
        logarithm of the evidence over the weights' sum: the larger the better. Between some of them
        scores are interpolated. Of k laws in a list `scores_` has shape (k, m).
    classes_, coef_, intercept_, categories_, column_names_, n_features_in_, feature_names_in_
        As of `LogisticRegression`, at `C_`.

    See Also
    --------
    hessopt.select_l2

    Notes
    -----
    Folds are weights of 0 and 1 over rows that nobody copies; each is fitted along the path from
    the curvature of its neighbours.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import LogisticRegressionCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 10))
    >>> y = X[:, 0] + rng.logistic(size=200) > 0
    >>> one, five = LogisticRegressionCV().fit(X, y), LogisticRegressionCV(cv=5).fit(X, y)
    >>> 0.01 < one.C_ < 1, 0.01 < five.C_ < 1
    (True, True)
    """

    l1_ratio = 0.0  # leave-one-out and the evidence know of squares alone
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        **LAWS,
        "Cs": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "cv": CV,
        "class_weight": LogisticRegression._parameter_constraints["class_weight"],
    }

    def __init__(
        self,
        *,
        Cs: Any = 100,
        fit_intercept: bool = True,
        cv: Any = None,
        class_weight: Any = None,
        noise: Any = None,
        noise_method: str = "auto",
    ) -> None:
        self.Cs = Cs
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.class_weight = class_weight
        self.noise = noise
        self.noise_method = noise_method

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticRegressionCV:
        """Choose C and fit the coefficients.

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
        X, y = rows(self, X, y, ensure_min_samples=2)
        codes = self._codes(y)
        weight = self._weights(codes, weights(sample_weight, X))
        Cs = np.logspace(-4, 4, self.Cs) if isinstance(self.Cs, Integral) else self.Cs
        strengths = 1 / rising("Cs", Cs)[::-1]

        def choose(law: Any, cv: Any) -> Choice:
            self.noise_ = law
            return chosen(
                lambda w, strength: self._model(X, codes, w, strength),
                strengths,
                weight,
                cv,
                y,
                classifier=True,
            )

        self.noise_, choice, scores = among_laws(self.noise, self.cv, y, choose, classifier=True)
        self.Cs_, self.scores_ = 1 / strengths[::-1], -scores[..., ::-1]
        self.C_ = float(1 / strengths[choice.best])
        for name, value in self._attributes(choice.x, is_single(X)).items():
            setattr(self, name, value)
        at_best = self._model(X, codes, weight, self._strength)
        self._posterior = posterior_of_choice(at_best, choice.x)
        return self

    @property
    def _strength(self) -> float:
        return 1 / self.C_

    @property
    def _noise(self) -> Any:
        return self.noise_
