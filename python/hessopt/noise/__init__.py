"""The noise itself: masks, dropout, and the laws that `hessopt.expected` integrates over."""

from __future__ import annotations

from .laws import Augmentation, DropConnect, Dropout, GaussianDropout, GaussianNoise
from .many_masks import dropout_linear, dropout_moments, dropout_samples
from .one_mask import bernoulli_mask, dropout, gaussian_dropout

__all__ = [
    "Augmentation",
    "DropConnect",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "bernoulli_mask",
    "dropout",
    "dropout_linear",
    "dropout_moments",
    "dropout_samples",
    "gaussian_dropout",
]
