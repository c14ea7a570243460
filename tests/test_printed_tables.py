"""Fits of estimators and of models beside what R printed of the same ones: every digit."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hessopt
import hessopt.sklearn as hs
import printed_tables as r
from hessopt.objectives import Binomial, Gamma, Poisson
from printed_tables import as_r, check, digits_agree


def agree(**numbers):
    """Numbers beside their digits, as `aic=(fit.aic, "56.76")`."""
    for name, (value, printed) in numbers.items():
        assert digits_agree(printed, value), (name, value, printed)


def criteria(fit, null, deviance, aic, more=0):
    """`more` is what R's AIC counts beside: a dispersion, or the theta of a law."""
    agree(
        null=(fit.null_deviance, null), deviance=(fit.deviance, deviance), aic=(fit.aic + more, aic)
    )


def test_what_compares_digits():
    assert digits_agree("-2.247", -2.24745)
    assert not digits_agree("-2.247", -2.2476)
    assert digits_agree("6.49e-05", 6.4911e-5)
    assert not digits_agree("6.49e-05", 6.4999e-5)
    assert digits_agree("<2e-16", 1e-16)
    assert not digits_agree("<2e-16", 1e-15)
    assert digits_agree("NA", np.nan)
    assert not digits_agree("NA", 1.0)


def test_counts_of_dobson():
    made = hs.PoissonRegressor(alpha=0).fit(r.DOBSON, r.DOBSON_COUNTS)
    fit = made.summary(r.DOBSON, r.DOBSON_COUNTS)
    check(fit, r.DOBSON_TABLE, as_r)
    criteria(fit, "10.5814", "5.1291", "56.76")
    assert fit.residual_degrees_of_freedom == 4
    check(fit, "treatment2 0.0000 0.2000 0.000 1.0000", as_r)
    # `confint.default` and `confint`, whose splines are good to 3e-5.
    wald = fit.confidence_intervals()[[4, 0, 1]]
    printed = [[2.7095672, 3.3794776], [-0.8505027, -0.0580079], [-0.6707552, 0.0847809]]
    np.testing.assert_allclose(wald, printed, atol=1e-7)
    profile = fit.confidence_intervals(method="profile")[[4, 0, 1, 2]]
    printed = [
        [2.6958215, 3.3665558],
        [-0.8577018, -0.0625584],
        [-0.6753696, 0.0824409],
        [-0.3932548, 0.3932548],
    ]
    np.testing.assert_allclose(profile, printed, atol=3e-5)


def test_breaks_of_yarn():
    """Poisson, and quasi-Poisson with Student's t."""
    made = hs.PoissonRegressor(alpha=0).fit(r.YARN, r.BREAKS)
    plain = made.summary(r.YARN, r.BREAKS)
    quasi = made.summary(r.YARN, r.BREAKS, dispersion="pearson")
    mean = r.BREAKS + 0.1
    check(r.stopped(plain, np.log(mean), mean, mean, 4), r.YARN_TABLE, as_r)
    criteria(plain, "297.37", "210.39", "493.06")
    check(r.stopped(quasi, np.log(mean), mean, mean, 4, 4.261537), r.YARN_QUASI_TABLE, as_r)
    assert quasi.dispersion == pytest.approx(4.261537, rel=1e-5)  # where R's steps stop
    assert quasi.statistic_name == "t"


def test_budworms():
    """With profiles, which R has from splines."""
    male, dose = np.repeat([1.0, 0.0], 6), np.tile(np.arange(6.0), 2)
    columns = hessopt.Columns({"sexF": 1 - male, "sexM": male, "ldose": dose})
    f = Binomial(columns, r.DEAD / 20, trials=np.full(12, 20), fit_intercept=False)
    fit = hessopt.inference(f, hessopt.minimize(f, np.zeros(3)))
    check(fit, "sexF -3.4732 0.4685\nsexM -2.3724 0.3855\nldose 1.0642 0.1311")
    agree(deviance=(fit.deviance, "6.7571"), aic=(fit.aic, "42.87"))
    profile = fit.confidence_intervals(method="profile")
    printed = [[-4.4581438, -2.613736], [-3.1728745, -1.655117], [0.8228708, 1.339058]]
    np.testing.assert_allclose(profile, printed, atol=3e-4)


def test_clotting_times():
    """The inverse link, and R's `log(u) + log(u^2)`, whose second coefficient is NA."""
    y, logs = r.CLOTTING, np.log(r.PLASMA)
    f = Gamma(hessopt.Columns({"log(u)": logs}), y, link="inverse")
    x = hessopt.minimize(f, f.start(), tol=1e-14).x
    fit = hessopt.inference(f, x)
    check(r.stopped(fit, 1 / y, y, -(y**2), 3, 0.002446059), r.CLOTTING_TABLE, as_r)
    assert fit.dispersion == pytest.approx(0.002446059, rel=2e-5)  # where R's steps stop
    likeliest = hessopt.inference(f, x, dispersion=fit.deviance / 9)  # of R's AIC
    criteria(likeliest, "3.51283", "0.01672972", "37.98992", more=2)
    twice = Gamma(hessopt.Columns({"log(u)": logs, "log(u^2)": 2 * logs}), y, link="inverse")
    aliased = hessopt.inference(twice, hessopt.minimize(twice, twice.start(), tol=1e-14).x)
    assert aliased.left_out == ["log(u^2)"]
    np.testing.assert_allclose(aliased.p_values[[0, 2]], fit.p_values, rtol=1e-6)
    assert aliased.residual_degrees_of_freedom == 7


def test_weights_of_plants():
    X = pd.DataFrame({"group": pd.Categorical(np.repeat(["Ctl", "Trt"], 10))})
    fit = hs.LinearRegression().fit(X, r.PLANTS).summary(X, r.PLANTS)
    check(fit, r.PLANTS_TABLE, as_r)
    agree(sigma=(np.sqrt(fit.dispersion), "0.6964"))
    agree(likelihood=(fit.log_likelihood, "-20.08824"))


def test_longley():
    known = json.loads((Path(__file__).parent / "data" / "nist.json").read_text("utf-8"))
    data = known["linear"]["Longley"]
    names = ["GNP.deflator", "GNP", "Unemployed", "Armed.Forces", "Population", "Year"]
    X, y = pd.DataFrame(dict(zip(names, data["x"], strict=True))), np.array(data["y"])
    X = X / [1, 1000, 10, 10, 1000, 1]
    fit = hs.LinearRegression().fit(X, y / 1000).summary(X, y / 1000)
    check(fit, r.LONGLEY_TABLE, as_r)
    agree(sigma=(np.sqrt(fit.dispersion), "0.3049"))
    assert fit.residual_degrees_of_freedom == 9


def test_weights_of_anorexics():
    """An offset."""
    X = pd.DataFrame({"Prewt": r.BEFORE, "Treat": pd.Categorical(r.TREATED)})
    normal = hs.TweedieRegressor(power=0, alpha=0).fit(X, r.AFTER, offset=r.BEFORE)
    fit = normal.summary(X, r.AFTER, offset=r.BEFORE)
    check(fit, r.ANOREXIA_TABLE, as_r)
    criteria(fit, "4525.4", "3311.3", "489.97", more=2)
    agree(dispersion=(fit.dispersion, "48.69504"))


def test_bacteria():
    """Logistic regression of rows that stand for several; contrasts of successive treatments."""
    trt, week = np.repeat([0, 1, 2], 5), np.tile([0.0, 2, 4, 6, 11], 3)
    contrasts = np.array([[-2, -1], [1, -1], [1, 2]])[trt] / 3
    X = np.column_stack([contrasts, week, contrasts * week[:, None]])
    names = ["trtdrug", "trtencourage", "week", "trtdrug:week", "trtencourage:week"]
    X = pd.DataFrame(np.vstack([X, X]), columns=names)
    y, weight = np.repeat(["y", "n"], 15), np.append(r.FREE, r.TESTED - r.FREE)
    fit = hs.LogisticRegression(C=np.inf).fit(X, y, weight).summary(X, y, weight)
    mean = np.where(y == "y", 0.75, 0.25)
    slope = mean * (1 - mean)
    before = r.stopped(fit, np.log(mean / (1 - mean)), mean, slope, 4)
    check(before, r.BACTERIA_TABLE, as_r)
    criteria(fit, "217.38", "203.12", "215.12")
    assert fit.residual_degrees_of_freedom == 214


def test_claims_of_insurances():
    """Rates: an offset, and polynomials of ordered levels."""
    cell = np.arange(64)
    steps = np.array([[-3, -1, 1, 3], [1, -1, -1, 1], [-1, 3, -3, 1]])
    steps = (steps.T / np.sqrt((steps**2).sum(1))).T
    columns = {f"District{k + 1}": (cell // 16 == k) * 1.0 for k in (1, 2, 3)}
    for name, level in (("Group", cell // 4 % 4), ("Age", cell % 4)):
        columns |= {f"{name}.{k}": s[level] for k, s in zip("LQC", steps, strict=True)}
    X, exposure = pd.DataFrame(columns), np.log(r.HOLDERS)
    fit = hs.PoissonRegressor(alpha=0).fit(X, r.CLAIMS, offset=exposure)
    fit = fit.summary(X, r.CLAIMS, offset=exposure)
    check(fit, r.CLAIMS_TABLE, as_r)
    criteria(fit, "236.3", "51.42", "388.7")
    agree(statistic=(fit.deviance, "51.42003"))
    model = Poisson(X.to_numpy(), r.CLAIMS, offset=exposure)
    assert model.pearson_chi2(fit.coefficients) == pytest.approx(48.62933, abs=1e-5)


def test_days_of_absence():
    """Negative binomial: theta by largest likelihood, and columns of no pupil, NA in R."""
    cells = [cell.split() for cell in r.DAYS.replace("\n", "|").split("|")]
    days = np.concatenate([np.array(cell[4:], float) for cell in cells])
    levels = np.repeat([cell[:4] for cell in cells], [len(cell) - 4 for cell in cells], axis=0)
    parts = {
        0: {"EthN": levels[:, 0] == "N"},
        1: {f"AgeF{k}": levels[:, 1] == f"F{k}" for k in (1, 2, 3)},
        2: {"LrnSL": levels[:, 2] == "SL"},
        3: {"SexM": levels[:, 3] == "M"},
    }
    X = {}
    for k in (1, 2, 3, 4):
        for factors in itertools.combinations(parts.values(), k):
            for names in itertools.product(*factors):
                each = [factor[name] for factor, name in zip(factors, names, strict=True)]
                X[":".join(names)] = np.all(each, axis=0) * 1.0
    X = pd.DataFrame(X)
    made = hs.NegativeBinomialRegressor(theta="ml", alpha=0).fit(X, days)
    fit = made.summary(X, days, covariance="expected")
    check(fit, r.QUINE_TABLE, as_r)
    assert len(r.rows_of(r.QUINE_TABLE)) == len(fit.names)
    criteria(fit, "272.29", "167.45", "1097.3", more=2)
    agree(theta=(made.theta_, "1.928"), twice=(2 * fit.log_likelihood, "-1039.324"))
    assert fit.residual_degrees_of_freedom == 118


def test_cells_of_yeast():
    """Counts of W. S. Gosset, with frequencies."""
    X, y = np.zeros((6, 1)), np.arange(6.0)
    often = np.array([213.0, 128, 37, 18, 3, 1])
    made = hs.NegativeBinomialRegressor(theta="ml", alpha=0).fit(X, y, often)
    fit = made.summary(X, y, often, covariance="expected")
    check(fit, "(Intercept) -0.38199    0.06603  -5.785 7.25e-09", as_r)
    criteria(fit, "408.9", "408.9", "897.06", more=2)
    agree(theta=(made.theta_, "3.59"), twice=(2 * fit.log_likelihood, "-893.063"))
    assert fit.left_out == ["X[:, 0]"]


@pytest.mark.parametrize(("link", "aic"), [("logit", "3495.149"), ("probit", "3495.689")])
def test_ordered_satisfaction(link, aic):
    names = ["Low", "Medium", "High"]
    X, y = r.HOUSES, pd.Categorical.from_codes(np.arange(72) % 3, names, ordered=True)
    made = hs.OrdinalRegression(C=np.inf, link=link).fit(X, y, r.SATISFIED)
    fit = made.summary(X, y, r.SATISFIED)
    check(fit, r.ORDERED_TABLES[link], as_r)
    agree(aic=(fit.aic, aic), deviance=(-2 * fit.log_likelihood, f"{float(aic) - 16:.3f}"))


def test_classes_of_satisfaction():
    X, y, often = r.HOUSES, np.arange(72) % 3, r.SATISFIED
    fit = hs.LogisticRegression(C=np.inf).fit(X, y, often).summary(X, y, often)
    check(fit, r.CLASSES_TABLE, lambda name: ":".join(map(as_r, name.split(": "))))
    agree(aic=(fit.aic, "3498.084"), deviance=(-2 * fit.log_likelihood, "3470.084"))


def test_remissions_and_leukaemia():
    times = [t for text in r.REMISSIONS.values() for t in text.split()]
    y = np.array([[not t.endswith("+"), float(t.strip("+"))] for t in times])
    X = pd.DataFrame({"treat": pd.Categorical(np.repeat(list(r.REMISSIONS), 21))})
    fit = hs.CoxRegressor().fit(X, y).summary(X, y)
    check(fit, r.REMISSIONS_TABLE, as_r)
    X = pd.DataFrame({"agpresent": np.arange(33) < 17.0, "log(wbc)": np.log(r.CELLS)}, dtype=float)
    fit = hs.CoxRegressor().fit(X, r.LEUKAEMIA).summary(X, r.LEUKAEMIA)
    check(fit, r.LEUKAEMIA_TABLE)
    hazards = np.exp(fit.confidence_intervals())
    for bounds, printed in zip(hazards, [("0.148", "0.7964"), ("1.106", "1.8857")], strict=True):
        agree(lower=(bounds[0], printed[0]), upper=(bounds[1], printed[1]))


@pytest.mark.parametrize(("table", "ratio"), r.OVARIAN_TABLES)
def test_ovarian_cancer(table, ratio):
    """The statistic of the likelihood ratio, too."""
    X = r.OVARIAN[list(r.rows_of(table))]
    y = np.column_stack([r.OVARIAN_DEATHS, r.OVARIAN_DAYS])
    fit = hs.CoxRegressor().fit(X, y).summary(X, y)
    check(fit, table)
    none = fit.model.log_likelihood(np.zeros(len(fit.names)))
    agree(ratio=(2 * (fit.log_likelihood - none), f"{ratio:.2f}"))
