"""A network of which some layers are held where they are."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation
from .gauss_newton import GaussNewton
from .layers import BatchNorm, Dense, Dropout
from .network import Network

_Doubles = npt.NDArray[np.float64]


class Frozen:
    """The objective of a network as a function of its free layers, the others being held.

    f, its gradient, Hessian and Gauss-Newton matrix are those of the network, in the parameters of
    the free layers, one layer after another. Where the held layers come first and there is no
    Dropout before or between them, their outputs are computed once, and `rest`, the network of the
    other layers, is all that is evaluated. `fit` and `hessopt.minimize` train it; to let layers go
    again is to hold others at ``frozen.whole(result.x)``.

    Parameters
    ----------
    network : Network
        Data, layers, loss and penalty. Without `BatchNorm`: ``network.fold(x)`` has none.
    x : array_like, shape (network.n_parameters,)
        Where layers are held, and the free ones begin.
    layers : int or sequence of int
        The dense layers that are held, 0 for the first.

    Attributes
    ----------
    network : Network
        As given.
    held : tuple of int
        The layers that are.
    rest : Network
        What is evaluated. Its masks of dropout are those of a network of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.networks import Dense, Frozen, Network, fit
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> f = Network(X, np.sin(3 * X[:, 0]), [Dense(9, "tanh"), Dense(1)], loss="squared", l2=1e-6)
    >>> head = Frozen(f, f.initial(seed=1), 0)
    >>> result = fit(head, method="trust_region")
    >>> head.n_parameters, abs(f.value(head.whole(result.x)) - result.fun) < 1e-15
    (10, True)
    """

    def __init__(self, network: Network, x: npt.ArrayLike, layers: int | npt.ArrayLike) -> None:
        if not isinstance(network, Network):
            raise TypeError(f"network: got {type(network).__name__}; want a Network")
        if any(isinstance(layer, BatchNorm) for layer in network.layers):
            raise _validation.error("network", "a BatchNorm", "none, as Network.fold gives it")
        self._x = _validation.doubles("x", x, network.n_parameters).copy()
        depth = len(network.shapes)
        self.held = _layers(layers, depth)
        free = [layer for layer in range(depth) if layer not in self.held]
        self.network = self.rest = network
        #: Of what comes before `rest`, whose value lacks it.
        self.penalty_of_held = 0.0
        self._begin = 0  # the parameter where the rest begins
        if free[0]:
            self._shorten(free[0])
        sizes = [(inputs + 1) * units for inputs, units in network.shapes]
        ends = np.cumsum(sizes)
        self._chosen = np.concatenate([np.arange(ends[k] - sizes[k], ends[k]) for k in free])
        #: As a linear model's: its losses are convex in the outputs.
        self.convex = free == [depth - 1]

    def _shorten(self, first: int) -> None:
        """Let the rest begin with this layer, of what those before give where that is fixed."""
        network = self.network
        place = [k for k, layer in enumerate(network.layers) if isinstance(layer, Dense)][first]
        if isinstance(network.layers[place - 1], Dropout):
            place -= 1  # of the features
        before = [layer for layer in network.layers[:place] if getattr(layer, "rate", 1.0) > 0]
        if not all(isinstance(layer, Dense) for layer in before):
            return
        units = network.shapes[first][0]
        weights = network.unflatten(self._x)
        # A layer that passes on what it gets, as outputs have no activation.
        passing = [*weights[:first], (np.eye(units), np.zeros(units))]
        X = network._data()
        outputs = Network(X[:1], np.zeros((1, units)), [*before, Dense(units)], loss="squared")
        features = outputs.predict(outputs.flatten(passing), X).astype(X.dtype, copy=False)
        l2 = network.l2
        self.rest = network._with_data(features, layers=network.layers[place:], l2=l2[first:])
        self._begin = network.n_parameters - self.rest.n_parameters
        penalties = [np.sum(W**2) / 2 for W, _ in weights[:first]]
        self.penalty_of_held = float(l2[:first] @ penalties)

    @property
    def n_parameters(self) -> int:
        """Of the free layers."""
        return len(self._chosen)

    @property
    def x(self) -> _Doubles:
        """Where the free layers begin, shape (n_parameters,)."""
        return np.asarray(self._x[self._chosen])

    @property
    def hessian_cost(self) -> float:
        """What the Hessian costs, in evaluations of value and gradient."""
        return self.rest.hessian_cost

    def whole(self, x: npt.ArrayLike) -> _Doubles:
        """The parameters of all layers, shape (network.n_parameters,).

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Those of the free ones.
        """
        return self._put(self._x, x)

    def value(self, x: npt.ArrayLike) -> float:
        """Value at x, shape (n_parameters,), the penalty of the held layers included."""
        return self.rest.value(self._inner(x)) + self.penalty_of_held

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x, shape (n_parameters,)."""
        value, gradient = self.rest.value_and_gradient(self._inner(x))
        return value + self.penalty_of_held, gradient[self._of_rest]

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """The Hessian at x times v, shape (n_parameters,)."""
        return self.rest.hessp(self._inner(x), self._along(v))[self._of_rest]

    def ggnp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """The Gauss-Newton matrix at x times v, shape (n_parameters,)."""
        return self.rest.ggnp(self._inner(x), self._along(v))[self._of_rest]

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """The Hessian at x, shape (n_parameters, n_parameters)."""
        return self._part(self.rest.hessian(self._inner(x)))

    def ggn(self, x: npt.ArrayLike) -> _Doubles:
        """The Gauss-Newton matrix at x, shape (n_parameters, n_parameters)."""
        return self._part(self.rest.ggn(self._inner(x)))

    def predict(self, x: npt.ArrayLike, X: npt.ArrayLike) -> _Doubles:
        """Outputs of rows of the network's data or others, without dropout; see `Network.predict`.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Parameters of the free layers.
        X : array_like, shape (m, p)
            Rows.
        """
        return self.network.predict(self.whole(x), X)

    def with_masks(self, *, seed: int, n_samples: int | None = None) -> Frozen:
        """The same under other masks of dropout; see `Network.with_masks`."""
        other = copy.copy(self)
        other.rest = self.rest.with_masks(seed=seed, n_samples=n_samples)
        other.network = self.network.with_masks(seed=seed, n_samples=n_samples)
        return other

    def with_ggn(self) -> GaussNewton:
        """The same with the Gauss-Newton matrix as its Hessian; see `Network.with_ggn`."""
        return GaussNewton(self)

    def of(self, network: Network) -> Frozen:
        """The same layers, held where they are, of a network of other data, loss or penalty."""
        return Frozen(network, self._x, self.held)

    @property
    def moves_all(self) -> bool:
        """Whether the rest has no layers but free ones."""
        return self.n_parameters == self.rest.n_parameters

    @property
    def _of_rest(self) -> npt.NDArray[np.int64]:
        return self._chosen - self._begin

    def _inner(self, x: npt.ArrayLike) -> _Doubles:
        return self._put(self._x, x)[self._begin :]

    def _along(self, v: npt.ArrayLike) -> _Doubles:
        return self._put(np.zeros_like(self._x), v, "v")[self._begin :]

    def _put(self, whole: _Doubles, free: npt.ArrayLike, name: str = "x") -> _Doubles:
        out = whole.copy()
        out[self._chosen] = _validation.doubles(name, free, self.n_parameters)
        return out

    def _part(self, matrix: _Doubles) -> _Doubles:
        return matrix if self.moves_all else matrix[np.ix_(self._of_rest, self._of_rest)]

    def __reduce__(self) -> tuple[Any, ...]:
        return Frozen, (self.network, self._x, self.held)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.network!r}, layers={list(self.held)})"


def _layers(layers: object, depth: int) -> tuple[int, ...]:
    """Which are held, of so many."""
    chosen = sorted(_validation.indices("layers", np.atleast_1d(_arrays.real("layers", layers))))
    want = f"some of the dense layers 0 .. {depth - 1}, each once, and not all"
    got = [int(layer) for layer in chosen]
    if not got or got[0] < 0 or got[-1] >= depth or not len(got) == len(set(got)) < depth:
        raise _validation.error("layers", got, want)
    return tuple(got)
