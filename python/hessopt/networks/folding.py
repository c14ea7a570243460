"""Networks without batch normalisation that give the same: its maps in the layers beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .layers import BatchNorm, Dense, Layer

_Doubles = npt.NDArray[np.float64]
_Pairs = list[tuple[_Doubles, _Doubles]]


def folded(layers: Sequence[Layer], weights: _Pairs) -> tuple[list[Layer], _Pairs]:
    """Layers, and weights of dense layers.

    Parameters
    ----------
    layers : sequence of Dense, BatchNorm and Dropout
        With fixed statistics.
    weights : list of (W, b) or (γ, β)
        As of `Network.unflatten`.
    """
    found: list[Layer] = []
    dense: _Pairs = []
    given = iter(weights)
    pending: tuple[_Doubles, _Doubles] | None = None  # an affine map of what comes next
    for place, layer in enumerate(layers):
        if isinstance(layer, Dense):
            W, b = next(given)
            if b.size == 0:
                b = np.zeros(layer.units)
            if pending is not None:
                scale, shift = pending
                W, b, pending = scale[:, None] * W, b + shift @ W, None
            found.append(layer)
            dense.append((W, b))
        elif isinstance(layer, BatchNorm):
            gamma, beta = next(given)
            scale, shift = affine(layer, gamma, beta)
            if pending is not None:
                before, moved = pending
                scale, shift, pending = scale * before, scale * moved + shift, None
            behind = layers[place + 1] if place + 1 < len(layers) else None
            if found and isinstance(last := found[-1], Dense) and last.activation == "identity":
                W, b = dense[-1]
                found[-1] = Dense(last.units, layer.activation, layer.slope)
                dense[-1] = W * scale, b * scale + shift
            elif layer.activation == "identity" and isinstance(behind, (Dense, BatchNorm)):
                pending = scale, shift
            else:
                found.append(Dense(len(gamma), layer.activation, layer.slope))
                dense.append((np.diag(scale), shift))
        else:
            found.append(layer)
    return found, dense


def affine(layer: BatchNorm, gamma: _Doubles, beta: _Doubles) -> tuple[_Doubles, _Doubles]:
    """Scale and shift of what a layer with fixed statistics is fed with, before its activation."""
    mean, variance = np.array(layer.statistics)
    scale = gamma / np.sqrt(variance + layer.eps)
    return scale, beta - scale * mean
