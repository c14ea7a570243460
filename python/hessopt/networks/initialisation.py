"""Where training begins: random weights whose outputs neither grow nor vanish with depth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..noise.counters import Numbers

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
        if name not in _VARIANCES:
            raise _validation.error("scheme", repr(name), f"one of {list(_VARIANCES)}")
    if law not in _LAWS:
        raise _validation.error("law", repr(law), f"one of {list(_LAWS)}")
    weights = []
    for layer, ((inputs, units), name) in enumerate(zip(shapes, schemes, strict=True)):
        numbers = Numbers(np.arange(inputs), key, layer)
        deviation = math.sqrt(_VARIANCES[name](inputs, units))
        if law == "normal":
            weights.append(deviation * numbers.normal(units))
        else:
            weights.append(deviation * math.sqrt(3) * (2 * numbers.uniform(units) - 1))
    return weights


def scheme_for(activation: str) -> str:
    """He's for rectifiers and their smooth kin, Glorot's for the others."""
    return _FOR.get(activation, "glorot")
