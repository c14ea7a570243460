"""The method "sample" of `expected` where no kernel writes the noise: copies of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation, objectives
from ..noise import dropout, gaussian_dropout
from ..noise.laws import Augmentation, DropConnect, Dropout, GaussianDropout, Noise
from .augmented import batch_of, rows_at_once

#: Models whose mean over samples is the model of all samples' rows together.
OF_COPIES = (objectives.Ordinal, objectives.HuberWithScale, objectives.Cox)
_OF_ROWS = ("sample_weight", "offset", "entry")  # arguments that have a number for each row


def noisy_copies(objective: Any, noise: Noise | Augmentation, count: int) -> Any:
    """The mean of the objective over `count` samples, a copy of X for each.

    The noise of a sample is that of its stream, as everywhere. Rows of Cox's model are at risk with
    those of their own sample alone: copies are strata.
    """
    X = objective.X
    if not isinstance(X, np.ndarray):
        want = "a dense array: samples of the noise are copies of it"
        raise _validation.error("X", f"a {type(X).__name__}", want)
    _core.require_memory("n_samples", count, X.size, X.itemsize)
    (_, *others), named = objective._given
    n = len(X)
    rows = {name: np.tile(named[name], count) for name in _OF_ROWS if named.get(name) is not None}
    if isinstance(objective, objectives.Cox):
        own = np.zeros(n) if named["strata"] is None else named["strata"]
        stratum = np.unique(own, return_inverse=True)[1]
        shift = np.repeat(np.arange(count) * (stratum.max() + 1), n)
        rows["strata"] = np.tile(stratum, count) + shift
    made = type(objective)(
        np.concatenate([_drawn(X, noise, k) for k in range(count)]),
        *(np.tile(one, count) for one in others),
        **{**named, **rows},
    )
    if hasattr(objective, "_total_weight"):
        made._total_weight = objective._total_weight
    return made


def _drawn(X: npt.NDArray[Any], noise: Any, sample: int) -> npt.NDArray[Any]:
    """X with the noise of one sample."""
    if isinstance(noise, Augmentation):
        size = rows_at_once(X.shape[1])
        begins = range(0, len(X), size)
        return np.concatenate([batch_of(noise, X, begin, size, sample) for begin in begins])
    if isinstance(noise, DropConnect):  # of a coefficient, and so of its whole column
        return X * dropout(np.ones(X.shape[1], X.dtype), noise.rate, noise.seed, stream=sample)
    if isinstance(noise, Dropout):
        return dropout(X, noise.rate, noise.seed, stream=sample)
    if isinstance(noise, GaussianDropout):
        return gaussian_dropout(X, noise.rate, noise.seed, stream=sample)
    normal = gaussian_dropout(np.ones(X.shape), 0.5, noise.seed, stream=sample) - 1
    return np.asarray(X + noise.scale * normal, X.dtype)
