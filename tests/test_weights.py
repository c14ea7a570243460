"""Weights of rows: what they mean, and that a row without any adds nothing."""

import contextlib

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Gamma, Huber, Poisson, Squared
from losses import ALL, data


@pytest.mark.parametrize("kind", ALL)
def test_weights_mean_repetition(kind):
    X, y = data(kind)
    weight = np.random.default_rng(6).integers(1, 4, len(X))
    x = np.random.default_rng(7).normal(size=kind(X, y).n_parameters)
    weighted = kind(X, y, l2=0.1, sample_weight=10 * weight)
    repeated = kind(np.repeat(X, weight, axis=0), np.repeat(y, weight), l2=0.1)
    for a, b in [
        (weighted.value_and_gradient(x)[1], repeated.value_and_gradient(x)[1]),
        (weighted.hessian(x), repeated.hessian(x)),
    ]:
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("columns", [3, 70])
@pytest.mark.parametrize("far", [1e5, 1e30, 1e155, 1e300])
def test_rows_that_weigh_nothing_add_nothing(kind, columns, far):
    """Not even where their loss overflows and 0 times infinity would be no number."""
    X, y = data(kind, n=60, p=columns)
    weight = np.random.default_rng(1).uniform(0.5, 1, 60)
    left_out = [0, 17, 59]
    weight[left_out] = 0
    rest = np.delete(np.arange(60), left_out)
    without = kind(X[rest], y[rest], l2=0.1, sample_weight=weight[rest])
    X[left_out] *= far
    if kind in (Squared, Huber, Poisson, Gamma):
        y = np.where(weight > 0, y, 1e300)
    for dtype in (np.float64, np.float32):
        if dtype == np.float32 and far > 1e37:
            continue
        f = kind(X.astype(dtype), y, l2=0.1, sample_weight=weight)
        rng = np.random.default_rng(2)
        x, V = rng.normal(size=f.n_parameters) / 5, rng.normal(size=(f.n_parameters, 2))
        tolerance = (
            {"rtol": 1e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-11, "atol": 1e-13}
        )
        for rough in (False, True):
            got = f.evaluate(x, hessian=True, V=V, rough=rough)
            want = without.evaluate(x, hessian=True, V=V)
            for part, a, b in zip(range(4), got, want, strict=True):
                if part == 2 and rough:
                    np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)
                else:
                    np.testing.assert_allclose(a, b, **tolerance)
        got = f.value_gradient_and_residual(x)
        want = without.value_gradient_and_residual(x)
        np.testing.assert_allclose(got[2], want[2], **tolerance)


def integrals():
    """Of every loss under two noises, by the methods that it has."""
    for kind in ALL:
        for noise in (hessopt.Dropout(0.2, seed=1), hessopt.GaussianNoise(0.2, seed=1)):
            for method in ("exact", "normal", "taylor", "sample"):
                with contextlib.suppress(ValueError):
                    hessopt.expected(kind(*data(kind, n=30)), noise, method)
                    yield pytest.param(
                        kind, noise, method, id=f"{kind.__name__}-{type(noise).__name__}-{method}"
                    )


@pytest.mark.parametrize(("kind", "noise", "method"), list(integrals()))
def test_rows_that_weigh_nothing_add_nothing_under_noise(kind, noise, method):
    X, y = data(kind, n=30)
    weight = np.ones(30)
    weight[[3, 29]] = 0
    rest = weight > 0
    without = hessopt.expected(kind(X[rest], y[rest]), noise, method)
    X[~rest] *= 1e5
    f = hessopt.expected(kind(X, y, sample_weight=weight), noise, method)
    x = np.random.default_rng(2).normal(size=f.n_parameters)
    V = np.eye(f.n_parameters)[:, :2]
    got, want = f.evaluate(x, hessian=True, V=V), without.evaluate(x, hessian=True, V=V)
    for a, b in zip(got, want, strict=True):
        assert np.isfinite(a).all()
        if method != "sample":  # whose noise belongs to a row's place
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)
