"""The choice of a penalty along a path: by leave-one-out, by the evidence, by folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import check_cv
from sklearn.utils._param_validation import StrOptions

from .._minimize import minimize
from ..objectives import LinearModel
from ..objectives.family import Family
from ..uncertainty import select_l2
from ..uncertainty.penalty import default_grid
from ..uncertainty.penalty_path import Path, coarse, cubics

_Doubles = npt.NDArray[np.float64]
_FOLDS = 5  # where leave-one-out has no shorter way
#: What the argument `cv` may be.
CV = ["cv_object", StrOptions({"evidence"})]


def rising(name: str, values: Any) -> _Doubles:
    """Numbers > 0, each once, in their order."""
    given = np.unique(np.asarray(values, np.float64))
    if not given.size or not (given[0] > 0 and np.isfinite(given[-1])):
        raise ValueError(f"{name}: got {values!r}; want finite numbers > 0")
    return np.asarray(given)


def alphas_of(alphas: Any, model: Any, unit: float) -> _Doubles:
    """Those that are given, or by the curvature of the model, `unit` of which are l2 = 1."""
    if alphas is not None:
        return rising("alphas", alphas)
    return default_grid(model, np.ones(model.X.shape[1])) * unit


class Choice(NamedTuple):
    """Of a path of strengths of the penalty, rising."""

    best: int
    scores: _Doubles  # mean loss of rows that were left out, or minus the log evidence of a row
    x: _Doubles  # parameters of the fit of all rows at the best


def chosen(
    model: Callable[[_Doubles | None, float], Any],
    strengths: _Doubles,
    weight: _Doubles | None,
    cv: Any,
    y: Any,
    *,
    summed: bool = True,
    classifier: bool = False,
) -> Choice:
    """The best of some strengths.

    Parameters
    ----------
    model : callable
        Of weights of the rows and a strength: the objective.
    strengths : ndarray, shape (m,)
        Rising, > 0.
    weight : ndarray, shape (n,), optional
        Weights of the rows.
    cv : None, "evidence", int, splitter or iterable of splits
        None is approximate leave-one-out, and folds where there is none.
    y : array_like, shape (n,)
        Targets, by which a splitter may go.
    summed : bool
        Whether the penalty is one of the sum of losses, so that l2 of the mean is the strength over
        the sum of weights, else l2 itself.
    classifier : bool
        Whether the folds of a number have the same shares of classes.
    """
    whole = model(weight, 1.0)
    is_plain = isinstance(whole, LinearModel)
    if isinstance(cv, str) and not is_plain:
        want = "folds: under noise and of several classes there is no other way"
        raise ValueError(f"cv: got {cv!r}; want {want}")
    if is_plain and (cv is None or isinstance(cv, str)):
        grid = strengths / whole._total_weight if summed else strengths
        found = select_l2(whole, grid, criterion="leave_one_out" if cv is None else "evidence")
        return Choice(found.best, found.score, np.asarray(found.fit.x))
    paths: list[Any] = []
    n = len(y)
    for train, test in check_cv(_FOLDS if cv is None else cv, y, classifier=classifier).split(
        np.zeros((n, 1)), y
    ):
        # A fold is its weights: the rows are those of all, where they lie.
        fold = np.zeros(n)
        fold[train] = 1.0 if weight is None else weight[train]
        left = np.zeros(n)
        left[test] = 1.0 if weight is None else weight[test]
        grid = strengths / fold.sum() if summed else strengths
        paths.append(_path(model(fold, 1.0), grid, left))
    best, scores = _best(paths, len(strengths))
    start = np.mean([path.at(best) for path in paths], axis=0)
    return Choice(best, scores, np.asarray(minimize(model(weight, strengths[best]), start).x))


def _best(paths: list[Any], m: int) -> tuple[int, _Doubles]:
    """The least mean score, fitted in every fold as are its neighbours, and all scores."""
    wanted = coarse(m)
    while True:
        for path in paths:
            for k in wanted:
                path.fit(k)
        scores = np.mean([path.interpolated()[1] for path in paths], axis=0)
        best = int(np.argmin(scores))
        known = paths[0].fits
        wanted = [k for k in (best, best - 1, best + 1) if 0 <= k < m and k not in known][:1]
        if not wanted:
            return best, scores


def _path(model: Any, grid: _Doubles, left: _Doubles) -> Any:
    """Fits of a fold along the grid, and the mean loss of the rows that are left out of it."""
    if isinstance(model, LinearModel):
        return _ByCurvature(model, grid, left)
    return _ByFits(model, grid, left)


class _ByCurvature(Path):
    """Of models of one predictor, each fit from the curvature of its neighbours."""

    def __init__(self, model: Any, grid: _Doubles, left: _Doubles) -> None:
        def score(fitted: Any, x: _Doubles, H: _Doubles, value: float) -> tuple[float, float]:
            return _mean_loss(model, x, left), 0.0

        super().__init__(model, np.ones(model.X.shape[1]), grid, score)

    def at(self, k: int) -> _Doubles:
        """The parameters of the fit at grid[k]."""
        return self.of_objective(self.fits[k].x)


class _ByFits:
    """Of others, each fit from the nearest one."""

    def __init__(self, model: Any, grid: _Doubles, left: _Doubles) -> None:
        self._model, self._grid, self._left = model, grid, left
        self.fits: dict[int, tuple[_Doubles, float]] = {}

    def fit(self, k: int) -> None:
        """At grid[k]."""
        if k in self.fits:
            return
        near = min(self.fits, key=lambda j: abs(j - k), default=None)
        start = np.zeros(self._model.n_parameters) if near is None else self.fits[near][0]
        x = np.asarray(minimize(self._model.with_l2(self._grid[k]), start).x)
        self.fits[k] = x, _mean_loss(self._model, x, self._left)

    def at(self, k: int) -> _Doubles:
        """The parameters of the fit at grid[k]."""
        return self.fits[k][0]

    def interpolated(self) -> tuple[None, _Doubles]:
        """The scores of the whole grid, after the place of parameters."""
        known = sorted(self.fits)
        scores = np.array([[self.fits[k][1]] for k in known])
        t = np.log(self._grid)
        return None, cubics(t, t[known], scores)[:, 0]


def _mean_loss(model: Any, x: _Doubles, left: _Doubles) -> float:
    """Of the rows that are left out, by their weights and without the noise."""
    plain = getattr(model, "objective", model)
    some = left > 0
    if isinstance(plain, Family):
        losses = plain.losses_at(plain.predictor(x))
    else:
        losses = _cross_entropies(plain, x)
    return float(np.average(losses[some], weights=left[some]))


def _cross_entropies(model: Any, x: _Doubles) -> _Doubles:
    """The loss of each row of a softmax model."""
    (X, y), each = model._given[0], x.reshape(model.n_classes, -1)
    p = X.shape[1]
    eta = X @ each[:, :p].T + each[:, p:].sum(axis=1)
    eta = eta - eta.max(axis=1, keepdims=True)
    own = eta[np.arange(len(eta)), np.asarray(y, np.intp)]
    return np.asarray(np.log(np.exp(eta).sum(axis=1)) - own)
