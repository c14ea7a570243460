"""Numbers of NumPy as arguments, more memory than there is, and exceptions of users' objects."""

import sys

import numpy as np
import pytest

import hessopt
from hessopt import Bernoulli, Dropout, Normal, expectation, expected, objectives

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
y = rng.normal(size=20)
model = objectives.Squared(X, y)


class Own:
    """An objective of the user's."""

    def value_and_gradient(self, x, z):
        return float(x @ x) * z.sum(), 2 * x * z.sum()


def counted(law, **how):
    return expectation(lambda z: z.sum(axis=-1), law, **how).value


def history(result):
    return result.x, result.nit, result.nfev


def solved(method, **options):
    return history(hessopt.minimize(model, np.zeros(4), method=method, options=options))


# What is computed from an integer n, 2 at least.
OF_INTEGERS = {
    "Bernoulli size, exact": lambda n: counted(Bernoulli(0.5, n), method="exact"),
    "Bernoulli size, sample": lambda n: counted(Bernoulli(0.5, n), method="sample"),
    "Bernoulli size, expected": lambda n: expected(
        Own(), Bernoulli(0.5, n), "exact"
    ).value_and_gradient(np.ones(2)),
    "Bernoulli seed": lambda n: counted(Bernoulli(0.5, 3, seed=n), method="sample"),
    "Normal seed": lambda n: counted(Normal([0, 0], seed=n), method="sample"),
    "Uniform seed": lambda n: counted(hessopt.Uniform([0, 0], seed=n), method="sample"),
    "expectation n_samples": lambda n: counted(Normal([0, 0]), method="sample", n_samples=n),
    "Dropout seed": lambda n: expected(
        model, Dropout(0.5, n), "sample", n_samples=n
    ).value_and_gradient(np.ones(4)),
    "Augmentation seed": lambda n: expected(
        model, hessopt.Augmentation(lambda Z, rng: Z * rng.random(), n), "sample", n_samples=n
    ).value_and_gradient(np.ones(4)),
    "mask": lambda n: hessopt.bernoulli_mask(n, 0.5, n, stream=n, offset=n),
    "mask shape": lambda n: hessopt.bernoulli_mask((n, n), 0.5, 1, shared_axes=n - n),
    "packed mask": lambda n: hessopt.bernoulli_mask(n, 0.5, 1, packed=True),
    "dropout": lambda n: hessopt.dropout(X, 0.5, n, stream=n, offset=n, shared_axes=(n - n,)),
    "gaussian_dropout": lambda n: hessopt.gaussian_dropout(X, 0.5, n, stream=n, offset=n),
    "dropout_samples": lambda n: hessopt.dropout_samples(X, 0.5, n, n, stream=n),
    "dropout_moments": lambda n: hessopt.dropout_moments(X, 0.5, n, n, stream=n),
    "dropout_linear": lambda n: hessopt.dropout_linear(X, X, 0.5, n, n, stream=n),
    "predict_distribution": lambda n: (
        hessopt.predict_distribution(lambda Z: Z[:, 0], X, Dropout(0.5, n), n_samples=n).mean
    ),
    "maxiter": lambda n: solved("lbfgs", maxiter=n),
    "maxfun": lambda n: solved("lbfgs", maxfun=n),
    "maxcor": lambda n: solved("lbfgs", maxcor=n),
    "hessian_every": lambda n: solved("newton", hessian_every=n),
    "every": lambda n: model.every(n).value_and_gradient(np.ones(4)),
    "part": lambda n: model.part(X[:5], n, n).value_and_gradient(np.ones(4)),
}
INTEGERS = [
    *(np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64),
    np.asarray,  # of no dimensions
]


def bits(result):
    if isinstance(result, tuple):
        return [bits(part) for part in result]
    return np.asarray(result).tobytes()


@pytest.mark.parametrize("what", OF_INTEGERS)
def test_integers_of_numpy_are_integers(what):
    call = OF_INTEGERS[what]
    for n in (2, 10):
        want = bits(call(n))
        for kind in INTEGERS:
            assert bits(call(kind(n))) == want, kind


# What is computed from a fraction; 1/4 is the same number in every type.
OF_FRACTIONS = {
    "Dropout": lambda p: expected(model, Dropout(p), "exact").value_and_gradient(np.ones(4)),
    "DropConnect": lambda p: expected(model, hessopt.DropConnect(p), "exact").value_and_gradient(
        np.ones(4)
    ),
    "GaussianNoise": lambda p: expected(
        model, hessopt.GaussianNoise(p), "exact"
    ).value_and_gradient(np.ones(4)),
    "GaussianDropout": lambda p: expected(
        model, hessopt.GaussianDropout(p), "exact"
    ).value_and_gradient(np.ones(4)),
    "Bernoulli": lambda p: counted(Bernoulli(p, 3)),
    "Normal": lambda p: expectation(abs, Normal(p, p), method="sample").value,
    "Uniform": lambda p: expectation(abs, hessopt.Uniform(p, 1 + p)).value,
    "Density": lambda p: (
        expectation(np.abs, hessopt.Density(np.ones_like, p, p + 1)).value,
        expectation(np.abs, hessopt.Density(np.ones_like, p, p + 1, normalized=np.True_)).value,
    ),
    "dropout": lambda p: hessopt.dropout(X, p, 1),
    "mask": lambda p: hessopt.bernoulli_mask(9, p, 1),
    "l2": lambda p: objectives.Squared(X, y, l2=p).value_and_gradient(np.ones(4)),
    "delta": lambda p: objectives.Huber(X, y, delta=p).value_and_gradient(np.ones(4)),
    "dispersion": lambda p: model.covariance(np.ones(4), dispersion=p),
    "gtol": lambda p: solved("lbfgs", gtol=p),
    "learning_rate": lambda p: solved("adam", learning_rate=p, maxiter=5),
}


@pytest.mark.parametrize("what", OF_FRACTIONS)
def test_numbers_of_numpy_are_numbers(what):
    call = OF_FRACTIONS[what]
    want = bits(call(0.25))
    for kind in (np.float16, np.float32, np.float64, np.longdouble, np.asarray):
        assert bits(call(kind(0.25))) == want, kind


def test_laws_hold_numbers_of_python():
    law = Bernoulli(np.float32(0.5), np.int8(3), np.uint8(7))
    assert [type(v) for v in (law.keep, law.size, law.seed)] == [float, int, int]
    assert law == Bernoulli(0.5, 3, 7)
    assert repr(Dropout(np.float64(0.5), np.int8(1))) == "Dropout(rate=0.5, seed=1)"


# More memory than there is: what for and how many bytes, before anything is evaluated.

N = 2**22
HUGE = np.broadcast_to(1.0, (N, N))
MEMORY = [
    ("shape", lambda: hessopt.bernoulli_mask(2**50, 0.5, 0)),
    ("shape", lambda: hessopt.bernoulli_mask(2**60, 0.5, 0, packed=True)),
    ("x", lambda: hessopt.dropout(HUGE, 0.5, 0)),
    ("n_samples", lambda: hessopt.dropout_samples(np.ones(2**20), 0.5, 0, 2**30)),
    ("n_samples", lambda: hessopt.dropout_linear(X, X, 0.5, 0, 2**31 - 1)),
    ("n_samples", lambda: expected(Own(), Normal(np.zeros(999)), "sample", n_samples=2**31)),
    (
        "n_samples",
        lambda: expected(wide, Dropout(0.5), "sample", n_samples=2**31, sampling="sobol"),
    ),
    ("Hessian", lambda: large.hessian(np.ones(N + 1))),
    ("f and its derivatives", lambda: large.evaluate(np.ones(N + 1), hessian=True)),
    ("Hessian", lambda: minimized("newton", hess=never)),
    ("Hessian", lambda: minimized("trust_region", hess=never)),
    ("inverse Hessian of BFGS", lambda: minimized("bfgs")),
    ("pairs of L-BFGS", lambda: minimized("lbfgs", options={"maxcor": 2**40})),
    ("factor of H", lambda: hessopt.Cholesky(HUGE)),
    ("factor of H", lambda: hessopt.cholesky_solve(HUGE, np.ones(N))),
]
wide = objectives.Squared(np.ones((2, 999)), [0.0, 1.0])
large = objectives.Squared(np.ones((1, N)), [1.0])


def never(x):
    raise AssertionError("evaluated")


def minimized(method, **given):
    return hessopt.minimize(never, np.ones(N), method=method, jac=True, **given)


@pytest.mark.parametrize(("what", "call"), MEMORY)
def test_memory_that_cannot_be_had_is_named(what, call):
    with pytest.raises(MemoryError, match=rf"^{what}: no memory for \d+ x \d+ numbers, \d+ bytes$"):
        call()


# Errors of users' objects.


class Broken:
    """A thing whose __array__ fails, as a tensor's that lies elsewhere."""

    def __init__(self, error):
        self._error = error

    def __array__(self, dtype=None, copy=None):
        raise self._error


@pytest.mark.parametrize("error", [KeyError("own"), ValueError("own"), RuntimeError("own")])
def test_an_exception_of_the_users_passes_through(error):
    for call in (
        lambda: objectives.Squared(Broken(error), y),
        lambda: model.value_and_gradient(Broken(error)),
        lambda: hessopt.LBFGS([1.0]).tell(1.0, Broken(error)),
        lambda: hessopt.minimize(lambda x: (1.0, Broken(error)), [1.0], jac=True),
    ):
        with pytest.raises(type(error)) as caught:
            call()
        assert caught.value is error
    if sys.version_info >= (3, 11):
        assert "Broken" in error.__notes__[0]
