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
