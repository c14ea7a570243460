"""What a fit predicts of each row without it, from one fit: approximate leave-one-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..objectives.linear_model import LinearModel

_Doubles = npt.NDArray[np.float64]

# Rows that are followed by further steps: as many as that many multiply-adds are enough for, and at
# least some of the largest influence and as many others, evenly spread.
_WORK, _FEWEST = 4e6, 4
_TRUSTED = 0.01  # of the mean size of a loss
_TINY = float(np.finfo(float).tiny)
_ROUNDING = 100 * float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """Predictions of all rows by the fits without them, as `leave_one_out` makes them.

    Attributes
    ----------
    predictor : ndarray, shape (n,)
        Of each row, by the fit of all others; NaN where these do not determine it.
    loss : ndarray, shape (n,)
        Of each row at that predictor.
    score : float
        Weighted mean of `loss`: an estimate of the loss of a new row.
    standard_error : float
        Of `score`, from the spread of the losses, which are taken as independent.
    leverage : ndarray, shape (n,)
        As `leverages` has it.
    effective_parameters : float
        The sum of the leverages.
    error : float
        How far `score` may be off that of exact fits, by further steps of some rows.
    trusted : bool
        Whether that is less than a hundredth of the mean size of a loss.
    message : str
        The same in words.
    """

    predictor: _Doubles
    loss: _Doubles
    score: float
    standard_error: float
    leverage: _Doubles
    effective_parameters: float
    error: float
    trusted: bool
    message: str

    def __repr__(self) -> str:
        return f"LeaveOneOut(score={self.score:.6g} ± {self.standard_error:.2g}; {self.message})"


def leave_one_out(model: Any, x: npt.ArrayLike) -> LeaveOneOut:
    """Predictions and losses of all n leave-one-out fits, at the price of one pass over the rows.

    Without row i the sum Σⱼ weightⱼ ℓ(ηⱼ, yⱼ) loses its term, and the penalty stays as it is. From
    the minimum x of all rows a Newton step leads to the predictor

      ηᵢ + rᵢ ℓ′ᵢ / (1 − hᵢ),  rᵢ = wᵢ zᵢᵀ H⁻¹ zᵢ,  hᵢ = rᵢ ℓ″ᵢ,

    with H the Hessian of f and wᵢ the weight over the sum of weights: exactly that of the other
    rows' fit for `Squared`.

    Parameters
    ----------
    model : hessopt.objectives.LinearModel
        `Squared`, `Logistic`, a family or another model of one linear predictor.
    x : array_like, shape (n_parameters,)
        Its minimum, as `hessopt.minimize` finds it.

    Returns
    -------
    LeaveOneOut

    Raises
    ------
    TypeError
        On other objectives.
    numpy.linalg.LinAlgError
        If the Hessian is singular to working precision, or not positive definite.

    Notes
    -----
    The step is wrong where the curvature of the other rows changes along it. Some rows are
    therefore followed by two steps more, which a pass over the rows each costs: those that their
    own step changes most, and others evenly spread; all of them where the data are few. Their
    predictors are better for it, and what the steps have changed says how far the rest are off:
    `error` and `trusted`.

    A fit of the class itself without row i has the same penalty with l2 · n / (n − 1), since f is
    a mean.

    References
    ----------
    K. R. Rad, A. Maleki, "A scalable estimate of the out-of-sample prediction error via
    approximate leave-one-out cross-validation", J. R. Statist. Soc. B 82 (2020). D. Pregibon,
    "Logistic regression diagnostics", Ann. Statist. 9 (1981).

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Squared([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 2.0, 4.0])
    >>> out = hessopt.leave_one_out(f, hessopt.minimize(f, [0.0, 0.0]).x)
    >>> out.predictor.round(6)  # the last by the line through the others
    array([-0.666667,  1.142857,  2.571429,  3.      ])
    """
    of_one_predictor(model)
    at = _validation.doubles("x", x, model.n_parameters)
    H, *influence = model._influence(at)
    eta, slope, leverage, change, alone = one_step(model, *influence)
    weight, predictor = model.row_weights, eta + change
    most, spread = _rows_to_follow(model, np.where(alone, 0, weight * np.abs(change * slope)))
    followed = np.concatenate([most, spread])
    one = model.losses_at(predictor)
    predictor[followed], far = _last_of(predictor[followed], model.further_steps(at, H, followed))
    loss = model.losses_at(predictor)
    score, standard_error = mean_and_error(model, loss)
    # What is left of rows that were followed, and what others, which were not, have in common.
    beyond = np.zeros((2, model.n_rows))
    beyond[:, followed] = far, -far
    with np.errstate(invalid="ignore"):  # out of the domain of the loss it is infinite
        left = [abs(model.losses_at(predictor + by) - loss)[followed] for by in beyond]
    error = float(weight[followed] @ np.maximum(*left))
    if spread.size:
        others = 1 - weight[followed].sum()
        error += abs(float(np.average((loss - one)[spread], weights=weight[spread]))) * others
    size = float(weight @ np.abs(loss))
    return LeaveOneOut(
        predictor=predictor,
        loss=loss,
        score=score,
        standard_error=standard_error,
        leverage=leverage,
        effective_parameters=float(leverage.sum()),
        error=error,
        trusted=bool(error <= _TRUSTED * size),
        message=_words(alone, error, size),
    )


def _last_of(first: _Doubles, further: _Doubles) -> tuple[_Doubles, _Doubles]:
    """Predictors after three steps, and how far they may be from where steps without end lead.

    Each step is as much shorter than the last as that was than the one before; where they do not
    become shorter, the first is kept.
    """
    second, third = further.T
    before, last = np.abs(second - first), np.abs(third - second)
    shrinks = last <= before
    ratio = np.minimum(last / np.maximum(before, _TINY), 0.9)
    far = np.where(shrinks, last * ratio / (1 - ratio), 10 * before)
    return np.where(shrinks, third, first), far


def of_one_predictor(model: Any) -> None:
    """An error for another objective."""
    if not isinstance(model, LinearModel):
        want = "a model of one linear predictor, as Squared, Logistic and the families are"
        raise TypeError(f"model: got {type(model).__name__}; want {want}")


class OneStep(NamedTuple):
    """Of every row, by the fit of all and a step from there without it."""

    predictor: _Doubles
    slope: _Doubles  # ℓ′
    leverage: _Doubles
    change: _Doubles  # of the predictor; NaN where the others leave a parameter undetermined
    alone: npt.NDArray[np.bool_]  # whether they do


def one_step(
    model: Any, predictor: _Doubles, slope: _Doubles, curvature: _Doubles, reach: _Doubles
) -> OneStep:
    """By the influence of the rows, as the model has it."""
    leverage = curvature * reach
    alone = leverage >= 1 - _ROUNDING * model.n_parameters
    change = reach * slope / np.where(alone, np.nan, 1 - leverage)
    return OneStep(predictor, slope, leverage, change, alone)


def mean_and_error(model: Any, loss: _Doubles) -> tuple[float, float]:
    """The weighted mean of the losses of rows, and its standard error."""
    weight = model.row_weights
    mean = float(weight @ loss)
    if not np.isfinite(mean):
        return mean, mean
    return mean, float(np.sqrt(np.square(weight) @ np.square(loss - mean)))


def _rows_to_follow(
    model: Any, influence: _Doubles
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Those of the largest influence, and some of the others, evenly spread."""
    n = model.n_rows
    count = int(min(n, max(2 * _FEWEST, _WORK / (n * model.n_parameters))))
    rows = np.flatnonzero(influence > 0)
    if len(rows) <= count:
        return rows, rows[:0]
    order = rows[np.argsort(-influence[rows], kind="stable")]
    most, others = np.sort(order[: count - _FEWEST]), np.sort(order[count - _FEWEST :])
    return most, others[(np.arange(_FEWEST) + 0.5).astype(np.int64) * len(others) // _FEWEST]


def _words(alone: npt.NDArray[np.bool_], error: float, size: float) -> str:
    if alone.any():
        rows = np.flatnonzero(alone)
        which = f"row {rows[0]}" if len(rows) == 1 else f"{len(rows)} rows, the first {rows[0]}"
        return f"not determined: without {which} a parameter has no value"
    if not np.isfinite(error):
        return "not to be trusted: the step leads rows out of the domain of the loss"
    if error <= _TRUSTED * size:
        return f"good to about {error / size:.1g} of the mean loss" if error else "exact"
    got = f"further steps change the score by about {error / size:.0%} of the mean loss"
    return f"not to be trusted: {got}"
