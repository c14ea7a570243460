"""The team: the same bits for any size, forks that do not hang, limits that are obeyed."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import hessopt
from hessopt.networks import BatchNorm, Dense, Network
from hessopt.networks import Dropout as DropoutLayer
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, Squared

rng = np.random.default_rng(0)
X = rng.normal(size=(30_000, 20))
labels = rng.integers(0, 3, 30_000)


def everything():
    """One result of every threaded kernel."""
    A = rng_matrix(700)
    softmax = Softmax(X, labels, l2=1e-3)
    many = Softmax(X.reshape(-1, 300).astype(np.float32), labels[:2000], l2=1e-3)
    of_many = np.linspace(-0.1, 0.1, many.n_parameters)
    logistic = Logistic(X.astype(np.float32), labels > 0, l2=1e-3)
    normal = hessopt.expected(logistic, hessopt.Dropout(0.3), "normal")
    product = hessopt.expected(Poisson(X, labels), hessopt.Dropout(0.3), "exact")
    sampled = hessopt.expected(softmax, hessopt.Dropout(0.3, seed=1), "sample", n_samples=2)
    dropped = hessopt.expected(softmax, hessopt.DropConnect(0.3), "sample", n_samples=2)
    net, pairs = (
        hessopt.expected(logistic, hessopt.GaussianNoise(0.3), "sample", n_samples=2, sampling=s)
        for s in ("sobol", "antithetic")
    )
    taylor = hessopt.expected(softmax, hessopt.Dropout(0.3), "taylor")
    point = np.linspace(-1, 1, softmax.n_parameters)
    layers = [Dense(20, "tanh"), DropoutLayer(0.5), Dense(3)]
    network = Network(X, labels, layers, n_samples=2)
    at = np.linspace(-1, 1, network.n_parameters)
    normalised = Network(X, labels, [Dense(20), BatchNorm("tanh"), DropoutLayer(0.5), Dense(3)])
    there = np.linspace(-1, 1, normalised.n_parameters)
    S = X.reshape(6, -1)
    return [
        hessopt.weighted_gram(X, labels - 0.5),
        hessopt.weighted_gram(X.astype(np.float32), labels),
        hessopt.weighted_gram(X.reshape(1000, 600), labels[:1000] - 0.5),
        hessopt.cholesky_solve(A, np.ones(700)),
        hessopt.two_loop(S[0], S, S * np.linspace(1, 2, S.shape[1])),
        softmax.value_and_gradient(point)[1],
        many.value_and_gradient(of_many)[1],
        many.hessp(of_many, of_many),
        softmax.hessian(point),
        sampled.hessp(point, point),
        dropped.hessian(point),
        net.value_and_gradient(point[:21])[1],
        pairs.value_and_gradient(point[:21])[1],
        taylor.value_and_gradient(point)[1],
        taylor.hessian(point),
        normal.value_and_gradient(point[:21])[1],
        normal.hessian(point[:21]),
        product.hessian(point[:21]),
        product.hessp(point[:21], point[:21]),
        network.value_and_gradient(at)[1],
        network.hessp(at, at),
        network.predict(at),
        normalised.value_and_gradient(there)[1],
        normalised.hessp(there, there),
        hessopt.dropout(X, 0.3, 5),
        hessopt.dropout(X.T, 0.3, 5, shared_axes=0),
        hessopt.gaussian_dropout(X, 0.3, 5),
        hessopt.bernoulli_mask(300_000, 0.7, 5, offset=77, packed=True),
        *predictive(),
    ]


def predictive():
    """Sums over samples, of the noise alone."""

    def shares(x):
        return abs(x) / abs(x).sum(axis=1, keepdims=True)

    noise = hessopt.GaussianNoise(0.2, seed=3)
    d = hessopt.predict_distribution(shares, X[:4000], noise, n_samples=4, sampling="antithetic")
    return [d.mean, d.variance, d.standard_error, d.entropy, d.mutual_information_error]


def rng_matrix(n):
    A = np.random.default_rng(n).normal(size=(n, n))
    return A @ A.T + n * np.eye(n)


def test_bits_do_not_depend_on_the_number_of_threads():
    with threadpool_limits(1, user_api="openmp"):
        want = everything()
    for threads in (2, 3, 8):
        with threadpool_limits(threads, user_api="openmp"):
            assert hessopt.show_config("dicts")["threads"] == threads
            for a, b in zip(want, everything(), strict=True):
                assert np.array_equal(a, b)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [Squared, Huber, Logistic, Poisson, Gamma, Exponential, Softmax])
def test_bits_of_every_loss_and_of_a_whole_fit(kind, dtype, order):
    A = np.asarray(X[:6000, :6], dtype=dtype, order=order)
    y = labels[:6000] > 0 if kind in (Logistic, Exponential) else labels[:6000] + (kind is Gamma)
    f = kind(A, y, l2=1e-3)
    point = np.linspace(-0.4, 0.5, f.n_parameters)

    def results():
        fit = hessopt.minimize(f, np.zeros(f.n_parameters), method="newton")
        parts = f.evaluate(point, hessian=True, V=np.outer(point, [1.0, -2.0]))
        single = f.evaluate(point, hessian=True, rough=True)[2]
        products = f.hessp(point, point)
        return [*parts, single, *f.value_and_gradient(point), f.hessian(point), products, fit.x]

    with threadpool_limits(1, user_api="openmp"):
        want = results()
    for threads in (2, 3, 8):
        with threadpool_limits(threads, user_api="openmp"):
            for a, b in zip(want, results(), strict=True):
                assert np.array_equal(a, b)


def test_threadpoolctl_sees_the_runtime():
    assert any(info["user_api"] == "openmp" for info in threadpool_info())


def run(program, timeout=60, **env):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **env},
    )


def test_omp_num_threads_is_obeyed():
    done = run(
        "import hessopt; print(hessopt.show_config('dicts')['threads'])", OMP_NUM_THREADS="3"
    )
    assert done.stdout.strip() == "3"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("before", [True, False], ids=["after-a-kernel", "before-any-kernel"])
def test_a_forked_child_does_not_hang(before):
    done = run(
        f"""
        import os, signal, warnings
        import numpy as np, hessopt
        warnings.simplefilter("ignore")
        X, w = np.ones((100_000, 8)), np.ones(100_000)
        if {before}:
            hessopt.weighted_gram(X, w)
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            ok = hessopt.weighted_gram(X, w)[0, 0] == 100_000
            one = hessopt.show_config("dicts")["threads"] == 1
            os._exit(0 if ok and one else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """,
        OMP_NUM_THREADS="4",
    )
    assert done.stdout.strip() == "0", done.stderr


def test_the_gil_is_released():
    """Another Python thread counts while a kernel runs."""
    big = np.ones((400_000, 60))
    counting, counts = threading.Event(), []

    def count():
        counting.set()
        while not stop.is_set():
            counts.append(time.perf_counter())

    stop = threading.Event()
    thread = threading.Thread(target=count)
    thread.start()
    counting.wait()
    begin = time.perf_counter()
    with threadpool_limits(1, user_api="openmp"):
        hessopt.weighted_gram(big, np.ones(len(big)))
    end = time.perf_counter()
    stop.set()
    thread.join()
    middle = [t for t in counts if begin + 0.25 * (end - begin) < t < begin + 0.75 * (end - begin)]
    assert len(middle) > 10


@pytest.fixture
def ctrl_c_raises():
    """A shell that runs the tests in its background has Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_raises")
def test_ctrl_c_in_the_middle_of_a_fit():
    def fun(x):
        if fun.calls == 5:
            signal.raise_signal(signal.SIGINT)
        fun.calls += 1
        return float(np.sum(x**4)), 4 * x**3

    fun.calls = 0
    solver = hessopt.LBFGS(np.full(5, 3.0))
    with pytest.raises(KeyboardInterrupt):
        hessopt.minimize(fun, solver, jac=True)
    assert solver.fun < 5 * 81
