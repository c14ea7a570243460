"""Closed forms under noise: enumeration and quadrature in NumPy, differences, what Newton makes of
them."""

import itertools

import mpmath
import numpy as np
import pytest

import hessopt
from hessopt import DropConnect, Dropout, GaussianDropout, GaussianNoise, expected
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, Squared
from problems import central_gradient

ROWS, COLUMNS, DELTA = 12, 5, 0.7


def sign(y):
    return 1 - 2 * y


# A loss: targets as they are drawn, and its formula.
LOSSES = {
    Squared: (lambda rng, n: rng.normal(size=n), lambda e, y: (e - y) ** 2 / 2),
    Huber: (
        lambda rng, n: rng.normal(size=n),
        lambda e, y: np.where(
            abs(e - y) <= DELTA, (e - y) ** 2 / 2, DELTA * (abs(e - y) - DELTA / 2)
        ),
    ),
    Logistic: (lambda rng, n: rng.integers(0, 2, n), lambda e, y: np.logaddexp(0, e) - y * e),
    Poisson: (lambda rng, n: rng.poisson(2.0, n), lambda e, y: np.exp(e) - y * e),
    Gamma: (lambda rng, n: rng.gamma(2.0, size=n), lambda e, y: e + y * np.exp(-e)),
    Exponential: (lambda rng, n: rng.integers(0, 2, n), lambda e, y: np.exp(sign(y) * e)),
}
DROPPING, GAUSSIAN = [Dropout(0.3), DropConnect(0.6)], [GaussianDropout(0.4), GaussianNoise(0.8)]
LAWS = [*DROPPING, *GAUSSIAN]
EXPONENTIAL = [Poisson, Gamma, Exponential]
EXACT = [
    *itertools.product([Squared, *EXPONENTIAL], LAWS),
    *itertools.product([Huber], GAUSSIAN),
    *itertools.product([Logistic], DROPPING),  # by the sum over masks
]
NORMAL = list(itertools.product(LOSSES, LAWS))
TAYLOR = [(kind, noise) for kind, noise in NORMAL if kind is not Huber]
ALL = [
    *((*pair, "exact") for pair in EXACT),
    *((*pair, "normal") for pair in NORMAL),
    *((*pair, "taylor") for pair in TAYLOR),
]


def name(value):
    return value.__name__ if isinstance(value, type) else str(value)


def data(kind, n=ROWS, p=COLUMNS, seed=2):
    rng = np.random.default_rng(seed)
    return 0.8 * rng.normal(size=(n, p)), LOSSES[kind][0](rng, n)


def model(kind, X, y, **case):
    return kind(X, y, **case, **({"delta": DELTA} if kind is Huber else {}))


def predictor(noise, X, w):
    """Mean and deviation of Xw without intercept."""
    variance = np.full(X.shape, getattr(noise, "scale", 0.0) ** 2)
    if not isinstance(noise, GaussianNoise):
        variance = noise.rate / (1 - noise.rate) * X**2
    return X @ w, np.sqrt(variance @ w**2)


def under_dropout(loss, noise, X, y, w, b):
    """E loss of each row over all masks of it."""
    masks = np.array(list(itertools.product([0, 1], repeat=X.shape[1])))
    kept = masks.sum(1)
    probability = (1 - noise.rate) ** kept * noise.rate ** (X.shape[1] - kept)
    eta = (X * w) @ masks.T / (1 - noise.rate) + b[:, None]
    return loss(eta, y[:, None]) @ probability


def under_normal(loss, mean, deviation, y, kinks=(), width=0.25):
    """E loss(mean + deviation·e) by Gauss-Legendre on panels that end where the loss has a kink."""
    at, weight = np.polynomial.legendre.leggauss(20)
    ends = np.concatenate([np.arange(-14, 14 + width / 2, width), np.atleast_1d(kinks)])
    ends = np.sort(ends[abs(ends) <= 14])
    half, middle = np.diff(ends) / 2, (ends[1:] + ends[:-1]) / 2
    e = (middle[:, None] + half[:, None] * at).ravel()
    density = (half[:, None] * weight).ravel() * np.exp(-(e**2) / 2) / np.sqrt(2 * np.pi)
    return float(loss(mean + deviation * e, y) @ density)


def integral(kind, noise, method, X, y, x, offset):
    """The mean loss as the docs define it."""
    loss, b = LOSSES[kind][1], x[-1] + offset
    mean, deviation = predictor(noise, X, x[:-1])
    mean = mean + b
    if method == "taylor":
        h = 1e-3
        second = (loss(mean + h, y) - 2 * loss(mean, y) + loss(mean - h, y)) / h**2
        return np.mean(loss(mean, y) + deviation**2 / 2 * second)
    if method == "exact" and noise in DROPPING:
        return np.mean(under_dropout(loss, noise, X, y, x[:-1], b))
    ends = (-DELTA, DELTA) if kind is Huber else ()
    return np.mean(
        [
            under_normal(loss, m, s, t, [(t + end - m) / s for end in ends])
            for m, s, t in zip(mean, deviation, y, strict=True)
        ]
    )


@pytest.mark.parametrize(("kind", "noise", "method"), ALL, ids=name)
def test_values_are_the_integral(kind, noise, method):
    X, y = data(kind)
    rng = np.random.default_rng(3)
    x, offset = 0.7 * rng.normal(size=COLUMNS + 1), rng.normal(size=ROWS)
    f = expected(model(kind, X, y, offset=offset, l2=0.1), noise, method)
    want = integral(kind, noise, method, X, y, x, offset) + 0.05 * x[:-1] @ x[:-1]
    approximate = {"normal": 1e-8, "taylor": 1e-6} if kind is Logistic else {"taylor": 1e-5}
    tolerance = approximate.get(method, 1e-12)
    assert f.value_and_gradient(x)[0] == pytest.approx(want, rel=tolerance)


CASES = [
    dict(sample_weight=np.random.default_rng(5).uniform(0, 2, 700), l2=0.2),
    dict(offset=np.random.default_rng(6).normal(size=700), l2=[0.0, 1.0, 0.5, 2.0, 0.1]),
    dict(fit_intercept=False),
]


@pytest.mark.parametrize(("kind", "noise", "method"), ALL, ids=name)
def test_derivatives_agree_with_central_differences(kind, noise, method):
    X, y = data(kind, n=700)
    for case in CASES:
        f = expected(model(kind, X, y, **case), noise, method)
        rng = np.random.default_rng(1)
        x, V = 0.6 * rng.normal(size=f.n_parameters), rng.normal(size=(f.n_parameters, 2))
        value, gradient, hessian, products = f.evaluate(x, hessian=True, V=V)
        differences = central_gradient(lambda z, f=f: f.value_and_gradient(z)[0], x)
        np.testing.assert_allclose(gradient, differences, rtol=1e-6, atol=1e-8)
        differences = central_gradient(lambda z, f=f: f.value_and_gradient(z)[1], x)
        np.testing.assert_allclose(hessian, differences, rtol=1e-6, atol=1e-7)
        assert np.array_equal(hessian, hessian.T)
        np.testing.assert_allclose(products, hessian @ V, rtol=1e-10, atol=1e-12)

        assert value == pytest.approx(f.value_and_gradient(x)[0], rel=1e-14)
        np.testing.assert_allclose(f.value_and_gradient(x)[1], gradient, rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(f.hessian(x), hessian, rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(f.hessp(x, V[:, 0]), products[:, 0], rtol=1e-11, atol=1e-14)
        assert f.evaluate(x, gradient=False)[1:] == (None, None, None)
        quick = f.evaluate(x, hessian=True, rough=True)[2]
        np.testing.assert_allclose(quick, hessian, atol=2e-6 * abs(hessian).max())


@pytest.mark.parametrize(("kind", "noise", "method"), ALL, ids=name)
def test_layout_and_dtype_of_X_do_not_matter(kind, noise, method):
    X, y = data(kind, n=900)
    X = X.astype(np.float32).astype(np.float64)  # float32 holds it exactly
    x = np.linspace(-0.5, 0.6, COLUMNS + 1)
    want = expected(model(kind, X, y), noise, method).evaluate(x, hessian=True)
    wide = np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)
    for A in (np.asfortranarray(X), wide[::2, ::3], X.astype(np.float32)):
        got = expected(model(kind, A, y), noise, method).evaluate(x, hessian=True)
        assert all(np.array_equal(a, b) for a, b in zip(got[:3], want[:3], strict=True))


@pytest.mark.parametrize(("kind", "noise", "method"), ALL, ids=name)
def test_without_noise_it_is_the_objective_itself(kind, noise, method):
    X, y = data(kind)
    f, x = model(kind, X, y, l2=0.1), np.linspace(-0.5, 0.6, COLUMNS + 1)
    none = GaussianNoise(0.0) if isinstance(noise, GaussianNoise) else type(noise)(0.0)
    tolerance = 1e-8 if (kind, method) == (Logistic, "normal") else 1e-13
    for point in (x, 0 * x):
        same = expected(f, none, method)
        assert same.value_and_gradient(point)[0] == pytest.approx(
            f.value_and_gradient(point)[0], rel=tolerance
        )
        slack = 1e-7 if (kind, method) == (Logistic, "normal") else 1e-13
        np.testing.assert_allclose(same.hessian(point), f.hessian(point), atol=slack)


@pytest.mark.parametrize("kind", LOSSES)
def test_to_one_row_a_dropped_coefficient_is_a_dropped_input(kind):
    f, x = model(kind, *data(kind)), np.linspace(-0.5, 0.6, COLUMNS + 1)
    for method in ["normal"] if kind in (Logistic, Huber) else ["exact", "normal", "taylor"]:
        a, b = (expected(f, law(0.4), method) for law in (Dropout, DropConnect))
        assert np.array_equal(a.hessian(x), b.hessian(x))


def test_the_squared_optimum_is_one_ridge_like_solve():
    """(X'X + c diag(X'X)) w = X'y with c = rate / (1 - rate)."""
    X, y = data(Squared)
    f = expected(Squared(X, y, fit_intercept=False), Dropout(0.3), method="exact")
    G = X.T @ X
    want = hessopt.cholesky_solve(G + 0.3 / 0.7 * np.diag(np.diag(G)), X.T @ y)
    fit = hessopt.minimize(f, np.zeros(COLUMNS), tol=1e-12)
    assert fit.nit == 1
    np.testing.assert_allclose(fit.x, want, rtol=1e-10)


def normal_logistic(mean, deviation, y=1):
    """Marginal loss of one row with such a predictor."""
    f = Logistic([[1.0]], [y], offset=[mean - 1.0], fit_intercept=False)
    return expected(f, GaussianNoise(deviation), "normal").evaluate([1.0], hessian=True)


def test_the_logistic_mixture_is_its_integral():
    """Within 1e-8 for every deviation up to 50, and exact in the limit of a certain predictor."""
    loss = LOSSES[Logistic][1]
    worst = 0.0
    for s in [0.0, 1e-6, 1e-3, 0.1, *np.geomspace(0.3, 50, 21)]:
        for mu in [0.0, 0.3, 1.0, 2.5, 6.0, 15.0, 40.0, 120.0]:
            for y in (0, 1):
                got = normal_logistic(mu, s, y)[0]
                kink = [-mu / s + d / s for d in np.arange(-30, 31, 1.0)] if s else []
                worst = max(worst, abs(got - under_normal(loss, mu, s, y, kink, width=1.0)))
    assert 1e-9 < worst < 1e-8


def test_the_exact_forms_do_not_overflow_far_out():
    """E e^eta of inputs whose exponentials have no double, against mpmath."""
    X, w, rate, offset = [[1.0, -2.0, 3.0]], np.array([700.0, 300.0, 250.0]), 0.5, -2890.0
    p = mpmath.mpf(1) - mpmath.mpf(rate)
    u = [mpmath.mpf(a) * mpmath.mpf(b) / p for a, b in zip(X[0], w, strict=True)]
    product = mpmath.exp(offset)
    for a in u:
        product *= rate + p * mpmath.exp(a)
    q = [p * mpmath.exp(a) / (rate + p * mpmath.exp(a)) for a in u]
    f = expected(Poisson(X, [0], offset=[offset], fit_intercept=False), Dropout(rate), "exact")
    value, gradient = f.value_and_gradient(w)
    assert value == pytest.approx(float(product), rel=1e-10)
    for got, a, b in zip(gradient, q, X[0], strict=True):
        assert got == pytest.approx(float(product * a * b / p), rel=1e-10)
    far = expected(Poisson(X, [0], fit_intercept=False), Dropout(rate), "exact")
    assert far.value_and_gradient(w)[0] == np.inf


@pytest.mark.parametrize("noise", [Dropout(0.5), Dropout(0.02), GaussianNoise(0.7)])
def test_the_logistic_form_is_convex(noise):
    """However long the weights: no eigenvalue of the Hessian below -1e-12 of the largest."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(200, 12)) * np.geomspace(0.1, 10, 12)
    f = expected(Logistic(X, rng.integers(0, 2, 200)), noise, "normal")
    for scale in np.geomspace(1e-3, 1e3, 40):
        eigenvalues = np.linalg.eigvalsh(f.hessian(scale * rng.normal(size=13)))
        assert eigenvalues[0] >= -1e-12 * eigenvalues[-1]


def digits():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X / 16, y % 2, 0.5


def breast_cancer():
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    return (X - X.mean(0)) / X.std(0), y, 0.2


@pytest.mark.parametrize("case", [digits, breast_cancer])
def test_newton_needs_ten_iterations(case):
    """To 1e-10, with every Hessian factored as it is."""
    X, y, rate = case()
    X = X[:, X.any(axis=0)]
    f = expected(Logistic(X, y), Dropout(rate), "normal")
    factored = []
    result = hessopt.minimize(
        f,
        np.zeros(f.n_parameters),
        method="newton",
        tol=1e-10,
        options={"hessian_every": 1},
        callback=lambda x: factored.append(np.linalg.cholesky(f.hessian(x))),
    )
    assert result.success
    assert abs(f.value_and_gradient(result.x)[1]).max() <= 1e-10
    assert result.nit <= 10
    assert result.n_factorizations == result.nit == len(factored)


def test_taylor_is_not_convex_and_newton_still_ends_at_a_minimum():
    X, y, _ = breast_cancer()
    f = expected(Logistic(X, y, l2=1e-3), Dropout(0.5), "taylor")
    start = np.random.default_rng(0).normal(size=f.n_parameters)
    assert np.linalg.eigvalsh(f.hessian(start))[0] < -0.1
    result = hessopt.minimize(f, start, method="newton", tol=1e-9)
    assert result.success
    assert result.fun < f.value_and_gradient(np.zeros(f.n_parameters))[0]
    assert np.linalg.eigvalsh(f.hessian(result.x))[0] > 0


@pytest.mark.parametrize("kind", [Squared, *EXPONENTIAL])
def test_fixed_samples_converge_to_the_exact_form(kind):
    """Without bias and at the rate 1 / sqrt(K), over 200 seeds."""
    f = model(kind, *data(kind, n=40))
    x = np.random.default_rng(6).normal(size=COLUMNS + 1) / 3
    truth = expected(f, Dropout(0.3), "exact").value_and_gradient(x)[0]

    def errors(K):
        samples = [expected(f, Dropout(0.3, s), "sample", n_samples=K) for s in range(200)]
        return np.array([g.value_and_gradient(x)[0] for g in samples]) - truth

    few, many = errors(4), errors(64)
    for e in (few, many):
        assert abs(e.mean()) < 4 * e.std() / np.sqrt(200)
    assert few.std() / many.std() == pytest.approx(4, rel=0.25)  # sqrt(64 / 4)


def test_fixed_samples_of_many_small_inputs_converge_to_the_normal_form():
    """Their predictor is normal to 1/p: the remainder is far below what 64 masks leave."""
    rng = np.random.default_rng(8)
    X, y = rng.choice([-1.0, 1.0], size=(60, 400)), rng.integers(0, 2, 60)
    f, x = Logistic(X, y), np.append(rng.normal(size=400) / 20, 0.1)
    truth = expected(f, Dropout(0.4), "normal").value_and_gradient(x)[0]
    samples = [expected(f, Dropout(0.4, s), "sample", n_samples=16) for s in range(40)]
    errors = np.array([g.value_and_gradient(x)[0] for g in samples]) - truth
    assert abs(errors.mean()) < 4 * errors.std() / np.sqrt(40)


def test_fits_with_exact_noise_end_where_scipy_ends():
    from scipy.optimize import minimize

    X, y = data(Poisson, n=200)
    noise, loss = Dropout(0.3), LOSSES[Poisson][1]
    f = expected(Poisson(X, y), noise, "exact")
    fit = hessopt.minimize(f, np.zeros(COLUMNS + 1), tol=1e-10)

    def mean(x):
        return np.mean(under_dropout(loss, noise, X, y, x[:-1], np.full(len(y), x[-1])))

    peer = minimize(mean, np.zeros(COLUMNS + 1), method="BFGS", options={"gtol": 1e-7})
    assert fit.success
    assert fit.fun == pytest.approx(peer.fun, rel=1e-12)
    np.testing.assert_allclose(fit.x, peer.x, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "noise", "method", "there"),
    [
        (Logistic, GaussianNoise(1.0), "exact", r"\['normal', 'taylor', 'sample'\]"),
        (Huber, DropConnect(0.5), "taylor", r"\['exact', 'normal', 'sample'\]"),
        (Huber, GaussianDropout(0.5), "taylor", r"\['exact', 'normal', 'sample'\]"),
    ],
    ids=name,
)
def test_an_error_names_the_methods_there_are(kind, noise, method, there):
    f = model(kind, *data(kind))
    with pytest.raises(ValueError, match=f"method: got '{method}'; want one of {there} for"):
        expected(f, noise, method)
    soft = Softmax([[1.0], [2.0]], [0, 1])
    with pytest.raises(ValueError, match="method: got 'normal'; want one of"):
        expected(soft, Dropout(0.5), "normal")


def test_a_law_is_handed_over_with_its_variance():
    for kind in (hessopt.Dropout, hessopt.DropConnect, hessopt.GaussianDropout):
        assert kind(0.2)._law().variance == pytest.approx(0.25)
    assert hessopt.GaussianNoise(3.0)._law().variance == 9
