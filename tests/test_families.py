"""Families and links: derivatives against mpmath, minima from where users start, deviances."""

import copy
import pickle

import mpmath
import numpy as np
import pytest

import families
import hessopt
from families import CASES, NAMES
from hessopt.objectives import (
    Binomial,
    Expectile,
    Gamma,
    InverseGaussian,
    Logistic,
    NegativeBinomial,
    Poisson,
    PseudoHuber,
    SmoothedQuantile,
    Squared,
    Tweedie,
)
from problems import central_gradient

every_case = pytest.mark.parametrize("name", NAMES)


def test_every_loss_with_a_link_is_in_the_table():
    have = {families.model(name, 9).loss for name in NAMES}
    assert have >= {name for name in hessopt._core.losses() if "(" in name}


@every_case
def test_derivatives_agree_with_mpmath(name):
    """Value, first and second derivative to 1e-12, from one row x = (1)."""
    kind, options = CASES[name][:2]
    with mpmath.workdps(420 if kind is NegativeBinomial else 80):  # log(1 + e^-600) in full
        for y in CASES[name].targets:
            f = kind([[1.0]], [y], fit_intercept=False, **options)
            formula = families.at(name, y)
            for eta in CASES[name].predictors:
                got = f.evaluate([eta], hessian=True)
                e = mpmath.mpf(eta)
                for order, part in enumerate((got[0], got[1][0], got[2][0, 0])):
                    step = mpmath.mpf(10) ** (-60 if kind is NegativeBinomial else -25)
                    want = float(mpmath.diff(formula, e, order, h=step) if order else formula(e))
                    assert part == pytest.approx(want, rel=1e-12, abs=1e-299), (y, eta, order)


@every_case
def test_convexity_is_said_as_it_is(name):
    kind, options = CASES[name][:2]
    curvature = [
        kind([[1.0]], [y], fit_intercept=False, **options).hessian([eta])[0, 0]
        for y in CASES[name].targets
        for eta in CASES[name].predictors
    ]
    assert families.model(name).convex == (min(curvature) >= 0)


@every_case
def test_the_whole_objective_agrees_with_differences(name):
    rng = np.random.default_rng(4)
    f = families.model(name, l2=0.1, sample_weight=rng.integers(0, 3, 300))
    x, v = np.array(CASES[name].coefficients), rng.normal(size=4)
    _, gradient, hessian, products = f.evaluate(x, hessian=True, V=v[:, None])
    differences = central_gradient(lambda z: f.value_and_gradient(z)[0], x)
    np.testing.assert_allclose(gradient, differences, rtol=1e-6, atol=1e-8)
    differences = central_gradient(lambda z: f.value_and_gradient(z)[1], x)
    np.testing.assert_allclose(hessian, differences, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(products[:, 0], hessian @ v, rtol=1e-10, atol=1e-12)


def first_point(f):
    """Zeros, where they are in the domain."""
    zeros = np.zeros(f.n_parameters)
    return zeros if np.isfinite(f.value_and_gradient(zeros)[0]) else f.start()


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs"])
@every_case
def test_every_solver_finds_the_minimum(name, method):
    f = families.model(name)
    found = hessopt.minimize(f, first_point(f), method=method)
    assert found.success, found.message
    value, _, hessian, _ = f.evaluate(found.x, hessian=True)
    assert np.linalg.eigvalsh(hessian).min() > 0
    best = hessopt.minimize(f, found.x, tol=1e-13)
    step = best.x - found.x
    spread = np.sqrt(np.diag(f.covariance(best.x)))
    assert (np.abs(step) <= 1e-3 * spread).all()
    assert value <= best.fun + 1e-8 * abs(best.fun)


@every_case
def test_the_score_of_the_mean_vanishes_at_the_minimum(name):
    """Σ (y − μ) μ' / V(μ) x = 0, whatever the loss: mean, variance and loss belong together."""
    f = families.model(name)
    x = hessopt.minimize(f, first_point(f), tol=1e-13).x
    X, y = families.data(name)
    eta = f.predictor(x)
    np.testing.assert_allclose(eta, np.column_stack([X, np.ones(300)]) @ x, rtol=1e-13)
    mu, step = f.mean(eta), 1e-6 * np.abs(eta)
    slope = (f.mean(eta + step) - f.mean(eta - step)) / (2 * step)
    terms = ((y - mu) / f.variance(mu) * slope)[:, None] * np.column_stack([X, np.ones(300)])
    assert (np.abs(terms.sum(axis=0)) <= 1e-6 * np.abs(terms).sum(axis=0)).all()


@every_case
@pytest.mark.parametrize("case", ["plain", "weights", "offset"])
def test_deviance_likelihood_and_dispersion_are_the_formulas(name, case):
    rng = np.random.default_rng(3)
    weight = rng.integers(0, 4, 300) if case == "weights" else None
    most = 3.0 if families.model(name, 9).loss == "Tweedie(power)" else 0.5
    offset = rng.uniform(0, most, 300) if case == "offset" else None
    f = families.model(name, l2=0.01, sample_weight=weight, offset=offset)
    x, (_, y) = np.array(CASES[name].coefficients), families.data(name)
    w, eta = np.ones(300) if weight is None else weight, f.predictor(x)
    with mpmath.workdps(40):
        losses = [float(families.at(name, t)(mpmath.mpf(e))) for e, t in zip(eta, y, strict=True)]
    assert f.deviance(x) == pytest.approx(2 * w @ losses, rel=1e-12)
    mu = f.mean(eta)
    freedom = w.sum() - 4
    pearson = w @ ((y - mu) ** 2 / f.variance(mu)) / freedom
    assert f.dispersion(x) == pytest.approx(pearson, rel=1e-12)
    assert f.dispersion(x, method="deviance") == pytest.approx(f.deviance(x) / freedom, rel=1e-12)
    # the model with an intercept alone has the null deviance
    null = CASES[name].kind(
        np.ones((300, 1)),
        y,
        fit_intercept=False,
        sample_weight=weight,
        offset=offset,
        **CASES[name].options,
    )
    start = [1.0] if null.loss == "Tweedie(power)" else [0.0]
    best = hessopt.minimize(null, start, tol=1e-13)
    assert f.null_deviance() == pytest.approx(null.deviance(best.x), rel=1e-10)
    # what Laplace's approximation takes for the likelihood
    if not (isinstance(f, Tweedie) and f.power not in (1, 2)):
        assert hessopt.laplace(null, best.x).log_likelihood == pytest.approx(
            null.log_likelihood(best.x), rel=1e-10
        )


def test_losses_of_deviances_keep_the_digits_of_small_ones():
    """y log(y/μ) − y + μ of large counts has six of them."""
    y, near = 1e8, 1 + 1e-5
    with mpmath.workdps(50):
        for kind, options, q in (
            (Poisson, {"link": "identity"}, 1),
            (Tweedie, {"power": 1.5}, 1.5),
        ):
            f = kind([[1.0]], [y], fit_intercept=False, **options)
            eta = y * near if kind is Poisson else np.log(y * near)
            mu = mpmath.mpf(eta) if kind is Poisson else mpmath.exp(mpmath.mpf(eta))
            want = float(families.power(mpmath.mpf(q), mpmath.mpf(y), mu))
            assert f.value_and_gradient([eta])[0] == pytest.approx(want, rel=1e-9)
        p = 0.3 * near
        f = Binomial([[1.0]], [0.3], fit_intercept=False)
        eta = np.log(p / (1 - p))
        want = float(
            families.split(mpmath.mpf(0.3), *families.PROBABILITIES["logit"](mpmath.mpf(eta)))
        )
        assert f.value_and_gradient([eta])[0] == pytest.approx(want, rel=1e-9)


# binomial


def grouped(rng):
    X = rng.normal(size=(40, 2))
    trials = rng.integers(1, 9, 40)
    k = rng.binomial(trials, 1 / (1 + np.exp(-X @ [1.0, -0.5])))
    return X, k, trials


def test_trials_are_the_rows_that_they_stand_for():
    rng = np.random.default_rng(0)
    X, k, trials = grouped(rng)
    rows = np.repeat(np.r_[X, X], np.r_[k, trials - k], axis=0)
    labels = np.repeat([1, 0], [k.sum(), (trials - k).sum()])
    weight = rng.integers(1, 4, 40)
    repeated = np.repeat(np.r_[weight, weight], np.r_[k, trials - k])
    for link in ("logit", "probit", "cloglog", "cauchit"):
        f = Binomial(X, k / trials, trials=trials, link=link, sample_weight=weight, l2=1e-3)
        g = Binomial(rows, labels, link=link, sample_weight=repeated, l2=1e-3)
        x = hessopt.minimize(f, np.zeros(3), tol=1e-13).x
        np.testing.assert_allclose(hessopt.minimize(g, x, tol=1e-13).x, x, rtol=1e-9)
        np.testing.assert_allclose(f.covariance(x), g.covariance(x), rtol=1e-9)
        # The deviances differ by what each group differs from one probability.
        saturated = f.null_deviance() - f.deviance(x)
        assert g.null_deviance() - g.deviance(x) == pytest.approx(saturated, rel=1e-9)


def test_logistic_takes_fractions_and_keeps_its_bits_for_labels():
    X, k, trials = grouped(np.random.default_rng(1))
    rows = np.repeat(np.r_[X, X], np.r_[k, trials - k], axis=0)
    labels = np.repeat([1, 0], [k.sum(), (trials - k).sum()])
    f, g = Logistic(X, k / trials, sample_weight=trials), Logistic(rows, labels)
    x = np.array([0.3, -0.2, 0.1])
    for ours, theirs in zip(f.evaluate(x, hessian=True), g.evaluate(x, hessian=True), strict=True):
        if ours is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-15)
    for noise, methods in (
        (hessopt.GaussianNoise(0.3, seed=1), ("normal", "taylor")),
        (hessopt.Dropout(0.3, seed=1), ("normal", "taylor", "exact")),
    ):
        for method in methods:
            ours = hessopt.expected(f, noise, method).evaluate(x, hessian=True)
            theirs = hessopt.expected(g, noise, method).evaluate(x, hessian=True)
            for a, b in zip(ours[:3], theirs[:3], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    assert Binomial(rows, labels).deviance(x) == pytest.approx(
        2 * len(rows) * g.value_and_gradient(x)[0], rel=1e-13
    )


def test_fractions_separate_no_classes_but_labels_do():
    X = np.linspace(-1, 1, 20)[:, None]
    for link in ("logit", "probit", "cloglog", "cauchit"):
        f = Binomial(X, X[:, 0] > 0, link=link)
        found = hessopt.minimize(f, np.zeros(2))
        assert not found.success
        assert "separates the classes of y in 20 rows" in found.message
    y = np.where(X[:, 0] > 0, 0.9, 0.2)
    assert hessopt.minimize(Binomial(X, y), np.zeros(2)).success


# other losses


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_expectile_and_quantile_have_their_formulas(level):
    rng = np.random.default_rng(2)
    X, y, x = rng.normal(size=(50, 2)), rng.normal(size=50), np.array([0.3, -1.0, 0.2])
    u = y - np.column_stack([X, np.ones(50)]) @ x
    want = np.mean(np.abs(level - (u < 0)) * u**2 / 2)
    assert Expectile(X, y, level=level).value_and_gradient(x)[0] == pytest.approx(want, rel=1e-13)
    want = np.mean(level * u + 0.1 * np.logaddexp(0, -u / 0.1))
    f = SmoothedQuantile(X, y, level=level, width=0.1)
    assert f.value_and_gradient(x)[0] == pytest.approx(want, rel=1e-13)
    pinball = np.mean(np.maximum(level * u, (level - 1) * u))
    assert 0 <= want - pinball <= 0.1 * np.log(2)
    for g in (Expectile(X, y, level=level), f, PseudoHuber(X, y, delta=level)):
        gradient = central_gradient(lambda z, g=g: g.value_and_gradient(z)[0], x)
        np.testing.assert_allclose(g.value_and_gradient(x)[1], gradient, rtol=1e-6, atol=1e-9)
        assert hessopt.minimize(g, np.zeros(3)).success
        assert g.convex


def test_the_limits_of_losses_are_other_losses():
    rng = np.random.default_rng(6)
    X, y, x = rng.normal(size=(50, 2)), rng.normal(size=50), np.array([0.3, -1.0, 0.2])
    squared = Squared(X, y).value_and_gradient(x)
    for f, factor in ((PseudoHuber(X, y, delta=1e9), 1), (Expectile(X, y), 2)):
        value, gradient = f.value_and_gradient(x)
        assert factor * value == pytest.approx(squared[0], rel=1e-12)
        np.testing.assert_allclose(factor * gradient, squared[1], rtol=1e-12)
    counts = rng.poisson(2.0, 50)
    poisson, like = Poisson(X, counts), NegativeBinomial(X, counts, theta=1e12)
    np.testing.assert_allclose(
        like.value_and_gradient(x)[1], poisson.value_and_gradient(x)[1], rtol=1e-9, atol=1e-10
    )
    assert like.deviance(x) == pytest.approx(poisson.deviance(x), rel=1e-9)
    assert Tweedie(X, counts, power=1).deviance(x) == poisson.deviance(x)
    amounts = rng.gamma(2.0, size=50)
    assert Tweedie(X, amounts, power=2).deviance(x) == Gamma(X, amounts).deviance(x)
    assert Tweedie(X, amounts, power=3).deviance(x) == InverseGaussian(X, amounts).deviance(x)


# arguments


def test_what_is_wrong_is_said():
    X, y = np.ones((3, 1)) * [[1.0], [2.0], [4.0]], np.array([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"^link: got 'log'; want one of \['logit', 'probit'"):
        Binomial(X, y / 4, link="log")
    with pytest.raises(ValueError, match=r"^link: got 3; want one of \['log', 'sqrt'"):
        Poisson(X, y, link=3)
    with pytest.raises(TypeError, match=r"^link: got 'log'; want the link that belongs"):
        Squared(X, y, link="log")
    with pytest.raises(ValueError, match=r"^trials: got the number 0; want numbers > 0"):
        Binomial(X, y / 4, trials=[1, 0, 1])
    with pytest.raises(ValueError, match=r"^trials: "):
        Binomial(X, y / 4, trials=[1, 2])
    with pytest.raises(ValueError, match=r"^y: got the target 2; want numbers in \[0, 1\]"):
        Binomial(X, y)
    with pytest.raises(ValueError, match=r"^y: got the target 0; want finite numbers >= 0, where"):
        Tweedie(X, [0.0, 1, 2], power=2.5)
    with pytest.raises(ValueError, match=r"^power: got 0.5; want a finite number >= 1"):
        Tweedie(X, y, power=0.5)
    with pytest.raises(ValueError, match=r"^theta: got 0; want a finite number > 0"):
        NegativeBinomial(X, y, theta=0)
    with pytest.raises(ValueError, match=r"^level: got 1; want a number in \(0, 1\)"):
        Expectile(X, y, level=1)
    with pytest.raises(TypeError, match=r"^power: got an argument that is not known"):
        InverseGaussian(X, y, power=2)
    with pytest.raises(ValueError, match=r"^fit_intercept: got False; want fit_intercept=True, or"):
        Gamma(X, y, link="inverse", fit_intercept=False).start()
    with pytest.raises(ValueError, match=r"^power: got 2.5; want one with a density"):
        Tweedie(X, y, power=2.5).log_likelihood([0.0, 0.0])
    with pytest.raises(ValueError, match=r"^method: got 'ml'; want 'pearson' or 'deviance'"):
        Poisson(X, y).dispersion([0.0, 0.0], method="ml")
    with pytest.raises(ValueError, match=r"^X: got 2 rows; want more than 2 rows"):
        Poisson(X[:2], y[:2]).dispersion([0.0, 0.0])
    with pytest.raises(ValueError, match=r"^method: got 'taylor'; want one of \['sample'\] for"):
        hessopt.expected(Binomial(X, y / 4, link="probit"), hessopt.GaussianNoise(0.3), "taylor")
    outside = hessopt.minimize(Gamma(X, y, link="inverse"), [0.0, 0.0])
    assert not outside.success
    assert outside.message.endswith(
        "NaN or infinite here; its start() is a point where they are not"
    )


@every_case
def test_copies_and_words(name):
    f = families.model(name, 30, l2=0.1)
    x = np.array(CASES[name].coefficients)
    for twin in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f), f.with_l2(0.1)):
        assert type(twin) is type(f)
        assert repr(twin) == repr(f)
        assert twin.value_and_gradient(x)[0] == f.value_and_gradient(x)[0]
        assert twin.link == f.link
        assert twin.deviance(x) == f.deviance(x)


def test_words_name_what_was_given():
    X, y = np.ones((3, 1)), np.array([0.5, 0.0, 1.0])
    f = Binomial(X, y, trials=[2, 3, 4], link="probit")
    words = "trials=<3 numbers>, fit_intercept=True, link=probit"
    assert sorted(repr(f)[9:-1].split(", ")) == sorted(
        ["3 x 1 float64", "l2=0.0", *words.split(", ")]
    )
    twin = pickle.loads(pickle.dumps(f))
    assert twin.deviance([0.1, 0.2]) == f.deviance([0.1, 0.2])
    assert repr(Poisson(X, y)) == "Poisson(3 x 1 float64, l2=0.0, fit_intercept=True)"


def test_start_gives_the_mean_of_y():
    for name in NAMES:
        offset = np.random.default_rng(1).uniform(-0.5, 0.5, 300)
        f, (_, y) = families.model(name), families.data(name)
        assert f.mean(f.predictor(f.start())).mean() == pytest.approx(y.mean(), rel=1e-12)
        shifted = families.model(name, offset=offset)
        assert np.isfinite(shifted.value_and_gradient(shifted.start())[0])


def test_sparse_rows_say_the_same():
    sparse = pytest.importorskip("scipy.sparse")
    rng = np.random.default_rng(0)
    X, k, trials = grouped(rng)
    X[rng.random(X.shape) < 0.5] = 0
    dense, like = (Binomial(A, k / trials, trials=trials) for A in (X, sparse.csr_array(X)))
    x = np.array([0.3, -0.2, 0.1])
    for say in ("deviance", "dispersion", "log_likelihood"):
        assert getattr(like, say)(x) == pytest.approx(getattr(dense, say)(x), rel=1e-12)
    np.testing.assert_allclose(like.predictor(x), dense.predictor(x), rtol=1e-13)
    assert like.null_deviance() == dense.null_deviance()


@pytest.mark.parametrize(
    "name", [name for name in NAMES if families.model(name, 9).loss != "Tweedie(power)"]
)
def test_predictions_over_the_law_of_the_parameters(name):
    """The mean of y over a normal predictor, by a rule of many nodes."""
    f = families.model(name, 40)
    post = hessopt.laplace(f, hessopt.minimize(f, np.zeros(4)).x)
    X = np.random.default_rng(0).uniform(size=(5, 3))
    mean, variance = post.predictor(X)
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    want = f.mean(mean[:, None] + np.sqrt(variance)[:, None] * nodes) @ weights / weights.sum()
    rtol = {"binomial, logit": 0.02, "binomial, cauchit": 1e-3}.get(name, 1e-6)
    np.testing.assert_allclose(post.predict(X), want, rtol=rtol)


# as R prints them: the examples of its help pages and of A. J. Dobson, "An Introduction to
# Generalized Linear Models", 1990 (beetles under carbon disulphide)

DOSE = [1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839]
BEETLES, DIED = [59, 60, 62, 56, 63, 59, 62, 60], [6, 13, 18, 28, 52, 53, 61, 60]


@pytest.mark.parametrize(
    ("link", "slope", "intercept", "deviance", "aic"),
    [
        ("logit", 34.270, -60.717, 11.232, 41.430),
        ("probit", 19.728, -34.935, 10.120, 40.318),
        ("cloglog", 22.041, -39.572, 3.446, 33.644),
    ],
)
def test_beetles_of_R(link, slope, intercept, deviance, aic):
    y = np.divide(DIED, BEETLES)
    f = Binomial(np.transpose([DOSE]), y, trials=BEETLES, link=link)
    x = hessopt.minimize(f, np.zeros(2)).x
    assert x.round(3).tolist() == [slope, intercept]
    assert round(f.null_deviance(), 3) == 284.202
    assert round(f.deviance(x), 3) == deviance
    assert round(4 - 2 * f.log_likelihood(x), 3) == aic
    if link == "logit":
        assert np.sqrt(np.diag(f.covariance(x))).round(3).tolist() == [2.912, 5.181]


@pytest.mark.parametrize("link", ["inverse", "reciprocal"])
def test_clotting_times_of_R(link):
    """The example of `glm`, from P. McCullagh, J. A. Nelder, 2nd ed., section 8.4.2."""
    u = np.log([5, 10, 15, 20, 30, 40, 60, 80, 100])
    f = Gamma(u[:, None], [118, 58, 42, 35, 27, 25, 21, 19, 18], link=link)
    x = hessopt.minimize(f, f.start()).x
    assert x.round(8).tolist() == [0.01534311, -0.01655438]
    dispersion = f.dispersion(x)
    assert dispersion == pytest.approx(0.002446059, rel=1e-5)  # where R's steps stop
    errors = np.sqrt(np.diag(f.covariance(x, dispersion=dispersion)))
    np.testing.assert_allclose(errors, [0.00041496, 0.00092754], rtol=1e-5)
    assert round(f.null_deviance(), 5) == 3.51283
    assert round(f.deviance(x), 5) == 0.01673
    aic = 6 - 2 * f.log_likelihood(x, dispersion=f.deviance(x) / 9)  # the dispersion of R's AIC
    assert round(aic, 2) == 37.99
