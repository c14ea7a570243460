"""Reliability curves against bins made one by one, and models known to be right or wrong."""

import itertools

import numpy as np
import pytest

import hessopt
from hessopt import calibration

rng = np.random.default_rng(0)
P = rng.dirichlet([1.0, 1.0, 2.0], size=3000)
Y = np.array([rng.choice(3, p=p) for p in P])


@pytest.mark.parametrize("bins", [1, 7, 15, 5000])
def test_the_curve_is_that_of_bins_made_one_by_one(bins):
    c = calibration(P, Y, n_bins=bins)
    order = np.argsort(P.max(axis=1), kind="stable")
    edges = np.linspace(0, 3000, min(bins, 3000) + 1).astype(int)
    error = 0.0
    for b, (begin, end) in enumerate(itertools.pairwise(edges)):
        rows = order[begin:end]
        confidence, right = P[rows].max(axis=1), P[rows].argmax(axis=1) == Y[rows]
        np.testing.assert_allclose(c.confidence[b], confidence.mean(), rtol=1e-12)
        np.testing.assert_allclose(c.accuracy[b], right.mean(), rtol=1e-12)
        assert c.count[b] == len(rows)
        error += abs(right.mean() - confidence.mean()) * len(rows) / 3000
    np.testing.assert_allclose(c.error, error, rtol=1e-10)
    assert len(c.confidence) == len(edges) - 1


def test_true_probabilities_have_the_error_of_true_ones():
    errors, expected = [], []
    for s in range(60):
        r = np.random.default_rng(s)
        p = r.random(400)
        c = calibration(p, r.random(400) < p, n_resamples=50)
        errors.append(c.error)
        expected.append(c.error_if_calibrated)
    assert abs(np.mean(errors) - np.mean(expected)) < 4 * np.std(errors) / np.sqrt(60)


def test_the_spread_is_that_of_other_data():
    """Of a model that is wrong, over data sets of one law."""
    errors, spreads = [], []
    for s in range(60):
        r = np.random.default_rng(s)
        p = r.random(500)
        c = calibration(p**2, r.random(500) < p, n_resamples=60)
        errors.append(c.error)
        spreads.append(c.spread)
    np.testing.assert_allclose(np.mean(spreads), np.std(errors), rtol=0.35)


def test_too_sure_is_told_from_right():
    sharp = P**3 / (P**3).sum(axis=1, keepdims=True)
    right, wrong = calibration(P, Y), calibration(sharp, Y)
    assert right.error < 2 * right.error_if_calibrated
    assert wrong.error > 5 * wrong.error_if_calibrated
    assert (wrong.accuracy < wrong.confidence).all()
    covered = abs(right.accuracy - right.confidence) < 3.5 * right.accuracy_error
    assert covered.all()


def test_two_classes_as_one_column():
    p = P[:, 0]
    c = calibration(p, Y == 0)
    np.testing.assert_allclose((c.accuracy * c.count).sum(), (Y == 0).sum())
    assert c.confidence.min() < 0.1
    same = calibration(p.astype(np.float32), (Y == 0).astype(int), seed=0)
    assert same.error == pytest.approx(c.error, rel=1e-5)
    assert calibration(p, Y == 0).spread == c.spread
    assert calibration(p, Y == 0, seed=1).spread != c.spread


def test_what_is_certain():
    c = calibration([[1.0, 0.0]] * 4, [0, 0, 0, 0])
    assert c.error == c.spread == c.error_if_calibrated == 0
    assert (c.accuracy_error > 0).all()


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (
            ValueError,
            r"probabilities: got shape \(3, 1\)",
            lambda: calibration(np.ones((3, 1)), [0] * 3),
        ),
        (ValueError, "probabilities: got others than in", lambda: calibration([1.5, 0.1], [0, 1])),
        (ValueError, "probabilities: got others than in", lambda: calibration([np.nan], [0])),
        (ValueError, "probabilities: got rows of other sums", lambda: calibration(P / 2, Y)),
        (ValueError, r"y: got other labels; want integers 0 .. 2", lambda: calibration(P, Y + 1)),
        (ValueError, "y: got length 2; want length 3000", lambda: calibration(P, [0, 1])),
        (ValueError, "n_bins: got 0", lambda: calibration(P, Y, n_bins=0)),
        (ValueError, "n_resamples: got 1", lambda: calibration(P, Y, n_resamples=1)),
        (ValueError, "seed: got -1", lambda: calibration(P, Y, seed=-1)),
    ],
)
def test_what_is_wrong_is_named(error, message, call):
    with pytest.raises(error, match=message):
        call()


def test_of_a_predictive_distribution():
    f = hessopt.objectives.Logistic(P[:, :2], Y == 2, l2=1e-3)
    x = hessopt.minimize(f, np.zeros(3)).x
    post = hessopt.laplace(f, x)
    assert calibration(post.predict(P[:, :2]), Y == 2).error < 0.06
