"""Standard errors, tests and criteria of every family and link against statsmodels.

Their default covariance is of the expected information, that of clusters and "HC0" of the observed.
"""

import numpy as np
import pytest

import hessopt
from families import drawn
from hessopt.objectives import (
    Binomial,
    Gamma,
    InverseGaussian,
    Logistic,
    NegativeBinomial,
    Poisson,
    Squared,
    Tweedie,
)
from hessopt.uncertainty.laws import critical

pytestmark = pytest.mark.agreement

N = 250
rng = np.random.default_rng(21)
X = rng.uniform(size=(N, 3))
ETA = X @ [0.5, 0.3, -0.2] + 0.6  # inside the domain of every link
WEIGHT = rng.integers(1, 5, N).astype(float)
OFFSET = 0.2 * rng.uniform(size=N)
CLUSTERS = rng.integers(0, 15, N)
EXTRA = rng.normal(size=(N, 2))
TRIALS = rng.integers(1, 9, N)
# Family, its options, statsmodels' family of `families` and `links`.
CASES = {
    "normal": (Squared, {}, lambda f, link: f.Gaussian()),
    "labels": (Logistic, {}, lambda f, link: f.Binomial()),
    **{
        f"binomial, {ours}": (
            Binomial,
            {"link": ours},
            lambda f, link, theirs=theirs: f.Binomial(getattr(link, theirs)()),
        )
        for ours, theirs in (
            *(("logit", "Logit"), ("probit", "Probit")),
            *(("cloglog", "CLogLog"), ("cauchit", "Cauchy")),
        )
    },
    "Poisson": (Poisson, {}, lambda f, link: f.Poisson()),
    "Poisson, sqrt": (Poisson, {"link": "sqrt"}, lambda f, link: f.Poisson(link.Sqrt())),
    "Poisson, identity": (
        *(Poisson, {"link": "identity"}),
        lambda f, link: f.Poisson(link.Identity()),
    ),
    "gamma": (Gamma, {}, lambda f, link: f.Gamma(link.Log())),
    "gamma, inverse": (Gamma, {"link": "inverse"}, lambda f, link: f.Gamma(link.InversePower())),
    "gamma, identity": (Gamma, {"link": "identity"}, lambda f, link: f.Gamma(link.Identity())),
    "inverse Gaussian": (InverseGaussian, {}, lambda f, link: f.InverseGaussian(link.Log())),
    "inverse Gaussian, inverse square": (
        *(InverseGaussian, {"link": "inverse_squared"}),
        lambda f, link: f.InverseGaussian(link.InverseSquared()),
    ),
    "Tweedie": (
        *(Tweedie, {"power": 1.5}),
        lambda f, link: f.Tweedie(link.Log(), var_power=1.5, eql=False),
    ),
    "negative binomial": (
        *(NegativeBinomial, {"theta": 2.5}),
        lambda f, link: f.NegativeBinomial(link.Log(), alpha=0.4),
    ),
}


def agree(ours, theirs, rtol=1e-8):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


def both(name, weights, offset=None):
    """Our model with its minimum, and theirs."""
    sm = pytest.importorskip("statsmodels.api")
    kind, options, family = CASES[name]
    trials = {"trials": TRIALS} if kind is Binomial else {}
    eta = ETA if offset is None else ETA + offset
    y = drawn(kind, kind(X, np.ones(N), **trials, **options).mean(eta), TRIALS, theta=2.5)
    weight = WEIGHT if weights else None
    f = kind(X, y, sample_weight=weight, offset=offset, **trials, **options)
    found = hessopt.minimize(f, f.start(), tol=1e-13)
    assert found.success, found.message
    theirs = {"freq_weights" if weights == "frequency" else "var_weights": weight}
    counts = np.column_stack([TRIALS * y, TRIALS * (1 - y)])
    model = sm.GLM(
        counts if kind is Binomial else y,
        np.column_stack([X, np.ones(N)]),
        family(sm.families, sm.families.links),
        offset=offset,
        **(theirs if weights else {}),
    )
    return f, found.x, model


def fitted(model, x, **options):
    """Theirs from our minimum: their steps creep where a link is far from canonical."""
    return model.fit(start_params=x, maxiter=500, tol=1e-15, tol_criterion="params", **options)


@pytest.mark.filterwarnings("ignore")  # of links that do not respect a domain, and of weights
@pytest.mark.parametrize("offset", [None, OFFSET], ids=["", "offset"])
@pytest.mark.parametrize("weights", [None, "frequency", "variance"])
@pytest.mark.parametrize("name", CASES)
def test_a_fit_of_statsmodels(name, weights, offset):
    f, x, model = both(name, weights, offset)
    options = {"weights": weights or "frequency"}
    peer = fitted(model, x)
    agree(x, peer.params)
    ours = hessopt.inference(f, x, covariance="expected", **options)
    agree(ours.standard_errors, peer.bse)
    agree(ours.covariance, peer.cov_params())
    agree(ours.statistics, peer.tvalues)
    agree(ours.dispersion, peer.scale)
    agree(ours.deviance, peer.deviance)
    agree(ours.null_deviance, peer.null_deviance)
    agree(f.pearson_chi2(x), peer.pearson_chi2)
    agree(ours.residual_degrees_of_freedom, peer.df_resid)
    agree(ours.log_likelihood, peer.llf)
    agree(ours.aic, peer.aic)
    agree(ours.bic, peer.bic_llf)
    # Theirs are normal whatever the dispersion.
    known = hessopt.inference(f, x, covariance="expected", dispersion=peer.scale, **options)
    agree(known.p_values, peer.pvalues)
    agree(known.confidence_intervals(), peer.conf_int())
    agree(known.confidence_intervals(0.8), peer.conf_int(alpha=0.2))

    robust = hessopt.inference(f, x, covariance="HC0", **options)
    peer = fitted(model, x, cov_type="HC0")
    agree(robust.covariance, peer.cov_params())
    agree(robust.p_values, peer.pvalues)
    agree(robust.confidence_intervals(), peer.conf_int())
    # Their clusters count rows, whatever the weights.
    clustered = hessopt.inference(f, x, clusters=CLUSTERS, weights="variance")
    peer = fitted(model, x, cov_type="cluster", cov_kwds={"groups": CLUSTERS})
    agree(clustered.covariance, peer.cov_params())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_score_tests_of_statsmodels(name):
    f, x, model = both(name, None)
    scale = fitted(model, x).scale
    for observed in (True, False):
        statistic, p_value, freedom = model.score_test(x, exog_extra=EXTRA, observed=observed)
        information = "observed" if observed else "expected"
        ours = hessopt.score_test(f, x, columns=EXTRA, dispersion=scale, information=information)
        agree(ours.statistic, statistic)
        agree(ours.p_value, p_value)
        assert ours.degrees_of_freedom == freedom


@pytest.mark.parametrize("weighted", [False, True])
def test_least_squares_of_statsmodels(weighted):
    """All four sandwiches, and Student's law; weights are those of variances."""
    sm = pytest.importorskip("statsmodels.api")
    y, A = drawn(Squared, ETA), np.column_stack([X, np.ones(N)])
    f = Squared(X, y, sample_weight=WEIGHT if weighted else None)
    x = hessopt.minimize(f, np.zeros(4), tol=1e-13).x
    model = sm.WLS(y, A, weights=WEIGHT) if weighted else sm.OLS(y, A)
    peer = model.fit()
    ours = hessopt.inference(f, x, weights="variance")
    assert ours.statistic_name == "t"
    agree(ours.p_values, peer.pvalues)
    agree(ours.confidence_intervals(), peer.conf_int())
    for kind in ("HC0", "HC1", "HC3"):
        robust = hessopt.inference(f, x, covariance=kind, weights="variance")
        peer = model.fit(cov_type=kind)
        agree(robust.covariance, peer.cov_params())
        agree(robust.p_values, peer.pvalues)
    peer = model.fit(cov_type="cluster", cov_kwds={"groups": CLUSTERS})
    agree(f.covariance(x, clusters=CLUSTERS, weights="variance"), peer.cov_params())


def test_laws_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    for k in (0.7, 3, 50, 1e4, 1e7):
        for t in (0.01, 1.0, 2.5, 8.0):
            agree(hessopt._core.student_tail(t, k), stats.t.sf(t, k), rtol=1e-10)
            agree(hessopt._core.chi_square_tail(t * k, k), stats.chi2.sf(t * k, k), rtol=1e-10)
    for level in (0.5, 0.9, 0.95, 0.999):
        agree(critical(level, 7.5), stats.t.ppf((1 + level) / 2, 7.5), rtol=1e-12)
