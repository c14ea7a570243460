"""Random numbers of rows: functions of (seed, sample, row) by Philox's counters, in any order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .. import _core
from .._validation import Array

# Planes that no mask (0 .. 63) and no normal number of dropout (2^31) takes.
_FIRST_PLANE = 2**30


@dataclass(frozen=True)
class Numbers:
    """Random numbers for some rows, those of a row the same whatever rows stand beside it.

    Element j of row i is a function of the words of counter i·m + j // 4, m counters a row, in one
    plane of stream `sample` of the seed.

    Parameters
    ----------
    rows : ndarray of int64, shape (n,)
        Indices of the rows in the whole data.
    seed : int
        In [0, 2**64).
    sample : int
        In [0, 2**32).
    place : int
        Numbers of another place are independent, in [0, 2**20).
    """

    rows: npt.NDArray[np.int64]
    seed: int
    sample: int
    place: int = 0

    def uniform(self, count: int) -> Array:
        """Numbers uniform in (0, 1), multiples of 2^-33: shape (n, count), float64."""
        return (self._words(count)[:, :count] + 0.5) * 2.0**-32

    def normal(self, count: int) -> Array:
        """Standard normal numbers: shape (n, count), float64.

        G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Ann. Math.
        Statist. 29 (1958).
        """
        u = (self._words(count) + 0.5) * 2.0**-32
        radius = np.sqrt(-2 * np.log(u[:, ::2]))
        angle = 2 * np.pi * u[:, 1::2]
        pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
        return pairs.reshape(u.shape)[:, :count]

    def _words(self, count: int) -> npt.NDArray[np.uint32]:
        counters = -(-count // 4)
        plane = _FIRST_PLANE + self.place
        return _core.words_of_rows(self.rows, counters, plane, self.seed, self.sample)
