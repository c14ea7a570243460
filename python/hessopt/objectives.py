"""Compiled objectives: one pass over the data for value, gradient and Hessian.

Every objective has ``n_parameters``, ``value_and_gradient(x)``, ``hessian(x)`` and ``hessp(x, v)``,
all in float64. The data is read where it lies, in float32 or float64, in C or Fortran order or
strided, and is not copied; changing it changes the objective.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from . import _core, _validation

_Doubles = npt.NDArray[np.float64]


class Objective(Protocol):
    """What every compiled objective has, and `hessopt.minimize` asks for."""

    @property
    def n_parameters(self) -> int:
        """Length of x."""
        ...

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x; the gradient has shape (n_parameters,)."""
        ...

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """Hessian at x, shape (n_parameters, n_parameters)."""
        ...

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """Hessian at x times v, shape (n_parameters,)."""
        ...


def _weights(sample_weight: npt.ArrayLike | None, n_rows: int) -> _Doubles:
    if sample_weight is None:
        return np.empty(0)
    weight = _validation.vector("sample_weight", sample_weight, n_rows).astype(np.float64)
    if (weight < 0).any():
        raise _validation.error("sample_weight", f"the weight {weight.min():g}", "weights >= 0")
    if not weight.any():
        raise _validation.error("sample_weight", "weights that are all 0", "at least one > 0")
    return weight


def _target(y: npt.ArrayLike, n_rows: int) -> _Doubles:
    return _validation.vector("y", y, n_rows).astype(np.float64)


def _ridge(l2: float) -> float:
    return _validation.at_least("l2", l2, 0)


class Squared(_core.Squared):
    """Half the mean squared error of a linear model, plus a ridge penalty.

    f(w, b) = Σᵢ weightᵢ ½(xᵢᵀw + b − yᵢ)² / Σᵢ weightᵢ + ½·l2·‖w‖², with parameters (w, b).

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, finite.
    y : array_like, shape (n,)
        Targets, finite.
    l2 : float
        Strength of the penalty, >= 0.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    fit_intercept : bool
        Append the intercept b, which is not penalised.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Squared([[1.0], [2.0]], [3.0, 5.0])
    >>> hessopt.minimize(f, [0.0, 0.0]).x.round(12)
    array([2., 1.])
    """

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        l2: float = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
    ) -> None:
        data = _validation.matrix("X", X)
        n = data.shape[0]
        intercept = _validation.flag("fit_intercept", fit_intercept)
        super().__init__(data, _target(y, n), _weights(sample_weight, n), _ridge(l2), intercept)


class Logistic(_core.Logistic):
    """The mean logistic loss of a linear model of two classes, plus a ridge penalty.

    f(w, b) = Σᵢ weightᵢ (log(1 + e^ηᵢ) − yᵢηᵢ) / Σᵢ weightᵢ + ½·l2·‖w‖², with ηᵢ = xᵢᵀw + b and
    parameters (w, b).

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, finite.
    y : array_like, shape (n,)
        Labels 0 and 1.
    l2 : float
        Strength of the penalty, >= 0.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    fit_intercept : bool
        Append the intercept b, which is not penalised.
    """

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        l2: float = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
    ) -> None:
        data = _validation.matrix("X", X)
        n = data.shape[0]
        target = _target(y, n)
        wrong = (target != 0) & (target != 1)
        if wrong.any():
            raise _validation.error("y", f"the label {target[wrong][0]:g}", "labels 0 and 1")
        intercept = _validation.flag("fit_intercept", fit_intercept)
        super().__init__(data, target, _weights(sample_weight, n), _ridge(l2), intercept)


class Softmax(_core.Softmax):
    """The mean cross-entropy of a linear model of K classes, plus a ridge penalty.

    f = Σᵢ weightᵢ (log Σₖ e^ηᵢₖ − ηᵢ,yᵢ) / Σᵢ weightᵢ + ½·l2·Σₖ‖wₖ‖², with ηᵢₖ = xᵢᵀwₖ + bₖ. The
    parameters are (w₁, b₁, w₂, b₂, …): ``x.reshape(K, -1)`` has a class per row, its intercept
    last.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, finite.
    y : array_like, shape (n,)
        Labels 0 .. K − 1; K is the largest plus one and at least 2.
    l2 : float
        Strength of the penalty, >= 0.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    fit_intercept : bool
        Append the intercepts bₖ, which are not penalised.

    Notes
    -----
    Adding one vector to all wₖ, or one number to all bₖ, changes no probability. `l2` settles the
    first and nothing the second; `Newton` stands the singular Hessian.
    """

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        l2: float = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
    ) -> None:
        data = _validation.matrix("X", X)
        n = data.shape[0]
        target, n_classes = _validation.labels(y, n)
        weight, penalty = _weights(sample_weight, n), _ridge(l2)
        intercept = _validation.flag("fit_intercept", fit_intercept)
        super().__init__(data, target, weight, penalty, intercept, n_classes)


__all__ = ["Logistic", "Objective", "Softmax", "Squared"]
