"""Models of one linear predictor: a class for each loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _absent, _core, _validation
from ..rows import names_of, read
from . import separation
from .data import (
    OfRows,
    Weights,
    kind_of_weights,
    lasso,
    offset_of,
    per_parameter,
    ridge,
    total_of,
    weights_of,
)
from .estimate import ModelEstimate
from .likelihood import log_constant

_Doubles = npt.NDArray[np.float64]
_MOST_NAMED = 2000  # parameters up to which it is looked up what is not determined


class LinearModel(OfRows, _core.LinearModel, ModelEstimate):
    """The weighted mean of a loss ℓ of a linear predictor, plus a ridge penalty.

    f(w, b) = Σᵢ weightᵢ ℓ(ηᵢ, yᵢ) / Σᵢ weightᵢ + ½ Σⱼ l2ⱼ wⱼ², with ηᵢ = xᵢᵀw + b + offsetᵢ and
    parameters (w, b). What all losses of one predictor share.

    Parameters
    ----------
    X : array_like, sparse matrix, `Categorical` or `Columns`, shape (n, p)
        Data, finite; also a frame with categorical columns.
    y : array_like, shape (n,)
        Targets, in the domain of the loss.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each.
    l1 : float or array_like, shape (p,)
        Strength of Σⱼ l1ⱼ |wⱼ|, >= 0, of all coefficients or of each, for exact zeros among them:
        `hessopt.minimize` adds it to f, whose value and derivatives are without it.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    offset : array_like, shape (n,), optional
        Added to the predictor, with no coefficient of its own; for rates, the log of the exposure.
    fit_intercept : bool
        Append the intercept b, which is not penalised.
    """

    #: Whether y has a scale of its own, its dispersion, which the evidence can find.
    has_dispersion = False
    #: What the mean of y is of the predictor, by its name in `links.RESPONSES`, else None.
    response: str | None = None
    _loss = ""  # its name in the table
    _determined_by = "columns of X that are linearly independent, or l2 > 0"
    _runs_away = ""  # what columns do where there is no minimum

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        l2: npt.ArrayLike = 0.0,
        l1: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
        **others: Any,
    ) -> None:
        loss, numbers, own = self._chosen(others)
        data, kept = read("X", X)
        self._column_names = names_of(kept, X)
        n, p = data.shape
        target = _validation.doubles("y", y, n)
        weight, column = weights_of(sample_weight, n), offset_of(offset, n, 1)
        strength, intercept = ridge(l2, p), _validation.flag("fit_intercept", fit_intercept)
        in_loss = self._weights_of_losses(weight, n)
        self._total_weight = total_of(in_loss, n)
        core = data, target, in_loss, column, strength, intercept
        super().__init__(loss, list(numbers.values()), *core)
        self._given = (
            (kept, target),
            {
                "l2": strength if strength.size > 1 else strength.item(),
                "l1": lasso(l1, p),
                "sample_weight": weight if weight.size else None,
                "offset": column[:, 0] if column.size else None,
                "fit_intercept": intercept,
                **self._options(),
                **{name: number for name, number in numbers.items() if name not in own},
            },
        )

    def _chosen(self, others: dict[str, Any]) -> tuple[str, dict[str, float], dict[str, float]]:
        """Name of the loss in the table, its parameters, and those that the class sets."""
        loss, own = self._row(others)
        if not loss:
            raise TypeError("LinearModel: got no loss; want one of its subclasses, as Squared")
        numbers = {
            name: own[name]
            if name in own
            else _validation.real(name, others.pop(name, default), domain)
            for name, domain, default in _core.parameters_of_loss(loss)
        }
        _absent.refuse(others)
        return loss, numbers, own

    def _row(self, others: dict[str, Any]) -> tuple[str, dict[str, float]]:
        """Name of the loss in the table, and those of its parameters that the class sets."""
        return self._loss, {}

    def _weights_of_losses(self, weight: _Doubles, n_rows: int) -> _Doubles:
        """The weights of the rows, or nothing, as the loss has them."""
        return weight

    def _options(self) -> dict[str, Any]:
        """What the class was given beside, by the names of its arguments."""
        return {}

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,)."""
        return per_parameter(self.l2, self.X.shape[1], 1, self.n_parameters)

    @property
    def parameter_names(self) -> list[str]:
        """Of the columns, as a frame or `Columns` have them, and "intercept"."""
        p = self.X.shape[1]
        columns = self._column_names or [f"X[:, {j}]" for j in range(p)]
        return columns + ["intercept"] * (self.n_parameters - p)

    def leverages(self, x: npt.ArrayLike) -> _Doubles:
        """Leverage of every row: hᵢ = wᵢ ℓ″ᵢ zᵢᵀ H⁻¹ zᵢ, with H the Hessian of f at x.

        zᵢ is the row with the 1 of the intercept and wᵢ its weight over the sum of weights. hᵢ is
        the derivative of the fitted value of row i in its target, for `Squared` ∂ŷᵢ / ∂yᵢ; near 1
        the row is fitted whatever the others say. Their sum is the effective number of parameters:
        without penalty as many as there are.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.

        Returns
        -------
        ndarray, shape (n,)
            In [0, 1] where the loss is convex. A row of negative curvature, as losses that are not
            convex have them, has a negative leverage, and the others may exceed 1.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the Hessian is singular to working precision, or not positive definite.

        Notes
        -----
        One pass over the rows beyond the Hessian and its factor, at the price of another Hessian
        for dense rows; of sparse and categorical ones a row costs the pairs of its numbers. Weights
        count as repetitions of a row, all of which leave together.

        References
        ----------
        D. Pregibon, "Logistic regression diagnostics", Ann. Statist. 9 (1981).

        Examples
        --------
        >>> import hessopt
        >>> f = hessopt.objectives.Squared([[0.0], [1.0], [2.0], [9.0]], [0.0, 1.0, 2.0, 3.0])
        >>> f.leverages(hessopt.minimize(f, [0.0, 0.0]).x).round(2)
        array([0.43, 0.33, 0.27, 0.97])
        """
        _, _, _, curvature, reach = self._influence(x)
        return np.asarray(curvature * reach)

    def _influence(self, x: npt.ArrayLike) -> tuple[_Doubles, ...]:
        """H about the means; predictor, ℓ′, ℓ″ and reach wᵢ zᵢᵀ H⁻¹ zᵢ of every row."""
        information, _ = self._information(x)
        if not np.isfinite(information).all():
            raise _validation.error("x", "NaN or inf in the Hessian there", "a minimum")
        try:
            return information, *self.influence(x, information)
        except np.linalg.LinAlgError:
            got = "a Hessian that is not positive definite there"
            raise np.linalg.LinAlgError(f"x: got {got}; want {self._determined_by}") from None

    def n_observations(self, weights: Weights = "frequency") -> float:
        """How many rows there are: the sum of frequencies, or the rows that weigh something."""
        weight = self._given[1]["sample_weight"]
        if kind_of_weights(weights) == "frequency" and weight is not None:
            return float(weight.sum())
        return float(self.n_rows if weight is None else np.count_nonzero(weight))

    def log_constant(self, dispersion: float) -> float:
        """What the log-likelihood has beside the losses of all rows over the dispersion."""
        named = self._given[1]
        y, weight = self._given[0][1], named["sample_weight"]
        return log_constant(self._loss, y, weight, dispersion, named.get("delta", 1.0))

    def _is_bounded(self) -> bool:
        y = self._given[0][1]  # of one value it could send the intercept off
        return bool(np.all(self.l1 > 0) and y.min() < y.max())

    def _flat(self, information: _Doubles, unit: _Doubles) -> str:
        if len(unit) > _MOST_NAMED:
            return ""
        direction = np.linalg.eigh(information)[1][:, 0] / unit
        scale = self.column_moments[1]
        columns = separation.columns(direction[: len(scale)], scale, self._column_names)
        return f" along {columns}" if columns else ""

    def _falls(self, direction: _Doubles, n_rows: int) -> str:
        scale = self.column_moments[1]
        columns = separation.columns(direction[: len(scale)], scale, self._column_names)
        if not columns:
            return f"y is {int(direction[-1] > 0)} in every row"
        return separation.sentence(columns, self._runs_away, n_rows)


class Huber(LinearModel):
    """Huber's robust loss: ½r² of the residual r = η − y up to delta, from there on linear.

    The parameters are those of `LinearModel`, and

    delta : float
        Residual from which on the loss is linear, > 0, in units of y.

    Notes
    -----
    Its second derivative is 1 inside and 0 outside, so Newton's method ends in finitely many steps.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964).

    Examples
    --------
    >>> import hessopt
    >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0]], [0.0, 1.0, 2.0, 3.0, 99.0]
    >>> hessopt.minimize(hessopt.objectives.Huber(X, y, delta=0.1), [0.0, 0.0]).x.round(2)
    array([ 1.05, -0.05])
    """

    response = "identity"
    _loss = "Huber"

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        delta: float = 1.0,
        l2: npt.ArrayLike = 0.0,
        l1: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
        **others: Any,
    ) -> None:
        super().__init__(
            X,
            y,
            l2=l2,
            l1=l1,
            sample_weight=sample_weight,
            offset=offset,
            fit_intercept=fit_intercept,
            delta=delta,
            **others,
        )


class Exponential(LinearModel):
    """The exponential loss of boosting, y in {0, 1}: ℓ(η, y) = e^((1 − 2y) η).

    The parameters are those of `LinearModel`.

    Notes
    -----
    Its minimum over all functions η is half the log-odds of y = 1. It is no log-likelihood: the
    inverse of its Hessian, `covariance`, is not the spread of the estimate.

    References
    ----------
    J. Friedman, T. Hastie, R. Tibshirani, "Additive logistic regression: a statistical view of
    boosting", Ann. Statist. 28 (2000).

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Exponential([[0.0]] * 4, [1, 1, 1, 0], l2=1.0)
    >>> hessopt.minimize(f, [0.0, 0.0]).x.round(6)  # log(3) / 2
    array([0.      , 0.549306])
    """

    _loss = "Exponential"
    _runs_away = separation.OF_CLASSES


def of_loss(name: str) -> type[LinearModel]:
    """The class of a loss of the table that has none above, made once."""
    made: dict[str, Any] = globals()
    if name not in made:
        numbers = ", ".join(f"{p} ({domain})" for p, domain, _ in _core.parameters_of_loss(name))
        also = f", and {numbers}" if numbers else ""
        doc = f"The loss {name}.\n\nThe parameters are those of `LinearModel`{also}."
        made[name] = type(
            name, (LinearModel,), {"__doc__": doc, "__module__": __name__, "_loss": name}
        )
    kind: type[LinearModel] = made[name]
    return kind
