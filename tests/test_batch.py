"""Many small problems at once, each as if it were alone."""

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessopt
from hessopt import Status
from teams import check_bits

METHODS = ("newton", "bfgs", "lbfgs", "lm")
T = np.linspace(0.0, 3.0, 12)


class Decays:
    """½ Σ (a e^(−kt) − y)² of B curves: r and J, or f, g, H by them."""

    def __init__(self, y, squares=True):
        self.y, self.squares = y, squares

    def take(self, positions):
        return Decays(self.y[positions], self.squares)

    def __call__(self, X, index):
        a, k = X.T[:, :, None]
        e = np.exp(-k * T)
        r, J = a * e - self.y, np.stack([e, -a * T * e], axis=-1)
        if self.squares:
            return r, J
        f, g = 0.5 * (r * r).sum(1), (r[:, :, None] * J).sum(1)
        H = (J[:, :, :, None] * J[:, :, None, :]).sum(1)
        bent = np.stack([0 * e, -T * e, -T * e, a * T**2 * e], -1).reshape(*e.shape, 2, 2)
        return f, g, H + (r[:, :, None, None] * bent).sum(1)


def curves(count, seed=0):
    rng = np.random.default_rng(seed)
    a, k = rng.uniform(1, 3, (2, count, 1))
    return a * np.exp(-k * T) + 0.02 * rng.normal(size=(count, len(T)))


def by_index(y, squares):
    """A function without `take`, whose data is found by index."""
    return lambda X, index: Decays(y[index], squares)(X, index)


def state_of(method, X0, **options):
    kinds = (hessopt.BatchNewton, hessopt.BatchBFGS, hessopt.BatchLBFGS)
    return dict(zip(METHODS, (*kinds, hessopt.BatchLevenbergMarquardt), strict=True))[method](
        X0, **options
    )


def run(method, y, X0, **options):
    return hessopt.minimize_batch(Decays(y, method == "lm"), X0, method, **options)


def tell(state, y, method):
    found = Decays(y[state.index], method == "lm")(state.ask(), None)
    state.tell(*found[: 3 if method == "newton" else 2])


def same(a, b, *names):
    return all(np.array_equal(a[name], b[name], equal_nan=True) for name in names)


FIELDS = ("x", "fun", "status", "nit", "nfev", "optimality", "active")


@pytest.mark.parametrize("method", METHODS)
def test_every_problem_ends_where_it_ends_alone(method):
    y = curves(40)
    result = run(method, y, np.ones((40, 2)), gtol=1e-10)
    assert result.success.all()
    for p in range(0, 40, 13):
        alone = hessopt.least_squares(
            lambda x, p=p: Decays(y[p : p + 1])(x[None], None)[0][0],
            [1.0, 1.0],
            jac=lambda x, p=p: Decays(y[p : p + 1])(x[None], None)[1][0],
        )
        assert np.allclose(result.x[p], alone.x, rtol=1e-7)
        assert np.isclose(result.fun[p], alone.cost, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**16), count=st.integers(1, 150))
def test_company_order_and_threads_change_no_bit(method, seed, count):
    rng = np.random.default_rng(seed)
    y = curves(count, seed)
    X0 = rng.normal(1, 1, (count, 2))
    whole = run(method, y, X0)
    order = rng.permutation(count)
    turned = run(method, y[order], X0[order])
    assert all(np.array_equal(whole[name][order], turned[name]) for name in FIELDS)
    p = int(rng.integers(count))
    alone = run(method, y[p : p + 1], X0[p : p + 1])
    assert all(np.array_equal(whole[name][p : p + 1], alone[name]) for name in FIELDS)
    uncompacted = hessopt.minimize_batch(by_index(y, method == "lm"), X0, method)
    assert same(whole, uncompacted, *FIELDS)
    check_bits(lambda: [whole.tobytes() for whole in map(run(method, y, X0).get, FIELDS)])


@pytest.mark.parametrize("method", METHODS)
def test_a_bad_problem_harms_nobody(method):
    y = curves(9)
    good = run(method, y, np.ones((9, 2)))
    y[4] = np.nan
    bad = run(method, y, np.ones((9, 2)))
    others = np.arange(9) != 4
    assert bad.status[4] == Status.NON_FINITE
    assert not bad.success[4]
    assert all(np.array_equal(bad[name][others], good[name][others]) for name in FIELDS)
    assert "1: NON_FINITE" in bad.message
    assert "8: " in bad.message


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_no_point_is_outside_the_bounds(method, seed):
    rng = np.random.default_rng(seed)
    y = curves(20, seed)
    low = rng.uniform(0, 2, (20, 2))
    high = low + rng.choice([0, 0.5, 2, np.inf], (20, 2))
    decays = by_index(y, method == "lm")

    def inside(X, index):
        assert np.array_equal(X, np.clip(X, low[index], high[index]))
        found = decays(X, index)
        if rng.random() < 0.3:  # NaN now and then shortens steps
            found[0][0] = np.nan
        return found

    hessopt.minimize_batch(
        inside, rng.normal(1, 2, (20, 2)), method, bounds=np.stack([low, high], -1)
    )
    result = run(method, y, np.ones((20, 2)), bounds=np.stack([low, high], -1))
    gradient = result.grad if method == "lm" else result.jac
    held = (result.x == low) & (gradient > 0) | (result.x == high) & (gradient < 0) | (low == high)
    assert result.success.all()
    assert np.abs(np.where(held, 0, gradient)).max() < 1e-4
    assert np.array_equal(result.active != 0, held & (gradient != 0))
    for x in np.clip(result.x + 1e-4 * rng.normal(size=(50, 20, 2)), low, high):
        r, _ = Decays(y)(x, None)
        assert (0.5 * (r * r).sum(1) >= result.fun - 1e-12).all()


@pytest.mark.parametrize("method", METHODS)
def test_bounds_of_all_problems_and_infinite_ones(method):
    y, X0 = curves(6), np.ones((6, 2))
    free = run(method, y, X0)
    loose = run(method, y, X0, bounds=[(None, None), (-np.inf, 1e300)])
    assert np.allclose(free.x, loose.x, rtol=1e-6)
    tight = run(method, y, X0, bounds=[(None, 1.5), (0.25, 0.25)])
    assert (tight.x[:, 0] <= 1.5).all()
    assert (tight.x[:, 1] == 0.25).all()
    assert "6 starts were moved into the bounds" in tight.message


@pytest.mark.parametrize("method", METHODS)
def test_states_are_pickled_in_mid_run(method):
    y, X0 = curves(30), np.ones((30, 2))
    whole, broken = state_of(method, X0), state_of(method, X0)
    while not whole.done:
        tell(whole, y, method)
        broken = pickle.loads(pickle.dumps(broken))
        tell(broken, y, method)
    assert broken.done
    assert all(np.array_equal(getattr(whole, k), getattr(broken, k)) for k in FIELDS)
    saved = bytearray(whole.__getstate__())
    saved[-3] ^= 1
    with pytest.raises(ValueError, match="saved state"):
        type(whole).__new__(type(whole)).__setstate__(bytes(saved))


@pytest.mark.parametrize("method", METHODS)
def test_an_exception_loses_nothing(method):
    y, X0 = curves(30), np.ones((30, 2))
    calls = itertools.count()
    decays = Decays(y, method == "lm")

    def interrupted(X, index):
        if next(calls) == 3:
            raise KeyboardInterrupt
        return decays(X, index) if len(X) == 30 else by_index(y, method == "lm")(X, index)

    state = state_of(method, X0)
    with pytest.raises(KeyboardInterrupt):
        hessopt.minimize_batch(interrupted, state)
    assert len(state.index) > 0
    assert state.nfev.max() == 3
    assert same(hessopt.minimize_batch(decays, state), run(method, y, X0), *FIELDS)


def test_callbacks_look_and_stop():
    y, X0, seen = curves(30), np.ones((30, 2)), []

    def stop(intermediate_result):
        seen.append(intermediate_result)
        return len(seen) == 2

    result = run("lm", y, X0, callback=stop)
    assert (result.status == Status.CALLBACK).any()
    assert seen[1].nfev.max() == 2
    points = []
    run("bfgs", y, X0, callback=points.append)
    assert points[0].shape == (30, 2)
    states = []
    run("newton", y, X0, callback=lambda state: states.append(state.index))
    assert len(states[-1]) == 0


def test_ends_are_told_by_what_they_are():
    def of(values, **options):
        return hessopt.minimize_batch(values, np.zeros((1, 1)), **options)

    def saddle(X, index):
        return (X**4 - X**2)[:, 0], 4 * X**3 - 2 * X, (12 * X**2 - 2)[:, :, None]

    def falling(X, index):
        e = np.exp(-X)
        return e[:, 0], -e, e[:, :, None]

    def wrong(X, index):  # the sign of the gradient
        return ((X - 1) ** 2)[:, 0], 2 * (1 - X), np.full((len(X), 1, 1), 2.0)

    assert of(saddle).status == [Status.SADDLE]
    assert of(falling).status == [Status.UNBOUNDED]
    assert of(wrong).status == [Status.LINE_SEARCH]
    assert of(lambda X, i: wrong(X, i)[:2]).status == [Status.LINE_SEARCH]
    assert of(saddle, maxiter=0).success.tolist() == [False]
    limited = hessopt.minimize_batch(Decays(curves(3)), np.ones((3, 2)), maxiter=1)
    assert (limited.status == Status.MAX_ITERATIONS).all()
    assert (limited.nit == 1).all()


@pytest.mark.parametrize("method", ["newton", "bfgs", "lbfgs"])
def test_rosenbrock_from_anywhere(method):
    X0 = np.random.default_rng(2).normal(0, 2, (300, 2))

    def rosenbrock(X, index):
        a, b = 1 - X[:, 0], X[:, 1] - X[:, 0] ** 2
        g = np.stack([-2 * a - 400 * X[:, 0] * b, 200 * b], -1)
        first = [2 - 400 * b + 800 * X[:, 0] ** 2, -400 * X[:, 0]]
        H = np.stack([*first, -400 * X[:, 0], 0 * a + 200], -1).reshape(-1, 2, 2)
        return a * a + 100 * b * b, g, H

    result = hessopt.minimize_batch(rosenbrock, X0, method, gtol=1e-12)
    assert result.success.all()
    assert np.allclose(result.x, 1, atol=1e-5)


def test_nearly_dependent_columns_lose_no_digits():
    """By J'J alone, of condition 1e15, nothing would be left."""
    t = np.linspace(0, 1, 30)
    X = np.stack([np.ones(30), 1e-7 * t + 1, t**2], -1)
    want = np.array([1.0, 2.0, 3.0])
    y = X @ want + 1e-3 * np.sin(40 * t)

    def linear(x, index):
        r = x @ X.T - y
        return r + 1e-3 * (x[:, 2:] - 3) ** 2, X + 2e-3 * (x[:, 2] - 3)[:, None, None] * [0, 0, 1]

    result = hessopt.minimize_batch(linear, np.zeros((1, 3)), gtol=1e-13)
    alone = hessopt.least_squares(
        lambda x: linear(x[None], 0)[0][0], np.zeros(3), jac=lambda x: linear(x[None], 0)[1][0]
    )
    assert result.success.all()
    assert np.allclose(result.x, alone.x, rtol=1e-5)
    assert np.isclose(result.cost[0], alone.cost, rtol=1e-8)


def test_covariances_are_those_of_curve_fit():
    y = curves(6)
    bounds = np.array([[[-np.inf, np.inf], [0, np.inf]]] * 6)
    bounds[2, 0] = -np.inf, 0.5
    result = run("lm", y, np.ones((6, 2)), bounds=bounds, covariance=True, gtol=1e-12)
    for p in range(6):
        _, covariance = hessopt.curve_fit(
            lambda t, a, k: a * np.exp(-k * t), T, y[p], [0.4, 1], bounds=tuple(bounds[p].T)
        )
        assert np.allclose(result.covariance[p], covariance, rtol=1e-5, equal_nan=True)
    assert np.isnan(result.covariance[2, 0]).all()
    assert result.covariance[2, 1, 1] > 0
    absolute = run("lm", y, np.ones((6, 2)), covariance=True, absolute_sigma=True)
    s = 2 * absolute.cost / (len(T) - 2)
    scaled = run("lm", y, np.ones((6, 2)), covariance=True)
    assert np.allclose(s[:, None, None] * absolute.covariance, scaled.covariance)


def test_a_covariance_says_what_the_data_leave_open():
    def product(X, index):  # a and b are known as a product alone; c is
        a, b, c = X.T[:, :, None]
        J = np.stack([b * T, a * T, np.ones_like(a * T)], axis=-1)
        return a * b * T + c - 2 * T - 0.1 * np.sin(9 * T), J

    open_ends = hessopt.minimize_batch(product, [[1.0, 1.5, 0.0]], covariance=True)
    assert open_ends.success.all()
    assert np.isinf(np.diag(open_ends.covariance[0])[:2]).all()
    line = np.stack([T, np.ones_like(T)], -1)
    r = product(open_ends.x, 0)[0][0]
    known = np.linalg.inv(line.T @ line)[1, 1] * (r @ r) / (len(T) - 2)
    assert np.isclose(open_ends.covariance[0, 2, 2], known)
    assert np.isnan(open_ends.covariance[0, 0, 1:]).all()


def test_no_problems_and_one_round():
    result = hessopt.minimize_batch(Decays(np.empty((0, 12))), np.empty((0, 2)))
    assert result.x.shape == (0, 2)
    assert result.message == "no problems"


def test_what_does_not_fit_is_named():
    y, X0 = curves(3), np.ones((3, 2))
    decays = Decays(y)

    def refused(match, fun=decays, X=X0, error=ValueError, **options):
        with pytest.raises(error, match=match):
            hessopt.minimize_batch(fun, X, **options)

    refused(r"X0: got shape \(2,\); want shape \(B, n\): X0\[None\]", X=[1.0, 1.0])
    refused("X0: got NaN or inf in row 1", X=[[0, 0], [0, np.nan]])
    refused("at least one variable", X=np.empty((3, 0)))
    refused("method: got 'adam'", method="adam")
    refused("fun: got 5; want a function", fun=5, error=TypeError)
    refused("fun: got ndarray returned; want", fun=lambda X, i: X)
    refused("fun: got 1 arrays returned", fun=lambda X, i: (X,))
    refused(r"\(f, g, H\) for 'newton'", fun=lambda X, i: (X[:, 0], X), method="newton")
    refused(r"g: got shape \(3, 1\); want shape \(3, 2\)", fun=lambda X, i: (X[:, 0], X[:, :1]))
    refused(r"J: got shape \(3, 2, 1\); want", fun=lambda X, i: (X, X[:, :, None]))
    refused(r"H: got shape \(3, 2\); want 3 dim", fun=lambda X, i: (X[:, 0], X, X))
    refused(
        r"f: got shape \(2,\); want shape \(3,\)", fun=lambda X, i: (X[:2, 0], X, X[:, :, None])
    )
    refused(r"bounds: got shape \(3, 2\); want pairs", bounds=[(0, 1)] * 3)
    refused(r"bounds: got \[2, 1\] of variable 1", bounds=[(0, 1), (2, 1)])
    refused("bounds: got NaN", bounds=[(0, 1), (np.nan, 1)])
    refused("covariance: got True; want the method 'lm'", covariance=True, method="bfgs")
    refused("gtol: got -1", gtol=-1)
    refused("maxiter", maxiter=-1)
    refused("X0 is a state", X=hessopt.BatchBFGS(X0), gtol=1.0)
    state = hessopt.BatchBFGS(X0)
    with pytest.raises(ValueError, match="rows: got 3; want indices in"):
        state.tell(np.ones(3), X0, rows=[0, 1, 3])
    with pytest.raises(ValueError, match="rows: got length 2; want length 3"):
        state.tell(np.ones(3), X0, rows=[0, 1])


# Models of the library, compiled.

MODELS = {
    "Squared": {},
    "Logistic": {},
    "Poisson": {},
    "Huber": {"delta": 0.5},
    "Gamma": {},
    "NegativeBinomial": {"theta": 2.0},
}


def model_data(name, count=11, rows=37, columns=3, seed=0, dtype=float):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, rows, columns)).astype(dtype)
    y = rng.poisson(2.0, (count, rows)).astype(float)
    return X, (y > 1).astype(float) if name == "Logistic" else y + (name == "Gamma")


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_a_batch_of_models_is_each_of_them(name, dtype, fit_intercept):
    kind, options = getattr(hessopt.objectives, name), MODELS[name]
    rng = np.random.default_rng(3)
    for columns, rows in ((1, 5), (3, 37), (8, 300), (13, 20)):
        X, y = model_data(name, 4, rows, columns, dtype=dtype)
        w, offset = rng.uniform(0, 2, y.shape), 0.1 * rng.normal(size=y.shape)
        l2 = rng.uniform(0, 1, columns)
        more = {"fit_intercept": fit_intercept, "l2": l2} | options
        f = hessopt.BatchModel(kind, X, y, sample_weight=w, offset=offset, **more)
        at = 0.2 * rng.normal(size=(3, f.n_parameters))
        found = f(at, [2, 0, 3])
        for q, p in enumerate((2, 0, 3)):
            g = kind(X[p], y[p], sample_weight=w[p], offset=offset[p], **more)
            want = (*g.value_and_gradient(at[q]), g.hessian(at[q]))
            for a, b in zip(found, want, strict=True):
                assert np.allclose(a[q], b, rtol=1e-12, atol=1e-13)
        value, gradient = f.value_and_gradient(at, [2, 0, 3])
        assert np.array_equal(value, found[0])
        assert np.array_equal(gradient, found[1])


@pytest.mark.parametrize("method", ["newton", "bfgs", "lbfgs"])
def test_depth_and_breadth_have_the_same_bits(method):
    X, y = model_data("Logistic", 200)
    f = hessopt.BatchModel(hessopt.objectives.Logistic, X, y, l2=0.01)
    start = np.zeros((200, 4))
    deep = hessopt.minimize_batch(f, start, method)
    rounds = []
    broad = hessopt.minimize_batch(f, start, method, callback=rounds.append)
    assert len(rounds) > 3
    assert deep.success.all()
    assert same(deep, broad, *FIELDS)
    order = np.random.default_rng(0).permutation(200)
    turned = hessopt.BatchModel(hessopt.objectives.Logistic, X[order], y[order], l2=0.01)
    turned = hessopt.minimize_batch(turned, start, method)
    assert np.array_equal(deep.x[order], turned.x)
    alone = hessopt.minimize(hessopt.objectives.Logistic(X[7], y[7], l2=0.01), start[0])
    assert np.allclose(deep.x[7], alone.x, atol=1e-6)
    check_bits(lambda: [hessopt.minimize_batch(f, start, method).x.tobytes()])


def test_a_batch_of_models_takes_links_and_bounds():
    X, y = model_data("Poisson", 30)
    f = hessopt.BatchModel(hessopt.objectives.Binomial, X, np.minimum(y, 1), link="probit", l2=0.1)
    bounds = [(0, 0.1), (None, None), (-0.1, 0), (None, None)]
    result = hessopt.minimize_batch(f, np.zeros((30, 4)), bounds=bounds)
    assert result.success.all()
    assert np.abs(np.where(result.active, 0, result.jac)).max() < 1e-8
    lone = hessopt.objectives.Binomial(X[3], np.minimum(y[3], 1), link="probit", l2=0.1)
    assert np.isclose(result.fun[3], lone.value_and_gradient(result.x[3])[0])


def test_separated_classes_do_not_pass_for_a_fit():
    X, y = model_data("Logistic", 5)
    y[2] = X[2, :, 0] > 0
    f = hessopt.BatchModel(hessopt.objectives.Logistic, X, y)
    result = hessopt.minimize_batch(f, np.zeros((5, 4)))
    assert result.success.tolist() == [True, True, False, True, True]
    assert result.status[2] == Status.UNBOUNDED


def test_what_does_not_fit_a_batch_of_models_is_named():
    X, y = model_data("Logistic", 5)

    def refused(match, model=hessopt.objectives.Logistic, X=X, y=y, error=ValueError, **options):
        with pytest.raises(error, match=match):
            hessopt.BatchModel(model, X, y, **options)

    refused(r"X: got shape \(5, 37\); want 3 dimensions", X=X[:, :, 0])
    refused(r"y: got shape \(5, 36\); want shape \(5, 37\)", y=y[:, 1:])
    refused(r"y: got the target 2 in problem 0; want labels", y=y + 1 + (y == 0))
    refused(
        r"X: got NaN or inf in problem 3", X=np.where(np.arange(5)[:, None, None] == 3, np.nan, X)
    )
    refused(r"sample_weight: got weights of problem 0", sample_weight=-1 - y)
    refused(r"offset: got NaN or inf", offset=np.full_like(y, np.inf))
    refused(
        "model: got Softmax|model: got <class", model=hessopt.objectives.Softmax, error=TypeError
    )
    refused("delta", delta=1.0, error=TypeError)
    refused("l1: got an argument", l1=1.0, error=TypeError)
    f = hessopt.BatchModel(hessopt.objectives.Logistic, X, y)
    with pytest.raises(ValueError, match=r"X0: got shape \(5, 3\); want shape \(5, 4\)"):
        hessopt.minimize_batch(f, np.zeros((5, 3)))
    with pytest.raises(ValueError, match="method: got 'lm'"):
        hessopt.minimize_batch(f, np.zeros((5, 4)), "lm")
    with pytest.raises(ValueError, match=r"index: got 5; want indices in \[0, 5\)"):
        f(np.zeros((1, 4)), [5])
    with pytest.raises(ValueError, match=r"X: got shape \(1, 3\); want shape \(1, 4\)"):
        f(np.zeros((1, 3)), [0])
