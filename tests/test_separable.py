"""Fits over the parameters that a model is not linear in, against certified ones and the others."""

import functools

import numpy as np
import pytest
from scipy import optimize

import nist
from decays import NOISE, Y, decay, decay_jacobian, t
from hessopt import curve_fit
from jets import variables


@functools.cache
def certified(exact, separate=True):
    """Digits of parameters and of their standard errors, and counts, from both starts."""
    digits, errors, counts = [], [], np.zeros(2, int)
    for problem in nist.REGRESSIONS:
        if problem.name not in nist.LINEAR:
            continue

        def model(x, *b, problem=problem):
            return problem.model(variables(np.array(b), 1), x).value

        def slopes(x, *b, problem=problem):
            return problem.model(variables(np.array(b), 1), x).gradient

        given = {"jac": slopes if exact else None}
        given |= {"linear": nist.LINEAR[problem.name] if separate else None, "full_output": True}
        for start in problem.starts:
            with np.errstate(all="ignore"):
                popt, pcov, info, *_ = curve_fit(model, problem.x, problem.y, start, **given)
            digits.append(-np.log10(np.abs(popt / problem.values - 1).max() + 1e-16))
            known = nist.TABLE["nonlinear"][problem.name]["errors"]
            errors.append(-np.log10(np.abs(np.sqrt(np.diag(pcov)) / known - 1).max() + 1e-16))
            counts += info["nfev"], info["njev"]
    return np.array(digits), np.array(errors), counts


def test_certified_parameters_in_half_the_evaluations():
    digits, errors, counts = certified(exact=True)
    assert len(digits) == 50
    assert (digits >= 6).all()
    assert (digits >= 8).sum() >= 46
    assert (errors >= 6).sum() >= 48  # but for Lanczos1, where what is left is rounding
    assert (counts < 0.5 * certified(exact=True, separate=False)[2]).all()


@pytest.mark.slow
def test_certified_parameters_of_a_model_alone():
    digits, _, _ = certified(exact=False)
    assert (digits >= 6).all()
    assert (digits >= 8).sum() >= 44


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("kind", ["none", "vector", "matrix"])
def test_the_same_fit_and_covariance_as_of_all_parameters(kind, absolute):
    size = 0.05 * (1 + t / 4)
    near = 0.5 ** np.abs(np.subtract.outer(range(60), range(60)))
    sigma = {"none": None, "vector": size, "matrix": np.outer(size, size) * near}[kind]
    given = {"sigma": sigma, "absolute_sigma": absolute}
    for jac in (decay_jacobian, None):
        popt, pcov = curve_fit(decay, t, Y, [2.0, 1.0, 0.0], jac=jac, **given)
        p, c = curve_fit(decay, t, Y, [5.0], jac=jac, linear=["a", "c"], **given)
        np.testing.assert_allclose(p, popt, rtol=1e-8)
        np.testing.assert_allclose(c, pcov, rtol=1e-7)


def test_names_places_and_starts():
    popt, _ = curve_fit(decay, t, Y, [3.0], linear=["a", "c"])
    for given in (
        {"linear": [0, 2], "p0": [np.nan, 3.0, np.nan]},
        {"linear": ("c", "a"), "p0": 3.0},
        {"linear": [-1, "a"], "p0": [7.0, 3.0, 9.0]},
    ):
        np.testing.assert_allclose(curve_fit(decay, t, Y, **given)[0], popt, rtol=1e-10)
    unnamed = curve_fit(lambda t, *p: decay(t, *p), t, Y, [0, 3.0, 0], linear=[0, 2])[0]
    np.testing.assert_allclose(unnamed, popt, rtol=1e-10)
    np.testing.assert_allclose(curve_fit(decay, t, Y, linear=["a", "c"])[0], popt, rtol=1e-8)


def test_a_term_without_a_coefficient():
    y = np.sin(0.7 * t) + 3 * t + 0.01 * NOISE
    popt, pcov = curve_fit(lambda t, w, b: np.sin(w * t) + b * t, t, y, [0.6], linear=["b"])
    p, c = curve_fit(lambda t, w, b: np.sin(w * t) + b * t, t, y, [0.6, 3.0])
    np.testing.assert_allclose(popt, p, rtol=1e-9)
    np.testing.assert_allclose(pcov, c, rtol=1e-6)


def test_bounds_of_the_others():
    for bounds in (([0.0], [1.0]), ([-np.inf, 0.0, -np.inf], [np.inf, 1.0, np.inf])):
        popt, pcov, info, *_ = curve_fit(
            decay, t, Y, [0.5], linear=["a", "c"], bounds=bounds, full_output=True
        )
        assert popt[1] == 1.0
        assert np.isnan(pcov[1]).all()
        np.testing.assert_array_equal(info["result"].active_mask, [0, 1, 0])
        p, c = curve_fit(lambda t, a, c: decay(t, a, 1.0, c), t, Y)
        np.testing.assert_allclose(popt[[0, 2]], p, rtol=1e-8)
        np.testing.assert_allclose(pcov[np.ix_([0, 2], [0, 2])], c, rtol=1e-6)


def test_columns_that_follow_from_others_are_left_open():
    def twice(t, a, b, k):
        return (a + b) * np.exp(-k * t)

    with pytest.warns(optimize.OptimizeWarning, match=r"leave open parameters \[0, 1\]"):
        popt, pcov = curve_fit(twice, t, Y - 0.5, [1.0], linear=["a", "b"])
    p, c = curve_fit(lambda t, a, k: a * np.exp(-k * t), t, Y - 0.5, [2.0, 1.0])
    np.testing.assert_allclose([popt[0] + popt[1], popt[2]], p, rtol=1e-8)
    np.testing.assert_allclose(pcov[2, 2], c[1, 1], rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"linear": ["a", "b"]}, r"linear: got 'b'; want some of \['a', 'k', 'c'\]"),
        ({"linear": [3]}, "linear: got 3; want a place among 3"),
        ({"linear": ["a", 0]}, "linear: .* want every parameter once"),
        ({"linear": []}, r"linear: got \[\]"),
        ({"linear": "a"}, "linear: got 'a'"),
        ({"linear": [0, 1, 2]}, "linear: got all"),
        ({"linear": ["k"], "p0": [1.0, 1.0]}, r"linear: got parameters \[1\]"),
        ({"linear": ["a"], "bounds": ([0, 0, 0], np.inf)}, "lower: got one of a linear"),
        ({"linear": ["a"], "loss": "huber"}, "loss: got 'huber'; want 'linear' beside"),
        ({"linear": ["a"], "acceleration": True}, "acceleration: got True"),
        ({"linear": ["a", "c"], "p0": [1.0, 2.0]}, "p0: got"),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        curve_fit(decay, t, Y, **given)
