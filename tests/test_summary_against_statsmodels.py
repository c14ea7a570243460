"""Summaries of estimators beside statsmodels', on the data that it comes with."""

import numpy as np
import pandas as pd
import pytest

import hessopt.sklearn as hs

pytestmark = [
    pytest.mark.agreement,
    pytest.mark.filterwarnings("ignore"),  # of statsmodels, about pandas and links
]


@pytest.fixture(scope="module")
def sm():
    return pytest.importorskip("statsmodels.api")


def data(sm, name):
    """Columns as a frame of numbers, and the target."""
    loaded = getattr(sm.datasets, name).load_pandas()
    return loaded.exog.astype(float).reset_index(drop=True), np.asarray(loaded.endog, float)


def agree(ours, theirs, rtol=1e-8):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


def rows_agree(fit, theirs, rtol=1e-8):
    """Coefficients, standard errors, z, p and intervals, as both have them."""
    agree(fit.coefficients, theirs.params, rtol)
    agree(fit.standard_errors, theirs.bse, rtol)
    agree(fit.statistics, theirs.tvalues, rtol)
    agree(fit.p_values, theirs.pvalues, 100 * rtol)
    agree(fit.confidence_intervals(), theirs.conf_int(), rtol)


def regressions():
    """Estimator, statsmodels' family, data, and what statsmodels is told of the weights."""
    return {
        "Poisson": (hs.PoissonRegressor(alpha=0), lambda f: f.Poisson(), "cpunish"),
        "gamma": (hs.GammaRegressor(alpha=0), lambda f: f.Gamma(f.links.Log()), "scotland"),
        "Tweedie": (
            hs.TweedieRegressor(power=1.5, alpha=0),
            lambda f: f.Tweedie(f.links.Log(), var_power=1.5, eql=False),
            "fair",
        ),
        "inverse Gaussian": (
            hs.TweedieRegressor(power=3, alpha=0),
            lambda f: f.InverseGaussian(f.links.Log()),
            "scotland",
        ),
        "negative binomial": (
            hs.NegativeBinomialRegressor(theta=2.0, alpha=0),
            lambda f: f.NegativeBinomial(f.links.Log(), alpha=0.5),
            "cpunish",
        ),
        "normal": (hs.TweedieRegressor(power=0, alpha=0), lambda f: f.Gaussian(), "scotland"),
    }


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", regressions())
def test_generalized_linear_models(sm, name, weighted):
    estimator, family, which = regressions()[name]
    X, y = data(sm, which)
    X, y = X[:800], y[:800]
    X = (X - X.mean()) / X.std()
    weight = np.random.default_rng(0).integers(1, 4, len(y)).astype(float) if weighted else None
    offset = 0.1 * np.random.default_rng(1).normal(size=len(y))
    made = estimator.fit(X, y, weight, offset=offset)
    A = sm.add_constant(X, prepend=False)
    theirs = sm.GLM(y, A, family(sm.families), offset=offset, freq_weights=weight)
    x = np.append(made.coef_, made.intercept_)
    for covariance, options in (
        ("expected", {}),
        ("observed", {"method": "newton"}),
        ("HC0", {"cov_type": "HC0"}),
    ):
        peer = theirs.fit(start_params=x, tol=1e-14, maxiter=200, **options)
        fit = made.summary(X, y, weight, offset=offset, covariance=covariance)
        agree(fit.dispersion, peer.scale)
        # Theirs are normal whatever the dispersion.
        fit = made.summary(
            X, y, weight, offset=offset, covariance=covariance, dispersion=peer.scale
        )
        rows_agree(fit, peer)
    fit = made.summary(X, y, weight, offset=offset)
    agree(fit.deviance, peer.deviance)
    agree(fit.null_deviance, peer.null_deviance)
    agree(fit.log_likelihood, peer.llf)
    agree(fit.aic, peer.aic)
    agree(fit.bic, peer.bic_llf)
    agree(fit.model.pearson_chi2(fit.coefficients), peer.pearson_chi2)
    agree(fit.residual_degrees_of_freedom, peer.df_resid)
    assert fit.names == [*X.columns, "intercept"]


@pytest.mark.parametrize("name", ["longley", "stackloss", "statecrime"])
def test_least_squares(sm, name):
    """Longley's columns are the hardest that there are: as many digits as they have."""
    X, y = data(sm, name)
    theirs = sm.OLS(y, sm.add_constant(X, prepend=False)).fit(method="qr")
    made, rtol = hs.LinearRegression().fit(X, y), 1e-6 if name == "longley" else 1e-8
    fit = made.summary(X, y)
    rows_agree(fit, theirs, rtol)
    assert fit.statistic_name == "t"
    agree(fit.dispersion, theirs.mse_resid)
    agree(fit.deviance, theirs.ssr)
    agree(fit.null_deviance, theirs.centered_tss)
    agree(fit.log_likelihood, theirs.llf)
    agree((fit.aic, fit.bic), (theirs.aic, theirs.bic))
    for kind in ("HC0", "HC1", "HC3"):
        peer = theirs.get_robustcov_results(kind)
        robust = made.summary(X, y, covariance=kind)
        agree(robust.standard_errors, peer.bse, 1e-5 if name == "longley" else 1e-7)


def test_two_classes(sm):
    X, y = data(sm, "spector")
    theirs = sm.Logit(y, sm.add_constant(X, prepend=False)).fit(method="newton", tol=1e-14, disp=0)
    fit = hs.LogisticRegression(C=np.inf).fit(X, y).summary(X, y)
    rows_agree(fit, theirs)
    agree(fit.log_likelihood, theirs.llf)
    agree((fit.aic, fit.bic), (theirs.aic, theirs.bic))
    agree(1 - fit.deviance / fit.null_deviance, theirs.prsquared)  # McFadden's R²
    agree(fit.null_deviance, -2 * theirs.llnull)


def test_several_classes(sm):
    X, y = data(sm, "anes96")
    A = sm.add_constant(X, prepend=False)
    theirs = sm.MNLogit(y, A).fit(method="newton", gtol=1e-14, maxiter=60, disp=0)
    fit = hs.LogisticRegression(C=np.inf).fit(X, y).summary(X, y)
    k = X.shape[1] + 1
    agree(fit.coefficients.reshape(-1, k).T, theirs.params)
    agree(fit.standard_errors.reshape(-1, k).T, theirs.bse)
    agree(fit.p_values.reshape(-1, k).T, theirs.pvalues, 1e-6)
    agree(fit.confidence_intervals(), np.asarray(theirs.conf_int()).reshape(-1, 2))
    agree(fit.log_likelihood, theirs.llf)
    agree((fit.aic, fit.bic), (theirs.aic, theirs.bic))
    assert fit.names[k] == "2.0: " + X.columns[0]


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_ordered_classes(sm, link):
    """Their Hessian is by differences, and their thresholds beyond the first are by increments."""
    ordered = pytest.importorskip("statsmodels.miscmodels.ordinal_model")
    X, y = data(sm, "anes96")
    X = (X - X.mean()) / X.std()
    made = hs.OrdinalRegression(C=np.inf, link=link).fit(X, y)
    fit = made.summary(X, y)
    theirs = ordered.OrderedModel(y, X, distr=link)
    rising = made.thresholds_
    start = np.concatenate([made.coef_, rising[:1], np.log(np.diff(rising))])
    peer = theirs.fit(start_params=start, method="bfgs", gtol=1e-10, maxiter=50, disp=0)
    p = X.shape[1]
    agree(fit.coefficients[:p], peer.params.iloc[:p], 1e-6)
    agree(rising, theirs.transform_threshold_params(peer.params)[1:-1], 1e-6)
    agree(fit.standard_errors[:p], peer.bse.iloc[:p], 1e-5)
    agree(fit.p_values[:p], peer.pvalues.iloc[:p], 1e-3)
    agree(fit.log_likelihood, peer.llf)
    agree((fit.aic, fit.bic), (peer.aic, peer.bic))


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_survival(sm, ties):
    loaded = sm.datasets.heart.load_pandas()
    X = pd.DataFrame({"age": np.asarray(loaded.exog, float).ravel()})
    y = np.column_stack([loaded.censors, loaded.endog])
    theirs = sm.PHReg(y[:, 1], X, status=y[:, 0], ties=ties).fit(method="newton", tol=1e-14, disp=0)
    fit = hs.CoxRegressor(ties=ties).fit(X, y).summary(X, y)
    rows_agree(fit, theirs)
    agree(fit.log_likelihood, theirs.llf)


def test_theta_of_largest_likelihood(sm):
    X, y = data(sm, "randhie")
    X, y = X[::7], y[::7]
    X = (X - X.mean()) / X.std()
    made = hs.NegativeBinomialRegressor(theta="ml", alpha=0).fit(X, y)
    A = sm.add_constant(X, prepend=False)
    theirs = sm.NegativeBinomial(y, A)
    start = [*made.coef_, made.intercept_, 1 / made.theta_]
    peer = theirs.fit(start_params=start, method="newton", tol=1e-12, disp=0)
    agree(1 / made.theta_, peer.params.iloc[-1], 1e-6)
    agree(made.coef_, peer.params.iloc[:-2], 1e-6)
    fit = made.summary(X, y)
    agree(fit.log_likelihood, peer.llf)
