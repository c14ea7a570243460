"""The method "sample" of `expected`: K fixed samples of the noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core, _validation, objectives
from ..noise.laws import Augmentation, DropConnect, Noise
from . import sobol
from .augmented import Augmented

SAMPLINGS = ("random", "antithetic", "sobol")


def fixed_samples(
    objective: objectives.LinearModel | objectives.Softmax,
    noise: Noise | Augmentation,
    count: int,
    sampling: str,
) -> objectives.Objective:
    """The mean of the objective over `count` samples."""
    if isinstance(noise, Augmentation):
        if sampling != "random":
            raise _validation.error("sampling", repr(sampling), "'random' for an Augmentation")
        return Augmented(objective, noise, count)
    antithetic = sampling == "antithetic"
    if antithetic and count % 2:
        raise _validation.error("n_samples", count, 'an even number for sampling="antithetic"')
    points: Any = np.empty((0, 0), np.uint32)
    if sampling == "sobol":
        on_parameters = isinstance(noise, DropConnect)
        columns = objective.n_parameters if on_parameters else objective.X.shape[1]
        points = sobol.points(count, columns, noise.seed)
    sampled: objectives.Objective = _core.fixed_samples(
        objective, noise._law(), count, antithetic, points
    )
    return sampled
