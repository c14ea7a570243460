"""An l1 term beside scikit-learn and glum: the same minima, the same zeros."""

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Logistic, Poisson, Softmax, Squared
from test_l1 import correlated

linear = pytest.importorskip("sklearn.linear_model")
TIGHT = {"gtol": 1e-13}


def agrees(found, want, atol):
    np.testing.assert_allclose(found, want, atol=atol)
    np.testing.assert_array_equal(found == 0, want == 0)


@pytest.mark.parametrize("share", [0.3, 0.03])
@pytest.mark.parametrize("weighted", [False, True])
def test_lasso_and_elastic_net(share, weighted):
    X, eta, rng = correlated(120, 60, 0.7)
    y, weight = eta + rng.normal(size=120), rng.uniform(0.5, 2, 120) if weighted else None
    f = Squared(X, y, sample_weight=weight)
    l1 = share * hessopt.l1_max(f)
    for l2 in (0.0, 0.1):
        ratio = l1 / (l1 + l2)
        peer = linear.ElasticNet(alpha=l1 + l2, l1_ratio=ratio, tol=1e-14, max_iter=10**5)
        peer.fit(X, y, sample_weight=weight)
        found = hessopt.minimize(f.with_l2(l2).with_l1(l1), np.zeros(61), options=TIGHT).x
        agrees(found[:-1], peer.coef_, 1e-7)
        assert found[-1] == pytest.approx(peer.intercept_, abs=1e-7)


def test_path_of_the_lasso():
    X, eta, rng = correlated(50, 200, 0.5)
    y = eta + rng.normal(size=50)
    path = hessopt.l1_path(Squared(X, y, fit_intercept=False), n=8, ratio=0.05, tol=1e-11)
    _, want, _ = linear.lasso_path(X, y, alphas=path.l1, tol=1e-14, max_iter=10**6)
    agrees(path.x, want.T, 1e-7)


@pytest.mark.parametrize("solver", ["liblinear", "saga"])
def test_logistic_regression(solver):
    X, eta, rng = correlated(200, 30, 0.5)
    y = (eta + rng.logistic(size=200) > 0).astype(float)
    l1 = 0.1 * hessopt.l1_max(Logistic(X, y, fit_intercept=False))
    peer = linear.LogisticRegression(
        l1_ratio=1, C=1 / (200 * l1), solver=solver, fit_intercept=False, tol=1e-12, max_iter=10**5
    ).fit(X, y)
    f = Logistic(X, y, l1=l1, fit_intercept=False)
    agrees(hessopt.minimize(f, np.zeros(30), options=TIGHT).x, peer.coef_[0], 1e-6)


def test_softmax():
    X, eta, rng = correlated(150, 12, 0.5)
    y = np.digitize(eta + rng.logistic(size=150), [-1, 1])
    peer = linear.LogisticRegression(
        l1_ratio=1, C=1 / (150 * 0.01), solver="saga", tol=1e-10, max_iter=10**5
    ).fit(X, y)
    found = hessopt.minimize(Softmax(X, y, l1=0.01), np.zeros(39), options=TIGHT).x.reshape(3, 13)
    agrees(found[:, :-1], peer.coef_, 1e-6)


@pytest.mark.agreement
def test_poisson_of_glum():
    glum = pytest.importorskip("glum")
    X, eta, rng = correlated(200, 20, 0.5)
    y = rng.poisson(np.exp(0.3 * eta))
    f = Poisson(X, y, l1=0.05, l2=0.02)
    peer = glum.GeneralizedLinearRegressor(
        family="poisson", alpha=0.07, l1_ratio=0.05 / 0.07, gradient_tol=1e-11, max_iter=1000
    ).fit(X, y)
    found = hessopt.minimize(f, np.zeros(21), options=TIGHT).x
    np.testing.assert_allclose(found[:-1], peer.coef_, atol=1e-7)
