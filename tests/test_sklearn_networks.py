"""Networks as estimators, beside scikit-learn's objective and the networks under them."""

import pickle

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor

import hessopt
from hessopt.networks import BatchNorm, Dense, Dropout, Network, predict_distribution
from hessopt.sklearn import MLPClassifier, MLPRegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 3))
NEW = rng.normal(size=(7, 3))
ETA = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
Y = {
    "two": np.where(ETA > 0, "yes", "no"),
    "three": np.digitize(ETA, [-0.5, 0.5]) + 5,
    "labels": np.column_stack([ETA > 0, X[:, 0] > 0.3]).astype(int),
    "number": ETA + 0.1 * rng.normal(size=90),
    "pair": np.column_stack([ETA, X[:, 0] ** 2]),
    "count": rng.poisson(np.exp(ETA / 2)),
}
each = pytest.mark.parametrize("kind", Y)


def estimator(kind, **given):
    given = {"alpha": 1.0, "random_state": 0, "max_iter": 2000, "tol": 1e-4} | given
    if kind in ("two", "three", "labels"):
        return MLPClassifier((5, 4), "tanh", **given)
    loss = "poisson" if kind == "count" else "squared_error"
    return MLPRegressor(loss, (5, 4), "tanh", **given)


def theirs(ours, kind):
    """scikit-learn's, with the weights of ours."""
    same = {name: getattr(ours, name) for name in ("hidden_layer_sizes", "activation", "alpha")}
    if isinstance(ours, MLPRegressor):
        other = TheirRegressor(**same, loss=ours.loss, max_iter=1)
    else:
        other = TheirClassifier(**same, max_iter=1)
    with pytest.warns(ConvergenceWarning):
        other.fit(X, Y[kind])
    other.coefs_, other.intercepts_ = ours.coefs_, ours.intercepts_
    return other


def their_gradient(other, kind):
    """Of their objective, at the weights that it has."""
    y = Y[kind] if isinstance(other, TheirRegressor) else other._label_binarizer.transform(Y[kind])
    y = y[:, None] if y.ndim == 1 else y
    n = other.n_layers_ - 1
    room = [X, *[None] * n], [None] * n, [None] * n, [None] * n
    _, of_weights, of_intercepts = other._backprop(X, y, None, *room)
    return np.concatenate([part.ravel() for part in of_weights + of_intercepts])


@each
@pytest.mark.parametrize("solver", ["auto", "lbfgs"])
def test_a_fit_ends_at_a_minimum_of_scikit_learns_objective(kind, solver):
    ours = estimator(kind, solver=solver).fit(X, Y[kind])
    other = theirs(ours, kind)
    assert np.abs(their_gradient(other, kind)).max() < 1.001e-4
    assert (ours.n_layers_, ours.n_outputs_) == (other.n_layers_, other.n_outputs_)
    assert ours.out_activation_ == other.out_activation_
    assert ours.loss_curve_[-1] == pytest.approx(ours.loss_, rel=1e-12)
    assert len(ours.loss_curve_) == ours.n_iter_
    assert ours.loss_ == ours.loss_fresh_


@each
@pytest.mark.parametrize("batch_norm", [False, True])
def test_predictions_are_scikit_learns(kind, batch_norm):
    ours = estimator(kind, solver="adam", max_iter=50, batch_norm=batch_norm).fit(X, Y[kind])
    other = theirs(ours, kind)
    np.testing.assert_array_equal(ours.predict(NEW).dtype, other.predict(NEW).dtype)
    if isinstance(ours, MLPRegressor):
        np.testing.assert_allclose(ours.predict(NEW), other.predict(NEW), rtol=1e-9, atol=1e-12)
        return
    np.testing.assert_array_equal(ours.predict(NEW), other.predict(NEW))
    p = other.predict_proba(NEW)
    np.testing.assert_allclose(ours.predict_proba(NEW), p, rtol=1e-9)
    np.testing.assert_allclose(ours.predict_log_proba(NEW), np.log(p), rtol=1e-6, atol=1e-9)
    z = ours.decision_function(NEW)
    told = {
        "two": lambda: expit(z),
        "three": lambda: softmax(z, axis=1),
        "labels": lambda: expit(z),
    }
    np.testing.assert_allclose(told[kind](), p[:, 1] if kind == "two" else p, rtol=1e-9)


@pytest.mark.parametrize("kind", ["three", "number"])
def test_float32_stays(kind):
    one = estimator(kind, solver="lbfgs").fit(X.astype(np.float32), Y[kind])
    two = estimator(kind, solver="lbfgs").fit(X, Y[kind])
    assert {part.dtype for part in one.coefs_ + one.intercepts_} == {np.dtype(np.float32)}
    assert one.loss_ == pytest.approx(two.loss_, rel=1e-3)
    single, double = NEW.astype(np.float32), NEW
    if kind == "three":
        assert one.predict_proba(single).dtype == np.float32
    else:
        assert one.predict(single).dtype == np.float32
        assert one.predict(double).dtype == two.predict(single).dtype == np.float64


@each
def test_dropout_is_of_fixed_masks(kind):
    noisy = estimator(kind, dropout=0.3, input_dropout=0.1, solver="lbfgs", tol=1e-3)
    one, two = (clone(noisy).fit(X, Y[kind]) for _ in range(2))
    assert all(np.array_equal(*pair) for pair in zip(one.coefs_, two.coefs_, strict=True))
    assert one.loss_curve_[-1] == one.loss_ < one.loss_fresh_
    layers = [Dropout(0.1), Dense(5, "tanh"), Dropout(0.3), Dense(4, "tanh"), Dropout(0.3)]
    loss = {"count": "poisson", "three": "softmax"}.get(kind)
    loss = loss or ("logistic" if kind in ("two", "labels") else "squared")
    y = {"two": Y["two"] == "yes", "three": Y["three"] - 5}.get(kind, Y[kind]).astype(float)
    f = Network(X, y, [*layers, Dense(one.coefs_[-1].shape[1])], loss=loss)
    x = f.flatten(list(zip(one.coefs_, one.intercepts_, strict=True)))
    told = one.predict_distribution(NEW, seed=3, n_samples=40)
    want = predict_distribution(f, x, NEW, seed=3, n_samples=40)
    np.testing.assert_allclose(told.mean, want.mean, rtol=1e-12)
    assert (told.variance > 0).all()
    assert 0.05 < np.abs(told.mean - predicted(one)).max() < 1.5


def predicted(fit):
    """The mean of y without dropout."""
    if isinstance(fit, MLPRegressor):
        return fit.predict(NEW)
    p = fit.predict_proba(NEW)
    return p[:, 1] if len(fit.classes_) == 2 and fit.n_outputs_ == 1 else p


def test_batch_norm_under_dropout_holds_its_statistics():
    fit = estimator("number", batch_norm=True, dropout=0.3, solver="lbfgs", tol=1e-3)
    fit.fit(X, Y["number"])
    layers = [Dense(5), BatchNorm("tanh"), Dropout(0.3), Dense(4), BatchNorm("tanh")]
    layers += [Dropout(0.3), Dense(1)]
    f = Network(
        X, Y["number"], layers, loss="squared", l2=[0, 0, 1 / 90], seed=fit._seed, n_samples=16
    )
    x = fit._normalised[1]
    assert f.value(x) == pytest.approx(fit.loss_, rel=1e-12)
    np.testing.assert_allclose(fit.predict(NEW), f.predict(x, NEW)[:, 0], rtol=1e-9)
    told, want = fit.predict_distribution(NEW), predict_distribution(f, x, NEW)
    np.testing.assert_allclose(told.mean, want.mean, rtol=1e-12)
    again = pickle.loads(pickle.dumps(fit))
    np.testing.assert_array_equal(again.predict_distribution(NEW).mean, told.mean)
    more = clone(fit).set_params(warm_start=True, max_iter=2)
    with pytest.warns(ConvergenceWarning):
        losses = [more.fit(X, Y["number"]).loss_ for _ in range(3)]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize("kind", ["two", "three", "number", "count"])
def test_laplace_is_of_the_network(kind):
    fit = estimator(kind).fit(X, Y[kind])
    loss = {"two": "logistic", "three": "softmax", "number": "squared", "count": "poisson"}[kind]
    y = {"two": Y["two"] == "yes", "three": Y["three"] - 5}.get(kind, Y[kind]).astype(float)
    layers = [Dense(5, "tanh"), Dense(4, "tanh"), Dense(fit.n_outputs_)]
    f = Network(X, y, layers, loss=loss, l2=1 / 90)
    x = f.flatten(list(zip(fit.coefs_, fit.intercepts_, strict=True)))
    want = hessopt.laplace(f, x, subset="last_layer")
    told = fit.laplace(X, Y[kind], subset="last_layer")
    np.testing.assert_allclose(told.predict(NEW), want.predict(NEW), rtol=1e-12)
    assert told.log_marginal_likelihood == want.log_marginal_likelihood


@pytest.mark.parametrize("solver", ["adam", "adamw", "adam+lbfgs", "newton_cg", "trust_region"])
def test_every_solver_fits(solver):
    fit = estimator("three", solver=solver, max_iter=300, tol=1e-3)
    assert fit.fit(X, Y["three"]).loss_ < 1 < np.log(3)
    assert len(fit.loss_curve_) == fit.n_iter_
    assert fit.n_iter_ == 300 or solver not in ("adam", "adamw")


def test_auto_is_what_suits(monkeypatch):
    def solver(fit, y, rows=X):
        target = y if y.dtype == float else (y == "yes").astype(float)
        fit._seed = 0
        loss = "squared" if isinstance(fit, MLPRegressor) else "logistic"
        return fit._suited(fit._network(rows, target, loss, None))

    assert solver(estimator("number"), Y["number"]) == "trust_region"
    wide = MLPRegressor(hidden_layer_sizes=(100,))
    assert solver(wide, Y["number"]) == "lbfgs"
    assert solver(estimator("two"), Y["two"]) == "lbfgs"
    assert solver(estimator("two", input_dropout=0.1), Y["two"]) == "adam"
    many = np.resize(X, (10_000, 3))
    assert solver(estimator("number"), np.resize(Y["number"], 10_000), many) == "adam"


@pytest.mark.parametrize("sizes", [(0,), [3, -1], 2.5, [[3]], ["3"]])
def test_layers_have_units(sizes):
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        MLPRegressor(hidden_layer_sizes=sizes).fit(X, Y["number"])


def test_iterations_are_told(capsys):
    estimator("number", solver="adam", max_iter=3, verbose=True).fit(X, Y["number"])
    assert capsys.readouterr().out.count("Iteration ") == 3


@pytest.mark.slow  # processes begin
def test_a_search_in_other_processes():
    grid = {"alpha": [0.01, 1.0], "batch_norm": [False, True]}
    fit = estimator("number", solver="adam", max_iter=5)
    one, two = (
        GridSearchCV(fit, grid, n_jobs=jobs, cv=2).fit(X, Y["number"]) for jobs in (None, 2)
    )
    np.testing.assert_array_equal(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"]
    )


def test_what_does_not_do():
    with pytest.raises(ValueError, match=r"y: got multiclass-multioutput targets"):
        estimator("two").fit(X, np.arange(180).reshape(90, 2) % 3)
    with pytest.raises(ValueError, match="only one class: 'yes'"):
        estimator("two").fit(X, np.full(90, "yes"))
    with pytest.raises(ValueError, match="y: got"):
        estimator("count").fit(X, -Y["count"] - 1)
    fit = estimator("two", warm_start=True).fit(X, Y["two"])
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        fit.fit(X, Y["three"])
    with pytest.raises(ValueError, match="dropout: got 0"):
        fit.predict_distribution(NEW)
    with pytest.raises(ValueError, match="y: got the labels"):
        fit.laplace(X, Y["three"])
    with pytest.raises(ValueError, match="non-finite"):
        estimator("number").fit(1e300 * X, 1e300 * Y["number"])
