"""Where training begins: random weights whose outputs neither grow nor vanish with depth."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..noise.counters import Numbers
from .layers import Dense, Dropout, Layer

if TYPE_CHECKING:
    from .network import Weights

#: Variance of a weight of a layer with so many inputs and units.
_VARIANCES = {
    "he": lambda inputs, units: 2 / inputs,
    "glorot": lambda inputs, units: 2 / (inputs + units),
    "lecun": lambda inputs, units: 1 / inputs,
}
#: Of each activation, the scheme that keeps the size of what goes through it.
_FOR = {"relu": "he", "leaky_relu": "he", "gelu": "he", "gelu_tanh": "he", "silu": "he"}
_LAWS = ("normal", "uniform")


def initial_weights(
    shapes: Sequence[tuple[int, int]],
    seed: int,
    *,
    scheme: str | Sequence[str] = "glorot",
    law: str = "uniform",
) -> list[npt.NDArray[np.float64]]:
    """Weights of dense layers, functions of the seed and the layer alone.

    Parameters
    ----------
    shapes : sequence of (inputs, units)
        Of each layer.
    seed : int
        In [0, 2**64).
    scheme : {"he", "glorot", "lecun"}, or one for each layer
        The variance of a weight: 2 / inputs, 2 / (inputs + units) or 1 / inputs.
    law : {"uniform", "normal"}
        Of mean 0.

    Returns
    -------
    list of ndarray, shape (inputs, units)
        Row i of layer l has the counters of row i in stream l of the seed: another layer, or more
        inputs, change nothing in it.

    References
    ----------
    K. He et al., "Delving deep into rectifiers", ICCV 2015. X. Glorot, Y. Bengio, "Understanding
    the difficulty of training deep feedforward neural networks", AISTATS 2010. Y. LeCun et al.,
    "Efficient backprop", 1998.
    """
    key = _validation.seed(seed)
    schemes = [scheme] * len(shapes) if isinstance(scheme, str) else list(scheme)
    if len(schemes) != len(shapes):
        raise _validation.error(
            "scheme", f"{len(schemes)} schemes", f"one for each of {len(shapes)}"
        )
    for name in schemes:
        _known("scheme", name, _VARIANCES)
    _known("law", law, _LAWS)
    layers = enumerate(zip(shapes, schemes, strict=True))
    return [_drawn(layer, shape, key, name, law) for layer, (shape, name) in layers]


def new_head(
    layers: Sequence[Layer],
    weights: Weights,
    n_outputs: int,
    *,
    seed: int,
    scheme: str = "glorot",
    law: str = "uniform",
) -> tuple[list[Layer], Weights]:
    """Layers and weights with a last layer drawn anew, for other classes.

    Parameters
    ----------
    layers : sequence of Dense, BatchNorm and Dropout
        Of a network, as ``network.layers``, `from_torch` or `load_npz` have them.
    weights : list of (W, b)
        Of its layers, as ``network.unflatten(x)``.
    n_outputs : int
        Units of the new last layer, >= 1.
    seed, scheme, law
        Of its weights, as for `initial_weights`; biases are 0.

    Returns
    -------
    layers, weights
        For `Network` and `Network.flatten`; the other weights are those given.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.networks import Dense, Network, new_head
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> f = Network(X, np.arange(60) // 30, [Dense(5, "tanh"), Dense(2)])
    >>> layers, weights = new_head(f.layers, f.unflatten(f.initial(seed=1)), 3, seed=2)
    >>> g = Network(X, np.arange(60) // 20, layers)
    >>> g.flatten(weights).shape
    (28,)
    """
    units, key = _validation.integer("n_outputs", n_outputs, 1), _validation.seed(seed)
    _known("scheme", scheme, _VARIANCES)
    _known("law", law, _LAWS)
    count = sum(isinstance(layer, Dense) for layer in layers)
    if not count or not isinstance(layers[-1], Dense):
        raise _validation.error("layers", list(layers), "layers of which the last is a Dense")
    pieces = sum(not isinstance(layer, Dropout) for layer in layers)
    if len(weights) != pieces:
        got, want = f"{len(weights)} pairs", f"(W, b) of {count} dense layers"
        if pieces > count:
            want += f" and (γ, β) of {pieces - count} BatchNorm"
        raise _validation.error("weights", got, want)
    inputs = len(_validation.matrix("weights", weights[-1][0]))
    W = _drawn(count - 1, (inputs, units), key, scheme, law)
    return [*layers[:-1], Dense(units)], [*weights[:-1], (W, np.zeros(units))]


def _known(name: str, value: str, names: Collection[str]) -> None:
    if value not in names:
        raise _validation.error(name, repr(value), f"one of {list(names)}")


def _drawn(
    layer: int, shape: tuple[int, int], key: int, scheme: str, law: str
) -> npt.NDArray[np.float64]:
    """Weights of one layer."""
    numbers = Numbers(np.arange(shape[0]), key, layer)
    deviation = math.sqrt(_VARIANCES[scheme](*shape))
    if law == "normal":
        return deviation * numbers.normal(shape[1])
    return deviation * math.sqrt(3) * (2 * numbers.uniform(shape[1]) - 1)


def scheme_for(activation: str) -> str:
    """He's for rectifiers and their smooth kin, Glorot's for the others."""
    return _FOR.get(activation, "glorot")
