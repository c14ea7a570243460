"""Derivatives against central differences and mpmath, values against plain NumPy."""

import contextlib
from functools import partial

import mpmath
import numpy as np
import pytest

import hessopt
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, Squared
from problems import central_gradient

# A loss: targets as they are drawn, and its formula for mpmath (delta = 1).
LOSSES = {
    Squared: (lambda rng, n: rng.normal(size=n), lambda e, y: (e - y) ** 2 / 2),
    Huber: (
        lambda rng, n: 2 * rng.normal(size=n),
        lambda e, y: (e - y) ** 2 / 2 if abs(e - y) <= 1 else abs(e - y) - mpmath.mpf(1) / 2,
    ),
    Logistic: (
        lambda rng, n: rng.integers(0, 2, n),
        lambda e, y: mpmath.log(1 + mpmath.exp(e)) - y * e,
    ),
    Poisson: (lambda rng, n: rng.poisson(2.0, n), lambda e, y: mpmath.exp(e) - y * e),
    Gamma: (lambda rng, n: rng.gamma(2.0, size=n), lambda e, y: e + y * mpmath.exp(-e)),
    Exponential: (
        lambda rng, n: rng.integers(0, 2, n),
        lambda e, y: mpmath.exp((1 - 2 * int(y)) * e),
    ),
}
ALL = [*LOSSES, Softmax]


def data(kind, n=90, p=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = rng.permutation(np.arange(n) % 3) if kind is Softmax else LOSSES[kind][0](rng, n)
    return X, y


def reference(kind, X, y, x, l2, weight, intercept, offset=0.0):
    """The value, written as the docstring has it."""
    weight = np.ones(len(X)) if weight is None else weight
    A = np.column_stack([X, np.ones(len(X))]) if intercept else X
    if kind is Softmax:
        W = x.reshape(3, -1)
        eta = A @ W.T + offset
        losses = np.log(np.exp(eta).sum(1)) - eta[np.arange(len(X)), y]
        coefficients = W[:, : X.shape[1]]
    else:
        formula = LOSSES[kind][1]
        losses = [float(formula(mpmath.mpf(e), t)) for e, t in zip(A @ x + offset, y, strict=True)]
        coefficients = x[: X.shape[1]]
    return np.average(losses, weights=weight) + 0.5 * (l2 * coefficients**2).sum()


CASES = [
    dict(),
    dict(l2=0.3),
    dict(fit_intercept=False, l2=0.1),
    dict(l2=0.2, sample_weight=np.random.default_rng(5).uniform(0, 2, 90)),
    dict(l2=[0.0, 1.0, 0.5, 2.0]),
]


def build(kind, case, noise):
    X, y = data(kind)
    f = kind(X, y, **case)
    if noise == "none":
        return f
    return hessopt.expected(f, hessopt.Dropout(0.3, seed=4), method="sample", n_samples=5)


VARIANTS = [(kind, noise) for kind in ALL for noise in ("none", "sample")]


def test_every_loss_of_the_library_is_in_this_table():
    assert sorted(kind.__name__ for kind in LOSSES) == sorted(hessopt._core.losses())


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
    quick = f.evaluate(x, hessian=True, precision="float32")
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
        for precision in ("float64", "float32"):
            got = f.evaluate(x, hessian=True, V=V, precision=precision)
            want = without.evaluate(x, hessian=True, V=V)
            for part, a, b in zip(range(4), got, want, strict=True):
                if part == 2 and precision == "float32":
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
    value, gradient, residual = f.value_gradient_and_residual(x)
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
            match=r"x: got a Hessian that is singular there; want columns of X that are lin",
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


def test_an_objective_keeps_its_data_alive():
    import gc

    f = Logistic(*data(Logistic))
    noisy = hessopt.expected(f, hessopt.Dropout(0.5), method="normal")
    before = noisy.value_and_gradient(np.ones(5))[0]
    del f
    gc.collect()
    _ = [np.full((90, 4), np.nan) for _ in range(50)]  # would land in freed memory
    assert noisy.value_and_gradient(np.ones(5))[0] == before
