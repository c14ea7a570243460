"""Quadrature against closed forms: the error that is reported holds."""

import numpy as np
import pytest
from scipy import stats

import hessopt
import integrals
from hessopt import Density, Normal, Uniform, expectation
from hessopt.integrate import kronrod


def test_the_kronrod_rule_has_its_degree():
    """21 points are exact to degree 31."""
    for degree in range(32):
        want = 2 / (degree + 1) if degree % 2 == 0 else 0.0
        powers = kronrod.NODES**degree
        assert kronrod.KRONROD @ powers == pytest.approx(want, abs=1e-15)
    assert abs(kronrod.KRONROD @ kronrod.NODES**32 - 2 / 33) > 1e-13


def gamma(z):
    return z**1.5 * np.exp(-z) / 1.329340388179137  # of shape 5/2


INTEGRALS = {
    "polynomial": (lambda z: z**3, Uniform(-1, 3), 5.0),
    "oscillation": (lambda z: np.cos(200 * z), Uniform(0, 1), np.sin(200) / 200),
    "kink": (lambda z: abs(z - 1 / 3), Uniform(0, 1), 5 / 18),
    "jump": (lambda z: z > 1 / 3, Uniform(0, 1), 2 / 3),
    "singularity at an end": (lambda z: z**-0.5, Uniform(0, 1), 2.0),
    "logarithm": (np.log, Uniform(0, 1), -1.0),
    "normal moment": (lambda z: (z - 0.3) ** 6, Normal(0.3, 2.0), 15 * 2.0**6),
    "relu": (lambda z: np.maximum(z, 0), Normal(), 1 / np.sqrt(2 * np.pi)),
    "normal tail": (lambda z: z > 5, Normal(), stats.norm.sf(5)),
    "growth": (lambda z: np.exp(5 * z), Normal(), np.exp(12.5)),
    "a point": (np.exp, Normal(2.0, 0.0), np.exp(2)),
    "half line": (lambda z: z, Density(gamma, 0, np.inf), 2.5),
    "other half": (lambda z: z, Density(lambda z: gamma(-z), -np.inf, 0), -2.5),
    "heavy tails": (lambda z: abs(z) > 1, Density(stats.cauchy.pdf, -np.inf, np.inf), 0.5),
    "few moments": (np.square, Density(stats.t(4).pdf, -np.inf, np.inf), 2.0),
    "arcsine law": (np.square, Density(stats.arcsine.pdf, 0, 1), 3 / 8),
    "unnormalized": (lambda z: z, Density(lambda z: np.exp(-3 * z), 0, np.inf, False), 1 / 3),
    "far away": (lambda z: z, Density(stats.norm(1e6).pdf, 1e6 - 40, 1e6 + 40), 1e6),
    "bump": (lambda z: np.exp(-(((z - 0.2) / 1e-2) ** 2)), Uniform(), 1e-2 * np.sqrt(np.pi)),
}


@pytest.mark.filterwarnings("ignore:E f")
@pytest.mark.parametrize("tol", [None, 1e-3, 1e-7])
@pytest.mark.parametrize("name", INTEGRALS)
def test_the_error_holds(name, tol):
    f, law, want = INTEGRALS[name]
    e = expectation(f, law, tol=tol)
    assert abs(e.value - want) <= e.error + 4e-15 * abs(want)
    assert e.method == "adaptive"
    assert np.isnan(e.standard_error)
    assert e.converged or name == "arcsine law"  # singular at 1, where numbers lie 1e-16 apart
    assert e.error <= (1e-10 * max(abs(want), 1) if tol is None else tol) or not e.converged


@pytest.mark.filterwarnings("ignore:E f")
@pytest.mark.parametrize("name", integrals.ONE)
def test_the_error_holds_wherever_jumps_and_kinks_are(name):
    rng = np.random.default_rng(1)
    for _ in range(10):
        f, law, want = integrals.ONE[name](rng)
        for tol in (1e-2, 1e-5, None):
            e = expectation(f, law, tol=tol)
            off = abs(e.value - want) - 1e-14 * max(1, abs(want))
            assert off <= e.error
            assert tol is None or off <= tol or not e.converged


@pytest.mark.parametrize("height", [0, 1])
def test_a_jump_or_a_kink_beyond_the_last_node_of_a_piece_is_seen(height):
    """Pieces meet at 1/4, and none has a node within 2.7e-4 of it."""
    for place in 0.25 + np.linspace(-2.7e-4, 2.7e-4, 31):
        want = height * (1 - place) + (1 - place) ** 2 / 2
        for tol in (1e-3, 1e-6, 1e-9):
            f = lambda z, c=place: (z > c) * (height + z - c)  # noqa: E731
            e = expectation(f, Uniform(), tol=tol)
            assert abs(e.value - want) <= e.error <= tol


def test_a_peak_is_not_passed_over_because_tol_is_large():
    for width in (3e-3, 1e-3):
        for place in np.linspace(-1, 1, 21):
            f = lambda z, c=place, w=width: np.exp(-0.5 * ((z - c) / w) ** 2)  # noqa: E731
            e = expectation(f, Normal(), tol=0.1)
            scale = np.hypot(1, width)
            want = width / scale * np.exp(-0.5 * (place / scale) ** 2)
            assert abs(e.value - want) <= e.error <= 0.1 * want


def test_a_function_that_is_zero_at_every_node_is_looked_at_more_closely():
    for place in np.linspace(0.01, 0.99, 50):
        e = expectation(lambda z, c=place: abs(z - c) < 1e-3, Uniform(), tol=1e-4)
        assert abs(e.value - 2e-3) <= e.error <= 1e-4
    zero = expectation(np.zeros_like, Normal())
    assert (zero.value, zero.error, zero.converged) == (0, 0, True)
    assert zero.n_evaluations < 3000


def test_a_part_of_a_density_that_no_node_meets_is_found():
    """The last tenth of a per mille of the interval has more than its share of the mass."""
    pdf = lambda z: np.where(z > 0.9999, 101, (1 - 101e-4) / 0.9999)  # noqa: E731
    e = expectation(lambda z: z, Density(pdf, 0, 1))
    want = (1 - 101e-4) * 0.9999 / 2 + 101 * (1 - 0.9999**2) / 2
    assert abs(e.value - want) <= e.error


def test_what_a_kind_of_function_costs_and_where_no_tolerance_can_be_met():
    most = {
        "smooth": (np.exp, Normal(), 400, 1000),
        "kink": (lambda z: abs(z - 0.3), Normal(), 900, 2500),
        "jump": (lambda z: z > 0.3, Normal(), 1600, 2500),
        "where pieces meet": (lambda z: z > 0, Normal(), 2500, 5000),
        "singularity": (lambda z: z**-0.5, Uniform(), 3000, 6000),
    }
    for f, law, usual, hopeless in most.values():
        assert expectation(f, law).n_evaluations <= usual
        with pytest.warns(RuntimeWarning, match="not converged"):
            assert expectation(f, law, tol=0.0).n_evaluations <= hopeless


@pytest.mark.parametrize("name", ["polynomial", "normal moment", "growth", "kink", "jump", "relu"])
@pytest.mark.filterwarnings("ignore:E f")
def test_the_error_of_a_gauss_rule_holds(name):
    f, law, want = INTEGRALS[name]
    e = expectation(f, law, method="gauss")
    assert abs(e.value - want) <= e.error + 4e-15 * abs(want)
    assert e.converged == (name in ("polynomial", "normal moment", "growth"))


@pytest.mark.filterwarnings("ignore:E f")
@pytest.mark.parametrize("name", integrals.SEVERAL)
def test_the_error_of_a_grid_holds_wherever_jumps_and_kinks_are(name):
    rng = np.random.default_rng(1)
    for _ in range(5 if "2" in name else 2):
        f, law, want = integrals.SEVERAL[name](rng)
        for tol in (1e-2, 1e-3):
            e = expectation(f, law, method="gauss", tol=tol)
            assert abs(e.value - want) <= e.error
            assert e.error <= tol or not e.converged


def test_gauss_rules_on_a_grid():
    cov = np.array([[1.0, 0.5, 0.0], [0.5, 2.0, -0.3], [0.0, -0.3, 0.5]])
    law = Normal([1.0, -1.0, 0.0], cov=cov)
    e = expectation(lambda z: np.einsum("mi,mj->mij", z, z), law, method="gauss")
    mean = np.asarray(law.mean)
    np.testing.assert_allclose(e.value, cov + np.outer(mean, mean), atol=1e-13)
    a = np.array([0.2, -0.4, 0.1])
    e = expectation(lambda z: np.exp(z @ a), law, method="gauss")
    assert e.value == pytest.approx(np.exp(a @ mean + 0.5 * a @ cov @ a), rel=1e-12)
    box = expectation(lambda z: np.exp(z.sum(1)), Uniform([0, 0], [1, 2]), method="gauss")
    assert box.value == pytest.approx((np.e - 1) * (np.e**2 - 1) / 2, rel=1e-13)
    assert box.n_evaluations == 9 + 49 + 225 + 961


def test_values_of_any_shape_are_all_within_tol():
    def f(z):
        return np.stack([[np.sin(z), abs(z - 0.7)], [z > 0.2, 1e6 * np.exp(z)]]).transpose(2, 0, 1)

    want = np.array([[1 - np.cos(1), 0.29], [0.8, 1e6 * (np.e - 1)]])
    e = expectation(f, Uniform(), tol=1e-8)
    assert e.value.shape == e.error.shape == (2, 2)
    assert (abs(e.value - want) <= e.error + 1e-9).all()
    assert (e.error <= 1e-8).all()


def test_a_round_is_one_call():
    sizes = []

    def f(z):
        sizes.append(len(z))
        return abs(z - 1 / 3)

    e = expectation(f, Uniform(), tol=1e-9)
    assert sizes[0] == 8 * 21
    assert set(sizes[1:]) == {42}  # the kink sits in one piece
    assert sum(sizes) == e.n_evaluations


def test_a_limit_is_said_to_be_met():
    f = lambda z: np.sin(1 / z)  # noqa: E731
    with pytest.warns(RuntimeWarning, match=r"E f\(z\): got .*not converged.*want an error of"):
        e = expectation(f, Uniform(), tol=1e-9, max_evaluations=2000)
    assert not e.converged
    assert e.n_evaluations <= 2000
    assert abs(e.value - 0.504067061906928) <= e.error
    with pytest.warns(RuntimeWarning, match="not converged"):
        assert expectation(f, Uniform(), max_evaluations=2).n_evaluations == 168  # one round
    with pytest.warns(RuntimeWarning, match="want an error of 1e-10"):
        expectation(lambda z: 1 / (z - 0.5) ** 2, Uniform(0, 1.1), max_evaluations=5000)


def test_nan_of_f_is_passed_on():
    with pytest.warns(RuntimeWarning, match="nan"):
        e = expectation(lambda z: np.where(z < 0.5, z, np.nan), Uniform())
    assert np.isnan(e.value)
    assert not e.converged


def test_a_density_is_held_to_its_integral():
    with pytest.raises(ValueError, match="pdf: got an integral of 2; want 1"):
        expectation(lambda z: z, Density(lambda z: np.full_like(z, 2.0), 0, 1))
    far = stats.norm(1e6).pdf  # a spike that no point of the infinite line meets
    with pytest.raises(ValueError, match="pdf: got an integral of 0; want 1: other ends"):
        expectation(lambda z: z, Density(far, -np.inf, np.inf))
    with pytest.raises(ValueError, match="pdf: got an integral of 0; want a positive one"):
        expectation(lambda z: z, Density(far, -np.inf, np.inf, normalized=False))


def test_f_is_not_asked_where_the_density_is_zero():
    def f(z):
        assert (abs(z) < 1).all()
        return np.log1p(-(z**2))

    e = expectation(f, Density(lambda z: 0.5 * (abs(z) < 1), -3, 3), tol=1e-9)
    assert e.value == pytest.approx(2 * np.log(2) - 2, abs=e.error)


def test_a_posterior_mean():
    """A binomial likelihood and a flat prior: Beta(8, 4), mean 2/3."""
    e = expectation(lambda p: p, Density(lambda p: p**7 * (1 - p) ** 3, 0, 1, normalized=False))
    assert e.value == pytest.approx(2 / 3, abs=1e-14)


def test_how_it_reads():
    assert repr(expectation(lambda z: z, hessopt.Discrete([1, 3], [0.25, 0.75]))) == (
        "2.5 ± 0 (exact, 2 evaluations)"
    )
    assert repr(expectation(lambda z: z**3, Uniform())).startswith("0.25 ± ")
