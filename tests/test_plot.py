"""What displays draw, read back from their artists."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import hessopt

mpl.use("Agg")
import hessopt.sklearn as hs
from hessopt import plot


@pytest.fixture
def axes():
    return Figure().subplots()


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    columns = hessopt.Columns({"age": X[:, 0], "dose": X[:, 1], "size": X[:, 2]})
    return hessopt.objectives.Poisson(columns, rng.poisson(np.exp(0.5 * X[:, 1])).astype(float))


def fitted(model, **options):
    return hessopt.minimize(model, np.zeros(model.n_parameters), options=options)


def test_convergence(model, axes):
    runs = {
        name: hessopt.minimize(model, np.zeros(4), method=name, options={"history": True})
        for name in ("newton", "lbfgs")
    }
    shown = plot.ConvergenceDisplay.from_results(runs, x="nfev", ax=axes)
    assert shown.ax_ is axes
    assert shown.figure_ is axes.figure
    lowest = min(r.history["fun"].min() for r in runs.values())
    for line, run in zip(axes.lines, runs.values(), strict=True):
        spent, gap = line.get_data()
        np.testing.assert_array_equal(spent, run.history["nfev"])
        np.testing.assert_array_equal(gap[:2], run.history["fun"][:2] - lowest)
    assert [t.get_text() for t in axes.get_legend().get_texts()] == list(runs)
    one = plot.ConvergenceDisplay.from_result(runs["lbfgs"], y="grad", color="red")
    assert one.ax_.lines[0].get_color() == "red"
    with pytest.raises(ValueError, match="results: got a result without a history"):
        plot.ConvergenceDisplay.from_result(fitted(model))
    with pytest.raises(ValueError, match="y: got 'value'; want one of"):
        plot.ConvergenceDisplay.from_results(runs, y="value")


def test_coefficients(model, axes):
    found = hessopt.inference(model, fitted(model))
    plot.CoefficientsDisplay.from_result(found, level=0.9, ax=axes)
    assert [t.get_text() for t in axes.get_yticklabels()] == ["age", "dose", "size"]
    points, _, (bars,) = axes.containers[0]
    np.testing.assert_array_equal(points.get_xdata(), found.coefficients[:3])
    ends = np.array(bars.get_segments())[:, :, 0]
    np.testing.assert_allclose(ends, found.confidence_intervals(0.9)[:3], rtol=1e-12)
    with pytest.raises(ValueError, match="names: got 'nobody'; want some of"):
        plot.CoefficientsDisplay.from_result(found, names=["nobody"])
    with pytest.raises(TypeError, match=r"result: got float; want what hessopt\.inference returns"):
        plot.CoefficientsDisplay.from_result(1.0)


def test_path(model, axes):
    path = hessopt.select_l2(model, np.logspace(-4, 1, 30))
    plot.PathDisplay.from_result(path, ax=axes)
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), path.x[:, 1])
    assert axes.lines[-1].get_xdata()[0] == path.l2[path.best]
    assert "dose" in [t.get_text() for t in axes.get_legend().get_texts()]


def test_path_of_l1(model, axes):
    path = hessopt.l1_path(model, n=12)
    plot.PathDisplay.from_result(path, ax=axes)
    strength, dose = axes.lines[1].get_data()
    np.testing.assert_array_equal(strength, path.l1)
    np.testing.assert_array_equal(dose, path.x[:, 1])
    assert axes.get_xlabel() == "l1"


def test_calibration(axes):
    rng = np.random.default_rng(1)
    p = rng.random(400)
    y = (rng.random(400) < p).astype(float)
    shown = plot.CalibrationDisplay.from_predictions(p, y, n_bins=8, name="true", ax=axes)
    found = hessopt.calibration(p, y, n_bins=8)
    np.testing.assert_array_equal(shown.curves["true"].accuracy, found.accuracy)
    np.testing.assert_array_equal(axes.containers[0][0].get_data()[0], found.confidence)
    with pytest.raises(TypeError, match=r"results: got list; want results of hessopt\.calibration"):
        plot.CalibrationDisplay.from_results([found])


def test_influence(model, axes):
    found = hessopt.influence(model, fitted(model))
    plot.InfluenceDisplay.from_result(found, n_named=2, ax=axes)
    drawn = axes.collections[0].get_offsets()
    np.testing.assert_array_equal(drawn, np.column_stack([found.leverage, found.residual]))
    named = {int(t.get_text()) for t in axes.texts}
    assert named == set(np.argsort(found.cooks_distance)[-2:].tolist())
    # On the line of 1 a row's Cook's distance is 1.
    h, r = next(line for line in axes.lines if "distance 1" in line.get_label()).get_data()
    np.testing.assert_allclose(r**2 * h / ((1 - h) * 4), 1)


def test_spectrum(axes):
    a = np.diag([3.0, -1.0, 2.0])
    shown = plot.SpectrumDisplay.from_matrices({"H": a, "2 H": 2 * a}, ax=axes)
    np.testing.assert_array_equal(shown.eigenvalues["H"], [3, 2, -1])
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), [6, 4, -2])
    with pytest.raises(ValueError, match=r"matrices: got shape \(2, 3\); want shape \(n, n\)"):
        plot.SpectrumDisplay.from_matrices({"H": np.ones((2, 3))})
    with pytest.raises(ValueError, match="matrices: got nothing"):
        plot.SpectrumDisplay.from_matrices({})


def test_profile(axes):
    costs = {"one": [10, 10, np.inf, np.nan], "other": [20, 5, 7, np.inf]}
    shown = plot.PerformanceProfileDisplay.from_costs(costs, most=50, ax=axes)
    np.testing.assert_array_equal(shown.ratios["one"], [1, 2, np.inf, np.inf])
    x, y = axes.lines[0].get_data()
    np.testing.assert_array_equal(x, [1, 1, 2, 50])
    np.testing.assert_array_equal(y, [0, 0.25, 0.5, 0.5])
    with pytest.raises(ValueError, match="costs: got a number <= 0"):
        plot.PerformanceProfileDisplay.from_costs({"one": [0.0]})
    with pytest.raises(ValueError, match="costs: got shapes"):
        plot.PerformanceProfileDisplay.from_costs({"one": [1.0], "other": [1.0, 2.0]})


def test_spread(axes):
    rows = np.random.default_rng(2).normal(size=(12, 3))
    law = hessopt.Dropout(0.4)
    found = hessopt.predict_distribution(lambda x: x.sum(axis=1), rows, law, n_samples=32)
    shown = plot.PredictiveSpreadDisplay.from_result(found, y=np.zeros(12), ax=axes)
    np.testing.assert_array_equal(shown.mean, np.sort(found.mean))
    wide = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert wide.max() == pytest.approx((shown.mean + 2 * shown.deviation).max())
    many = hessopt.predict_distribution(lambda x: x, rows, law, n_samples=8)
    with pytest.raises(ValueError, match="output: got None; want one of the 3 outputs"):
        plot.PredictiveSpreadDisplay.from_result(many)
    one = plot.PredictiveSpreadDisplay.from_result(many, output=1, x=rows[:, 1])
    np.testing.assert_array_equal(one.x, np.sort(rows[:, 1]))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(150, 3)), columns=["age", "dose", "size"])
    return frame, np.where(frame["dose"] + rng.logistic(size=150) > 0, "ill", "well"), rng


def test_estimators_show_what_is_certain_of_them(data, axes):
    X, _, rng = data
    y = rng.poisson(np.exp(0.5 * X["dose"]))
    weight = rng.integers(1, 3, 150)
    fit = hs.PoissonRegressor(alpha=0).fit(X, y, sample_weight=weight)
    given = {"sample_weight": weight, "covariance": "HC3"}
    shown = plot.CoefficientsDisplay.from_estimator(fit, X, y, fit_params=given, ax=axes)
    assert shown.names == ["age", "dose", "size"]
    said = fit.summary(X, y, weight, covariance="HC3")
    np.testing.assert_array_equal(shown.intervals, said.confidence_intervals()[:3])
    rows = plot.InfluenceDisplay.from_estimator(fit, X, y, fit_params={"sample_weight": weight})
    np.testing.assert_array_equal(rows.leverage, fit.influence(X, y, weight).leverage)
    with pytest.raises(TypeError, match="estimator: got QuantileRegressor; want a fitted"):
        plot.CoefficientsDisplay.from_estimator(hs.QuantileRegressor().fit(X, y), X, y)
    with pytest.raises(TypeError, match="estimator: got PoissonRegressor; want a fitted"):
        plot.InfluenceDisplay.from_estimator(hs.PoissonRegressor(), X, y)


@pytest.mark.parametrize("kind", ["RidgeCV", "PoissonRegressorCV", "LogisticRegressionCV", "Ridge"])
def test_estimators_show_their_penalty(data, axes, kind):
    X, labels, rng = data
    y = labels if "Logistic" in kind else rng.poisson(np.exp(0.5 * X["dose"]))
    fit = getattr(hs, kind)().fit(X, y)
    shown = plot.PathDisplay.from_estimator(fit, X, y, ax=axes)
    own = fit.C_ if "Logistic" in kind else getattr(fit, "alpha_", 1.0)
    assert shown.chosen == own
    assert axes.get_xlabel() == ("C" if "Logistic" in kind else "alpha")
    assert shown.names == ["age", "dose", "size"]
    np.testing.assert_allclose(axes.lines[-1].get_xdata()[0], own)
    if "CV" not in kind:
        return
    values = fit.Cs_ if "Logistic" in kind else fit.alphas_
    np.testing.assert_allclose(np.sort(shown.strength), values)
    at = shown.coefficients[np.argmin(abs(np.log(shown.strength / own)))]
    np.testing.assert_allclose(at, fit.coef_.ravel(), rtol=1e-4, atol=1e-5)


def test_paths_want_a_penalty(data):
    X, labels, _ = data
    plain = hs.LogisticRegression(C=np.inf).fit(X, labels)
    with pytest.raises(ValueError, match="C: got inf; want a penalty"):
        plot.PathDisplay.from_estimator(plain, X, labels)
    with pytest.raises(TypeError, match="estimator: got LinearRegression; want a fitted"):
        plot.PathDisplay.from_estimator(hs.LinearRegression().fit(X, X["age"]), X, X["age"])
    noisy = hs.LogisticRegression(noise=hessopt.Dropout(0.1)).fit(X, labels)
    with pytest.raises(TypeError, match="model: got Integrated; want a model of one linear"):
        plot.PathDisplay.from_estimator(noisy, X, labels)


def test_estimators_show_probabilities(data, axes):
    X, y, _ = data
    fit = hs.LogisticRegression(store_covariance=True).fit(X, y)
    codes = (y == "well").astype(int)
    shown = plot.CalibrationDisplay.from_estimator(fit, X, y, n_bins=5, ax=axes)
    want = hessopt.calibration(fit.predict_proba(X), codes, n_bins=5)
    np.testing.assert_array_equal(shown.curves["LogisticRegression"].accuracy, want.accuracy)
    over = plot.CalibrationDisplay.from_estimator(fit, X, y, under="posterior", name="averaged")
    want = hessopt.calibration(fit.predict_distribution(X).mean, codes)
    np.testing.assert_array_equal(over.curves["averaged"].confidence, want.confidence)
    spread = plot.PredictiveSpreadDisplay.from_estimator(fit, X, y, x=X["dose"])
    d, order = fit.predict_distribution(X), np.argsort(X["dose"], kind="stable")
    np.testing.assert_array_equal(spread.mean, d.mean[order, 1])
    np.testing.assert_array_equal(spread.deviation, np.sqrt(d.variance[order, 1]))
    np.testing.assert_array_equal(spread.target, codes[order])
    ridge = hs.Ridge(noise=hessopt.Dropout(0.2)).fit(X, codes)
    noisy = plot.PredictiveSpreadDisplay.from_estimator(ridge, X, codes, under="noise")
    assert (noisy.deviation > 0).all()
    network = hs.MLPClassifier((4,), dropout=0.3, max_iter=3, random_state=0).fit(X, y)
    masks = plot.PredictiveSpreadDisplay.from_estimator(network, X, y, n_samples=64)
    assert sorted(masks.target) == sorted(codes)
    with pytest.raises(ValueError, match="y: got the label 'unknown'; want those of the fit"):
        plot.CalibrationDisplay.from_estimator(fit, X[:1], ["unknown"])
    with pytest.raises(TypeError, match="estimator: got Ridge; want a classifier"):
        plot.CalibrationDisplay.from_estimator(ridge, X, codes)


def test_axes_are_asked_for():
    with pytest.raises(TypeError, match="ax: got str; want axes of matplotlib"):
        plot.SpectrumDisplay.from_matrices({"H": np.eye(2)}, ax="here")
