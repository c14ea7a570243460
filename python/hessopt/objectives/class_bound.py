"""What a softmax model knows of the inverse of its Hessian without forming it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..linalg.cholesky import Cholesky

Vector = npt.NDArray[Any]


class ClassBound:
    """The inverse of a bound on the Hessian of a softmax model, the same block for every class.

    One Cholesky factor of the size of a class serves all classes at every point. Its block for the
    mean over the classes exceeds the bound, which costs nothing: where that mean is 0, and steps of
    conjugate gradients from such a start keep it so, they never meet it.

    D. Böhning, "Multinomial logistic regression algorithm", Ann. Inst. Statist. Math. 44 (1992).
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._factor: Cholesky | None = None

    def __call__(self, v: Vector) -> Vector:
        """The product with a vector of all parameters."""
        if self._factor is None:
            self._factor = Cholesky(self._model.curvature_bound(), modified=True)
        classes = np.asarray(v).reshape(self._model.n_classes, -1)
        return np.ascontiguousarray(self._factor.solve(classes.T).T).ravel()
