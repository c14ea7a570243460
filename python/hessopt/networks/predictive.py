"""Monte-Carlo dropout inside a network: the masks stay on in prediction."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..integrate import PredictiveDistribution
from ..integrate.distribution import Statistics
from ..noise import dropout
from .layers import Dense, Layer
from .network import Network

_Doubles = npt.NDArray[np.float64]
_ROWS = 1024  # at a time


def predict_distribution(
    network: Network, x: npt.ArrayLike, X: npt.ArrayLike, *, seed: int = 0, n_samples: int = 128
) -> PredictiveDistribution:
    """Mean, spread and entropies of a network's prediction over the masks of its dropout.

    Parameters
    ----------
    network : Network
        With dropout.
    x : array_like, shape (n_parameters,)
        Parameters.
    X : array_like, shape (m, p)
        Rows; they are taken in their own precision.
    seed : int
        Of the masks, which are those of ``network.with_masks(seed=seed)`` for rows 0, 1, ....
    n_samples : int
        Masks, >= 2. More extend the same set.

    Returns
    -------
    hessopt.PredictiveDistribution
        Of the mean of y: of 'softmax' probabilities, with entropies; of 'logistic' that of class 1
        of each output; of 'poisson' and 'gamma' the exponential, of others the output itself.

    Notes
    -----
    What lies before the first mask is computed once for all samples.

    References
    ----------
    Y. Gal, Z. Ghahramani, "Dropout as a Bayesian approximation: representing model uncertainty in
    deep learning", ICML 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.networks import Dense, Dropout, Network, predict_distribution
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> layers = [Dense(8, "tanh"), Dropout(0.5), Dense(2)]
    >>> f = Network(X, (X[:, 0] > 0).astype(int), layers)
    >>> d = predict_distribution(f, f.initial(seed=1), X)
    >>> d.mean.shape, d.mutual_information.shape
    ((20, 2), (20,))
    """
    if not isinstance(network, Network):
        raise TypeError(f"network: got {type(network).__name__}; want a Network")
    key = _validation.seed(seed)
    depth = len(network.shapes)
    count = _validation.integer("n_samples", n_samples, 2, 2**32 // (depth + 1))
    rows = np.ascontiguousarray(_validation.matrix("X", X))
    if rows.shape[1] != network.X.shape[1]:
        raise _validation.error("X", f"shape {rows.shape}", f"{network.X.shape[1]} columns")
    pieces = _pieces(network, x)
    if len(pieces) < 2:
        raise _validation.error("network", "no Dropout", "at least one")
    statistics = Statistics()
    begins = range(0, len(rows), _ROWS)
    before = [pieces[0].outputs(rows[begin : begin + _ROWS]) for begin in begins]
    for k in range(count):
        parts = []
        for begin, h in zip(begins, before, strict=True):
            for last, piece in itertools.pairwise(pieces):
                offset, stream = begin * h.shape[1], k * depth + last.layer
                h = piece.outputs(dropout(h, last.rate, key, stream=stream, offset=offset))
            parts.append(_response(network, h.astype(np.float64)))
        statistics.add(np.concatenate(parts)[None])
    if doubt := statistics.doubt():
        want = "more samples, or outputs that are bounded"
        warnings.warn(f"predictions: got {doubt}; want {want}", RuntimeWarning, stacklevel=2)
    return statistics.result()


class _Piece:
    """The layers between two masks."""

    def __init__(
        self, weights: list[tuple[_Doubles, _Doubles]], dense: list[Dense], rate: float, layer: int
    ) -> None:
        self.rate, self.layer = rate, layer  # of the dropout behind it; dense layers before that
        self._network: Network | None = None
        if dense:
            inputs, units = len(weights[0][0]), dense[-1].units
            layers: list[Layer] = list(dense)
            if dense[-1].activation != "identity":  # which a network has behind its last layer
                layers.append(Dense(units))
                weights = [*weights, (np.eye(units), np.zeros(units))]
            y = np.zeros((1, units))
            self._network = Network(np.zeros((1, inputs)), y, layers, loss="squared")
            self._x = self._network.flatten(weights)

    def outputs(self, rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """In the precision of the rows."""
        if self._network is None:
            return rows
        return self._network.predict(self._x, rows).astype(rows.dtype, copy=False)


def _pieces(network: Network, x: npt.ArrayLike) -> list[_Piece]:
    """What there is before, between and behind the masks, of which those of rate 0 are none."""
    weights, pieces, done = network.unflatten(x), [], 0
    dense: list[Dense] = []
    for layer in network.layers:
        if isinstance(layer, Dense):
            dense.append(layer)
        elif layer.rate > 0:
            end = done + len(dense)
            pieces.append(_Piece(weights[done:end], dense, layer.rate, end))
            done, dense = end, []
    pieces.append(_Piece(weights[done:], dense, 0.0, len(weights)))
    return pieces


def _response(network: Network, outputs: _Doubles) -> _Doubles:
    """The mean of y, shape (m,) for one output, else (m, outputs)."""
    if network.response == "softmax":
        e = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))
    if network.response == "sigmoid":
        outputs = np.exp(-np.logaddexp(0, -outputs))
    elif network.response == "exponential":
        outputs = np.exp(outputs)
    return outputs[:, 0] if outputs.shape[1] == 1 else outputs
