"""Networks from and to scikit-learn: its fitted `MLPClassifier` and `MLPRegressor`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _extras, _validation
from .layers import BatchNorm, Dense, Layer
from .network import Network, Parts

# scikit-learn's names of activations, and ours.
_OF_SKLEARN = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
_TO_SKLEARN = {ours: theirs for theirs, ours in _OF_SKLEARN.items()}


def from_sklearn(estimator: Any) -> Parts:
    """Layers and weights of a fitted ``MLPClassifier`` or ``MLPRegressor``.

    Parameters
    ----------
    estimator : sklearn.neural_network.MLPClassifier or MLPRegressor
        Fitted. Of two classes it has one output: the loss is 'logistic', else 'softmax'; of a
        regressor 'squared'. Its `alpha` is l2 · n.

    Returns
    -------
    layers, weights
        As of `from_torch`.
    """
    if not hasattr(estimator, "coefs_"):
        want = "a fitted MLPClassifier or MLPRegressor"
        raise TypeError(f"estimator: got {type(estimator).__name__} without coefs_; want {want}")
    if estimator.activation not in _OF_SKLEARN:
        want = f"one of {list(_OF_SKLEARN)}"
        raise _validation.error("estimator", f"activation {estimator.activation!r}", want)
    weights = [
        (np.array(W, np.float64), np.array(b, np.float64))
        for W, b in zip(estimator.coefs_, estimator.intercepts_, strict=True)
    ]
    hidden = _OF_SKLEARN[estimator.activation]
    layers: list[Layer] = [Dense(len(b), hidden) for _, b in weights[:-1]]
    return [*layers, Dense(len(weights[-1][1]))], weights


def to_sklearn(network: Network, x: npt.ArrayLike) -> Any:
    """A fitted ``MLPClassifier`` or ``MLPRegressor`` with these parameters; dropout is left out.

    Parameters
    ----------
    network : Network
        Of one activation for all hidden layers: identity, sigmoid, tanh or relu; of loss 'softmax',
        'logistic' with one output, or 'squared'.
    x : array_like, shape (n_parameters,)
        Parameters.

    Returns
    -------
    sklearn.neural_network.MLPClassifier or MLPRegressor
        Its classes are 0 .. K − 1.
    """
    _extras.load("sklearn", "to_sklearn", "hessopt[sklearn]")
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import LabelBinarizer

    if any(isinstance(layer, BatchNorm) for layer in network.layers):
        raise _validation.error("network", "a BatchNorm", "none, as Network.fold gives it")
    weights, loss = network.unflatten(x), network.loss
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    names = {layer.activation for layer in dense[:-1]} or {"identity"}
    if len(names) > 1 or not names <= set(_TO_SKLEARN):
        want = f"one of {list(_TO_SKLEARN)} for all"
        raise _validation.error("network", f"activations {sorted(names)}", want)
    outputs = dense[-1].units
    if loss not in ("softmax", "squared") and (loss, outputs) != ("logistic", 1):
        want = "'softmax', 'squared', or 'logistic' of one output"
        raise _validation.error("network", f"loss {loss!r} of {outputs} outputs", want)
    options = {
        "hidden_layer_sizes": tuple(layer.units for layer in dense[:-1]),
        "activation": _TO_SKLEARN[names.pop()],
    }
    made = MLPRegressor(**options) if loss == "squared" else MLPClassifier(**options)
    made.coefs_ = [W.astype(network.X.dtype) for W, _ in weights]
    made.intercepts_ = [b.astype(network.X.dtype) for _, b in weights]
    made.n_layers_, made.n_outputs_ = len(weights) + 1, outputs
    made.n_features_in_ = network.X.shape[1]
    made.n_iter_ = made.t_ = 0
    made.out_activation_ = {"softmax": "softmax", "logistic": "logistic"}.get(loss, "identity")
    if loss != "squared":
        made._label_binarizer = LabelBinarizer().fit(np.arange(max(outputs, 2)))
        made.classes_ = made._label_binarizer.classes_
    return made
