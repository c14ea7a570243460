"""A dense network as an objective."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _absent, _arrays, _core, _validation
from ..objectives.data import total_of, weights_of
from .folding import folded
from .gauss_newton import GaussNewton
from .layers import Arranged, BatchNorm, Dense, Layer, arranged
from .likelihood import Likelihood

_Doubles = npt.NDArray[np.float64]
#: W, shape (inputs, units), and b, shape (units,) or (0,), of each dense layer; γ and β, shape
#: (units,), of each batch normalisation.
Weights = list[tuple[_Doubles, _Doubles]]
#: A network without data, as others are read.
Parts = tuple[list[Layer], Weights]

# Those with a link in brackets are of linear models.
_LOSSES = {name.lower(): name for name in ("Softmax", *_core.losses()) if "(" not in name}
#: Mean and variance, shape (units,), of each batch normalisation.
Statistics = list[tuple[_Doubles, _Doubles]]


class Network(Likelihood, _core.Network):
    """The weighted mean of the losses of a dense network's outputs, plus a ridge penalty.

    f = Σᵢ weightᵢ ℓ(z_L(xᵢ), yᵢ) / Σᵢ weightᵢ + ½ Σₗ l2ₗ ‖Wₗ‖², with a₀ = x,
    zₗ = Wₗᵀaₗ₋₁ + bₗ, aₗ = φₗ(zₗ), or with zₗ normalised as `BatchNorm` has it. The parameters are
    (W₁, b₁, W₂, b₂, …), one after another, (γₗ, βₗ) among them: `unflatten` has them as arrays.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, finite. A network of float32 data computes in float32, and adds up in float64.
    y : array_like, shape (n,) or (n, outputs)
        Labels 0 .. K − 1 for 'softmax', else a target for each output.
    layers : sequence of Dense, BatchNorm and Dropout
        The last is a `Dense`, which gives the outputs and has no activation: the loss has its own.
    loss : str
        'softmax', the cross-entropy of K classes; or a loss of each output, summed over outputs:
        'squared', 'huber', 'logistic', 'poisson', 'gamma', 'exponential', as in
        `hessopt.objectives`.
    l2 : float or array_like, shape (number of dense layers,)
        Strength of the penalty, >= 0, of all weights or of each layer's; biases are free, and γ, β.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    seed : int
        Of the masks of dropout.
    n_samples : int
        Masks that each row is averaged over, where there is dropout. f is then a sample average,
        the same function for every x. Minimised, it is fitted to its masks: what the network does
        under others `with_masks` tells.
    **parameters : float
        Of the loss: ``delta`` of 'huber'.

    Notes
    -----
    The mask of layer l in sample k is a function of the row: element i·wₗ + j of stream k·L + l of
    `hessopt.bernoulli_mask`, for unit j of row i, `Dense` and `BatchNorm` being counted as layers.
    Batches and threads change nothing. What comes before the first mask is computed once for all
    samples.

    The statistics of a `BatchNorm` are those of all rows, weighted by `sample_weight`, and of all
    samples of masks alike, where there are masks before it; of a batch those of its rows. While f
    is evaluated two numbers a row are held for each of its units, four for products.

    Without dropout and `BatchNorm`, the third and further products at one x find what the second
    has left there, in 64 MB or the size of X at most: X is not to change in between.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.networks import Dense, Network
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> f = Network(X, X[:, 0] ** 2, [Dense(4, "tanh"), Dense(1)], loss="squared")
    >>> f.n_parameters
    13
    """

    #: A minimum has to be told by the Hessian.
    convex = False

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        layers: Sequence[Layer],
        *,
        loss: str = "softmax",
        l2: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        seed: int = 0,
        n_samples: int = 1,
        **parameters: float,
    ) -> None:
        data = _validation.matrix("X", X)
        pieces, input_rate = arranged(layers)
        if loss not in _LOSSES:
            raise _validation.error("loss", repr(loss), f"one of {list(_LOSSES)}")
        name = _LOSSES[loss]
        target = _targets(y, len(data), 1 if name == "Softmax" else pieces[-1][0])
        weight = weights_of(sample_weight, len(data))
        strength = _per_layer(l2, sum(norm is None for *_, norm in pieces))
        of_loss = [] if name == "Softmax" else _core.parameters_of_loss(name)
        numbers = {
            number: _validation.real(number, parameters.pop(number, default), domain)
            for number, domain, default in of_loss
        }
        _absent.refuse(parameters)
        masks = _validation.seed(seed), _validation.integer("n_samples", n_samples, 1, 2**32)
        core = (
            pieces,
            input_rate,
            name,
            list(numbers.values()),
            data,
            target,
            weight,
            _of_pieces(strength, pieces),
            *masks,
        )
        super().__init__(*core)
        self.layers: tuple[Layer, ...] = tuple(layers)
        self._total_weight = total_of(weight, len(data))
        self._rows: npt.NDArray[np.int64] | None = None  # of X, where not all
        self._last: tuple[_Doubles, Network] | None = None  # of `_fixed_at`
        self._given: tuple[tuple[Any, ...], dict[str, Any]] = (
            (data, target[:, 0] if target.shape[1] == 1 else target, self.layers),
            {
                "loss": loss,
                "l2": strength,
                "sample_weight": weight if weight.size else None,
                "seed": masks[0],
                "n_samples": masks[1],
                **numbers,
            },
        )

    @property
    def X(self) -> _arrays.Array:
        """The data where it lies, shape (n, p); of a batch that of all rows."""
        data: _arrays.Array = self._given[0][0]
        return data

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(inputs, units) of each dense layer."""
        units = [layer.units for layer in self.layers if isinstance(layer, Dense)]
        return list(zip([self.X.shape[1], *units[:-1]], units, strict=True))

    def unflatten(self, x: npt.ArrayLike) -> Weights:
        """Weights and biases of each dense layer, views of x where it is a float64 array.

        A dense layer right before a `BatchNorm` has a bias of shape (0,). Of a `BatchNorm`, in its
        place among them, γ and β, shape (units,) each.
        """
        flat = _validation.doubles("x", x, self.n_parameters)
        out, at = [], 0
        for shape, n_biases in self._pieces:
            end = at + math.prod(shape)
            out.append((flat[at:end].reshape(shape), flat[end : end + n_biases]))
            at = end + n_biases
        return out

    def flatten(self, weights: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]) -> _Doubles:
        """The parameters of ``[(W, b), ...]``, shape (n_parameters,), as `unflatten` gives them."""
        pieces = self._pieces
        if len(weights) != len(pieces):
            want = f"(W, b) of {len(self.shapes)} dense layers"
            if len(pieces) > len(self.shapes):
                want += f" and (γ, β) of {len(pieces) - len(self.shapes)} BatchNorm"
            raise _validation.error("weights", f"{len(weights)} pairs", want)
        parts = []
        for (W, b), (shape, n_biases) in zip(weights, pieces, strict=True):
            if len(shape) == 1:
                parts.append(_validation.doubles("weights", W, shape[0]))
            else:
                matrix = _validation.matrix("weights", W)
                if matrix.shape != shape:
                    raise _validation.error("weights", f"shape {matrix.shape}", f"{shape}")
                parts.append(matrix.ravel())
            parts.append(_validation.doubles("weights", b, n_biases))
        return np.concatenate(parts, dtype=np.float64)

    def predict(self, x: npt.ArrayLike, X: npt.ArrayLike | None = None) -> _Doubles:
        """Outputs z_L of rows, without dropout: of classes their logits.

        Where a `BatchNorm` has no fixed statistics they are those of the rows of this network at x,
        without dropout: a pass over them, once for calls at the same x.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Parameters.
        X : array_like, shape (m, p), optional
            Rows; those of the data if left out.

        Returns
        -------
        ndarray, shape (m, outputs)
            In float64, computed in the precision of `X`.
        """
        data = self._data() if X is None else _validation.matrix("X", X)
        if data.shape[1] != self.X.shape[1]:
            raise _validation.error("X", f"shape {data.shape}", f"{self.X.shape[1]} columns")
        return self._fixed_at(x)._outputs(x, data)

    def statistics(self, x: npt.ArrayLike, *, dropout: bool = False) -> Statistics:
        """Mean and variance of what each `BatchNorm` is fed with, over the rows of this network.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Parameters.
        dropout : bool
            Under the masks of this network, as f has them; by default without any, as `predict`
            has them. The two differ where there is dropout before a `BatchNorm`.

        Returns
        -------
        list of (mean, variance)
            Of shape (units,) each, the variance with the layer's `ddof`; fixed ones as they are.
        """
        at = _validation.doubles("x", x, self.n_parameters)
        found: Statistics = self._statistics(at, _validation.flag("dropout", dropout))
        return found

    def with_statistics(
        self, statistics: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]] | None
    ) -> Network:
        """The same network with fixed statistics, so that its rows do not know of each other.

        Parameters
        ----------
        statistics : sequence of (mean, variance), or None
            Of each `BatchNorm`: those of `statistics(x)`, or the running averages of `BatchAdam`;
            None: those of the rows again.

        Notes
        -----
        Running averages are of batches under masks. Where there is dropout before a `BatchNorm`,
        predictions without it have another variance there, and `statistics(x)` is better.
        """
        norms = [layer for layer in self.layers if isinstance(layer, BatchNorm)]
        if statistics is not None and len(statistics) != len(norms):
            got = f"{len(statistics)} pairs"
            raise _validation.error(
                "statistics", got, f"(mean, variance) of {len(norms)} BatchNorm"
            )
        given = iter([None] * len(norms) if statistics is None else statistics)
        layers = tuple(
            replace(layer, statistics=next(given)) if isinstance(layer, BatchNorm) else layer
            for layer in self.layers
        )
        (X, y, _), named = self._given
        if statistics is None:
            other = type(self)(X, y, layers, **named)
            return other if self._rows is None else other.batch(self._rows)
        fixed: list[Any] = [layer.statistics for layer in layers if isinstance(layer, BatchNorm)]
        other = self._view(self._fixed(fixed), None)
        other.layers, other._given = layers, ((X, y, layers), named)
        return other

    def fold(self, x: npt.ArrayLike) -> tuple[Network, _Doubles]:
        """A network without `BatchNorm` that predicts the same, and its parameters.

        Each `BatchNorm` goes into the `Dense` before or behind it where nothing is in between, and
        becomes a `Dense` of a diagonal matrix otherwise. Statistics are those of `predict`: of the
        rows at x, or fixed ones. The penalty is 0, as it would be another one of these weights.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Parameters.
        """
        held = self._fixed_at(x)
        layers, weights = folded(held.layers, held.unflatten(x))
        (X, y, _), named = self._given
        other = type(self)(X, y, layers, **{**named, "l2": 0.0})
        return other if self._rows is None else other.batch(self._rows), other.flatten(weights)

    def _fixed_at(self, x: npt.ArrayLike, dropout: bool = False) -> Network:
        """The same with statistics that are fixed at x."""
        if not self._needs_rows:
            return self
        at = _validation.doubles("x", x, self.n_parameters)
        if dropout:
            return self.with_statistics(self.statistics(at, dropout=True))
        if self._last is None or not np.array_equal(self._last[0], at):
            self._last = at.copy(), self.with_statistics(self.statistics(at))
        return self._last[1]

    def batch(self, rows: npt.ArrayLike) -> Network:
        """The same network of some rows, read where they lie, under the masks that they have here.

        Parameters
        ----------
        rows : array_like of int, shape (m,)
            Indices of rows, 0 .. n_rows − 1. Their weights are taken to sum to one again.
        """
        index = _validation.indices("rows", rows)
        return self._view(self._batch(index), index)

    def every(self, step: int) -> Network:
        """The same network of rows 0, step, 2 step, ..."""
        return self.batch(np.arange(0, self.n_rows, _validation.integer("step", step, 1)))

    def with_masks(self, *, seed: int, n_samples: int | None = None) -> Network:
        """The same network under other masks: the value at a minimum that was not fitted to them.

        Parameters
        ----------
        seed : int
            Of the masks.
        n_samples : int, optional
            Masks that each row is averaged over; as many as here if left out.
        """
        chosen = _validation.seed(seed)
        samples = self._given[1]["n_samples"] if n_samples is None else n_samples
        samples = _validation.integer("n_samples", samples, 1, 2**32)
        other = self._view(self._with_masks(chosen, samples), None)
        other._given = (self._given[0], {**self._given[1], "seed": chosen, "n_samples": samples})
        return other

    def with_ggn(self) -> GaussNewton:
        """The same objective with the Gauss-Newton matrix in the place of the Hessian.

        For solvers: ``minimize(network.with_ggn(), x0, method="trust_region")`` is the method of
        Levenberg and Marquardt.
        """
        return GaussNewton(self)

    def _view(self, core: _core.Network, rows: npt.NDArray[np.int64] | None) -> Network:
        """Another network of the same data: of some of the rows here, or of all of them."""
        other = type(self).__new__(type(self))
        _core.Network.__init__(other, core)
        other.layers, other._given, other._rows = self.layers, self._given, self._rows
        other._last = None
        other._total_weight = self._total_weight
        if rows is not None:
            other._rows = rows if self._rows is None else self._rows[rows]
            weight = self._given[1]["sample_weight"]
            other._total_weight = total_of(
                np.empty(0) if weight is None else weight[other._rows], len(rows)
            )
        return other

    def _data(self) -> _arrays.Array:
        """The rows of X that are here."""
        return self.X if self._rows is None else self.X[self._rows]

    def _with_data(self, X: _arrays.Array, **changed: Any) -> Network:
        """The same network of other inputs of the rows that are here, other things changed too."""
        (_, y, layers), named = self._given
        if self._rows is not None:
            weight = named["sample_weight"]
            y = y[self._rows]
            named = {**named, "sample_weight": None if weight is None else weight[self._rows]}
        return type(self)(X, y, **{"layers": layers, **named, **changed})

    def __reduce__(self) -> tuple[Any, ...]:
        positional, named = self._given
        return _made, (type(self), positional, named, self._rows)

    def __repr__(self) -> str:
        named = self._given[1]
        said = [f"{self.n_rows} x {self.X.shape[1]} {self.X.dtype}", f"layers={list(self.layers)}"]
        said += [f"loss={named['loss']!r}", f"l2={named['l2'].tolist()}"]
        if named["sample_weight"] is not None:
            said.append(f"sample_weight=<{len(named['sample_weight'])} numbers>")
        return f"{type(self).__name__}({', '.join(said)})"


def _made(
    kind: type[Network],
    positional: tuple[Any, ...],
    named: dict[str, Any],
    rows: npt.NDArray[np.int64] | None,
) -> Network:
    network = kind(*positional, **named)
    return network if rows is None else network.batch(rows)


def _of_pieces(strength: _Doubles, pieces: list[Arranged]) -> _Doubles:
    """The penalty of each layer with parameters, 0 of batch normalisation."""
    of_dense = iter(strength)
    return np.array([next(of_dense) if norm is None else 0.0 for *_, norm in pieces])


def _targets(y: npt.ArrayLike, n_rows: int, columns: int) -> _Doubles:
    """A column for each output."""
    if columns == 1 and _arrays.real("y", y).ndim == 1:
        return _validation.doubles("y", y, n_rows)[:, None]
    target = _validation.matrix("y", y).astype(np.float64, copy=False)
    if target.shape != (n_rows, columns):
        want = f"shape ({n_rows},)" if columns == 1 else f"shape ({n_rows}, {columns})"
        raise _validation.error("y", f"shape {target.shape}", want)
    return target


def _per_layer(l2: npt.ArrayLike, n_layers: int) -> _Doubles:
    if _arrays.real("l2", l2).ndim == 0:
        return np.full(n_layers, _validation.at_least("l2", l2, 0))
    strength = _validation.doubles("l2", l2, n_layers)
    if (strength < 0).any():
        raise _validation.error("l2", f"the number {strength.min():g}", "numbers >= 0")
    return strength
