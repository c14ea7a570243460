"""Many masks at once against the same masks one after the other."""

import numpy as np
import pytest

import hessopt

rng = np.random.default_rng(0)
SIZES = [0, 1, 31, 32, 33, 2047, 2048, 2049, 5000]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_samples_are_the_dropout_of_each_stream(dtype):
    for shape in [(0,), (1,), (33, 70), (3, 5, 7), (140_000,)]:
        x = rng.normal(size=shape).astype(dtype)
        got = hessopt.dropout_samples(x, 0.3, 9, 4, stream=6)
        assert got.shape == (4, *shape)
        assert got.dtype == dtype
        for k in range(4):
            assert np.array_equal(got[k], hessopt.dropout(x, 0.3, 9, stream=6 + k))


def test_samples_of_any_layout_into_memory_of_ones_own():
    x = np.asfortranarray(rng.normal(size=(40, 30)))
    out = np.empty((3, 40, 30))
    assert hessopt.dropout_samples(x, 0.5, 1, 3, out=out) is out
    want = hessopt.dropout_samples(x.copy(order="C"), 0.5, 1, 3)
    assert np.array_equal(out, want)
    out[1] = x
    hessopt.dropout_samples(out[1], 0.5, 1, 3, out=out)
    assert np.array_equal(out, want)
    last = hessopt.dropout_samples(x, 0.5, 1, 1, stream=2**32 - 1)[0]
    assert np.array_equal(last, hessopt.dropout(x, 0.5, 1, stream=2**32 - 1))


@pytest.mark.parametrize("n_samples", [2, 3, 7, 8, 31, 32, 33, 100])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 4e-7), (np.float64, 1e-15)])
def test_moments_are_those_of_the_samples(dtype, tolerance, n_samples):
    for size in SIZES:
        x = rng.normal(size=size).astype(dtype)
        mean, variance = hessopt.dropout_moments(x, 0.3, 5, n_samples, stream=2)
        many = hessopt.dropout_samples(x, 0.3, 5, n_samples, stream=2).astype(np.float64)
        assert mean.dtype == variance.dtype == dtype
        np.testing.assert_allclose(mean, many.mean(axis=0), rtol=5 * tolerance, atol=0)
        want = many.var(axis=0, ddof=1)
        np.testing.assert_allclose(variance, want, rtol=9 * tolerance, atol=1e-29)


def test_moments_without_dropout_and_with_nearly_nothing_else():
    x = rng.normal(size=(20, 30))
    mean, variance = hessopt.dropout_moments(x, 0.0, 1, 5)
    assert np.array_equal(mean, x)
    assert not variance.any()
    mean, variance = hessopt.dropout_moments(np.full(3000, np.nan), 0.9, 1, 4)
    never = ~np.any([hessopt.bernoulli_mask(3000, 0.1, 1, stream=k) for k in range(4)], axis=0)
    assert never.any()
    for moment in (mean, variance):
        assert (moment[never] == 0).all()
        assert np.isnan(moment[~never]).all()


def test_moments_of_many_masks_are_those_of_the_law():
    """v = 1 / keep: E = 1 and Var = rate / keep, within 6 standard errors of 20,000 masks."""
    K, rate = 20_000, 0.2
    mean, variance = hessopt.dropout_moments(np.ones(500), rate, 8, K)
    assert np.abs(mean - 1).max() < 6 * np.sqrt(rate / (1 - rate) / K)
    assert np.abs(variance - rate / (1 - rate)).max() < 6 * np.sqrt(1 / K)


def each_product(h, W, bias, rate, seed, n_samples, stream, shared):
    """The definition, in float64 on what `dropout` returns."""
    W = W.astype(np.float64)
    parts = []
    for k in range(stream, stream + n_samples):
        dropped = (
            h * hessopt.dropout(np.ones_like(h[0]), rate, seed, stream=k)
            if shared
            else hessopt.dropout(h, rate, seed, stream=k)
        )
        parts.append(dropped.astype(np.float64) @ W.T + bias)
    return np.array(parts)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 4e-15)])
def test_the_head_is_dropout_and_a_product_for_each_stream(dtype, tolerance, shared):
    for m, p, q in [(1, 1, 1), (5, 33, 2), (64, 32, 3), (7, 100, 10), (300, 17, 23), (2, 4100, 5)]:
        h, W = rng.normal(size=(m, p)).astype(dtype), rng.normal(size=(q, p)).astype(dtype)
        bias = rng.normal(size=q).astype(dtype)
        got = hessopt.dropout_linear(h, W, 0.3, 7, 19, bias=bias, stream=3, shared=shared)
        assert got.shape == (19, m, q)
        assert got.dtype == dtype
        want = each_product(h, W, bias, 0.3, 7, 19, 3, shared)
        assert np.abs(got - want).max() < tolerance * np.sqrt(p) * np.abs(want).max()


def test_the_head_reads_any_layout_and_takes_the_widest_dtype():
    h, W = rng.normal(size=(50, 40)), rng.normal(size=(6, 40))
    want = hessopt.dropout_linear(h, W, 0.5, 1, 3)
    for a, b in [(np.asfortranarray(h), W), (np.repeat(h, 2, axis=1)[:, ::2], W[::-1][::-1])]:
        assert np.array_equal(hessopt.dropout_linear(a, b, 0.5, 1, 3), want)
    narrow = hessopt.dropout_linear(h.astype(np.float32), W, 0.5, 1, 3)
    assert narrow.dtype == np.float64
    np.testing.assert_allclose(narrow, want, atol=1e-5)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("shape", [(2, 3, 5), (1, 4, 1, 5), (2, 1, 2, 2, 5)])
def test_a_head_on_a_batch_of_any_shape(shape, shared):
    h, W = rng.normal(size=shape), rng.normal(size=(4, 5))
    got = hessopt.dropout_linear(h, W, 0.3, 7, 6, shared=shared)
    flat = hessopt.dropout_linear(h.reshape(-1, 5), W, 0.3, 7, 6, shared=shared)
    assert got.shape == (6, *shape[:-1], 4)
    assert np.array_equal(got.reshape(flat.shape), flat)
    if not shared:
        np.testing.assert_allclose(got[2], hessopt.dropout(h, 0.3, 7, stream=2) @ W.T, atol=1e-12)


def test_the_head_never_looks_at_what_is_dropped():
    h, W = rng.normal(size=(30, 70)), rng.normal(size=(4, 70))
    mask = hessopt.bernoulli_mask(h.shape, 0.5, 2)
    broken = np.where(mask, h, np.nan)
    want = hessopt.dropout_linear(h, W, 0.5, 2, 1)
    assert np.array_equal(hessopt.dropout_linear(broken, W, 0.5, 2, 1), want)


def test_bits_do_not_depend_on_the_number_of_threads():
    from threadpoolctl import threadpool_limits

    h, W = rng.normal(size=(100, 333)).astype(np.float32), rng.normal(size=(11, 333))

    def everything():
        return [
            hessopt.dropout_samples(h, 0.2, 1, 40),
            *hessopt.dropout_moments(h, 0.2, 1, 40),
            hessopt.dropout_linear(h, W, 0.2, 1, 40),
            hessopt.dropout_linear(h, W.astype(np.float32), 0.2, 1, 40, shared=True),
        ]

    with threadpool_limits(1, user_api="openmp"):
        want = everything()
    for threads in (2, 3, 8):
        with threadpool_limits(threads, user_api="openmp"):
            for a, b in zip(want, everything(), strict=True):
                assert np.array_equal(a, b)
