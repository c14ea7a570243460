"""Dense networks as objectives: exact value, gradient and curvature, batch norm, fixed dropout."""

from __future__ import annotations

from .batch_adam import BatchAdam
from .ensemble import Ensemble, fit_ensemble
from .features import cached_features
from .fitting import fit
from .freezing import Frozen
from .gauss_newton import GaussNewton
from .initialisation import initial_weights, new_head
from .layers import BatchNorm, Dense, Dropout
from .network import Network
from .npz import load_npz, save_npz
from .predictive import predict_distribution
from .sklearn_networks import from_sklearn, to_sklearn
from .torch_modules import from_torch, to_torch

__all__ = [
    "BatchAdam",
    "BatchNorm",
    "Dense",
    "Dropout",
    "Ensemble",
    "Frozen",
    "GaussNewton",
    "Network",
    "cached_features",
    "fit",
    "fit_ensemble",
    "from_sklearn",
    "from_torch",
    "initial_weights",
    "load_npz",
    "new_head",
    "predict_distribution",
    "save_npz",
    "to_sklearn",
    "to_torch",
]
