"""Rao's score test: whether coefficients may be as they are, or columns left out, without a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..linalg.solve import cholesky_solve
from ..objectives import sandwich
from ..rows import rows_of

_Doubles = npt.NDArray[np.float64]
_ROUNDING = 1e-12  # of what is left of a column beside those of the model


@dataclass(frozen=True)
class ScoreTest:
    """What `score_test` found."""

    #: About chi-square where the hypothesis holds.
    statistic: float
    #: As many as coefficients are tested.
    degrees_of_freedom: int
    #: Probability of a statistic at least as large where it holds.
    p_value: float


def score_test(
    model: Any,
    x: npt.ArrayLike,
    *,
    parameters: npt.ArrayLike | None = None,
    columns: npt.ArrayLike | None = None,
    dispersion: float | None = None,
    information: Literal["observed", "expected"] = "observed",
) -> ScoreTest:
    """Rao's test of coefficients at the values that they have, or of columns that are left out.

    No fit with them free is needed: sᵀI⁻¹s of the scores s and the information I at x.

    Parameters
    ----------
    model : hessopt.objectives.LinearModel, or another with ``covariance`` and a gradient
        What was fitted.
    x : array_like, shape (n_parameters,)
        Its minimum, where `columns` are tested; where `parameters` are, that with these held.
    parameters : array_like of integers, shape (k,), optional
        Which coefficients are held at their value in x.
    columns : array_like, shape (n,) or (n, k), optional
        Numbers of each row that might have a coefficient of their own.
    dispersion : float, optional
        Scale φ of the law of y; by default Pearson's estimate at x, or 1 where the law has none.
    information : {"observed", "expected"}
        By what scores are measured.

    Returns
    -------
    ScoreTest
        The statistic, its degrees of freedom, the probability of one as large.

    Raises
    ------
    ValueError, TypeError
        Where both or none of `parameters` and `columns` are given, or have not the shape.
    numpy.linalg.LinAlgError
        Where columns are combinations of those of the model.

    Notes
    -----
    What is left of the scores of the free coefficients is taken away: as J. Neyman's C(α) the test
    holds at any x that is near the minimum.

    References
    ----------
    C. R. Rao, "Large sample tests of statistical hypotheses concerning several parameters with
    applications to problems of estimation", Proc. Camb. Philos. Soc. 44 (1948).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> rng = np.random.default_rng(0)
    >>> X, z = rng.normal(size=(200, 2)), rng.normal(size=200)
    >>> f = hessopt.objectives.Poisson(X, rng.poisson(np.exp(X @ [0.5, 0.0] + 0.5 * z)))
    >>> x = hessopt.minimize(f, np.zeros(3)).x
    >>> hessopt.score_test(f, x, columns=z).p_value < 1e-6
    True
    """
    if (parameters is None) == (columns is None):
        got = "neither" if columns is None else "both"
        raise _validation.error("parameters", f"{got} it and columns", "one of the two")
    if information not in ("observed", "expected"):
        raise _validation.error("information", repr(information), "'observed' or 'expected'")
    at = _validation.vector("x", x, model.n_parameters).astype(np.float64)
    if dispersion is None:
        free = getattr(model, "dispersion_is_free", False)
        scale = float(model.dispersion(at)) if free else 1.0
    else:
        scale = _validation.at_least("dispersion", dispersion, 0)
    if scale <= 0:
        raise _validation.error("dispersion", dispersion, "a number > 0")
    if columns is None:
        score, variance = _of_parameters(model, at, parameters, information)
    else:
        score, variance = _of_columns(model, at, columns, information)
    unit = np.sqrt(variance.diagonal())
    standard = score / unit
    try:
        statistic = standard @ cholesky_solve(variance / unit / unit[:, None], standard) / scale
    except np.linalg.LinAlgError:
        raise _dependent() from None
    k = len(score)
    return ScoreTest(float(statistic), k, _core.chi_square_tail(float(statistic), float(k)))


def _of_parameters(
    model: Any, x: _Doubles, parameters: Any, information: str
) -> tuple[_Doubles, _Doubles]:
    """The step to the minimum as the tested coefficients see it, and its covariance."""
    tested = _validation.indices("parameters", parameters)
    n = len(x)
    if (
        not len(tested)
        or (tested < 0).any()
        or (tested >= n).any()
        or len(set(tested)) < len(tested)
    ):
        got = f"the indices {tested.tolist()}"
        raise _validation.error("parameters", got, f"some of 0 .. {n - 1}, each once")
    covariance = model.covariance(x, kind=information)
    gradient = model._total_weight * np.asarray(model.value_and_gradient(x)[1])
    return (covariance @ gradient)[tested], covariance[np.ix_(tested, tested)]


def _of_columns(
    model: Any, x: _Doubles, columns: Any, information: str
) -> tuple[_Doubles, _Doubles]:
    """The scores of columns that are left out, less what those of the model have of them."""
    if not hasattr(model, "row_derivatives"):
        got = f"those of {type(model).__name__}, which has no scores of rows"
        raise _validation.error("columns", got, "a model of one predictor, as Logistic")
    given = _validation.array("columns", columns)
    Z = _validation.matrix("columns", given[:, None] if given.ndim == 1 else given)
    if len(Z) != model.n_rows:
        raise _validation.error("columns", f"{len(Z)} rows", f"{model.n_rows} rows")
    slopes, curvatures = model.row_derivatives(x)
    if sandwich.kind_of(model, information, None) == "expected":
        curvatures = model._expected_derivatives(x)
        within, mean = sandwich.expected_information(model, x)
    else:
        within, mean = model._information(x)
    total, rows, intercept = model._total_weight, rows_of("X", model.X), mean is not None
    Z = np.asarray(Z, np.float64)
    if intercept:  # of which nothing is seen that is the same in all rows
        Z = Z - np.average(Z, axis=0, weights=np.abs(curvatures))
    sums = [_core.sums_of_rows(rows, curvatures * z, intercept) for z in Z.T]
    cross = np.stack(sums, axis=1)
    gradient = np.asarray(model.value_and_gradient(x)[1])
    if mean is not None:
        cross[:-1] -= np.outer(mean, cross[-1])
        gradient = np.append(gradient[:-1] - mean * gradient[-1], gradient[-1])
    unit = np.sqrt(within.diagonal())
    both = np.column_stack([cross, gradient]) / unit[:, None]
    solved = cholesky_solve(within / unit / unit[:, None], both)
    score = Z.T @ slopes - both[:, :-1].T @ solved[:, -1]
    own = (Z.T * curvatures) @ Z
    variance = own - both[:, :-1].T @ solved[:, :-1]
    if (variance.diagonal() <= _ROUNDING * own.diagonal()).any():
        raise _dependent()
    return total * score, total * variance


def _dependent() -> np.linalg.LinAlgError:
    want = "columns that are no combinations of each other and those of the model"
    return np.linalg.LinAlgError(f"columns: got dependent ones; want {want}")
