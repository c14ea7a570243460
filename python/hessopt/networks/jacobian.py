"""Derivatives of a network's outputs by its parameters, row by row, for predictions of few rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .layers import Dense

_Doubles = npt.NDArray[np.float64]
_Pair = tuple[_Doubles, _Doubles]  # φ(z) and φ'(z)


def outputs_and_jacobian(
    X: _Doubles, weights: Sequence[tuple[_Doubles, _Doubles]], layers: Sequence[Dense]
) -> tuple[_Doubles, _Doubles]:
    """Outputs z_L, shape (m, K), and their Jacobian, shape (m, K, P), in float64.

    With d_L = I and d_(l−1) = (d_l W_lᵀ) ∘ φ'(z_(l−1)), the derivative in W_l[i, j] of output k is
    a_(l−1)[i] d_l[k, j].
    """
    inputs, slopes, a = [], [], X
    for (W, b), layer in zip(weights, layers, strict=True):
        inputs.append(a)
        a, slope = _ACTIVATIONS[layer.activation](a @ W + b, layer.slope)
        slopes.append(slope)
    m, K = a.shape
    d = np.eye(K) * slopes[-1][:, None, :]
    parts: list[_Doubles] = []
    for place in reversed(range(len(layers))):
        of_weights = inputs[place][:, None, :, None] * d[:, :, None, :]
        parts = [of_weights.reshape(m, K, -1), d, *parts]
        if place:
            d = (d @ weights[place][0].T) * slopes[place - 1][:, None, :]
    return a, np.concatenate(parts, axis=2)


def _sigmoid(z: _Doubles) -> _Doubles:
    e = np.exp(-abs(z))
    return np.asarray(np.where(z >= 0, 1, e) / (1 + e))


def _of_tanh(z: _Doubles, _: float) -> _Pair:
    a = np.tanh(z)
    return a, 1 - a * a


def _of_sigmoid(z: _Doubles, _: float) -> _Pair:
    a = _sigmoid(z)
    return a, a * (1 - a)


def _of_silu(z: _Doubles, _: float) -> _Pair:
    s = _sigmoid(z)
    return z * s, s * (1 + z * (1 - s))


def _of_gelu(z: _Doubles, _: float) -> _Pair:
    below = 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(z / math.sqrt(2)))
    return z * below, below + z * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def _of_gelu_tanh(z: _Doubles, _: float) -> _Pair:
    root = math.sqrt(2 / math.pi)
    t = np.tanh(root * (z + 0.044715 * z**3))
    return 0.5 * z * (1 + t), 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * root * (1 + 0.134145 * z * z)


_ACTIVATIONS: dict[str, Callable[[_Doubles, float], _Pair]] = {
    "identity": lambda z, slope: (z, np.ones_like(z)),
    "relu": lambda z, slope: (np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)),
    "leaky_relu": lambda z, slope: (np.where(z > 0, z, slope * z), np.where(z > 0, 1.0, slope)),
    "tanh": _of_tanh,
    "sigmoid": _of_sigmoid,
    "softplus": lambda z, slope: (np.logaddexp(0, z), _sigmoid(z)),
    "gelu": _of_gelu,
    "gelu_tanh": _of_gelu_tanh,
    "silu": _of_silu,
}
