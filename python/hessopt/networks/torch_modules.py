"""Networks from and to torch: a `torch.nn.Sequential` as layers and weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _extras, _validation
from .folding import folded
from .layers import BatchNorm, Dense, Dropout, Layer
from .network import Network, Parts, Weights

_Doubles = npt.NDArray[np.float64]


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
