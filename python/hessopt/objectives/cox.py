"""Proportional hazards: the partial likelihood of survival times."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..rows import names_of, products, read
from . import separation
from .data import OfRows, lasso, offset_of, per_parameter, ridge, total_of, weights_of
from .estimate import ModelEstimate

_Doubles = npt.NDArray[np.float64]
_TIES = ("efron", "breslow")


class Cox(OfRows, _core.Cox, ModelEstimate):
    """Cox's model of proportional hazards: minus the mean log of the partial likelihood.

    The hazard of row i at time t is h₀(t) e^ηᵢ, ηᵢ = xᵢᵀw + offsetᵢ, with an h₀ of each stratum of
    which nothing is asked. f(w) = −log L(w) / Σᵢ weightᵢ + ½ Σⱼ l2ⱼ wⱼ², where log L sums
    ηᵢ − log Σⱼ weightⱼ e^ηⱼ over the events, j over all rows at risk at the time of event i. There
    is no intercept, which would change nothing; e^wⱼ is the hazard ratio of column j.

    Parameters
    ----------
    X : array_like, sparse matrix, `Categorical` or `Columns`, shape (n, p)
        Data, finite; also a frame with categorical columns.
    time : array_like, shape (n,)
        When the row was observed last: the time of its event, or of its censoring. A row censored
        at the time of an event is still at risk then.
    event : array_like, shape (n,)
        Whether `time` is that of an event: True or 1, else False or 0.
    ties : {"efron", "breslow"}
        What tied events count as: Efron's mean over their orders, as in R, or Breslow's sum.
    entry : array_like, shape (n,), optional
        From when on the row was observed, < `time`: it is at risk at the times in (entry, time].
        For left truncation, and for columns that change with time, a row for each value.
    strata : array_like, shape (n,), optional
        Numbers; rows of one number share a baseline hazard and are at risk together.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each.
    l1 : float or array_like, shape (p,)
        Strength of the l1 term of all coefficients or of each, as in `LinearModel`.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows, which multiply events and shares of risk sets. With
        ``ties="breslow"`` a weight of 2 is the row twice; Efron's terms have the mean weight of
        their events.
    offset : array_like, shape (n,), optional
        Added to the predictor.

    Notes
    -----
    A gradient takes time about n, also with entries (n log n), and no sum of a risk set is a
    difference: shares may leave it that were 1e16 times as large as those that stay, and the range
    of predictors has no bound.

    References
    ----------
    D. R. Cox, "Regression models and life-tables", J. R. Statist. Soc. B 34 (1972). B. Efron, "The
    efficiency of Cox's likelihood function for censored data", J. Amer. Statist. Assoc. 72 (1977).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> treated, months = [[0], [0], [0], [1], [1], [1]], [1.0, 3, 4, 2, 5, 7]
    >>> f = hessopt.objectives.Cox(treated, months, [1, 1, 1, 1, 1, 0])
    >>> fit = hessopt.minimize(f, [0.0])
    >>> np.exp(fit.x).round(3)  # the hazard ratio
    array([0.248])
    >>> f.predict_survival_function(fit.x, [[0], [1]], [0, 2.5]).round(3)
    array([[1.   , 0.532],
           [1.   , 0.855]])
    """

    #: No Hessian is needed to tell a minimum.
    convex = True
    _determined_by = (
        "columns of X that are linearly independent and vary among rows at risk, or l2 > 0"
    )

    def __init__(
        self,
        X: npt.ArrayLike,
        time: npt.ArrayLike,
        event: npt.ArrayLike,
        *,
        ties: Literal["efron", "breslow"] = "efron",
        entry: npt.ArrayLike | None = None,
        strata: npt.ArrayLike | None = None,
        l2: npt.ArrayLike = 0.0,
        l1: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
    ) -> None:
        data, kept = read("X", X)
        self._column_names = names_of(kept, X)
        n, p = data.shape
        times, happened = _validation.doubles("time", time, n), _events(event, n)
        if ties not in _TIES:
            raise _validation.error("ties", repr(ties), f"one of {list(_TIES)}")
        entries = np.empty(0) if entry is None else _entries(entry, times)
        stratum = np.empty(0) if strata is None else _validation.doubles("strata", strata, n)
        weight, column = weights_of(sample_weight, n), offset_of(offset, n, 1)
        if not (happened[weight > 0] if weight.size else happened).any():
            raise _validation.error("event", "no event in a row that weighs", "at least one")
        strength = ridge(l2, p)
        self._strata, codes = np.unique(stratum, return_inverse=True)
        self._total_weight = total_of(weight, n)
        parts = times, happened, entries, codes.astype(np.float64), weight, column, strength
        super().__init__(data, *parts, ties == "efron")
        self._given = (
            (kept, times, happened),
            {
                "ties": ties,
                "entry": entries if entries.size else None,
                "strata": stratum if stratum.size else None,
                "l2": strength if strength.size > 1 else strength.item(),
                "l1": lasso(l1, p),
                "sample_weight": weight if weight.size else None,
                "offset": column[:, 0] if column.size else None,
            },
        )

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,)."""
        return per_parameter(self.l2, self.n_parameters, 1, self.n_parameters)

    def log_likelihood(self, x: npt.ArrayLike) -> float:
        """Log of the partial likelihood at x, without the penalty: what R and others print."""
        at = _validation.doubles("x", x, self.n_parameters)
        penalty = 0.5 * float(self.l2_of_parameters @ at**2)
        return float(-self._total_weight * (self.value_and_gradient(at)[0] - penalty))

    def baseline_cumulative_hazard(
        self, x: npt.ArrayLike, *, stratum: float | None = None
    ) -> tuple[_Doubles, _Doubles]:
        """Breslow's estimator of the cumulative hazard at X = 0.

        Parameters
        ----------
        x : array_like, shape (p,)
            The minimum, as `hessopt.minimize` finds it.
        stratum : float, optional
            Which of `strata`, where there are some.

        Returns
        -------
        times : ndarray, shape (m,)
            Those of events, rising.
        hazard : ndarray, shape (m,)
            H₀ from each of them on; 0 before. At an event it rises by the weight of the events over
            Σⱼ weightⱼ e^ηⱼ of the rows at risk, whatever `ties` are.

        References
        ----------
        N. Breslow, "Covariance analysis of censored survival data", Biometrics 30 (1974).
        """
        times, log_hazard = self._log_baseline(x, self._code_of(stratum))
        with np.errstate(over="ignore"):
            return times, np.exp(log_hazard)

    def predict_cumulative_hazard(
        self,
        x: npt.ArrayLike,
        X: npt.ArrayLike,
        times: npt.ArrayLike,
        *,
        strata: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
    ) -> _Doubles:
        """Cumulative hazards H₀(t) e^η of new rows, shape (len(X), len(times)).

        Parameters
        ----------
        x : array_like, shape (p,)
            The minimum.
        X : array_like, sparse matrix, `Categorical` or `Columns`, shape (m, p)
            New rows.
        times : array_like, shape (k,)
            When.
        strata, offset : array_like, shape (m,), optional
            Of the new rows: `strata` where the model has some, `offset` where it is not 0.
        """
        rows = read("X", X)[0]
        n, p = rows.shape
        if p != self.n_parameters:
            raise _validation.error("X", f"{p} columns", f"{self.n_parameters} columns")
        at = _validation.doubles("x", x, p)
        when = _validation.array("times", times, 1).astype(np.float64)
        eta = products(rows, at[:, None], np.zeros(1))[:, 0]
        if offset is not None:
            eta = eta + _validation.doubles("offset", offset, n)
        if (strata is None) == bool(self._strata.size):
            want = "the strata of the rows" if strata is None else "nothing: the model has none"
            raise _validation.error("strata", "nothing" if strata is None else "some", want)
        which = np.zeros(n) if strata is None else _validation.doubles("strata", strata, n)
        out = np.empty((n, len(when)))
        for number in np.unique(which):
            mine = which == number
            known, log_hazard = self._log_baseline(
                at, self._code_of(None if strata is None else number)
            )
            steps = np.append(-np.inf, log_hazard)[np.searchsorted(known, when, side="right")]
            with np.errstate(over="ignore"):
                out[mine] = np.exp(steps + eta[mine, None])
        return out

    def predict_survival_function(
        self,
        x: npt.ArrayLike,
        X: npt.ArrayLike,
        times: npt.ArrayLike,
        *,
        strata: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
    ) -> _Doubles:
        """Probabilities of no event up to a time, e^−H of `predict_cumulative_hazard`.

        Parameters
        ----------
        x, X, times, strata, offset
            As there.

        Returns
        -------
        ndarray, shape (len(X), len(times))
        """
        return np.exp(-self.predict_cumulative_hazard(x, X, times, strata=strata, offset=offset))

    def _code_of(self, stratum: float | None) -> int:
        if not self._strata.size:
            if stratum is not None:
                raise _validation.error("stratum", stratum, "nothing: the model has no strata")
            return 0
        found = np.flatnonzero(self._strata == stratum)
        if not found.size:
            raise _validation.error("strata", stratum, "a stratum that the model was given")
        return int(found[0])

    def _log_baseline(self, x: npt.ArrayLike, code: int) -> tuple[_Doubles, _Doubles]:
        mine = self.event_strata == code
        return self.event_times[mine], np.logaddexp.accumulate(self.log_baseline_hazard(x)[mine])

    def _falls(self, direction: _Doubles, n_rows: int) -> str:
        columns = separation.columns(direction, self.column_moments[1], self._column_names)
        return separation.sentence(
            columns, "ranks every event first of all at risk, in {rows} comparisons", n_rows
        )


def _events(event: npt.ArrayLike, n_rows: int) -> _Doubles:
    happened = _validation.doubles("event", event, n_rows)
    if not np.isin(happened, (0, 1)).all():
        other = happened[~np.isin(happened, (0, 1))][0]
        raise _validation.error("event", f"the number {other:g}", "True and False, or 1 and 0")
    return happened


def _entries(entry: npt.ArrayLike, times: _Doubles) -> _Doubles:
    entries = _validation.doubles("entry", entry, len(times))
    late = int(np.count_nonzero(entries >= times))
    if late:
        raise _validation.error("entry", f"{late} rows at or after their time", "entry < time")
    return entries
