"""The choice of a penalty along a path: by leave-one-out, by the evidence, by folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import check_cv
from sklearn.utils._param_validation import StrOptions

from .._minimize import minimize
from ..objectives import Cox, HuberWithScale, LinearModel
from ..uncertainty import select_l2
from ..uncertainty.penalty import default_grid
from ..uncertainty.penalty_path import Path, coarse, cubics
from .base import NOISE

_Doubles = npt.NDArray[np.float64]
_FOLDS = 5  # where leave-one-out has no shorter way
#: What the argument `cv` may be.
CV = ["cv_object", StrOptions({"evidence"})]
#: And those of noise, of which a list is a choice.
LAWS: dict[str, list[Any]] = {**NOISE, "noise": [*NOISE["noise"], list]}
_LAWS = [law for law in NOISE["noise"] if law is not None]
#: The loss of rows that are left out, see `chosen`.
LeftOut = Callable[
    [Callable[[_Doubles, float], Any], _Doubles, _Doubles], Callable[[_Doubles], float]
]


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
    left_out: LeftOut | None = None,
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
    left_out : callable, optional
        Of `model` and the weights of the rows that a fold has and leaves out: the loss of the
        latter at parameters, by default its mean.
    """
    whole = model(weight, 1.0)
    is_plain = isinstance(whole, LinearModel)
    if isinstance(cv, str) and not is_plain:
        want = "folds: under noise, of several classes and of risk sets there is no other way"
        raise ValueError(f"cv: got {cv!r}; want {want}")
    if is_plain and (cv is None or isinstance(cv, str)):
        grid = strengths / whole._total_weight if summed else strengths
        found = select_l2(whole, grid, criterion="leave_one_out" if cv is None else "evidence")
        return Choice(found.best, found.score, np.asarray(found.fit.x))
    paths: list[Any] = []
    for fold, left in folds(cv, y, weight, classifier=classifier):
        grid = strengths / fold.sum() if summed else strengths
        paths.append(_path(model(fold, 1.0), grid, (left_out or _mean_loss)(model, fold, left)))
    best, scores = _best(paths, len(strengths))
    start = np.mean([path.at(best) for path in paths], axis=0)
    return Choice(best, scores, np.asarray(minimize(model(weight, strengths[best]), start).x))


def folds(
    cv: Any, y: Any, weight: _Doubles | None, *, classifier: bool = False
) -> Iterator[tuple[_Doubles, _Doubles]]:
    """Weights of the rows that each fold has, and of those that it leaves out.

    A fold is its weights: the rows are those of all, where they lie.
    """
    n = len(y)
    for split in splits(cv, y, classifier):
        two = []
        for rows in split:
            of_rows = np.zeros(n)
            of_rows[rows] = 1.0 if weight is None else weight[rows]
            two.append(of_rows)
        yield two[0], two[1]


def splits(cv: Any, y: Any, classifier: bool) -> list[Any]:
    """Rows that each fold has, and leaves out."""
    given = _FOLDS if cv is None else cv
    return list(check_cv(given, y, classifier=classifier).split(np.zeros((len(y), 1)), y))


def among_laws(
    noise: Any, cv: Any, y: Any, choose: Callable[[Any, Any], Choice], *, classifier: bool = False
) -> tuple[Any, Choice, _Doubles]:
    """The law of noise under which the best penalty predicts best, its choice, and all scores.

    Parameters
    ----------
    noise : law, None or list of these
        Laws of a list are chosen by the same folds.
    cv, y, classifier
        As of `chosen`.
    choose : callable
        Of a law and the folds: the choice of its penalty.
    """
    if not isinstance(noise, list):
        choice = choose(noise, cv)
        return noise, choice, choice.scores
    odd = [law for law in noise if not (law is None or isinstance(law, tuple(_LAWS)))]
    if odd or not noise:
        raise ValueError(f"noise: got {odd[0] if odd else noise!r} in a list; want laws, or None")
    if isinstance(cv, str):
        raise ValueError(f"cv: got {cv!r} and a list of laws; want folds, by which one is chosen")
    same = splits(cv, y, classifier)
    each = [choose(law, same) for law in noise]
    best = int(np.argmin([choice.scores[choice.best] for choice in each]))
    return noise[best], each[best], np.array([choice.scores for choice in each])


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


def _path(model: Any, grid: _Doubles, loss: Callable[[_Doubles], float]) -> Any:
    """Fits of a fold along the grid, and the loss of the rows that are left out of it."""
    if isinstance(model, (LinearModel, Cox)):
        return _ByCurvature(model, grid, loss)
    return _ByFits(model, grid, loss)


class _ByCurvature(Path):
    """Of models of one predictor, each fit from the curvature of its neighbours."""

    def __init__(self, model: Any, grid: _Doubles, loss: Callable[[_Doubles], float]) -> None:
        def score(fitted: Any, x: _Doubles, H: _Doubles, value: float) -> tuple[float, float]:
            return loss(x), 0.0

        super().__init__(model, np.ones(model.X.shape[1]), grid, score)

    def at(self, k: int) -> _Doubles:
        """The parameters of the fit at grid[k]."""
        return self.of_objective(self.fits[k].x)


class _ByFits:
    """Of others, each fit from the nearest one."""

    def __init__(self, model: Any, grid: _Doubles, loss: Callable[[_Doubles], float]) -> None:
        self._model, self._grid, self._loss = model, grid, loss
        self.fits: dict[int, tuple[_Doubles, float]] = {}

    def fit(self, k: int) -> None:
        """At grid[k]."""
        if k in self.fits:
            return
        near = min(self.fits, key=lambda j: abs(j - k), default=None)
        start = self._start() if near is None else self.fits[near][0]
        x = np.asarray(minimize(self._model.with_l2(self._grid[k]), start).x)
        self.fits[k] = x, self._loss(x)

    def _start(self) -> _Doubles:
        has_scale = isinstance(self._model, HuberWithScale)
        return self._model.start() if has_scale else np.zeros(self._model.n_parameters)

    def at(self, k: int) -> _Doubles:
        """The parameters of the fit at grid[k]."""
        return self.fits[k][0]

    def interpolated(self) -> tuple[None, _Doubles]:
        """The scores of the whole grid, after the place of parameters."""
        known = sorted(self.fits)
        scores = np.array([[self.fits[k][1]] for k in known])
        t = np.log(self._grid)
        return None, cubics(t, t[known], scores)[:, 0]


def _mean_loss(
    model: Callable[[_Doubles, float], Any], fold: _Doubles, left: _Doubles
) -> Callable[[_Doubles], float]:
    """Of parameters, the mean loss of the rows that a fold leaves out, without the noise."""
    some = model(left, 0.0)
    some = getattr(some, "objective", some)
    return lambda x: float(some.value_and_gradient(x)[0])
