"""What is estimated beside f: residuals, moments of the columns, and the covariance of a fit."""

from functools import partial

import mpmath
import numpy as np
import pytest

import hessopt
from hessopt.objectives import Logistic, Poisson, Softmax, Squared
from losses import ALL, CASES, LOSSES, data

# what a stopping rule and a change of variables know of a model


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ALL)
def test_residual_comes_with_the_pass(kind, case):
    """Root mean square over rows and samples of the loss's derivative in the predictor."""
    X, y = data(kind, n=700)
    weight = case.get("sample_weight")
    case = case | {"sample_weight": None if weight is None else np.resize(weight, 700)}
    outputs = 3 if kind is Softmax else 1
    offset = np.random.default_rng(3).normal(size=(700, 3) if kind is Softmax else 700)
    f = kind(X, y, offset=offset, **case)
    x = np.random.default_rng(1).normal(size=f.n_parameters)
    A = np.column_stack([X, np.ones(700)]) if case.get("fit_intercept", True) else X
    eta = (A @ x.reshape(outputs, -1).T + offset.reshape(700, -1)).T
    if kind is Softmax:
        first = np.exp(eta - np.log(np.exp(eta).sum(0))) - (y == np.arange(3)[:, None])
    else:
        formula = LOSSES[kind][1]
        first = [
            [float(mpmath.diff(partial(formula, y=t), e)) for e, t in zip(eta[0], y, strict=True)]
        ]
    want = np.sqrt(np.average(np.square(first), axis=1, weights=case["sample_weight"]))
    value, gradient, residual, *_ = f.value_gradient_and_residual(x)
    assert residual.shape == (outputs,)
    np.testing.assert_allclose(residual, want, rtol=1e-10)
    plain = f.value_and_gradient(x)
    assert value == plain[0]
    assert np.array_equal(gradient, plain[1])
    noisy = hessopt.expected(f, hessopt.GaussianNoise(1e-9, seed=1), "sample", n_samples=3)
    np.testing.assert_allclose(noisy.value_gradient_and_residual(x)[2], want, rtol=1e-6)


@pytest.mark.parametrize("unit", [1e-200, 1e-160, 1e160, 1e300])
def test_residual_stays_in_range(unit):
    y = unit * np.arange(1.0, 21.0)
    f = Squared(np.zeros((20, 1)), y, sample_weight=np.arange(20))
    want = unit * np.sqrt(np.average((y / unit) ** 2, weights=np.arange(20)))
    assert f.value_gradient_and_residual([0.0, 0.0])[2] == pytest.approx(want, rel=1e-14)


LAYOUTS = [
    np.ascontiguousarray,
    np.asfortranarray,
    np.float32,
    lambda X: np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)[::2, ::3],
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_moments_of_the_columns(layout, intercept, weighted):
    rng = np.random.default_rng(0)
    X = layout(rng.normal(size=(3000, 6)) * [1, 30, 1, 0, 0, 1] + [0, -7, 1e3, 5, 0, 1e4])
    weight = rng.uniform(size=3000) * (rng.random(3000) < 0.7) if weighted else None
    y = np.ones(3000)
    f = Logistic(X, y, sample_weight=weight, fit_intercept=intercept)
    exact = X.astype(np.longdouble)
    mean = np.average(exact, axis=0, weights=weight) if intercept else np.zeros(6)
    scale = np.sqrt(np.average((exact - mean) ** 2, axis=0, weights=weight))
    scale[3:5] = 5, 1  # of a constant its size
    got = f.column_moments
    np.testing.assert_allclose(got[0], mean.astype(float), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(got[1], scale.astype(float), rtol=1e-11)
    labels = np.arange(3000) % 3
    soft = Softmax(X, labels, sample_weight=weight, fit_intercept=intercept).column_moments
    assert all(np.array_equal(a, b) for a, b in zip(soft, got, strict=True))


@pytest.mark.parametrize("unit", [1e-300, 1e-150, 1.0, 1e150, 1e297])
@pytest.mark.parametrize("far", [0.0, 1.0, 1e8])
def test_moments_of_columns_in_any_units(unit, far):
    z = np.random.default_rng(1).integers(-50, 51, size=(20_000, 1)).astype(float)
    mean, scale = Squared((z + 50 * far) * unit, z[:, 0]).column_moments
    np.testing.assert_allclose(mean, (z.mean() + 50 * far) * unit, rtol=1e-12, atol=1e-14 * unit)
    np.testing.assert_allclose(scale, z.std() * unit, rtol=1e-7 if far > 1 else 1e-12)


def test_rows_that_weigh_nothing_have_no_part_in_the_moments():
    X = np.array([[1e300, -3.0], [1.0, 2.0], [3.0, 2.0], [-1e300, 1e9]])
    mean, scale = Poisson(X, [1, 1, 2, 3], sample_weight=[0, 1, 1, 0]).column_moments
    assert mean.tolist() == [2, 2]
    assert scale.tolist() == [1, 2]


# the covariance of an estimate; against statsmodels: test_agreement.py


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("case", CASES)
def test_covariance_is_the_inverse_of_the_information(kind, case):
    X, y = data(kind)
    f = kind(X, y, **case)
    x = hessopt.minimize(f, np.zeros(f.n_parameters)).x
    weight = case.get("sample_weight", np.ones(len(X)))
    covariance = f.covariance(x, dispersion=1.7)
    want = 1.7 * np.linalg.inv(weight.sum() * f.hessian(x))
    np.testing.assert_allclose(covariance, want, rtol=1e-11, atol=1e-14)
    assert np.array_equal(covariance, covariance.T)
    more = kind(X, y, **case | {"sample_weight": 4 * weight})
    np.testing.assert_allclose(more.covariance(x, dispersion=6.8), covariance, rtol=1e-12)


def test_covariance_of_least_squares_in_any_units():
    X, y = data(Squared)
    units = np.array([1e-120, 1.0, 1e90, 1e-8])
    A = np.column_stack([X, np.ones(len(X))])
    covariance = Squared(X * units, y).covariance(np.zeros(5))
    scale = np.append(units, 1.0)
    want = np.linalg.inv(A.T @ A)
    np.testing.assert_allclose(covariance * scale * scale[:, None], want, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("kind", [Squared, Poisson])
def test_covariance_of_columns_far_from_zero(kind):
    rng = np.random.default_rng(8)
    Z, y = rng.standard_normal((300, 3)), rng.integers(0, 3, 300)
    far = np.array([1e7, -3e6, 0.0])
    near = kind(Z, y)
    x = hessopt.minimize(near, np.zeros(4)).x
    T = np.eye(4)
    T[3, :3] = -far
    found = kind(Z + far, y).covariance(T @ x)
    np.testing.assert_allclose(found, T @ near.covariance(x) @ T.T, rtol=1e-6)


def test_covariance_of_softmax_without_intercept():
    X, y = data(Softmax)
    f = Softmax(X, y, l2=0.1, fit_intercept=False)
    x = hessopt.minimize(f, np.zeros(12)).x
    want = np.linalg.inv(len(X) * f.hessian(x))
    np.testing.assert_allclose(f.covariance(x), want, rtol=1e-10, atol=1e-14)


def test_a_singular_hessian_has_no_covariance():
    X, y = data(Squared)
    x = np.zeros(5)
    same, constant, zero, nearly = (X.copy() for _ in range(4))
    same[:, 2] = X[:, 0] - X[:, 1]
    constant[:, 3] = 4.2
    zero[:, 1] = 0
    nearly[:, 1] = X[:, 0] + 1e-8 * X[:, 1]
    for A, target in [*((A, y) for A in (same, constant, zero, nearly)), (X[:3], y[:3])]:
        with pytest.raises(
            np.linalg.LinAlgError,
            match=r"singular there( along .*)?; want columns of X that are lin",
        ):
            Squared(A, target).covariance(x)
        assert np.isfinite(Squared(A, target, l2=0.1).covariance(x)).all()
    X, y = data(Softmax)
    for options in ({}, {"l2": 0.1}, {"fit_intercept": False}):
        f = Softmax(X, y, **options)
        with pytest.raises(np.linalg.LinAlgError, match="want l2 > 0 and fit_intercept=False"):
            f.covariance(np.zeros(f.n_parameters))


def test_arguments_of_the_covariance_are_checked():
    f = Poisson(*data(Poisson))
    with pytest.raises(ValueError, match="dispersion: got 0; want a number > 0"):
        f.covariance(np.zeros(5), dispersion=0)
    with pytest.raises(TypeError, match="dispersion: got '2'; want a finite number"):
        f.covariance(np.zeros(5), dispersion="2")
    with pytest.raises(ValueError, match=r"x: got shape \(4,\); want shape \(5,\)"):
        f.covariance(np.zeros(4))
    with pytest.raises(ValueError, match="x: got NaN or inf in the Hessian there; want a minimum"):
        f.covariance(np.full(5, 1e4))
