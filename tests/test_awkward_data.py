"""Data that breaks other fits: separated, singular, badly scaled, extreme; and not finite."""

import functools

import mpmath
import numpy as np
import pytest

import hessopt
from hessopt import Status
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, Squared

LINEAR = [Squared, Huber, Logistic, Poisson, Gamma, Exponential]
ALL = [*LINEAR, Softmax]
METHODS = ["newton", "newton_cg", "lbfgs"]


class Data:
    """X, a target for each loss (None: not for this one), a weight per row.

    Losses that have no minimum are `endless`; a test of the gradient cannot be told from the start
    where the data is `stiff`; where the units of x differ `wildly`, only Newton can know; and the
    minima of `hidden` losses are a known fault of L-BFGS, which finds them but cannot tell.
    """

    def __init__(
        self,
        X,
        eta=None,
        targets=None,
        weight=None,
        endless=(),
        stiff=False,
        wildly=False,
        hidden=(),
    ):
        rng = np.random.default_rng(len(X))
        n = len(X)
        eta = X[:, 0] - 0.5 * X[:, -1] if eta is None else eta
        noise = rng.normal(size=n)
        self.X, self.weight, self.endless = X, weight, endless
        self.stiff, self.wildly, self.hidden = stiff, wildly, hidden
        self.y = {
            Squared: eta + noise,
            Huber: eta + noise + 5 * (np.arange(n) % 7 == 0),
            Logistic: (eta + 2 * noise > 0).astype(float),
            Exponential: (eta + 2 * noise > 0).astype(float),
            Poisson: 1.0 + rng.poisson(np.exp(np.clip(eta, -3, 3))),
            Gamma: rng.gamma(2.0, np.exp(np.clip(eta, -3, 3))),
            Softmax: rng.permutation(np.arange(n) % 3).astype(float),
        } | (targets or {})

    def objective(self, kind):
        return kind(self.X, self.y[kind], sample_weight=self.weight)


def normal(n, p, seed=0):
    return np.random.default_rng(seed).normal(size=(n, p))


def separated():
    X = normal(24, 3)
    bins = np.digitize(X[:, 0], [-0.4, 0.4]).astype(float)
    targets = {Logistic: (X[:, 0] > 0).astype(float), Softmax: bins}
    return Data(X, targets=targets, endless=[Logistic, Exponential, Softmax])


def collinear():
    X = np.floor(256 * normal(24, 3)) / 256  # whose sums are exact
    X[:, 2] = X[:, 0] + X[:, 1]
    return Data(X)


def constant_column():
    X = normal(24, 3)
    X[:, 1] = 7
    return Data(X)


def zero_column():
    X = normal(24, 3)
    X[:, 1] = 0
    return Data(X)


def more_columns_than_rows():
    return Data(normal(6, 9), endless=[Logistic, Exponential, Softmax])


def one_row():
    return Data(normal(1, 3), targets={Softmax: None}, endless=[Logistic, Exponential])


def duplicated_rows():
    return Data(np.repeat(normal(12, 3), 4, axis=0))


def columns_of_scale(e):
    X = normal(24, 3)
    units = [10.0**-e, 1.0, 10.0**e]
    return Data(X * units, eta=X[:, 0] - 0.5 * X[:, 2], stiff=True, wildly=True)


def columns_of_unlike_scale():
    return columns_of_scale(100)


def columns_of_extreme_scale():
    return columns_of_scale(150)


def extreme_targets():
    spread = 10.0 ** np.linspace(-300, 300, 24)
    sign = np.where(np.arange(24) % 2, 1, -1)
    counts = np.random.default_rng(1).poisson(1e6, 24).astype(float)
    targets = {Poisson: counts, Gamma: spread, Squared: 1e150 * sign, Huber: 1e6 * sign}
    targets |= {Logistic: None, Exponential: None, Softmax: None}
    return Data(normal(24, 3), targets=targets, hidden=[Gamma])


def rare_features():
    """One row in a thousand has a feature; both classes are seen with each."""
    X = np.zeros((3000, 3))
    for j in range(3):
        X[10 * j : 10 * j + 3, j] = 1
    y = np.minimum(np.arange(3000) % 5, 2).astype(float)
    return Data(
        X,
        targets={
            Squared: y,
            Huber: 3 * y,
            Logistic: (y > 0).astype(float),
            Exponential: (y > 0).astype(float),
            Poisson: y,
            Gamma: 1 + y,
            Softmax: y,
        },
    )


def correlated():
    """The Hessian's condition is 1e8."""
    X = normal(24, 3)
    X[:, 1] = X[:, 0] + 1e-4 * X[:, 1]
    return Data(X, stiff=True)


def one_weight():
    weight = np.zeros(24)
    weight[5] = 3
    return Data(normal(24, 3), weight=weight, endless=[Logistic, Exponential, Softmax])


DATA = [
    separated,
    collinear,
    constant_column,
    zero_column,
    more_columns_than_rows,
    one_row,
    duplicated_rows,
    columns_of_unlike_scale,
    columns_of_extreme_scale,
    extreme_targets,
    rare_features,
    correlated,
    one_weight,
]


CASES = [
    pytest.param(
        make,
        kind,
        method,
        id=f"{make.__name__}-{kind.__name__}-{method}",
    )
    for make in DATA
    for kind in ALL
    for method in METHODS
    if make().y[kind] is not None
]


# The witness: Newton's method in 60 digits, columns in units of their largest entry. Rows that are
# alike are taken together, and a singular Hessian is lifted by 1e-20 of its size.

exp, log = np.frompyfunc(mpmath.exp, 1, 1), np.frompyfunc(mpmath.log, 1, 1)


def huber(e, y):
    """With the curvature of a parabola above it, so that a step cannot raise it."""
    r = abs(e - y)
    outer = np.array([max(a, mpmath.mpf(1)) for a in r])
    inner = r - outer + 1  # |r| up to 1
    return outer - 1 + np.where(r < 1, inner**2 / 2, mpmath.mpf(1) / 2), (e - y) / outer, 1 / outer


FORMULAS = {  # value, first and second derivative
    Squared: lambda e, y: ((e - y) ** 2 / 2, e - y, 1 + 0 * e),
    Huber: huber,
    Logistic: lambda e, y: (
        log(1 + exp(e)) - y * e,
        1 / (1 + exp(-e)) - y,
        1 / (2 + exp(e) + exp(-e)),
    ),
    Poisson: lambda e, y: (exp(e) - y * e, exp(e) - y, exp(e)),
    Gamma: lambda e, y: (e + y * exp(-e), 1 - y * exp(-e), y * exp(-e)),
    Exponential: lambda e, y: (
        exp((1 - 2 * y) * e),
        (1 - 2 * y) * exp((1 - 2 * y) * e),
        exp((1 - 2 * y) * e),
    ),
}


def softmax(A, y, weight, x):
    """Value, gradient and Hessian; class 0 is the reference."""
    K = int(max(y)) + 1
    e = np.column_stack([0 * A[:, 0], A @ x.reshape(K - 1, -1).T])
    rows = np.arange(len(y))
    total = exp(e).sum(1)
    p = exp(e) / total[:, None]
    value = weight @ (log(total) - e[rows, y.astype(int)])
    p = p[:, 1:]
    change = p - (y[:, None] == np.arange(1, K)).astype(int)
    blocks = [
        [(A.T * (weight * (p[:, k] * int(k == j) - p[:, k] * p[:, j]))) @ A for j in range(K - 1)]
        for k in range(K - 1)
    ]
    return value, ((weight[:, None] * change).T @ A).ravel(), np.block(blocks)


def linear(kind, A, y, weight, x):
    value, first, second = FORMULAS[kind](A @ x, y)
    return weight @ value, A.T @ (weight * first), (A.T * (weight * second)) @ A


def precise(values):
    return np.frompyfunc(mpmath.mpf, 1, 1)(values)


@functools.cache
def optimum(make, kind):
    """The least value of the mean loss."""
    data = make()
    A = np.column_stack([data.X, np.ones(len(data.X))])
    weight = np.ones(len(A)) if data.weight is None else data.weight
    rows, which = np.unique(np.column_stack([A, data.y[kind]]), axis=0, return_inverse=True)
    weight = precise(np.bincount(which.ravel(), weight))
    with mpmath.workdps(60):
        A, y = precise(rows[:, :-1]), precise(rows[:, -1])
        A = A / [max(abs(c).max(), mpmath.mpf(10) ** -400) for c in A.T]
        weight = weight / weight.sum()
        outputs = int(max(y)) if kind is Softmax else 1
        x = precise(np.zeros(outputs * A.shape[1]))
        if kind in (Poisson, Gamma):
            x[-1] = mpmath.log(weight @ y)
        at = functools.partial(softmax if kind is Softmax else functools.partial(linear, kind))
        for _ in range(300):
            value, gradient, hessian = at(A, y, weight, x)
            lift = mpmath.eye(len(x)) * mpmath.mpf(10) ** -20 * max(hessian.diagonal())
            step = mpmath.lu_solve(mpmath.matrix(hessian) + lift, mpmath.matrix(-gradient))
            step = np.array(list(step))
            while at(A, y, weight, x + step)[0] > value:
                step = step / 2
                if max(abs(step)) < mpmath.mpf(10) ** -40:
                    return float(value)
            if -(gradient @ step) <= mpmath.mpf(10) ** -15 * abs(value):
                return float(value)
            x = x + step
    raise AssertionError(f"the witness of {kind.__name__} did not converge")


@pytest.mark.parametrize(("make", "kind", "method"), CASES)
def test_every_fit_ends_and_finds_the_minimum_there_is(make, kind, method):
    data = make()
    f = data.objective(kind)
    start = np.zeros(f.n_parameters)
    found = hessopt.minimize(f, start, method=method, tol=0.0 if data.stiff else None)
    assert np.isfinite(found.x).all()
    assert np.isfinite(found.fun)
    before = f.value_and_gradient(start)[0]
    assert found.fun <= before
    assert found.status in Status
    assert any(c.isdigit() for c in found.message) or found.status == Status.NON_FINITE
    assert found.fun == f.value_and_gradient(found.x)[0]
    if kind in data.endless or (data.wildly and method != "newton"):
        return
    best = optimum(make, kind)
    assert found.fun - best <= 1e-6 * max(abs(best), before - best)
    if not found.success and method == "lbfgs" and kind in data.hidden:
        # By rounding alone, so that on some levels of instructions it is told.
        pytest.xfail("the minimum is found, but told in 12 to 18 of 40 draws of such data")
    if method != "newton_cg":  # which takes a curvature of -1e-17 for a saddle
        assert found.success, found.message


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["X", "y", "sample_weight", "offset", "l2"])
def test_what_is_not_finite_is_named(kind, bad, name):
    data = zero_column()
    given = {
        "X": data.X,
        "y": data.y[kind],
        "sample_weight": np.ones(24),
        "offset": np.zeros((24, 3) if kind is Softmax else 24),
        "l2": np.ones(3),
    }
    given[name] = given[name].copy()
    given[name].flat[2] = bad
    with pytest.raises(ValueError, match=f"^{name}: got NaN or inf; want finite numbers$"):
        kind(**given)


def test_weights_at_the_ends_of_float64():
    data = zero_column()
    f = Squared(data.X, data.y[Squared])
    want = f.value_and_gradient(np.ones(4))[0]
    for size in (1e-300, 1e300):
        g = Squared(data.X, data.y[Squared], sample_weight=np.full(24, size))
        assert g.value_and_gradient(np.ones(4))[0] == pytest.approx(want, rel=1e-13)
    with pytest.raises(ValueError, match="sample_weight: got a sum that overflows; want smaller"):
        Squared(data.X, data.y[Squared], sample_weight=np.full(24, 1e308))
