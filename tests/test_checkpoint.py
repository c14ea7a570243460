"""Runs that are killed, interrupted or moved, and what is left of them."""

import errno
import json
import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

import hessopt
from hessopt import Status, minimize
from hessopt.solvers import METHODS
from problems import chained_rosenbrock, rosenbrock

posix = pytest.mark.skipif(os.name != "posix", reason="links, modes and devices are POSIX")
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
    file = hessopt._minimize.checkpoint.Checkpoint(path, 1)
    return file.load(hessopt.LBFGS(PROBLEM.start), {}, lambda x: PROBLEM.fun(x)[0])


CHILD = """
    import os, sys
    sys.path.insert(0, sys.argv[1])
    import numpy as np, hessopt
    from problems import chained_rosenbrock

    problem = chained_rosenbrock(30)
    start = {"method": "lbfgs", "jac": True, "options": {"maxiter": 1}}
    hessopt.minimize(problem.fun, problem.start, **start)  # loads what a run takes
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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
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
    assert len(calls) == result.nfev + 2  # that which raised, and one to compare


def test_a_higher_limit_goes_on(tmp_path):
    path = tmp_path / "run"
    assert solve(path, maxiter=10).nit == 10
    result = solve(path, maxiter=25)
    assert result.nit == 25
    assert np.array_equal(result.x, solve(maxiter=25).x)


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs"])
def test_a_tighter_tolerance_goes_on(method, tmp_path):
    """And a looser one says what there is."""

    def go(tol, path):
        return solve(path, method, gtol=tol, maxiter=15_000)

    path = tmp_path / "run"
    for tol in (1e-1, 1e-3, 1e-8):
        result, straight = go(tol, path), go(tol, None)
        assert_same(result, straight)
        assert np.abs(result.jac).max() <= tol
        assert_same(go(1.0, path), straight)
    missed = go(1e-300, path)
    assert not missed.success or np.abs(missed.jac).max() <= 1e-300 or missed.status != 0


def test_it_is_written_every_so_often(tmp_path, monkeypatch):
    written = []
    keep = hessopt._minimize.checkpoint.Checkpoint.save
    monkeypatch.setattr(
        hessopt._minimize.checkpoint.Checkpoint,
        "save",
        lambda self, solver: (written.append(solver.nit), keep(self, solver)),
    )
    solve(tmp_path / "run", every=15)
    assert written == [15, 30, 40]


# what is in the file


def test_files_that_are_not_checkpoints(tmp_path):
    path = tmp_path / "run"
    solve(path, maxiter=5)
    whole = path.read_bytes()
    bad = {
        b"": "empty",
        b"a,b\n1,2\n": "something else",
        whole.replace(b"checkpoint 2", b"checkpoint 1"): "another version",
        whole[:30]: "damaged",
        whole[:-1]: "truncated",
        whole[: len(whole) // 2]: "truncated",
        whole + b"x": "truncated or damaged",
        whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]: "damaged",
        whole.replace(b'"start"', b'"stark"'): "damaged",
        whole.replace(b", ", b",  ", 1): "damaged",
    }
    for content, word in bad.items():
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"^checkpoint: got .*{word}.*; want a hessopt"):
            solve(path)
        assert path.read_bytes() == content  # left as it was
    path.write_bytes(whole)
    header = path.read_bytes().split(b"\n")[1]
    assert json.loads(header)["method"] == "lbfgs"


def test_a_changed_byte_is_an_error_each_time(tmp_path):
    path = tmp_path / "run"
    solve(path, maxiter=5)
    whole = path.read_bytes()
    chance = random.Random(0)
    for _ in range(300):
        at = chance.randrange(len(whole) if chance.random() < 0.7 else 200)
        bad = bytearray(whole)
        if chance.random() < 0.5:
            bad[at] ^= 1 << chance.randrange(8)
        else:
            del bad[at : at + chance.randrange(1, 40)]
        path.write_bytes(bad)
        with pytest.raises(ValueError, match=r"^checkpoint: got .*; want a hessopt"):
            saved(path)


def test_it_knows_its_method_and_start(tmp_path):
    path = tmp_path / "run"
    solve(path, maxiter=5)
    with pytest.raises(ValueError, match="of method 'lbfgs'"):
        solve(path, "bfgs")
    with pytest.raises(ValueError, match="of another start"):
        solve(path, problem=rosenbrock(4))
    with pytest.raises(ValueError, match="of another start"):
        minimize(PROBLEM.fun, PROBLEM.start + 1, method="lbfgs", jac=True, checkpoint=path)


OPTIONS = {
    "lbfgs": [
        {"maxcor": 5},
        {"initial_step": 0.1},
        {"preconditioner": np.ones(30)},
        {"preconditioner": lambda v: v},
        {"history_dtype": "float32"},
        {"history": True},
    ],
    "newton": [{"hessian_every": 2}, {"convex": True}],
    "newton_cg": [{"preconditioner": "lbfgs"}, {"preconditioner": np.full(30, 2.0)}],
    "adam": [{"learning_rate": 1e-2}, {"beta1": 0.8}, {"amsgrad": True}],
    "gradient_descent": [{"learning_rate": 1e-5}, {"momentum": 0.5}],
}


@pytest.mark.parametrize("method", list(OPTIONS))
def test_it_knows_its_options(method, tmp_path):
    """One that was changed is named, with what it was and what it is; limits hold anew."""
    for i, option in enumerate(OPTIONS[method]):
        path = tmp_path / f"run-{i}"
        solve(path, method, maxiter=3)
        (name,) = option
        with pytest.raises(ValueError, match=rf"^checkpoint: .* of other options \({name}="):
            solve(path, method, **option)
        solve(path, method, maxiter=5, ftol=1e-9, xtol=1e-9, maxfun=10**6, maxtime=1e6)
        other = tmp_path / f"other-{i}"
        assert_same(
            solve(other, method, maxiter=3, **option), solve(None, method, maxiter=3, **option)
        )
        assert solve(other, method, maxiter=4, **option).nit == 4


def test_options_said_or_left_at_their_defaults_are_the_same(tmp_path):
    path = tmp_path / "run"
    solve(path, maxiter=3)
    said = {"maxcor": None, "history_dtype": "float64", "history": False, "initial_step": None}
    assert solve(path, maxiter=5, **said).nit == 5
    solve(tmp_path / "adam", "adam", maxiter=3, learning_rate=1e-2)
    again = solve(tmp_path / "adam", "adam", maxiter=5, learning_rate=np.float64(1e-2))
    assert again.nit == 5


@pytest.mark.parametrize("method", list(METHODS))
def test_it_knows_its_objective(method, tmp_path):
    """f at the saved point is evaluated again before anything of the file is believed."""
    path = tmp_path / "run"
    options = {"learning_rate": 1e-4} if method == "gradient_descent" else {}

    def other(x):
        f, g = PROBLEM.fun(x)
        return f * (1 + 1e-9) + 1e-9, g  # at its minimum f is 0

    for maxiter in (5, 100_000 if method not in ("gradient_descent", "adam") else 50):
        solve(path, method, maxiter=maxiter, **options)
        content = path.read_bytes()
        with pytest.raises(ValueError, match=r"^checkpoint: .* of another objective \(f was"):
            minimize(
                other,
                PROBLEM.start,
                method=method,
                jac=True,
                hess=PROBLEM.hess,
                options=options,
                checkpoint=path,
            )
        assert path.read_bytes() == content


def test_other_data_are_another_objective(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5))
    first = hessopt.objectives.Logistic(X, rng.integers(0, 2, 200), l2=0.1)
    second = hessopt.objectives.Logistic(X, (X[:, 0] > 0).astype(int), l2=0.1)
    stronger = hessopt.objectives.Logistic(X, (X[:, 0] > 0).astype(int), l2=0.1 + 1e-6)
    for method in METHODS:
        path = tmp_path / method
        a = minimize(first, np.zeros(6), method=method, checkpoint=path)
        assert_same(minimize(first, np.zeros(6), method=method, checkpoint=path), a)
        for another in (second, stronger):
            with pytest.raises(ValueError, match="of another objective"):
                minimize(another, np.zeros(6), method=method, checkpoint=path)


def test_an_f_that_is_never_the_same_goes_on(tmp_path):
    """As Adam takes it: nothing can be held against it."""
    rng, path = np.random.default_rng(0), tmp_path / "run"

    def noisy(x):
        z = rng.normal(size=3)
        return float((x - z) @ (x - z)), 2 * (x - z)

    def go(maxiter):
        options = {"maxiter": maxiter, "gtol": 0.0}
        return minimize(
            noisy, np.ones(3), method="adam", jac=True, options=options, checkpoint=path
        )

    assert go(5).nit == 5
    assert go(9).nit == 9


# where the file is


class Full:
    """A disk without room, from some moment on."""

    def __init__(self, monkeypatch):
        self.is_full = False
        keep = os.fsync

        def fsync(number):
            if self.is_full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            keep(number)

        monkeypatch.setattr(os, "fsync", fsync)


def test_a_full_disk_is_a_warning_and_the_run_goes_on(tmp_path, monkeypatch):
    path, disk = tmp_path / "run", Full(monkeypatch)

    def fill(x):
        disk.is_full = True

    with pytest.warns(RuntimeWarning, match=r"^checkpoint: .*No space left.*; the run goes on"):
        result = minimize(
            PROBLEM.fun,
            PROBLEM.start,
            method="lbfgs",
            jac=True,
            callback=fill,
            options={"gtol": 0.0, "maxiter": 40},
            checkpoint=path,
            checkpoint_every=1,
        )
    assert_same(result, solve())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_the_exception_of_f_wins(error, strict, tmp_path, monkeypatch):
    disk, calls = Full(monkeypatch), []

    def fun(x):
        calls.append(1)
        if len(calls) == 9:
            disk.is_full = True
            raise error
        return PROBLEM.fun(x)

    with warnings.catch_warnings():
        warnings.simplefilter("error" if strict else "ignore")
        with pytest.raises(error):
            minimize(fun, PROBLEM.start, method="lbfgs", jac=True, checkpoint=tmp_path / "run")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("what", [True, False, 1, 0, 2.5, np.int64(3), b"".join, ["run"], object()])
def test_what_is_no_path(what, capfd):
    calls = []
    with pytest.raises(TypeError, match=r"^checkpoint: got .*; want a path"):
        minimize(lambda x: calls.append(1), [1.0], jac=True, checkpoint=what)
    assert not calls
    os.write(1, b"still open")
    assert capfd.readouterr().out == "still open"


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
def test_what_is_a_path(kind, tmp_path):
    path = tmp_path / "läuft"
    solve(kind(str(path)), maxiter=3)
    assert saved(path).nit == 3


def refused(path, error, match):
    """Before anything is evaluated."""
    calls = []

    def fun(x):
        calls.append(1)
        return PROBLEM.fun(x)

    for dtype in ("f8", "f4"):
        with pytest.raises(error, match=match):
            minimize(fun, PROBLEM.start.astype(dtype), method="lbfgs", jac=True, checkpoint=path)
    assert not calls


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("mine")
    refused(tmp_path / "nowhere" / "run", FileNotFoundError, "checkpoint: .*nowhere")
    refused(tmp_path / "file" / "run", NotADirectoryError, "checkpoint: .*file")
    refused(tmp_path, IsADirectoryError, "checkpoint: ")
    refused("", ValueError, "^checkpoint: got ''; want a path")
    refused("a\0b", ValueError, "^checkpoint: got .*; want a path")
    refused(tmp_path / ("n" * 300), OSError, "checkpoint|name too long")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    with pytest.raises(ValueError, match="checkpoint_every: got 0"):
        solve(tmp_path / "run", every=0)
    with pytest.raises(ValueError, match=r"checkpoint: got .*; want nothing: x0 is a solver"):
        minimize(PROBLEM.fun, hessopt.LBFGS(PROBLEM.start), jac=True, checkpoint=tmp_path / "run")


@posix
def test_devices_and_places_without_permission(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", ValueError, "^checkpoint: got .*, which is a device")
    refused(os.devnull, ValueError, "^checkpoint: got .*, which is a device")
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refused(tmp_path / "loop", OSError, "loop")
    solve(tmp_path / "run", maxiter=3)
    content = (tmp_path / "run").read_bytes()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may do all
    with pytest.raises(PermissionError, match="checkpoint: "):
        solve(tmp_path / "run")
    assert (tmp_path / "run").read_bytes() == content


@posix
def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "far").mkdir()
    for name, target in (("absolute", tmp_path / "far" / "a"), ("relative", Path("far") / "b")):
        link = tmp_path / name
        link.symlink_to(target)
        solve(link, maxiter=3)
        assert solve(link, maxiter=5).nit == 5
        assert link.is_symlink()
        assert (tmp_path / target).is_file()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "absolute", "b", "far", "relative"]


def test_nothing_else_is_touched(tmp_path):
    (tmp_path / "run.tmp").write_text("mine")
    if hasattr(os, "mkfifo"):
        (tmp_path / "precious").write_text("precious")
        (tmp_path / "other.tmp").symlink_to(tmp_path / "precious")
        solve(tmp_path / "other", maxiter=3)
        assert (tmp_path / "other.tmp").is_symlink()
        assert (tmp_path / "precious").read_text() == "precious"
    solve(tmp_path / "run", maxiter=3)
    assert (tmp_path / "run.tmp").read_text() == "mine"


@posix
def test_the_mode_stays(tmp_path):
    path, plain = tmp_path / "run", tmp_path / "plain"
    solve(path, maxiter=3)
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode  # as the umask has it
    for mode in (0o600, 0o640, 0o666):
        path.chmod(mode)
        solve(path, maxiter=5)
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_place_is_that_of_the_call(tmp_path, monkeypatch):
    """A callback that changes the directory does not move the file."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    minimize(
        PROBLEM.fun,
        PROBLEM.start,
        method="lbfgs",
        jac=True,
        callback=lambda x: os.chdir(tmp_path / "elsewhere"),
        options={"maxiter": 3},
        checkpoint="run",
    )
    assert (tmp_path / "run").is_file()
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.slow
def test_two_processes_with_one_file(tmp_path):
    """Both end as they would alone."""
    alone = child(tmp_path / "alone").communicate()[0].split()[1:]
    for i in range(2):
        pair = [child(tmp_path / f"run-{i}") for _ in range(2)]
        for process in pair:
            assert process.communicate()[0].split()[1:] == alone
            assert process.returncode == 0
    assert not list(tmp_path.glob("*.tmp"))
