"""Masks against an independent NumPy transcription of their definition."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessopt


def philox(counter, key):
    """Philox4x32-10 from its paper, on arrays of counters of shape (4, m)."""
    low = np.uint64(0xFFFFFFFF)
    c = [np.asarray(x, np.uint64) for x in counter]
    k0, k1 = (np.uint64(k) for k in key)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        shift = np.uint64(32)
        c = [(p1 >> shift) ^ c[1] ^ k0, p1 & low, (p0 >> shift) ^ c[3] ^ k1, p0 & low]
        k0 = (k0 + np.uint64(0x9E3779B9)) & low
        k1 = (k1 + np.uint64(0xBB67AE85)) & low
    return c


def uniform_digits(seed, stream, first, planes):
    """The first `planes` digits of U for the 2048 elements of a superblock, as integers."""
    lane = np.arange(16, dtype=np.uint64)
    n = np.uint64(16 * first) + lane
    value = np.zeros(2048, dtype=object)
    for q in range(planes):
        counter = [
            n & np.uint64(0xFFFFFFFF),
            n >> np.uint64(32),
            np.full(16, q),
            np.full(16, stream),
        ]
        words = np.concatenate(philox(counter, (seed & 0xFFFFFFFF, seed >> 32))).astype("<u4")
        bits = np.unpackbits(words.view(np.uint8), bitorder="little")
        value = value * 2 + bits.astype(object)
    return value


def definition(seed, stream, superblock, keep, planes=64):
    threshold = int(np.floor(keep * 2.0**64)) >> (64 - planes)
    return (uniform_digits(seed, stream, superblock, planes) < threshold).astype(bool)


def test_philox_published_vectors():
    """The transcription above gives the vectors that ship with Random123."""
    for counter, key, want in [
        ([0] * 4, (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ([0xFFFFFFFF] * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ]:
        got = philox([np.array([c]) for c in counter], key)
        assert " ".join(f"{int(x[0]):08x}" for x in got) == want


@pytest.mark.parametrize("keep", [0.0, 2.0**-20, 0.1, 0.5, 0.8, 1 - 2.0**-53, 1.0])
def test_masks_are_what_the_definition_says(keep):
    seed, stream = 0x0123456789ABCDEF, 0xFFFFFFFE
    for superblock in (0, 1, 2**28 + 3):  # beyond 2^28 the counter's high word is in use
        want = definition(seed, stream, superblock, keep)
        got = hessopt.bernoulli_mask(2048, keep, seed, stream=stream, offset=2048 * superblock)
        assert got.dtype == bool
        assert np.array_equal(got, want)


@given(
    size=st.integers(0, 5000),
    offset=st.integers(0, 9000),
    keep=st.sampled_from([0.25, 0.5, 0.8, 0.999]),
)
@settings(max_examples=60, deadline=None)
def test_any_split_gives_the_same_mask(size, offset, keep):
    whole = hessopt.bernoulli_mask(14_000, keep, 7, stream=3)
    part = hessopt.bernoulli_mask(size, keep, 7, stream=3, offset=offset)
    assert np.array_equal(part, whole[offset : offset + size])
    packed = hessopt.bernoulli_mask(size, keep, 7, stream=3, offset=offset, packed=True)
    assert np.array_equal(packed, np.packbits(part, bitorder="little"))


def test_shapes_streams_and_seeds():
    mask = hessopt.bernoulli_mask((3, 5, 7), 0.5, 11)
    assert mask.shape == (3, 5, 7)
    assert np.array_equal(mask.ravel(), hessopt.bernoulli_mask(105, 0.5, 11))
    assert hessopt.bernoulli_mask((), 1.0, 0).shape == ()
    assert hessopt.bernoulli_mask((0, 4), 0.5, 0).shape == (0, 4)
    long = {
        (seed, stream): hessopt.bernoulli_mask(10**6, 0.5, seed, stream=stream)
        for seed in (11, 12)
        for stream in (0, 1)
    }
    keys = list(long)
    for i, a in enumerate(keys):
        for b in keys[:i]:  # independent: they agree on half of the elements, 6 sigma = 3e-3
            assert abs((long[a] == long[b]).mean() - 0.5) < 3e-3


@pytest.mark.parametrize("keep", [2.0**-10, 0.1, 0.5, 0.8, 0.95])
def test_frequency_and_correlation(keep):
    n = 2**22
    mask = hessopt.bernoulli_mask(n, keep, 2024)
    sigma = np.sqrt(keep * (1 - keep) / n)
    assert abs(mask.mean() - keep) < 5 * sigma
    centred = mask - keep
    for lag in (1, 2, 32, 64, 2048, 4096, 65536):
        r = (centred[:-lag] * centred[lag:]).mean() / (keep * (1 - keep))
        assert abs(r) < 5 / np.sqrt(n - lag)


def test_masks_are_monotone_in_keep():
    masks = [hessopt.bernoulli_mask(10_000, p, 5) for p in (0.1, 0.3, 0.5, 0.50001, 0.9)]
    for small, large in itertools.pairwise(masks):
        assert not (small & ~large).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_dropout_is_the_scaled_mask(dtype, rate):
    x = np.random.default_rng(0).normal(size=(37, 211)).astype(dtype)
    mask = hessopt.bernoulli_mask(x.shape, 1 - rate, 9, stream=4)
    want = np.where(mask, x * dtype(1 / (1 - rate)), dtype(0))
    assert np.array_equal(hessopt.dropout(x, rate, 9, stream=4), want)

    for view in (np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2], x[::-1][::-1]):
        assert np.array_equal(hessopt.dropout(view, rate, 9, stream=4), want)
    in_place = x.copy()
    assert hessopt.dropout(in_place, rate, 9, stream=4, out=in_place) is in_place
    assert np.array_equal(in_place, want)


def test_dropout_into_overlapping_memory():
    buffer = np.arange(5000.0)
    want = hessopt.dropout(buffer[:4000].copy(), 0.5, 1)
    hessopt.dropout(buffer[:4000], 0.5, 1, out=buffer[1000:])
    assert np.array_equal(buffer[1000:], want)


def test_dropped_elements_are_positive_zero_whatever_they_were():
    x = np.full(5000, np.nan)
    x[::3] = -np.inf
    y = hessopt.dropout(x, 0.5, 3)
    dropped = ~hessopt.bernoulli_mask(5000, 0.5, 3)
    assert (y[dropped] == 0).all()
    assert not np.signbit(y[dropped]).any()
    assert not np.isfinite(y[~dropped]).any()
