"""What an objective of the user's may say of itself, and what `minimize` makes of it."""

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Logistic, Softmax

rng = np.random.default_rng(7)
N, P = 4000, 5
X = rng.normal(size=(N, P))
Y = (X @ rng.normal(size=P) + rng.logistic(size=N) > 0).astype(float)
CLASSES = rng.integers(0, 3, N)


class Own:
    """A model by delegation, which counts what it is asked for."""

    def __init__(self, model, *names):
        self.model, self.asked = model, []
        for name in ("value_and_gradient", "hessian", "hessp", "n_parameters", *names):
            value = getattr(model, name)
            setattr(self, name, self.counted(name, value) if callable(value) else value)

    def counted(self, name, function):
        def call(*arguments, **named):
            self.asked.append(name)
            return function(*arguments, **named)

        return call


COLUMNS = ("column_moments", "value_gradient_and_residual", "hessian_about", "n_rows", "X", "l2")
PRICES = ("convex", "hessian_cost", "rough_hessian")


def fit(f, **options):
    found = hessopt.minimize(f, np.zeros(f.n_parameters), **options)
    assert found.success, found.message
    return found


def test_a_price_of_the_hessian_is_heeded():
    model = Logistic(X, Y)
    dear = Own(model, *PRICES)
    dear.hessian_cost = 1000.0
    assert "nhev" in fit(dear)
    assert not {"hessian", "rough_hessian"} & set(dear.asked)
    cheap = Own(model, *PRICES)
    cheap.hessian_cost = 1.0
    assert fit(cheap).nhev > 0
    assert "rough_hessian" in cheap.asked


def test_columns_that_are_told_are_standardised():
    far = Logistic(X * [1, 1e3, 1e-3, 1, 1] + [0, 1e4, 0, 0, 1], Y)
    told, mute = Own(far, *COLUMNS), Own(far)
    assert fit(told, method="lbfgs").nfev < 30
    assert "value_gradient_and_residual" in told.asked
    assert hessopt.minimize(mute, np.zeros(P + 1), method="lbfgs").nfev > 60


def test_the_same_run_as_a_built_in_one():
    model = Logistic(X, Y, l2=1e-3)
    own = Own(model, *COLUMNS, *PRICES, "every")
    want, got = fit(model), fit(own)
    assert np.array_equal(want.x, got.x)
    assert (want.nfev, want.nhev, want.samples) == (got.nfev, got.nhev, got.samples)


def test_newton_cg_takes_a_preconditioner_of_its_own():
    model = Softmax(X, CLASSES, l2=1e-3)
    own = Own(model, "preconditioner")
    found = fit(own, method="newton_cg")
    assert "preconditioner" in own.asked
    assert found.fun == pytest.approx(fit(model).fun, rel=1e-9)
