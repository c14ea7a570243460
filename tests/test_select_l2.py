"""The choice of a penalty against every penalty of the grid fitted by itself."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt import objectives


def drawn(n=200, p=15, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * rng.uniform(0.3, 3, p) + rng.normal(size=p)
    return rng, X, (X - X.mean(0)) @ (rng.normal(size=p) * 0.3)


def logistic(**options):
    rng, X, eta = drawn()
    y = rng.random(len(X)) < 1 / (1 + np.exp(-eta))
    return objectives.Logistic(X, y, **options)


def gamma():
    rng, X, eta = drawn(seed=1)
    return objectives.Gamma(X, rng.gamma(2.0, size=len(X)) * np.exp(0.3 * eta))


def squared():
    rng, X, eta = drawn(seed=2)
    return objectives.Squared(X, eta + 3 * rng.normal(size=len(X)), l2=np.arange(1.0, 16.0))


def inverse_gamma():
    """Predictors must be positive."""
    rng, X, eta = drawn(seed=3)
    mean = 1 / (0.5 + eta - eta.min())
    return objectives.Gamma(X, rng.gamma(3.0, size=len(X)) * mean, link="inverse")


def each(f, values, score):
    """Score and parameters at every value."""
    pattern = f.l2 / f.l2.max() if f.l2.any() else 1.0
    x, scores, path = f.start() if hasattr(f, "start") else np.zeros(f.n_parameters), [], []
    for value in values[::-1]:
        model = f.with_l2(pattern * value)
        x = hessopt.minimize(model, x).x
        scores.append(score(model, x))
        path.append(x)
    return np.array(scores[::-1]), np.array(path[::-1])


def left_out(model, x):
    """By one step for every row."""
    _, eta, slope, curvature, reach = model._influence(x)
    return model.row_weights @ model.losses_at(eta + reach * slope / (1 - reach * curvature))


@pytest.mark.parametrize("make", [logistic, gamma, squared, inverse_gamma])
def test_the_choice_among_all(make):
    f = make()
    path = hessopt.select_l2(f)
    assert path.l2.shape == path.score.shape == path.standard_error.shape == (100,)
    assert path.x.shape == (100, f.n_parameters)
    scores, x = each(f, path.l2, left_out)
    some = path.evaluated
    assert some.sum() < 40
    np.testing.assert_allclose(path.score[some], scores[some], rtol=1e-6)
    both = np.isfinite(scores) & np.isfinite(path.score)  # a predictor may be out of the domain
    off = abs(path.score[both] - scores[both])
    assert both.sum() > 20
    assert off.max() < 0.1 * path.standard_error[path.best]
    assert abs(path.best - scores.argmin()) <= 1
    assert abs(path.x - x).max() < 0.01 * abs(x).max()
    np.testing.assert_allclose(path.x[some], x[some], rtol=1e-5, atol=1e-5 * abs(x).max())
    within = np.flatnonzero(scores <= scores.min() + path.standard_error[path.best])[-1]
    assert abs(path.one_standard_error - within) <= 1


def test_leave_one_out_of_ridge_regression():
    """In closed form, by the singular values of X."""
    rng, X, eta = drawn(seed=4)
    y = eta + 2 * rng.normal(size=len(X))
    values = np.logspace(-4, 2, 60)
    Z, t = X - X.mean(0), y - y.mean()
    U, s, _ = np.linalg.svd(Z, full_matrices=False)
    scores = []
    for l2 in values:
        shrunk = s**2 / (s**2 + len(X) * l2)
        leverage = U**2 @ shrunk + 1 / len(X)
        scores.append(np.mean(((t - U @ (shrunk * (U.T @ t))) / (1 - leverage)) ** 2) / 2)
    path = hessopt.select_l2(objectives.Squared(X, y), values)
    assert path.best == np.argmin(scores)
    np.testing.assert_allclose(path.score[path.best], np.min(scores), rtol=1e-9)


@pytest.mark.parametrize("make", [logistic, squared])
def test_the_evidence(make):
    f = make()
    path = hessopt.select_l2(f, criterion="evidence")
    begin = f.with_l2(path.model.l2)
    post = hessopt.maximize_evidence(begin, path.fit.x)
    assert abs(np.log(post.objective.l2.max() / path.l2[path.best])) < np.log(
        path.l2[1] / path.l2[0]
    )
    assert path.one_standard_error is None
    assert np.isnan(path.standard_error).all()
    # Whose curvature is held where it looks for the strength; that of a grid's best is not.
    assert -path.score[path.best] * f.n_rows >= post.log_marginal_likelihood - 0.02


def test_the_choice_is_fitted():
    path = hessopt.select_l2(logistic())
    assert path.fit.success
    assert path.model.l2.max() == path.l2[path.best]
    assert abs(path.model.value_and_gradient(path.fit.x)[1]).max() < 1e-7
    assert (path.x[path.best] == path.fit.x).all()
    assert path.evaluated[path.best - 1 : path.best + 2].all()


def test_sparse_and_dense_choose_alike():
    sparse = pytest.importorskip("scipy.sparse")
    rng, X, _ = drawn()
    X = np.where(rng.random(X.shape) < 0.3, X, 0)
    y = rng.random(len(X)) < 1 / (1 + np.exp(-X.sum(1)))
    one, other = (hessopt.select_l2(objectives.Logistic(Z, y)) for Z in (X, sparse.csr_array(X)))
    assert one.best == other.best
    np.testing.assert_allclose(one.score, other.score, rtol=1e-8)


@pytest.mark.slow
def test_single_precision_on_the_way_chooses_alike():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(12500, 40))
    y = rng.random(12500) < 1 / (1 + np.exp(-X @ rng.normal(size=40) * 0.05))
    f = objectives.Logistic(X, y)
    path = hessopt.select_l2(f, np.logspace(-5, 0, 30))
    scores = {}
    for k in np.flatnonzero(path.evaluated)[::3]:
        model = f.with_l2(path.l2[k])
        scores[k] = left_out(model, hessopt.minimize(model, path.x[k]).x)
    found = [path.score[k] - scores[k] for k in scores]
    assert abs(np.array(found)).max() < 2e-6  # a thousandth of a standard error


@pytest.mark.slow
@pytest.mark.parametrize("intercept", [True, False])
def test_leverages_of_some_rows_choose_alike(intercept):
    """Of every fourth, whose means are others than those of all."""
    rng = np.random.default_rng(6)
    X = rng.normal(size=(40000, 23)) + np.arange(23)
    X[::4] += 0.5
    y = rng.random(40000) < 1 / (1 + np.exp(-(X - X.mean(0)) @ rng.normal(size=23) * 0.05))
    f = objectives.Logistic(X, y, sample_weight=1 + rng.random(40000), fit_intercept=intercept)
    path = hessopt.select_l2(f, np.logspace(-6, -1, 12))
    model = path.model
    exact = left_out(model, path.fit.x)
    loss = model.value_and_gradient(path.fit.x)[0] - model.l2_of_parameters @ path.fit.x**2 / 2
    added = exact - loss
    assert abs(path.score[path.best] - exact) < 0.1 * added
    _, error = hessopt.uncertainty.left_out.mean_and_error(
        model, hessopt.leave_one_out(model, path.fit.x).loss
    )
    assert path.standard_error[path.best] == pytest.approx(error, rel=0.05)


def test_small_grids_and_ends():
    f = logistic()
    with pytest.warns(
        RuntimeWarning, match="grid: got the best value at its end, 100; want a wider"
    ):
        path = hessopt.select_l2(f, [1000.0, 100.0])
    assert path.l2.tolist() == [100, 1000]
    assert hessopt.select_l2(f, [0.1]).best == 0
    assert repr(path).startswith("PenaltyPath(l2=100, score=0.6")


def test_what_is_wrong_is_named():
    f = logistic()
    with pytest.raises(ValueError, match="grid: got the number 0; want numbers > 0"):
        hessopt.select_l2(f, [0.0, 1.0])
    with pytest.raises(ValueError, match="grid: got none"):
        hessopt.select_l2(f, [])
    with pytest.raises(
        ValueError, match="criterion: got 'aic'; want 'leave_one_out' or 'evidence'"
    ):
        hessopt.select_l2(f, criterion="aic")
    with pytest.raises(TypeError, match="model: got Softmax"):
        hessopt.select_l2(objectives.Softmax([[0.0], [1.0], [2.0]], [0, 1, 2]))


@pytest.mark.parametrize(
    "f",
    [
        logistic(l2=0.1, sample_weight=np.arange(1.0, 201.0), offset=np.linspace(-1, 1, 200)),
        objectives.Softmax(np.linspace(0, 1, 30).reshape(10, 3), np.arange(10) % 3, l2=0.1),
        objectives.Binomial([[0.0], [1.0], [3.0]], [0.5, 0, 1], trials=[2, 3, 4], link="probit"),
        objectives.Huber([[0.0], [1.0], [3.0]], [0.5, 0, 1], delta=0.5),
    ],
    ids=lambda f: type(f).__name__,
)
def test_another_penalty_shares_the_data(f):
    other = f.with_l2(0.25)
    x = np.linspace(-0.5, 0.5, f.n_parameters)
    positional, named = f._given
    again = type(f)(*positional, **{**named, "l2": 0.25})
    for g in (other, pickle.loads(pickle.dumps(other))):
        assert (g.l2 == 0.25).all()
        for one, two in zip(
            g.evaluate(x, hessian=True)[:3], again.evaluate(x, hessian=True)[:3], strict=True
        ):
            assert np.array_equal(one, two)
        assert repr(g) == repr(again)
    assert (f.l2 == np.asarray(named["l2"])).all()
    assert np.shares_memory(other.X, f.X)
    with pytest.raises(ValueError, match="l2: got -1"):
        f.with_l2(-1.0)
    assert (f.with_l2(np.full(f.l2.size, 0.5)).l2 == 0.5).all()


def test_columns_that_the_penalty_alone_determines():
    """Where Hessians are made in float32, whose rounding is more than a weak penalty."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 70))
    X[:, 60:] = X[:, :10] - X[:, 10:20]
    y = rng.random(5000) < 1 / (1 + np.exp(-X @ rng.normal(size=70) * 0.1))
    path = hessopt.select_l2(objectives.Logistic(X, y), np.geomspace(1e-9, 1, 40))
    exact = hessopt.leave_one_out(path.model, hessopt.minimize(path.model, path.fit.x).x)
    assert path.fit.success
    assert abs(path.score[path.best] - exact.score) < 0.02 * exact.standard_error
    weakest = path.model.with_l2(path.l2[0])
    exact = hessopt.leave_one_out(weakest, hessopt.minimize(weakest, path.x[0]).x)
    assert abs(path.score[0] - exact.score) < 0.02 * exact.standard_error


def test_a_penalty_that_determines_nothing_is_named():
    X = np.random.default_rng(0).normal(size=(20, 30))
    f = objectives.Squared(X, X[:, 0])
    with pytest.raises(np.linalg.LinAlgError, match=r"^grid: got 1e-18, which leaves coefficients"):
        hessopt.select_l2(f, grid=[1e-18, 1.0])
