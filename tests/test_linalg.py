import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessopt


def layouts(a):
    """The same numbers in C order, Fortran order, strided and reversed memory."""
    wide = np.zeros((2 * a.shape[0], 3 * a.shape[1]), a.dtype)
    wide[::2, ::3] = a
    backwards = np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1]
    frozen = a.copy()
    frozen.flags.writeable = False
    return [np.ascontiguousarray(a), np.asfortranarray(a), wide[::2, ::3], backwards, frozen]


def tolerance(dtype):
    return 2e-5 if dtype == np.float32 else 1e-12


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("n", "p"),
    [(1, 1), (3, 2), (700, 7), (130, 150), (2500, 33), (1, 512), (1153, 523)],
)
def test_weighted_gram_agrees_with_numpy_in_every_layout(dtype, n, p):
    rng = np.random.default_rng(n * p)
    X, w = rng.normal(size=(n, p)).astype(dtype), rng.normal(size=n).astype(dtype)
    X64, w64 = X.astype(np.float64), w.astype(np.float64)
    want = (X64.T * w64) @ X64
    scale = (np.abs(X64.T) * np.abs(w64)) @ np.abs(X64)
    for A in layouts(X):
        H = hessopt.weighted_gram(A, w)
        assert H.dtype == dtype
        assert (H == H.T).all()
        assert (np.abs(H - want) <= tolerance(dtype) * scale).all()
    assert np.array_equal(
        hessopt.weighted_gram(X, w[::-1].copy()[::-1]), hessopt.weighted_gram(X, w)
    )


@given(n=st.integers(1, 300), p=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_weighted_gram_on_any_shape(n, p, seed):
    rng = np.random.default_rng(seed)
    X, w = rng.normal(size=(n, p)), rng.normal(size=n)
    np.testing.assert_allclose(
        hessopt.weighted_gram(X, w), (X.T * w) @ X, atol=1e-11 * n, rtol=1e-11
    )


@given(
    n=st.integers(1, 400),
    p=st.integers(1, 30),
    q=st.integers(1, 30),
    seed=st.integers(0, 2**32 - 1),
)
def test_weighted_product_of_two_matrices(n, p, q, seed):
    rng = np.random.default_rng(seed)
    X, w, Z = rng.normal(size=(n, p)), rng.normal(size=n), rng.normal(size=(q, n)).T
    want = (X.T * w) @ Z
    np.testing.assert_allclose(hessopt.weighted_gram(X, w, Z), want, atol=1e-12 * n, rtol=1e-11)
    H = rng.normal(size=(p, q))
    before = H.copy()
    assert hessopt.weighted_gram(X, w, Z, add_to=H) is H
    np.testing.assert_allclose(H - before, want, atol=1e-11 * n, rtol=1e-9)


def test_weighted_gram_is_added_to_what_is_there():
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(900, 7)).astype(np.float32), rng.normal(size=900)
    H = np.ones((7, 7), np.float32)
    hessopt.weighted_gram(X[:500], w[:500], add_to=H)
    hessopt.weighted_gram(X[500:], w[500:], add_to=H)
    np.testing.assert_allclose(H, 1 + (X.T * w) @ X, atol=1e-3)
    assert hessopt.weighted_gram(X, w, X.astype(np.float64)).dtype == np.float64


def test_weighted_gram_of_float32_loses_nothing_over_many_rows():
    n = 200_000
    X = np.full((n, 1), 1 / 3, np.float32)
    want = float(np.float32(1 / 3)) ** 2 * n
    # A running sum in float32 is wrong in the third digit; within a block the products are float32.
    assert np.cumsum(X[:, 0] ** 2)[-1] != pytest.approx(want, rel=1e-3)
    assert hessopt.weighted_gram(X, np.ones(n))[0, 0] == pytest.approx(want, rel=1e-5)


def dense_bfgs(S, Y):
    """The inverse BFGS matrix by its defining update, from gamma I (Nocedal & Wright, 6.17)."""
    n = S.shape[1]
    H = np.eye(n)
    if len(S):
        H *= (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
    for s, y in zip(S, Y, strict=True):
        rho = 1 / (s @ y)
        V = np.eye(n) - rho * np.outer(y, s)
        H = V.T @ H @ V + rho * np.outer(s, s)
    return H


def pairs(m, n, seed=0):
    rng = np.random.default_rng(seed)
    B = rng.normal(size=(n, n))
    S = rng.normal(size=(m, n))
    return S, S @ (B @ B.T / n + np.eye(n)), rng.normal(size=n)


@pytest.mark.parametrize(("m", "n"), [(0, 4), (1, 1), (3, 5), (10, 40)])
def test_two_loop_is_the_bfgs_update(m, n):
    S, Y, g = pairs(m, n)
    want = dense_bfgs(S, Y) @ g
    for s, y in zip(layouts(S), layouts(Y), strict=True):
        np.testing.assert_allclose(hessopt.two_loop(g, s, y), want, rtol=1e-10, atol=1e-12)
    low = hessopt.two_loop(*(a.astype(np.float32) for a in (g, S, Y)))
    assert low.dtype == np.float32
    np.testing.assert_allclose(low, want, rtol=1e-3, atol=1e-4)


def test_two_loop_satisfies_the_secant_equation():
    S, Y, _ = pairs(5, 30)
    np.testing.assert_allclose(hessopt.two_loop(Y[-1], S, Y), S[-1], rtol=1e-11)


def test_two_loop_on_a_vector_of_many_blocks():
    n = 100_003
    rng = np.random.default_rng(3)
    d = rng.uniform(0.5, 2, n)  # a diagonal Hessian
    S = rng.normal(size=(4, n))
    Y, g = S * d, rng.normal(size=n)
    q, alphas = g.copy(), []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append((s @ q) / (s @ y))
        q -= alphas[-1] * y
    q *= (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
    for s, y, a in zip(S, Y, alphas[::-1], strict=True):
        q += (a - (y @ q) / (s @ y)) * s
    np.testing.assert_allclose(hessopt.two_loop(g, S, Y), q, rtol=1e-9, atol=1e-12)
