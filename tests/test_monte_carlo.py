"""Means over samples: intervals that cover, sequences that extend, pairs that mirror."""

import sys
import warnings

import numpy as np
import pytest
from scipy import stats

import integrals
from hessopt import Bernoulli, Normal, Samples, Uniform, _core, expectation
from hessopt.integrate import monte_carlo

weights = np.random.default_rng(1).normal(size=6)


def neuron(z):
    return np.tanh(z @ weights)


TRUTH = expectation(neuron, Bernoulli(0.7, size=6)).value


def coverage(f, law, truth, repeats=2000, **options):
    """How many of the intervals hold the truth."""
    hits = 0
    for seed in range(repeats):
        e = expectation(f, law(seed), **options)
        hits += abs(e.value - truth) <= e.error
    return hits / repeats


@pytest.mark.parametrize("method", ["sample", "antithetic"])
def test_the_interval_covers_the_enumerated_truth(method):
    law = lambda seed: Bernoulli(0.7, 6, seed=seed)  # noqa: E731
    assert 0.93 <= coverage(neuron, law, TRUTH, method=method, n_samples=200) <= 0.97


@pytest.mark.parametrize("method", ["sample", "antithetic"])
def test_the_interval_covers_where_a_tolerance_ended_it(method):
    law = lambda seed: Bernoulli(0.7, 6, seed=seed)  # noqa: E731
    assert coverage(neuron, law, TRUTH, method=method, tol=0.02) >= 0.93


def test_the_interval_of_a_skewed_f_covers():
    law = lambda seed: Normal(seed=seed)  # noqa: E731
    got = coverage(np.exp, law, np.exp(0.5), repeats=500, method="sample", tol=0.08)
    assert got >= 0.93


def test_the_interval_of_sobol_covers():
    law = lambda seed: Uniform([0, 0], [1, 2], seed=seed)  # noqa: E731
    f = lambda z: np.exp(z[:, 0] - z[:, 1])  # noqa: E731
    truth = (np.e - 1) * (1 - np.exp(-2)) / 2
    assert coverage(f, law, truth, repeats=25, method="sobol", n_samples=512) >= 0.85


@pytest.mark.parametrize("freedom", [*range(1, 40), 100, 1000, 10**6])
def test_student(freedom):
    want = stats.t.ppf(0.975, freedom)
    assert monte_carlo.student(freedom) == pytest.approx(want, rel=6e-5)


def test_looks_are_far_between_and_never_beyond_the_limit():
    assert monte_carlo.next_look(1000, 1.01, 10**6) == 1250
    assert monte_carlo.next_look(1000, 1.5, 10**6) == 2363
    assert monte_carlo.next_look(1000, np.inf, 10**6) == 4200
    assert monte_carlo.next_look(1000, 1.5, 1100) == 1100


def silent_misses(f, law, truth, repeats, **options):
    """The share of intervals that do not hold the truth, and of warnings; and of the first without
    the second."""
    missed = np.empty(repeats, bool)
    warned = np.empty(repeats, bool)
    for seed in range(repeats):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            e = expectation(f, law(seed), **options)
        missed[seed] = not abs(e.value - truth) <= e.error
        warned[seed] = bool(caught)
        assert all("E f(z): got" in str(w.message) for w in caught)
    return missed.mean(), warned.mean(), (missed & ~warned).mean()


@pytest.mark.parametrize("name", integrals.HEAVY)
def test_a_mean_that_few_samples_carry_is_said_to_be(name):
    f, law, truth, method, n = integrals.HEAVY[name]
    _, warned, silent = silent_misses(f, law, truth, 60, method=method, n_samples=n)
    assert warned > 0.55
    assert silent <= 0.1 or n < 100  # of which there is little to be told


@pytest.mark.parametrize("method", ["sample", "antithetic", "sobol"])
@pytest.mark.parametrize("name", integrals.LIGHT)
def test_no_other_mean_is(name, method):
    f, law, truth = integrals.LIGHT[name]
    for n in (256, 8192):
        repeats = 10 if method == "sobol" else 30
        missed, warned, _ = silent_misses(f, law, truth, repeats, method=method, n_samples=n)
        assert warned == 0 or (n == 256 and name in ("exponential", "fourth power"))
        assert missed <= 0.2


@pytest.mark.parametrize("method", ["sample", "antithetic", "sobol"])
@pytest.mark.parametrize("p", [1e-4, 1e-3, 5e-3, 0.1, 0.9, 0.999])
def test_the_interval_of_an_event_covers_also_where_it_did_not_occur(p, method):
    law = lambda seed: Uniform(seed=seed)  # noqa: E731
    event = lambda u: u < p  # noqa: E731
    repeats = 40 if method == "sobol" else 200
    missed, warned, _ = silent_misses(event, law, p, repeats, method=method, n_samples=1000)
    assert missed <= 0.08
    assert warned == 0
    e = expectation(lambda u: u < -1.0, Uniform(), method=method, n_samples=1024)
    assert e.value == 0
    assert e.error == pytest.approx(3.84 / 1024, rel=0.15)


def test_what_was_not_seen_to_vary():
    with pytest.warns(
        RuntimeWarning, match=r"from the same f\(z\) for all z; .* than 0.004 is not"
    ):
        expectation(lambda z: np.maximum(z - 6, 0), Normal(), method="sample", n_samples=1000)
    with pytest.warns(RuntimeWarning, match=r"from the same f\(z\) for all z"):
        expectation(lambda z: 0 * z, Samples([1.0, 2.0, 3.0, 4.0]))
    certain = expectation(np.exp, Normal(1.0, 0.0), method="sample")  # z does not vary
    assert certain.error == 0
    for n in (20, 200, 10_000):  # means of pairs vary by rounding alone
        pairs = expectation(lambda z: 3 * z, Normal(1 / 3), method="antithetic", n_samples=n)
        assert pairs.error <= 1e-15


def test_weights_that_few_samples_carry():
    """From a normal law of half the width: weights without a variance."""
    rng, silent = np.random.default_rng(3), 0
    for _ in range(40):
        z = rng.normal(0, 0.5, size=10_000)
        w = stats.norm.pdf(z) / stats.norm.pdf(z, 0, 0.5)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            e = expectation(lambda z: z**2, Samples(z, w))
        silent += not caught and abs(e.value - 1) > e.error
    assert silent <= 4


@pytest.mark.parametrize(("n", "tail"), [(50, 10), (100, 20), (400, 60), (10_000, 300)])
@pytest.mark.parametrize("shape", [-0.5, 0.0, 0.7, 1.5])
def test_the_shape_of_a_tail_is_that_of_zhang_and_stephens(shape, n, tail):
    """Their estimator written once more, drawn to 1/2 as by ten more numbers."""
    rng = np.random.default_rng(n)
    x = np.sort(stats.genpareto(shape).rvs(tail, random_state=rng))
    m = 30 + int(np.sqrt(tail))
    part = m / (np.arange(1, m + 1) - 0.5)
    theta = 1 / x[-1] + (1 - np.sqrt(part)) / (3 * x[int(tail / 4 + 0.5) - 1])
    k = np.log1p(-np.outer(theta, x)).mean(axis=1)
    likelihood = tail * (np.log(-theta / k) - k - 1)
    weight = 1 / np.exp(np.subtract.outer(likelihood, likelihood)).sum(axis=0)
    want = np.log1p(-(weight @ theta) * x).mean()
    assert abs(want - shape) < 4 * (1 + abs(shape)) / np.sqrt(tail)
    tails = _core.Tails(2)
    values = rng.permutation(np.r_[np.zeros(n - tail), x])
    for part in np.array_split(np.stack([7 + values, -values], axis=1), 7):
        tails.add(part)
    np.testing.assert_allclose(tails.shape, (tail * want + 5) / (tail + 10), rtol=1e-9)
    tilt = stats.moment(values, 3) / values.var() / n
    np.testing.assert_allclose(tails.tilt, abs(tilt), rtol=1e-9)


LAWS = {
    "bernoulli": lambda seed: Bernoulli(0.3, 3, seed=seed),
    "normal": lambda seed: Normal([0.0, 1.0, 2.0], [1.0, 2.0, 0.5], seed=seed),
    "cov": lambda seed: Normal(1.0, cov=np.diag([1.0, 2.0, 3.0]) + 0.2, seed=seed),
    "uniform": lambda seed: Uniform([0, 0, -1], [1, 2, 3], seed=seed),
}


def drawn(law, method, n):
    seen = []
    e = expectation(lambda z: seen.append(z) or z, law, method=method, n_samples=n)
    z = np.concatenate(seen)
    np.testing.assert_allclose(e.value, z.mean(axis=0), atol=1e-13)
    assert len(z) == e.n_evaluations
    return z


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize("method", ["sample", "antithetic"])
def test_more_samples_extend_the_same_sequence(law, method):
    z = drawn(law(3), method, 9000)
    assert np.array_equal(drawn(law(3), method, 100), z[:100])
    assert not np.array_equal(drawn(law(4), method, 100), z[:100])


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_samples_have_the_law_and_pairs_mirror_each_other(law):
    z = drawn(law(5), "antithetic", 8000)
    first, second = z[::2], z[1::2]
    plain = drawn(law(5), "sample", 8000)
    for a in (plain, first, second):
        spread = 5 * np.std(plain, axis=0) / np.sqrt(len(a))
        assert (abs(a.mean(axis=0) - drawn(law(6), "sobol", 8192).mean(axis=0)) < spread).all()
    for j in range(3):
        correlation = np.corrcoef(first[:, j], second[:, j])[0, 1]
        assert correlation < -0.99 or (correlation < -0.3 and isinstance(law(5), Bernoulli))


def test_the_covariance_is_that_asked_for():
    cov = np.array([[2.0, -0.6], [-0.6, 0.5]])
    z = drawn(Normal([1.0, 2.0], cov=cov, seed=1), "sample", 40_000)
    np.testing.assert_allclose(np.cov(z.T), cov, atol=0.05)


def test_a_covariance_need_not_have_full_rank():
    """A kernel whose least eigenvalues are rounding, a factor, and nothing at all."""
    place = np.stack(np.meshgrid(range(5), range(5)), axis=-1).reshape(-1, 2)
    kernel = 25 * np.exp(-((place[:, None] - place) ** 2).sum(axis=-1) / 200)
    factor = np.random.default_rng(1).normal(size=(4, 2))
    for cov in (kernel, kernel.astype(np.float32), factor @ factor.T, np.zeros((3, 3))):
        law = Normal(1.0, cov=cov, seed=1)
        for method in ("sample", "antithetic", "sobol"):
            e = expectation(lambda z: z[:, 0] * z[:, -1], law, method=method, n_samples=4096)
            assert abs(e.value - 1 - cov[0, -1]) <= 1.5 * e.error + 1e-7
    e = expectation(
        lambda z: np.einsum("mi,mj->mij", z, z), Normal(cov=[[1, 2], [2, 4]]), method="gauss"
    )
    np.testing.assert_allclose(e.value, [[1, 2], [2, 4]], atol=1e-14)
    for cov, message in [
        (
            [[1.0, 2.0], [2.0, 1.0]],
            "an indefinite matrix, of least eigenvalue -1; want .* diagonal",
        ),
        ([[1.0, 0.5], [0.0, 1.0]], "a matrix that is 0.5 off its transpose; want a symmetric"),
        (np.ones((2, 3)), r"shape \(2, 3\); want a square"),
    ]:
        with pytest.raises(ValueError, match=f"cov: got {message}"):
            Normal(cov=cov)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64])
def test_integers_of_numpy_are_integers(kind):
    count = lambda z: z.sum(axis=1)  # noqa: E731
    assert expectation(count, Bernoulli(0.5, kind(10))).value == 5
    for law in (lambda n: Bernoulli(0.5, n(100), n(3)), lambda n: Normal([0, 1], seed=n(3))):
        values = [
            expectation(count, law(n), method="sample", n_samples=20_000).value for n in (kind, int)
        ]
        assert values[0] == values[1]


def test_the_standard_error_is_that_of_samples_or_of_pair_means():
    law = Normal(seed=2)
    values = np.exp(drawn(law, "sample", 5000))
    e = expectation(np.exp, law, method="sample", n_samples=5000)
    assert e.standard_error == pytest.approx(stats.sem(values), rel=1e-11)
    t, tilt = stats.t.ppf(0.975, 4999), stats.moment(values, 3) / values.var() / 5000
    score = np.roots([1, -(t**2) * tilt, -(t**2) * stats.sem(values) ** 2]).max()
    assert e.error == pytest.approx(score, rel=1e-7)
    even = expectation(lambda z: z, law, method="sample", n_samples=5000)
    assert even.error == pytest.approx(t * even.standard_error, rel=0.01)
    pairs = np.exp(drawn(law, "antithetic", 5000)).reshape(-1, 2).mean(axis=1)
    e = expectation(np.exp, law, method="antithetic", n_samples=4999)
    assert e.standard_error == pytest.approx(stats.sem(pairs), rel=1e-11)


def test_sobol_is_better_and_the_same_every_time():
    f = lambda z: np.exp(-z[:, 0] + 0.3 * z[:, 1] * z[:, 2])  # noqa: E731
    law = Uniform(np.zeros(3), np.ones(3), seed=7)
    sobol = expectation(f, law, method="sobol", n_samples=4000)
    assert sobol.n_evaluations == 4096
    assert sobol.error < 0.05 * expectation(f, law, method="sample", n_samples=4096).error
    assert sobol.value == expectation(f, law, method="sobol", n_samples=4096).value
    e = expectation(f, law, method="sobol", tol=1e-5)
    assert e.converged
    assert abs(e.value - sobol.value) < 3 * sobol.error
    masks = expectation(neuron, Bernoulli(0.7, 6), method="sobol")
    assert abs(masks.value - TRUTH) < 2 * masks.error < 2e-3


def test_sobol_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats.qmc", None)
    with pytest.raises(ImportError, match="method='sobol' needs SciPy: pip install scipy"):
        expectation(neuron, Bernoulli(0.5, 6), method="sobol")


def test_a_tolerance_out_of_reach():
    with pytest.warns(RuntimeWarning, match="not converged"):
        e = expectation(np.exp, Normal(), method="sample", tol=1e-6, max_evaluations=5000)
    assert not e.converged
    assert e.n_evaluations == 5000
    with pytest.warns(RuntimeWarning, match="nan"):
        e = expectation(lambda z: np.full(len(z), np.nan), Normal(), method="sample", tol=1.0)
    assert e.n_evaluations == 1024  # no use in going on


def test_auto_takes_the_first_method_of_the_law():
    for law, method in [
        (Bernoulli(0.5, 16), "exact"),
        (Bernoulli(0.5, 17), "sample"),
        (Normal(), "adaptive"),
        (Normal([1.0]), "adaptive"),
        (Normal([1.0, 2.0]), "sample"),
        (Uniform([0, 0], 1), "sample"),
        (Samples([1.0, 2.0]), "sample"),
    ]:
        e = expectation(lambda z: z if z.ndim == 1 else z.sum(axis=1), law)
        assert e.method == method


def test_given_samples():
    z = np.random.default_rng(0).gamma(2.0, size=(5000, 2))
    e = expectation(lambda z: z[:, 0] * z[:, 1], Samples(z))
    values = z.prod(axis=1)
    assert e.value == pytest.approx(values.mean(), rel=1e-14)
    assert e.standard_error == pytest.approx(stats.sem(values), rel=1e-12)
    assert e.n_evaluations == 5000


def test_importance_weights():
    """Of samples from the wrong normal; a weight of two counts as a sample twice in the mean."""
    z = np.random.default_rng(1).normal(0.5, 1.3, size=20_000)
    w = stats.norm.pdf(z) / stats.norm.pdf(z, 0.5, 1.3)
    e = expectation(np.square, Samples(z, 7 * w))
    assert abs(e.value - 1) < 2 * e.error < 0.1
    twice = expectation(np.exp, Samples([1.0, 2.0, 4.0], [1, 2, 1]))
    assert twice.value == pytest.approx(np.mean(np.exp([1, 2, 2, 4])))
    equal = expectation(np.exp, Samples([1.0, 2.0, 4.0], [5, 5, 5]))
    assert equal.standard_error == pytest.approx(stats.sem(np.exp([1, 2, 4])))
    unused = expectation(np.exp, Samples([1.0, 2.0, 4.0, 9.0], [5, 5, 5, 0]))
    assert unused.error == pytest.approx(equal.error)


def test_the_effective_number_of_samples_makes_intervals_that_cover():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(1000):
        z = rng.normal(0.3, 1.2, size=300)
        w = stats.norm.pdf(z) / stats.norm.pdf(z, 0.3, 1.2)
        e = expectation(np.square, Samples(z, w))
        hits += abs(e.value - 1) <= e.error
    assert 920 <= hits <= 970
