"""What an objective is."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

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
