"""Random calls of the public API with awkward arguments: each answers, or refuses as documented.

    python tests/fuzz.py --calls 100000          # --seed for others, --only N to repeat one

A call begins as a right one and has none, one or two of its arguments replaced. Solvers go on after
what was refused; states are damaged, loaded and used. It runs in child processes, so that one that
dies is told of, with the number of its call: it is meant for modules under sanitizers (.ci/run).
"""

import argparse
import contextlib
import faulthandler
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np

import hessopt
from awkward import Mine, awkward
from hessopt import Need, objectives

# What the documentation says that a call may raise; Mine and Ctrl-C pass through.
DOCUMENTED = (ValueError, TypeError, MemoryError, ImportError, OSError, Mine, KeyboardInterrupt)
SECONDS, PATIENCE = 5, 120  # until Ctrl-C is pressed; until a call counts as hung
BATCH = 1000  # calls of a child
METHODS = hessopt.solvers.METHODS


def flat(x):
    return np.asarray(x, dtype=float).ravel()


def f_and_g(x):
    return float((flat(x) ** 4).sum() + flat(x).sum()), 4 * flat(x) ** 3 + 1


def hess(x):
    return np.diag(12 * flat(x) ** 2)


def shares(z):
    return abs(z) / (abs(z).sum(axis=1, keepdims=True) + 1)


def one_of(rng, choices):
    return choices[rng.integers(len(choices))]


def data(rng):
    shape = one_of(rng, [2, 3, 5, 17, 40]), int(rng.integers(1, 6))
    return rng.standard_normal(shape).astype(one_of(rng, ["f8", "f4"]))


def definite(rng, n):
    A = rng.standard_normal((n, n))
    return A @ A.T + n * np.eye(n)


# A family gives a function and its arguments by name, all of them right.


def models(rng):
    linear = [
        *objectives.LinearModel.__subclasses__(),
        *objectives.Poisson.__base__.__subclasses__(),
    ]
    kinds = [kind for kind in linear if kind is not objectives.Poisson.__base__]
    kind, X = one_of(rng, [*kinds, objectives.Softmax]), data(rng)
    several = kind is objectives.Softmax
    given = {
        "X": X,
        "y": np.arange(len(X)) % 2 + 1.0 * (kind in (objectives.Gamma, objectives.InverseGaussian)),
        "l2": 0.1,
    }
    more = {
        "sample_weight": rng.random(len(X)) + 0.1,
        "offset": rng.random((len(X), 2) if several else len(X)),
        "fit_intercept": False,
    }
    if kind is objectives.Huber:
        more["delta"] = 0.5
    return kind, given | {name: more[name] for name in more if rng.random() < 0.4}


def model(rng):
    kind, given = models(rng)
    return kind(**given)


def noise(rng):
    kinds = [hessopt.Dropout, hessopt.DropConnect, hessopt.GaussianDropout, hessopt.GaussianNoise]
    return one_of(rng, kinds)(one_of(rng, [0.0, 0.3, 0.9]), seed=1)


def laws(rng):
    calls = [
        (hessopt.Discrete, {"values": np.arange(3.0), "probabilities": [0.2, 0.3, 0.5]}),
        (hessopt.Samples, {"values": np.ones((4, 2)), "weights": np.ones(4)}),
        (hessopt.Bernoulli, {"keep": 0.4, "size": int(rng.integers(1, 8)), "seed": 1}),
        (hessopt.Normal, {"mean": [0.0, 1.0], "scale": 1.0, "seed": 1}),
        (hessopt.Normal, {"mean": [0.0, 1.0], "cov": np.eye(2)}),
        (hessopt.Uniform, {"lower": [0.0, 1.0], "upper": 3.0, "seed": 0}),
        (hessopt.Density, {"pdf": np.exp, "lower": -np.inf, "upper": 0.0, "normalized": True}),
    ]
    kind, given = one_of(rng, calls)

    def use(**given):
        twin = kind(**given)
        if kind is not hessopt.Density:
            twin = pickle.loads(pickle.dumps(twin, int(rng.integers(6))))
        hessopt.expectation(np.sin, twin, tol=0.1, max_evaluations=10_000)

    use.made = lambda: kind(**given)
    return use, given


def evaluations(rng):
    f = model(rng)
    if rng.random() < 0.5:
        method = one_of(rng, ["exact", "normal", "taylor", "sample"])
        with contextlib.suppress(ValueError, TypeError):
            f = hessopt.expected(
                f, noise(rng), method, **{"n_samples": 2} if method == "sample" else {}
            )
    x = rng.standard_normal(f.n_parameters) * 0.1
    V, precision = rng.standard_normal((len(x), 2)), one_of(rng, ["float64", "float32"])
    more = {"gradient": True, "hessian": True, "V": V, "precision": precision}
    calls = [
        (f.value_and_gradient, {"x": x}),
        (f.hessian, {"x": x}),
        (f.hessp, {"x": x, "v": x}),
        (f.evaluate, {"x": x} | more),
    ]

    def part(x, **given):
        return f.part(**given).hessian(x)

    calls += [(f.covariance, {"x": x, "dispersion": 1.0})] if hasattr(f, "covariance") else []
    if hasattr(f, "part"):
        calls += [
            (lambda step, x: f.every(step).value_and_gradient(x), {"step": 2, "x": x}),
            (part, {"x": x, "X": f.X, "begin": 0, "n_samples": 1}),
        ]
    return one_of(rng, calls)


OWN = {
    "lbfgs": {"maxcor": 3, "initial_step": 0.1, "history_dtype": "float32"},
    "newton": {"hessian_every": 2, "convex": True},
    "newton_cg": {"preconditioner": "lbfgs", "initial_step": 0.1},
    "trust_region": {"initial_step": 1.0},
    "bfgs": {"initial_step": 1.0},
    "adam": {"learning_rate": 0.1, "beta1": 0.5, "amsgrad": True, "weight_decay": 0.1},
    "gradient_descent": {"learning_rate": 0.01, "momentum": 0.5},
}


def fits(rng):
    name, f = one_of(rng, list(OWN)), model(rng)
    options = {"maxiter": int(rng.integers(1, 30)), "maxfun": 50, "maxtime": 1e3, "gtol": 1e-6}
    options |= {"ftol": 0.0, "xtol": 0.0, "history": True}
    if rng.random() < 0.3:
        options |= OWN[name]
    given = {"fun": f, "x0": np.zeros(f.n_parameters)}
    if rng.random() < 0.6:
        x0 = rng.standard_normal(int(rng.integers(1, 6))).astype(one_of(rng, ["f8", "f4"]))
        given = {"fun": f_and_g, "x0": x0, "jac": True, "hess": hess}
    if rng.random() < 0.2:
        given |= {"checkpoint": Path(PLACE) / "run", "checkpoint_every": 1}
    if rng.random() < 0.5:
        return hessopt.minimize, given | {"method": name, "options": options, "tol": 1e-6}

    def call(**all_given):  # so that an option may be replaced as well
        own = {key: all_given.pop(key) for key in options}
        return hessopt.minimize(**all_given, method=name, options=own)

    return call, given | options


def tell(solver):
    need, x = solver.needs, solver.ask()
    if need == Need.VALUE:
        solver.tell(*f_and_g(x))
    elif need == Need.HESSIAN:
        solver.tell_hessian(hess(x))
    elif need:
        solver.tell_product(hess(x) @ solver.operand)


def solver_under_way(rng):
    kind, n = one_of(rng, list(METHODS.values())), int(rng.integers(1, 5))
    solver = kind(rng.standard_normal(n).astype(one_of(rng, ["f8", "f4"])), gtol=1e-8)
    for _ in range(int(rng.integers(9))):
        tell(solver)
    return solver


def told(rng):
    solver = solver_under_way(rng)
    one, square = np.ones(len(solver.ask())), np.eye(len(solver.ask()))
    calls = {
        "tell": {"f": 1.0, "g": one},
        "repeat": {"f": 1.0},
        "resume": {"maxiter": 50, "gtol": 1e-9, "maxtime": 10.0},
        "tell_hessian": {"H": square},
        "tell_product": {"product": one},
        "propose": {"x": one, "H": square},
        "apply_inverse": {"v": one},
    }
    name = one_of(rng, [name for name in calls if hasattr(solver, name)])

    def and_go_on(**given):
        try:
            getattr(solver, name)(**given)
        finally:
            for _ in range(4):
                tell(solver)
            pickle.loads(pickle.dumps(solver, int(rng.integers(6))))

    return and_go_on, calls[name]


def states(rng):
    solver = solver_under_way(rng)
    state = bytearray(solver.__getstate__())
    state[rng.integers(len(state))] = rng.integers(256)

    def load(state):
        other = type(solver).__new__(type(solver))
        other.__setstate__(state)
        for _ in range(4):
            tell(other)

    return load, {"state": bytes(state)}


def factors(rng):
    n = int(rng.integers(1, 9))
    H, precision = definite(rng, n), one_of(rng, ["float64", "float32"])
    if rng.random() < 0.4:
        return hessopt.Cholesky, {"H": H, "modified": rng.random() < 0.5, "precision": precision}
    factor = hessopt.Cholesky(H, precision=precision)
    calls = {"solve": {"b": np.ones((n, 2))}, "update": {"V": H}, "downdate": {"V": 0.1 * H[0]}}
    name = one_of(rng, list(calls))

    def and_go_on(**given):
        try:
            getattr(factor, name)(**given)
        finally:
            factor.inverse(), factor.inverse_diagonal(), factor.logdet, factor.rcond

    return and_go_on, calls[name]


def linear_algebra(rng):
    X = data(rng)
    w, p = rng.standard_normal(len(X)), X.shape[1]
    stack = np.tile(definite(rng, p), (len(X), 1, 1))
    calls = [
        (hessopt.weighted_gram, {"X": X, "w": w, "Z": None, "add_to": None}),
        (hessopt.weighted_gram, {"X": X, "w": w, "Z": X}),
        (hessopt.two_loop, {"g": X[0], "S": abs(X) + 1, "Y": abs(X) + 1}),
        (hessopt.cholesky_solve, {"H": stack[0], "b": X[0]}),
        (hessopt.cholesky_solve, {"H": stack, "b": X}),
    ]
    return one_of(rng, calls)


def masks(rng):
    x = data(rng)
    law = {"rate": 0.3, "seed": 5, "stream": 1}
    more = {"offset": 5, "shared_axes": 0, "antithetic": True}
    flags, many = {"keep": 0.5, "seed": 1, "packed": False, "dtype": bool}, {"n_samples": 3}
    weights = {"W": np.ones((4, x.shape[1]), x.dtype), "bias": np.ones(4, x.dtype), "shared": True}
    calls = [
        (hessopt.bernoulli_mask, {"shape": x.shape} | flags | more),
        (hessopt.bernoulli_mask, {"shape": 100, "keep": 0.5, "seed": 1, "packed": True}),
        (hessopt.dropout, {"x": x, "scaling": "inverted", "out": np.empty_like(x)} | law | more),
        (hessopt.gaussian_dropout, {"x": x, "out": None} | law | more),
        (hessopt.dropout_samples, {"x": x, "out": None} | law | many),
        (hessopt.dropout_moments, {"x": x} | law | many),
        (hessopt.dropout_linear, {"h": x} | weights | law | many),
    ]
    return one_of(rng, calls)


def expectations(rng):
    ways = ["auto", "exact", "adaptive", "gauss", "sample", "antithetic", "sobol"]
    f, law, X = model(rng), laws(rng)[0].made(), data(rng)
    of_f = {"f": np.sin, "law": law, "method": one_of(rng, ways)}
    of_model = {"objective": f, "noise": noise(rng)}
    closed, drawn = one_of(rng, ["exact", "normal", "taylor"]), one_of(rng, ["random", "sobol"])
    predicted = {"predict": shares, "X": X, "noise": noise(rng), "n_samples": 8}
    x = np.ones(X.shape[1] + 1)
    calls = [
        (hessopt.expectation, of_f | {"tol": 1e-2, "max_evaluations": 20_000}),
        (hessopt.expectation, of_f | {"n_samples": 100}),
        (hessopt.expected, of_model | {"method": closed}),
        (hessopt.expected, of_model | {"method": "sample", "n_samples": 3, "sampling": drawn}),
        (hessopt.expected_sigmoid, {"X": X, "x": x, "noise": noise(rng), "method": "normal"}),
        (hessopt.predict_distribution, predicted | {"sampling": "antithetic", "shared": True}),
        (hessopt.ensemble_distribution, {"predictors": rng.random((5, 4, 3))}),
        (hessopt.check_derivatives, {"fun": f_and_g, "x": x, "jac": True, "tolerance": 1e-5}),
    ]
    return one_of(rng, calls)


FAMILIES = [models, evaluations, fits, fits, told, states, factors, linear_algebra, masks]
FAMILIES += [expectations, laws]


def make(seed, number):
    """One call; the error by which it was refused."""
    rng = np.random.default_rng([seed, number])
    call, given = one_of(rng, FAMILIES)(rng)
    for _ in range(one_of(rng, [0, 1, 1, 1, 2])):
        name = one_of(rng, list(given))
        given[name] = awkward(rng, given[name])
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    try:
        call(**given)
    except DOCUMENTED as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
    return None


def run(seed, numbers, trace):
    """Calls in this process; how many of them failed."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    faulthandler.enable()
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    outcomes, failures = Counter(), 0
    for number in numbers:
        if trace:
            print("call", number, flush=True)
        try:
            error = make(seed, number)
            outcomes["answered" if error is None else type(error).__name__] += 1
        except Exception:
            failures += 1
            print(f"call {number} of seed {seed}:")
            traceback.print_exc(file=sys.stdout)
        else:
            if trace:
                print(repr(error))
    print("outcomes", *(f"{name}={count}" for name, count in outcomes.items()), flush=True)
    return failures


def main(calls, seed):
    outcomes, reports = Counter(), 0
    child = [sys.executable, __file__, "--seed", str(seed), "--child"]
    start = partial(subprocess.run, capture_output=True, text=True)
    for begin in range(0, calls, BATCH):
        end = min(begin + BATCH, calls)
        done = start([*child, str(begin), str(end)])
        *found, last = done.stdout.splitlines() or [""]
        if last.startswith("outcomes"):
            pairs = (pair.split("=") for pair in last.split()[1:])
            outcomes.update({name: int(count) for name, count in pairs})
        print(*found, sep="\n", end="\n" * bool(found))
        if done.returncode:
            reports += 1
            print(f"calls {begin}:{end} of seed {seed} ended with {done.returncode}")
        if not last.startswith("outcomes"):  # it died: once more, to tell where
            done = start([*child, str(begin), str(end), "--trace"])
            print(*[line for line in done.stdout.splitlines() if line.startswith("call")][-1:])
            print(done.stderr[-20_000:])
    print(f"{calls} calls of seed {seed}, batches with reports: {reports};", dict(outcomes))
    return reports


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one call, made in this process")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--trace", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as PLACE:
        os.chdir(PLACE)  # where files of any name may be written
        if given.only is not None:
            failures = run(given.seed, [given.only], trace=True)
        elif given.child:
            failures = run(given.seed, range(*given.child), given.trace)
        else:
            failures = main(given.calls, given.seed)
    sys.exit(min(failures, 100))
