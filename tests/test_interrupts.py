"""Ctrl-C in the middle of every long kernel: what is left of its work is not done."""

import contextlib
import itertools
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import hessopt
from hessopt import _core, networks, objectives

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")

rng = np.random.default_rng(0)


def model(kind, n, p, **options):
    y = rng.integers(0, 3, n) if kind is objectives.Softmax else rng.integers(0, 2, n)
    return kind(rng.normal(size=(n, p)), y, l2=1e-3, **options)


def evaluations(f):
    """Value, gradient, Hessian and products, as a C function of x and its repetitions."""
    x = np.full(f.n_parameters, 0.01)
    return {
        "gradient": (f.value_and_gradient, x),
        "hessian": (f.hessian, x),
        "hessp": (f.hessp, x, x),
    }


def factor(n, kind=_core.Factor64, dtype=float):
    return kind.of((2 * n * np.eye(n) + 1).astype(dtype))[0]


def tensor(n):
    return np.broadcast_to(np.float32(1), (n,)), np.empty(n, np.float32)


def masks():
    x, out = tensor(30_000_000)
    few, many = np.ones((2, 1000), np.float32), np.empty((2000, 2000, 100), np.float32)
    rows, weights = np.ones((300, 3000), np.float32), np.ones((1000, 3000), np.float32)
    flags, numbers = np.empty(100_000_000, bool), np.empty(100_000_000, np.float32)
    return {
        "packed": (_core.packed_mask, 2_000_000_000, 0.3, 1, 0, False, 0),
        "flags": (_core.mask_into, flags, 0.3, 1, 0, False, 0),
        "numbers": (_core.mask_into, numbers, 0.3, 1, 0, False, 0),
        "dropout": (_core.dropout_into, x, out, [False], 0.3, 1.4, 1, 0, False, 0),
        "normals": (_core.gaussian_dropout_into, x, out, [False], 0.3, 1, 0, False, 0),
        "samples": (_core.dropout_samples_into, np.ones((2000, 100), "f4"), many, 0.3, 1, 0),
        "moments": (_core.dropout_moments, few, 0.3, 1, 2_000_000, 0),
        "linear": (_core.dropout_linear, rows, weights, np.empty(0, "f4"), 0.3, 1, 16, 0, False),
        "copies": (_core.noisy_copies, rows, _core.GaussianNoise(0.1, 1), False, False, 0, 200, 0),
    }


def matrices():
    n = 3000
    A, many = 2 * n * np.eye(n) + 1, np.ones((n, 600))
    stack, right = np.tile(2 * np.eye(30) + 1, (20_000, 1, 1)), np.ones((20_000, 30, 1))
    indefinite = A - 3 * n * np.eye(n)
    X, w = np.ones((20_000, 1500)), np.ones(20_000)
    sum_of_squares, S = np.zeros((1500, 1500)), np.ones((10, 500_000))
    factored, single = factor(n), factor(n, _core.Factor32, np.float32)
    return {
        "gram": (_core.weighted_gram, sum_of_squares, X, w, None),
        "product": (_core.weighted_gram, sum_of_squares, X, w, X),
        "finite": (_core.all_finite, X),
        "two_loop": (_core.two_loop, S[0], S, S),
        "cholesky": (_core.cholesky_solve, A, many[:, :1]),
        "stack": (_core.cholesky_solve_stack, stack, right),
        "factor": (_core.Factor64.of, A),
        "modified": (_core.Factor64.modified, indefinite),
        "solve": (factored.solve, many),
        "refined": (single.solve_refined, A, 1.0, many),
        "inverse": (factored.inverse,),
        "inverse_diagonal": (factored.inverse_diagonal,),
        "norm_of_inverse": (factored.norm_of_inverse,),
        "update": (factored.update, 1e-3 * many),
        "downdate": (factored.downdate, 1e-9 * many),
    }


def models():
    out = {}
    wide, softmax = model(objectives.Logistic, 3000, 300), model(objectives.Softmax, 2000, 100)
    noise, few = hessopt.Dropout(0.3, seed=1), model(objectives.Logistic, 500, 14)
    for name, f in {
        "logistic": wide,
        "softmax": softmax,
        "closed form": hessopt.expected(wide, noise, "normal"),
        "taylor": hessopt.expected(softmax, noise, "taylor"),
        "product form": hessopt.expected(model(objectives.Exponential, 3000, 100), noise, "exact"),
        "enumerated": hessopt.expected(few, noise, "exact"),
        "samples": hessopt.expected(wide, noise, "sample", n_samples=8),
        "parameters": hessopt.expected(
            wide, hessopt.DropConnect(0.3, seed=1), "sample", n_samples=8
        ),
    }.items():
        out |= {f"{name}, {part}": call for part, call in evaluations(f).items()}
    row, w = np.ones((200, 20)), np.ones(20)
    out["sigmoid"] = (_core.expected_sigmoid, row, w, 0.0, _core.Dropout(0.3), True)
    solver = hessopt.LBFGS(np.ones(2_000_000), maxcor=5)
    for x in (solver.ask() + 0, solver.ask()):
        solver.tell(float(x @ x), 2 * x)
    out["apply_inverse"] = (solver.apply_inverse, np.ones(2_000_000))
    return out


def nets():
    layers = [networks.Dense(50, "tanh"), networks.Dropout(0.5), networks.Dense(3)]
    f = networks.Network(rng.normal(size=(20_000, 50)), rng.integers(0, 3, 20_000), layers)
    x = np.full(f.n_parameters, 0.01)
    return {
        "value": (f.value, x),
        "gradient": (f.value_and_gradient, x),
        "hessp": (f.hessp, x, x),
        "ggnp": (f.ggnp, x, x),
        "outputs": (f.predict, x),
    }


MOST = 10_000


def calls_after_ctrl_c(call, *arguments):
    """How many of many calls were still made after the signal came.

    No line of Python runs between two of them, so that a signal is seen inside of a call, or when
    all are done.
    """
    done, at = [], []

    def press():
        time.sleep(0.05)  # the call is under way, for it has let go of the GIL
        at.append(len(done))
        signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with contextlib.suppress(KeyboardInterrupt):
        done.extend(itertools.starmap(call, [arguments] * MOST))
    thread.join()
    return len(done) - at[0]


def report(group):
    """A line for each kernel, as the child process prints it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background shells ignore it
    for name, kernel in globals()[group]().items():
        print(calls_after_ctrl_c(*kernel), name, flush=True)


@pytest.mark.slow
@pytest.mark.parametrize("group", ["masks", "matrices", "models", "nets"])
def test_ctrl_c_ends_long_kernels(group):
    done = subprocess.run(
        [sys.executable, "-c", f"import test_interrupts; test_interrupts.report({group!r})"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    after = {name: int(n) for n, name in (line.split(" ", 1) for line in done.stdout.splitlines())}
    assert len(after) == len(globals()[group]())
    assert max(after.values()) < MOST / 10, after


@pytest.mark.slow
def test_ctrl_c_ends_one_gram_matrix_within_a_second():
    """One call that lasts for seconds: 4000 columns, of rows that take no memory."""
    program = """
        import signal, threading, time
        import numpy as np, hessopt
        signal.signal(signal.SIGINT, signal.default_int_handler)
        X = np.broadcast_to(np.ones(4000), (100_000, 4000))
        pressed = []
        def press():
            pressed.append(time.perf_counter())
            signal.raise_signal(signal.SIGINT)
        threading.Timer(0.5, press).start()
        try:
            hessopt.weighted_gram(X, np.ones(100_000))
        except KeyboardInterrupt:
            print(time.perf_counter() - pressed[0])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert float(done.stdout) < 1, done.stderr


def test_an_interrupted_update_leaves_the_factor_as_it_was():
    program = """
        import signal, threading, time
        import numpy as np, hessopt
        signal.signal(signal.SIGINT, signal.default_int_handler)
        n = 3000
        factor = hessopt.Cholesky(2 * n * np.eye(n) + 1)
        before = factor.factor
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        try:
            factor.update(np.ones((n, 3000)))
        except KeyboardInterrupt:
            assert np.array_equal(factor.factor, before)
            print("as it was")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "as it was\n", done.stderr


def test_ctrl_c_between_the_evaluations_of_a_fit():
    """The handler runs in the middle of a fit, whose solver is whole."""
    program = """
        import signal, threading
        import numpy as np, hessopt
        signal.signal(signal.SIGINT, signal.default_int_handler)
        rng = np.random.default_rng(0)
        f = hessopt.objectives.Logistic(rng.normal(size=(20_000, 60)), rng.integers(0, 2, 20_000))
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        fits = 0
        try:
            for method in ["newton", "lbfgs", "newton_cg", "trust_region"] * 1000:
                solver = getattr(hessopt, {"newton": "Newton", "lbfgs": "LBFGS", "newton_cg":
                    "NewtonCG", "trust_region": "TrustRegion"}[method])(np.zeros(61))
                hessopt.minimize(f, solver)
                fits += 1
        except KeyboardInterrupt:
            assert fits < 4000
            result = hessopt.minimize(f, solver)
            straight = hessopt.minimize(f, type(solver)(np.zeros(61)))
            assert np.array_equal(result.x, straight.x)
            print("whole")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "whole\n", done.stderr
