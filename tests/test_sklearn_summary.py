"""Summaries of estimators: what stands in them, and statsmodels' numbers."""

import importlib

import numpy as np
import pandas as pd
import pytest

import hessopt
import hessopt.sklearn as hs

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.normal(size=(200, 2)), columns=["dose", "age"])
COUNTS = RNG.poisson(np.exp(0.4 * FRAME["dose"] + 0.5))
AMOUNTS = RNG.gamma(2.0, np.exp(0.4 * FRAME["dose"]))
CLASSES = np.array(["a", "b", "c"])[RNG.integers(0, 3, 200)]
WEIGHT = RNG.integers(1, 4, 200).astype(float)


def test_it_names_its_rows_and_shows_them():
    fit = hs.PoissonRegressor(alpha=0).fit(FRAME, COUNTS)
    said = fit.summary(FRAME, COUNTS)
    assert said.names == ["dose", "age", "intercept"]
    assert np.allclose(said.coefficients, [*fit.coef_, fit.intercept_])
    frame = said.to_frame()
    assert list(frame.index) == said.names
    assert np.array_equal(frame["std error"], said.standard_errors)
    assert np.array_equal(frame[["[0.025", "0.975]"]], said.confidence_intervals())
    html = said._repr_html_()
    assert "<th>dose</th>" in html
    assert all(cell in html for cell in str(said).splitlines()[-1].split())
    assert str(said).startswith("model ")


def test_every_likelihood_has_one():
    three = hs.LogisticRegression(C=np.inf).fit(FRAME, CLASSES)
    said = three.summary(FRAME, CLASSES, WEIGHT)
    assert said.names[2:4] == ["b: intercept", "c: dose"]
    level = pd.DataFrame({"level": CLASSES, "dose": FRAME["dose"]})
    ordinary = hs.LinearRegression().fit(level, AMOUNTS)
    said = ordinary.summary(level, AMOUNTS)
    assert said.names == ["level=b", "level=c", "dose", "intercept"]
    assert said.statistic_name == "t"
    ridge = hs.Ridge(2.0).fit(FRAME, AMOUNTS).summary(FRAME, AMOUNTS)
    assert ridge.effective_degrees_of_freedom < 3
    noisy = hs.LogisticRegression(noise=hessopt.Dropout(0.1)).fit(FRAME, COUNTS > 1)
    assert noisy.summary(FRAME, COUNTS > 1).names[-1] == "intercept"
    survival = hs.CoxRegressor().fit(FRAME, AMOUNTS, strata=CLASSES)
    assert survival.summary(FRAME, AMOUNTS, strata=CLASSES).names == ["dose", "age"]
    negative = hs.NegativeBinomialRegressor(theta="ml").fit(FRAME, COUNTS, offset=WEIGHT)
    assert negative.summary(FRAME, COUNTS, offset=WEIGHT).n_observations == 200


def test_influence_is_that_of_the_model():
    fit = hs.GammaRegressor(alpha=0).fit(FRAME, AMOUNTS)
    found = fit.influence(FRAME, AMOUNTS)
    model = hessopt.objectives.Gamma(FRAME.to_numpy(), AMOUNTS)
    own = hessopt.influence(model, hessopt.minimize(model, np.zeros(3)))
    assert np.allclose(found.cooks_distance, own.cooks_distance, rtol=1e-6)
    assert found.dfbetas(["dose"]).shape == (200, 1)


@pytest.mark.parametrize(
    ("estimator", "y"),
    [
        (hs.LinearRegression(), AMOUNTS),
        (hs.PoissonRegressor(alpha=0), COUNTS),
        (hs.LogisticRegression(C=np.inf), CLASSES),
    ],
)
def test_dependent_columns_are_left_out(estimator, y):
    wide = FRAME.assign(both=FRAME["dose"] + FRAME["age"])
    said = estimator.fit(wide, y).summary(wide, y)
    plain = estimator.fit(FRAME, y).summary(FRAME, y)
    assert [name.split(": ")[-1] for name in said.left_out] == ["both"] * (len(said.names) // 4)
    frame = said.to_frame().drop(index=said.left_out)
    assert np.allclose(frame, plain.to_frame(), rtol=1e-6)


def test_penalised_classes_are_held_against_their_mean():
    fit = hs.LogisticRegression(C=0.5).fit(FRAME, CLASSES)
    said = fit.summary(FRAME, CLASSES)
    assert said.names[:4] == ["a: dose", "a: age", "a: intercept", "b: dose"]
    assert np.allclose(said.coefficients.reshape(3, -1)[:, :2], fit.coef_)
    weaker = hs.LogisticRegression(C=1e8).fit(FRAME, CLASSES).summary(FRAME, CLASSES)
    against = hs.LogisticRegression(C=np.inf).fit(FRAME, CLASSES).summary(FRAME, CLASSES)
    difference = np.kron([[-1, 1, 0], [-1, 0, 1]], np.eye(3))
    covariance = difference @ weaker.covariance @ difference.T
    assert np.allclose(covariance, against.covariance, rtol=1e-5)
    assert (said.standard_errors < weaker.standard_errors).all()


def test_what_has_none():
    for fit in (hs.LogisticRegression(l1_ratio=0.5), hs.Lasso(0.1)):
        with pytest.raises(ValueError, match=r"got an l1 term; want .* bootstrap"):
            fit.fit(FRAME, COUNTS > 1).summary(FRAME, COUNTS > 1)
    with pytest.raises(ValueError, match="positive: got True"):
        hs.ElasticNet(positive=True).fit(FRAME, AMOUNTS).summary(FRAME, AMOUNTS)
    three = hs.LogisticRegression().fit(FRAME, CLASSES)
    with pytest.raises(ValueError, match="the label 'd'"):
        three.summary(FRAME, np.repeat("d", 200))
    both = hs.Ridge().fit(FRAME, FRAME)
    with pytest.raises(ValueError, match="2 targets"):
        both.summary(FRAME, FRAME)


@pytest.mark.agreement
@pytest.mark.parametrize("covariance", [None, "HC0"])
@pytest.mark.parametrize("name", ["Poisson", "Gamma", "Binomial", "Gaussian"])
def test_it_is_the_table_of_statsmodels(name, covariance):
    sm = importlib.import_module("statsmodels.api")
    family = getattr(sm.families, name)
    fit, y, given = {
        "Poisson": (hs.PoissonRegressor(alpha=0), COUNTS, family()),
        "Gamma": (hs.GammaRegressor(alpha=0), AMOUNTS, family(sm.families.links.Log())),
        "Binomial": (hs.LogisticRegression(C=np.inf), COUNTS > 1, family()),
        "Gaussian": (hs.LinearRegression(), AMOUNTS, family()),
    }[name]
    said = fit.fit(FRAME, y, WEIGHT).summary(FRAME, y, WEIGHT, covariance=covariance)
    columns = sm.add_constant(FRAME, prepend=False)
    model = sm.GLM(np.asarray(y, float), columns, family=given, freq_weights=WEIGHT)
    theirs = model.fit(method="newton", tol=1e-13, cov_type=covariance or "nonrobust")
    assert np.allclose(said.coefficients, theirs.params, rtol=1e-6, atol=1e-9)
    assert np.allclose(said.standard_errors, theirs.bse, rtol=1e-6)
    assert np.allclose(said.deviance, theirs.deviance, rtol=1e-9)
    assert np.allclose(said.null_deviance, theirs.null_deviance, rtol=1e-9)
    assert np.allclose(said.log_likelihood, theirs.llf, rtol=1e-9)
    assert np.allclose(said.aic, theirs.aic, rtol=1e-9)
    for cell in str(said).splitlines()[-1].split()[1:3]:  # as printed
        assert any(
            float(cell) == float(f"{v:.5g}") for v in (theirs.params.iloc[-1], theirs.bse.iloc[-1])
        )
