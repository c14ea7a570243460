"""A network with its Gauss-Newton matrix in the place of the Hessian."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .freezing import Frozen
    from .network import Network

_Doubles = npt.NDArray[np.float64]


class GaussNewton:
    """The objective of a network, whose second derivatives are said to be its Gauss-Newton matrix.

    That is the Hessian without the curvature of the network itself: positive semidefinite, near the
    Hessian where outputs are near their targets. In a trust region a run on it is the method of
    Levenberg and Marquardt, the best there is for regressions of up to about a thousand parameters.

    Parameters
    ----------
    network : Network or Frozen
        As `Network.with_ggn` gives it.

    References
    ----------
    N. N. Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent",
    Neural Computation 14 (2002). J. J. Moré, "The Levenberg-Marquardt algorithm", LNM 630 (1978).
    """

    #: No curvature is ever negative, and none can tell a saddle from a minimum.
    convex = True

    def __init__(self, network: Network | Frozen) -> None:
        self.network = network

    @property
    def n_parameters(self) -> int:
        """Length of x."""
        return self.network.n_parameters

    @property
    def hessian_cost(self) -> float:
        """What the matrix costs, in evaluations of value and gradient."""
        return self.network.hessian_cost

    def value(self, x: npt.ArrayLike) -> float:
        """f(x)."""
        return self.network.value(x)

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """f(x) and its gradient, shape (n_parameters,)."""
        return self.network.value_and_gradient(x)

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """The Gauss-Newton matrix at x, shape (n_parameters, n_parameters)."""
        return self.network.ggn(x)

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """The Gauss-Newton matrix at x times v, shape (n_parameters,)."""
        return self.network.ggnp(x, v)

    def __repr__(self) -> str:
        return f"{self.network!r}.with_ggn()"
