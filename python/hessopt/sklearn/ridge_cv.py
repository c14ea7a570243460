"""Ridge regression that chooses the strength of its penalty."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import _fit_context

from .base import Predictor, under_noise
from .data import is_single, rows, weights
from .posterior import Posterior, posterior_of_choice
from .selection import CV, LAWS, Choice, alphas_of, among_laws, chosen
from .squares import LeastSquares


class RidgeCV(LeastSquares):
    """Ridge regression whose penalty is that which predicts rows best that it has not seen.

    Parameters
    ----------
    alphas : array_like, optional
        Values of alpha, > 0. By default 100, from where the penalty is as strong as the squares
        downwards.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    cv : None, "evidence", int, splitter or iterable of splits
        None is leave-one-out, which is exact, and five folds under noise; "evidence" is that of the
        normal law; a number of folds, or what scikit-learn takes for such.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, or list, optional
        A law of `hessopt` that is integrated out of the squares. Of a list of laws, and of None for
        none, folds choose one.

    Attributes
    ----------
    alpha_ : float
        The choice.
    noise_ : law or None
        That of the fit.
    alphas_, scores_ : ndarray, shape (m,)
        Values of alpha, rising, and of each minus the mean square of the errors of rows that were
        left out, or the logarithm of the evidence over the weights' sum: the larger the better.
        Between some of them scores are interpolated. Of k laws in a list `scores_` has shape
        (k, m).
    coef_, intercept_, categories_, column_names_, n_features_in_, feature_names_in_
        As of `Ridge`, at `alpha_`; of one target.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import RidgeCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 10))
    >>> 1 < RidgeCV().fit(X, X[:, 0] + 3 * rng.normal(size=200)).alpha_ < 1000
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        "alphas": ["array-like", None],
        "cv": CV,
        "noise": LAWS["noise"],
    }

    def __init__(
        self, alphas: Any = None, *, fit_intercept: bool = True, cv: Any = None, noise: Any = None
    ) -> None:
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.noise = noise

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> RidgeCV:
        """Choose alpha and fit the coefficients.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,)
            Targets.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        X, y = rows(self, X, y, y_numeric=True, ensure_min_samples=2)
        weight = weights(sample_weight, X)

        plain = self._models(X, y, weight, 1.0)[0]
        self.alphas_ = alphas_of(self.alphas, plain, plain._total_weight)

        def choose(law: Any, cv: Any) -> Choice:
            def model(w: Any, alpha: float) -> Any:
                return under_noise(self._models(X, y, w, alpha)[0], law, "auto")

            return chosen(model, self.alphas_, weight, cv, y)

        self.noise_, choice, scores = among_laws(self.noise, self.cv, y, choose)
        self.scores_, self.alpha_ = -scores, float(self.alphas_[choice.best])
        if self.cv != "evidence":
            self.scores_ = 2 * self.scores_
        p, dtype = X.shape[1], np.float32 if is_single(X) else np.float64
        self.coef_, self.intercept_ = choice.x[:p].astype(dtype), dtype(choice.x[p:].sum())
        at_best = under_noise(self._models(X, y, weight, self.alpha_)[0], self.noise_, "auto")
        self._found = posterior_of_choice(at_best, choice.x)
        return self

    @property
    def _posteriors(self) -> list[Posterior | str]:
        return [self._found]

    @property
    def _noise(self) -> Any:
        return self.noise_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags
