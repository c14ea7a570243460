"""What a network is made of: descriptions of its layers, without any numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import _core, _validation


@dataclass(frozen=True)
class Dense:
    """A dense layer: φ(Wᵀa + b).

    Parameters
    ----------
    units : int
        Numbers that it gives, >= 1.
    activation : str
        φ: 'identity', 'relu', 'leaky_relu', 'tanh', 'sigmoid', 'softplus', 'gelu' (exact),
        'gelu_tanh' (the approximation that ``jax.nn.gelu`` takes by default) or 'silu'. The
        derivatives of the rectifiers at 0 are those from the left.
    slope : float
        Of 'leaky_relu' below 0: 0.01 in torch and jax, 0.3 in Keras' layer.
    """

    units: int
    activation: str = "identity"
    slope: float = 0.01

    def __post_init__(self) -> None:
        names = _core.activations()
        if self.activation not in names:
            raise _validation.error("activation", repr(self.activation), f"one of {names}")
        units = _validation.integer("units", self.units, 1)
        slope = _validation.real("slope", self.slope, "a finite number")
        _validation.store(self, units=units, slope=slope)


@dataclass(frozen=True)
class Dropout:
    """Dropout of what the layer before gives, or of the inputs where it comes first.

    Each number is set to zero with probability `rate` and divided by 1 − `rate` otherwise, by
    masks that are fixed; see `Network`.

    Parameters
    ----------
    rate : float
        Fraction dropped, in [0, 1).
    """

    rate: float

    def __post_init__(self) -> None:
        _validation.store(self, rate=_validation.rate(self.rate))


Layer = Dense | Dropout


def arranged(layers: Sequence[Layer]) -> tuple[list[tuple[int, str, float, float]], float]:
    """Dense layers with the rate of the dropout after each, and that of the inputs."""
    if not isinstance(layers, Sequence) or isinstance(layers, str):
        raise TypeError(f"layers: got {layers!r}; want a sequence of Dense and Dropout")
    dense: list[tuple[int, str, float, float]] = []
    input_rate, dropped = 0.0, False
    for layer in layers:
        if isinstance(layer, Dense):
            dense.append((layer.units, layer.activation, layer.slope, 0.0))
            dropped = False
        elif isinstance(layer, Dropout):
            if dropped:
                raise _validation.error("layers", "two Dropout in a row", "one")
            dropped = True
            if dense:
                dense[-1] = (*dense[-1][:3], layer.rate)
            else:
                input_rate = layer.rate
        else:
            raise TypeError(f"layers: got {layer!r}; want Dense or Dropout")
    if not dense:
        raise _validation.error("layers", "no Dense", "at least one")
    return dense, input_rate
