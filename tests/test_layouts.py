"""Every array argument of every public callable, as arrays come: the bits of its contiguous copy.

Or an error that names the argument and what came. `give` in a table's row puts the layout on the
argument that the row is named for; results of users' functions count as arguments.
"""

import inspect
import re
import tempfile
import warnings
from typing import get_args

import numpy as np
import pytest

import hessopt
import layouts
from hessopt import _core, _validation, networks, objectives
from hessopt.integrate.functions import Law
from hessopt.noise import images

rng = np.random.default_rng(0)
N = 12
# Columns of booleans, of integers and of numbers: a frame has one type for each.
X = np.column_stack([rng.integers(0, 2, N), rng.integers(0, 9, N), rng.normal(size=N)])
X[:, 0][:2] = 0, 1
W = np.array([[1.0, 0, 2], [0, 3, 0.5]])
H = np.array([[1.0, 1, 0], [1, 4, 2], [0, 2, 7.5]])
STACK = np.stack([H, H + np.eye(3)])
v = np.array([1.0, -2, 0.5])
positive = np.array([1.0, 2, 0.5])
weights = rng.integers(0, 3, N) + 0.5
DROP = hessopt.Dropout(0.25, seed=1)

TARGETS = {
    "Squared": np.round(rng.normal(size=N), 1),
    "Huber": np.round(rng.normal(size=N), 1),
    "Poisson": rng.integers(0, 5, N).astype(float),
    "Gamma": rng.integers(1, 5, N).astype(float),
    "Logistic": X[:, 0],
    "Exponential": X[:, 0],
    "Softmax": X[:, 1] % 3,
    "Binomial": X[:, 0],
    "NegativeBinomial": rng.integers(0, 5, N).astype(float),
    "InverseGaussian": rng.integers(1, 5, N).astype(float),
    "Tweedie": rng.integers(0, 5, N).astype(float),
    "PseudoHuber": np.round(rng.normal(size=N), 1),
    "Expectile": np.round(rng.normal(size=N), 1),
    "SmoothedQuantile": np.round(rng.normal(size=N), 1),
}
TARGETS["Softmax"][:3] = 0, 1, 2


def model(kind, **given):
    y = TARGETS["Huber" if kind == "HuberWithScale" else kind]
    return getattr(objectives, kind)(given.pop("X", X), given.pop("y", y), **given)


SPREAD = objectives.NegativeBinomial(X, np.array([0, 9, 0, 1, 20, 3, 0, 0, 14, 1, 0, 2.0]))


def look(f):
    """All that an objective says at a point."""
    x = np.linspace(-0.3, 0.4, f.n_parameters)
    return f.evaluate(x, hessian=True, V=np.eye(len(x))[:, :2]), f.hessp(x, x)


def of_objective(kind):
    offset = rng.normal(size=(N, 3)) if kind == "Softmax" else rng.normal(size=N)
    return {
        "X": lambda give: look(model(kind, X=give(X))),
        "y": lambda give: look(model(kind, y=give(TARGETS[kind]))),
        "sample_weight": lambda give: look(model(kind, sample_weight=give(weights))),
        "offset": lambda give: look(model(kind, offset=give(offset))),
        "l2": lambda give: look(model(kind, l2=give(positive))),
        "l1": lambda give: model(kind, l1=give(positive)).l1,
    }


def of_huber_with_scale():
    kind, y, x = objectives.HuberWithScale, TARGETS["Huber"], np.array([0.1, -0.2, 0.3, 0.5, 0.75])
    f = kind(X, y)

    def look(f):
        return *f.value_and_gradient(x), f.hessian(x)

    return {
        "HuberWithScale:X": lambda give: look(kind(give(X), y)),
        "HuberWithScale:y": lambda give: look(kind(X, give(y))),
        "HuberWithScale:l2": lambda give: look(kind(X, y, l2=give(positive))),
        "HuberWithScale:l1": lambda give: kind(X, y, l1=give(positive)).l1,
        "HuberWithScale:sample_weight": lambda give: look(kind(X, y, sample_weight=give(weights))),
        "HuberWithScale:offset": lambda give: look(kind(X, y, offset=give(TARGETS["Squared"]))),
        "HuberWithScale.value_and_gradient:x": lambda give: f.value_and_gradient(give(x)),
        "HuberWithScale.hessian:x": lambda give: f.hessian(give(x)),
        "HuberWithScale.hessp:x": lambda give: f.hessp(give(x), x),
        "HuberWithScale.hessp:v": lambda give: f.hessp(x, give(x)),
    }


def of_multinomial():
    kind, y, own = objectives.Multinomial, TARGETS["Softmax"], "Multinomial"
    f, offset = kind(X, y, l2=0.1), np.stack([X[:, 0], X[:, 1], X[:, 2]], axis=1)
    at, mean, scale = np.linspace(-0.5, 0.375, 8), *f.column_moments

    def look(f):
        return *f.value_and_gradient(at), f.hessian(at), f.hessp(at, at)

    return {
        f"{own}:X": lambda give: look(kind(give(X), y)),
        f"{own}:y": lambda give: look(kind(X, give(y))),
        f"{own}:l2": lambda give: look(kind(X, y, l2=give(positive))),
        f"{own}:l1": lambda give: kind(X, y, l1=give(positive)).l1,
        f"{own}.with_l1:l1": lambda give: f.with_l1(give(positive)).l1,
        f"{own}.hessian_of:x": lambda give: f.hessian_of(give(at), [3, 7]),
        f"{own}.hessian_of:which": lambda give: f.hessian_of(at, give(np.array([3.0, 7]))),
        f"{own}:sample_weight": lambda give: look(kind(X, y, sample_weight=give(weights))),
        f"{own}:offset": lambda give: look(kind(X, y, offset=give(offset))),
        f"{own}.with_l2:l2": lambda give: look(f.with_l2(give(positive))),
        f"{own}.column_products:mean": lambda give: f.column_products(give(mean), scale),
        f"{own}.column_products:scale": lambda give: f.column_products(mean, give(scale)),
        f"{own}.value_and_gradient:x": lambda give: f.value_and_gradient(give(at)),
        f"{own}.value_gradient_and_residual:x": lambda give: f.value_gradient_and_residual(
            give(at)
        ),
        f"{own}.hessian:x": lambda give: f.hessian(give(at)),
        f"{own}.rough_hessian:x": lambda give: f.rough_hessian(give(at)),
        f"{own}.hessian_about:x": lambda give: f.hessian_about(give(at), X[0]),
        f"{own}.hessian_about:origin": lambda give: f.hessian_about(at, give(X[0])),
        f"{own}.hessp:x": lambda give: f.hessp(give(at), at),
        f"{own}.hessp:v": lambda give: f.hessp(at, give(at)),
        f"{own}.of_all:x": lambda give: f.of_all(give(at)),
        f"{own}.recession:x": lambda give: f.recession(give(at)),
    }


def of_quantile():
    y = TARGETS["Squared"]

    def fit(X=X, y=y, **named):
        found = hessopt.quantile_regression(X, y, 0.4, **named)
        return found.x, found.fun, found.multipliers

    return {
        "quantile_regression:X": lambda give: fit(X=give(X)),
        "quantile_regression:y": lambda give: fit(y=give(y)),
        "quantile_regression:sample_weight": lambda give: fit(sample_weight=give(weights)),
    }


def of_ordinal():
    kind, y, at = objectives.Ordinal, TARGETS["Softmax"], np.array([0.1, -0.2, 0.3, -1, 0.5])
    f = kind(X, y)

    def look(f):
        return f.evaluate(at, hessian=True, V=at[:, None])

    return {
        "Ordinal:X": lambda give: look(kind(give(X), y)),
        "Ordinal:y": lambda give: look(kind(X, give(y))),
        "Ordinal:l2": lambda give: look(kind(X, y, l2=give(positive))),
        "Ordinal:l1": lambda give: kind(X, y, l1=give(positive)).l1,
        "Ordinal:sample_weight": lambda give: look(kind(X, y, sample_weight=give(weights))),
        "Ordinal:offset": lambda give: look(kind(X, y, offset=give(TARGETS["Squared"]))),
        "Ordinal.probabilities:x": lambda give: f.probabilities(give(at), X),
        "Ordinal.probabilities:X": lambda give: f.probabilities(at, give(X)),
        "Ordinal.probabilities:offset": lambda give: f.probabilities(
            at, X, offset=give(TARGETS["Squared"])
        ),
        "Ordinal.value_and_gradient:x": lambda give: f.value_and_gradient(give(at)),
        "Ordinal.hessian:x": lambda give: f.hessian(give(at)),
        "Ordinal.hessp:x": lambda give: f.hessp(give(at), at),
        "Ordinal.hessp:v": lambda give: f.hessp(at, give(at)),
        "Ordinal.evaluate:x": lambda give: f.evaluate(give(at)),
        "Ordinal.evaluate:V": lambda give: f.evaluate(at, V=give(np.stack([at, at - 1], axis=1))),
    }


TIMES, HAPPENED = TARGETS["Tweedie"] + 1, 1 - X[:, 0]


def of_cox():
    kind, at, own = objectives.Cox, np.array([0.1, -0.2, 0.3]), "Cox.predict_cumulative_hazard"
    strata, f = X[:, 1] % 2, objectives.Cox(X, TIMES, HAPPENED)
    in_strata = kind(X, TIMES, HAPPENED, strata=strata)
    survival = f.predict_survival_function

    def made(X=X, time=TIMES, event=HAPPENED, **named):
        return look(kind(X, time, event, **named))

    return {
        "Cox:X": lambda give: made(X=give(X)),
        "Cox:time": lambda give: made(time=give(TIMES)),
        "Cox:event": lambda give: made(event=give(HAPPENED)),
        "Cox:entry": lambda give: made(entry=give(np.append(-0.5, TIMES[1:] - 1.5))),
        "Cox:strata": lambda give: made(strata=give(strata)),
        "Cox:l2": lambda give: made(l2=give(positive)),
        "Cox:l1": lambda give: kind(X, TIMES, HAPPENED, l1=give(positive)).l1,
        "Cox:sample_weight": lambda give: made(sample_weight=give(weights)),
        "Cox:offset": lambda give: made(offset=give(TARGETS["Squared"])),
        "Cox.log_baseline_hazard:x": lambda give: f.log_baseline_hazard(give(at)),
        "Cox.log_likelihood:x": lambda give: f.log_likelihood(give(at)),
        "Cox.baseline_cumulative_hazard:x": lambda give: f.baseline_cumulative_hazard(give(at)),
        f"{own}:x": lambda give: f.predict_cumulative_hazard(give(at), X, at),
        f"{own}:X": lambda give: f.predict_cumulative_hazard(at, give(X), at),
        f"{own}:times": lambda give: f.predict_cumulative_hazard(at, X, give(TIMES)),
        f"{own}:strata": lambda give: in_strata.predict_cumulative_hazard(
            at, X, TIMES, strata=give(strata)
        ),
        f"{own}:offset": lambda give: f.predict_cumulative_hazard(at, X, TIMES, offset=give(TIMES)),
        "Cox.predict_survival_function:x": lambda give: survival(give(at), X, TIMES),
        "Cox.predict_survival_function:X": lambda give: survival(at, give(X), TIMES),
        "Cox.predict_survival_function:times": lambda give: survival(at, X, give(TIMES)),
        "Cox.predict_survival_function:strata": lambda give: in_strata.predict_survival_function(
            at, X, TIMES, strata=give(strata)
        ),
        "Cox.predict_survival_function:offset": lambda give: survival(
            at, X, TIMES, offset=give(TIMES)
        ),
    }


def of_family():
    """What families have beside: a method is called on the one that the others share it with."""
    at, means = np.array([0.1, -0.2, 0.3, 0.5]), np.array([0.2, 0.5, 0.75])
    f = model("Poisson")
    rows = {
        f"Family.{name}:x": lambda give, name=name: getattr(f, name)(give(at))
        for name in ("deviance", "dispersion", "pearson_chi2", "predictor", "log_likelihood")
    }
    return rows | {
        "Family.mean:predictor": lambda give: f.mean(give(means)),
        "Family.variance:mean": lambda give: f.variance(give(means)),
        "Binomial:trials": lambda give: look(model("Binomial", trials=give(weights))),
    }


def compiled():
    """An objective of each class that the extension has."""
    linear, softmax = model("Logistic"), model("Softmax")
    connect = hessopt.DropConnect(0.25, seed=1)
    return [
        linear,
        softmax,
        hessopt.expected(model("Squared"), DROP, "exact"),
        hessopt.expected(model("Poisson"), DROP, "exact"),
        hessopt.expected(linear, DROP, "exact"),
        hessopt.expected(softmax, DROP, "taylor"),
        hessopt.expected(linear, connect, "sample", n_samples=2),
        hessopt.expected(softmax, connect, "sample", n_samples=2),
        objectives.Cox(X, TIMES, HAPPENED),
    ]


def of_compiled(f):
    x = np.append([1.0, 0], np.linspace(-0.3, 0.4, f.n_parameters - 2))
    V = np.column_stack([x, np.arange(len(x)) % 2, np.arange(len(x))])
    return {
        "value_and_gradient:x": lambda give: f.value_and_gradient(give(x)),
        "hessian:x": lambda give: f.hessian(give(x)),
        "hessp:x": lambda give: f.hessp(give(x), x),
        "hessp:v": lambda give: f.hessp(x, give(x)),
        "evaluate:x": lambda give: f.evaluate(give(x)),
        "evaluate:V": lambda give: f.evaluate(x, V=give(V)),
    }


SOLVERS = [
    hessopt.LBFGS,
    hessopt.BFGS,
    hessopt.Newton,
    hessopt.TrustRegion,
    hessopt.NewtonCG,
    hessopt.ProximalNewton,
    hessopt.OWLQN,
    hessopt.GradientDescent,
    hessopt.Adam,
]


def renewed(l1):
    solver = run(hessopt.ProximalNewton, l1=0.1)
    solver.renew(l1)
    return solver


def within(kind):
    if "lower" not in inspect.signature(kind).parameters:
        return {}
    return {
        f"{kind.__name__}:lower": lambda give: run(kind, lower=give(v - 0.5)).x,
        f"{kind.__name__}:upper": lambda give: run(kind, upper=give(v + 0.5)).x,
    }


def quadratic(x, give=np.asarray):
    return float(x @ H @ x) / 2 + float(np.sum(x)), give(H @ x + 1)


def run(kind, steps=3, told=lambda what, value: value, start=v, **options):
    """A few steps of a solver, each told what it asks for, and where it has come."""
    solver = kind(start, **options)
    for _ in range(steps):
        x = np.asarray(solver.ask(), float)
        need = hessopt.Need(solver.needs).name
        if need == "VALUE":
            f, g = quadratic(x)
            solver.tell(told("f", np.array([f])), told("g", g))
        elif need == "HESSIAN":
            solver.tell_hessian(told("H", H))
        elif need != "NOTHING":
            solver.tell_product(told("product", H @ solver.operand))
    return solver


def where(solver):
    return solver.x, solver.ask(), solver.fun, solver.jac


def of_solver(kind):
    def told(argument, **options):
        def row(give):
            def say(what, value):
                return give(value) if what == argument else value

            return where(run(kind, told=say, **options))

        return row

    native = next(c.__name__ for c in kind.__mro__ if c.__module__ == "hessopt._core")
    rows = {
        f"{kind.__name__}:x0": lambda give: where(run(kind, start=give(v))),
        **within(kind),
        f"{native}.tell:f": told("f"),
        f"{native}.tell:g": told("g"),
        f"{native}.tell:residual": lambda give: standardized(kind, give),
        f"{native}.repeat:f": lambda give: run(kind).repeat(give(np.array([1.5]))),
    }
    if hasattr(kind, "tell_hessian"):
        rows[f"{native}.tell_hessian:H"] = told("H")
    if hasattr(kind, "tell_product"):
        rows[f"{native}.tell_product:product"] = told("product", preconditioner="operator")
        rows[f"{kind.__name__}:preconditioner"] = lambda give: where(
            run(kind, preconditioner=give(positive))
        )
    if hasattr(kind, "refine"):
        rows[f"{native}.refine:g"] = lambda give: refined(kind, give)
    if "lower" in inspect.signature(kind).parameters:
        for side, far in (("lower", -positive), ("upper", positive)):
            rows[f"{kind.__name__}:{side}"] = lambda give, side=side, far=far: where(
                run(kind, **{side: give(far)})
            )
    if kind is hessopt.BFGS:
        rows["BFGS:hess_inv0"] = lambda give: where(run(kind, hess_inv0=give(H)))
    if hasattr(kind, "apply_inverse"):
        rows[f"{native}.apply_inverse:v"] = lambda give: run(kind).apply_inverse(give(v))
    return rows


def standardized(kind, give):
    """A run in the variables of columns, told the size of the residual."""
    solver = kind(v)
    solver._standardize(np.arange(1.0, len(v)), np.ones(len(v) - 1), 9.0)
    solver.tell(*quadratic(v), give(np.array([2.0])))
    return where(solver)


def refined(kind, give):
    """A run that has ended, told a better gradient."""
    solver = run(kind, 40, gtol=0.1)
    solver.refine(give(H @ solver.x + 1))
    return where(solver)


def proposed(give_x=np.asarray, give_H=np.asarray):
    solver = hessopt.Newton(v)
    solver.tell(*quadratic(v))
    solver.propose(give_x(v / 2), give_H(H))
    return where(solver)


def factor(method, b=None, **options):
    made = hessopt.Cholesky(H, **options)
    return getattr(made, method)(b), made.factor


def fit(**given):
    x0, fun = given.pop("x0", v), given.pop("fun", quadratic)
    result = hessopt.minimize(fun, x0, **{"jac": True, "tol": 1e-6, **given})
    return result.x, result.fun, result.nfev


def value(x):
    return quadratic(x)[0]


def gradient(give):
    return lambda x: give(H @ x + 1)


class Own:
    """An objective of the user's, with noise."""

    def __init__(self, give):
        self._give = give

    def value_and_gradient(self, x, z):
        return float(x @ x * z.sum()), self._give(2 * x * z.sum())


def averaged(law, give=np.asarray):
    return hessopt.expected(Own(give), law, "exact" if law.methods[0] == "exact" else "sample")


def expect(law, f=lambda z: z, **how):
    found = hessopt.expectation(f, law, n_samples=how.pop("n_samples", None), **how)
    return found.value, found.error


def predict(outputs, **how):
    d = hessopt.predict_distribution(outputs, how.pop("X", X), DROP, n_samples=4, **how)
    return d.mean, d.variance, d.entropy


def ensemble(*given):
    d = hessopt.ensemble_distribution(*given)
    return d.mean, d.variance


OUTPUTS = np.stack([X, X + 1])
VALUES = np.column_stack([np.arange(4) % 2, np.arange(4), np.linspace(0, 1, 4)])
QUARTERS = np.full(4, 0.25)


TABLE = {
    "weighted_gram:X": lambda give: hessopt.weighted_gram(give(X), weights),
    "weighted_gram:w": lambda give: hessopt.weighted_gram(X, give(weights)),
    "weighted_gram:Z": lambda give: hessopt.weighted_gram(X, weights, give(X[:, ::-1] + 1)),
    "two_loop:g": lambda give: hessopt.two_loop(give(v), W, W),
    "two_loop:S": lambda give: hessopt.two_loop(v, give(W), W),
    "two_loop:Y": lambda give: hessopt.two_loop(v, W, give(W)),
    "Cholesky:H": lambda give: hessopt.Cholesky(give(H)).factor,
    "Cholesky.solve:b": lambda give: factor("solve", give(v), precision="float32"),
    "Cholesky.update:V": lambda give: factor("update", give(W.T.copy())),
    "Cholesky.update:V in float32": lambda give: factor("update", give(v), precision="float32"),
    "Cholesky.downdate:V": lambda give: factor("downdate", give(W.T / 16)),
    "cholesky_solve:H": lambda give: hessopt.cholesky_solve(give(H), v),
    "cholesky_solve:b": lambda give: hessopt.cholesky_solve(H, give(W.T.copy())),
    "cholesky_solve:H of a stack": lambda give: hessopt.cholesky_solve(give(STACK), W),
    "cholesky_solve:b of a stack": lambda give: hessopt.cholesky_solve(STACK, give(W)),
    "dropout:x": lambda give: hessopt.dropout(give(X), 0.5, 1),
    "dropout:x of three axes": lambda give: hessopt.dropout(give(STACK), 0.5, 1, shared_axes=1),
    "gaussian_dropout:x": lambda give: hessopt.gaussian_dropout(give(X), 0.5, 1),
    "dropout_samples:x": lambda give: hessopt.dropout_samples(give(X), 0.5, 1, 3),
    "dropout_moments:x": lambda give: hessopt.dropout_moments(give(X), 0.5, 1, 3),
    "dropout_linear:h": lambda give: hessopt.dropout_linear(give(X), W, 0.5, 1, 3),
    "dropout_linear:W": lambda give: hessopt.dropout_linear(X, give(W), 0.5, 1, 3),
    "dropout_linear:bias": lambda give: hessopt.dropout_linear(X, W, 0.5, 1, 3, bias=give(v[:2])),
    "expected_sigmoid:X": lambda give: hessopt.expected_sigmoid(give(X), v, DROP, "exact"),
    "expected_sigmoid:x": lambda give: hessopt.expected_sigmoid(X, give(v), DROP, "normal"),
    "predict_distribution:X": lambda give: predict(lambda Z: Z * 2, X=give(X)),
    "predict_distribution:predict": lambda give: predict(lambda Z: give(Z * 2)),
    "ensemble_distribution:X": lambda give: ensemble([abs, abs], give(X)),
    "ensemble_distribution:predictors": lambda give: ensemble(give(OUTPUTS)),
    "ensemble_distribution:predictors called": lambda give: ensemble([lambda Z: give(X), abs], X),
    "check_derivatives:x": lambda give: hessopt.check_derivatives(quadratic, give(v)).error,
    "check_derivatives:fun": lambda give: (
        hessopt.check_derivatives(lambda x: quadratic(x, give), v).error
    ),
    "check_derivatives:hess": lambda give: (
        hessopt.check_derivatives(quadratic, v, hess=lambda x: give(H)).error
    ),
    "minimize:x0": lambda give: fit(x0=give(v)),
    "minimize:fun": lambda give: fit(fun=lambda x: quadratic(x, give)),
    "minimize:jac": lambda give: fit(fun=value, jac=gradient(give)),
    "minimize:hess": lambda give: fit(method="newton", hess=lambda x: give(H)),
    "minimize:l1": lambda give: fit(fun=quadratic, hess=lambda x: H, l1=give(positive)),
    "OWLQN:l1": lambda give: run(hessopt.OWLQN, l1=give(positive)).x,
    "ProximalNewton:l1": lambda give: run(hessopt.ProximalNewton, l1=give(positive)).x,
    "ProximalNewton.renew:l1": lambda give: renewed(give(positive)).x,
    "l1_path:l1s": lambda give: hessopt.l1_path(model("Squared"), l1s=give(positive)).x,
    "FromArrays.with_l1:l1": lambda give: model("Squared").with_l1(give(positive)).l1,
    "FromArrays.hessian_of:x": lambda give: model("Squared").hessian_of(
        give(np.ones(4)), [0, 1, 3]
    ),
    "FromArrays.hessian_of:which": lambda give: model("Squared").hessian_of(
        np.ones(4), give(np.array([0.0, 1, 3]))
    ),
    "minimize:hessp": lambda give: fit(method="newton_cg", hessp=lambda x, p: give(H @ p)),
    "InverseHessian.matvec:v": lambda give: run(hessopt.BFGS).hess_inv.matvec(give(v)),
    "InverseHessian.dot:v": lambda give: run(hessopt.BFGS).hess_inv.dot(give(v)),
    "InverseHessian.rmatvec:v": lambda give: run(hessopt.BFGS).hess_inv.rmatvec(give(v)),
    "InverseHessian.__matmul__:v": lambda give: run(hessopt.BFGS).hess_inv @ give(W.T.copy()),
    "Estimate.covariance:x": lambda give: model("Logistic", l2=0.1).covariance(give(np.ones(4))),
    "Estimate.covariance:clusters": lambda give: model("Logistic", l2=0.1).covariance(
        np.ones(4), clusters=give(np.arange(N) % 5)
    ),
    "LinearModel.row_derivatives:x": lambda give: model("Logistic").row_derivatives(
        give(np.full(4, 0.5))
    ),
    "inference:x": lambda give: inferred(give(np.full(4, 0.5))),
    "inference:clusters": lambda give: inferred(clusters=give(np.arange(N) % 5)),
    "score_test:x": lambda give: scored(give(np.full(4, 0.5)), columns=TARGETS["Squared"]),
    "score_test:parameters": lambda give: scored(parameters=give(np.array([2.0, 0]))),
    "score_test:columns": lambda give: scored(columns=give(TARGETS["Squared"])),
    "Discrete:values": lambda give: expect(hessopt.Discrete(give(VALUES), QUARTERS)),
    "Discrete:probabilities": lambda give: expect(hessopt.Discrete(VALUES, give(QUARTERS))),
    "Samples:values": lambda give: expect(hessopt.Samples(give(VALUES))),
    "Samples:weights": lambda give: expect(hessopt.Samples(VALUES, give(positive.repeat(2)[:4]))),
    "Normal:mean": lambda give: expect(hessopt.Normal(give(v)), n_samples=9),
    "Normal:scale": lambda give: expect(hessopt.Normal(v, give(positive)), n_samples=9),
    "Normal:cov": lambda give: expect(hessopt.Normal(v, cov=give(H)), n_samples=9),
    "Uniform:lower": lambda give: expect(hessopt.Uniform(give(-positive), 3), n_samples=9),
    "Uniform:upper": lambda give: expect(hessopt.Uniform(-3, give(positive)), n_samples=9),
    "Density:pdf": lambda give: expect(hessopt.Density(lambda z: give(0 * z + 1), 0, 1)),
    "expectation:f": lambda give: expect(
        hessopt.Discrete(VALUES, QUARTERS), lambda z: give(VALUES)
    ),
    "expected:objective": lambda give: averaged(
        hessopt.Discrete(VALUES, QUARTERS), give
    ).value_and_gradient(v),
    "Images.views:X": lambda give: pictures().views(give(X), seed=1),
    "laplace:x": lambda give: posterior(x=give(np.full(4, 0.5))).covariance,
    "laplace:subset": lambda give: subset_of(give(np.array([2.0, 0, 1]))).covariance,
    "Laplace.predictor:X": lambda give: posterior().predictor(give(X)),
    "Laplace.predict:X": lambda give: posterior().predict(give(X)),
    "maximize_likelihood:x0": lambda give: (
        hessopt.maximize_likelihood(SPREAD, give(np.full(4, 0.5))).x
    ),
    "maximize_evidence:x0": lambda give: (
        hessopt.maximize_evidence(model("Squared", l2=0.1), give(np.full(4, 0.5))).mean
    ),
    "OfRows.with_l2:l2": lambda give: look(model("Squared").with_l2(give(positive))),
    "FromArrays.with_l2:l2": lambda give: (
        model("HuberWithScale").with_l2(give(positive)).value_and_gradient(np.ones(5))
    ),
    "calibration:probabilities": lambda give: curve(give(P), X[:, 0]),
    "calibration:y": lambda give: curve(P, give(X[:, 0])),
    "Augmentation:sampler": lambda give: look_at_augmented(give),
    "Newton.propose:x": lambda give: proposed(give_x=give),
    "Newton.propose:H": lambda give: proposed(give_H=give),
    "Augmented.evaluate:x": lambda give: augmented().evaluate(give(np.ones(4))),
    "Augmented.evaluate:V": lambda give: augmented().evaluate(
        np.ones(4), V=give(np.column_stack([np.arange(4) % 2, np.arange(4), np.ones(4) / 4]))
    ),
    "Augmented.value_and_gradient:x": lambda give: augmented().value_and_gradient(give(np.ones(4))),
    "Augmented.hessian:x": lambda give: augmented().hessian(give(np.ones(4))),
    "Augmented.hessp:x": lambda give: augmented().hessp(give(np.ones(4)), np.ones(4)),
    "Augmented.hessp:v": lambda give: augmented().hessp(np.ones(4), give(np.ones(4) / 4)),
}


P = np.linspace(0.1, 0.9, N)


def inferred(x=None, clusters=None):
    at = np.full(4, 0.5) if x is None else x
    return hessopt.inference(model("Logistic", l2=0.1), at, clusters=clusters).covariance


def scored(x=None, **what):
    at = np.full(4, 0.5) if x is None else x
    return hessopt.score_test(model("Logistic", l2=0.1), at, **what).statistic


def posterior(x=None):
    return hessopt.laplace(model("Logistic", l2=0.1), np.zeros(4) if x is None else x)


def subset_of(indices):
    return hessopt.laplace(model("Logistic", l2=0.1), np.zeros(4), subset=indices)


def masked(f, x, rows):
    d = networks.predict_distribution(f, x, rows, n_samples=3)
    return d.mean, d.variance


def curve(p, y):
    c = hessopt.calibration(p, y, n_resamples=2)
    return c.confidence, c.accuracy, c.spread


def stored(f, x):
    with tempfile.TemporaryDirectory() as folder:
        networks.save_npz(f"{folder}/network.npz", f, x)
        return [part for pair in networks.load_npz(f"{folder}/network.npz")[1] for part in pair]


def pictures():
    return images.Images(images.Flip(), images.Noise(0.1), shape=(1, 3))


def augmented(give=np.asarray):
    noise = hessopt.Augmentation(lambda Z, rng: give(Z * 2))
    return hessopt.expected(model("Squared"), noise, "sample", n_samples=2)


def look_at_augmented(give):
    return augmented(give).value_and_gradient(np.ones(4))


def native_of(f):
    """The compiled class of an objective, or of the form that one under noise has."""
    form = getattr(f, "_form", f)
    return next(c for c in type(form).__mro__ if c.__module__ == "hessopt._core")


TARGET = np.tanh(X @ v / 30) + 0.01 * np.cos(np.arange(N))


def bent(x):
    return np.tanh(X @ np.asarray(x, float) / 20)


def bent_slopes(x):
    return X * (1 - bent(x)[:, None] ** 2) / 20


def squares(give_r=np.asarray, give_J=np.asarray, give_rho=np.asarray, **options):
    """A few steps of least squares, and where they have come."""
    solver = hessopt.LevenbergMarquardt(options.pop("x0", v), **options)
    for _ in range(6):
        x = solver.ask()
        if solver.needs == solver.RESIDUALS:
            r = bent(x) - 0.3
            rho = np.array([np.log1p(r**2), 1 / (1 + r**2), -1 / (1 + r**2) ** 2])
            solver.tell(give_r(r), give_rho(rho))
        elif solver.needs == solver.JACOBIAN:
            solver.tell_jacobian(give_J(bent_slopes(x)))
    return solver.x, solver.ask(), solver.grad


def fitted(**given):
    fun = given.pop("fun", lambda x: bent(x) - 0.3)
    result = hessopt.least_squares(fun, given.pop("x0", v), max_nfev=6, **given)
    return result.x, result.fun, result.jac


def fitted_curve(f=lambda x, *b: bent(b), **given):
    ydata = given.pop("ydata", TARGET)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one number everywhere tells of no parameter
        return hessopt.curve_fit(f, None, ydata, given.pop("p0", v / 9), ftol=1e-6, **given)


def of_least_squares():
    far = np.full(3, 9.0)
    return {
        "LevenbergMarquardt:x0": lambda give: squares(x0=give(v)),
        "LevenbergMarquardt:lower": lambda give: squares(lower=give(-far)),
        "LevenbergMarquardt:upper": lambda give: squares(upper=give(far)),
        "LevenbergMarquardt:x_scale": lambda give: squares(x_scale=give(far)),
        "LevenbergMarquardt.tell:r": lambda give: squares(give_r=give),
        "LevenbergMarquardt.tell:rho": lambda give: squares(give_rho=give),
        "LevenbergMarquardt.tell_jacobian:J": lambda give: squares(give_J=give),
        "least_squares:x0": lambda give: fitted(x0=give(v)),
        "least_squares:fun": lambda give: fitted(fun=lambda x: give(bent(x) - 0.3)),
        "least_squares:x_scale": lambda give: fitted(x_scale=give(far)),
        "least_squares:diff_step": lambda give: fitted(diff_step=give(far / 1024)),
        "least_squares:loss": lambda give: fitted(
            loss=lambda z: give(np.array([np.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2]))
        ),
        "curve_fit:f": lambda give: fitted_curve(lambda x, *b: give(bent(b))),
        "curve_fit:p0": lambda give: fitted_curve(p0=give(v / 9)),
        "curve_fit:sigma": lambda give: fitted_curve(sigma=give(np.arange(1.0, N + 1))),
        "curve_fit:ydata": lambda give: fitted_curve(ydata=give(TARGET)),
    }


TABLE |= of_least_squares()


def told(kind, name="", give=np.asarray, **options):
    """Three problems, two of them told about in rows of four, and where they have come."""

    def given(argument, value):
        return (give if argument == name else np.asarray)(value)

    state = kind(given("X0", X[:3] / 8), **options)
    for _ in range(2):
        x = state.ask()[[0, 1, 2, 2]] + 0.25
        rows = given("rows", np.arange(len(state.index)) + 0.0)
        if kind is hessopt.BatchLevenbergMarquardt:
            state.tell(given("r", x), given("J", np.eye(3)[None] + 0 * x[:, :, None]), rows)
            continue
        found = [given("f", 0.5 * (x * x).sum(1)), given("g", x)]
        if kind is hessopt.BatchNewton:
            found.append(given("H", np.eye(3)[None] + 0 * x[:, :, None]))
        state.tell(*found, rows)
    return state.x, state.fun, state.jac


def of_batches():
    kinds = {
        "BatchNewton": (hessopt.BatchNewton, "fgH"),
        "BatchQuasiNewton": (hessopt.BatchBFGS, "fg"),
        "BatchLevenbergMarquardt": (hessopt.BatchLevenbergMarquardt, "rJ"),
    }
    table = {
        f"{name}.tell:{argument}": lambda give, k=kind, a=argument: told(k, a, give)
        for name, (kind, arguments) in kinds.items()
        for argument in (*arguments, "rows")
    }
    for name in ("BatchNewton", "BatchBFGS", "BatchLBFGS", "BatchLevenbergMarquardt"):
        table[f"{name}:X0"] = lambda give, name=name: told(getattr(hessopt, name), "X0", give)

    def squares(x, index):
        return x - 0.5, np.eye(3)[None] + 0 * x[:, :, None]

    three, y = np.stack([X, X / 2, 1 - X]), np.stack([TARGET, TARGET, -TARGET])
    at = np.array([v, v, -v]) / 9

    def model(give, name, value, evaluated=False, **more):
        given = {"X": three, "y": y, **more}
        if evaluated:
            f = hessopt.BatchModel(objectives.Squared, **given, fit_intercept=False)
            where = {"X": at, "index": np.array([2.0, 0.0, 1.0])} | {name: give(value)}
            return f.evaluate(**where, hessian=True)
        given |= {name: give(value)}
        f = hessopt.BatchModel(objectives.Squared, **given, fit_intercept=False)
        return f(at[: f.n_problems], np.arange(f.n_problems))

    per_row = np.stack([weights, weights + 1, weights])
    for name, value in {
        "y": y,
        "l2": positive,
        "sample_weight": per_row,
        "offset": y / 2,
    }.items():
        table[f"BatchModel:{name}"] = lambda give, n=name, a=value: model(give, n, a)

    # What has two dimensions alone, as frames have, is read before it is given a third.
    def stacked(give):
        return lambda a: _validation.array("X", give(a), 2)[None]

    table["BatchModel:X"] = lambda give: model(stacked(give), "X", X, y=y[:1])
    for name, value in {"X": at, "index": np.array([2.0, 0.0, 1.0])}.items():
        for method in ("evaluate", "value_and_gradient", "__call__"):
            table[f"BatchModel.{method}:{name}"] = lambda give, n=name, a=value: model(
                give, n, a, evaluated=True
            )
    table["minimize_batch:X0"] = lambda give: hessopt.minimize_batch(squares, give(X[:3])).x
    return table


TABLE |= of_batches()
TABLE["Categorical:codes"] = lambda give: hessopt.Categorical(give(weights // 1), 9).toarray()
side_by_side = hessopt.Columns([X[:, 2], hessopt.Categorical(weights // 2, 2)])
TABLE["Categorical.__matmul__:w"] = lambda give: hessopt.Categorical([0, 2, 1], 3) @ give(v)
TABLE["Columns.__matmul__:w"] = lambda give: side_by_side @ give(v)
TABLE["RowBlocks:blocks"] = lambda give: hessopt.RowBlocks([give(X), give(X)]) @ v
TABLE["RowBlocks.__matmul__:w"] = lambda give: hessopt.RowBlocks([X, X]) @ give(v)
for kind in TARGETS:
    TABLE |= {f"{kind}:{argument}": row for argument, row in of_objective(kind).items()}
TABLE |= of_family()
TABLE |= of_cox()
TABLE |= of_ordinal()
TABLE |= of_multinomial()
TABLE |= of_quantile()
TABLE |= of_huber_with_scale()
for f in compiled():
    native = native_of(f)
    TABLE |= {f"{native.__name__}.{method}": row for method, row in of_compiled(f).items()}
for f in (*compiled()[:2], compiled()[-1]):
    native = native_of(f).__name__
    if hasattr(f, "part"):
        TABLE[f"{native}.part:X"] = lambda give, f=f: look(f.part(give(X[3:5]), 3, 2))
    TABLE |= {
        f"{native}.recession:x": lambda give, f=f: f.recession(give(np.ones(f.n_parameters))),
        "ModelEstimate.without_minimum:x": lambda give, f=f: str(
            f.without_minimum(give(np.ones(f.n_parameters)))
        ).encode(),
        f"{native}.hessian_about:x": lambda give, f=f: f.hessian_about(
            give(np.ones(f.n_parameters)), X[0]
        ),
        f"{native}.evaluate_about:x": lambda give, f=f: f.evaluate_about(
            give(np.ones(f.n_parameters)), X[0]
        ),
        f"{native}.evaluate_about:origin": lambda give, f=f: f.evaluate_about(
            np.ones(f.n_parameters), give(X[0])
        ),
        f"{native}.hessian_about:origin": lambda give, f=f: f.hessian_about(
            np.ones(f.n_parameters), give(X[0])
        ),
    }
    moments = f.column_moments
    TABLE |= {
        f"{native}.column_products:mean": lambda give, f=f, at=moments: f.column_products(
            give(at[0]), at[1]
        ),
        f"{native}.column_products:scale": lambda give, f=f, at=moments: f.column_products(
            at[0], give(at[1])
        ),
    }
    TABLE[f"{native}.rough_hessian:x"] = lambda give, f=f: f.rough_hessian(
        give(np.ones(f.n_parameters))
    )
    TABLE[f"{native}.value_gradient_and_residual:x"] = lambda give, f=f: (
        f.value_gradient_and_residual(give(np.ones(f.n_parameters)))
    )
influenced = model("Logistic", l2=0.1)
TABLE |= {
    "LinearModel.leverages:x": lambda give: influenced.leverages(give(np.full(4, 0.25))),
    "LinearModel.influence:x": lambda give: influenced.influence(give(np.full(4, 0.5)), np.eye(4)),
    "LinearModel.influence:H": lambda give: influenced.influence(
        np.full(4, 0.5), give(np.eye(4) + 0.125)
    ),
    "LinearModel.further_steps:x": lambda give: influenced.further_steps(
        give(np.full(4, 0.5)), np.eye(4), [3, 1]
    ),
    "LinearModel.further_steps:H": lambda give: influenced.further_steps(
        np.full(4, 0.5), give(np.eye(4) + 0.125), [3, 1]
    ),
    "LinearModel.further_steps:rows": lambda give: influenced.further_steps(
        np.full(4, 0.5), np.eye(4), give(np.array([3.0, 1, 2]))
    ),
    "influence:x": lambda give: hessopt.influence(influenced, give(np.full(4, 0.5))).cooks_distance,
    "Influence.on_prediction:row": lambda give: hessopt.influence(
        influenced, np.full(4, 0.5)
    ).on_prediction(give(np.array([1.0, -2.0, 0.5]))),
    "leave_one_out:x": lambda give: (
        hessopt.leave_one_out(influenced, give(np.full(4, 0.5))).predictor
    ),
    "select_l2:grid": lambda give: (
        hessopt.select_l2(model("Squared"), give(2.0 ** np.array([8, -2, 0, -6]))).score
    ),
    "LinearModel.losses_at:predictor": lambda give: influenced.losses_at(give(X[:, 2])),
}
TABLE["Softmax.class_metric:x"] = lambda give: model("Softmax").class_metric(
    give(np.linspace(-1, 1, 3 * (X.shape[1] + 1))), np.ones(X.shape[1])
)
TABLE["Softmax.class_metric:scale"] = lambda give: model("Softmax").class_metric(
    np.zeros(3 * (X.shape[1] + 1)), give(np.arange(1.0, X.shape[1] + 1))
)
LAYERS = [networks.Dense(2, "tanh"), networks.Dropout(0.5), networks.Dense(3)]


def network(**given):
    return networks.Network(given.pop("X", X), given.pop("y", TARGETS["Softmax"]), LAYERS, **given)


def of_network(f):
    x = np.linspace(-1, 1, f.n_parameters)
    matrices = f.unflatten(x)

    def look(f):
        return f.value_and_gradient(x), f.hessp(x, x)

    return {
        "Network:X": lambda give: look(network(X=give(X))),
        "Network:y": lambda give: look(network(y=give(TARGETS["Softmax"]))),
        "Network:sample_weight": lambda give: look(network(sample_weight=give(weights))),
        "Network:l2": lambda give: look(network(l2=give(positive[:2]))),
        "Network.value:x": lambda give: f.value(give(x)),
        "Network.value_and_gradient:x": lambda give: f.value_and_gradient(give(x)),
        "Network.hessp:x": lambda give: f.hessp(give(x), x),
        "Network.hessp:v": lambda give: f.hessp(x, give(x)),
        "Network.ggnp:x": lambda give: f.ggnp(give(x), x),
        "Network.ggnp:v": lambda give: f.ggnp(x, give(x)),
        "Network.hessian:x": lambda give: f.hessian(give(x)),
        "Network.ggn:x": lambda give: f.ggn(give(x)),
        "GaussNewton.value:x": lambda give: f.with_ggn().value(give(x)),
        "GaussNewton.value_and_gradient:x": lambda give: f.with_ggn().value_and_gradient(give(x)),
        "GaussNewton.hessian:x": lambda give: f.with_ggn().hessian(give(x)),
        "GaussNewton.hessp:x": lambda give: f.with_ggn().hessp(give(x), x),
        "GaussNewton.hessp:v": lambda give: f.with_ggn().hessp(x, give(x)),
        "Network.predict:x": lambda give: f.predict(give(x)),
        "Network.predict:X": lambda give: f.predict(x, give(X)),
        "Network.batch:rows": lambda give: f.batch(give(np.array([5.0, 2, 7]))).value(x),
        "Network.unflatten:x": lambda give: [W for W, _ in f.unflatten(give(x))],
        "Likelihood.with_l2:l2": lambda give: f.with_l2(give(np.array([0.5, 2.0]))).hessp(x, x),
        "Likelihood.jacobian:x": lambda give: f.jacobian(give(x), X),
        "Likelihood.jacobian:X": lambda give: f.jacobian(x, give(X)),
        "predict_distribution:x": lambda give: masked(f, give(x), X),
        "predict_distribution:X of a network": lambda give: masked(f, x, give(X)),
        "save_npz:x": lambda give: stored(f, give(x)),
        "to_sklearn:x": lambda give: networks.to_sklearn(f, give(x)).coefs_,
        "to_torch:x": lambda give: f.unflatten(give(x)),  # which reads it there
        "Network.flatten:weights": lambda give: f.flatten([(give(W), b) for W, b in matrices]),
    }


def of_frozen(f):
    x0 = np.linspace(-1, 1, f.n_parameters)
    frozen = networks.Frozen(f, x0, 0)
    x = frozen.x
    matrices = f.unflatten(x0)

    def look(frozen):
        return frozen.whole(x[: frozen.n_parameters]), frozen.hessp(frozen.x, frozen.x)

    return {
        "Frozen:x": lambda give: look(networks.Frozen(f, give(x0), 0)),
        "Frozen:layers": lambda give: look(networks.Frozen(f, x0, give(np.array([0.0])))),
        "Frozen.whole:x": lambda give: frozen.whole(give(x)),
        "Frozen.value:x": lambda give: frozen.value(give(x)),
        "Frozen.value_and_gradient:x": lambda give: frozen.value_and_gradient(give(x)),
        "Frozen.hessp:x": lambda give: frozen.hessp(give(x), x),
        "Frozen.hessp:v": lambda give: frozen.hessp(x, give(x)),
        "Frozen.ggnp:x": lambda give: frozen.ggnp(give(x), x),
        "Frozen.ggnp:v": lambda give: frozen.ggnp(x, give(x)),
        "Frozen.hessian:x": lambda give: frozen.hessian(give(x)),
        "Frozen.ggn:x": lambda give: frozen.ggn(give(x)),
        "Frozen.predict:x": lambda give: frozen.predict(give(x), X),
        "Frozen.predict:X": lambda give: frozen.predict(x, give(X)),
        "new_head:weights": lambda give: networks.new_head(
            f.layers, [(give(W), b) for W, b in matrices], 2, seed=1
        )[1][-1],
    }


def of_features():
    return {
        "cached_features:function": lambda give: networks.cached_features(
            lambda block: give(block), X, batch_size=5
        ),
        "cached_features:X": lambda give: networks.cached_features(
            lambda block: block @ H, give(X), batch_size=5
        ),
    }


def of_training(f):
    x0 = np.linspace(-1, 1, f.n_parameters)
    ensemble = networks.fit_ensemble(f, 2, epochs=1, method="adam")
    held_out = TARGETS["Softmax"]

    def fitted(x0, X):
        how = {"method": "adam+lbfgs", "epochs": 2, "maxiter": 2}
        return networks.fit(f, x0, validation=(X, held_out), **how).x

    return {
        "BatchAdam:x0": lambda give: networks.BatchAdam(f, give(x0), epochs=1).x,
        "fit:x0": lambda give: fitted(give(x0), X),
        "fit:validation": lambda give: fitted(x0, give(X)),
        "Ensemble.predict:X": lambda give: ensemble.predict(give(X)),
        "Ensemble.distribution:X": lambda give: ensemble.distribution(give(X)).mean,
    }


def of_normalised():
    """`BatchNorm` in a network."""
    layers = [networks.Dense(2), networks.BatchNorm("tanh"), networks.Dense(3)]
    f = networks.Network(X, TARGETS["Softmax"], layers)
    x = np.linspace(-1, 1, f.n_parameters)
    mean, variance = f.statistics(x)[0]

    def given(mean, variance):
        return networks.BatchNorm(statistics=(mean, variance)).statistics

    return {
        "BatchNorm:statistics": lambda give: given(give(mean), give(variance)),
        "Network.statistics:x": lambda give: f.statistics(give(x)),
        "Network.with_statistics:statistics": lambda give: f.with_statistics(
            [(give(mean), give(variance))]
        ).hessp(x, x),
        "Network.fold:x": lambda give: f.fold(give(x))[1],
        "Likelihood.at_minimum:x": lambda give: f.at_minimum(give(x)).predict(x),
    }


TABLE |= of_normalised()
TABLE |= of_network(network())
TABLE |= of_training(network())
TABLE |= of_frozen(network())
TABLE |= of_features()
under = hessopt.expected(model("Squared"), hessopt.Dropout(0.2), "sample", n_samples=2)
TABLE |= {
    "Integrated.with_l2:l2": lambda give: under.with_l2(give(positive)).hessp(
        np.ones(4), np.ones(4)
    ),
    "Integrated.hessian_about:x": lambda give: under.hessian_about(give(np.ones(4)), X[0]),
    "Integrated.hessian_about:origin": lambda give: under.hessian_about(np.ones(4), give(X[0])),
}
for kind in SOLVERS:
    TABLE |= of_solver(kind)

# What errors call results of the user's functions, where it is not the function's name.
CALLED = {
    "minimize:fun": "g",
    "minimize:jac": "g",
    "minimize:hess": "H",
    "minimize:hessp": "product",
    "check_derivatives:fun": "g",
    "check_derivatives:hess": "H",
    "expected:objective": "gradient",
    "RowBlocks:blocks": "block 0",
    "expectation:f": "f(z)",
    "Density:pdf": "pdf(z)",
    "predict_distribution:predict": "predict(X)",
    "ensemble_distribution:predictors called": "predict(X)",
}
# The X of linear models may be sparse.
SPARSE = (
    *(f"{kind}:X" for kind in TARGETS),
    *(
        "HuberWithScale:X",
        "Cox:X",
        "Multinomial:X",
        "Ordinal:X",
        "Ordinal.probabilities:X",
        "Cox.predict_cumulative_hazard:X",
        "Cox.predict_survival_function:X",
        "LinearModel.part:X",
        "Softmax.part:X",
        "Laplace.predictor:X",
        "Laplace.predict:X",
    ),
)
SPARSE_ALONE = "quantile_regression:X"  # and not with categories
# Hessians may be as well, and functions made of symbols return objects that are numbers.
TAKEN = {
    "pandas category": (
        *(*SPARSE, "RowBlocks:blocks"),
        *("Estimate.covariance:clusters", "inference:clusters"),
    ),
    "sparse": (
        *(*SPARSE, SPARSE_ALONE, "RowBlocks:blocks"),
        *("minimize:hess", "check_derivatives:hess"),
    ),
    "objects": (
        *("minimize:", "check_derivatives:fun", "check_derivatives:hess"),
        *("least_squares:fun", "curve_fit:f"),
    ),
}
# Where one number everywhere is an error: singular matrices, a single class.
NEVER_CONSTANT = re.compile(
    r"Softmax:y|Ordinal:y|Multinomial:y|quantile_regression:X|H$|cov$|two_loop:(S|Y)|V$|hess_inv0$|:(subset|clusters|parameters|columns)$"
)


def bits(result):
    """All numbers of a result, as bytes."""
    if isinstance(result, (tuple, list)):
        return [bits(part) for part in result]
    return None if result is None else np.asarray(result).tobytes()


def numbers(result):
    """The same as arrays in a row."""
    if isinstance(result, (tuple, list)):
        return [array for part in result for array in numbers(part)]
    return [] if result is None else [np.asarray(result)]


@pytest.mark.parametrize("row", TABLE)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_layout_gives_the_bits_of_the_contiguous_copy(row, dtype):
    call = TABLE[row]
    want = bits(call(lambda a: np.array(a, dtype, order="C")))
    for layout, of in layouts.ARRAYS.items():
        got = bits(call(lambda a, of=of: of(np.array(a, dtype, order="C"))))
        assert got == want, layout


@pytest.mark.parametrize("row", [row for row in TABLE if not NEVER_CONSTANT.search(row)])
def test_a_stride_of_nothing_gives_the_bits_of_the_contiguous_copy(row):
    call = TABLE[row]
    want = bits(call(lambda a: np.array(layouts.constant(np.array(a, float)))))
    assert bits(call(lambda a: layouts.constant(np.array(a, float)))) == want


def recorded(of, given):
    """What gives arrays as `of` has them, and notes it."""

    def give(a):
        given.append(of(np.array(a, float, order="C")))
        return given[-1]

    return give


def importorskip(what):
    """Some layouts need another library."""
    for library in ("pandas", "polars", "scipy.sparse"):
        if what.startswith(library.rpartition(".")[2]):
            pytest.importorskip(library)


WRAPPED = [
    pytest.param(name, marks=[pytest.mark.agreement] if name.endswith("Arrow") else [])
    for name in layouts.WRAPPED
]


@pytest.mark.parametrize("layout", WRAPPED)
def test_every_wrapper_gives_the_bits_of_the_array(layout):
    importorskip(layout)
    if layout.endswith("Arrow"):
        pytest.importorskip("pyarrow")
    differ = []
    for row, call in TABLE.items():
        given = []
        want = bits(call(lambda a: np.array(a, float, order="C")))
        try:
            got = bits(call(recorded(layouts.WRAPPED[layout], given)))
        except (ValueError, TypeError) as exc:
            got = str(exc)
        if got != want and not any(g is None for g in given):  # no frame has three axes
            differ.append((row, got))
    assert differ == []


@pytest.mark.parametrize("what", layouts.REFUSED)
def test_what_is_not_real_numbers_is_named(what):
    importorskip(what)
    of, came = layouts.REFUSED[what]
    differ = []
    for row, call in TABLE.items():
        if row.startswith(TAKEN.get(what, ())):
            continue
        given = []
        try:
            call(recorded(of, given))
            message = "taken"
        except (ValueError, TypeError) as exc:
            message = str(exc)
        name = CALLED.get(row, row.partition(":")[2].partition(" ")[0])
        named = message.startswith(f"{name}: got ") and "; want " in message and came in message
        if not named and not any(g is None for g in given):
            differ.append((row, message))
    assert differ == []


@pytest.mark.parametrize("row", [*SPARSE, SPARSE_ALONE])
def test_sparse_rows_are_those_of_the_dense_table(row):
    pytest.importorskip("scipy.sparse")
    want, got = [TABLE[row](give) for give in (lambda a: a, layouts.sparse)]
    for a, b in zip(numbers(want), numbers(got), strict=True):
        assert np.abs(a - b).max() < 1e-12 * max(1, np.abs(a).max())


def test_errors_name_the_column():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    ages = {"n": [1, 2, 3], "age": ["old", "new", "old"]}
    for frame in (pd.DataFrame(ages), pl.DataFrame(ages)):
        with pytest.raises(TypeError, match="X: got a frame whose column 'age' holds text; want"):
            objectives.Squared(frame, v)
    pay = pd.DataFrame({"n": [1, 2, 3], "pay": pd.array([None, 2, None], dtype="Int64")})
    for frame in (pay, pl.DataFrame({"n": [1, 2, 3], "pay": [None, 2, None]})):
        with pytest.raises(ValueError, match="X: got 2 missing values in column 'pay'; want"):
            objectives.Squared(frame, v)
    for frame in (pd.DataFrame, pl.DataFrame):
        for pay, got in (
            ([1, np.nan, np.nan], "2 missing values in column 'pay'"),
            ([1, np.nan, np.inf], "1 missing value in column 'pay'"),
            ([1, 2, np.inf], "inf in column 'pay'"),
        ):
            with pytest.raises(ValueError, match=f"X: got {got}; want"):
                objectives.Squared(frame({"n": [1, 2, 3], "pay": np.array(pay)}), v)


def test_large_data_is_not_copied():
    """X in any layout that its kernels stream or pack is read where it lies."""
    for layout in ("strided", "part of a table", "backwards", "Fortran", "unpickled", "memmap"):
        given = layouts.ARRAYS[layout](X)
        assert np.shares_memory(model("Squared", X=given).X, given)
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(np.ones((5, 3)))
    assert np.shares_memory(objectives.Squared(frame, np.ones(5)).X, frame.to_numpy())


# The table is whole.

# Made by the library, never by users.
_RESULTS = {"DerivativeCheck", "Expectation", "OptimizeResult", "PredictiveDistribution"}
_RESULTS |= {"Calibration", "InnerStop", "Need", "Status", "Stopping"}
_SETTINGS = {"gradient", "hessian", "rough", "begin", "n_samples", "step"}


def of_signature(name, function):
    for parameter in inspect.signature(function).parameters.values():
        if re.search("ArrayLike|Predictor", str(parameter.annotation)):
            yield f"{name}:{parameter.name}"


def of_class(kind):
    """Of its methods, under the name of the class that has them."""
    compiled = [c for c in kind.__mro__ if c.__module__ == "hessopt._core"]
    for owner in kind.__mro__[:-1]:
        # What solvers share is bound once, and tried on each.
        of = compiled[0] if owner is _core.Solver else owner
        for name, method in vars(owner).items():
            if name.startswith("_") and name != "__matmul__":
                continue
            label = f"{of.__name__}.{name}"
            if inspect.isfunction(method):
                yield from of_signature(label, method)
            elif owner.__module__ == "hessopt._core" and callable(method):
                for argument in re.findall(
                    r"(\w+): (?:object|numpy\.ndarray)", method.__doc__ or ""
                ):
                    if argument not in _SETTINGS:
                        yield f"{label}:{argument}"


def arguments():
    """Every array argument there is, by the signatures."""
    public = {name: getattr(hessopt, name) for name in hessopt.__all__ if name not in _RESULTS}
    public |= {name: getattr(objectives, name) for name in objectives.__all__}
    public |= {name: getattr(networks, name) for name in networks.__all__}
    laws = get_args(Law)
    for name, thing in public.items():
        if name in ("Objective", "LinearModel", "InverseHessian") or inspect.ismodule(thing):
            continue
        yield from of_signature(name, thing)
        if isinstance(thing, type) and thing not in laws:
            yield from of_class(thing)
    yield from of_class(hessopt.InverseHessian)
    yield from of_class(type(augmented()))
    for kind in vars(_core).values():
        if hasattr(kind, "value_and_gradient"):
            yield from of_class(kind)


def test_the_table_has_every_array_argument():
    have = {row.partition(" ")[0] for row in TABLE}
    assert set(arguments()) - have == set()
