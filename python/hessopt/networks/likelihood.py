"""What a network says of itself for Laplace's approximation, and where its training begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..objectives.likelihood import log_constant
from .initialisation import initial_weights, scheme_for
from .layers import Dense

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
        for (inputs, units), strength in zip(self._shapes, self.l2, strict=True):
            parts += [np.full(inputs * units, strength), np.zeros(units)]
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
        derivatives: _Doubles = self._jacobian(x, rows)  # type: ignore[attr-defined]
        return derivatives

    def initial(
        self, seed: int, *, scheme: str | Sequence[str] | None = None, law: str = "uniform"
    ) -> _Doubles:
        """Random parameters to begin with: weights by a scheme, biases 0.

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
        weights = initial_weights(self._shapes, seed, scheme=schemes, law=law)
        parts = [p for W in weights for p in (W.ravel(), np.zeros(W.shape[1]))]
        return np.concatenate(parts)

    @property
    def _dense(self) -> list[Dense]:
        return [layer for layer in self.layers if isinstance(layer, Dense)]

    @property
    def _shapes(self) -> list[tuple[int, int]]:
        shapes: list[tuple[int, int]] = self.shapes  # type: ignore[attr-defined]
        return shapes
