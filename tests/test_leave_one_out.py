"""Approximate leave-one-out against fits without each row."""

import numpy as np
import pytest

import hessopt
from hessopt import objectives
from leave_one_out_cases import CASES, drawn, punishment


def without(f, i):
    """The same model of the other rows, under the penalty that their sum had."""
    (X, y), named = f._given
    others = np.arange(len(y)) != i
    weight = f.row_weights[i]
    named = {**named, "l2": np.asarray(named["l2"]) / (1 - weight)}
    for name in ("sample_weight", "offset", "trials"):
        if named.get(name) is not None:
            named[name] = named[name][others]
    return type(f)(X[others], y[others], **named)


def exact(f, x):
    """Predictors of rows by the fits of the others."""
    out = np.empty(f.n_rows)
    X, offset = np.asarray(f.X, float), f._given[1]["offset"]
    for i in range(f.n_rows):
        w = hessopt.minimize(without(f, i), x).x
        out[i] = X[i] @ w[: X.shape[1]] + w[X.shape[1] :].sum()
    return out if offset is None else out + offset


def fitted(f):
    return hessopt.minimize(f, f.start() if hasattr(f, "start") else np.zeros(f.n_parameters)).x


def check(f):
    x = fitted(f)
    found, want = hessopt.leave_one_out(f, x), f.losses_at(exact(f, x))
    weight = f.row_weights
    off, size = abs(found.score - weight @ want), weight @ abs(want)
    assert not found.trusted or off <= 0.01 * size, (off / size, found)
    # How far off is said to an order of magnitude.
    assert off <= 10 * found.error + 1e-4 * size
    return found, off / size


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_scores_of_small_data(case):
    found, off = check(case())
    assert found.trusted
    assert off <= 0.01


def least_squares(f):
    """By the normal equations."""
    zero = np.zeros(f.n_parameters)
    return np.linalg.solve(f.hessian(zero), -f.value_and_gradient(zero)[1])


@pytest.mark.parametrize("intercept", [True, False])
def test_squared_loss_is_exact(intercept):
    rng, X, eta = drawn(0, 40, 6)
    f = objectives.Squared(
        X,
        eta + rng.normal(size=40),
        l2=rng.uniform(0, 0.2, 6),
        sample_weight=rng.uniform(0.5, 2, 40),
        fit_intercept=intercept,
    )
    x = least_squares(f)
    found = hessopt.leave_one_out(f, x)
    want = np.empty(f.n_rows)
    for i in range(f.n_rows):
        w = least_squares(without(f, i))
        want[i] = X[i] @ w[:6] + w[6:].sum()
    np.testing.assert_allclose(found.predictor, want, rtol=1e-10, atol=1e-10)
    assert found.score == pytest.approx(f.row_weights @ f.losses_at(want), rel=1e-10)
    assert found.trusted
    assert found.effective_parameters == pytest.approx(found.leverage.sum())


def test_counts_with_exposure():
    rng, X, eta = drawn(2, 50, 3)
    exposure = rng.uniform(0.5, 2, 50)
    y = rng.poisson(np.exp(eta) * exposure)
    found, off = check(objectives.Poisson(X, y, offset=np.log(exposure), l2=0.05))
    assert found.trusted
    assert off < 1e-3


def test_a_word_where_it_is_not_to_be_trusted():
    """As many columns as rows and hardly a penalty: every row carries a parameter."""
    rng, X, eta = drawn(7, 30, 28, 1.0)
    f = objectives.Poisson(X, rng.poisson(np.exp(eta)), l2=1e-5)
    found, off = check(f)
    assert not found.trusted
    assert found.message.startswith("not to be trusted")
    assert off > 0.01


@pytest.mark.agreement  # of statsmodels' data
def test_a_word_about_one_row_that_is_most_of_the_data():
    found, _ = check(punishment())
    assert not found.trusted


def test_a_row_that_alone_tells_a_parameter():
    X = np.eye(8)[:, :2] + np.repeat([[0.0, 1.0]], 8, axis=0)
    f = objectives.Squared(X, np.arange(8.0), fit_intercept=False)
    found = hessopt.leave_one_out(f, fitted(f))
    assert np.isnan(found.predictor[0])
    assert not found.trusted
    assert found.message == "not determined: without row 0 a parameter has no value"


def test_a_word_where_steps_leave_the_domain():
    X = np.array([[1.0], [1.1], [1.2], [9.0]])
    f = objectives.Gamma(X, np.array([1.0, 0.9, 1.0, 0.001]), link="inverse")
    found = hessopt.leave_one_out(f, fitted(f))
    assert not found.trusted
    assert "out of the domain" in found.message


def test_rows_without_weight_count_for_nothing():
    rng, X, eta = drawn(8, 60, 4)
    y = rng.random(60) < 1 / (1 + np.exp(-eta))
    weight = np.ones(60)
    weight[50:] = 0
    f = objectives.Logistic(X, y, sample_weight=weight, l2=0.1)
    some = objectives.Logistic(X[:50], y[:50], l2=0.1)
    x = fitted(some)
    one, other = hessopt.leave_one_out(f, x), hessopt.leave_one_out(some, x)
    assert one.score == pytest.approx(other.score, rel=1e-12)
    assert one.standard_error == pytest.approx(other.standard_error, rel=1e-12)


def test_many_rows_are_followed_in_part():
    rng, X, eta = drawn(9, 20000, 5)
    f = objectives.Logistic(X, rng.random(20000) < 1 / (1 + np.exp(-eta)), l2=1e-3)
    found = hessopt.leave_one_out(f, fitted(f))
    assert found.trusted
    assert found.error < 1e-6
    assert "LeaveOneOut(score=" in repr(found)


def test_other_objectives_are_refused():
    f = objectives.Softmax([[0.0], [1.0], [2.0]], [0, 1, 2], l2=1.0)
    with pytest.raises(TypeError, match="model: got Softmax; want a model of one linear predictor"):
        hessopt.leave_one_out(f, np.zeros(6))
