"""What each row does to a fit: residuals, Cook's distance, what changes when a row leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._result import OptimizeResult
from .estimates import inference
from .left_out import of_one_predictor, one_step

_Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Influence:
    """What each row does to a fit, as `influence` makes it.

    statsmodels' ``hat_matrix_diag``, ``resid_studentized``, ``cooks_distance[0]`` are `leverage`,
    `residual`, `cooks_distance`.

    Attributes
    ----------
    names : list of str
        Of the coefficients.
    predictor : ndarray, shape (n,)
        η of each row.
    leverage : ndarray, shape (n,)
        hᵢ, as `leverages` of the model has it.
    residual : ndarray, shape (n,)
        Standardised: −ℓ′ᵢ / √(φ ℓ″ᵢ (1 − hᵢ)), at canonical links Pearson's (y − μ) / √(φ V (1 −
        h)). NaN where ℓ″ᵢ is not positive.
    cooks_distance : ndarray, shape (n,)
        How far the coefficients move when row i leaves, by the measure of their covariance:
        δ' C⁻¹ δ / P for the change δ and P coefficients. NaN where the other rows leave one
        undetermined.
    """

    names: list[str]
    predictor: _Doubles
    leverage: _Doubles
    residual: _Doubles
    cooks_distance: _Doubles
    _model: Any
    _inverse: _Doubles  # of H
    _push: _Doubles  # wᵢ ℓ′ᵢ / (1 − hᵢ)
    _standard_errors: _Doubles

    def dfbeta(self, names: list[str] | None = None) -> _Doubles:
        """Coefficients less those of the fit without each row.

        Parameters
        ----------
        names : list of str, optional
            Of the coefficients; all by default.

        Returns
        -------
        ndarray, shape (n, len(names))
            By one Newton step from the fit of all: exact for `Squared`.

        Raises
        ------
        ValueError
            On a name that is not among `names`.
        """
        columns = self._columns(names)
        out = np.empty((len(self.predictor), len(columns)))
        for k, j in enumerate(columns):
            out[:, k] = self._along(self._inverse[:, j])
        return out

    def dfbetas(self, names: list[str] | None = None) -> _Doubles:
        """`dfbeta` over the standard errors of the fit of all rows, shape (n, len(names))."""
        return self.dfbeta(names) / self._standard_errors[self._columns(names)]

    def on_prediction(self, row: npt.ArrayLike) -> _Doubles:
        """What the predictor of a row has from each row of the fit.

        Parameters
        ----------
        row : array_like, shape (p,)
            Numbers of the columns of X, without the 1 of the intercept.

        Returns
        -------
        ndarray, shape (n,)
            η at `row` less that by the fit without row i: the largest sizes are the rows that
            matter most for this prediction.
        """
        p = self._model.X.shape[1]
        at = _validation.doubles("row", row, p)
        z = np.concatenate([at, np.ones(len(self._inverse) - p)])
        return self._along(self._inverse @ z)

    def _columns(self, names: list[str] | None) -> list[int]:
        if names is None:
            return list(range(len(self.names)))
        for name in names:
            if name not in self.names:
                raise _validation.error("names", repr(name), f"some of {self.names}")
        return [self.names.index(name) for name in names]

    def _along(self, v: _Doubles) -> _Doubles:
        """Of each row zᵢ'v, from the model's own pass over its rows, times what pushes it."""
        z_v = self._model.predictor(v) - self._model.predictor(np.zeros(len(v)))
        return np.asarray(-z_v * self._push)

    def __repr__(self) -> str:
        worst = int(np.nanargmax(np.nan_to_num(self.cooks_distance)))
        said = f"{len(self.predictor)} rows, Cook's distance at most "
        return f"Influence({said}{self.cooks_distance[worst]:.3g}, of row {worst})"


def influence(
    model: Any, x: npt.ArrayLike | OptimizeResult, *, dispersion: float | None = None
) -> Influence:
    """Residuals, leverages, Cook's distances, and what changes when a row leaves.

    Parameters
    ----------
    model : hessopt.objectives.LinearModel
        `Squared`, `Logistic`, a family or another model of one linear predictor.
    x : OptimizeResult or array_like, shape (P,)
        Its minimum, as `hessopt.minimize` finds it.
    dispersion : float, optional
        As in `inference`.

    Returns
    -------
    Influence

    Raises
    ------
    TypeError
        On other objectives.
    numpy.linalg.LinAlgError
        If the Hessian is singular to working precision, or not positive definite.

    Notes
    -----
    By one Newton step from the fit of all rows to that without one: exact for `Squared`, else as
    good as the step; `leave_one_out` says how good. A row of weight w leaves with all its w
    repetitions. Columns that are combinations of others are left out, as `inference` does.

    References
    ----------
    D. Pregibon, "Logistic regression diagnostics", Ann. Statist. 9 (1981). R. D. Cook, "Detection
    of influential observation in linear regression", Technometrics 19 (1977). P. W. Koh, P. Liang,
    "Understanding black-box predictions via influence functions", ICML 2017.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Squared([[0.0], [1.0], [2.0], [9.0]], [0.0, 1.0, 2.0, 3.0])
    >>> found = hessopt.influence(f, hessopt.minimize(f, [0.0, 0.0]))
    >>> found.cooks_distance.round(2)
    array([ 0.53,  0.  ,  0.29, 32.33])
    >>> found.dfbeta(["X[:, 0]"])[3].round(2)  # without it the slope is 1
    array([-0.72])
    """
    of_one_predictor(model)
    fit = inference(model, x, dispersion=dispersion)
    model, at = fit.model, np.nan_to_num(fit.coefficients)  # without dependent columns
    eta, slope, curvature, reach = model._influence(at)[1:]
    step = one_step(model, eta, slope, curvature, reach)
    weight, total, phi = model.row_weights, float(model._total_weight), fit.dispersion
    left = np.where(step.alone, np.nan, 1 - step.leverage)
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = -slope / np.sqrt(phi * np.where(curvature > 0, curvature, np.nan) * left)
        cook = (
            total
            * weight
            * slope**2
            * reach
            / (left**2 * phi * np.isfinite(fit.coefficients).sum())
        )
    return Influence(
        names=fit.names,
        predictor=eta,
        leverage=step.leverage,
        residual=residual,
        cooks_distance=cook,
        _model=model,
        _inverse=np.nan_to_num(fit.covariance) * (total / phi),
        _push=weight * slope / left,
        _standard_errors=fit.standard_errors,
    )
