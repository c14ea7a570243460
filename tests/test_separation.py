"""A fit without a minimum says so, and what runs away; one that has a minimum is not accused."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, Squared

METHODS = ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs"]

_rng = np.random.default_rng(0)
N = 600
A = _rng.normal(size=(N, 3))
Y = (_rng.random(N) < 1 / (1 + np.exp(-A @ [1, 0.5, -0.5]))).astype(int)
RARE = (np.arange(N) % 60 == 7).astype(float)  # ten rows
RAW = A * [1e4, 1, 1e-3] + [2e5, 2000, 0]
LEVELS = np.eye(5)[np.arange(N) % 5][:, 1:]
COUNTS = _rng.poisson(np.exp(0.3 * A[:, 0]))
GRID = _rng.integers(-3, 4, size=(N, 3)).astype(float)  # with ties
SIDE = GRID @ [1, 1, -1]


def where(rows, then, y=Y):
    return np.where(rows, then, y)


def with_dummy(X=A, **options):
    return Logistic(np.c_[X, RARE], where(RARE > 0, 1), **options)


def without_one_row():
    """The one row that overlaps weighs nothing."""
    first = np.flatnonzero(RARE)[0]
    y = where(RARE > 0, 1)
    y[first] = 0
    weight = np.ones(N)
    weight[first] = 0
    return Logistic(np.c_[A, RARE], y, sample_weight=weight)


def of_classes(y, X=A, **options):
    return Softmax(X, y, **options)


# A model without a minimum, and what its message names.
RUN_AWAY = {
    "one column": (lambda: Logistic(A, A[:, 1] > 0.1), "X[:, 1] separates the classes of y"),
    "boosting": (
        lambda: Exponential(A, A[:, 1] > 0.1),
        "X[:, 1] separates the classes of y",
    ),
    "columns together": (
        lambda: Logistic(A, A @ [1, -1, 0.5] > 0),
        "a combination of X[:, 0], X[:",
    ),
    "up to ties": (
        lambda: Logistic(GRID, np.where(SIDE == 0, Y, SIDE > 0)),
        f"and X[:, 2] separates the classes of y in {np.count_nonzero(SIDE)} rows",
    ),
    "a dummy": (with_dummy, "X[:, 3] separates the classes of y in 10 rows"),
    "a dummy, raw": (lambda: with_dummy(RAW), "X[:, 3] separates"),
    "a dummy, float32": (lambda: with_dummy(A.astype(np.float32)), "X[:, 3] separates"),
    "a dummy, no intercept": (lambda: with_dummy(fit_intercept=False), "X[:, 3] separates"),
    "a dummy, others penalised": (lambda: with_dummy(l2=[1, 1, 1, 0]), "X[:, 3] separates"),
    "a dummy beside collinear": (
        lambda: with_dummy(np.c_[A, A[:, 0] - A[:, 1]]),
        "X[:, 4] separates",
    ),
    "a dummy, an offset": (lambda: with_dummy(offset=3 * A[:, 0]), "X[:, 3] separates"),
    "overlap of no weight": (without_one_row, "X[:, 3] separates the classes of y in 9 rows"),
    "one class": (lambda: Logistic(A, np.ones(N)), "y is 1 in every row"),
    "one class, penalised": (lambda: Logistic(A, np.zeros(N), l2=1.0), "y is 0 in every row"),
    "more columns than rows": (
        lambda: Logistic(_rng.normal(size=(20, 30)), np.arange(20) % 2),
        "a combination of 30 columns",
    ),
    "a class": (
        lambda: of_classes(where(A[:, 0] > 1.5, 2)),
        "X[:, 0] separates class 2 from the others in 600 rows",
    ),
    "two classes of four": (
        lambda: of_classes(Y + 2 * (A[:, 2] > 0)),
        "X[:, 2] separates the classes of y in 600 rows",
    ),
    "a class in a cell": (
        lambda: of_classes(where(RARE > 0, 2, np.arange(N) % 3), np.c_[A, RARE]),
        "X[:, 3] separates class 2 from the others in 10 rows",
    ),
    "no row of a class": (lambda: of_classes(2 * Y), "no row has class 1"),
    "zeros in a level": (
        lambda: Poisson(np.c_[A, LEVELS], where(LEVELS[:, 2] > 0, 0, COUNTS)),
        "X[:, 5] tells 120 rows, of which y is 0 in all, from the others",
    ),
    "zeros in a sum of levels": (
        lambda: Poisson(LEVELS[:, :2] @ [[1, 1], [0, 1]], where(LEVELS[:, 1] > 0, 0, COUNTS)),
        "tells 120 rows",
    ),
    "zeros only": (lambda: Poisson(A, np.zeros(N)), "y is 0 in every row"),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", RUN_AWAY)
def test_a_fit_without_a_minimum_says_what_runs_away(case, method):
    make, named = RUN_AWAY[case]
    f = make()
    result = hessopt.minimize(f, np.zeros(f.n_parameters), method=method)
    assert not result.success
    assert result.status == hessopt.Status.NO_MINIMUM == 13
    assert result.message.startswith("NO_MINIMUM: f falls without end: ")
    assert named in result.message
    # An error where the Hessian has become singular, else a warning, which is an error here.
    with pytest.raises((np.linalg.LinAlgError, RuntimeWarning), match=r"^x: got no minimum: "):
        f.covariance(result.x)


@pytest.mark.parametrize("case", RUN_AWAY)
def test_the_direction_is_one_along_which_f_falls_without_end(case):
    f = RUN_AWAY[case][0]()
    start = np.zeros(f.n_parameters)
    x = hessopt.minimize(f, start, options={"gtol": 1e-5}).x
    direction, n_rows = f.recession(x)
    values = [
        f.value_and_gradient(x + t * direction / np.abs(direction).max())[0]
        for t in [0, 0.5, 1, 2, 4, 8]
    ]
    assert np.all(np.diff(values) <= 1e-14)
    assert values[-1] < values[0]
    assert 0 < n_rows <= f.n_rows


def rare_event():
    """20 cases among 39,000, raw covariates, centre dummies."""
    rng = np.random.default_rng(20)
    n = 39_000
    age = rng.normal(57, 8, n)
    centre = np.eye(8)[rng.integers(0, 8, n)][:, 1:]
    X = np.column_stack([age, age**2, rng.integers(0, 2, n), rng.normal(size=n), centre])
    y = np.zeros(n)
    y[rng.choice(n, 20, replace=False)] = 1
    return Logistic(X[:, np.append(np.ones(4, bool), centre[y == 1].any(0))], y)


def strong(n, p, noise, seed=0, kind=Logistic):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    eta = X @ rng.normal(size=(p, 3)) * 10 + noise * rng.logistic(size=(n, 3))
    return kind(X, eta.argmax(1) if kind is Softmax else eta[:, 0] > 0)


def all_but_one_row(**options):
    y = where(RARE > 0, 1)
    y[np.flatnonzero(RARE)[4]] = 0
    return Logistic(np.c_[A, RARE], y, **options)


def one_count():
    y = where(LEVELS[:, 2] > 0, 0, COUNTS)
    y[np.flatnonzero(LEVELS[:, 2])[17]] = 1
    return Poisson(np.c_[A, LEVELS], y)


def ties_broken():
    y = np.where(SIDE == 0, Y, SIDE > 0)
    y[np.flatnonzero(SIDE > 0)[5]] = 0
    return Logistic(GRID, y)


MINIMA = {
    "rare events": rare_event,
    "a weak signal": lambda: Logistic(A, Y),
    "a strong signal": lambda: strong(2000, 5, 2.0),
    "a stronger one": lambda: strong(20_000, 5, 0.1),
    "a strong signal, few rows": lambda: strong(20, 2, 4.0, seed=3),
    "strong, boosting": lambda: strong(300, 3, 4.0, kind=Exponential),
    "strong, classes": lambda: strong(3000, 4, 2.0, kind=Softmax),
    "collinear": lambda: Logistic(np.c_[A, A[:, 0] - A[:, 1]], Y),
    "a dummy but one row": all_but_one_row,
    "the same, a small weight": lambda: all_but_one_row(sample_weight=where(RARE > 0, 1, 1e4)),
    "a dummy, penalised": lambda: with_dummy(l2=[0, 0, 0, 1e-8]),
    "everything penalised": lambda: Logistic(A, A[:, 1] > 0, l2=1e-6),
    "classes, penalised": lambda: Softmax(A, (A[:, 1] > 0).astype(int), l2=1e-6),
    "one class, no intercept": lambda: Logistic(A, np.ones(N), fit_intercept=False),
    "ties but one row": ties_broken,
    "a level of one count": one_count,
    "counts": lambda: Poisson(A, COUNTS),
    "few counts": lambda: Poisson(A, where(np.arange(N) % 200 == 3, 1, 0)),
    "other losses": lambda: Squared(A, A[:, 0]),
    "a median": lambda: Huber(A, A[:, 0] > 0, delta=1e-3),
    "times": lambda: Gamma(A, np.exp(20 * A[:, 0])),
}


@pytest.mark.parametrize("case", MINIMA)
def test_a_model_that_has_a_minimum_is_not_accused(case):
    f = MINIMA[case]()
    for method in ("newton", "lbfgs"):
        result = hessopt.minimize(f, np.zeros(f.n_parameters), method=method)
        assert result.status != hessopt.Status.NO_MINIMUM
    for x in (result.x, np.zeros(f.n_parameters), 100 * result.x, -result.x):
        assert f.recession(x) is None


def inequalities(f, X, y, weight, intercept, l2):
    """What a linear program wants to know: A d >= 0, E d = 0."""
    rows = np.c_[X, np.ones(len(X))] if intercept else X
    free = np.append(l2 == 0, np.ones(int(intercept), bool))
    some = weight > 0
    if isinstance(f, Poisson):
        return -rows[some & (y == 0)][:, free], rows[some & (y > 0)][:, free]
    if not isinstance(f, Softmax):
        return ((2 * y - 1)[:, None] * rows)[some][:, free], rows[:0, free]
    eye = np.eye(f.n_classes)
    pairs = [
        np.kron(eye[y[i]] - eye[k], rows[i][free])
        for i in np.flatnonzero(some)
        for k in range(f.n_classes)
        if k != y[i]
    ]
    return np.array(pairs), np.zeros((0, len(pairs[0])))


def falls_without_end(A, E):
    """max sum A d subject to 0 <= A d <= 1, E d = 0."""
    if not A.any():
        return False
    basis = np.linalg.svd(np.r_[A, E], full_matrices=False)
    U = basis[0][:, basis[1] > 1e-10 * basis[1].max()]
    A, E = U[: len(A)], U[len(A) :]
    optimize = pytest.importorskip("scipy.optimize")
    found = optimize.linprog(
        -A.sum(0),
        A_ub=np.r_[-A, A],
        b_ub=np.r_[np.zeros(len(A)), np.ones(len(A))],
        A_eq=E if len(E) else None,
        b_eq=np.zeros(len(E)) if len(E) else None,
        bounds=(-1e6, 1e6),
    )
    return -found.fun > 1e-6


@pytest.mark.parametrize("kind", [Logistic, Exponential, Poisson, Softmax])
def test_a_linear_program_agrees(kind):
    """Small tables with ties, empty cells, collinear columns, weights of zero."""
    rng = np.random.default_rng(len(kind.__name__))
    answers = []
    for _ in range(60):
        n, p = rng.integers(5, 40), rng.integers(1, 5)
        X = [
            rng.integers(-2, 3, size=(n, p)).astype(float),
            (rng.random((n, p)) < 0.3).astype(float),
            rng.normal(size=(n, p)),
        ][rng.integers(3)]
        if rng.random() < 0.2:
            X = np.c_[X, 2 * X[:, 0]]
        eta = 3 * X @ rng.normal(size=(X.shape[1], 3))
        noise = rng.choice([0, 0.3, 1])
        if kind is Poisson:
            y = rng.poisson(np.exp(np.clip(eta[:, 0] - 1, -20, 4)))
        elif kind is Softmax:
            y = (eta + noise * rng.gumbel(size=eta.shape)).argmax(1)
            y[0] = 2
        else:
            y = (eta[:, 0] + noise * rng.logistic(size=n) > 0).astype(int)
        weight = (rng.random(n) < 0.9).astype(float)
        weight[1] = 1
        intercept = bool(rng.random() < 0.7)
        l2 = np.where(rng.random(X.shape[1]) < 0.2, 0.1, 0.0)
        f = kind(X, y, l2=l2, sample_weight=weight, fit_intercept=intercept)
        bounds = inequalities(f, X, y, weight, intercept, l2)
        if bounds[0].size == 0:
            continue
        x = hessopt.minimize(f, np.zeros(f.n_parameters), options={"gtol": 1e-12}).x
        want = falls_without_end(*bounds)
        assert (f.recession(x) is not None) == want
        answers.append(want)
    assert min(np.mean(answers), 1 - np.mean(answers)) > 0.15


def test_noise_has_a_minimum_where_there_is_none_without():
    f = hessopt.expected(Logistic(A, A[:, 1] > 0), hessopt.GaussianNoise(0.3, seed=0), "normal")
    assert hessopt.minimize(f, np.zeros(4)).success


def test_an_objective_of_the_user_may_know_too():
    class Away:
        def value_and_gradient(self, x):
            return np.exp(-x[0]), -np.exp(-x)

        def without_minimum(self, x):
            return f"there is nothing at {x[0] > 1}"

    result = hessopt.minimize(Away(), [0.0], method="lbfgs")
    assert result.message == "NO_MINIMUM: f falls without end: there is nothing at True"
    assert not result.success


def test_what_the_caller_stopped_is_left_alone():
    f = RUN_AWAY["one column"][0]()
    result = hessopt.minimize(f, np.zeros(4), callback=lambda x: True)
    assert result.status == hessopt.Status.CALLBACK


def test_a_frame_without_categories_names_its_columns():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    data = {"age": A[:, 0], "rare": RARE}
    for frame in (pd.DataFrame(data), pl.DataFrame(data)):
        f = Logistic(frame, where(RARE > 0, 1))
        for model in (f, pickle.loads(pickle.dumps(f)), f.with_l2(0.0)):
            assert model.without_minimum([0.0, 30, 0]).startswith("rare separates the classes")
    f = Logistic(pd.DataFrame(np.c_[A, RARE]), where(RARE > 0, 1))
    assert f.without_minimum([0.0, 0, 0, 30, 0]).startswith("X[:, 3] separates")


def test_a_level_is_named_among_a_hundred_thousand():
    rng = np.random.default_rng(0)
    n = 20_000
    shop, region = rng.integers(0, 100_000, n), rng.integers(0, 5, n)
    y = rng.random(n) < 0.3
    X = hessopt.Columns(
        {
            "shop": hessopt.Categorical(np.minimum(shop, 4), 100_000),
            "region": hessopt.Categorical(region, 5, ["n", "s", "w", "e", "sea"]),
        }
    )
    f = Logistic(X, y | (region == 4), l2=np.r_[np.ones(100_000), np.zeros(5)], fit_intercept=False)
    x = np.zeros(100_005)
    x[-1] = 20
    assert f.without_minimum(x) == (
        f"region=sea separates the classes of y in {np.count_nonzero(region == 4)} rows; "
        "l2 > 0 would keep it finite"
    )
    f = Logistic(X, y, l2=np.r_[np.ones(100_000), np.zeros(5)], fit_intercept=False)
    assert f.without_minimum(x) is None
