"""States: pickled by any protocol, damaged, made up, used before they are made, by two threads."""

import copy
import pickle
import random
import struct
import threading

import numpy as np
import pytest

import hessopt
from hessopt import LBFGS, Need, Newton, NewtonCG, _core, objectives
from problems import rosenbrock
from solving import SOLVERS, exchange

PROBLEM = rosenbrock(6)
TABLE = [
    *SOLVERS,
    (LBFGS, {"preconditioner": np.linspace(1, 2, 6)}),
    (LBFGS, {"preconditioner": "operator"}),
    (NewtonCG, {"preconditioner": "operator"}),
    (NewtonCG, {"preconditioner": np.linspace(1, 2, 6)}),
    (Newton, {"hessian_cost": 5.0, "convex": True}),
]


def advanced(kind, options, exchanges, **more):
    """A solver in the middle of a run."""
    solver = kind(PROBLEM.start, **options, **more)
    drive(solver, exchanges)
    return solver


def drive(solver, exchanges):
    for _ in range(exchanges):
        if solver.done:
            return
        exchange(solver, PROBLEM.fun, PROBLEM.hess)


def state_of(solver):
    return solver.__getstate__()


def revived(kind, state):
    solver = kind.__new__(kind)
    solver.__setstate__(state)
    return solver


# pickles


def objects():
    """One of every class with a native part."""
    X, y = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 1, 0])
    for kind, options in TABLE:
        yield kind(PROBLEM.start, **options)
    yield hessopt.Cholesky(np.diag([1.0, 4.0]))
    yield hessopt.Cholesky(np.diag([1.0, 4.0]), precision="float32")
    yield _core.Limits(True, 0, 0, 0, 0, 1, 1, 1)
    yield _core.RunningMoments(2)
    softmax = objectives.Softmax(X, y, l2=1.0)
    yield softmax
    for kind in vars(objectives).values():
        if not getattr(kind, "_loss", None) and not getattr(kind, "_links", None):
            continue
        model = kind(X, y + (kind.__name__ in ("Gamma", "InverseGaussian")), l2=1.0)
        yield model
        yield model.every(2)
    for method in ("exact", "normal", "taylor", "sample"):
        for model in (objectives.Logistic(X, y, l2=1.0), softmax):
            for noise in (hessopt.Dropout(0.3, seed=1), hessopt.DropConnect(0.3, seed=1)):
                try:
                    yield hessopt.expected(model, noise, method)
                except (ValueError, TypeError):  # there is no such integral
                    continue


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_works_or_raises(protocol):
    kept = set()
    for one in objects():
        try:
            twin = pickle.loads(pickle.dumps(one, protocol))
        except TypeError as error:
            assert f"cannot pickle '{type(one).__name__}' object" in str(error)  # noqa: PT017
            assert not isinstance(one, (_core.Lbfgs, _core.Newton, hessopt.Cholesky))
        else:
            kept.add(type(one).__name__)
            assert type(twin) is type(one)
            if hasattr(one, "tell"):
                assert state_of(twin) == state_of(one)
    assert kept >= {kind.__name__ for kind, _ in TABLE} | {"Cholesky", "Softmax", "Logistic"}


def test_reduce_is_that_of_every_protocol():
    solver = LBFGS([1.0, 2.0])
    assert solver.__reduce__() == solver.__reduce_ex__(0) == solver.__reduce_ex__(4)
    for make in (copy.copy, copy.deepcopy):
        assert state_of(make(solver)) == state_of(solver)


def test_a_subclass_is_pickled_as_what_it_is():
    twin = pickle.loads(pickle.dumps(Mine([1.0, 2.0]), 0))
    assert type(twin) is Mine
    assert twin.twice == 4.0


class Mine(LBFGS):
    @property
    def twice(self):
        return 2 * float(self.ask()[1])


# use before __init__

CLASSES = [
    kind
    for module in (hessopt, objectives, _core)
    for kind in vars(module).values()
    if isinstance(kind, type) and not issubclass(kind, (int, Exception))
]
ARGUMENTS = [
    (),
    (0,),
    (np.ones(2),),
    (np.ones((2, 2)),),
    (1.0, np.ones(2)),
    (np.ones((2, 2)), 0, 1),
    (b"",),
    (_core.Limits(True, 0, 0, 0, 0, 1, 1, 1),),
]


@pytest.mark.parametrize("kind", sorted(set(CLASSES), key=str), ids=lambda k: k.__name__)
def test_use_before_init_is_an_error(kind):
    try:
        one = kind.__new__(kind)
    except TypeError:  # a class of no instances
        return
    unlike = 0
    for name in dir(kind):
        if name.startswith("__") and name not in ("__repr__", "__reduce__", "__getstate__"):
            continue
        try:
            found = getattr(one, name)
        except (TypeError, AttributeError) as error:
            unlike += "before its __init__" in str(error)
            continue
        for arguments in ARGUMENTS if callable(found) else ():
            try:
                found(*arguments)
            except Exception as error:
                unlike += "before its __init__" in str(error)
    assert unlike > 0 or not issubclass(kind, pybind_classes())


def pybind_classes():
    return tuple(k for k in vars(_core).values() if type(k).__name__ == "pybind11_type")


# damaged and made up


def checksum(text):
    """As cpp/include/hessopt/core/archive.hpp has it."""
    total = len(text)
    for (word,) in struct.iter_unpack("<Q", text + bytes(-len(text) % 8)):
        total = (total ^ word) * 0x9E3779B97F4A7C15 % 2**64
        total ^= total >> 32
    return total


def body_of(state):
    """Where the version and the checksum end."""
    return state.index(b"\n") + 1 + 4 + 8


def forged(state, at, new):
    """Other bytes in their place, and the checksum that belongs to them."""
    begin = body_of(state)
    rest = state[begin:at] + new + state[at + len(new) :]
    return state[: begin - 8] + struct.pack("<Q", checksum(rest)) + rest


def states():
    """Of every solver, waiting for everything it may wait for, paused and ended."""
    for kind, options in TABLE:
        for dtype in (np.float64, np.float32):
            for exchanges, more in ((0, {}), (1, {"history": True}), (2, {}), (4, {}), (9, {})):
                solver = kind(PROBLEM.start.astype(dtype), **options, **more)
                drive(solver, exchanges)
                yield kind, state_of(solver)
            yield kind, state_of(advanced(kind, options, 9, maxfun=1))
            yield kind, state_of(advanced(kind, options, 99, gtol=1e3))


STATES = list(states())


def test_the_checksum_is_that_of_the_document():
    for kind, state in STATES:
        at = body_of(state)
        assert forged(state, at, state[at : at + 1]) == state
        assert state_of(revived(kind, state)) == state


def test_a_changed_byte_is_an_error_each_time():
    chance = random.Random(0)
    for _ in range(5000):
        kind, state = chance.choice(STATES)
        at = chance.randrange(len(state))
        how = chance.choice(["bit", "byte", "cut", "longer", "word", "swap"])
        if how == "bit":
            bad = state[:at] + bytes([state[at] ^ 1 << chance.randrange(8)]) + state[at + 1 :]
        elif how == "byte":
            bad = state[:at] + bytes([chance.randrange(256)]) + state[at + 1 :]
        elif how == "cut":
            bad = state[:at] + state[at + chance.randrange(1, 9) :]
        elif how == "longer":
            bad = state[:at] + bytes(chance.randrange(1, 9)) + state[at:]
        elif how == "word":
            bad = state[:at] + struct.pack("<q", chance.choice(WORDS)) + state[at + 8 :]
        else:
            other = chance.randrange(len(state))
            bad = bytearray(state)
            bad[at], bad[other] = bad[other], bad[at]
            bad = bytes(bad)
        if bad != state:
            with pytest.raises(ValueError, match=r"^saved state: "):
                revived(kind, bad)


WORDS = [-1, 0, 1, 2, 5, 6, 7, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63)]


def test_what_is_made_up_is_refused_or_stands_its_use():
    """Any word in any place, under a checksum that belongs to it."""
    chance = random.Random(1)
    refused = 0
    for _ in range(5000):
        kind, state = chance.choice(STATES)
        size = chance.choice([1, 4, 8])
        at = chance.randrange(body_of(state), len(state) - size)
        new = struct.pack("<q", chance.choice(WORDS))[:size]
        if chance.random() < 0.3:
            new = struct.pack("<d", chance.choice([np.nan, np.inf, -1.0, 0.0, 1e300]))[-size:]
        try:
            solver = revived(kind, forged(state, at, new))
        except ValueError as error:
            assert str(error).startswith("saved state: ")  # noqa: PT017
            refused += 1
            continue
        with np.errstate(all="ignore"):
            use(solver)
    assert refused > 500


def use(solver):
    """Whatever there is, a few steps on."""
    for name in ("x", "jac", "fun", "message", "status", "history", "limits", "nfev", "step"):
        getattr(solver, name)
    if hasattr(solver, "apply_inverse"):
        solver.apply_inverse(np.ones(6, solver.x.dtype))
    if hasattr(solver, "operand"):
        assert len(solver.operand) in (0, 6)
    drive(solver, 12)
    assert len(solver.ask()) == 6


def test_a_factor_that_was_damaged_or_made_up():
    for kind, dtype in ((_core.Factor64, "f8"), (_core.Factor32, "f4")):
        factor, _ = kind.of(np.diag([1.0, 4.0, 9.0]).astype(dtype))
        state = state_of(factor)
        assert state_of(revived(kind, state)) == state
        for at in range(len(state)):
            bad = state[:at] + bytes([state[at] ^ 1]) + state[at + 1 :]
            with pytest.raises(ValueError, match=r"^saved state: "):
                revived(kind, bad)
        shape = body_of(state)
        for word in (0, 1, 2, 4, 2**40, -1):
            with pytest.raises(ValueError, match=r"^saved state: "):
                revived(kind, forged(state, shape, struct.pack("<q", word)))
        with pytest.raises(ValueError, match=r"^saved state: counts or shapes"):
            revived(kind, forged(state, shape + 16, np.array([-1.0], dtype).tobytes()))
        right = np.ones((2, 1), dtype)
        for call in (factor.solve, factor.update, factor.downdate):
            with pytest.raises(ValueError, match=r"got length 2; want length 3"):
                call(right)


def test_a_pickle_of_a_factor_and_what_is_beside_it():
    for options in ({}, {"modified": True}, {"precision": "float32"}):
        factor = hessopt.Cholesky(np.diag([1.0, 4.0, 9.0]), **options)
        factor.update([1.0, 0.0, 0.0])
        state = factor.__getstate__()
        twin = revived(hessopt.Cholesky, state)
        assert np.array_equal(twin.solve(np.ones(3)), factor.solve(np.ones(3)))
        assert twin.rcond == factor.rcond
        other = hessopt.Cholesky(np.eye(2), **options).__getstate__()
        bad = [(), state[:-1], (*state, 1), 3, None, (*state[:-1], state[-1] ^ 1)]
        for i in range(len(state)):
            bad.append((*state[:i], "text", *state[i + 1 :]))
        bad += [(other[0], *state[1:]), (state[0], *other[1:]), (*state[:1], 0.5, *state[2:])]
        for changed in bad:
            with pytest.raises(ValueError, match=r"^saved state: "):
                revived(hessopt.Cholesky, changed)


# memory


HUGE = np.broadcast_to(1.0, (2, 10**6))
ZERO = np.zeros(10**6 + 1)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: hessopt.BFGS(ZERO), "inverse Hessian of BFGS: .* 1000001 x 1000001"),
        (lambda: Newton(ZERO), "Hessian: .* 1000001 x 1000001"),
        (lambda: hessopt.TrustRegion(ZERO.astype("f4")), "Hessian: .* 1000001 x 1000001"),
        (lambda: LBFGS(ZERO, maxcor=10**9), "pairs of L-BFGS: "),
        (lambda: LBFGS([1.0], maxcor=10**9), "pairs of L-BFGS: "),
        (lambda: squared().hessian(ZERO), "Hessian: .* 1000001 x 1000001"),
        (lambda: squared().evaluate(ZERO, hessian=True), "derivatives: .* 1000001 x 1000001"),
        (lambda: hessopt.weighted_gram(HUGE, [1, 1]), "1000000, 1000000"),
        (lambda: hessopt.bernoulli_mask(2**50, 0.5, 1), "1125899906842624"),
    ],
)
def test_an_error_of_memory_names_what_and_how_much(call, named):
    with pytest.raises(MemoryError, match=rf"{named}.*( bytes$|[TPE]iB)|[TPE]iB.*{named}"):
        call()


def squared():
    return objectives.Squared(HUGE, [1.0, 2.0])


@pytest.mark.parametrize("method", ["newton", "trust_region", "bfgs"])
def test_a_matrix_too_large_is_found_out_before_anything_is_evaluated(method, tmp_path):
    calls, path = [], tmp_path / "run"
    with pytest.raises(MemoryError, match=r"1000001 x 1000001 numbers, 8000016000008 bytes"):
        hessopt.minimize(
            lambda x: calls.append(1), ZERO, jac=True, hess=len, method=method, checkpoint=path
        )
    assert not calls
    assert not path.exists()


@pytest.mark.parametrize("kind", [Newton, hessopt.TrustRegion, hessopt.BFGS])
def test_room_for_a_matrix_is_no_part_of_a_state(kind):
    n = 500
    solver = kind(np.ones(n))
    assert len(state_of(solver)) < 8 * n * n / 4
    twin = revived(kind, state_of(solver))
    for one in (solver, twin):
        for _ in range(5):
            exchange(one, lambda x: (float((x**4).sum()), 4 * x**3), lambda x: np.diag(12 * x**2))
    assert np.array_equal(solver.ask(), twin.ask())


# threads


@pytest.mark.parametrize(
    ("kind", "options"), {kind: (kind, o) for kind, o in reversed(TABLE)}.values()
)
def test_one_solver_and_four_threads(kind, options):
    """Every call works or says that another is at work; the state stays whole."""
    n = 30_000 if kind is LBFGS else 60
    solver = kind(np.full(n, 0.5), gtol=0.0, maxiter=10**6, **options)
    g, errors, stop = np.linspace(1, 2, n), [], threading.Event()

    def tell_what_it_needs():
        need, x = solver.needs, solver.ask()
        if need == Need.VALUE:
            solver.tell(float(x @ x), g * x)
        elif need == Need.HESSIAN:
            solver.tell_hessian(np.diag(g))
        elif need:
            solver.tell_product(g * solver.operand)

    def work():
        while not stop.is_set():
            try:
                tell_what_it_needs()
                solver.x, solver.message, state_of(solver)
            except RuntimeError as error:
                errors.append(str(error))
            except ValueError as error:  # out of turn, or at its end
                assert "want" in str(error)  # noqa: PT017

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    stop.wait(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert all("another is at work on this object" in e for e in errors)
    assert state_of(revived(kind, state_of(solver))) == state_of(solver)


def test_a_change_in_the_middle_of_a_look_is_refused():
    """As from a signal handler: the conversion of an argument runs code of the caller's."""
    solver = advanced(LBFGS, {}, 5)
    before = state_of(solver)

    class Busy:
        def __array__(self, dtype=None, copy=None):
            assert np.array_equal(solver.ask(), solver.ask())  # any number may look
            for change in (lambda: solver.tell(1.0, np.ones(6)), solver.stop, solver.resume):
                with pytest.raises(RuntimeError, match="another is at work on this object"):
                    change()
            return np.ones(6)

    want = solver.apply_inverse(np.ones(6))
    assert np.array_equal(solver.apply_inverse(Busy()), want)
    assert state_of(solver) == before
    drive(solver, 1)  # and after it all is as ever


def test_a_solver_for_each_thread_is_as_alone():
    def run(found):
        solver = LBFGS(np.full(100_000, 0.5), maxiter=20)
        while not solver.done:
            x = solver.ask()
            solver.tell(float((x**4).sum()), 4 * x**3)
        found.append((solver.x.tobytes(), solver.fun, solver.nfev))

    found = []
    threads = [threading.Thread(target=run, args=(found,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run(found)
    assert len(found) == 5
    assert len(set(found)) == 1
