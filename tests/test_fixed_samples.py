"""Fixed samples against means over noisy copies of the data, closed forms and differences."""

import sys
import tracemalloc

import numpy as np
import pytest

import hessopt
from hessopt import (
    Augmentation,
    DropConnect,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    Status,
    expected,
)
from hessopt.objectives import Gamma, Huber, Logistic, Poisson, Softmax, Squared

KINDS = [Squared, Huber, Logistic, Poisson, Gamma, Softmax]
LAWS = [Dropout, GaussianDropout, GaussianNoise, DropConnect]
SAMPLINGS = ["random", "antithetic", "sobol"]
rng = np.random.default_rng(2)
X = rng.normal(size=(60, 5))
labels = rng.integers(0, 3, 60)
more = {"sample_weight": rng.random(60), "l2": rng.random(5)}


def target(kind):
    return labels > 0 if kind is Logistic else labels + (kind is Gamma)


def point(f):
    return np.random.default_rng(5).normal(size=f.n_parameters) / 3


def everything(f, x):
    v = np.linspace(-1, 1, len(x))
    value, gradient = f.value_and_gradient(x)
    return [np.array(value), gradient, f.hessian(x), f.hessp(x, v)]


def differences(f, x, h=1e-5):
    steps = h * np.eye(len(x))
    return np.array([(f(x + s) - f(x - s)) / (2 * h) for s in steps])


def mean(lists):
    return [np.mean(parts, axis=0) for parts in zip(*lists, strict=True)]


def assert_close(got, want, rtol=1e-12):
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("law", "function"),
    [(Dropout, hessopt.dropout), (GaussianDropout, hessopt.gaussian_dropout)],
)
@pytest.mark.parametrize("kind", KINDS)
def test_they_are_the_mean_over_noisy_data(kind, law, function, dtype, order):
    A = np.asarray(X, dtype, order)
    f = kind(A, target(kind), **more)
    noisy = expected(f, law(0.4, seed=8), "sample", n_samples=3)
    x = point(f)
    copies = [
        kind(function(np.ascontiguousarray(A), 0.4, 8, stream=k), target(kind), **more)
        for k in range(3)
    ]
    assert_close(everything(noisy, x), mean([everything(copy, x) for copy in copies]))


@pytest.mark.parametrize(
    ("law", "function"),
    [(Dropout, hessopt.dropout), (GaussianDropout, hessopt.gaussian_dropout)],
)
def test_antithetic_samples_come_in_pairs(law, function):
    f = Squared(X, labels)
    noisy = expected(f, law(0.4, seed=8), "sample", n_samples=4, sampling="antithetic")
    x = point(f)
    copies = [
        Squared(function(X, 0.4, 8, stream=k, antithetic=other), labels)
        for k in range(2)
        for other in (False, True)
    ]
    assert_close(everything(noisy, x), mean([everything(copy, x) for copy in copies]))


def factors(f, rate, seed, stream):
    """Of the parameters, one for the intercepts."""
    z = hessopt.dropout(np.ones(f.n_parameters), rate, seed, stream=stream)
    z.reshape(-1, X.shape[1] + 1)[:, -1] = 1
    return z


@pytest.mark.parametrize("kind", KINDS)
def test_drop_connect_is_the_mean_over_masked_parameters(kind):
    f, bare = (kind(X, target(kind), **{**more, "l2": l2}) for l2 in (more["l2"], 0.0))
    noisy = expected(f, DropConnect(0.4, seed=8), "sample", n_samples=3)
    x, v = point(f), np.linspace(-1, 1, f.n_parameters)
    penalty = np.append(more["l2"], 0.0)
    penalty = np.tile(penalty, f.n_parameters // 6)
    parts = []
    for z in (factors(f, 0.4, 8, k) for k in range(3)):
        value, gradient = bare.value_and_gradient(z * x)
        H = z[:, None] * bare.hessian(z * x) * z
        parts.append(
            [
                value + 0.5 * penalty @ x**2,
                z * gradient + penalty * x,
                H + np.diag(penalty),
                H @ v + penalty * v,
            ]
        )
    assert_close(everything(noisy, x), mean(parts))


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("kind", [Logistic, Softmax])
def test_derivatives_are_those_of_the_value(kind, law, sampling):
    f = expected(
        kind(X, target(kind), **more),
        law(0.4, seed=3),
        "sample",
        n_samples=4,
        **{"sampling": sampling},
    )
    x = point(f)
    value, gradient, H, product = everything(f, x)
    slope = differences(lambda at: f.value_and_gradient(at)[0], x)
    curvature = differences(lambda at: f.value_and_gradient(at)[1], x)
    np.testing.assert_allclose(gradient, slope, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(H, curvature, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(product, H @ np.linspace(-1, 1, len(x)), rtol=1e-12, atol=1e-13)
    both = f.evaluate(x, hessian=True, V=np.linspace(-1, 1, len(x))[:, None])
    assert_close([both[0], both[1], both[2], both[3][:, 0]], [value, gradient, H, product])


def values(f, law, sampling, n_samples, n_seeds):
    x = point(f)
    return np.array(
        [
            expected(
                f, law(0.4, seed=s), "sample", n_samples=n_samples, sampling=sampling
            ).value_and_gradient(x)[0]
            for s in range(n_seeds)
        ]
    )


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("law", LAWS)
def test_fixed_samples_are_unbiased(law, sampling):
    """E ½(η − y)² = ½(Eη − y)² + ½ Var η, and Var η = Σⱼ variance xⱼ² wⱼ², or σ² |w|²."""
    f = Squared(X, labels, l2=0.1)
    w = point(f)[:-1]
    spread = 0.4**2 * w @ w if law is GaussianNoise else 0.4 / 0.6 * np.mean(X**2 @ w**2)
    truth = f.value_and_gradient(point(f))[0] + spread / 2
    found = values(f, law, sampling, 4, 300)
    error = found.std(ddof=1) / np.sqrt(300)
    assert abs(found.mean() - truth) < 4 * error
    assert error < 0.02 * truth


def test_the_error_falls_as_one_over_the_root_of_the_samples():
    f = Squared(X, labels)
    truth = expected(f, Dropout(0.4), "exact").value_and_gradient(point(f))[0]
    rms = {
        K: np.sqrt(np.mean((values(f, Dropout, "random", K, 100) - truth) ** 2)) for K in (4, 256)
    }
    assert rms[4] / rms[256] == pytest.approx(8, rel=0.35)  # sqrt(256 / 4)


@pytest.mark.parametrize(
    ("law", "antithetic", "sobol"),
    [(Dropout, 2, 4), (GaussianDropout, 2, 4), (GaussianNoise, 4, 8), (DropConnect, 2, 4)],
)
def test_antithetic_and_sobol_samples_lower_the_variance(law, antithetic, sobol):
    """Ratios of the variance of independent samples, at K = 64, with room for other seeds."""
    f = Logistic(X, labels > 0)
    plain, pairs, nets = (values(f, law, sampling, 64, 100).var() for sampling in SAMPLINGS)
    assert plain / pairs > antithetic
    assert plain / nets > sobol


def test_a_net_keeps_the_right_number_in_every_element():
    f = Squared(np.ones((500, 1)), np.zeros(500), fit_intercept=False)
    for sampling, K in (("sobol", 8), ("antithetic", 2)):
        noisy = expected(f, Dropout(0.5), "sample", n_samples=K, sampling=sampling)
        assert noisy.value_and_gradient([1.0])[0] == 1.0  # half of them have the square 4 / 2


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs"])
@pytest.mark.parametrize("noise", [*(law(0.3, seed=1) for law in LAWS), "augmentation"])
def test_every_solver_takes_them(noise, method):
    if noise == "augmentation":
        noise = Augmentation(lambda X, rng: X + 0.3 * rng.normal(size=X.shape))
    f = expected(Logistic(X, labels > 0, l2=0.01), noise, "sample", n_samples=8)
    fit = hessopt.minimize(f, np.zeros(6), method=method, tol=1e-8)
    assert fit.success
    assert np.abs(f.value_and_gradient(fit.x)[1]).max() <= 1e-8


def test_a_newton_fit_starts_from_samples_of_the_rows():
    big = rng.normal(size=(20_000, 3))
    f = expected(Logistic(big, big[:, 0] > 0.3, l2=0.01), Dropout(0.3), "sample", n_samples=4)
    fit = hessopt.minimize(f, np.zeros(4))
    assert fit.success
    assert fit["samples"]


def jitter(X, rng):
    return X * rng.normal(1, 0.3, size=X.shape)


@pytest.mark.parametrize("kind", [Squared, Softmax])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_augmentation_is_the_mean_over_augmented_data(kind, dtype, monkeypatch):
    monkeypatch.setattr("hessopt.integrate.augmented._BATCH", 105)  # 21 rows of 60
    offset = rng.normal(size=(60, 3) if kind is Softmax else 60)
    A = X.astype(dtype)
    f = kind(A, target(kind), offset=offset, **more)
    noisy = expected(f, Augmentation(jitter, seed=9), "sample", n_samples=2)

    def augmented(k):
        batches = []
        for b in range(3):
            bits = np.random.Philox(key=9, counter=[0, 0, b, k])
            batches.append(jitter(A[21 * b : 21 * (b + 1)], np.random.Generator(bits)))
        return kind(np.vstack(batches), target(kind), offset=offset, **more)

    x = point(f)
    assert noisy.n_parameters == f.n_parameters
    assert_close(everything(noisy, x), mean([everything(augmented(k), x) for k in range(2)]))


def test_an_augmentation_never_holds_a_copy_of_the_data():
    big = np.ones((2**17, 16))
    f = expected(Squared(big, np.ones(len(big))), Augmentation(jitter), "sample", n_samples=2)
    tracemalloc.start()
    f.value_and_gradient(np.zeros(17))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < big.nbytes / 2


def test_a_sampler_reads_the_data_only():
    def in_place(X, rng):
        X += 1
        return X

    with pytest.raises(ValueError, match="read-only"):
        expected(Squared(X, labels), Augmentation(in_place), "sample")


def test_a_sampler_that_does_not_repeat_itself_is_refused():
    fresh = np.random.default_rng(0)
    noise = Augmentation(lambda X, rng: X + fresh.normal(size=X.shape))
    with pytest.raises(ValueError, match="sampler: got other rows when called again; want the"):
        expected(Squared(X, labels), noise, "sample")


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (X[:, :4], ValueError, r"sampler: got shape \(60, 4\); want shape \(60, 5\), that of X"),
        (X[:0], ValueError, r"sampler: got shape \(0, 5\)"),
        (X * np.nan, ValueError, "sampler: got NaN or inf; want finite numbers"),
        (X.astype(str), TypeError, "sampler: got dtype <U32"),
        (None, TypeError, "sampler: got dtype object"),
    ],
)
def test_what_a_sampler_returns_is_checked(returned, error, message):
    with pytest.raises(error, match=message):
        expected(Squared(X, labels), Augmentation(lambda X, rng: returned), "sample")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_exceptions_of_a_sampler_pass_through(error):
    calls = []

    def sampler(X, rng):
        calls.append(1)
        if len(calls) > 5:
            raise error("from the sampler")
        return X

    f = expected(Squared(X, labels), Augmentation(sampler), "sample", n_samples=2)
    with pytest.raises(error, match="from the sampler"):
        hessopt.minimize(f, np.zeros(6), method="lbfgs")
    assert len(calls) == 6


def test_sobol_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats.qmc", None)
    with pytest.raises(ImportError, match="sampling='sobol' needs SciPy: pip install scipy"):
        expected(Squared(X, labels), Dropout(0.5), "sample", sampling="sobol")


def test_float32_stays_float32():
    A = X.astype(np.float32)
    for law in LAWS:
        for sampling in SAMPLINGS:
            narrow, wide = (
                expected(Logistic(B, labels > 0), law(0.4), "sample", sampling=sampling)
                for B in (A, A.astype(np.float64))
            )
            x = point(wide)
            assert_close(everything(narrow, x), everything(wide, x), rtol=1e-6)


def test_the_data_of_a_model_can_be_looked_at():
    for A in (X, X.astype(np.float32), np.asfortranarray(X), X[::2, 1:]):
        f = Squared(A, labels[: len(A)])
        assert np.shares_memory(f.X, A)
        assert np.array_equal(f.X, A)
        assert f.X.dtype == A.dtype
        assert not f.X.flags.writeable
    view = Squared(X.copy(), labels).X  # outlives its model
    assert np.array_equal(view, X)


def test_fresh_masks_at_every_evaluation_are_named():
    streams = iter(range(10**6))

    def fresh(x):
        A = hessopt.dropout(X, 0.5, 1, stream=next(streams))
        return Logistic(A, labels > 0, l2=0.01).value_and_gradient(x)

    fit = hessopt.minimize(fresh, np.zeros(6), method="lbfgs", jac=True)
    assert not fit.success
    assert fit.status == Status.NOT_REPEATABLE


class Quadratic:
    """f(x, z) = ½ |x − z|² + ¼ Σ (xⱼ zⱼ)⁴"""

    n_parameters = 3

    def value_and_gradient(self, x, z):
        value = 0.5 * (x - z) @ (x - z) + 0.25 * np.sum((x * z) ** 4)
        return value, x - z + z * (x * z) ** 3

    def hessian(self, x, z):
        return np.diag(1 + 3 * z**2 * (x * z) ** 2)

    def hessp(self, x, z, v):
        return self.hessian(x, z) @ v


def test_an_objective_of_ones_own_over_a_law():
    f, x = Quadratic(), np.array([0.3, -0.2, 1.0])
    Z, p = rng.normal(size=(5, 3)), np.array([0.1, 0.2, 0.3, 0.3, 0.1])
    cases = [
        (hessopt.Discrete(Z, p), "exact", {}, Z, p),
        (hessopt.Samples(Z, p), "sample", {}, Z, p),
        (
            hessopt.Bernoulli(0.3, 3),
            "exact",
            {},
            np.array(list(np.ndindex(2, 2, 2))),
            np.array([0.3 ** sum(z) * 0.7 ** (3 - sum(z)) for z in np.ndindex(2, 2, 2)]),
        ),
    ]
    for law, method, how, points, weights in cases:
        mean = expected(f, law, method, **how)
        want = [np.array([f.value_and_gradient(x, z)[i] for z in points]) for i in (0, 1)]
        value, gradient = mean.value_and_gradient(x)
        assert value == pytest.approx(weights @ want[0], rel=1e-13)
        np.testing.assert_allclose(gradient, weights @ want[1], rtol=1e-12)
        H = sum(w * f.hessian(x, z) for z, w in zip(points, weights, strict=True))
        np.testing.assert_allclose(mean.hessian(x), H, rtol=1e-12)
        np.testing.assert_allclose(mean.hessp(x, x), H @ x, rtol=1e-12)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_samples_of_a_law_for_an_objective_of_ones_own(sampling):
    """E ½ |x − z|² = ½ |x − m|² + ½ trace of the covariance, and no quartic where x = 0."""
    law = hessopt.Normal([1.0, 2.0, 3.0], 0.5, seed=4)
    f = expected(Quadratic(), law, "sample", n_samples=1024, sampling=sampling)
    assert f.value_and_gradient(np.zeros(3))[0] == pytest.approx(7 + 3 * 0.125, rel=0.05)
    fit = hessopt.minimize(f, np.zeros(3))
    assert fit.success
    assert fit.nhev > 0
