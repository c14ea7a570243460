"""Softmax against a reference class."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Logistic, Multinomial, Softmax

rng = np.random.default_rng(0)
N, P, K = 400, 3, 4
X = rng.normal(size=(N, P)) + np.array([0, 5, 0])
Y = np.argmax((X - X.mean(0)) @ rng.normal(size=(P, K)) / 2 + rng.gumbel(size=(N, K)), axis=1)
WEIGHT = rng.integers(1, 4, N)


def test_two_classes_are_the_logistic_model():
    y = Y > 1
    f, peer = Multinomial(X, y, l2=0.1), Logistic(X, y, l2=0.1)
    x = np.array([0.3, -0.2, 0.5, 0.1])
    np.testing.assert_allclose(f.hessian(x), peer.hessian(x), rtol=1e-12)
    np.testing.assert_allclose(f.covariance(x), peer.covariance(x), rtol=1e-9)
    np.testing.assert_allclose(
        Multinomial(X, y, reference=1).value_and_gradient(-x)[1],
        -Multinomial(X, y).value_and_gradient(x)[1],
        rtol=1e-12,
    )


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("reference", [0, 2, K - 1])
def test_it_is_softmax_at_a_point_of_it(reference, intercept):
    f = Multinomial(X, Y, reference=reference, sample_weight=WEIGHT, fit_intercept=intercept)
    whole = Softmax(X, Y, sample_weight=WEIGHT, fit_intercept=intercept)
    assert f.n_parameters == (K - 1) * (P + intercept)
    fit = hessopt.minimize(f, np.zeros(f.n_parameters), tol=1e-11)
    best = hessopt.minimize(whole, np.zeros(whole.n_parameters), tol=1e-11)
    assert fit.success
    classes = best.x.reshape(K, -1)
    want = np.delete(classes - classes[reference], reference, 0).ravel()
    np.testing.assert_allclose(fit.x, want, rtol=1e-6, atol=1e-8)
    assert f.of_all(fit.x).reshape(K, -1)[reference].tolist() == [0.0] * (P + intercept)
    assert hessopt.check_derivatives(f, fit.x + 0.1)
    v = rng.normal(size=f.n_parameters)
    np.testing.assert_allclose(f.hessp(fit.x, v), f.hessian(fit.x) @ v, rtol=1e-10, atol=1e-13)
    inverse = np.linalg.inv(WEIGHT.sum() * f.hessian(fit.x))
    np.testing.assert_allclose(f.covariance(fit.x), inverse, rtol=1e-8)


def test_many_rows_begin_with_a_sample():
    rows = np.random.default_rng(1)
    Z, y = rows.normal(size=(20_000, P)).astype(np.float32), rows.integers(0, K, 20_000)
    f = Multinomial(Z, y, l2=1e-4)
    fit = hessopt.minimize(f, np.zeros(f.n_parameters))
    assert fit.success
    assert fit.samples


def test_a_pickle_another_penalty_and_what_is_shown():
    f = Multinomial(X, Y, reference=1, l2=0.5)
    x = np.linspace(-1, 1, f.n_parameters)
    again = pickle.loads(pickle.dumps(f))
    assert again.value_and_gradient(x)[0] == f.value_and_gradient(x)[0]
    assert f.with_l2(0.0).value_and_gradient(x)[0] < f.value_and_gradient(x)[0]
    assert f.l2_of_parameters.tolist() == [0.5, 0.5, 0.5, 0] * 3
    assert f.parameter_names[3:6] == ["0: intercept", "2: X[:, 0]", "2: X[:, 1]"]
    assert repr(f).startswith("Multinomial(Softmax(400 x 3 float64")


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match=r"^reference: got 4; want an integer in \[0, 4\)"):
        Multinomial(X, Y, reference=4)
    with pytest.raises(ValueError, match=r"^x: got shape \(3,\); want shape \(12,\)"):
        Multinomial(X, Y).hessian(np.zeros(3))
    apart = hessopt.minimize(Multinomial(X[:, :1], np.digitize(X[:, 0], [-1, 1])), np.zeros(4))
    assert "X[:, 0] separates class 0 from the others" in apart.message


@pytest.mark.agreement
@pytest.mark.parametrize("reference", [0, 2])
def test_statsmodels_has_the_same_fit(reference):
    sm = pytest.importorskip("statsmodels.api")
    f = Multinomial(X, Y, reference=reference)
    x = hessopt.minimize(f, np.zeros(f.n_parameters), tol=1e-12).x
    first = [reference, *np.delete(np.arange(K), reference)]
    model = sm.MNLogit(np.argsort(first)[Y], np.column_stack([X, np.ones(N)]))
    peer = model.fit(method="newton", disp=0, tol=1e-10)
    np.testing.assert_allclose(x.reshape(K - 1, -1), peer.params.T, rtol=1e-8)
    errors = np.sqrt(np.diag(f.covariance(x))).reshape(K - 1, -1)
    np.testing.assert_allclose(errors, peer.bse.T, rtol=1e-8)
