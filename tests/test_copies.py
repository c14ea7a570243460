"""Objectives pickled, copied and shown: what they were made of, X by reference within a process."""

import copy
import pickle

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, Squared

rng = np.random.default_rng(5)
X = rng.normal(size=(40, 3)).astype(np.float32)
POSITIVE = rng.integers(1, 3, 40)
CLASSES = rng.integers(0, 3, 40)
BINARY = rng.integers(0, 2, 40)
OPTIONS = {"l2": [0.1, 0.0, 2.0], "sample_weight": rng.integers(1, 4, 40), "offset": X[:, 0]}
MODELS = {
    "plain": Squared(X, POSITIVE),
    "all": Poisson(X, POSITIVE, **OPTIONS, fit_intercept=False),
    "huber": Huber(X, POSITIVE, delta=0.3, l2=0.1),
    "logistic": Logistic(X, BINARY, l2=0.1),
    "gamma": Gamma(X, POSITIVE),
    "exponential": Exponential(X, BINARY, l2=0.1),
    "softmax": Softmax(X, CLASSES, l2=0.1, offset=rng.normal(size=(40, 3))),
}
NOISY = {
    "closed form": hessopt.expected(MODELS["logistic"], hessopt.Dropout(0.2), "normal"),
    "product": hessopt.expected(MODELS["all"], hessopt.Dropout(0.2), "exact"),
    "taylor": hessopt.expected(MODELS["softmax"], hessopt.Dropout(0.2), "taylor"),
    "masks": hessopt.expected(MODELS["softmax"], hessopt.Dropout(0.2, seed=3), "sample"),
    "pairs": hessopt.expected(
        MODELS["huber"], hessopt.GaussianNoise(0.2), "sample", n_samples=4, sampling="antithetic"
    ),
    "parameters": hessopt.expected(MODELS["plain"], hessopt.DropConnect(0.2), "sample"),
    "enumerated": hessopt.expected(MODELS["logistic"], hessopt.Dropout(0.2), "exact"),
}
ALL = MODELS | NOISY
every = pytest.mark.parametrize("name", ALL)


@every
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_the_same_objective(name, protocol):
    f = ALL[name]
    again = pickle.loads(pickle.dumps(f, protocol))
    x = rng.normal(size=f.n_parameters)
    assert type(again) is type(f)
    for a, b in zip(f.value_and_gradient(x), again.value_and_gradient(x), strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(f.hessian(x), again.hessian(x))


@every
def test_a_copy_reads_the_same_data_and_a_deep_one_its_own(name):
    f = ALL[name]
    x = rng.normal(size=f.n_parameters)
    shallow, deep = copy.copy(f), copy.deepcopy(f)
    assert shallow.value_and_gradient(x)[0] == f.value_and_gradient(x)[0]
    assert deep.value_and_gradient(x)[0] == f.value_and_gradient(x)[0]
    X_of = [getattr(g, "objective", g).X for g in (f, shallow, deep)]
    assert np.shares_memory(X_of[0], X_of[1])
    assert not np.shares_memory(X_of[0], X_of[2])


def test_what_is_shown():
    assert repr(MODELS["huber"]) == "Huber(40 x 3 float32, l2=0.1, fit_intercept=True, delta=0.3)"
    assert repr(MODELS["all"]) == (
        "Poisson(40 x 3 float32, l2=<3 numbers>, sample_weight=<40 numbers>, "
        "offset=<40 numbers>, fit_intercept=False)"
    )
    assert repr(NOISY["pairs"]) == (
        f"expected({MODELS['huber']!r}, GaussianNoise(scale=0.2, seed=0), 'sample', n_samples=4, "
        "sampling='antithetic')"
    )


@pytest.mark.parametrize("name", [n for n in NOISY if n != "taylor" and n != "masks"])
def test_under_noise_there_is_a_covariance(name):
    f = NOISY[name]
    x = hessopt.minimize(f, np.zeros(f.n_parameters)).x
    total = np.sum(OPTIONS["sample_weight"]) if name == "product" else 40
    want = np.linalg.inv(total * f.hessian(x))
    np.testing.assert_allclose(f.covariance(x), want, rtol=1e-9, atol=1e-12)


def test_a_pool_of_processes_takes_objectives():
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    f, x = MODELS["logistic"], np.zeros(4)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        value, gradient = pool.submit(f.value_and_gradient, x).result()
    assert value == f.value_and_gradient(x)[0]
    assert np.array_equal(gradient, f.value_and_gradient(x)[1])
