"""Points of Sobol's sequence, by SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _extras, _validation

_BITS = 32


def points(n_samples: int, n_columns: int, seed: int) -> npt.NDArray[np.uint32]:
    """`n_samples` scrambled points in `n_columns` dimensions, as 32-bit fractions."""
    qmc = _extras.load("scipy.stats.qmc", "sampling='sobol'", "scipy")
    if n_samples & (n_samples - 1):
        raise _validation.error("n_samples", n_samples, 'a power of two for sampling="sobol"')
    if n_columns > qmc.Sobol.MAXDIM:
        want = f"'random' or 'antithetic': Sobol's points have at most {qmc.Sobol.MAXDIM} columns"
        raise _validation.error("sampling", f"'sobol' for {n_columns} columns", want)
    _core.require_memory("n_samples", n_samples, n_columns, 12)
    generator: Any = np.random.default_rng(seed)
    try:
        sobol = qmc.Sobol(n_columns, bits=_BITS, rng=generator)
    except TypeError:  # SciPy < 1.15
        sobol = qmc.Sobol(n_columns, bits=_BITS, seed=generator)
    fractions = sobol.random_base2(n_samples.bit_length() - 1)
    return np.asarray(fractions * 2.0**_BITS, np.uint32)
