"""Models over which inference is tested: one table as rows of every kind, with targets."""

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Gamma, Logistic, Poisson, Squared

N = 150


def table():
    """Columns as three kinds of rows see them: numbers, zeros for the most part, levels."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, N)
    X = np.column_stack([rng.normal([0, 3], size=(N, 2)), np.eye(4)[codes][:, 1:]])
    X[:, 0] *= rng.random(N) < 0.4
    return X, codes


X, CODES = table()
ETA = X @ [0.4, -0.2, 0.3, -0.5, 0.1] + 0.3
RNG = np.random.default_rng(1)
TARGETS = {
    Squared: ETA + RNG.normal(size=N),
    Poisson: RNG.poisson(np.exp(ETA)).astype(float),
    Gamma: RNG.gamma(2.0, np.exp(ETA) / 2),
    Logistic: (RNG.random(N) < 1 / (1 + np.exp(-ETA))).astype(float),
}
WEIGHT = RNG.integers(0, 4, N).astype(float)
OFFSET = 0.3 * RNG.normal(size=N)
CLUSTERS = RNG.integers(0, 17, N) * 10 - 40
every_kind = pytest.mark.parametrize("kind", TARGETS)


def rows_of(name):
    """The table as rows of a kind."""
    if name == "dense":
        return X
    if name == "Fortran, float32":
        return np.asfortranarray(X, np.float32)
    if name == "sparse":
        return pytest.importorskip("scipy.sparse").csr_array(X)
    if name == "blocks":
        return hessopt.RowBlocks([X[:40], np.asfortranarray(X[40:41]), X[41:]])
    if name == "loaded":
        return hessopt.RowBlocks(Loaded([mixed(slice(0, 70)), mixed(slice(70, N))]))
    return mixed(slice(None))


def mixed(part):
    levels = hessopt.Categorical(np.where(CODES == 0, -1, CODES - 1)[part], 3)
    return hessopt.Columns({"a": X[part, 0], "b": X[part, 1], "level": levels})


class Loaded:
    """Blocks that are no list."""

    def __init__(self, blocks):
        self._blocks = blocks

    def __len__(self):
        return len(self._blocks)

    def __getitem__(self, k):
        return self._blocks[k]


ROWS = ["dense", "Fortran, float32", "sparse", "mixed", "blocks", "loaded"]


def minimum(f):
    return hessopt.minimize(f, np.zeros(f.n_parameters), tol=1e-12).x
