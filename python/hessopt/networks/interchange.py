"""Networks from and to torch, scikit-learn and plain .npz files: layers, and weights as arrays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .layers import Dense, Dropout, Layer
from .network import Network, Weights

_Doubles = npt.NDArray[np.float64]
Parts = tuple[list[Layer], Weights]

# scikit-learn's names of activations, and ours.
_OF_SKLEARN = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
_TO_SKLEARN = {ours: theirs for theirs, ours in _OF_SKLEARN.items()}


def from_torch(module: Any) -> Parts:
    """Layers and weights of a ``torch.nn.Sequential``, which stays as it is.

    Parameters
    ----------
    module : torch.nn.Sequential
        Of Linear, BatchNorm1d, Dropout, Identity, nested Sequential and the activations ReLU,
        LeakyReLU, Tanh, Sigmoid, Softplus, GELU and SiLU.

    Returns
    -------
    layers : list of Dense and Dropout
        For `Network`. Batch normalisation is folded into a dense layer next to it, with the running
        statistics that it has: as in evaluation.
    weights : list of (W, b)
        For `Network.flatten`; float64.

    Examples
    --------
    >>> import hessopt.networks
    >>> layers, weights = hessopt.networks.from_torch(module)  # doctest: +SKIP
    >>> f = hessopt.networks.Network(X, y, layers)  # doctest: +SKIP
    >>> f.predict(f.flatten(weights))  # as module.eval()(X)  # doctest: +SKIP
    """
    from torch import nn

    if not isinstance(module, nn.Sequential):
        raise TypeError(f"module: got {type(module).__name__}; want a torch.nn.Sequential")
    reader = _Reader()
    for layer in _flat(module):
        name = type(layer).__name__
        if isinstance(layer, nn.Identity):
            continue
        if isinstance(layer, nn.Linear):
            bias = np.zeros(layer.out_features) if layer.bias is None else _array(layer.bias)
            reader.dense(_array(layer.weight).T, bias)
        elif isinstance(layer, nn.BatchNorm1d):
            if layer.running_mean is None or layer.running_var is None:
                raise _validation.error("module", f"{name} without running statistics", "with them")
            scale = 1 / np.sqrt(_array(layer.running_var) + layer.eps)
            shift = -_array(layer.running_mean) * scale
            if layer.affine:
                gamma, beta = _array(layer.weight), _array(layer.bias)
                scale, shift = scale * gamma, shift * gamma + beta
            reader.affine(scale, shift)
        elif isinstance(layer, nn.Dropout):
            reader.dropout(float(layer.p))
        else:
            reader.activation(*_activation_of(layer))
    return reader.parts()


def to_torch(network: Network, x: npt.ArrayLike) -> Any:
    """A ``torch.nn.Sequential`` with these parameters, in the precision of the network's data.

    Parameters
    ----------
    network : Network
        Whose layers.
    x : array_like, shape (n_parameters,)
        Parameters.

    Returns
    -------
    torch.nn.Sequential
        In training mode, as new modules are; its outputs are those of ``network.predict(x, X)``.
    """
    import torch
    from torch import nn

    dtype = torch.float32 if network.X.dtype == np.float32 else torch.float64
    weights = iter(network.unflatten(x))
    modules: list[nn.Module] = []
    for layer in network.layers:
        if isinstance(layer, Dropout):
            modules.append(nn.Dropout(layer.rate))
            continue
        W, b = next(weights)
        linear = nn.Linear(W.shape[0], W.shape[1], dtype=dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W.T.copy()))
            linear.bias.copy_(torch.from_numpy(b.copy()))
        modules.append(linear)
        made: dict[str, Callable[[], nn.Module]] = {
            "relu": nn.ReLU,
            "leaky_relu": partial(nn.LeakyReLU, layer.slope),
            "tanh": nn.Tanh,
            "sigmoid": nn.Sigmoid,
            "softplus": nn.Softplus,
            "gelu": nn.GELU,
            "gelu_tanh": partial(nn.GELU, "tanh"),
            "silu": nn.SiLU,
        }
        if layer.activation != "identity":
            modules.append(made[layer.activation]())
    return nn.Sequential(*modules)


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
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import LabelBinarizer

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


def save_npz(file: str | os.PathLike[str], network: Network, x: npt.ArrayLike) -> None:
    """Write layers and weights to a file that NumPy alone can read.

    Parameters
    ----------
    file : path
        Written anew.
    network : Network
        Whose layers: array "layers" is their description as JSON.
    x : array_like, shape (n_parameters,)
        Parameters: arrays "W0", "b0", "W1", ... of shapes (inputs, units) and (units,).
    """
    parameters = np.empty(network.n_parameters)  # of a plain dtype, without metadata
    parameters[:] = np.concatenate([part.ravel() for W in network.unflatten(x) for part in W])
    arrays: dict[str, Any] = {}
    for place, (W, b) in enumerate(network.unflatten(parameters)):
        arrays[f"W{place}"], arrays[f"b{place}"] = W, b
    said = [{"kind": type(layer).__name__, **asdict(layer)} for layer in network.layers]
    with open(file, "wb") as to:
        np.savez(to, layers=np.array(json.dumps(said)), **arrays)


def load_npz(file: str | os.PathLike[str]) -> Parts:
    """What `save_npz` has written: layers and weights, as of `from_torch`."""
    kinds: dict[str, Any] = {"Dense": Dense, "Dropout": Dropout}
    with np.load(file, allow_pickle=False) as arrays:
        if "layers" not in arrays:
            raise _validation.error("file", "no array 'layers'", "one that save_npz wrote")
        said = json.loads(str(arrays["layers"]))
        layers = [kinds[layer.pop("kind")](**layer) for layer in said]
        count = sum(isinstance(layer, Dense) for layer in layers)
        weights = [(arrays[f"W{k}"], arrays[f"b{k}"]) for k in range(count)]
    return layers, weights


class _Reader:
    """Layers as they come, with affine maps folded into the dense ones."""

    def __init__(self) -> None:
        self._layers: list[Layer] = []
        self._weights: Weights = []
        self._open = False  # whether the last layer is dense and has no activation yet
        self._pending: tuple[_Doubles, _Doubles] | None = None  # an affine map of the next inputs

    def dense(self, W: _Doubles, b: _Doubles) -> None:
        if self._pending is not None:
            scale, shift = self._pending
            W, b, self._pending = scale[:, None] * W, b + shift @ W, None
        self._layers.append(Dense(len(b)))
        self._weights.append((W, b))
        self._open = True

    def affine(self, scale: _Doubles, shift: _Doubles) -> None:
        if self._open:
            W, b = self._weights[-1]
            self._weights[-1] = W * scale, b * scale + shift
        elif self._pending is not None:
            before, moved = self._pending
            self._pending = before * scale, moved * scale + shift
        else:
            self._pending = scale, shift

    def activation(self, name: str, slope: float) -> None:
        if not self._open:
            raise _validation.error("module", f"{name} after no Linear", "one after each Linear")
        self._layers[-1] = Dense(len(self._weights[-1][1]), name, slope)
        self._open = False

    def dropout(self, rate: float) -> None:
        if self._pending is not None:
            want = "it before the activation, or after the Dropout, to be folded"
            raise _validation.error("module", "BatchNorm1d just before a Dropout", want)
        self._layers.append(Dropout(rate))
        self._open = False

    def parts(self) -> Parts:
        if self._pending is not None:
            want = "a Linear after it"
            raise _validation.error("module", "BatchNorm1d behind the last activation", want)
        if not self._weights:
            raise _validation.error("module", "no Linear", "at least one")
        return self._layers, self._weights


def _flat(module: Any) -> Sequence[Any]:
    """Modules one after another, whatever they are nested in."""
    from torch import nn

    parts: list[Any] = []
    for child in module:
        parts += _flat(child) if isinstance(child, nn.Sequential) else [child]
    return parts


def _activation_of(layer: Any) -> tuple[str, float]:
    """Our name for it, and its slope below 0."""
    from torch import nn

    plain = {nn.ReLU: "relu", nn.Tanh: "tanh", nn.Sigmoid: "sigmoid", nn.SiLU: "silu"}
    if type(layer) in plain:
        return plain[type(layer)], 0.01
    if isinstance(layer, nn.LeakyReLU):
        return "leaky_relu", float(layer.negative_slope)
    if isinstance(layer, nn.GELU):
        return ("gelu_tanh" if layer.approximate == "tanh" else "gelu"), 0.01
    if isinstance(layer, nn.Softplus) and layer.beta == 1:
        return "softplus", 0.01
    want = "Linear, BatchNorm1d, Dropout or an activation that Dense has"
    raise TypeError(f"module: got a layer {layer}; want {want}")


def _array(tensor: Any) -> _Doubles:
    array: _Doubles = tensor.detach().cpu().double().numpy()
    return array
