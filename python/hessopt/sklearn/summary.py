"""Standard errors, tests and influence of estimators that are likelihoods."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from ..objectives.data import Weights
from ..objectives.sandwich import Kind
from ..uncertainty import Inference, inference
from ..uncertainty.diagnostics import Influence, influence

_Doubles = npt.NDArray[np.float64]


class Summarised:
    """`summary` and `influence` of an estimator, from the rows that it was fitted to.

    An estimator keeps coefficients and no data, so that both are given once more.
    """

    # Of what `fit` was given: the objective, and its parameters at the end.
    _fitted: Callable[..., tuple[Any, _Doubles]]

    def summary(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        covariance: Kind | None = None,
        clusters: Any = None,
        dispersion: float | Literal["pearson", "deviance", "ml"] | None = None,
        weights: Weights = "frequency",
        **others: Any,
    ) -> Inference:
        """Standard errors, tests, intervals, deviance, AIC and BIC of the fit.

        Parameters
        ----------
        X, y, sample_weight
            As `fit` was given them.
        covariance : {"observed", "expected", "HC0", "HC1", "HC3", "cluster"}, optional
            Of the law, the default, or a sandwich, where its variance is in doubt.
        clusters : array_like, shape (n,), optional
            The cluster of each row, where rows of one are not independent.
        dispersion : float or {"pearson", "deviance", "ml"}, optional
            Scale of the law, or how it is estimated.
        weights : {"frequency", "variance"}
            What `sample_weight` is, see `hessopt.inference`.
        **others
            What else `fit` was given: ``offset``; ``entry``, ``strata``.

        Returns
        -------
        hessopt.Inference
            Printed, and in a notebook, a table; ``to_frame()`` is a data frame.

        Raises
        ------
        numpy.linalg.LinAlgError
            Where the data leave something undetermined, but for columns that are combinations of
            others.
        ValueError
            On a fit whose penalty selects coefficients, as l1_ratio does.

        Notes
        -----
        Of more than two classes, without a penalty, coefficients are those of every class less the
        first one's, as in other software; with a penalty or noise those of all classes, held
        against their mean, as in ``coef_``. Of columns that are combinations of others the last is
        left out: its row is of NaN, the others are those of the fit without it, and not in
        ``coef_``.
        """
        model, x = self._unbounded(X, y, sample_weight, **others)
        made = inference(
            model,
            x,
            covariance=covariance,
            clusters=clusters,
            dispersion=dispersion,
            weights=weights,
        )
        return dataclasses.replace(made, names=self._names(made.names))

    def influence(self, X: Any, y: Any, sample_weight: Any = None, **others: Any) -> Influence:
        """Leverages, residuals, Cook's distances, and what changes when a row leaves.

        Parameters
        ----------
        X, y, sample_weight
            As `fit` was given them.
        **others
            What else `fit` was given: ``offset``.

        Returns
        -------
        hessopt.Influence
        """
        model, x = self._unbounded(X, y, sample_weight, **others)
        made = influence(model, x)
        return dataclasses.replace(made, names=self._names(made.names))

    def _unbounded(self, X: Any, y: Any, sample_weight: Any, **others: Any) -> tuple[Any, _Doubles]:
        """What was fitted, if no coefficient may be on a bound."""
        check_is_fitted(self)
        if getattr(self, "positive", False):
            want = "False: of coefficients on a bound this is not known; a bootstrap of the fit is"
            raise ValueError(f"positive: got True; want {want}")
        return self._fitted(X, y, sample_weight, **others)

    def _names(self, names: list[str]) -> list[str]:
        """Of the coefficients, where X had some."""
        own = getattr(self, "column_names_", getattr(self, "feature_names_in_", None))
        if own is None:
            return names
        return [*map(str, own), *["intercept"] * (len(names) - len(own))]
