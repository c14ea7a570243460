"""What rows do to a fit, against fits without them and against statsmodels."""

import numpy as np
import pytest
from scipy import sparse

import hessopt
from hessopt.objectives import Gamma, Logistic, Poisson, Softmax, Squared


def drawn(kind, rng, n=60, p=3, **others):
    X = rng.normal([0.0, 2.0, -1.0], size=(n, p))
    eta = X @ [0.4, -0.3, 0.2] + 0.1
    y = {
        Squared: lambda: eta + rng.normal(size=n),
        Logistic: lambda: (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
        Poisson: lambda: rng.poisson(np.exp(eta)).astype(float),
        Gamma: lambda: rng.gamma(2.0, np.exp(eta) / 2),
    }[kind]()
    return kind(X, y, **others)


def fitted(f):
    return hessopt.minimize(f, f.start() if hasattr(f, "start") else np.zeros(f.n_parameters))


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_fits_without_rows_are_the_witness(l2):
    """Of squares each fit without a row, its penalty that of the sum, is the step."""
    f = drawn(Squared, np.random.default_rng(0), l2=l2)
    fit, n = fitted(f), f.n_rows
    found = hessopt.influence(f, fit)
    at = np.array([0.5, 1.0, -2.0])
    X, y = np.asarray(f.X), np.asarray(f._given[0][1])
    for i in (0, 7, 59):
        rest = np.arange(n) != i
        alone = hessopt.minimize(Squared(X[rest], y[rest], l2=l2 * n / (n - 1)), np.zeros(4)).x
        np.testing.assert_allclose(found.dfbeta()[i], fit.x - alone, rtol=1e-7, atol=1e-10)
        change = at @ (fit.x - alone)[:3] + (fit.x - alone)[3]
        assert found.on_prediction(at)[i] == pytest.approx(change, rel=1e-7, abs=1e-10)
        curvature = np.linalg.inv(hessopt.inference(f, fit).covariance)
        distance = (fit.x - alone) @ curvature @ (fit.x - alone) / 4
        assert found.cooks_distance[i] == pytest.approx(distance, rel=1e-6)


def test_weights_are_repetitions():
    rng = np.random.default_rng(1)
    X, y, w = rng.normal(size=(20, 2)), rng.normal(size=20), rng.integers(1, 4, 20).astype(float)
    weighted = Squared(X, y, sample_weight=w)
    fit = fitted(weighted)
    rest = np.arange(20) != 3
    alone = fitted(Squared(X[rest], y[rest], sample_weight=w[rest])).x
    found = hessopt.influence(weighted, fit)
    np.testing.assert_allclose(found.dfbeta()[3], fit.x - alone, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("kind", [Squared, Poisson])
def test_sparse_rows_have_the_same(kind):
    rng = np.random.default_rng(2)
    X = sparse.random_array((80, 4), density=0.5, rng=rng).tocsr()
    y = rng.poisson(1.0, 80).astype(float)
    dense, thin = kind(X.toarray(), y), kind(X, y)
    x = fitted(dense).x
    one, other = hessopt.influence(dense, x), hessopt.influence(thin, x)
    for name in ("leverage", "residual", "cooks_distance"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9)
    np.testing.assert_allclose(one.dfbetas(), other.dfbetas(), rtol=1e-8, atol=1e-13)


def test_a_row_alone_is_nan():
    """No other row knows its coefficient."""
    X = np.column_stack([[0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0, 1.0]])
    f = Squared(X, [0.0, 1.0, 2.0, 3.5, 9.0])
    found = hessopt.influence(f, fitted(f))
    assert found.leverage[4] == pytest.approx(1)
    assert np.flatnonzero(np.isnan(found.cooks_distance)).tolist() == [4]
    assert repr(found).startswith("Influence(5 rows, Cook's distance at most ")


def test_errors():
    f = drawn(Squared, np.random.default_rng(3))
    found = hessopt.influence(f, fitted(f))
    with pytest.raises(ValueError, match="names: got 'nobody'; want some of"):
        found.dfbeta(["nobody"])
    with pytest.raises(ValueError, match="row: got"):
        found.on_prediction([1.0, 2.0])
    other = Softmax(np.eye(3), [0, 1, 2], l2=1.0)
    with pytest.raises(TypeError, match="model: got Softmax; want a model of one linear predictor"):
        hessopt.influence(other, np.zeros(other.n_parameters))


@pytest.mark.agreement
@pytest.mark.parametrize("kind", [Squared, Logistic, Poisson])
def test_statsmodels_has_the_same(kind):
    import statsmodels.api as sm

    f = drawn(kind, np.random.default_rng(4))
    found = hessopt.influence(f, fitted(f))
    law = {Squared: "Gaussian", Logistic: "Binomial", Poisson: "Poisson"}[kind]
    exog = np.column_stack([f.X, np.ones(f.n_rows)])
    theirs = sm.GLM(f._given[0][1], exog, getattr(sm.families, law)()).fit(tol=1e-14)
    at = theirs.get_influence()
    np.testing.assert_allclose(found.leverage, at.hat_matrix_diag, rtol=1e-8)
    np.testing.assert_allclose(found.residual, at.resid_studentized, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(found.cooks_distance, at.cooks_distance[0], rtol=1e-7, atol=1e-12)
    if kind is Squared:
        at = sm.OLS(f._given[0][1], exog).fit().get_influence()
        np.testing.assert_allclose(found.dfbeta(), at.dfbeta, rtol=1e-7, atol=1e-11)
