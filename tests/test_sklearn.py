"""What all estimators of hessopt.sklearn promise."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hessopt.sklearn as hs
from estimators import ESTIMATORS, columns

each = pytest.mark.parametrize("name", ESTIMATORS)


def fitted(name, X=None, **keywords):
    estimator, targets = ESTIMATORS[name]
    X = columns() if X is None else X
    y = targets(np.asarray(X, float))
    return clone(estimator).fit(X, y, **keywords), X, y


def output(estimator, X):
    return estimator.decision_function(X) if is_classifier(estimator) else estimator.predict(X)


def coefficients(estimator):
    """Of an array of one's own, or of all layers."""
    if hasattr(estimator, "coef_"):
        return estimator.coef_
    return np.concatenate([W.ravel() for W in estimator.coefs_])


def test_every_estimator_is_in_the_table():
    assert {type(estimator).__name__ for estimator, _ in ESTIMATORS.values()} == set(hs.__all__)


@pytest.mark.slow
def test_the_contract_of_scikit_learn():
    program = Path(__file__).parent / "sklearn_contract.py"
    done = subprocess.run([sys.executable, program], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@each
def test_float32_stays(name):
    if name.startswith("MLP"):  # which compute in float32: see the tests of networks
        return
    X = columns().astype(np.float32)
    one, _, y = fitted(name, X)
    two = clone(one).fit(X.astype(float), y)
    assert coefficients(one).dtype == np.float32
    assert output(one, X).dtype == np.float32
    assert np.allclose(coefficients(one), coefficients(two), rtol=1e-5, atol=1e-6)


@each
def test_weights_are_repetitions(name):
    estimator, X, y = fitted(name)
    if hasattr(estimator, "cv"):  # what is left out is a row with its weight, not one repetition
        return
    counts = np.random.default_rng(2).integers(0, 3, len(X))
    one = clone(estimator).fit(X, y, sample_weight=counts)
    two = clone(estimator).fit(X.repeat(counts, axis=0), y.repeat(counts, axis=0))
    assert np.allclose(coefficients(one), coefficients(two), rtol=1e-7, atol=1e-8)


@each
@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "coo_array"])
def test_sparse_rows_give_the_dense_fit(name, kind):
    X = columns()
    X[X < 0.2] = 0
    dense, _, y = fitted(name, X)
    sparse = getattr(scipy.sparse, kind)(X)
    other = clone(dense).fit(sparse, y)
    assert np.allclose(coefficients(dense), coefficients(other), rtol=1e-7, atol=1e-7)
    assert np.allclose(output(dense, X), output(other, sparse), atol=1e-6)


@each
@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
def test_categorical_columns_are_ones_of_their_levels(name, library):
    X, rng = columns(), np.random.default_rng(3)
    region = rng.choice(["north", "south", "west"], len(X))
    estimator, _, y = fitted(name, X)
    kind = "category" if library is pd else None
    frame = library.DataFrame({"a": X[:, 0], "region": region, "b": X[:, 1]})
    if kind:
        frame["region"] = frame["region"].astype(kind)
    ones = (region[:, None] == ["north", "south", "west"]).astype(float)
    one = clone(estimator).fit(frame, y)
    names = ["a", "region=north", "region=south", "region=west", "b"]
    if name == "LinearRegression":  # whose first level is the reference
        ones, names = ones[:, 1:], [*names[:1], *names[2:]]
    two = clone(estimator).fit(np.column_stack([X[:, 0], ones, X[:, 1]]), y)
    assert one.column_names_ == names
    assert list(one.feature_names_in_) == ["a", "region", "b"]
    assert np.allclose(coefficients(one), coefficients(two), rtol=1e-6, atol=1e-7)
    few = frame[5:9] if library is pl else frame.iloc[5:9]
    assert np.allclose(output(one, few), output(one, frame)[5:9])
    other = library.DataFrame({"a": [0.0], "region": ["east"], "b": [0.0]})
    with pytest.raises(ValueError, match=r"unknown categories \['east'\] in column 'region'"):
        one.predict(other)
    gone = library.DataFrame({"a": [0.0, 1], "region": ["west", None], "b": [0.0, 1]})
    with pytest.raises(ValueError, match="column 'region' has missing categories"):
        clone(estimator).fit(gone, y[:2])
    numbers = library.DataFrame({"a": [0.0], "region": [1.0], "b": [0.0]})
    with pytest.raises(ValueError, match="'region' of another kind"):
        one.predict(numbers)
    assert not hasattr(one.fit(X, y), "categories_")


def test_object_columns_of_numbers_are_numbers():
    X = columns()
    frame = pd.DataFrame({"a": X[:, 0].astype(object), "b": X[:, 1], "c": ["u", "v"] * 60})
    fit = hs.Ridge().fit(frame, X[:, 2])
    assert fit.column_names_ == ["a", "b", "c=u", "c=v"]
    assert np.array_equal(fit.coef_, hs.Ridge().fit(frame.astype({"a": float}), X[:, 2]).coef_)
    frame.loc[3, "a"] = None
    with pytest.raises(ValueError, match="Input X contains NaN"):
        fit.fit(frame, X[:, 2])


@each
def test_pickles_predict_alike(name):
    estimator, X, _ = fitted(name)
    again = pickle.loads(pickle.dumps(estimator))
    assert np.array_equal(output(estimator, X), output(again, X))


@each
def test_a_fit_that_is_cut_short_says_so(name):
    estimator, X, y = fitted(name)
    if "max_iter" not in estimator.get_params():
        return
    with pytest.warns(ConvergenceWarning, match="MAX_ITERATIONS"):
        clone(estimator).set_params(max_iter=1, tol=1e-12).fit(X, y)


@each
def test_a_warm_start_begins_at_the_end(name):
    estimator, X, y = fitted(name)
    if "warm_start" not in estimator.get_params():
        return
    warm = clone(estimator).set_params(warm_start=True)
    first, second = (np.max(warm.fit(X, y).n_iter_) for _ in range(2))
    assert second < first


class Counter:
    """A callback that stops a fit after some iterations."""

    def __init__(self, most):
        self.most, self.seen = most, []

    def setup(self, estimator, context):
        self.seen = []

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, X, fitted_estimator):
        self.seen.append(context.task_name)
        assert len(fitted_estimator.predict(X)) == len(X)
        return len(self.seen) >= self.most

    def teardown(self, estimator, context):
        self.seen.append("teardown")


@each
def test_callbacks_see_every_iteration_and_can_stop(name):
    estimator, X, y = fitted(name)
    if not hasattr(estimator, "set_callbacks") or "max_iter" not in estimator.get_params():
        return
    counter = Counter(100)
    other = clone(estimator).set_callbacks(counter).fit(X, y)
    assert counter.seen == ["iteration"] * np.max(other.n_iter_) + ["fit", "teardown"]
    assert np.array_equal(coefficients(other), coefficients(estimator))
    stopped = clone(estimator).set_callbacks(Counter(2)).fit(X, y)
    assert np.max(stopped.n_iter_) == 2


@pytest.mark.slow  # processes begin
def test_a_search_in_other_processes():
    X = columns()
    y = ESTIMATORS["LogisticRegression"][1](X)
    steps = make_pipeline(StandardScaler(), hs.LogisticRegression())
    grid = {"logisticregression__C": [0.01, 1.0]}
    one, two = (GridSearchCV(steps, grid, n_jobs=jobs).fit(X, y) for jobs in (None, 2))
    assert np.array_equal(one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"])


def test_weights_are_routed():
    X = columns()
    y = ESTIMATORS["LogisticRegression"][1](X)
    weight = np.random.default_rng(4).uniform(size=len(X))
    with sklearn.config_context(enable_metadata_routing=True):
        inner = hs.LogisticRegression().set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        steps = make_pipeline(scaler, inner).fit(X, y, sample_weight=weight)
    scaled = StandardScaler().fit_transform(X)
    assert np.array_equal(
        steps[-1].coef_, hs.LogisticRegression().fit(scaled, y, sample_weight=weight).coef_
    )
