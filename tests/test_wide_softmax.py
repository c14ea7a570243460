"""Softmax of many columns: products of float32 summed as such, held against float64 NumPy."""

import numpy as np
import pytest

import hessopt
import layouts
from hessopt.objectives import Softmax

rng = np.random.default_rng(7)
N, P, K = 2000, 261, 7  # a register and a tile more or less, in each of them
X = np.maximum(rng.normal(size=(N, P)), 0).astype(np.float32)
Y = rng.integers(0, K, N)


def witness(X, y, x, *, weight=None, l2=0.0, offset=0.0, intercept=True):
    """Value, gradient and a function that gives products with the Hessian, in float64."""
    X = X.astype(np.float64)
    if intercept:
        X, l2 = np.c_[X, np.ones(len(X))], np.r_[np.broadcast_to(l2, X.shape[1]), 0]
    w = np.full(len(X), 1 / len(X)) if weight is None else weight / weight.sum()
    W = x.reshape(-1, X.shape[1])
    eta = X @ W.T + offset
    eta -= eta.max(axis=1, keepdims=True)
    loss = np.log(np.exp(eta).sum(axis=1))
    pi = np.exp(eta - loss[:, None])
    each = np.arange(len(y))
    value = w @ (loss - eta[each, y]) + (l2 * W**2).sum() / 2
    change = pi.copy()
    change[each, y] -= 1
    gradient = (w[:, None] * change).T @ X + l2 * W

    def times(v):
        V = v.reshape(W.shape)
        along = X @ V.T
        along = pi * (along - (pi * along).sum(axis=1, keepdims=True))
        return ((w[:, None] * along).T @ X + l2 * V).ravel()

    return value, gradient.ravel(), times


def close(found, wanted, tolerance):
    return np.abs(found - wanted).max() <= tolerance * np.abs(wanted).max()


OPTIONS = {
    "plain": {},
    "weights": {"weight": np.where(np.arange(N) % 3 == 0, 0, rng.random(N))},
    "penalty": {"l2": rng.random(P)},
    "offset": {"offset": rng.normal(size=(N, K))},
    "no intercept": {"intercept": False, "l2": 1e-3},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_derivatives_are_those_of_float64(options, dtype):
    given = dict(options)
    named = {"l2": given.get("l2", 0.0), "fit_intercept": given.get("intercept", True)}
    named |= {"sample_weight": given.get("weight"), "offset": given.get("offset")}
    f = Softmax(X.astype(dtype), Y, **named)
    x, v = rng.normal(size=(2, f.n_parameters)) / np.sqrt(P)
    value, gradient, times = witness(X, Y, x, **given)
    small = dtype == np.float32
    found = f.value_and_gradient(x)
    assert abs(found[0] - value) <= (2e-9 if small else 1e-14) * value
    assert close(found[1], gradient, 2e-7 if small else 1e-13)
    assert close(f.hessp(x, v), times(v), 2e-7 if small else 1e-13)


@pytest.mark.parametrize("columns", [256, 257, 271, 272, 273, 320, 1023, 1024])
@pytest.mark.parametrize("classes", [2, 5, 6, 11, 23])
def test_any_number_of_columns_and_classes(columns, classes):
    rows = 150
    A = rng.normal(size=(rows, columns)).astype(np.float32)
    y = np.arange(rows) % classes
    f = Softmax(A, y, l2=1e-2)
    x = rng.normal(size=f.n_parameters) / np.sqrt(columns)
    value, gradient, _ = witness(A, y, x, l2=1e-2)
    found = f.value_and_gradient(x)
    assert abs(found[0] - value) <= 2e-8 * value  # of fewer rows, which average less
    assert close(found[1], gradient, 1e-6)


LAYOUTS = [
    np.asfortranarray,
    layouts.strided,
    layouts.backwards,
    layouts.unaligned,
    layouts.of_records,
    layouts.read_only,
]


@pytest.mark.parametrize("give", LAYOUTS, ids=lambda give: give.__name__)
def test_the_layout_changes_no_bit(give):
    x = rng.normal(size=K * (P + 1)) / np.sqrt(P)
    value, gradient = Softmax(X, Y).value_and_gradient(x)
    again, same = Softmax(give(X), Y).value_and_gradient(x)
    assert value == again
    assert np.array_equal(gradient, same)


def test_under_fixed_samples_of_dropout():
    """The masks are those of float64 data."""
    narrow, wide = (
        hessopt.expected(
            Softmax(A, Y, l2=1e-3), hessopt.Dropout(0.3, seed=5), "sample", n_samples=2
        )
        for A in (X, X.astype(np.float64))
    )
    x, v = rng.normal(size=(2, K * (P + 1))) / np.sqrt(P)
    (value, gradient), (f, g) = narrow.value_and_gradient(x), wide.value_and_gradient(x)
    assert abs(value - f) <= 1e-8 * f
    assert close(gradient, g, 4e-7)
    assert close(narrow.hessp(x, v), wide.hessp(x, v), 4e-7)


def test_numbers_out_of_the_range_of_float32_are_no_numbers_quietly():
    """A step far out is infinite, as any other is that leaves the domain: it is shortened."""
    f = Softmax(X, Y)
    assert not np.isfinite(f.value_and_gradient(np.full(f.n_parameters, 1e300))[0])
