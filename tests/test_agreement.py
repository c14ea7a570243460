"""The optimum and its standard errors against scikit-learn, statsmodels, glum and SciPy.

Ours is the weighted mean of the loss plus ½ Σ l2ⱼ wⱼ²; every test says how the peer's penalty maps
to it. All peers run to the tightest tolerance they can.
"""

import numpy as np
import pytest

import hessopt
import tables
from families import drawn
from hessopt.objectives import (
    Binomial,
    Gamma,
    Huber,
    InverseGaussian,
    Logistic,
    NegativeBinomial,
    Poisson,
    Softmax,
    Squared,
    Tweedie,
)

pytestmark = pytest.mark.agreement

N, P = 400, 5
rng = np.random.default_rng(11)
X = rng.normal(size=(N, P)) * [1.0, 0.5, 2.0, 1.0, 0.1] + [0.0, 1.0, 0.0, -0.5, 0.0]
ETA = X @ [0.5, -0.3, 0.2, 0.0, 1.0] - 0.3
OFFSET = 0.4 * rng.normal(size=N)
WEIGHT = rng.integers(1, 5, N)  # so that they may be frequencies
L2 = np.array([0.0, 0.3, 0.05, 1.0, 0.01])
Y = {
    Squared: ETA + OFFSET + rng.normal(size=N),
    Huber: ETA + OFFSET + rng.standard_t(2, size=N),
    Logistic: (rng.uniform(size=N) < 1 / (1 + np.exp(-ETA - OFFSET))).astype(int),
    Poisson: rng.poisson(np.exp(ETA + OFFSET)),
    Gamma: rng.gamma(2.0, np.exp(ETA + OFFSET) / 2),
    Softmax: np.argmax(X @ rng.normal(size=(P, 3)) + rng.gumbel(size=(N, 3)), axis=1),
}
CASES = {
    "plain": {},
    "weights": {"sample_weight": WEIGHT},
    "offset": {"offset": OFFSET},
    "both": {"sample_weight": WEIGHT, "offset": OFFSET},
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def fit(kind, **options):
    """The minimum to the last digits, and its objective."""
    f = kind(X, Y[kind], **options)
    found = hessopt.minimize(f, np.zeros(f.n_parameters), tol=1e-13)
    assert found.success, found.message
    return found.x, f


def agree(ours, theirs, rtol=1e-8):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


# scikit-learn: no offsets


def weights_and(estimator, y, weight):
    """Fitted; coefficients, then intercept."""
    estimator.fit(X, y, sample_weight=weight)
    return np.column_stack([np.atleast_2d(estimator.coef_), np.ravel(estimator.intercept_)])


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("l2", [1e-3, 0.3])
class TestScikitLearn:
    @pytest.fixture(autouse=True)
    def models(self):
        """Those whose objective is C Σ loss + ½|w|², Σ r² + α|w|², or the mean plus ½ α|w|²."""
        self.peer = pytest.importorskip("sklearn.linear_model")

    def test_logistic(self, l2, weight):
        total = N if weight is None else weight.sum()
        peer = self.peer.LogisticRegression(
            C=1 / (total * l2), solver="newton-cholesky", tol=1e-13, max_iter=100
        )
        ours = fit(Logistic, l2=l2, sample_weight=weight)[0]
        agree(ours, weights_and(peer, Y[Logistic], weight)[0])

    def test_softmax(self, l2, weight):
        pytest.importorskip("sklearn", minversion="1.6")  # newton-cholesky for several classes
        total = N if weight is None else weight.sum()
        peer = self.peer.LogisticRegression(
            C=1 / (total * l2), solver="newton-cholesky", tol=1e-13, max_iter=100
        )
        ours = fit(Softmax, l2=l2, sample_weight=weight)[0].reshape(3, -1)
        theirs = weights_and(peer, Y[Softmax], weight)
        for coefficients in (ours, theirs):  # a common shift of the intercepts is free
            coefficients[:, -1] -= coefficients[:, -1].mean()
        agree(ours, theirs)

    @pytest.mark.parametrize("kind", [Poisson, Gamma])
    def test_log_link(self, kind, l2, weight):
        peer = getattr(self.peer, kind.__name__ + "Regressor")(
            alpha=l2, solver="newton-cholesky", tol=1e-13, max_iter=100
        )
        ours = fit(kind, l2=l2, sample_weight=weight)[0]
        agree(ours, weights_and(peer, Y[kind], weight)[0])

    def test_squared(self, l2, weight):
        total = N if weight is None else weight.sum()
        peer = self.peer.Ridge(alpha=l2 * total, solver="cholesky")
        ours = fit(Squared, l2=l2, sample_weight=weight)[0]
        agree(ours, weights_and(peer, Y[Squared], weight)[0])


# statsmodels: no penalty, but standard errors


def glm(kind, case):
    """Fitted by iteratively reweighted least squares."""
    sm = pytest.importorskip("statsmodels.api")
    family = {
        Squared: sm.families.Gaussian(),
        Logistic: sm.families.Binomial(),
        Poisson: sm.families.Poisson(),
        Gamma: sm.families.Gamma(sm.families.links.Log()),
    }[kind]
    model = sm.GLM(
        Y[kind],
        np.column_stack([X, np.ones(N)]),
        family=family,
        offset=case.get("offset"),
        freq_weights=case.get("sample_weight"),
    )
    return model.fit(maxiter=100, tol=1e-15, tol_criterion="params")


@every_case
@pytest.mark.parametrize("kind", [Squared, Logistic, Poisson, Gamma])
def test_coefficients_and_standard_errors_of_statsmodels(kind, case):
    peer = glm(kind, case)
    ours, f = fit(kind, **case)
    agree(ours, peer.params)
    # Where the link is not canonical their default is the expected information.
    observed = -peer.model.hessian(peer.params, scale=peer.scale, observed=True)
    covariance = f.covariance(ours, dispersion=peer.scale)
    agree(covariance, np.linalg.inv(observed))
    agree(np.sqrt(np.diag(covariance)), np.sqrt(np.diag(np.linalg.inv(observed))))
    if kind is not Gamma:
        agree(np.sqrt(np.diag(covariance)), peer.bse)


def test_exposure_is_an_offset_of_its_log():
    sm = pytest.importorskip("statsmodels.api")
    exposure = np.exp(OFFSET)
    model = sm.GLM(
        Y[Poisson], np.column_stack([X, np.ones(N)]), sm.families.Poisson(), exposure=exposure
    )
    peer = model.fit(tol=1e-15, tol_criterion="params")
    agree(fit(Poisson, offset=np.log(exposure))[0], peer.params)


def test_standard_errors_of_ordinary_least_squares():
    sm = pytest.importorskip("statsmodels.api")
    peer = sm.OLS(Y[Squared], np.column_stack([X, np.ones(N)])).fit()
    ours, f = fit(Squared)
    variance = 2 * N * f.value_and_gradient(ours)[0] / (N - P - 1)
    agree(variance, peer.scale)
    agree(np.sqrt(np.diag(f.covariance(ours, dispersion=variance))), peer.bse)


def test_standard_errors_of_logit():
    sm = pytest.importorskip("statsmodels.api")
    logit = sm.Logit(Y[Logistic], np.column_stack([X, np.ones(N)]))
    peer = logit.fit(method="newton", tol=1e-13, disp=False)
    ours, f = fit(Logistic)
    agree(ours, peer.params)
    agree(np.sqrt(np.diag(f.covariance(ours))), peer.bse)


def test_softmax_with_a_class_held_fixed_is_multinomial_logit():
    """The recipe of Softmax's docstring."""
    sm = pytest.importorskip("statsmodels.api")
    logit = sm.MNLogit(Y[Softmax], np.column_stack([X, np.ones(N)]))
    peer = logit.fit(method="newton", tol=1e-13, disp=False)
    ours, f = fit(Softmax)
    classes = ours.reshape(3, -1)
    agree(classes[1:] - classes[0], peer.params.T)
    covariance = np.linalg.inv(N * f.hessian(ours)[P + 1 :, P + 1 :])
    agree(np.sqrt(np.diag(covariance)), peer.bse.T.ravel())


@pytest.mark.parametrize("name", tables.TABLES)
def test_the_witness_prints_the_tables_of_statsmodels(name):
    """The minima that `bench_tables.py` and other tests hold fits of real data against."""
    sm = pytest.importorskip("statsmodels.api")
    pytest.importorskip("sklearn")
    fit = tables.fit(name)
    A = np.column_stack([fit.X, np.ones(len(fit.X))])
    if fit.loss == "Softmax":
        peer = sm.MNLogit(fit.y, A).fit(method="newton", tol=1e-10, disp=False)
        theirs, errors = peer.params.T.ravel(), peer.bse.T.ravel()
    else:
        family = {
            "Squared": sm.families.Gaussian(),
            "Logistic": sm.families.Binomial(),
            "Poisson": sm.families.Poisson(),
            "Gamma": sm.families.Gamma(sm.families.links.Log()),
        }[fit.loss]
        model = sm.GLM(fit.y, A, family=family, freq_weights=fit.weight)
        peer = model.fit(maxiter=100, tol=1e-14, tol_criterion="params")
        theirs = peer.params
        hessian = model.hessian(theirs, scale=peer.scale, observed=True)
        errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    ours, spread = fit.coefficients()
    assert (np.abs(ours - theirs) <= 1e-6 * spread).all()
    np.testing.assert_allclose(spread, errors, rtol=1e-5)


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs"])
@pytest.mark.parametrize("name", tables.TABLES)
def test_default_options_give_every_digit_of_a_table(name, method):
    pytest.importorskip("statsmodels")
    pytest.importorskip("sklearn")
    fit = tables.fit(name)
    model = fit.objective()
    found = hessopt.minimize(model, np.zeros(model.n_parameters), method=method)
    assert found.success, found.message
    want, spread = fit.coefficients()
    assert (np.abs(fit.raw(found.x) - want) <= 1e-6 * spread).all(), found.message


# glum: offsets, weights and a penalty of each coefficient


@every_case
@pytest.mark.parametrize("l2", [0.0, 0.1, L2], ids=["none", "same", "each"])
@pytest.mark.parametrize("kind", [Squared, Logistic, Poisson, Gamma])
def test_coefficients_of_glum(kind, l2, case):
    """Half the mean deviance plus ½ α wᵀP₂w; of the normal law the deviance is r²."""
    glum = pytest.importorskip("glum")
    family = {Squared: "normal", Logistic: "binomial", Poisson: "poisson", Gamma: "gamma"}[kind]
    peer = glum.GeneralizedLinearRegressor(
        family=family,
        link="logit" if kind is Logistic else "identity" if kind is Squared else "log",
        alpha=1.0 if np.any(l2) else 0.0,
        P2=np.broadcast_to(l2, P).astype(float) if np.any(l2) else "identity",
        l1_ratio=0,
        gradient_tol=1e-13,
        max_iter=200,
    )
    y = Y[kind].astype(float)
    peer.fit(X, y, sample_weight=case.get("sample_weight"), offset=case.get("offset"))
    agree(fit(kind, l2=l2, **case)[0], [*peer.coef_, peer.intercept_])


# SciPy: Huber's loss, which scikit-learn has only with an estimated scale


@pytest.mark.parametrize("delta", [0.3, 1.0, 5.0])
def test_huber_is_scipys_robust_least_squares(delta):
    optimize = pytest.importorskip("scipy.optimize")
    A = np.column_stack([X, np.ones(N)])
    peer = optimize.least_squares(
        lambda x: A @ x - Y[Huber],
        np.zeros(P + 1),
        jac=lambda x: A,
        loss="huber",
        f_scale=delta,
        gtol=1e-15,
        ftol=1e-15,
        xtol=1e-15,
        max_nfev=1000,
    )
    ours, f = fit(Huber, delta=delta)
    agree(ours, peer.x)
    assert f.value_and_gradient(ours)[0] == pytest.approx(peer.cost / N, rel=1e-13)


@every_case
def test_huber_with_all_that_least_squares_lacks(case):
    optimize = pytest.importorskip("scipy.optimize")
    A = np.column_stack([X, np.ones(N)])
    w = case.get("sample_weight", np.ones(N))
    w, l2 = w / w.sum(), np.append(L2, 0.0)
    target = Y[Huber] - case.get("offset", 0.0)

    def fun(x):
        r = A @ x - target
        slope = np.clip(r, -1, 1)
        return w @ (slope * (r - slope / 2)) + l2 @ x**2 / 2, A.T @ (w * slope) + l2 * x

    peer = optimize.minimize(
        fun,
        np.zeros(P + 1),
        jac=True,
        hess=lambda x: A.T * (w * (np.abs(A @ x - target) <= 1)) @ A + np.diag(l2),
        method="trust-exact",
        options={"gtol": 1e-13},
    )
    ours = fit(Huber, l2=L2, **case)[0]
    agree(ours, peer.x)


# families and links


TRIALS = np.random.default_rng(4).integers(1, 9, N)
# Predictors near 2, of every family and link, and what statsmodels calls them.
GENTLE = np.array([0.2, -0.1, 0.1, 0.15, 0.3])
PEERS = {
    "logit": (Binomial, {"link": "logit"}, lambda f, link: f.Binomial(link.Logit())),
    "probit": (Binomial, {"link": "probit"}, lambda f, link: f.Binomial(link.Probit())),
    "cloglog": (Binomial, {"link": "cloglog"}, lambda f, link: f.Binomial(link.CLogLog())),
    "cauchit": (Binomial, {"link": "cauchit"}, lambda f, link: f.Binomial(link.Cauchy())),
    "Poisson": (Poisson, {}, lambda f, link: f.Poisson()),
    "Poisson, sqrt": (Poisson, {"link": "sqrt"}, lambda f, link: f.Poisson(link.Sqrt())),
    "Poisson, identity": (
        Poisson,
        {"link": "identity"},
        lambda f, link: f.Poisson(link.Identity()),
    ),
    "gamma": (Gamma, {}, lambda f, link: f.Gamma(link.Log())),
    "gamma, inverse": (Gamma, {"link": "inverse"}, lambda f, link: f.Gamma(link.InversePower())),
    "gamma, identity": (Gamma, {"link": "identity"}, lambda f, link: f.Gamma(link.Identity())),
    "inverse Gaussian": (InverseGaussian, {}, lambda f, link: f.InverseGaussian(link.Log())),
    "inverse Gaussian, inverse square": (
        InverseGaussian,
        {"link": "inverse_squared"},
        lambda f, link: f.InverseGaussian(link.InverseSquared()),
    ),
    "Tweedie": (
        Tweedie,
        {"power": 1.5},
        lambda f, link: f.Tweedie(link.Log(), var_power=1.5),
    ),
    "negative binomial": (
        NegativeBinomial,
        {"theta": 2.5},
        lambda f, link: f.NegativeBinomial(link.Log(), alpha=0.4),
    ),
}


@pytest.mark.filterwarnings("ignore")  # statsmodels' of links that do not respect a domain
@pytest.mark.parametrize("case", ["plain", "weights", "offset"])
@pytest.mark.parametrize("name", PEERS)
def test_families_and_links_of_statsmodels(name, case):
    sm = pytest.importorskip("statsmodels.api")
    kind, options, family = PEERS[name]
    positive = options.get("link") in ("sqrt", "identity", "inverse", "inverse_squared")
    offset = np.abs(OFFSET) if case == "offset" else None
    weight = WEIGHT if case == "weights" else None
    Z = (X - X.min(axis=0)) / np.ptp(X, axis=0) if positive else X
    eta = Z @ np.abs(GENTLE) + 1 if positive else Z @ GENTLE - 0.3
    trials = {"trials": TRIALS} if kind is Binomial else {}
    like = kind(Z, np.ones(N), **trials, **options)
    y = drawn(kind, like.mean(eta if offset is None else eta + offset), TRIALS)
    f = kind(Z, y, sample_weight=weight, offset=offset, **trials, **options)
    found = hessopt.minimize(f, f.start() if positive else np.zeros(P + 1), tol=1e-13)
    assert found.success, found.message
    x = found.x

    design = np.column_stack([Z, np.ones(N)])
    counts = np.column_stack([TRIALS * y, TRIALS * (1 - y)])
    model = sm.GLM(
        counts if kind is Binomial else y,
        design,
        family(sm.families, sm.families.links),
        freq_weights=weight,
        offset=offset,
    )
    # Their scoring steps by the expected information creep where the link is far from canonical.
    peer = model.fit(start_params=x, maxiter=500, tol=1e-15, tol_criterion="params")
    agree(x, peer.params)
    one = kind in (Binomial, Poisson, NegativeBinomial)
    scale = 1.0 if one else f.dispersion(x)
    if not one:
        agree(scale, peer.scale)
    observed = -model.hessian(peer.params, scale=peer.scale, observed=True)
    agree(f.covariance(x, dispersion=scale), np.linalg.inv(observed))
    agree(f.deviance(x), peer.deviance)
    agree(f.null_deviance(), peer.null_deviance)
    agree(f.predictor(x), peer.predict(which="linear"))
    agree(f.mean(f.predictor(x)), peer.mu)
    if kind is not Tweedie:
        agree(f.log_likelihood(x, dispersion=scale), peer.llf)
        agree(2 * (P + 1) - 2 * f.log_likelihood(x, dispersion=scale), peer.aic)


@pytest.mark.parametrize("power", [1.1, 1.5, 1.9])
def test_tweedie_densities_of_statsmodels(power):
    sm = pytest.importorskip("statsmodels.api")
    pytest.importorskip("scipy")
    y = drawn(Tweedie, np.exp(X @ GENTLE - 0.3))
    f = Tweedie(X, y, power=power)
    x = hessopt.minimize(f, np.zeros(P + 1), tol=1e-13).x
    family = sm.families.Tweedie(var_power=power, eql=False)
    mu = f.mean(f.predictor(x))
    for dispersion in (0.5, f.dispersion(x)):
        peer = family.loglike_obs(y, mu, scale=dispersion).sum()
        agree(f.log_likelihood(x, dispersion=dispersion), peer, rtol=1e-9)


@pytest.mark.parametrize("l2", [0.0, L2], ids=["none", "each"])
@pytest.mark.parametrize(
    ("kind", "family", "options"),
    [
        (Tweedie, "tweedie (1.5)", {"power": 1.5}),
        (NegativeBinomial, "negative.binomial (0.4)", {"theta": 2.5}),
        (InverseGaussian, "inverse.gaussian", {}),
    ],
)
def test_families_of_glum(kind, family, options, l2):
    glum = pytest.importorskip("glum")
    y = drawn(kind, np.exp(X @ GENTLE - 0.3))
    peer = glum.GeneralizedLinearRegressor(
        family=family,
        link="log",
        alpha=1.0 if np.any(l2) else 0.0,
        P2=np.broadcast_to(l2, P).astype(float) if np.any(l2) else "identity",
        l1_ratio=0,
        gradient_tol=1e-13,
        max_iter=300,
    )
    peer.fit(X, y)
    f = kind(X, y, l2=l2, **options)
    x = hessopt.minimize(f, np.zeros(P + 1), tol=1e-13).x
    agree(x, [*peer.coef_, peer.intercept_])


def test_tweedie_of_scikit_learn():
    peer = pytest.importorskip("sklearn.linear_model").TweedieRegressor(
        power=1.5, alpha=0.1, link="log", solver="newton-cholesky", tol=1e-13, max_iter=200
    )
    y = drawn(Tweedie, np.exp(X @ GENTLE - 0.3))
    f = Tweedie(X, y, power=1.5, l2=0.1)
    agree(hessopt.minimize(f, np.zeros(P + 1), tol=1e-13).x, weights_and(peer, y, None)[0])
