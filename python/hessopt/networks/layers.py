"""What a network is made of: descriptions of its layers, without any numbers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation


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
        _activation(self.activation)
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


@dataclass(frozen=True, repr=False)
class BatchNorm:
    """Batch normalisation: φ(γ (u − mean) / √(variance + ε) + β), u what the layer before gives.

    γ and β are parameters, a number a unit, without penalty. Mean and variance of each unit are
    those of all rows: a full batch is one function of the parameters, whose derivatives are exact,
    and a mini-batch of `BatchAdam` has its own. It may stand before the first `Dense`, where it
    normalises the inputs, before an activation, which is then its own, or after one. A `Dense`
    without activation right before it has no bias: β does what that would, and H would be singular.

    Parameters
    ----------
    activation : str
        φ, as of `Dense`.
    slope : float
        As of `Dense`.
    eps : float
        ε, > 0: 1e-5 in torch and Flax, 1e-3 in Keras.
    momentum : float
        Share of a new batch in the running averages of `BatchAdam`, in [0, 1], as torch has it:
        what Keras and Flax call momentum is 1 minus this, .99 there.
    ddof : {0, 1}
        Of the variance that is divided by. Of rows with weights w that sum to one it is
        Σ w (u − mean)² / (1 − ddof Σ w²): by n or n − 1 where they weigh the same. 0 in torch,
        Keras and Flax.
    running_ddof : {0, 1}
        Of the variance in the running averages: 1 in torch, 0 in Flax.
    statistics : (mean, variance), optional
        Fixed ones, as the running averages of a network trained elsewhere, shape (units,) each; by
        default those of the rows. See `Network.with_statistics`.

    References
    ----------
    S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.
    """

    activation: str = "identity"
    slope: float = 0.01
    eps: float = 1e-5
    momentum: float = 0.1
    ddof: int = 0
    running_ddof: int = 1
    statistics: tuple[npt.ArrayLike, npt.ArrayLike] | None = None

    def __post_init__(self) -> None:
        _activation(self.activation)
        eps = _validation.real("eps", self.eps, "a finite number > 0")
        if eps <= 0:
            raise _validation.error("eps", self.eps, "a finite number > 0")
        momentum = _validation.at_least("momentum", self.momentum, 0)
        if momentum > 1:
            raise _validation.error("momentum", self.momentum, "a number in [0, 1]")
        _validation.store(
            self,
            slope=_validation.real("slope", self.slope, "a finite number"),
            eps=eps,
            momentum=momentum,
            ddof=_validation.integer("ddof", self.ddof, 0, 2),
            running_ddof=_validation.integer("running_ddof", self.running_ddof, 0, 2),
            statistics=None if self.statistics is None else _pair(self.statistics),
        )

    def __repr__(self) -> str:
        said = [f"{f.name}={getattr(self, f.name)!r}" for f in fields(self)[:-1]]
        if self.statistics is not None:
            numbers = np.array(self.statistics)
            said.append(f"statistics=<{numbers.shape[1]} units, {zlib.crc32(numbers.data):08x}>")
        return f"BatchNorm({', '.join(said)})"


Layer = Dense | Dropout | BatchNorm
#: (units, activation, its parameter, rate of dropout, whether it has a bias, None) of a `Dense`;
#: (eps, momentum, ddof, running_ddof, statistics) is the last of a `BatchNorm`.
Arranged = tuple[int, str, float, float, bool, tuple[Any, ...] | None]


def arranged(layers: Sequence[Layer]) -> tuple[list[Arranged], float]:
    """Layers with parameters, with the rate of the dropout after each, and that of the inputs."""
    if not isinstance(layers, Sequence) or isinstance(layers, str):
        raise TypeError(f"layers: got {layers!r}; want a sequence of Dense, BatchNorm and Dropout")
    found: list[Arranged] = []
    input_rate, before = 0.0, None
    for layer in layers:
        if isinstance(layer, Dense):
            found.append((layer.units, layer.activation, layer.slope, 0.0, True, None))
        elif isinstance(layer, BatchNorm):
            if isinstance(before, Dense) and before.activation == "identity":
                found[-1] = (*found[-1][:4], False, None)
            norm = (layer.eps, layer.momentum, layer.ddof, layer.running_ddof, layer.statistics)
            found.append((0, layer.activation, layer.slope, 0.0, True, norm))
        elif isinstance(layer, Dropout):
            if isinstance(before, Dropout):
                raise _validation.error("layers", "two Dropout in a row", "one")
            if found:
                found[-1] = (*found[-1][:3], layer.rate, *found[-1][4:])
            else:
                input_rate = layer.rate
        else:
            raise TypeError(f"layers: got {layer!r}; want Dense, BatchNorm or Dropout")
        before = layer
    if not any(isinstance(layer, Dense) for layer in layers):
        raise _validation.error("layers", "no Dense", "at least one")
    return found, input_rate


def _activation(name: str) -> None:
    names = _core.activations()
    if name not in names:
        raise _validation.error("activation", repr(name), f"one of {names}")


def _pair(statistics: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and variance as numbers that compare, and go into a file."""
    if not isinstance(statistics, (tuple, list)) or len(statistics) != 2:
        raise _validation.error("statistics", repr(statistics), "(mean, variance)")
    units = _arrays.real("statistics", statistics[0]).size
    mean = _validation.doubles("statistics", statistics[0], units)
    variance = _validation.doubles("statistics", statistics[1], units)
    if (variance < 0).any():
        raise _validation.error("statistics", f"{variance.min():g}", "variances >= 0")
    return tuple(mean.tolist()), tuple(variance.tolist())
