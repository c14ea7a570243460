"""Dropout layers of any torch module that draw the masks of this library."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from .. import _validation
from ..integrate import PredictiveDistribution
from ..integrate.distribution import Statistics
from ..noise import bernoulli_mask

# Axes of a channel, which is dropped as a whole.
_SHARED: dict[type[nn.Module], int] = {
    nn.Dropout: 0,
    nn.Dropout1d: 1,
    nn.Dropout2d: 2,
    nn.Dropout3d: 3,
}
_CALL = 2**48  # elements between the masks of one layer's first and second call


@contextmanager
def masked(module: nn.Module, *, seed: int, sample: int = 0, first_row: int = 0) -> Iterator[None]:
    """A context in which the Dropout layers of a module are on and all else is as in evaluation.

    Parameters
    ----------
    module : torch.nn.Module
        With layers Dropout, Dropout1d, Dropout2d or Dropout3d, whose inputs have the rows of a
        batch along their first axis, or a whole number of entries for each.
    seed : int
        In [0, 2**64).
    sample : int
        The number of the masks: those of two samples are independent.
    first_row : int
        The index in the whole data of the first row that the module is then called with.

    Notes
    -----
    Layer l of L, in the order of ``module.modules()``, has stream ``sample * L + l`` of
    `hessopt.bernoulli_mask`; entry j of row i is element i·w + j, w entries a row. So a row is
    dropped alike in whatever batch it comes, on every device. A layer that is called twice has two
    masks. Batch normalisation takes its running statistics. Afterwards, on an error as well, every
    module has the ``training`` flag that it had; parameters, buffers and torch's own generator are
    not touched. Gradients go through the masks.

    What a module drops without a layer of its own, as by ``torch.nn.functional.dropout`` or inside
    of LSTM and MultiheadAttention, is left out.

    Examples
    --------
    >>> import torch, hessopt.torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5))
    >>> x = torch.ones(6, 4)
    >>> with hessopt.torch.masked(net, seed=1):
    ...     whole = net(x)
    >>> with hessopt.torch.masked(net, seed=1, first_row=2):
    ...     part = net(x[2:])
    >>> bool((part == whole[2:]).all())
    True
    """
    key = _validation.seed(seed)
    layers = _dropout_layers(module)
    first = _validation.integer("sample", sample) * len(layers)
    if first + len(layers) > 2**32:
        raise _validation.error("sample", sample, f"at most 2**32 / {len(layers)} layers - 1")
    begin = _validation.integer("first_row", first_row)
    flags = [(m, m.training) for m in module.modules()]
    batch = _Batch(key, begin)
    handles = [module.register_forward_pre_hook(batch.begin, with_kwargs=True)]
    for place, layer in enumerate(layers):
        handles.append(layer.register_forward_hook(partial(batch.drop, first + place)))
    try:
        for m, _ in flags:
            m.training = False
        yield
    finally:
        for handle in handles:
            handle.remove()
        for m, flag in flags:
            m.training = flag


def predict_distribution(
    module: nn.Module,
    X: Any,
    *,
    seed: int = 0,
    n_samples: int = 128,
    batch_size: int = 1024,
    output: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> PredictiveDistribution:
    """Monte-Carlo dropout of a torch module, without touching its code.

    Parameters
    ----------
    module : torch.nn.Module
        As for `masked`.
    X : torch.Tensor or array_like, shape (rows, ...)
        Inputs; an array becomes a tensor of the dtype and on the device of the module's parameters.
    seed : int
        Of the masks.
    n_samples : int
        Masks, >= 2. More extend the same set.
    batch_size : int
        Rows that the module is called with; it changes nothing but memory and rounding.
    output : callable, optional
        Of what the module returns, such as ``lambda z: z.softmax(dim=1)``.

    Returns
    -------
    hessopt.PredictiveDistribution
        With entropies where the outputs are probabilities of classes, see
        `hessopt.predict_distribution`.

    References
    ----------
    Y. Gal, Z. Ghahramani, "Dropout as a Bayesian approximation: representing model uncertainty in
    deep learning", ICML 2016.
    """
    inputs = _tensor(module, X)
    if inputs.ndim == 0 or len(inputs) == 0:
        raise _validation.error("X", f"shape {tuple(inputs.shape)}", "at least one row")
    count = _validation.integer("n_samples", n_samples, 2, 2**31)
    size = _validation.integer("batch_size", batch_size, 1)
    statistics = Statistics()
    with torch.no_grad():
        for k in range(count):
            parts = []
            for begin in range(0, len(inputs), size):
                with masked(module, seed=seed, sample=k, first_row=begin):
                    out = module(inputs[begin : begin + size])
                out = out if output is None else output(out)
                parts.append(out.detach().cpu().numpy())
            statistics.add(_validation.array("module(X)", np.concatenate(parts))[None])
    if doubt := statistics.doubt():
        want = "more samples, or outputs that are bounded"
        warnings.warn(f"module(X): got {doubt}; want {want}", RuntimeWarning, stacklevel=2)
    return statistics.result()


def _dropout_layers(module: nn.Module) -> list[nn.Module]:
    """Those that masks can be put into; an error of those where they cannot."""
    if not isinstance(module, nn.Module):
        raise TypeError(f"module: got {type(module).__name__}; want a torch.nn.Module")
    layers: list[nn.Module] = []
    for m in module.modules():
        if isinstance(m, nn.modules.dropout._DropoutNd):
            if type(m) not in _SHARED:
                want = "Dropout, Dropout1d, Dropout2d or Dropout3d"
                raise TypeError(f"module: got a layer {type(m).__name__}; want {want}")
            _validation.rate(m.p)
            layers.append(m)
        of_batch = isinstance(m, nn.modules.batchnorm._BatchNorm) and m.running_mean is None
        if of_batch:
            want = "track_running_stats=True: those of a batch depend on which rows are in it"
            raise _validation.error(
                "module", f"{type(m).__name__} without running statistics", want
            )
    if not layers:
        raise _validation.error("module", "no Dropout layer", "at least one")
    return layers


class _Batch:
    """What the hooks know of the call that the module is in."""

    def __init__(self, seed: int, first_row: int) -> None:
        self._seed, self._first_row = seed, first_row
        self._rows = 0
        self._calls: Counter[int] = Counter()  # of each layer, by its stream

    def begin(self, module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Before the module: how many rows it is called with."""
        tensors = [t for t in (*inputs, *named.values()) if isinstance(t, torch.Tensor)]
        self._rows = len(tensors[0]) if tensors and tensors[0].ndim else 0
        self._calls.clear()

    def drop(
        self, stream: int, layer: Any, inputs: tuple[Any, ...], given: torch.Tensor
    ) -> torch.Tensor:
        """After a layer: what it gives out instead of its input, as it does in evaluation."""
        x, shape, n = inputs[0], tuple(inputs[0].shape), self._rows
        if not n or not shape or shape[0] % n:
            got = f"an input of shape {shape} in {type(layer).__name__} for a batch of {n} rows"
            raise _validation.error("module", got, "the rows along the first axis")
        shared = tuple(range(len(shape) - _SHARED[type(layer)], len(shape)))
        entries = math.prod(s for a, s in enumerate(shape) if a not in shared) // n
        place = {
            "stream": stream,
            "offset": self._first_row * entries + self._calls[stream] * _CALL,
            "shared_axes": shared,
        }
        self._calls[stream] += 1
        keep = 1 - float(layer.p)
        mask = bernoulli_mask(shape, keep, self._seed, **place)
        kept = torch.from_numpy(np.array(mask)).to(x.device)
        return torch.where(kept, x / keep, torch.zeros((), dtype=x.dtype, device=x.device))


def _tensor(module: nn.Module, X: Any) -> torch.Tensor:
    if isinstance(X, torch.Tensor):
        return X
    array = np.ascontiguousarray(_validation.array("X", X))
    parameter = next(module.parameters(), torch.empty(0))
    return torch.from_numpy(array).to(parameter.device, parameter.dtype)
