"""Ordered classes: one predictor and thresholds."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..rows import products, read
from .data import FromArrays, column_names, lasso, offset_of, ridge, total_of, weights_of
from .estimate import Estimate
from .links import LINKS

_Doubles = npt.NDArray[np.float64]


class Ordinal(FromArrays, _core.Ordinal, Estimate):
    """Ordered classes 0 … K − 1: proportional odds, or ordered probit.

    P(y ≤ k) = F(θₖ₊₁ − η) with η = xᵀw + offset, thresholds θ₁ < … < θ_{K−1} and F logistic or
    normal. f(w, θ) = −Σᵢ weightᵢ log P(yᵢ) / Σᵢ weightᵢ + ½ Σⱼ l2ⱼ wⱼ². The parameters are
    (w, θ): no intercept, which the thresholds are. f is convex in them, and infinite where the
    thresholds are not in order: a run begins at `start`.

    Parameters
    ----------
    X : array_like, sparse matrix, `Categorical` or `Columns`, shape (n, p)
        Data, finite; also a frame with categorical columns.
    y : array_like, shape (n,)
        Labels 0 .. K − 1 in their order; K is the largest plus one. Every class has a row.
    link : {"logit", "probit"}
        F: logistic, so that e^wⱼ is the ratio of the odds of higher classes; or normal.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each; thresholds have none.
    l1 : float or array_like, shape (p,)
        Strength of the l1 term of all coefficients or of each, as in `LinearModel`.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    offset : array_like, shape (n,), optional
        Added to the predictor.

    Notes
    -----
    Of probabilities of classes nothing is lost to rounding: not where a class is narrow, and not in
    the tails of either law.

    References
    ----------
    P. McCullagh, "Regression models for ordinal data", J. R. Statist. Soc. B 42 (1980).

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Ordinal([[0], [0], [1], [1], [2], [2]], [0, 1, 0, 2, 1, 2])
    >>> x = hessopt.minimize(f, f.start()).x
    >>> x.round(2)  # the coefficient, and two thresholds
    array([1.1 , 0.25, 1.95])
    >>> f.probabilities(x, [[0], [2]]).round(2)
    array([[0.56, 0.31, 0.12],
           [0.12, 0.31, 0.56]])
    """

    #: No Hessian is needed to tell a minimum.
    convex = True
    _determined_by = "columns of X that are linearly independent and not constant, or l2 > 0"

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        link: Literal["logit", "probit"] = "logit",
        l2: npt.ArrayLike = 0.0,
        l1: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
    ) -> None:
        data, kept = read("X", X)
        n, p = data.shape
        target, n_classes = _validation.labels(y, n)
        if link not in ("logit", "probit"):
            raise _validation.error("link", repr(link), "one of ['logit', 'probit']")
        weight, column = weights_of(sample_weight, n), offset_of(offset, n, 1)
        strength = ridge(l2, p)
        self._total_weight = total_of(weight, n)
        super().__init__(data, target, weight, column, strength, n_classes, link == "probit")
        self._given = (
            (kept, target),
            {
                "link": link,
                "l2": strength if strength.size > 1 else strength.item(),
                "l1": lasso(l1, p),
                "sample_weight": weight if weight.size else None,
                "offset": column[:, 0] if column.size else None,
            },
        )

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,)."""
        strengths = np.zeros(self.n_parameters)
        strengths[: self.X.shape[1]] = self._given[1]["l2"]
        return strengths

    @property
    def parameter_names(self) -> list[str]:
        """Columns, and thresholds by the classes that they part."""
        return column_names(self.X) + [f"{k}|{k + 1}" for k in range(self.n_classes - 1)]

    def start(self) -> _Doubles:
        """Coefficients 0, and the thresholds that give the frequencies of the classes.

        Returns
        -------
        ndarray, shape (n_parameters,)
        """
        (_, y), named = self._given
        counts = np.bincount(y.astype(np.intp), named["sample_weight"], self.n_classes)
        below = np.cumsum(counts)[:-1] / counts.sum()
        x = np.zeros(self.n_parameters)
        x[-len(below) :] = [LINKS[named["link"]].predictor(float(share)) for share in below]
        if named["offset"] is not None:
            x[-len(below) :] += np.average(named["offset"], weights=named["sample_weight"])
        return x

    def probabilities(
        self, x: npt.ArrayLike, X: npt.ArrayLike, *, offset: npt.ArrayLike | None = None
    ) -> _Doubles:
        """Probabilities of the classes of new rows, shape (len(X), K).

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        X : array_like, sparse matrix, `Categorical` or `Columns`, shape (m, p)
            New rows.
        offset : array_like, shape (m,), optional
            Added to their predictors.
        """
        rows = read("X", X)[0]
        at = _validation.doubles("x", x, self.n_parameters)
        n, p = rows.shape
        if p != self.X.shape[1]:
            raise _validation.error("X", f"{p} columns", f"{self.X.shape[1]} columns")
        eta = products(rows, at[:p, None], np.zeros(1))
        if offset is not None:
            eta = eta + _validation.doubles("offset", offset, n)[:, None]
        mean: Any = LINKS[self._given[1]["link"]].mean
        cuts = np.hstack([np.full((n, 1), -np.inf), at[p:] - eta, np.full((n, 1), np.inf)])
        below, above = cuts[:, :-1], cuts[:, 1:]
        # Of two tails the small ones, whose difference keeps its digits.
        low = np.where(below + above > 0, -above, below)
        high = np.where(below + above > 0, -below, above)
        return np.asarray(mean(high) - mean(low))

    def log_constant(self, dispersion: float) -> float:
        """0: the losses are the log-likelihood."""
        return 0.0
