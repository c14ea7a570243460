"""Dense networks as objectives: exact value, gradient and curvature, dropout by fixed masks."""

from __future__ import annotations

from .batch_adam import BatchAdam
from .ensemble import Ensemble, fit_ensemble
from .fitting import fit
from .gauss_newton import GaussNewton
from .initialisation import initial_weights
from .interchange import from_sklearn, from_torch, load_npz, save_npz, to_sklearn, to_torch
from .layers import Dense, Dropout
from .network import Network
from .predictive import predict_distribution

__all__ = [
    "BatchAdam",
    "Dense",
    "Dropout",
    "Ensemble",
    "GaussNewton",
    "Network",
    "fit",
    "fit_ensemble",
    "from_sklearn",
    "from_torch",
    "initial_weights",
    "load_npz",
    "predict_distribution",
    "save_npz",
    "to_sklearn",
    "to_torch",
]
