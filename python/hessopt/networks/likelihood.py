"""What a network says of itself for Laplace's approximation, and where its training begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..objectives.likelihood import log_constant
from .initialisation import initial_weights, scheme_for
from .layers import BatchNorm, Dense, arranged

_Doubles = npt.NDArray[np.float64]
_RESPONSES = {
    "softmax": "softmax",
    "logistic": "sigmoid",
    "squared": "identity",
    "huber": "identity",
    "poisson": "exponential",
    "gamma": "exponential",
}


class Likelihood:
    """Of a `Network`, whose methods these are."""

    _given: tuple[tuple[Any, ...], dict[str, Any]]
    _rows: npt.NDArray[np.int64] | None
    _total_weight: float
    layers: tuple[Any, ...]

    @property
    def loss(self) -> str:
        """Name of the loss."""
        name: str = self._given[1]["loss"]
        return name

    @property
    def response(self) -> str | None:
        """What the mean of y is of the outputs."""
        return _RESPONSES.get(self.loss)

    @property
    def has_dispersion(self) -> bool:
        """Whether y has a scale of its own, its dispersion, which the evidence can find."""
        return self.loss == "squared" and self._dense[-1].units == 1

    @property
    def l2(self) -> _Doubles:
        """Strength of the penalty of each dense layer."""
        strength: _Doubles = self._given[1]["l2"]
        return strength

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,), 0 for biases."""
        parts: list[_Doubles] = []
        of_dense = iter(self.l2)
        for shape, n_biases in self._pieces:
            strength = next(of_dense) if len(shape) == 2 else 0.0
            parts += [np.full(math.prod(shape), strength), np.zeros(n_biases)]
        return np.concatenate(parts)

    @property
    def last_layer(self) -> slice:
        """Which parameters the last dense layer has."""
        inputs, units = self._shapes[-1]
        n = len(self.l2_of_parameters)
        return slice(n - (inputs + 1) * units, n)

    @property
    def null_directions(self) -> _Doubles | None:
        """Directions along which nothing changes: one number added to the biases of all classes."""
        if self.loss != "softmax":
            return None
        units = self._dense[-1].units
        common = np.zeros((len(self.l2_of_parameters), 1))
        common[-units:] = units**-0.5
        return common

    def log_constant(self, dispersion: float) -> float:
        """What the log-likelihood of all rows has beside the losses."""
        (_, y, _), named = self._given
        weight = named["sample_weight"]
        if self._rows is not None:
            y, weight = y[self._rows], None if weight is None else weight[self._rows]
        return log_constant(self.loss.capitalize(), y, weight, dispersion, named.get("delta", 1.0))

    def with_l2(self, l2: npt.ArrayLike) -> Any:
        """The same network under another penalty, its data read where it lies."""
        positional, named = self._given
        other: Any = type(self)(*positional, **{**named, "l2": l2})
        return other if self._rows is None else other.batch(self._rows)

    def jacobian(self, x: npt.ArrayLike, X: npt.ArrayLike) -> _Doubles:
        """Derivatives of the outputs of rows, without dropout, by the parameters.

        Statistics of a `BatchNorm` are those of `predict`, held.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Parameters.
        X : array_like, shape (m, p)
            Rows; few, as the result has m · outputs · n_parameters numbers.

        Returns
        -------
        ndarray, shape (m, outputs, n_parameters)
            In float64.
        """
        rows = _validation.matrix("X", X).astype(np.float64, copy=False)
        if rows.shape[1] != self._shapes[0][0]:
            raise _validation.error("X", f"shape {rows.shape}", f"{self._shapes[0][0]} columns")
        held: Any = self._fixed_at(x)  # type: ignore[attr-defined]
        derivatives: _Doubles = held._jacobian(x, rows)
        return derivatives

    def at_minimum(self, x: npt.ArrayLike) -> Any:
        """What a law of parameters about x is of: the statistics of a `BatchNorm` are held there.

        They are those under the masks of this network, where it has dropout.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Parameters.
        """
        return self._fixed_at(x, dropout=True)  # type: ignore[attr-defined]

    def initial(
        self, seed: int, *, scheme: str | Sequence[str] | None = None, law: str = "uniform"
    ) -> _Doubles:
        """Random parameters to begin with: weights by a scheme, biases 0; γ = 1, β = 0.

        Parameters
        ----------
        seed : int
            In [0, 2**64). Each layer's weights are functions of the seed and the layer alone.
        scheme : {"he", "glorot", "lecun"}, or one for each dense layer
            Variance 2 / inputs, 2 / (inputs + units) or 1 / inputs; by default He's for layers
            with a rectifier or its smooth kin, Glorot's for the others.
        law : {"uniform", "normal"}
            Of the weights.

        Returns
        -------
        ndarray, shape (n_parameters,)
        """
        schemes = [scheme_for(d.activation) for d in self._dense] if scheme is None else scheme
        weights = iter(initial_weights(self._shapes, seed, scheme=schemes, law=law))
        parts = []
        for shape, n_biases in self._pieces:
            of_piece = next(weights).ravel() if len(shape) == 2 else np.ones(shape)
            parts += [of_piece, np.zeros(n_biases)]
        return np.concatenate(parts)

    @property
    def _dense(self) -> list[Dense]:
        return [layer for layer in self.layers if isinstance(layer, Dense)]

    @property
    def _needs_rows(self) -> bool:
        """Whether a layer has statistics of the rows."""
        norms = (layer for layer in self.layers if isinstance(layer, BatchNorm))
        return any(layer.statistics is None for layer in norms)

    @property
    def _pieces(self) -> list[tuple[tuple[int, ...], int]]:
        """Shape of W, or of γ, and number of biases, or β, of each layer that has any."""
        (X, *_), _ = self._given
        found: list[tuple[tuple[int, ...], int]] = []
        inputs = X.shape[1]
        for units, _, _, _, has_bias, norm in arranged(self.layers)[0]:
            if norm is not None:
                found.append(((inputs,), inputs))
                continue
            found.append(((inputs, units), units if has_bias else 0))
            inputs = units
        return found

    @property
    def _shapes(self) -> list[tuple[int, int]]:
        shapes: list[tuple[int, int]] = self.shapes  # type: ignore[attr-defined]
        return shapes
