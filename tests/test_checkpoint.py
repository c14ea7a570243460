"""Runs that are killed, interrupted or moved, and what is left of them."""

import json
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import hessopt
from hessopt import Status, minimize
from hessopt._solvers import METHODS
from problems import chained_rosenbrock, rosenbrock

HERE = Path(__file__).parent
PROBLEM = chained_rosenbrock(30)


def solve(path=None, method="lbfgs", problem=PROBLEM, every=1, **options):
    return minimize(
        problem.fun,
        problem.start,
        method=method,
        jac=True,
        hess=problem.hess,
        options={"gtol": 0.0, "maxiter": 40, **options},
        checkpoint=path,
        checkpoint_every=every,
    )


def assert_same(a, b):
    assert np.array_equal(a.x, b.x)
    assert np.array_equal(a.jac, b.jac)
    assert (a.fun, a.nit, a.nfev, a.status) == (b.fun, b.nit, b.nfev, b.status)


def saved(path):
    return hessopt._checkpoint.Checkpoint(path, PROBLEM.start, 1).load(hessopt.LBFGS(PROBLEM.start))


CHILD = """
    import os, sys
    sys.path.insert(0, sys.argv[1])
    import numpy as np, hessopt
    from problems import chained_rosenbrock

    problem = chained_rosenbrock(30)
    print("go", flush=True)
    result = hessopt.minimize(
        problem.fun, problem.start, method="lbfgs", jac=True, options={"gtol": 1e-9},
        checkpoint=sys.argv[2], checkpoint_every=1,
    )
    print(result.x.tobytes().hex(), result.fun.hex(), result.nit, result.nfev, result.status.name)
"""


def child(path):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(HERE), str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_fifty_kills_and_the_same_end(tmp_path):
    path = tmp_path / "run"
    undisturbed = child(tmp_path / "undisturbed")
    assert undisturbed.stdout.readline() == "go\n"
    begin = time.monotonic()
    straight = undisturbed.communicate()[0].split()
    length = time.monotonic() - begin
    assert straight[-1] == "GRADIENT"

    at_random = random.Random(0)
    kills, reached, furthest = 0, 0, 0
    while kills < 50:
        process = child(path)
        assert process.stdout.readline() == "go\n"
        time.sleep(at_random.uniform(0, length / 4))
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0]
        kills += process.returncode == -signal.SIGKILL
        if path.exists():
            before, reached = reached, saved(path).nit
            assert reached >= before
            furthest = max(furthest, reached)
        if rest:  # it had come to its end: from the beginning
            assert rest.split() == straight
            path.unlink()
            reached = 0
    assert furthest > 0
    assert child(path).communicate()[0].split()[1:] == straight


@pytest.mark.parametrize("method", list(METHODS))
def test_cut_anywhere_it_ends_the_same(method, tmp_path):
    options = {"learning_rate": 1e-4} if method == "gradient_descent" else {}
    straight = solve(method=method, **options)
    for cut in (1, 2, 7, 23):
        path = tmp_path / f"run-{cut}"
        first = solve(path, method, maxfun=cut, **options)
        assert first.status == Status.MAX_EVALUATIONS
        assert_same(solve(path, method, **options), straight)
        again = solve(path, method, **options)  # what has ended stays so
        assert_same(again, straight)
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_exception_leaves_all_but_the_present_step(error, tmp_path):
    path, calls = tmp_path / "run", []

    def fun(x):
        calls.append(1)
        if len(calls) == 30:
            raise error
        return PROBLEM.fun(x)

    options = {"method": "lbfgs", "jac": True, "options": {"gtol": 0.0, "maxiter": 40}}
    with pytest.raises(error):
        minimize(fun, PROBLEM.start, checkpoint=path, checkpoint_every=10**6, **options)
    result = minimize(fun, PROBLEM.start, checkpoint=path, **options)
    assert_same(result, solve())
    assert len(calls) == result.nfev + 1


def test_a_higher_limit_goes_on(tmp_path):
    path = tmp_path / "run"
    assert solve(path, maxiter=10).nit == 10
    result = solve(path, maxiter=25)
    assert result.nit == 25
    assert np.array_equal(result.x, solve(maxiter=25).x)


def test_it_is_written_every_so_often(tmp_path, monkeypatch):
    written = []
    keep = hessopt._checkpoint.Checkpoint.save
    monkeypatch.setattr(
        hessopt._checkpoint.Checkpoint,
        "save",
        lambda self, solver: (written.append(solver.nit), keep(self, solver)),
    )
    solve(tmp_path / "run", every=15)
    assert written == [15, 30, 40]


def test_files_that_are_not_checkpoints(tmp_path):
    path = tmp_path / "run"
    solve(path, maxiter=5)
    whole = path.read_bytes()
    bad = {
        b"": "empty",
        b"a,b\n1,2\n": "something else",
        whole[:30]: "damaged",
        whole[:-1]: "truncated",
        whole[: len(whole) // 2]: "truncated",
        whole + b"x": "truncated or damaged",
        whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]: "damaged",
        whole.replace(b'"crc"', b'"cry"'): "damaged",
    }
    for content, word in bad.items():
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"^checkpoint: got .*{word}.*; want a hessopt"):
            solve(path)
        assert path.read_bytes() == content  # left as it was
    path.write_bytes(whole)
    with pytest.raises(ValueError, match="of method 'lbfgs'"):
        solve(path, "bfgs")
    with pytest.raises(ValueError, match="of another start"):
        solve(path, problem=rosenbrock(4))
    with pytest.raises(ValueError, match="of another start"):
        minimize(PROBLEM.fun, PROBLEM.start.astype("f4"), method="lbfgs", jac=True, checkpoint=path)
    header = path.read_bytes().split(b"\n")[1]
    assert json.loads(header)["method"] == "lbfgs"


def test_places_that_cannot_be_written(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        solve(tmp_path / "nowhere" / "run", maxiter=3)
    with pytest.raises(IsADirectoryError):
        solve(tmp_path, maxiter=3)
    with pytest.raises(ValueError, match="checkpoint_every: got 0"):
        solve(tmp_path / "run", every=0)
    with pytest.raises(ValueError, match=r"checkpoint: got .*; want nothing: x0 is a solver"):
        minimize(PROBLEM.fun, hessopt.LBFGS(PROBLEM.start), jac=True, checkpoint=tmp_path / "run")


INTERRUPTED = """
    import signal, sys, threading, time
    import numpy as np, hessopt

    signal.signal(signal.SIGINT, signal.default_int_handler)  # background shells ignore it
    rng = np.random.default_rng(0)
    what = sys.argv[1]
    if what == "fit":
        X, y = rng.normal(size=(400_000, 60)), rng.integers(0, 2, 400_000)
        f = hessopt.objectives.Logistic(X, y, l2=1e-3)
        x0, methods = np.zeros(61), ["newton", "lbfgs"] * 99
        work = lambda: [hessopt.minimize(f, x0, method=m) for m in methods]
    elif what == "gram":
        X = rng.normal(size=(20_000, 4000))
        work = lambda: hessopt.weighted_gram(X, np.ones(20_000))
    else:
        A = np.eye(7000)
        work = lambda: hessopt.cholesky_solve(A, np.ones(7000))

    def ctrl_c():
        global sent
        sent = time.monotonic()
        signal.raise_signal(signal.SIGINT)

    threading.Timer(0.4, ctrl_c).start()
    try:
        work()
    except KeyboardInterrupt:
        print(time.monotonic() - sent)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("what", ["fit", "gram", "cholesky"])
def test_ctrl_c_ends_long_work(what):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), what],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    print("interrupted after", done.stdout)  # a promise of .2 s, where the machine is not busy
    assert float(done.stdout) < 5
