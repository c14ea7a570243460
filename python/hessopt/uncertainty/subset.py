"""An objective of some of the parameters, the others held: Laplace of a network's last layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .curvature import Doubles

Indices = npt.NDArray[np.int64]


class Subset:
    """What `laplace` asks for, of the parameters of an objective that are in a subset.

    Parameters
    ----------
    objective
        Of all parameters.
    x : ndarray, shape (P,)
        Where the others are held.
    chosen : ndarray of int, shape (s,)
        Which vary.
    """

    def __init__(self, objective: Any, x: Doubles, chosen: Indices) -> None:
        self._objective, self._x, self._chosen = objective, x, chosen
        self.n_parameters, self.n_rows = len(chosen), objective.n_rows
        self.n_of_jacobian = len(x)
        self.convex = getattr(objective, "convex", True)
        self.response = getattr(objective, "response", None)
        self.l2_of_parameters = np.asarray(objective.l2_of_parameters, np.float64)[chosen]
        if hasattr(objective, "_total_weight"):
            self._total_weight = objective._total_weight
        null = getattr(objective, "null_directions", None)
        # A direction that needs parameters which are held is none.
        whole = None if null is None else np.linalg.norm(null[chosen], axis=0) > 1 - 1e-12
        self.null_directions = None if null is None else null[chosen][:, whole]

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, Doubles]:
        """Value, with the penalty of these parameters alone, and gradient."""
        at = self._whole(x)
        value, gradient = self._objective.value_and_gradient(at)
        others = np.asarray(self._objective.l2_of_parameters, np.float64).copy()
        others[self._chosen] = 0
        return value - 0.5 * float(others @ at**2), gradient[self._chosen]

    def ggn(self, x: npt.ArrayLike) -> Doubles:
        """The curvature of these parameters, by products where the objective has them."""
        at, f, chosen = self._whole(x), self._objective, self._chosen
        if hasattr(f, "ggnp"):
            units = np.eye(len(at))
            return np.stack([f.ggnp(at, units[j])[chosen] for j in chosen])
        matrix = np.asarray((f.ggn if hasattr(f, "ggn") else f.hessian)(at), np.float64)
        return np.asarray(matrix[np.ix_(chosen, chosen)])

    def log_constant(self, dispersion: float) -> float:
        """That of the objective."""
        constant = getattr(self._objective, "log_constant", None)
        return 0.0 if constant is None else float(constant(dispersion))

    def predict(self, x: npt.ArrayLike, X: npt.ArrayLike) -> Any:
        """Outputs of rows."""
        return self._objective.predict(self._whole(x), X)

    def jacobian(self, x: npt.ArrayLike, X: npt.ArrayLike) -> Any:
        """Derivatives of the outputs by these parameters."""
        return self._objective.jacobian(self._whole(x), X)[:, :, self._chosen]

    def _whole(self, x: npt.ArrayLike) -> Doubles:
        whole = self._x.copy()
        whole[self._chosen] = x
        return whole

    def __repr__(self) -> str:
        return f"{self.n_parameters} parameters of {self._objective!r}"


def indices_of(objective: Any, subset: str | npt.ArrayLike) -> Indices:
    """Of "last_layer", or as given."""
    if isinstance(subset, str):
        if subset != "last_layer" or not hasattr(objective, "last_layer"):
            want = "indices, or 'last_layer' of a Network"
            raise _validation.error("subset", repr(subset), want)
        return np.asarray(np.arange(objective.n_parameters)[objective.last_layer])
    chosen = _validation.indices("subset", subset)
    if not len(chosen) or len(np.unique(chosen)) < len(chosen):
        raise _validation.error("subset", "an index twice, or none", "different indices")
    if chosen.min() < 0 or chosen.max() >= objective.n_parameters:
        got, want = f"the index {chosen.max()}", f"indices below {objective.n_parameters}"
        raise _validation.error("subset", got, want)
    return chosen
