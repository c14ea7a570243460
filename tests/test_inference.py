"""What comes with a fit: weights, the penalty, intervals and tests."""

import copy
import pickle
import warnings

import mpmath
import numpy as np
import pytest

import families
import hessopt
from hessopt import _core, objectives
from hessopt.objectives import Gamma, Logistic, Poisson, Softmax, Squared
from hessopt.uncertainty import profile
from hessopt.uncertainty.laws import critical
from inferred import (
    CLUSTERS,
    CODES,
    ETA,
    OFFSET,
    RNG,
    ROWS,
    TARGETS,
    WEIGHT,
    N,
    X,
    every_kind,
    minimum,
    rows_of,
)

# weights


@pytest.mark.parametrize("covariance", ["observed", "expected", "HC0", "HC1", "HC3", "cluster"])
@every_kind
def test_frequencies_are_repetitions(kind, covariance):
    often = WEIGHT.astype(int)
    f = kind(X, TARGETS[kind], sample_weight=WEIGHT, offset=OFFSET)
    g = kind(np.repeat(X, often, 0), np.repeat(TARGETS[kind], often), offset=OFFSET.repeat(often))
    x = minimum(f)
    clusters = CLUSTERS if covariance == "cluster" else None
    ours = hessopt.inference(f, x, covariance=covariance, clusters=clusters)
    clusters = CLUSTERS.repeat(often) if covariance == "cluster" else None
    like = hessopt.inference(g, x, covariance=covariance, clusters=clusters)
    for name in (
        *("standard_errors", "p_values", "dispersion", "deviance", "null_deviance", "bic"),
        *("log_likelihood", "aic", "residual_degrees_of_freedom", "n_observations"),
    ):
        np.testing.assert_allclose(getattr(ours, name), getattr(like, name), rtol=1e-8)


@pytest.mark.parametrize("kind", [Squared, Gamma])
def test_variance_weights_have_no_unit(kind):
    fits = [kind(X, TARGETS[kind], sample_weight=c * WEIGHT) for c in (1, 1e-3)]
    x = minimum(fits[0])
    ours, other = (hessopt.inference(f, x, weights="variance") for f in fits)
    assert ours.n_observations == (WEIGHT > 0).sum()
    np.testing.assert_allclose(other.standard_errors, ours.standard_errors, rtol=1e-12)
    assert other.dispersion == pytest.approx(1e-3 * ours.dispersion, rel=1e-12)
    assert other.log_likelihood == pytest.approx(ours.log_likelihood, rel=1e-12)
    robust = [
        hessopt.inference(f, x, covariance="HC3", weights="variance").standard_errors for f in fits
    ]
    np.testing.assert_allclose(*robust, rtol=1e-11)


@pytest.mark.parametrize("weights", ["frequency", "variance"])
def test_the_likeliest_dispersion_is_a_maximum(weights):
    for name in ("gamma, inverse", "inverse Gaussian, log", "Tweedie 1.5", "Tweedie 2.0"):
        weight = np.random.default_rng(2).integers(0, 4, 300).astype(float)
        f = families.model(name, sample_weight=weight)
        x = np.array(families.CASES[name].coefficients)
        found = f.dispersion(x, method="ml", weights=weights)
        values = [
            f.log_likelihood(x, dispersion=found * c, weights=weights) for c in (0.999, 1, 1.001)
        ]
        assert values[1] > max(values[0], values[2])
        assert abs(values[0] - values[2]) < 0.01 * (values[1] - values[0])


# the penalty


def test_a_penalty_leaves_fewer_degrees_of_freedom():
    f = Poisson(X, TARGETS[Poisson], l2=[0.0, 0.1, 0.02, 3.0, 0.5])
    x = minimum(f)
    H = N * f.hessian(x)
    A = H - N * np.diag(f.l2_of_parameters)
    fit = hessopt.inference(f, x)
    want = np.trace(A @ np.linalg.inv(H))
    assert fit.effective_degrees_of_freedom == pytest.approx(want, rel=1e-10)
    assert fit.residual_degrees_of_freedom == pytest.approx(N - want, rel=1e-10)
    assert fit.aic == pytest.approx(2 * want - 2 * f.log_likelihood(x), rel=1e-12)
    robust = hessopt.inference(f, x, covariance="HC0")
    assert robust.effective_degrees_of_freedom == fit.effective_degrees_of_freedom
    free = hessopt.inference(f.with_l2(0), x)
    assert free.effective_degrees_of_freedom == 6


# intervals


@pytest.mark.parametrize(
    ("name", "level"),
    [
        *[(f"binomial, {link}", 0.95) for link in ("logit", "probit", "cloglog", "cauchit")],
        ("Poisson, sqrt", 0.9),
        ("gamma, inverse", 0.95),
        ("inverse Gaussian, log", 0.95),
        ("Tweedie 1.5", 0.99),
        ("negative binomial 0.5", 0.95),
    ],
)
def test_profiles_end_where_the_likelihood_has_fallen(name, level):
    """By a fit of all other coefficients, that one being an offset."""
    f = families.model(name)
    X, y = families.data(name)
    x = hessopt.minimize(f, np.array(families.CASES[name].coefficients), tol=1e-12).x
    fit = hessopt.inference(f, x)
    bounds = fit.confidence_intervals(level, method="profile")
    assert (bounds[:, 0] < x).all()
    assert (x < bounds[:, 1]).all()
    fall = critical(level, fit.residual_degrees_of_freedom if fit.uses_estimate else np.inf) ** 2
    for b in bounds[0]:
        held = families.CASES[name].kind(
            X[:, 1:], y, offset=b * X[:, 0], **families.CASES[name].options
        )
        z = hessopt.minimize(held, x[1:], tol=1e-12).x
        risen = (held.deviance(z) - f.deviance(x)) / fit.dispersion
        assert risen == pytest.approx(fall, rel=1e-7)


def test_profiles_of_least_squares_are_symmetric():
    f = Squared(X, TARGETS[Squared])
    fit = hessopt.inference(f, minimum(f))
    profile = fit.confidence_intervals(method="profile")
    np.testing.assert_allclose(profile, fit.confidence_intervals(), rtol=1e-8, atol=1e-9)


def test_a_profile_without_end_says_so():
    """A row that a column tells from all others: its coefficient has a lower bound alone."""
    z = np.linspace(-1, 1, 40)
    y = (np.random.default_rng(4).random(40) < 0.5).astype(float)
    y[3] = 1
    f = Logistic(np.column_stack([z, np.arange(40) == 3]), y)
    found = hessopt.minimize(f, np.zeros(3))
    assert not found.success
    with pytest.warns(RuntimeWarning, match=r"x: got no minimum: X\[:, 1\] separates"):
        fit = hessopt.inference(f, found)
    with pytest.warns(RuntimeWarning, match=r"never falls by enough along X\[:, 1\]; want bounds"):
        bounds = fit.confidence_intervals(method="profile")
    assert bounds[1, 1] == np.inf
    assert np.isfinite(bounds.ravel()[[0, 1, 2, 4, 5]]).all()
    held = Logistic(z[:, None], y, offset=bounds[1, 0] * (np.arange(40) == 3))
    risen = held.deviance(minimum(held)) - f.deviance(found.x)
    assert risen == pytest.approx(critical(0.95, np.inf) ** 2, rel=1e-6)


# the score test


@pytest.mark.parametrize("rows", ROWS)
@every_kind
def test_left_out_columns_are_tested_as_coefficients_held_at_zero(kind, rows):
    Z = np.random.default_rng(5).normal([1e3, 0], size=(N, 2))
    short = kind(rows_of(rows), TARGETS[kind], offset=OFFSET, sample_weight=WEIGHT)
    x = minimum(short)
    whole = kind(np.column_stack([X, Z]), TARGETS[kind], offset=OFFSET, sample_weight=WEIGHT)
    for information in ("observed", "expected"):
        left_out = hessopt.score_test(short, x, columns=Z, dispersion=1.3, information=information)
        held = hessopt.score_test(
            whole,
            np.insert(x, [5, 5], 0.0),
            parameters=[5, 6],
            dispersion=1.3,
            information=information,
        )
        assert left_out.degrees_of_freedom == held.degrees_of_freedom == 2
        rtol = 1e-5 if "32" in rows else 1e-8
        assert left_out.statistic == pytest.approx(held.statistic, rel=rtol)
        assert left_out.p_value == pytest.approx(np.exp(-left_out.statistic / 2), rel=1e-10)


def test_the_score_test_of_least_squares_is_the_share_of_the_residual():
    z = np.random.default_rng(6).normal(size=N)
    f = Squared(X, TARGETS[Squared])
    x = minimum(f)
    A = np.column_stack([X, np.ones(N)])
    r, rest = TARGETS[Squared] - A @ x, z - A @ np.linalg.lstsq(A, z, rcond=None)[0]
    found = hessopt.score_test(f, x, columns=z)
    assert found.statistic == pytest.approx((r @ rest) ** 2 / (rest @ rest) / f.dispersion(x))


def test_the_score_test_takes_the_slope_of_free_coefficients_away():
    """Rounded coefficients give the test at the minimum but for the square of what is rounded."""
    z = np.random.default_rng(6).normal(size=N)
    f = Poisson(X, TARGETS[Poisson])
    x = minimum(f)
    want = hessopt.score_test(f, x, columns=z).statistic
    assert hessopt.score_test(f, x + 1e-6, columns=z).statistic == pytest.approx(want, rel=1e-4)


# the laws


def test_tails_agree_with_mpmath():
    with mpmath.workdps(30):
        for k in (0.3, 1, 2, 7.5, 30, 1000):
            for t in (1e-8, 0.5, 1.96, 6, 37):
                x, half = mpmath.mpf(k) / (k + mpmath.mpf(t) ** 2), mpmath.mpf(1) / 2
                want = float(mpmath.betainc(mpmath.mpf(k) / 2, half, 0, x, regularized=True) / 2)
                assert _core.student_tail(t, k) == pytest.approx(want, rel=1e-12)
                assert _core.student_tail(-t, k) == pytest.approx(1 - want, rel=1e-12)
                if want < 0.4:
                    assert _core.student_quantile(want, k) == pytest.approx(t, rel=1e-12)
        for k in (0.5, 1, 2, 10, 57, 1000, 20000):
            for x in k * np.array([1e-3, 0.5, 0.99, 1.0, 1.1, 2.0, 5.0]):
                tail = mpmath.gammainc(mpmath.mpf(k) / 2, x / 2, mpmath.inf, regularized=True)
                assert _core.chi_square_tail(x, k) == pytest.approx(float(tail), rel=1e-12)
        for a in (1e-3, 0.5, 3, 15.9, 16, 1e6):
            want = float(mpmath.log(a) - mpmath.digamma(a))
            assert _core.log_less_digamma(a) == pytest.approx(want, rel=1e-12)
            assert _core.gamma_shape(np.ones(1), want) == pytest.approx(a, rel=1e-12)


def test_the_normal_law_is_that_of_many_degrees_of_freedom():
    for t in (0.1, 1.96, 8.0, 36.0):
        assert _core.student_tail(t, 1e13) == pytest.approx(_core.student_tail(t, np.inf), rel=1e-6)
    assert _core.student_quantile(0.025, np.inf) == pytest.approx(1.959963984540054, rel=1e-14)
    assert _core.student_tail(np.inf, 3.0) == _core.chi_square_tail(np.inf, 3.0) == 0
    assert _core.chi_square_tail(0.0, 3.0) == 1
    assert np.isnan(_core.student_tail(np.nan, 3.0))


# objectives of one's own, names, words


class Own:
    """A Poisson model without a word on it but its derivatives."""

    def __init__(self, model):
        self.n_parameters, self.n_rows = model.n_parameters, model.n_rows
        self.value_and_gradient, self.hessian = model.value_and_gradient, model.hessian


def test_an_objective_of_ones_own_has_an_inference():
    f = Poisson(X, TARGETS[Poisson])
    x = minimum(f)
    ours, own = hessopt.inference(f, x), hessopt.inference(Own(f), x)
    np.testing.assert_allclose(own.standard_errors, ours.standard_errors, rtol=1e-10)
    profiles = (fit.confidence_intervals(method="profile") for fit in (ours, own))
    np.testing.assert_allclose(*profiles, rtol=1e-7)
    assert own.deviance is own.log_likelihood is own.aic is own.bic is None
    assert own.names[0] == "x[0]"
    with pytest.raises(ValueError, match=r"kind: got 'HC0' of .*, which has no scores of rows"):
        hessopt.inference(Own(f), x, covariance="HC0")
    noisy = hessopt.expected(f, hessopt.Dropout(0.1), "normal")
    assert hessopt.inference(noisy, minimum(noisy)).standard_errors.shape == (6,)


def test_survival_has_an_inference():
    rng = np.random.default_rng(7)
    times = rng.exponential(np.exp(-ETA))
    f = objectives.Cox(rows_of("mixed"), np.minimum(times, 2.0), times < 2)
    x = hessopt.minimize(f, np.zeros(5), tol=1e-12).x
    fit = hessopt.inference(f, x)
    assert fit.names == ["a", "b", "level=0", "level=1", "level=2"]
    np.testing.assert_allclose(fit.standard_errors, np.sqrt(np.diag(f.covariance(x))), rtol=1e-14)
    assert fit.log_likelihood == f.log_likelihood(x)
    bound = fit.confidence_intervals(method="profile")[0, 1]
    held = objectives.Cox(X[:, 1:], np.minimum(times, 2.0), times < 2, offset=bound * X[:, 0])
    z = hessopt.minimize(held, x[1:], tol=1e-12).x
    fall = 2 * (fit.log_likelihood - held.log_likelihood(z))
    assert fall == pytest.approx(critical(0.95, np.inf) ** 2, rel=1e-7)
    with pytest.raises(ValueError, match=r"^kind: got 'HC0' of Cox, which has no scores of rows"):
        hessopt.inference(f, x, covariance="HC0")


def test_classes_have_an_inference():
    """Ordered ones, and those against a reference: 2(ℓ(x) − ℓ(bound)) is the quantile squared."""
    labels = np.digitize(ETA + RNG.logistic(size=N), [-0.5, 1.0])
    ordered = objectives.Ordinal(rows_of("mixed"), labels)
    classes = objectives.Multinomial(X, labels, reference=1)
    for f, start in ((ordered, ordered.start()), (classes, np.zeros(12))):
        x = hessopt.minimize(f, start, tol=1e-12).x
        fit = hessopt.inference(f, x)
        assert fit.log_likelihood == pytest.approx(-N * f.value_and_gradient(x)[0], rel=1e-14)
        assert fit.aic == pytest.approx(2 * len(x) - 2 * fit.log_likelihood)
        np.testing.assert_allclose(fit.covariance, np.linalg.inv(N * f.hessian(x)), rtol=1e-7)
        bound = fit.confidence_intervals(method="profile")[0, 0]
        held = profile._Held(f, 0, bound)
        fall = N * (hessopt.minimize(held, x[1:], tol=1e-12).fun - f.value_and_gradient(x)[0])
        assert 2 * fall == pytest.approx(critical(0.95, np.inf) ** 2, rel=1e-7)


def test_names_and_words():
    f = Poisson(rows_of("mixed"), TARGETS[Poisson])
    fit = hessopt.inference(f, hessopt.minimize(f, np.zeros(6)))
    assert fit.names == ["a", "b", "level=0", "level=1", "level=2", "intercept"]
    assert repr(fit) == "Inference(Poisson, link log, 6 coefficients, covariance 'observed')"
    lines = str(fit).splitlines()
    assert lines[0].split() == ["model", "Poisson,", "link", "log"]
    assert lines[-6].split()[:2] == ["a", f"{fit.coefficients[0]:.5g}"]
    assert len({len(line) for line in lines[-7:]}) == 1
    with pytest.raises(AttributeError):
        fit.dispersion = 2.0


def test_frames_name_their_columns():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=[*"abcde"])
    f = Logistic(frame, TARGETS[Logistic])
    for model in (f, f.with_l2(0.1), pickle.loads(pickle.dumps(f)), copy.deepcopy(f)):
        assert hessopt.inference(model, np.zeros(6)).names == [*"abcde", "intercept"]
    plain = Logistic(X, TARGETS[Logistic], fit_intercept=False)
    assert hessopt.inference(plain, np.zeros(5)).names[1] == "X[:, 1]"


def test_what_is_wrong_is_said():
    f = Poisson(X, TARGETS[Poisson])
    x = minimum(f)
    fit = hessopt.inference(f, x, covariance="HC0")
    for call, said in (
        (lambda: f.covariance(x, kind="HC2"), r"kind: got 'HC2'; want one of \['observed'"),
        (lambda: f.covariance(x, kind="cluster"), "clusters: got none; want those of the rows"),
        (lambda: f.covariance(x, kind="HC0", clusters=CLUSTERS), "clusters: got some, and kind"),
        (lambda: f.covariance(x, clusters=CLUSTERS[1:]), "clusters: got length 149; want length"),
        (lambda: f.covariance(x, clusters=np.ones(N)), "clusters: got one cluster; want two"),
        (lambda: f.covariance(x, weights="sampling"), "weights: got 'sampling'; want 'frequency'"),
        (lambda: hessopt.inference(f, x, dispersion="mle"), "dispersion: got 'mle'; want a number"),
        (lambda: hessopt.inference(f, x, dispersion=0), "dispersion: got 0; want a number > 0"),
        (lambda: hessopt.inference(f, x, dispersion="ml"), "method: got 'ml'; want 'pearson' or"),
        (lambda: fit.confidence_intervals(1.0), r"level: got 1.0; want a number in \(0, 1\)"),
        (lambda: fit.confidence_intervals(method="score"), "method: got 'score'; want 'wald' or"),
        (lambda: fit.confidence_intervals(method="profile"), "method: got 'profile' beside the"),
        (lambda: hessopt.score_test(f, x), "parameters: got neither it and columns; want one of"),
        (lambda: hessopt.score_test(f, x, parameters=[6]), r"parameters: got the indices \[6\]"),
        (lambda: hessopt.score_test(f, x, columns=np.ones(3)), "columns: got 3 rows; want 150"),
    ):
        with pytest.raises(ValueError, match=f"^{said}"):
            call()
    huber = objectives.Huber(X, TARGETS[Squared])
    with pytest.raises(ValueError, match=r"kind: got 'expected' of Huber, which has no expected"):
        huber.covariance(minimum(huber), kind="expected")
    expectile = objectives.Expectile(X, TARGETS[Squared])
    at = minimum(expectile)
    with pytest.raises(ValueError, match=r"dispersion: got none for Expectile, which is the like"):
        hessopt.inference(expectile, at)
    assert hessopt.inference(expectile, at, covariance="HC0").log_likelihood is None
    few = Squared(X[:6], TARGETS[Squared][:6])
    with pytest.raises(ValueError, match=r"model: got 0 residual degrees of freedom; want more"):
        hessopt.inference(few, minimum(few))
    network = hessopt.networks.Network(
        X, TARGETS[Squared], layers=[hessopt.networks.Dense(1)], loss="squared"
    )
    with pytest.raises(TypeError, match=r"model: got a Network, whose parameters the data do not"):
        hessopt.inference(network, np.zeros(network.n_parameters))
    classes = Softmax(X, CODES, l2=0.1)
    with pytest.raises(np.linalg.LinAlgError, match=r"one number to their intercepts"):
        classes.covariance(minimum(classes))


def test_a_singular_information_names_its_columns():
    levels = hessopt.Categorical(CODES, 4, ["n", "e", "s", "w"])
    f = Poisson(hessopt.Columns({"a": X[:, 0], "wind": levels}), TARGETS[Poisson])
    said = r"singular there along a combination of wind=n, wind=e, wind=s and wind=w; want columns"
    with pytest.raises(np.linalg.LinAlgError, match=said):
        f.covariance(np.zeros(6))
    with pytest.raises(np.linalg.LinAlgError, match=r"^columns: got dependent ones; want columns"):
        hessopt.score_test(Poisson(X, TARGETS[Poisson]), np.zeros(6), columns=X[:, 1] - X[:, 0])


def test_nothing_warns_about_a_fit_in_order():
    f = Poisson(X, TARGETS[Poisson])
    x = minimum(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        str(hessopt.inference(f, x))
