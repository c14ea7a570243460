"""Multi-class logistic regression against a reference class."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .data import column_names
from .estimate import ModelEstimate
from .softmax import Softmax

_Doubles = npt.NDArray[np.float64]


class Multinomial(ModelEstimate):
    """`Softmax` with the coefficients of one class held at 0, so that the others are determined.

    The parameters (w, b) of every other class, in the order of the classes, are log-odds against
    the reference: ``x.reshape(K - 1, -1)`` has a class per row, its intercept last. `covariance`
    has their standard errors, which those of `Softmax` have not without a penalty.

    Parameters
    ----------
    X : array_like, sparse matrix, `Categorical` or `Columns`, shape (n, p)
        Data, finite; also a frame with categorical columns.
    y : array_like, shape (n,)
        Labels 0 .. K − 1; K is the largest plus one and at least 2.
    reference : int
        The class that the others are compared with.
    l2, l1, sample_weight, offset, fit_intercept
        As in `Softmax`. The penalties are those of coefficients against the reference.

    References
    ----------
    A. Agresti, "Categorical Data Analysis", 3rd ed., 2013, section 8.1.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Multinomial([[0], [1], [0], [1], [0], [1]], [0, 0, 1, 1, 1, 2])
    >>> f.n_parameters
    4
    """

    #: No Hessian is needed to tell a minimum.
    convex = True
    #: What the probabilities are of the predictors, that of the reference among them.
    response = "softmax"
    _determined_by = "columns of X that are linearly independent, or l2 > 0"

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        reference: int = 0,
        l2: npt.ArrayLike = 0.0,
        l1: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
    ) -> None:
        self._take(
            Softmax(
                X,
                y,
                l2=l2,
                l1=l1,
                sample_weight=sample_weight,
                offset=offset,
                fit_intercept=fit_intercept,
            ),
            reference,
        )

    def _take(self, whole: Any, reference: int) -> None:
        self._whole = whole
        k = whole.n_classes
        #: The class whose parameters are 0.
        self.reference = _validation.integer("reference", reference, 0, k)
        size = whole.n_parameters // k
        places = np.arange(whole.n_parameters).reshape(k, size)
        self._free = np.delete(places, self.reference, 0).ravel()
        #: Length of x.
        self.n_parameters = len(self._free)
        self._total_weight = getattr(whole, "_total_weight", 0.0)

    @property
    def n_classes(self) -> int:
        """Classes that have parameters: K − 1."""
        return int(self._whole.n_classes) - 1

    @property
    def X(self) -> Any:
        """The data where it lies."""
        return self._whole.X

    @property
    def n_rows(self) -> int:
        """Rows of the data."""
        return int(self._whole.n_rows)

    @property
    def l2(self) -> _Doubles:
        """Penalty of each coefficient, shape (p,)."""
        return np.asarray(self._whole.l2)

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,)."""
        return np.asarray(self._whole.l2_of_parameters[self._free])

    @property
    def l1(self) -> _Doubles:
        """Strength of the l1 term of each coefficient, shape (p,)."""
        return np.asarray(self._whole.l1)

    @property
    def l1_of_parameters(self) -> _Doubles:
        """The l1 term of each parameter, shape (n_parameters,)."""
        return np.asarray(self._whole.l1_of_parameters[self._free])

    @property
    def hessian_cost(self) -> float:
        """What a Hessian costs, in evaluations of value and gradient."""
        return float(self._whole.hessian_cost)

    @property
    def has_rare_columns(self) -> bool:
        """Whether no sample of the rows stands for all of them, as where X is sparse."""
        return bool(self._whole.has_rare_columns)

    @property
    def column_moments(self) -> tuple[_Doubles, _Doubles]:
        """Mean and scale of the columns, as of `Softmax`."""
        mean, scale = self._whole.column_moments
        return mean, scale

    @property
    def parameter_names(self) -> list[str]:
        """Class and column of every parameter."""
        columns = column_names(self.X)
        per_class = columns + ["intercept"] * (self.n_parameters // self.n_classes - len(columns))
        classes = np.delete(np.arange(self._whole.n_classes), self.reference)
        return [f"{k}: {name}" for k in classes for name in per_class]

    def column_products(self, mean: npt.ArrayLike, scale: npt.ArrayLike) -> _Doubles:
        """Weighted means of the products of the columns (X - mean) / scale, shape (p, p)."""
        return np.asarray(self._whole.column_products(mean, scale))

    def every(self, step: int) -> Multinomial:
        """The same model of rows 0, step, 2 step, ..."""
        sample = type(self).__new__(type(self))
        sample._take(self._whole.every(step), self.reference)
        return sample

    def with_l2(self, l2: npt.ArrayLike) -> Multinomial:
        """The same objective under another penalty, its data read where it lies."""
        other = type(self).__new__(type(self))
        other._take(self._whole.with_l2(l2), self.reference)
        return other

    def with_l1(self, l1: npt.ArrayLike) -> Multinomial:
        """The same objective with another l1 term, its data read where it lies."""
        other = type(self).__new__(type(self))
        other._take(self._whole.with_l1(l1), self.reference)
        return other

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x; the gradient has shape (n_parameters,)."""
        value, gradient = self._whole.value_and_gradient(self.of_all(x))
        return value, gradient[self._free]

    def value_gradient_and_residual(self, x: npt.ArrayLike) -> tuple[Any, ...]:
        """The same and, of every class but the reference, the size of the derivatives."""
        value, gradient, root, *others = self._whole.value_gradient_and_residual(self.of_all(x))
        return value, gradient[self._free], np.delete(root, self.reference), *others

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """Hessian at x, shape (n_parameters, n_parameters)."""
        return self._block(self._whole.hessian(self.of_all(x)))

    def hessian_of(self, x: npt.ArrayLike, which: npt.ArrayLike) -> _Doubles:
        """The Hessian at x in some of the parameters alone, as `Softmax` has it."""
        places = self._free[_validation.indices("which", which)]
        return np.asarray(self._whole.hessian_of(self.of_all(x), places))

    def rough_hessian(self, x: npt.ArrayLike) -> _Doubles:
        """The same with products in float32."""
        return self._block(self._whole.rough_hessian(self.of_all(x)))

    def hessian_about(
        self, x: npt.ArrayLike, origin: npt.ArrayLike, *, rough: bool = False
    ) -> _Doubles:
        """The Hessian in (w, b + origin'w), as `Softmax` has it."""
        return self._block(self._whole.hessian_about(self.of_all(x), origin, rough=rough))

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """Hessian at x times v, shape (n_parameters,)."""
        along = self._expand("v", v)
        return np.asarray(self._whole.hessp(self.of_all(x), along)[self._free])

    def of_all(self, x: npt.ArrayLike) -> _Doubles:
        """The parameters of all classes, as `Softmax` has them: those of the reference are 0."""
        return self._expand("x", x)

    def recession(self, x: npt.ArrayLike) -> tuple[_Doubles, int] | None:
        """A direction of all classes along which f falls without end, as `Softmax` has it."""
        found: tuple[_Doubles, int] | None = self._whole.recession(self.of_all(x))
        return found

    def _is_bounded(self) -> bool:
        return False

    def _is_held(self, direction: _Doubles) -> bool:
        return bool(self._whole._is_held(direction))

    def _falls(self, direction: _Doubles, n_rows: int) -> str:
        return str(self._whole._falls(direction, n_rows))

    def log_constant(self, dispersion: float) -> float:
        """0: the losses are the log-likelihood."""
        return 0.0

    def _expand(self, name: str, x: npt.ArrayLike) -> _Doubles:
        given = _validation.array(name, x, 1)
        if len(given) != self.n_parameters:
            raise _validation.error(name, f"shape {given.shape}", f"shape ({self.n_parameters},)")
        out = np.zeros(self._whole.n_parameters)
        out[self._free] = given
        return out

    def _block(self, hessian: _Doubles) -> _Doubles:
        return np.asarray(hessian[np.ix_(self._free, self._free)])

    def __repr__(self) -> str:
        return f"Multinomial({self._whole!r}, reference={self.reference})"
