"""theta and the power by the likelihood: against statsmodels, differences, and their own truth."""

import numpy as np
import pytest

import hessopt
from hessopt import maximize_likelihood
from hessopt.objectives import Gamma, NegativeBinomial, Poisson, Tweedie


def design(n=600, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return rng, X, np.exp(X @ [0.5, -0.3, 0.1] + 0.7)


def counts(theta, n=600, seed=0):
    rng, X, mean = design(n, seed)
    return X, rng.poisson(mean * rng.gamma(theta, 1 / theta, n)).astype(float)


def amounts(power=1.6, dispersion=0.8, n=600):
    """A Poisson number of gamma amounts."""
    rng, X, mean = design(n)
    number = rng.poisson(mean ** (2 - power) / (dispersion * (2 - power)))
    shape, scale = (2 - power) / (power - 1), dispersion * (power - 1) * mean ** (power - 1)
    return X, np.where(number > 0, rng.gamma(np.maximum(number, 1) * shape, scale), 0.0)


@pytest.mark.parametrize("theta", [0.3, 2.0, 50.0])
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_theta_is_the_maximum_of_the_likelihood(theta, l2):
    X, y = counts(theta)
    rng = np.random.default_rng(1)
    weight, offset = rng.integers(0, 4, 600), rng.normal(size=600) / 4
    f = NegativeBinomial(X, y, theta=5.0, l2=l2, sample_weight=weight, offset=offset)
    found = maximize_likelihood(f, np.ones(4))
    assert np.isfinite(found.value)

    def profile(factor):
        g = NegativeBinomial(
            X, y, theta=found.value * factor, l2=l2, sample_weight=weight, offset=offset
        )
        x = hessopt.minimize(g, found.x, tol=1e-13).x
        penalty = weight.sum() * l2 / 2 * (x[:3] ** 2).sum()
        return g.log_likelihood(x) - penalty

    h = 1e-3
    below, here, above = profile(np.exp(-h)), profile(1.0), profile(np.exp(h))
    second = (above - 2 * here + below) / h**2
    assert abs(above - below) / (2 * h) <= 1e-5 * abs(second) + 1e-7
    assert found.standard_error == pytest.approx(found.value / np.sqrt(-second), rel=1e-4)
    assert found.covariance[-1, -1] == pytest.approx(found.standard_error**2, rel=1e-9)
    assert found.objective.theta == found.value
    assert hessopt.minimize(found.objective, found.x).fun == pytest.approx(
        found.objective.value_and_gradient(found.x)[0], rel=1e-12
    )


def test_counts_without_spread_have_no_theta():
    y = np.tile([1.0, 2.0, 3.0], 20)
    X = np.random.default_rng(0).normal(size=(60, 2))
    with pytest.warns(RuntimeWarning, match="no more spread than Poisson's: theta is infinite"):
        found = maximize_likelihood(NegativeBinomial(X, y))
    assert np.isinf(found.value)
    assert isinstance(found.objective, Poisson)
    np.testing.assert_allclose(found.x, hessopt.minimize(Poisson(X, y), np.zeros(3)).x, atol=1e-6)


def test_power_and_dispersion_are_the_maximum_of_the_likelihood():
    X, y = amounts()
    found = maximize_likelihood(Tweedie(X, y, power=1.3))
    assert abs(found.value - 1.6) < 4 * found.standard_error
    assert abs(found.dispersion - 0.8) < 0.2

    def profile(power, dispersion):
        g = Tweedie(X, y, power=power)
        return g.log_likelihood(hessopt.minimize(g, found.x, tol=1e-13).x, dispersion=dispersion)

    h = 1e-3
    for a, b in ((h, 0), (0, h)):
        above = profile(found.value + a, found.dispersion * (1 + b))
        below = profile(found.value - a, found.dispersion * (1 - b))
        second = (above - 2 * found.log_likelihood + below) / h**2
        assert second < 0
        assert abs(above - below) / (2 * h) < 1e-4 * np.sqrt(-second)  # in standard errors


def test_what_is_wrong_is_said():
    X, y = counts(2.0, 50)
    with pytest.raises(TypeError, match=r"^objective: got Gamma; want a NegativeBinomial or"):
        maximize_likelihood(Gamma(X, y + 1))
    with pytest.raises(ValueError, match=r"^objective: got targets that are no integers; want co"):
        maximize_likelihood(NegativeBinomial(X, y + 0.5))
    with pytest.raises(ValueError, match=r"^objective: got the power 2; want one in \(1, 2\)"):
        maximize_likelihood(Tweedie(X, y + 1, power=2.0))
    with pytest.raises(ValueError, match=r"^x0: "):
        maximize_likelihood(NegativeBinomial(X, y), np.zeros(3))


@pytest.mark.agreement
@pytest.mark.parametrize("theta", [0.5, 3.0])
def test_theta_of_statsmodels(theta):
    models = pytest.importorskip("statsmodels.discrete.discrete_model")
    X, y = counts(theta)
    found = maximize_likelihood(NegativeBinomial(X, y))
    design = np.column_stack([X, np.ones(len(X))])
    peer = models.NegativeBinomial(y, design).fit(disp=0, method="newton", maxiter=99, tol=1e-13)
    alpha = peer.params[-1]
    np.testing.assert_allclose(found.x, peer.params[:-1], rtol=1e-8, atol=1e-9)
    assert found.value == pytest.approx(1 / alpha, rel=1e-8)
    errors = np.sqrt(np.diag(found.covariance))
    np.testing.assert_allclose(errors[:-1], peer.bse[:-1], rtol=1e-8)
    assert found.standard_error == pytest.approx(peer.bse[-1] / alpha**2, rel=1e-8)
    assert found.log_likelihood == pytest.approx(peer.llf, rel=1e-10)
