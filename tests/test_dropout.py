"""Masks against an independent NumPy transcription of their definition."""

import functools
import itertools

import numpy as np
import pytest
import scipy.stats
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


def uniform_digits(seed, stream, superblock):
    """The 64 digits of U for the 2048 elements of a superblock, as integers."""
    n = np.uint64(16 * superblock) + np.arange(16, dtype=np.uint64)
    value = np.zeros(2048, np.uint64)
    for q in range(64):
        counter = [
            n & np.uint64(0xFFFFFFFF),
            n >> np.uint64(32),
            np.full(16, q),
            np.full(16, stream),
        ]
        words = np.concatenate(philox(counter, (seed & 0xFFFFFFFF, seed >> 32))).astype("<u4")
        bits = np.unpackbits(words.view(np.uint8), bitorder="little")
        value = (value << np.uint64(1)) | bits
    return value


def kept(digits, keep, antithetic):
    """U < keep, or its complement below keep."""
    if keep == 1:
        return np.ones(digits.shape, bool)
    return (~digits if antithetic else digits) < np.uint64(int(np.floor(keep * 2.0**64)))


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
    for superblock in (1, 2**28 + 3):  # beyond 2^28 the counter's high word is in use
        digits = uniform_digits(seed, stream, superblock)
        for antithetic in (False, True):
            want = kept(digits, keep, antithetic)
            options = {"stream": stream, "offset": 2048 * superblock, "antithetic": antithetic}
            for dtype in (bool, np.float32, np.float64):
                got = hessopt.bernoulli_mask(2048, keep, seed, dtype=dtype, **options)
                assert got.dtype == dtype
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


def bits(n, keep, seed, **options):
    """A packed mask as one long integer."""
    packed = hessopt.bernoulli_mask(n, keep, seed, packed=True, **options)
    return int.from_bytes(packed.tobytes(), "little")


@pytest.mark.parametrize("keep", [2.0**-20, 2.0**-10, 0.01, 0.1, 0.2, 0.5, 0.8, 0.999])
def test_frequency(keep):
    n = 2**26
    ones = bits(n, keep, 2024).bit_count()
    assert abs(ones - n * keep) < 4 * np.sqrt(n * keep * (1 - keep))


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.8])
def test_patterns_of_eight_neighbours(keep):
    n = 2**21
    packed = hessopt.bernoulli_mask(8 * n, keep, 99, packed=True)
    ones = np.array([byte.bit_count() for byte in range(256)])
    want = n * keep**ones * (1 - keep) ** (8 - ones)
    chi2 = ((np.bincount(packed, minlength=256) - want) ** 2 / want).sum()
    assert abs(chi2 - 255) < 4 * np.sqrt(2 * 255)


@pytest.mark.parametrize("keep", [0.5, 0.8])
def test_no_lag_is_correlated(keep):
    n = 2**20
    mask = bits(n, keep, 31)
    lags = [*range(1, 65), *(2**k for k in range(7, 17)), 2047, 2049, 4096 * 3, 65535]
    z = []
    for lag in lags:
        both = (mask & (mask >> lag)).bit_count()
        ends = (mask >> lag).bit_count() + (mask & ((1 << (n - lag)) - 1)).bit_count()
        covariance = (both - keep * ends) / (n - lag) + keep**2
        z.append(covariance / (keep * (1 - keep)) * np.sqrt(n - lag))
    assert np.abs(z).max() < 4.5
    assert abs(np.square(z).mean() - 1) < 4 * np.sqrt(2 / len(z))


def test_streams_and_consecutive_seeds_are_independent():
    n = 2**20
    masks = [bits(n, 0.5, seed, stream=k) for seed in range(1000, 1004) for k in range(5)]
    pairs = [(a ^ b).bit_count() for a, b in itertools.combinations(masks, 2)]
    z = (np.array(pairs) - n / 2) / np.sqrt(n / 4)
    assert np.abs(z).max() < 4.5
    assert abs(np.square(z).mean() - 1) < 4 * np.sqrt(2 / len(z))


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.8])
def test_antithetic_pairs_differ_as_much_as_they_can(keep):
    n = 2**22
    plain, mirrored = bits(n, keep, 3), bits(n, keep, 3, antithetic=True)
    for ones, p in [(mirrored, keep), (plain & mirrored, max(0, 2 * keep - 1))]:
        assert abs(ones.bit_count() - n * p) <= 4 * np.sqrt(n * p * (1 - p))


@pytest.mark.parametrize("axes", [(), 0, -1, (0, 2), [1, 2], (0, 1, 2)])
def test_shared_axes_are_a_mask_of_those_axes_one(axes):
    shape = np.array([6, 5, 301])
    own = shape.copy()
    own[list(axes) if np.iterable(axes) else axes] = 1
    options = {"stream": 2, "offset": 17}
    want = np.broadcast_to(hessopt.bernoulli_mask(own.tolist(), 0.6, 8, **options), shape)
    mask = hessopt.bernoulli_mask(shape.tolist(), 0.6, 8, shared_axes=axes, **options)
    assert np.array_equal(mask, want)
    x = np.random.default_rng(0).normal(size=shape)
    for view in (x, np.asfortranarray(x), x.swapaxes(0, 1).copy().swapaxes(0, 1), x[::-1, :, ::-1]):
        got = hessopt.dropout(view, 0.4, 8, shared_axes=axes, **options)
        assert np.array_equal(got, np.where(want, view * (1 / 0.6), 0))
        noise = hessopt.gaussian_dropout(np.ones(own), 0.4, 8, **options)
        got = hessopt.gaussian_dropout(view, 0.4, 8, shared_axes=axes, **options)
        np.testing.assert_allclose(got, view * noise, rtol=1e-15)


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
        assert hessopt.dropout(view, rate, 9, stream=4, out=view) is view  # in place where it lies
        assert np.array_equal(view, want)
    flat = hessopt.dropout(want.ravel()[500:], rate, 9, stream=4, offset=500, scaling="vanilla")
    assert np.array_equal(flat, want.ravel()[500:])
    mirrored = hessopt.bernoulli_mask(x.shape, 1 - rate, 9, antithetic=True)
    assert np.array_equal(hessopt.dropout(x, rate, 9, antithetic=True) != 0, mirrored & (x != 0))


def test_backward_is_the_same_call_on_the_gradient():
    """y = dropout(x) is linear in x: its derivative applied to g is dropout(g)."""
    rng = np.random.default_rng(1)
    x, g, direction = rng.normal(size=(3, 40, 50))
    drop = functools.partial(hessopt.dropout, rate=0.3, seed=6, stream=2)
    slope = ((drop(x + direction) - drop(x - direction)) / 2 * g).sum()
    assert slope == pytest.approx((drop(g) * direction).sum(), rel=1e-12)


@pytest.mark.parametrize("size", [1, 31, 33, 2047, 2048, 2049, 70_000])
@pytest.mark.parametrize("skip", [0, 1, 5])
def test_every_alignment_of_the_output(size, skip):
    x = np.random.default_rng(0).normal(size=size + skip).astype(np.float32)[skip:]
    out = np.full(size + 16, 7, np.float32)
    hessopt.dropout(x, 0.2, 1, offset=3, out=out[skip : skip + size])
    want = x * hessopt.bernoulli_mask(size, 0.8, 1, offset=3) * np.float32(1.25)
    assert np.array_equal(out[skip : skip + size], want)
    assert (out[:skip] == 7).all()
    assert (out[skip + size :] == 7).all()


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


def normals(seed, stream, n):
    """Normal numbers from their definition."""
    counter = np.arange(n // 2, dtype=np.uint64)
    words = [counter & np.uint64(0xFFFFFFFF), counter >> np.uint64(32)]
    words += [np.full(n // 2, 2**31), np.full(n // 2, stream)]
    x = philox(words, (seed & 0xFFFFFFFF, seed >> 32))
    first, second = (x[0] | x[1] << np.uint64(32)), (x[2] | x[3] << np.uint64(32))
    u = 1 - (first >> np.uint64(12)) / 2.0**52
    t = ((second << np.uint64(1)) >> np.uint64(12)) / 2.0**52 - 0.5
    r = np.sqrt(-2 * np.log(u)) * np.where(second >> np.uint64(63), -1, 1)
    z = np.stack([r * np.cos(np.pi * t), r * np.sin(np.pi * t)])
    return z.reshape(2, -1, 16).swapaxes(0, 1).ravel()


def test_gaussian_dropout_is_what_the_definition_says():
    seed, n = 0xFEDCBA9876543210, 2**18
    x = np.random.default_rng(3).normal(size=n)
    want = 1 + 0.5 * normals(seed, 7, n)
    np.testing.assert_allclose(
        hessopt.gaussian_dropout(np.ones(n), 0.2, seed, stream=7), want, atol=1e-14
    )
    whole = hessopt.gaussian_dropout(x, 0.2, seed, stream=7)
    np.testing.assert_allclose(whole, x * want, atol=1e-13)
    part = hessopt.gaussian_dropout(x[777:9000], 0.2, seed, stream=7, offset=777)
    assert np.array_equal(part, whole[777:9000])
    single = hessopt.gaussian_dropout(x.astype(np.float32), 0.2, seed, stream=7)
    np.testing.assert_allclose(single, whole, rtol=3e-7, atol=1e-6)
    mirrored = hessopt.gaussian_dropout(np.ones(n), 0.2, seed, stream=7, antithetic=True)
    np.testing.assert_allclose(mirrored, 2 - want, atol=1e-14)


def test_normal_numbers_are_normal_and_independent():
    n = 2**18
    z = [
        2 * (hessopt.gaussian_dropout(np.ones(n), 0.2, seed, stream=k) - 1)
        for seed, k in [(5, 0), (5, 1), (6, 0)]
    ]
    for sample in z:
        assert scipy.stats.kstest(sample, "norm").pvalue > 1e-3
    correlations = [(a * b).mean() for a, b in itertools.combinations(z, 2)]
    correlations += [(z[0][:-lag] * z[0][lag:]).mean() for lag in (1, 15, 16, 17, 32, 4096)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(n - 4096)
