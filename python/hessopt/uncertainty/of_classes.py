"""Classes without a reference: what each is apart from the mean of all."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..integrate.integrated import Integrated
from ..objectives import Softmax
from ..objectives.estimate import Estimate, refuse_l1
from ..objectives.information import of_varying

_Doubles = npt.NDArray[np.float64]


def has_no_reference(model: Any) -> bool:
    """Whether one vector added to the parameters of all classes changes no probability."""
    return isinstance(law_of(model), Softmax)


def law_of(model: Any) -> Any:
    """The model of the data that a noise was integrated out of, or the model itself."""
    return model.objective if isinstance(model, Integrated) else model


def about_mean(model: Any, x: _Doubles) -> _Doubles:
    """The parameters less their mean over the classes."""
    each = x.reshape(law_of(model).n_classes, -1)
    return np.asarray(each - each.mean(axis=0)).ravel()


class Contrasts(Estimate):
    """The parameters of classes in an orthonormal basis of those of sum 0 over the classes.

    There all are determined, intercepts and, without a penalty, coefficients too. In the other
    directions the data say nothing and a penalty all.

    Parameters
    ----------
    model : Softmax, or one whose noise was integrated out
        What was fitted.
    """

    _determined_by = "columns of X that are linearly independent, or l2 > 0"

    def __init__(self, model: Any) -> None:
        self._model, law = model, law_of(model)
        self._law, k = law, int(law.n_classes)
        self._total_weight: float = law._total_weight
        self._basis = np.linalg.qr(np.eye(k)[:, 1:] - 1 / k)[0]
        self.n_parameters: int = model.n_parameters // k * (k - 1)

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x; the gradient has shape (n_parameters,)."""
        value, gradient = self._model.value_and_gradient(self._of_classes(x))
        return value, self._in_basis(gradient)

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """Hessian at x, shape (n_parameters, n_parameters)."""
        return self._both(self._model.hessian(self._of_classes(x)), self._basis)

    def of_all(self: Any, x: _Doubles, **given: Any) -> _Doubles:
        """The covariance of the parameters of all classes, less their mean, at x."""
        inner = self.covariance(self._in_basis(x), **given)
        return np.asarray(self._both(inner, self._basis.T))

    def _information(self, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]:
        refuse_l1(self._model)
        if self._model is not self._law:  # forms of noise have no Hessian about means
            return self.hessian(x), None
        mean, _ = self._law.column_moments  # about which the Hessian has all its digits
        H = self._both(self._law.hessian_about(self._of_classes(x), mean), self._basis)
        if not self._law._given[1]["fit_intercept"]:
            return H, None
        return of_varying(H, mean, self._law.X), mean

    def _no_minimum(self, x: npt.ArrayLike) -> str | None:
        if self._model is not self._law:
            return None  # noise keeps it finite
        reason: str | None = self._law.without_minimum(self._of_classes(x))
        return reason

    def _of_classes(self, x: npt.ArrayLike) -> _Doubles:
        """Of every class, from coordinates in the basis."""
        return np.asarray(self._basis @ np.reshape(x, (self._basis.shape[1], -1))).ravel()

    def _in_basis(self, x: _Doubles) -> _Doubles:
        return np.asarray(self._basis.T @ x.reshape(len(self._basis), -1)).ravel()

    def _both(self, matrix: _Doubles, basis: _Doubles) -> _Doubles:
        """Blocks of a matrix, on both sides taken from the rows of a basis to its columns."""
        k, other = basis.shape
        size = len(matrix) // k
        blocks = matrix.reshape(k, size, k, size)
        found = np.einsum("ka,kilj,lb->aibj", basis, blocks, basis, optimize=True)
        return np.asarray(found.reshape(other * size, other * size))
