"""A success is a minimum: fits on raw columns at default options, against a witness.

`bench_success.py` runs the same on many more data sets, and counts.
"""

import functools

import numpy as np
import pytest

import hessopt
import raw_columns
from raw_columns import LOSSES, METHODS

draw = functools.cache(raw_columns.draw)
every_loss = pytest.mark.parametrize("loss", LOSSES)
every_method = pytest.mark.parametrize("method", METHODS)


@every_loss
@every_method
@pytest.mark.parametrize("experiment", ["plain", "weak"])
def test_a_fit_from_zero_ends_at_the_minimum(experiment, loss, method):
    for k in range(10):
        fit, start = draw(experiment, loss, k)
        found = hessopt.minimize(fit.objective(), start, method=method)
        assert found.success, (k, found.message)
        assert fit.excess(found.x, start) <= 1e-6, (k, found.message)
        assert fit.error(found.x) <= 1e-4, (k, found.message)


@every_loss
@every_method
def test_a_success_from_afar_is_a_minimum(loss, method):
    """0 to 1000 standard errors away; there an honest failure is allowed, but not from nearby."""
    for k in range(10):
        fit, start = draw("away", loss, k)
        found = hessopt.minimize(fit.objective(), start, method=method)
        near = raw_columns.DISTANCES[k % 5] <= 1
        assert found.success or not near, (k, found.message)
        assert not found.success or fit.error(found.x) <= 1e-4, (k, found.message)


@every_loss
@every_method
@pytest.mark.parametrize("experiment", ["collinear", "float32"])
def test_no_false_success_on_awkward_columns(experiment, loss, method):
    fit, start = draw(experiment, loss, 0)
    found = hessopt.minimize(fit.objective(), start, method=method)
    assert np.isfinite(found.x).all()
    assert not found.success or fit.error(found.x) <= 1e-4, found.message


@every_method
@pytest.mark.parametrize(
    ("loss", "mean"),
    [
        ("Squared", lambda eta: eta),
        ("Huber", lambda eta: eta),
        ("Expectile", lambda eta: eta),
        ("Tweedie", np.exp),
        ("NegativeBinomial", np.exp),
        ("InverseGaussian", np.exp),
        ("Poisson", np.exp),
        ("Gamma", np.exp),
        ("Logistic", lambda eta: 1 / (1 + np.exp(-eta))),
    ],
)
def test_rows_that_are_all_met_are_a_success(loss, mean, method):
    """They leave no standard error to have digits of. Where the values of f, which these losses
    do not have as deviances, hide the last digits of x, an honest failure is allowed."""
    kind, honest = getattr(hessopt.objectives, loss), loss in ("Poisson", "Gamma", "Logistic")
    ends = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(50, 3)) * [0.1, 1, 10] + [0, 3, 100]
        w = rng.normal(size=3) * [1, 0.3, 0.03]
        f = kind(X, mean(X @ w - 100 * w[2]))
        found = hessopt.minimize(f, np.zeros(4), method=method)
        ends.append(found.success)
        digits = 1e-10 if found.success else 1e-4
        assert np.allclose(found.x, [*w, -100 * w[2]], rtol=digits, atol=digits)
    assert all(ends) or (honest and any(ends))


@every_method
def test_rows_that_are_met_but_for_little_are_not_taken_for_met(method):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    for noise in (1e-9, 1e-12):
        y = X @ [1.0, 2.0, 3.0] + noise * rng.normal(size=50)
        want = np.linalg.lstsq(np.column_stack([X, np.ones(50)]), y, rcond=None)[0]
        found = hessopt.minimize(hessopt.objectives.Squared(X, y), np.zeros(4), method=method)
        assert not found.success or np.allclose(found.x, want, atol=1e-4 * noise / np.sqrt(50))
    held = hessopt.objectives.Squared(X, X @ [1.0, 2.0, 3.0], l2=1.0)
    assert "met" not in hessopt.minimize(held, np.zeros(4), method=method).message
