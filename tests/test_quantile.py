"""Quantile regression against linear programming, and by what proves a minimum."""

import numpy as np
import pytest

import hessopt

KINDS = ("plain", "heavy", "integers", "ties", "weights", "repeated", "raw", "constant")


def draw(kind, rng, n=150, p=3):
    """Rows with their ones, targets and weights."""
    X, weight = rng.normal(size=(n, p)), np.ones(n)
    y = X @ np.arange(1.0, p + 1) + rng.normal(size=n)
    if kind == "heavy":
        y = y + rng.standard_cauchy(size=n)
    elif kind in ("integers", "ties"):
        X = rng.integers(0, 3, (n, p)).astype(float)
        y = np.round(X.sum(axis=1) + (2 if kind == "integers" else 0.4) * rng.normal(size=n))
    elif kind == "weights":
        weight = rng.integers(0, 4, n).astype(float)
    elif kind == "repeated":
        X, y = X[np.arange(n) % 20], y[np.arange(n) % 20]
    elif kind == "raw":
        X = X * [1e-3, 1e3, 1e5] + [0, 1e3, 1e6]
    elif kind == "constant":
        y = np.ones(n)
    return X, y, weight


def pinball(u, level, weight):
    return weight @ np.maximum(level * u, (level - 1) * u) / weight.sum()


def check(fit, X, y, weight, level):
    """The multipliers are subgradients, and those of a minimum."""
    Z = np.column_stack([X, np.ones(len(y))])[:, : len(fit.x)]
    u = y - Z @ fit.x
    assert fit.success, fit.message
    assert fit.fun == pytest.approx(pinball(u, level, weight), rel=1e-9, abs=1e-13)
    m, scale = fit.multipliers, np.abs(y).max() + 1
    assert (weight * m)[weight > 0] @ Z[weight > 0] == pytest.approx(
        np.zeros(len(fit.x)), abs=1e-9 * np.abs(weight @ np.abs(Z)).max()
    )
    assert (m <= level + 1e-8).all()
    assert (m >= level - 1 - 1e-8).all()
    np.testing.assert_allclose(m[(u > 1e-8 * scale) & (weight > 0)], level)
    np.testing.assert_allclose(m[(u < -1e-8 * scale) & (weight > 0)], level - 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", [0.1, 0.5, 0.83])
def test_linear_programming_has_the_same_minimum(kind, level):
    optimize = pytest.importorskip("scipy.optimize")
    X, y, weight = draw(kind, np.random.default_rng(7))
    fit = hessopt.quantile_regression(X, y, level, sample_weight=weight)
    check(fit, X, y, weight, level)
    Z, n, w = np.column_stack([X, np.ones(len(y))]), len(y), weight / weight.sum()
    program = optimize.linprog(
        np.r_[np.zeros(Z.shape[1]), level * w, (1 - level) * w],
        A_eq=np.column_stack([Z, np.eye(n), -np.eye(n)]),
        b_eq=y,
        bounds=[(None, None)] * Z.shape[1] + [(0, None)] * (2 * n),
        method="highs",
    )
    assert fit.fun == pytest.approx(program.fun, rel=1e-12, abs=1e-14)
    if kind in ("plain", "heavy"):
        np.testing.assert_allclose(fit.x, program.x[: len(fit.x)], rtol=1e-10)


@pytest.mark.parametrize("seed", range(8))
def test_the_minimum_is_proved_where_vertices_are_degenerate(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(-1, 2, (60, 4)).astype(float)
    y = rng.integers(0, 3, 60).astype(float)
    weight = rng.integers(0, 3, 60) + 0.0
    level = [0.25, 0.5, 0.9][seed % 3]
    for intercept in (True, False):
        fit = hessopt.quantile_regression(
            X, y, level, sample_weight=weight, fit_intercept=intercept
        )
        check(fit, X, y, weight, level)


def test_quantiles_of_numbers():
    y = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])
    fit = hessopt.quantile_regression(np.zeros((11, 1)) + 1, y, 0.5, fit_intercept=False)
    assert fit.x == [4.0]
    assert y[fit.basis].tolist() == [4.0]


def test_what_is_wrong_is_said():
    X, y, _ = draw("plain", np.random.default_rng(0))
    for bad in (0, 1, -0.5):
        with pytest.raises(ValueError, match=r"^quantile: got .*; want a number in \(0, 1\)"):
            hessopt.quantile_regression(X, y, bad)
    for few in (X[:3], np.column_stack([X, X[:, 0]])):
        with pytest.raises(np.linalg.LinAlgError, match=r"^X: got columns that are linearly"):
            hessopt.quantile_regression(few, y[: len(few)])


@pytest.mark.agreement
def test_scikit_learn_has_the_same_minimum():
    linear = pytest.importorskip("sklearn.linear_model")
    X, y, weight = draw("weights", np.random.default_rng(3))
    fit = hessopt.quantile_regression(X, y, 0.3, sample_weight=weight)
    peer = linear.QuantileRegressor(quantile=0.3, alpha=0).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(fit.x, [*peer.coef_, peer.intercept_], rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", ["csr_array", "csc_matrix", "coo_array"])
def test_sparse_rows_have_the_same_minimum(kind, made):
    sparse = pytest.importorskip("scipy.sparse")
    X, y, weight = draw(kind, np.random.default_rng(7))
    X = X * (np.random.default_rng(1).random(X.shape) < 0.6)
    want = hessopt.quantile_regression(X, y, 0.3, sample_weight=weight)
    found = hessopt.quantile_regression(getattr(sparse, made)(X), y, 0.3, sample_weight=weight)
    check(found, X, y, weight, 0.3)
    assert found.fun == pytest.approx(want.fun, rel=1e-12, abs=1e-13)


def test_rare_columns_are_looked_for_among_all_rows():
    sparse = pytest.importorskip("scipy.sparse")
    rng = np.random.default_rng(0)
    level = np.repeat(np.arange(40), np.arange(1, 41))
    X = sparse.csr_array((np.ones(len(level)), (np.arange(len(level)), level)))
    y = level + rng.normal(size=len(level))
    fit = hessopt.quantile_regression(X, y, fit_intercept=False)
    check(fit, X.toarray(), y, np.ones(len(y)), 0.5)
    medians = [np.median(y[level == k]) for k in range(40)]
    odd = np.arange(0, 40, 2)  # of an even number of rows any between two is one
    assert np.allclose(fit.x[odd], np.array(medians)[odd], atol=1e-10)
