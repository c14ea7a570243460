"""Values that a caller may hand over, and should not."""

import fractions
import warnings

import numpy as np


class Mine(Exception):
    """Of code of the caller's: it has to come back as it is."""


class Caller:
    """An object that is asked for an array."""

    def __init__(self, what):
        self.what = what

    def __array__(self, dtype=None, copy=None):
        if self.what == "raises":
            raise Mine
        return [1.0, 2.0] if self.what == "lies" else np.ones(3)

    def __len__(self):
        return 3

    def __getitem__(self, at):
        raise Mine if self.what == "raises" else IndexError

    def __float__(self):
        raise Mine


SIZES = [0, 1, 2, 3, 5, 17]
DTYPES = ["f8", "f8", "f8", "f4", "f4", "i8", "i4", "u1", "?", "f2", "g", "c16", ">f8", "O"]
DTYPES += ["U3", "M8[s]"]
EDGES = [0.0, 1.0, -1.0, 0.5, np.nan, np.inf, -np.inf, 1e308, -1e308, 1e-308, 5e-324, 1e30]
SCALARS = [
    *EDGES,
    *(0, 1, 2, 3, -1, 7, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30),
    *(True, False, None, "", "auto", "exact", "nonsense", b"bytes", [], (), {}, set(), 1j),
    *(np.int8(3), np.uint64(2**64 - 1), np.float32(0.5), np.float64("nan"), np.bool_(True)),
    *(np.datetime64("2020"), fractions.Fraction(1, 3), np.array(1.0), np.array([2.0])),
    *([[1, 2], [3]], [None], ["a"], range(3), lambda *x: x, int, Ellipsis, slice(3), object()),
]
CONTENTS = ["normal", "normal", "ones", "zeros", "integers", "edges", "huge", "tiny"]
LAYOUTS = ["C", "C", "F", "strided", "reversed", "broadcast", "read-only", "unaligned", "masked"]
LAYOUTS += ["matrix", "list", "buffer"]


def contents(rng, shape, dtype):
    """Numbers, mostly tame."""
    kind = rng.choice(CONTENTS)
    if kind == "edges":
        a = rng.choice(EDGES, shape)
    elif kind == "integers":
        a = rng.integers(-2, 4, shape)
    elif kind in ("ones", "zeros"):
        a = getattr(np, kind)(shape)
    else:
        a = rng.standard_normal(shape) * {"huge": 1e200, "tiny": 1e-200}.get(kind, 1.0)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(a).astype(dtype)


def laid_out(rng, a):
    """The same numbers in memory of another kind."""
    how, numeric = rng.choice(LAYOUTS), a.dtype.kind in "fiu"
    if how == "F":
        return np.asfortranarray(a)
    if how == "strided" and a.ndim:
        return np.repeat(a, 3, axis=-1)[..., ::3]
    if how == "reversed" and a.ndim:
        return a[::-1].copy()[::-1]
    if how == "broadcast" and a.size:
        return np.broadcast_to(a.reshape(-1)[0], a.shape)
    if how == "unaligned" and numeric and a.size:
        return np.frombuffer(b"\0" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape)
    if how == "masked":
        return np.ma.masked_array(a, mask=rng.random(a.shape) < 0.2)
    if how == "matrix" and a.ndim == 2:
        return a.view(np.matrix)
    if how == "list":
        return a.tolist()
    if how == "buffer" and numeric and a.ndim and a.size:
        return memoryview(np.ascontiguousarray(a))
    a.flags.writeable = how != "read-only"
    return a


def awkward(rng, instead_of):
    """Something that may not do; more often than not close to what would."""
    roll = rng.random()
    if roll < 0.35:
        return SCALARS[rng.integers(len(SCALARS))]
    if roll < 0.4:
        return Caller(rng.choice(["raises", "lies", "works"]))
    shape = getattr(instead_of, "shape", None)
    if shape is None or roll < 0.6:
        shape = tuple(rng.choice(SIZES, rng.integers(0, 4)))
    return laid_out(rng, contents(rng, shape, rng.choice(DTYPES)))
