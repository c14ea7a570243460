"""Softmax by Taylor against its definition, enumeration, quadrature and the logistic loss."""

import itertools

import numpy as np
import pytest

import hessopt
from hessopt import DropConnect, Dropout, GaussianDropout, GaussianNoise, expected
from hessopt.objectives import Softmax

N, P, K = 60, 5, 3
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(N, P)), RNG.integers(0, K, N)
WEIGHT, OFFSET, L2 = RNG.random(N), RNG.normal(size=(N, K)), 0.1 + RNG.random(P)
LAWS = [Dropout(0.4), GaussianDropout(0.6), GaussianNoise(0.8), DropConnect(0.3)]
FULL = {"sample_weight": WEIGHT, "offset": OFFSET, "l2": L2}


def noisy(law, X=X, y=Y, **options):
    return expected(Softmax(X, y, **options), law, "taylor")


def covariance(X, W, law):
    """Of the predictors of each row's classes, shape (n, K, K)."""
    if isinstance(law, GaussianNoise):
        return np.broadcast_to(law.scale**2 * W @ W.T, (len(X), len(W), len(W)))
    A = law.rate / (1 - law.rate) * np.einsum("ij,kj,lj->ikl", X**2, W, W)
    return A * np.eye(len(W)) if isinstance(law, DropConnect) else A


def definition(x, law, X=X, y=Y, sample_weight=None, offset=0.0, l2=0.0):
    theta = x.reshape(-1, X.shape[1] + 1)
    W = theta[:, :-1]
    eta = X @ W.T + theta[:, -1] + offset
    shifted = eta - eta.max(axis=1, keepdims=True)
    pi = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]
    M = pi[:, :, None] * np.eye(len(W)) - pi[:, :, None] * pi[:, None, :]
    loss += 0.5 * np.einsum("ikl,ikl->i", covariance(X, W, law), M)
    return np.average(loss, weights=sample_weight) + 0.5 * (l2 * W**2).sum()


def slopes(f, x, step=1e-5):
    """Central differences, a row per parameter."""
    moves = step * np.eye(len(x))
    return np.array([(f(x + h) - f(x - h)) / (2 * step) for h in moves])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("options", [{}, FULL], ids=["bare", "full"])
def test_it_is_the_definition_and_has_its_derivatives(law, options):
    f = noisy(law, **options)
    x = np.random.default_rng(1).normal(size=K * (P + 1))
    value, gradient = f.value_and_gradient(x)
    assert value == pytest.approx(definition(x, law, **options), rel=1e-13)
    want = slopes(lambda x: definition(x, law, **options), x)
    np.testing.assert_allclose(gradient, want, rtol=1e-7, atol=1e-9)
    H = f.hessian(x)
    np.testing.assert_allclose(
        H, slopes(lambda x: f.value_and_gradient(x)[1], x), rtol=1e-7, atol=1e-8
    )
    assert np.array_equal(H, H.T)
    V = np.random.default_rng(2).normal(size=(len(x), 2))
    np.testing.assert_allclose(f.hessp(x, V[:, 0]), H @ V[:, 0], rtol=1e-12, atol=1e-13)
    *_, all_at_once, products = f.evaluate(x, hessian=True, V=V)
    np.testing.assert_allclose(all_at_once, H, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(products, H @ V, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("law", LAWS[:2] + LAWS[3:], ids=lambda law: type(law).__name__)
@pytest.mark.parametrize(("n", "p"), [(3, 1), (700, 3), (300, 40)])
def test_shapes_that_cut_blocks_and_panels(law, n, p):
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(n, p)), np.arange(n) % K
    f = noisy(law, X, y)
    x, v = rng.normal(size=(2, K * (p + 1))) / np.sqrt(p)
    assert f.value_and_gradient(x)[0] == pytest.approx(definition(x, law, X, y), rel=1e-13)
    np.testing.assert_allclose(f.hessian(x) @ v, f.hessp(x, v), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("law", [Dropout(0.0), DropConnect(0.0), GaussianNoise(0.0)])
def test_no_noise_is_the_model_itself(law):
    model, f = Softmax(X, Y, **FULL), noisy(law, **FULL)
    x, v = np.random.default_rng(4).normal(size=(2, K * (P + 1)))
    for got, want in zip(f.value_and_gradient(x), model.value_and_gradient(x), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(f.hessian(x), model.hessian(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(f.hessp(x, v), model.hessp(x, v), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("law", LAWS[:3], ids=lambda law: type(law).__name__)
def test_two_classes_are_the_logistic_loss(law):
    """Of mu and the variance s^2 of mu: l(mu) + s^2 l''(mu) / 2."""
    y = Y % 2
    x = np.random.default_rng(5).normal(size=2 * (P + 1))
    w = x[P + 1 :] - x[: P + 1]
    mu = X @ w[:-1] + w[-1]
    s2 = covariance(X, w[None, :-1], law)[:, 0, 0]
    sigma = 1 / (1 + np.exp(-mu))
    want = np.mean(np.logaddexp(0, mu) - y * mu + 0.5 * s2 * sigma * (1 - sigma))
    value, gradient = noisy(law, y=y).value_and_gradient(x)
    assert value == pytest.approx(want, rel=1e-13)
    np.testing.assert_allclose(gradient[: P + 1], -gradient[P + 1 :], atol=1e-15)


def enumerated(x, law, X, y):
    """Over every mask of the inputs of a row, or of the coefficients."""
    theta = x.reshape(K, -1)
    W, b, own = theta[:, :-1], theta[:, -1], isinstance(law, DropConnect)
    total = 0.0
    for bits in itertools.product([0, 1], repeat=W.size if own else W.shape[1]):
        z = np.reshape(bits, W.shape if own else (1, -1))
        chance = np.prod(np.where(z, 1 - law.rate, law.rate))
        eta = X @ (W * z / (1 - law.rate)).T + b
        loss = np.logaddexp.reduce(eta, axis=1) - eta[np.arange(len(y)), y]
        total += chance * loss.mean()
    return total


def by_quadrature(x, law, X, y):
    """Gauss-Hermite in every input."""
    theta = x.reshape(K, -1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    total = 0.0
    for k in itertools.product(range(12), repeat=X.shape[1]):
        e = nodes[list(k)]
        there = X + law.scale * e if isinstance(law, GaussianNoise) else X * (1 + law_sd(law) * e)
        eta = there @ theta[:, :-1].T + theta[:, -1]
        loss = np.logaddexp.reduce(eta, axis=1) - eta[np.arange(len(y)), y]
        total += np.prod(weights[list(k)] / np.sqrt(2 * np.pi)) * loss.mean()
    return total


def law_sd(law):
    return np.sqrt(law.rate / (1 - law.rate))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_the_expectation_is_met_to_second_order(law):
    """Halving the coefficients leaves an eighth of the error, a sixteenth for symmetric noise."""
    X, y = RNG.normal(size=(4, 3)), np.array([0, 1, 2, 0])
    masks = isinstance(law, (Dropout, DropConnect))
    truth, share = (enumerated, 1 / 8) if masks else (by_quadrature, 1 / 16)
    x = np.random.default_rng(6).normal(size=(K, 4))

    def error(scale):
        at = (x * [scale, scale, scale, 1.0]).ravel()
        return noisy(law, X, y).value_and_gradient(at)[0] - truth(at, law, X, y)

    assert error(1 / 64) / error(1 / 32) == pytest.approx(share, rel=0.1)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("method", ["newton", "trust_region"])
def test_solvers_end_at_a_minimum_though_it_is_not_convex(law, method):
    f = noisy(law, l2=1e-2)
    far = np.random.default_rng(7).normal(size=K * (P + 1)) * 5
    assert np.linalg.eigvalsh(f.hessian(far))[0] < -0.1
    for start in (0 * far, far):
        r = hessopt.minimize(f, start, method=method, tol=1e-9)
        assert r.success, r.message
        assert np.linalg.eigvalsh(f.hessian(r.x))[0] > -1e-9  # 0: a shift of the intercepts


def test_numbers_of_any_kind_and_order():
    narrow = X.astype(np.float32)
    x = np.random.default_rng(8).normal(size=K * (P + 1))
    want = noisy(LAWS[0], narrow.astype(float))
    for same in (narrow, np.asfortranarray(narrow), np.repeat(narrow, 2, axis=0)[::2]):
        f = noisy(LAWS[0], same)
        assert f.value_and_gradient(x)[0] == want.value_and_gradient(x)[0]
        assert np.array_equal(f.hessian(x), want.hessian(x))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_certain_classes(law):
    """Far out the probabilities are 0 and 1, and what is left is exact to its own digits."""
    x = np.array([[1.0, 0.0], [0.0, 0.0]])  # one input, two classes
    for eta in (40.0, 700.0, 1e4):
        f = noisy(law, [[eta], [0.0]], [0, 1], sample_weight=[1, 0])
        value, gradient = f.value_and_gradient(x.ravel())
        assert np.isfinite(value)
        assert np.isfinite(f.hessian(x.ravel())).all()
        rest = np.exp(-eta)
        s2 = covariance(np.array([[eta]]), np.array([[1.0]]), law)[0, 0, 0]
        assert value == pytest.approx(rest * (1 + s2 / 2), rel=1e-12)
        # d/db_0 of e^-mu (1 + s^2 / 2)
        assert gradient[1] == pytest.approx(-rest * (1 + s2 / 2), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((Softmax, LAWS[0], "normal"), ValueError, r"'taylor', 'sample'\] for Softmax"),
        ((Softmax, LAWS[1], "exact"), ValueError, r"\['taylor', 'sample'\] for Softmax"),
        ((Softmax, 0.5, "taylor"), TypeError, "noise: got 0.5; want a law"),
        ((Softmax, LAWS[0], "tailor"), ValueError, "method: got 'tailor'; want one of"),
    ],
)
def test_bad_input(arguments, error, message):
    kind, law, method = arguments
    with pytest.raises(error, match=message):
        expected(kind(X, Y), law, method)


def test_no_samples_are_drawn():
    with pytest.raises(ValueError, match="n_samples: got 3; want nothing: 'taylor' draws no"):
        expected(Softmax(X, Y), LAWS[0], "taylor", n_samples=3)
