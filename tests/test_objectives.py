"""Derivatives against central differences and mpmath, values against plain NumPy."""

import pickle
from functools import partial

import mpmath
import numpy as np
import pytest

import hessopt
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, linear_model
from losses import ALL, CASES, LOSSES, VARIANTS, build, data, reference
from problems import central_gradient


def test_every_loss_of_the_library_is_in_this_table():
    names = [name for name in hessopt._core.losses() if "(" not in name]  # the others: families.py
    assert sorted(kind.__name__ for kind in LOSSES) == sorted(names)


@pytest.mark.parametrize(("kind", "noise"), VARIANTS)
@pytest.mark.parametrize("case", CASES)
def test_derivatives_agree_with_central_differences(kind, noise, case):
    f = build(kind, case, noise)
    rng = np.random.default_rng(1)
    x, v = rng.normal(size=f.n_parameters), rng.normal(size=f.n_parameters)
    value, gradient = f.value_and_gradient(x)
    hessian = f.hessian(x)
    assert isinstance(value, float)
    differences = central_gradient(lambda z: f.value_and_gradient(z)[0], x)
    np.testing.assert_allclose(gradient, differences, rtol=1e-6, atol=1e-8)
    differences = central_gradient(lambda z: f.value_and_gradient(z)[1], x)
    np.testing.assert_allclose(hessian, differences, rtol=1e-6, atol=1e-8)
    assert np.array_equal(hessian, hessian.T)
    np.testing.assert_allclose(f.hessp(x, v), hessian @ v, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("case", CASES)
def test_values_are_the_documented_formula(kind, case):
    X, y = data(kind)
    x = np.random.default_rng(2).normal(size=kind(X, y, **case).n_parameters)
    offset = np.random.default_rng(3).normal(size=(90, 3) if kind is Softmax else 90)
    for shift in (None, offset):
        want = reference(
            kind,
            X,
            y,
            x,
            np.array(case.get("l2", 0.0)),
            case.get("sample_weight"),
            case.get("fit_intercept", True),
            0.0 if shift is None else shift,
        )
        got = kind(X, y, offset=shift, **case).value_and_gradient(x)[0]
        assert got == pytest.approx(want, rel=1e-13)


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("eta", [0.3, -2.5, 17.0, -40.0, 200.0, -300.0, 700.0, -700.0])
def test_losses_agree_with_mpmath_far_out_too(kind, eta):
    """Value, first and second derivative, from one row x = (1)."""
    with mpmath.workdps(400):  # log(1 + e^-700) in full
        for y in (0, 1) if kind in (Logistic, Exponential) else (1, 2):
            f = kind([[1.0]], [y], fit_intercept=False)
            got = f.evaluate([eta], hessian=True, V=[[1.0]])
            assert (
                got[3][0, 0] == f.hessp([eta], [1.0])[0] == pytest.approx(got[2][0, 0], rel=1e-15)
            )
            formula = partial(LOSSES[kind][1], y=y)
            e = mpmath.mpf(eta)
            for order, part in enumerate((got[0], got[1][0], got[2][0, 0])):
                want = float(mpmath.diff(formula, e, order, h=mpmath.mpf(10) ** -100))
                assert np.isfinite(part)
                assert part == pytest.approx(want, rel=1e-12, abs=1e-307)


@pytest.mark.parametrize("kind", ALL)
def test_one_pass_gives_whatever_is_asked_for(kind):
    X, y = data(kind, n=700)
    f = kind(X, y, l2=0.1)
    rng = np.random.default_rng(4)
    x, V = rng.normal(size=f.n_parameters), rng.normal(size=(f.n_parameters, 3))
    value, gradient, hessian, products = f.evaluate(x, hessian=True, V=V)
    assert value == pytest.approx(f.value_and_gradient(x)[0], rel=1e-14)
    np.testing.assert_allclose(gradient, f.value_and_gradient(x)[1], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(hessian, f.hessian(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(products, hessian @ V, rtol=1e-10, atol=1e-12)
    assert f.evaluate(x, gradient=False)[1:] == (None, None, None)
    quick = f.evaluate(x, hessian=True, rough=True)
    assert quick[0] == value
    assert not np.array_equal(quick[2], hessian)
    np.testing.assert_allclose(quick[2], hessian, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ALL)
def test_layout_and_dtype_of_X_do_not_matter(kind):
    X, y = data(kind, n=1500, p=5)
    X = X.astype(np.float32).astype(np.float64)  # float32 holds it exactly
    x = np.random.default_rng(3).normal(size=kind(X, y).n_parameters)
    want = kind(X, y).value_and_gradient(x)
    wide = np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)
    for A in (np.asfortranarray(X), wide[::2, ::3], X.astype(np.float32), X[::-1].copy()[::-1]):
        value, gradient = kind(A, y).value_and_gradient(x)
        assert value == want[0]
        assert np.array_equal(gradient, want[1])


def test_softmax_of_two_classes_is_logistic():
    X, y = data(Logistic)
    w = np.random.default_rng(8).normal(size=5)
    soft = Softmax(X, y).value_and_gradient(np.concatenate([np.zeros(5), w]))
    value, gradient = Logistic(X, y).value_and_gradient(w)
    assert soft[0] == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(soft[1][5:], gradient, rtol=1e-12)


@pytest.mark.parametrize(
    "eta",
    [
        [700, 0, -700],
        [-700, 700, 699],
        [300, 299.5, -1],
        [40, 0, -40],
        [-1, 2, 0.5],
        [0, 0, 0],
        [-700, -700, -660],
    ],
)
def test_softmax_agrees_with_mpmath_far_out_too(eta):
    """However certain a class is, the others keep all their digits."""
    v = [1.0, -2.0, 0.3]
    with mpmath.workdps(700):
        e = [mpmath.exp(mpmath.mpf(a)) for a in eta]
        total = sum(e)
        pi = [a / total for a in e]
        curvature = [[pi[k] * ((k == j) - pi[j]) for j in range(3)] for k in range(3)]
        for y in range(3):
            X, labels = [[0.0], [0.0], [1.0]], [1, 2, y]  # three labels; the third row alone counts
            f = Softmax(X, labels, sample_weight=[0, 0, 1], fit_intercept=False)
            value, gradient, hessian, products = f.evaluate(eta, hessian=True, V=np.c_[v])
            assert value == pytest.approx(float(-mpmath.log(pi[y])), rel=1e-13, abs=1e-307)
            for k in range(3):
                want = [pi[k] - (k == y), sum(c * a for c, a in zip(curvature[k], v, strict=True))]
                got = [gradient[k], products[k, 0]]
                for a, b in zip([*got, *hessian[k]], [*want, *curvature[k]], strict=True):
                    assert a == pytest.approx(float(b), rel=1e-12, abs=1e-307)
            np.testing.assert_array_equal(f.hessp(eta, v), products[:, 0])


@pytest.mark.parametrize("columns", [3, 40], ids=["stacked", "in pairs"])
def test_hessian_of_many_classes_is_the_formula(columns):
    rng = np.random.default_rng(9)
    X, y, K = rng.normal(size=(500, columns)), rng.integers(0, 5, 500), 5
    f = Softmax(X, y)
    x = rng.normal(size=f.n_parameters) / np.sqrt(columns)
    A = np.column_stack([X, np.ones(500)])
    e = np.exp(A @ x.reshape(K, -1).T)
    pi = e / e.sum(1, keepdims=True)
    curvature = np.einsum("ik,kj->ikj", pi, np.eye(K)) - np.einsum("ik,ij->ikj", pi, pi)
    want = np.einsum("ikj,ia,ib->kajb", curvature, A, A, optimize=True) / 500
    np.testing.assert_allclose(f.hessian(x), want.reshape(f.n_parameters, -1), atol=1e-13)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_no_value_is_made_up_where_the_predictor_is_not_a_number(kind, bad):
    X, y = data(kind)
    f = kind(X, y)
    x = np.zeros(f.n_parameters)
    x[1] = bad  # times X of both signs
    value, gradient = f.value_and_gradient(x)
    assert not np.isfinite(value)
    assert not np.isfinite(gradient).all()


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("unit", [1e-200, 1e-300])
def test_large_coefficients_of_tiny_columns(kind, unit):
    """What counts is their product; a square of either is out of range."""
    X, y = data(kind)
    small, f = kind(X * unit, y), kind(X, y)
    x = np.random.default_rng(3).normal(size=f.n_parameters)
    units = np.resize([unit] * 4 + [1.0], f.n_parameters)
    value, gradient, _, products = f.evaluate(x, hessian=True, V=np.c_[x])
    got = small.evaluate(x / units, hessian=True, V=np.c_[x / units])
    assert got[0] == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(got[1] / units, gradient, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(got[3][:, 0] / units, products[:, 0], rtol=1e-11, atol=1e-13)
    assert np.isfinite(got[2]).all()
    some = kind(X * unit, y, l2=[0.0, 0.0, 0.0, 1.0])
    x[3::5] = 0
    assert np.isfinite(some.value_and_gradient(x / units)[0])


@pytest.mark.parametrize("eta", [1e4, 1e100, 1e300])
def test_predictors_far_beyond_the_range_of_their_exponential(eta):
    def at(kind, eta, y, **options):
        f = kind([[1.0]], [y], fit_intercept=False, **options)
        value, gradient, hessian, _ = f.evaluate([eta], hessian=True)
        return [value, gradient[0], hessian[0, 0]]

    assert at(Logistic, eta, 0) == pytest.approx([eta, 1, 0], abs=1e-300)
    assert at(Logistic, eta, 1) == pytest.approx([0, 0, 0], abs=1e-300)
    assert at(Exponential, -eta, 0) == pytest.approx([0, 0, 0], abs=1e-300)
    assert at(Poisson, -eta, 2) == pytest.approx([2 * eta, -2, 0], abs=1e-300)
    assert at(Gamma, eta, 1e300) == pytest.approx([eta, 1, 0], abs=1e-300)
    assert at(Huber, eta, 0.0, delta=1e-5) == pytest.approx([1e-5 * eta, 1e-5, 0])
    assert at(Huber, 1e-3 * eta, 0.0, delta=1e5) == pytest.approx(
        [1e2 * eta, 1e5, 0] if eta > 1e8 else [50, 10, 1]
    )
    soft = Softmax([[1.0], [1.0]], [0, 1], sample_weight=[1, 0], fit_intercept=False)
    assert soft.value_and_gradient([-eta, eta])[0] == 2 * eta
    assert soft.value_and_gradient([-eta, eta])[1].tolist() == [-1, 1]
    assert soft.value_and_gradient([eta, -eta])[0] == pytest.approx(0, abs=1e-300)


def test_gamma_of_tiny_targets_and_predictors_of_their_size():
    f = Gamma([[1.0]], [1e-300], fit_intercept=False)
    for eta in (-700.0, -800.0, -1000.0):
        ratio = float(mpmath.mpf(1e-300) * mpmath.exp(-eta))
        value, gradient, hessian, _ = f.evaluate([eta], hessian=True)
        assert value == pytest.approx(eta + ratio, rel=1e-12)
        assert gradient[0] == pytest.approx(1 - ratio, rel=1e-12)
        assert hessian[0, 0] == pytest.approx(ratio, rel=1e-12)


def test_an_objective_keeps_its_data_alive():
    import gc

    f = Logistic(*data(Logistic))
    noisy = hessopt.expected(f, hessopt.Dropout(0.5), method="normal")
    before = noisy.value_and_gradient(np.ones(5))[0]
    del f
    gc.collect()
    _ = [np.full((90, 4), np.nan) for _ in range(50)]  # would land in freed memory
    assert noisy.value_and_gradient(np.ones(5))[0] == before


def test_a_loss_without_a_class_of_its_own_gets_one(monkeypatch):
    rng = np.random.default_rng(0)
    X, y, x = rng.normal(size=(9, 2)), rng.normal(size=9), np.array([1.0, -1, 2])
    monkeypatch.delattr(linear_model, "Huber")
    monkeypatch.delattr(hessopt.objectives, "Huber")
    made = hessopt.objectives.Huber
    assert made is not Huber
    assert made is hessopt.objectives.Huber
    assert "delta (a finite number > 0)" in made.__doc__
    for given in ({}, {"delta": 0.2}):
        f = made(X, y, l2=0.1, **given)
        assert f.convex
        assert f.value_and_gradient(x)[0] == Huber(X, y, l2=0.1, **given).value_and_gradient(x)[0]
        twin = pickle.loads(pickle.dumps(f))
        assert type(twin) is made
        assert repr(twin) == repr(f)
    assert repr(f) == "Huber(9 x 2 float64, l2=0.1, fit_intercept=True, delta=0.2)"
    with pytest.raises(ValueError, match=r"^delta: got 0; want a finite number > 0"):
        made(X, y, delta=0)
    with pytest.raises(TypeError, match=r"^delta: got 'a'"):
        made(X, y, delta="a")
    with pytest.raises(TypeError, match=r"^tau: got an argument that is not known"):
        made(X, y, tau=1)
