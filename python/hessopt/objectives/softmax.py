"""Multi-class logistic regression."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _absent, _core, _validation
from ..rows import names_of, read
from . import separation
from .class_bound import ClassBound
from .data import OfRows, lasso, offset_of, per_parameter, ridge, total_of, weights_of
from .estimate import ModelEstimate

_Doubles = npt.NDArray[np.float64]


class Softmax(OfRows, _core.Softmax, ModelEstimate):
    """The mean cross-entropy of a linear model of K classes, plus a ridge penalty.

    f = Σᵢ weightᵢ (log Σₖ e^ηᵢₖ − ηᵢ,yᵢ) / Σᵢ weightᵢ + ½·Σₖⱼ l2ⱼ wₖⱼ²,
    with ηᵢₖ = xᵢᵀwₖ + bₖ + offsetᵢₖ. The parameters are (w₁, b₁, w₂, b₂, …): ``x.reshape(K, -1)``
    has a class per row, its intercept last.

    Parameters
    ----------
    X : array_like, sparse matrix, `Categorical` or `Columns`, shape (n, p)
        Data, finite; also a frame with categorical columns.
    y : array_like, shape (n,)
        Labels 0 .. K − 1; K is the largest plus one and at least 2.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each feature's.
    l1 : float or array_like, shape (p,)
        Strength of the l1 term of all coefficients or of each feature's, as in `LinearModel`.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    offset : array_like, shape (n, K), optional
        Added to the predictors.
    fit_intercept : bool
        Append the intercepts bₖ, which are not penalised.

    Notes
    -----
    Adding one vector to all wₖ, or one number to all bₖ, changes no probability. `l2` settles the
    first and nothing the second; `Newton` stands the singular Hessian, and `covariance` exists only
    with l2 > 0 and ``fit_intercept=False``. Without `l2`, the parameters of the other classes less
    those of class 0 have the covariance ``np.linalg.inv(n * f.hessian(x)[m:, m:])``, where m is the
    number of parameters of a class and n the sum of the weights.

    Products with an X of float32 that has 256 columns or more are summed in float32, a few hundred
    terms at a time, and their sums in float64. f is then good to about 1e-8 of itself, fewer rows
    less, and its gradient to 2e-7 of its largest component. Other sums are in float64.
    """

    #: No Hessian is needed to tell a minimum.
    convex = True
    #: What the probabilities are of the predictors.
    response = "softmax"
    _expected_is_observed = True
    _determined_by = (
        "l2 > 0 and fit_intercept=False: one vector added to all classes' coefficients, or one "
        "number to their intercepts, changes no probability"
    )

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
        _absent.refuse(others)
        data, kept = read("X", X)
        self._column_names = names_of(kept, X)
        n, p = data.shape
        target, n_classes = _validation.labels(y, n)
        weight, columns = weights_of(sample_weight, n), offset_of(offset, n, n_classes)
        strength, intercept = ridge(l2, p), _validation.flag("fit_intercept", fit_intercept)
        self._total_weight = total_of(weight, n)
        super().__init__(data, target, weight, columns, strength, intercept, n_classes)
        self._given = (
            (kept, target),
            {
                "l2": strength if strength.size > 1 else strength.item(),
                "l1": lasso(l1, p),
                "sample_weight": weight if weight.size else None,
                "offset": columns if columns.size else None,
                "fit_intercept": intercept,
            },
        )

    @property
    def _n_outputs(self) -> int:
        return int(self.n_classes)

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,)."""
        return per_parameter(self.l2, self.X.shape[1], self.n_classes, self.n_parameters)

    @property
    def null_directions(self) -> _Doubles | None:
        """Directions along which nothing changes: one number added to all intercepts."""
        if not self._given[1]["fit_intercept"]:
            return None
        common = np.zeros((self.n_classes, self.n_parameters // self.n_classes))
        common[:, -1] = self.n_classes**-0.5
        return common.reshape(-1, 1)

    def log_constant(self, dispersion: float) -> float:
        """0: the losses are the log-likelihood."""
        return 0.0

    def preconditioner(self) -> ClassBound:
        """An approximation of the inverse Hessian, the same everywhere: a function of a vector."""
        return ClassBound(self)

    def _falls(self, direction: _Doubles, n_rows: int) -> str:
        scale = self.column_moments[1]
        slopes = direction.reshape(self.n_classes, -1)
        columns = separation.columns(slopes[:, : len(scale)], scale, self._column_names)
        moved = np.flatnonzero(slopes.any(axis=1))
        names = " and ".join(map(str, moved))
        if not columns:
            return f"no row has class {names}"
        which = f"class {names} from the others" if len(moved) == 1 else "the classes of y"
        return separation.sentence(columns, f"separates {which} in {{rows}} rows", n_rows)
