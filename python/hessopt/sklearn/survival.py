"""Proportional hazards of survival times."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_array, check_consistent_length

from ..objectives import Cox
from .base import NOISE, LinearEstimator, refuse_samples, under_noise
from .callbacks import Watch, with_callbacks
from .concordance import concordance
from .data import is_single, rows, weights
from .summary import Summarised

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]


class CoxRegressor(Summarised, LinearEstimator):
    """Cox's model of proportional hazards: hazard h₀(t) exp(X coef), of h₀ nothing is asked.

    Minimises −log L(coef) / Σᵢ wᵢ + ½ alpha ‖coef‖², L the partial likelihood.

    Parameters
    ----------
    alpha : float
        Strength of the penalty, >= 0.
    ties : {"efron", "breslow"}
        What tied events count as.
    solver, max_iter, tol, warm_start, verbose
        As of `PoissonRegressor`.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` whose mean over fixed samples the loss is, of dense X: 32 copies of it.

    Attributes
    ----------
    coef_ : ndarray, shape (p,)
        Logarithms of hazard ratios; of float32 where X is.
    n_iter_ : int
        Iterations.
    event_times_, cumulative_hazard_ : ndarray, shape (m,)
        Breslow's estimate of the baseline, at X = 0: 0 before the first time, from each time on
        this. A list of such arrays, one for each of `strata_`, where there are strata.
    strata_ : ndarray
        The strata, where there are some.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, the first of which is the reference where
        there is no penalty, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    See Also
    --------
    hessopt.objectives.Cox

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import CoxRegressor
    >>> treated, months = [[0.0], [0], [0], [1], [1], [1]], [1.0, 3, 4, 2, 5, 7]
    >>> fit = CoxRegressor().fit(treated, np.column_stack([[1, 1, 1, 1, 1, 0], months]))
    >>> np.exp(fit.coef_).round(3)  # the hazard ratio
    array([0.248])
    >>> fit.predict_survival_function([[0.0], [1.0]], [0.0, 2.5]).round(3)
    array([[1.   , 0.532],
           [1.   , 0.855]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LinearEstimator._parameter_constraints,
        "alpha": [Interval(Real, 0, None, closed="left")],
        "ties": [StrOptions({"efron", "breslow"})],
        "noise": NOISE["noise"],
    }
    del _parameter_constraints["fit_intercept"]

    def __init__(
        self,
        *,
        alpha: float = 0.0,
        ties: Literal["efron", "breslow"] = "efron",
        solver: str = "auto",
        max_iter: int = 100,
        tol: float | None = None,
        warm_start: bool = False,
        verbose: int = 0,
        noise: Any = None,
    ) -> None:
        self.alpha = alpha
        self.ties = ties
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.noise = noise

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        entry: Any = None,
        strata: Any = None,
    ) -> CoxRegressor:
        """Fit the coefficients and the baseline hazard.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : structured array of shape (n,), or array_like of shape (n, 2) or (n,)
            Whether there was an event, and when it or the censoring was: two fields or columns in
            this order, as scikit-survival has them. Times alone are those of events.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.
        entry : array_like, shape (n,), optional
            From when on a row was observed, less than its time.
        strata : array_like, shape (n,), optional
            Labels; rows of one label have a baseline hazard of their own.

        Returns
        -------
        self
        """
        given = X, y, sample_weight
        event, time = outcome(y)
        X, time = rows(self, X, time, reference=self.alpha == 0, y_numeric=True)
        numbers = self._numbered(strata)
        model = self._model(X, time, event, weights(sample_weight, X), entry, numbers, self.alpha)
        start = np.zeros(model.n_parameters)
        if self.warm_start and getattr(self, "coef_", start[:0]).shape == start.shape:
            start = self.coef_.astype(np.float64)
        dtype = np.float32 if is_single(X) else np.float64
        result = self._minimum(
            under_noise(model, self.noise, "auto"),
            start,
            lambda x: {"coef_": x.astype(dtype)},
            Watch(self, *given),
        )
        self.n_iter_ = result.nit
        self._keep_baseline(model, result.x)
        return self

    def _numbered(self, strata: Any) -> Any:
        """The number of the stratum of each row, where there are some, of labels set here."""
        self.__dict__.pop("strata_", None)
        if strata is None:
            return None
        self.strata_, numbers = np.unique(strata, return_inverse=True)
        return numbers

    def _keep_baseline(self, model: Any, x: _Doubles) -> None:
        strata = range(len(self.strata_)) if hasattr(self, "strata_") else [None]
        baselines = [model.baseline_cumulative_hazard(x, stratum=k) for k in strata]
        times, hazards = zip(*baselines, strict=True)
        self.event_times_: Any = list(times) if hasattr(self, "strata_") else times[0]
        self.cumulative_hazard_: Any = list(hazards) if hasattr(self, "strata_") else hazards[0]

    @property
    def _strength(self) -> float:
        """Of the penalty of the mean."""
        return self.alpha

    def _model(
        self,
        X: Any,
        time: Any,
        event: Any,
        weight: _Doubles | None,
        entry: Any,
        strata: Any,
        strength: float,
    ) -> Any:
        return Cox(
            X,
            time,
            event,
            ties=self.ties,
            entry=entry,
            strata=strata,
            l2=strength,
            sample_weight=weight,
        )

    def _fitted(
        self, X: Any, y: Any, sample_weight: Any, entry: Any = None, strata: Any = None
    ) -> tuple[Any, _Doubles]:
        refuse_samples(self.noise)
        event, time = outcome(y)
        X, time = rows(self, X, time, reset=False, y_numeric=True)
        codes = None if strata is None else np.unique(strata, return_inverse=True)[1]
        weight = weights(sample_weight, X)
        model = self._model(X, time, event, weight, entry, codes, self._strength)
        return model, self.coef_.astype(np.float64)

    def predict(self, X: Any) -> _Array:
        """Logarithms of hazards relative to that at X = 0: the larger, the sooner.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,)
        """
        return self._predictor(X)

    def predict_cumulative_hazard(self, X: Any, times: Any, *, strata: Any = None) -> _Doubles:
        """Cumulative hazards at these times.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        times : array_like, shape (k,)
            When.
        strata : array_like, shape (n,), optional
            Labels of the rows, where the fit had some.

        Returns
        -------
        ndarray, shape (n, k)
        """
        eta = self._predictor(X).astype(np.float64)
        when = check_array(times, ensure_2d=False, dtype=np.float64, input_name="times")
        has_strata = hasattr(self, "strata_")
        if has_strata == (strata is None):
            got, want = (
                ("none", "one of each row") if has_strata else ("some", "none, as in the fit")
            )
            raise ValueError(f"strata: got {got}; want {want}")
        if not has_strata:
            steps = _steps(self.event_times_, self.cumulative_hazard_, when)
            return np.asarray(np.exp(eta)[:, None] * steps)
        check_consistent_length(eta, strata)
        labels = np.asarray(strata)
        if not np.isin(labels, self.strata_).all():
            other = labels[~np.isin(labels, self.strata_)].tolist()[0]
            raise ValueError(f"strata: got {other!r}; want labels of the fit")
        each = np.array(
            [
                _steps(known, hazard, when)
                for known, hazard in zip(self.event_times_, self.cumulative_hazard_, strict=True)
            ]
        )
        return np.asarray(np.exp(eta)[:, None] * each[np.searchsorted(self.strata_, labels)])

    def predict_survival_function(self, X: Any, times: Any, *, strata: Any = None) -> _Doubles:
        """Probabilities of no event up to these times, exp(−`predict_cumulative_hazard`).

        Parameters
        ----------
        X, times, strata
            As there.

        Returns
        -------
        ndarray, shape (n, k)
        """
        return np.exp(-self.predict_cumulative_hazard(X, times, strata=strata))

    def score(self, X: Any, y: Any) -> float:
        """Harrell's concordance: of pairs whose order is known, how many `predict` orders so.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : structured array of shape (n,), or array_like of shape (n, 2) or (n,)
            Events and times, as in `fit`.

        Returns
        -------
        float
            In [0, 1]; predictions that are equal count half.

        References
        ----------
        F. E. Harrell et al., "Evaluating the yield of medical tests", JAMA 247 (1982).
        """
        event, time = outcome(y)
        return concordance(event, np.asarray(time, np.float64), self.predict(X))

    @property
    def intercept_(self) -> float:
        """0: the baseline hazard has it."""
        return 0.0

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _steps(known: _Doubles, hazard: _Doubles, when: _Doubles) -> _Doubles:
    """A step function that is 0 before the first of its times."""
    return np.asarray(np.append(0.0, hazard)[np.searchsorted(known, when, side="right")])


def outcome(y: Any) -> tuple[Any, Any]:
    """Events and times."""
    names = getattr(getattr(y, "dtype", None), "names", None)
    if names is not None:
        if len(names) != 2:
            raise ValueError(f"y: got {len(names)} fields; want the event and the time")
        return y[names[0]], y[names[1]]
    if y is None:
        return None, y
    if (shape := np.asarray(y).shape)[1:] == ():
        return np.ones(shape), y
    both = check_array(y, dtype=np.float64, input_name="y")
    if both.shape[1] != 2:
        raise ValueError(f"y: got {both.shape[1]} columns; want the event and the time")
    return both[:, 0], both[:, 1]
