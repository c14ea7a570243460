"""The choice of the penalty along a path, by approximate leave-one-out or by the evidence."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._minimize import minimize
from .._result import OptimizeResult
from ..objectives.linear_model import LinearModel
from .left_out import mean_and_error, one_step
from .penalty_path import Doubles, Path, coarse, cubics
from .posterior import laplace
from .strength import likeliest_dispersion

_VALUES, _RANGE = 100, 1e-8  # of the grid by default
_GOOD = 0.02  # what interpolated scores may be off by, in standard errors
_SAMPLE, _ROWS_A_PARAMETER = 8192, 40  # rows of which leverages are found along the path, at least
_FINER = 4.0  # by how much cubics are at least better on intervals half as long


@dataclass(frozen=True, eq=False)
class PenaltyPath:
    """What `select_l2` found.

    Attributes
    ----------
    l2 : ndarray, shape (m,)
        The grid, rising; of penalties that differ between coefficients the largest.
    score : ndarray, shape (m,)
        At each, the smaller the better: mean leave-one-out loss, or minus the logarithm of the
        evidence over the sum of weights.
    standard_error : ndarray, shape (m,)
        Of the leave-one-out scores; NaN for the evidence.
    evaluated : ndarray of bool, shape (m,)
        Where the model was fitted; scores and parameters between are interpolated.
    x : ndarray, shape (m, n_parameters)
        The parameters along the path.
    best : int
        Index of the choice; its neighbours were fitted too and are no better.
    one_standard_error : int or None
        Index of the strongest penalty whose score is within one standard error of that; None for
        the evidence.
    model : LinearModel
        That of the choice.
    fit : OptimizeResult
        Its fit.
    criterion : str
        "leave_one_out" or "evidence".
    """

    l2: Doubles
    score: Doubles
    standard_error: Doubles
    evaluated: npt.NDArray[np.bool_]
    x: Doubles
    best: int
    one_standard_error: int | None
    model: Any
    fit: OptimizeResult
    criterion: str

    def __repr__(self) -> str:
        said = f"l2={self.l2[self.best]:.4g}, score={self.score[self.best]:.6g}"
        return f"PenaltyPath({said} by {self.criterion}, {len(self.l2)} values)"


def select_l2(
    model: Any,
    grid: npt.ArrayLike | None = None,
    *,
    criterion: Literal["leave_one_out", "evidence"] = "leave_one_out",
) -> PenaltyPath:
    """Choose the strength of the ridge penalty along a path, without folds.

    Parameters
    ----------
    model : hessopt.objectives.LinearModel
        `Squared`, `Logistic`, a family or another model of one linear predictor. Where its
        penalties of coefficients differ, their ratios stay as they are.
    grid : array_like, shape (m,), optional
        Values > 0 of l2, of the largest where they differ. By default 100 over eight powers of
        ten, down from the trace of the Hessian of the loss before X has an effect, in units of the
        penalty: there the penalty leaves less than one effective parameter.
    criterion : {"leave_one_out", "evidence"}
        Mean loss of rows predicted without them, see `leave_one_out`; or the Laplace evidence, as
        `maximize_evidence` finds its largest.

    Returns
    -------
    PenaltyPath

    Raises
    ------
    TypeError, ValueError
        On other objectives, or values that are no numbers > 0.

    Warns
    -----
    RuntimeWarning
        If the best value is the least or the largest of the grid.

    Notes
    -----
    One fit leads to the next by its curvature, see `hessopt.uncertainty.penalty_path`. A few
    penalties are fitted, others between where the cubics through the scores are off by more than a
    twentieth of a standard error, or of what the best is better by, and the best with its
    neighbours. Where there are many rows,
    Hessians on the way are in float32, or between those of other penalties, and what leaving a row
    out adds to its loss is the mean over some rows; that changes a score by a small part of its
    standard error. `leave_one_out` of the choice has all digits.

    References
    ----------
    K. R. Rad, A. Maleki, "A scalable estimate of the out-of-sample prediction error via
    approximate leave-one-out cross-validation", J. R. Statist. Soc. B 82 (2020). T. Hastie,
    R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", 2nd ed., section 7.10 (one
    standard error).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 20))
    >>> y = X @ rng.normal(size=20) + 5 * rng.normal(size=200)
    >>> path = hessopt.select_l2(hessopt.objectives.Squared(X, y))
    >>> bool(0.03 < path.l2[path.best] < 0.3)
    True
    """
    if not isinstance(model, LinearModel):
        want = "a model of one linear predictor, as Squared, Logistic and the families are"
        raise TypeError(f"model: got {type(model).__name__}; want {want}")
    if criterion not in ("leave_one_out", "evidence"):
        raise _validation.error("criterion", repr(criterion), "'leave_one_out' or 'evidence'")
    pattern = model.l2 / model.l2.max() if model.l2.any() else np.ones_like(model.l2)
    values = default_grid(model, pattern) if grid is None else _given(grid)
    score = _LeaveOneOut(model) if criterion == "leave_one_out" else _evidence
    path = Path(model, pattern, values, score)
    for k in coarse(len(values)):
        path.fit(k)
    _bisect(path)
    _refine(path, _GOOD / model._total_weight if criterion == "evidence" else None)
    best = _best(path, len(values))
    x, scores, errors = path.interpolated()
    chosen = model.with_l2(pattern * values[best])
    fit = minimize(chosen, x[best], method="trust_region")  # from where one Hessian is enough
    x[best] = fit.x
    if len(values) > 1 and best in (0, len(values) - 1):
        got, want = f"the best value at its end, {values[best]:.3g}", "a wider one"
        warnings.warn(f"grid: got {got}; want {want}", RuntimeWarning, stacklevel=2)
    within = np.flatnonzero(scores <= scores[best] + errors[best])
    return PenaltyPath(
        l2=values,
        score=scores,
        standard_error=errors,
        evaluated=np.isin(np.arange(len(values)), list(path.fits)),
        x=x,
        best=best,
        one_standard_error=int(within[-1]) if within.size else None,
        model=chosen,
        fit=fit,
        criterion=criterion,
    )


def _given(grid: npt.ArrayLike) -> Doubles:
    values = np.unique(_validation.finite("grid", _validation.array("grid", grid, 1)))
    if not len(values) or values[0] <= 0:
        got = f"the number {values[0]:g}" if len(values) else "none"
        raise _validation.error("grid", got, "numbers > 0")
    return values


def default_grid(model: Any, pattern: Doubles) -> Doubles:
    """From where the penalty is as strong as the losses curve, downwards."""
    x = model.start() if hasattr(model, "start") else np.zeros(model.n_parameters)
    H = model.hessian_about(x, model.column_moments[0])
    held = pattern > 0
    top = float(((H.diagonal()[: len(pattern)] - model.l2)[held] / pattern[held]).sum())
    if not 0 < top < np.inf:
        raise _validation.error("grid", "None, of a model without curvature", "values of l2")
    return np.asarray(top * np.logspace(np.log10(_RANGE), 0, _VALUES))


class _LeaveOneOut:
    """Mean and standard error of the losses of rows by the fits without them.

    Of many rows what leaving one out adds to its loss, in the mean a p / n-th of the variance of
    y, is that of some rows, the same for all penalties.
    """

    def __init__(self, model: Any) -> None:
        step = model.n_rows // max(_SAMPLE, _ROWS_A_PARAMETER * model.n_parameters)
        self._some = model.every(step) if step > 1 else None
        if self._some is not None:
            self._share = float(model.row_weights[::step].sum())
            self._apart = model.column_moments[0] - self._some.column_moments[0]

    def __call__(self, model: Any, x: Doubles, H: Doubles, value: float) -> tuple[float, float]:
        if self._some is None:
            steps = one_step(model, *model.influence(x, H))
            return mean_and_error(model, model.losses_at(steps.predictor + steps.change))
        some = self._some
        eta, slope, curvature, reach = some.influence(x, self._about_their_means(H))
        steps = one_step(some, eta, slope, curvature, reach * self._share)
        loss = some.losses_at(steps.predictor + steps.change)
        added = some.row_weights @ (loss - some.losses_at(steps.predictor))
        loss_of_all = value - 0.5 * float(model.l2_of_parameters @ x**2)
        return loss_of_all + float(added), mean_and_error(some, loss)[1] * self._share**0.5

    def _about_their_means(self, H: Doubles) -> Doubles:
        """Parameters (w, b + m'w) with m the means of all rows as those with the means of some."""
        if len(H) == len(self._apart):
            return H
        H = H.copy()
        H[:-1] += self._apart[:, None] * H[-1]
        H[:, :-1] += H[:, -1:] * self._apart
        return H


def _evidence(model: Any, x: Doubles, H: Doubles, value: float) -> tuple[float, float]:
    post = laplace(model, x)
    if model.has_dispersion:
        post.dispersion = likeliest_dispersion(post)
    return -post.log_marginal_likelihood / model._total_weight, np.nan


def _bisect(path: Path) -> None:
    """Fit halfway from the best fit to those beside it, where curvatures should be known well."""
    known, _, scores, _ = path.scores()
    best = _least(scores)
    for j in (best - 1, best):
        if 0 <= j < len(known) - 1:
            path.fit((known[j] + known[j + 1]) // 2, curved=True)


def _refine(path: Path, tolerance: float | None) -> None:
    """Fit between, as long as cubics without one of the fits say something else of it.

    Where scores are far from the best they need tell no more than that.
    """
    while True:
        known, t, scores, errors = path.scores()
        least, error = scores[_least(scores)], errors[_least(scores)]
        allowed = _GOOD * error if tolerance is None else tolerance
        wanted = set()
        for j in range(len(known) if len(known) > 2 else 0):
            others = np.delete(np.arange(len(known)), j)
            said = cubics(t[[j]], t[others], scores[others, None])[0, 0]
            if np.isfinite(scores[j]) and abs(said - scores[j]) > _FINER * max(
                allowed, _GOOD * (scores[j] - least)
            ):
                wanted |= {(known[j] + k) // 2 for k in (*known[:j][-1:], *known[j + 1 :][:1])}
        if not (new := wanted - set(known)):
            return
        for k in sorted(new):
            path.fit(k)


def _best(path: Path, m: int) -> int:
    """The best of the grid, fitted as are its neighbours."""
    while True:
        scores = path.interpolated()[1]
        best = _least(scores)
        missing = [k for k in (best, best - 1, best + 1) if 0 <= k < m and k not in path.fits]
        if not missing:
            return best
        path.fit(missing[0])


def _least(scores: Doubles) -> int:
    """The index of the least that is a number."""
    return int(np.argmin(np.where(np.isnan(scores), np.inf, scores)))
