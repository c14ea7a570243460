"""Monte-Carlo dropout inside a network: the masks stay on in prediction."""

from __future__ import annotations

import warnings

import numpy.typing as npt

from .. import _validation
from ..integrate import PredictiveDistribution
from ..integrate.distribution import Statistics
from ..objectives.likelihood import mean_of_target
from .layers import Dropout
from .network import Network

_ELEMENTS = 1 << 20  # of predictions at a time


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
    What lies before the first mask is computed once for all samples. The statistics of a
    `BatchNorm` are held: those of the rows of the network under its own masks, or fixed ones.

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
    count = _validation.integer("n_samples", n_samples, 2, 2**32 // (len(network._pieces) + 1))
    rows = _validation.matrix("X", X)
    if rows.shape[1] != network.X.shape[1]:
        raise _validation.error("X", f"shape {rows.shape}", f"{network.X.shape[1]} columns")
    if not any(isinstance(layer, Dropout) and layer.rate > 0 for layer in network.layers):
        raise _validation.error("network", "no Dropout", "at least one")
    at = _validation.doubles("x", x, network.n_parameters)
    held = network._fixed_at(at, dropout=True)
    statistics = Statistics()
    samples = max(1, _ELEMENTS // (len(rows) * network.shapes[-1][1]))
    for first in range(0, count, samples):
        outputs = held._masked_outputs(at, rows, key, first, min(samples, count - first))
        means = mean_of_target(network.response, outputs)
        statistics.add(means[:, :, 0] if means.shape[2] == 1 else means)
    if doubt := statistics.doubt():
        want = "more samples, or outputs that are bounded"
        warnings.warn(f"predictions: got {doubt}; want {want}", RuntimeWarning, stacklevel=2)
    return statistics.result()
