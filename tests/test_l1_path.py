"""Paths of the strength of an l1 term: every point a minimum, whatever columns were left out."""

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Cox, Logistic, Multinomial, Ordinal, Softmax, Squared
from test_l1 import correlated, residual


def wide(kind, n=50, p=400, **options):
    X, eta, rng = correlated(n, p, 0.6)
    y = eta + rng.logistic(size=n)
    classes = kind in (Softmax, Multinomial, Ordinal)
    labels = np.digitize(y, [-1, 1]) if classes else (y > 0).astype(float)
    return kind(X, y if kind is Squared else labels, **options)


def tall(kind, **options):
    return wide(kind, n=400, p=20, **options)


def far_from_zero():
    X, eta, rng = correlated(300, 12, 0.6)
    named = {"sample_weight": rng.uniform(0, 2, 300), "offset": rng.normal(size=300), "l2": 0.01}
    return Squared(X + 30, eta + rng.normal(size=300) - 50, **named)


PATHS = {
    "wide squared": lambda: wide(Squared),
    "wide logistic": lambda: wide(Logistic),
    "wide softmax": lambda: wide(Softmax, l2=1e-3),
    "wide ordinal": lambda: wide(Ordinal),
    "tall squared": lambda: tall(Squared),
    "tall logistic": lambda: tall(Logistic),
    "tall multinomial": lambda: tall(Multinomial),
    "elastic net": lambda: wide(Logistic, l2=0.05),
    "without intercept": lambda: wide(Squared, fit_intercept=False),
    "tall, weighted and far from 0": far_from_zero,
    "one column": lambda: wide(Squared, p=1),
}


@pytest.mark.parametrize("name", PATHS)
def test_every_point_is_a_minimum(name):
    f = PATHS[name]()
    path = hessopt.l1_path(f, n=12, ratio=0.03, tol=1e-9)
    most = hessopt.l1_max(f)
    assert path.l1[0] == pytest.approx(most, rel=1e-10)
    assert path.l1[-1] == pytest.approx(0.03 * most, rel=1e-10)
    assert path.success.all()
    assert path.n_nonzero[0] == 0 < path.n_nonzero[-1]
    for k, l1 in enumerate(path.l1):
        held = f.with_l1(l1)
        x, penalised = path.x[k], held.l1_of_parameters > 0
        assert residual(held, x) == pytest.approx(path.residual[k], abs=1e-12 * most)
        assert path.residual[k] <= 1.01e-9 * most
        assert path.n_nonzero[k] == np.count_nonzero(x[penalised])
        value = held.value_and_gradient(x)[0] + held.l1_of_parameters @ np.abs(x)
        assert path.fun[k] == pytest.approx(value, rel=1e-13)


def test_columns_that_the_strong_rule_leaves_out_come_back():
    # Two columns against each other: the derivative of a third changes faster than the strength.
    rng = np.random.default_rng(0)
    base = rng.normal(size=(30, 2))
    X = np.column_stack([base, base @ [3.0, -2.9], rng.normal(size=(30, 60))])
    f = Squared(X, base @ [1.0, -0.9] + 0.01 * rng.normal(size=30))
    path = hessopt.l1_path(f, l1s=hessopt.l1_max(f) * np.array([1, 0.01, 0.0001]), tol=1e-9)
    for l1, x in zip(path.l1, path.x, strict=True):
        assert residual(f.with_l1(l1), x) <= 1e-8 * path.l1[0]


def test_a_pattern_is_kept_and_its_zeros_are_free():
    pattern = np.full(400, 2.0)
    pattern[[0, 7]] = 0, 1
    f = wide(Logistic).with_l1(pattern)
    most = hessopt.l1_max(f)
    np.testing.assert_allclose(most / most[1], pattern / 2, rtol=1e-14)
    path = hessopt.l1_path(f, n=5, ratio=0.3, tol=1e-9)
    assert path.l1.shape == (5, 400)
    np.testing.assert_allclose(path.l1[0], most, rtol=1e-10)
    assert (path.x[:, 0] != 0).all()
    assert path.n_nonzero[0] == 0
    for l1, x in zip(path.l1, path.x, strict=True):
        assert residual(f.with_l1(l1), x) <= 2e-9 * most.max()


def test_sparse_rows_and_censored_times():
    sparse = pytest.importorskip("scipy.sparse")
    X, eta, rng = correlated(80, 200)
    X[rng.random(X.shape) < 0.8] = 0
    times, event = rng.exponential(size=80), rng.random(80) < 0.8
    for f in (Logistic(sparse.csr_array(X), eta > 0), Cox(X, times, event)):
        path = hessopt.l1_path(f, n=6, ratio=0.1, tol=1e-9)
        assert path.success.all()
        for l1, x in zip(path.l1, path.x, strict=True):
            assert residual(f.with_l1(l1), x) <= 1e-8 * path.l1[0]


def test_strengths_of_ones_own_fall_and_may_end_at_0():
    f = tall(Squared)
    path = hessopt.l1_path(f, l1s=[0.0, 0.3, 0.1], tol=1e-12)
    np.testing.assert_array_equal(path.l1, [0.3, 0.1, 0.0])
    plain = hessopt.minimize(f, np.zeros(21)).x
    np.testing.assert_allclose(path.x[-1], plain, atol=1e-9)


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ({"n": 0}, "n"),
        ({"ratio": 1.0}, "ratio"),
        ({"ratio": "small"}, "ratio"),
        ({"l1s": [0.1, -0.1]}, "l1s"),
        ({"l1s": []}, "l1s"),
        ({"l1s": [np.nan]}, "l1s"),
        ({"tol": -1.0}, "tol"),
        ({"progress": 1}, "progress"),
    ],
)
def test_wrong_arguments_are_named(named, name):
    with pytest.raises((ValueError, TypeError), match=f"^{name}: got"):
        hessopt.l1_path(tall(Squared), **named)


def test_other_objectives_are_refused():
    for call in (hessopt.l1_max, hessopt.l1_path):
        with pytest.raises(TypeError, match="model: got"):
            call(np.sum)
