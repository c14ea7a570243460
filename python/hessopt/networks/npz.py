"""Networks in plain .npz files, which NumPy alone can read."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .layers import BatchNorm, Dense, Dropout, Layer
from .network import Network, Parts, Weights


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
