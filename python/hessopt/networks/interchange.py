"""Networks from and to torch, scikit-learn and plain .npz files: layers, and weights as arrays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _extras, _validation
from .folding import folded
from .layers import BatchNorm, Dense, Dropout, Layer
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
    layers : list of Dense, BatchNorm and Dropout
        For `Network`. Each `BatchNorm` has the running averages of the module as its fixed
        statistics, as in evaluation, less the bias of a Linear right before it, which has none
        here; ``with_statistics(None)`` is the network in training. One behind the last Linear is
        folded into that.
    weights : list of (W, b)
        For `Network.flatten`; float64.

    Examples
    --------
    >>> import hessopt.networks
    >>> layers, weights = hessopt.networks.from_torch(module)  # doctest: +SKIP
    >>> f = hessopt.networks.Network(X, y, layers)  # doctest: +SKIP
    >>> f.predict(f.flatten(weights))  # as module.eval()(X)  # doctest: +SKIP
    """
    nn = _torch("from_torch").nn
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
            if layer.momentum is None:
                raise _validation.error("module", f"{name} with momentum=None", "a number")
            gamma, beta = np.ones(layer.num_features), np.zeros(layer.num_features)
            if layer.affine:
                gamma, beta = _array(layer.weight), _array(layer.bias)
            reader.norm(
                _array(layer.running_mean),
                _array(layer.running_var),
                gamma,
                beta,
                eps=layer.eps,
                momentum=layer.momentum,
            )
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
        In training mode, as new modules are; its outputs in evaluation mode are those of
        ``network.predict(x, X)``, the statistics that this takes being the running averages of its
        BatchNorm1d. torch knows no `ddof` of 1 in training.
    """
    torch = _torch("to_torch")
    nn = torch.nn
    dtype = torch.float32 if network.X.dtype == np.float32 else torch.float64
    network = network._fixed_at(x)
    weights = iter(network.unflatten(x))
    modules: list[Any] = []
    for layer in network.layers:
        if isinstance(layer, Dropout):
            modules.append(nn.Dropout(layer.rate))
            continue
        W, b = next(weights)
        if isinstance(layer, BatchNorm):
            module = nn.BatchNorm1d(len(W), layer.eps, layer.momentum, dtype=dtype)
            mean, variance = np.array(layer.statistics)
            state = {"running_mean": mean, "running_var": variance, "weight": W, "bias": b}
        else:
            module = nn.Linear(W.shape[0], W.shape[1], bias=b.size > 0, dtype=dtype)
            state = {"weight": W.T, "bias": b} if b.size else {"weight": W.T}
        told = {name: torch.from_numpy(np.array(value)) for name, value in state.items()}
        module.load_state_dict(told, strict=False)
        modules.append(module)
        made: dict[str, Callable[[], Any]] = {
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


def save_npz(file: str | os.PathLike[str], network: Network, x: npt.ArrayLike) -> None:
    """Write layers and weights to a file that NumPy alone can read.

    Parameters
    ----------
    file : path
        Written anew.
    network : Network
        Whose layers: array "layers" is their description as JSON.
    x : array_like, shape (n_parameters,)
        Parameters: arrays "W0", "b0", "W1", ... of shapes (inputs, units) and (units,). Of a
        `BatchNorm`, counted with the others, "gamma1", "beta1", "mean1" and "variance1" of shape
        (units,), the statistics being those of ``network.predict``; "b0" before it has none.
    """
    network = network._fixed_at(x)
    parameters = np.empty(network.n_parameters)  # of a plain dtype, without metadata
    parameters[:] = np.concatenate([part.ravel() for W in network.unflatten(x) for part in W])
    arrays: dict[str, Any] = {}
    pieces = [layer for layer in network.layers if not isinstance(layer, Dropout)]
    for place, (layer, (W, b)) in enumerate(
        zip(pieces, network.unflatten(parameters), strict=True)
    ):
        if isinstance(layer, BatchNorm):
            arrays[f"gamma{place}"], arrays[f"beta{place}"] = W, b
            arrays[f"mean{place}"], arrays[f"variance{place}"] = np.array(layer.statistics)
        else:
            arrays[f"W{place}"], arrays[f"b{place}"] = W, b
    said = [{"kind": type(layer).__name__, **asdict(layer)} for layer in network.layers]
    for of_layer in said:
        of_layer.pop("statistics", None)
    with open(file, "wb") as to:
        np.savez(to, layers=np.array(json.dumps(said)), **arrays)


def load_npz(file: str | os.PathLike[str]) -> Parts:
    """What `save_npz` has written: layers and weights, as of `from_torch`."""
    kinds: dict[str, Any] = {"Dense": Dense, "Dropout": Dropout, "BatchNorm": BatchNorm}
    with np.load(file, allow_pickle=False) as arrays:
        if "layers" not in arrays:
            raise _validation.error("file", "no array 'layers'", "one that save_npz wrote")
        said = json.loads(str(arrays["layers"]))
        layers: list[Layer] = []
        weights: Weights = []
        for of_layer in said:
            kind, k = kinds[of_layer.pop("kind")], len(weights)
            if kind is BatchNorm:
                of_layer["statistics"] = arrays[f"mean{k}"], arrays[f"variance{k}"]
                weights.append((arrays[f"gamma{k}"], arrays[f"beta{k}"]))
            elif kind is Dense:
                weights.append((arrays[f"W{k}"], arrays[f"b{k}"]))
            layers.append(kind(**of_layer))
    return layers, weights


class _Reader:
    """Layers as they come, and the activation of each as a part of it."""

    def __init__(self) -> None:
        self._layers: list[Layer] = []
        self._weights: Weights = []
        self._open = False  # whether the last layer may have an activation yet

    def dense(self, W: _Doubles, b: _Doubles) -> None:
        self._layers.append(Dense(len(b)))
        self._weights.append((W, b))
        self._open = True

    def norm(
        self,
        mean: _Doubles,
        variance: _Doubles,
        gamma: _Doubles,
        beta: _Doubles,
        *,
        eps: float,
        momentum: float,
    ) -> None:
        before = self._layers[-1] if self._layers else None
        if isinstance(before, Dense) and before.activation == "identity":
            W, b = self._weights[-1]
            self._weights[-1] = W, np.empty(0)
            mean = mean - b
        self._layers.append(BatchNorm(eps=eps, momentum=momentum, statistics=(mean, variance)))
        self._weights.append((gamma, beta))
        self._open = True

    def activation(self, name: str, slope: float) -> None:
        last = self._layers[-1] if self._layers else None
        if not self._open or not isinstance(last, (Dense, BatchNorm)):
            raise _validation.error("module", f"{name} after no Linear", "one after each Linear")
        self._layers[-1] = replace(last, activation=name, slope=slope)
        self._open = False

    def dropout(self, rate: float) -> None:
        self._layers.append(Dropout(rate))
        self._open = False

    def parts(self) -> Parts:
        if not any(isinstance(layer, Dense) for layer in self._layers):
            raise _validation.error("module", "no Linear", "at least one")
        last = max(k for k, layer in enumerate(self._layers) if isinstance(layer, Dense))
        outputs = self._layers[last]
        behind = self._layers[last + 1 :]
        if not behind or not all(isinstance(layer, BatchNorm) for layer in behind):
            return self._layers, self._weights
        if not isinstance(outputs, Dense) or outputs.activation != "identity":
            want = "a Linear after it"
            raise _validation.error("module", "BatchNorm1d behind the last activation", want)
        layers, weights = folded(self._layers[last:], self._weights[-len(behind) - 1 :])
        return self._layers[:last] + layers, self._weights[: -len(behind) - 1] + weights


def _torch(what: str) -> Any:
    return _extras.load("torch", what, "hessopt[torch]")


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
