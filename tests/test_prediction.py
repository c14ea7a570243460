"""Predictive distributions against two passes over the same samples, and against enumeration."""

import numpy as np
import pytest
from scipy import stats

import hessopt
from hessopt import (
    Bernoulli,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    ensemble_distribution,
    expectation,
    predict_distribution,
)
from hessopt.integrate import prediction

rng = np.random.default_rng(1)
W = rng.normal(size=(6, 3))
X = rng.normal(size=(5, 6))


def net(x):
    e = np.exp(x @ W)
    return e / e.sum(axis=1, keepdims=True)


def entropy(p):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.where(p > 0, p * np.log(p), 0.0).sum(axis=-1)


def outputs_of(predict, noise, samples, antithetic=False):
    """The outputs, one sample after the other, from masks made before."""
    outputs = []
    for k in range(samples):
        keep = 1 - noise.rate
        stream = k // 2 if antithetic else k
        if antithetic and k % 2:
            mask = ~hessopt.bernoulli_mask(X.shape, 1 - keep, noise.seed, stream=stream)
        else:
            mask = hessopt.bernoulli_mask(X.shape, keep, noise.seed, stream=stream)
        outputs.append(predict(np.where(mask, X / keep, 0.0)))
    return np.array(outputs)


@pytest.mark.parametrize("sampling", ["random", "antithetic"])
def test_the_moments_are_those_of_two_passes(sampling):
    noise, pairs = Dropout(0.25, seed=3), sampling == "antithetic"
    d = predict_distribution(net, X, noise, n_samples=60, sampling=sampling)
    p = outputs_of(net, noise, 60, pairs)
    units = p.reshape(30, 2, 5, 3).mean(axis=1) if pairs else p
    np.testing.assert_allclose(d.mean, p.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(d.variance, p.var(axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(d.standard_error, stats.sem(units, axis=0), rtol=1e-12)
    np.testing.assert_allclose(d.entropy, entropy(p.mean(axis=0)), rtol=1e-13)
    np.testing.assert_allclose(d.expected_entropy, entropy(p).mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(
        d.mutual_information, entropy(p.mean(axis=0)) - entropy(p).mean(axis=0), atol=1e-14
    )
    h = entropy(p).reshape(len(units), -1, 5).mean(axis=1)
    np.testing.assert_allclose(d.expected_entropy_error, stats.sem(h, axis=0), rtol=1e-12)
    assert d.n_samples == 60
    assert d.converged


@pytest.mark.parametrize("sampling", ["random", "antithetic"])
def test_errors_of_entropies_are_those_of_the_delta_method_at_the_final_mean(sampling):
    noise, pairs = Dropout(0.25, seed=3), sampling == "antithetic"
    d = predict_distribution(net, X, noise, n_samples=2000, sampling=sampling)
    p = outputs_of(net, noise, 2000, pairs)
    linear = -(p * np.log(p.mean(axis=0))).sum(axis=2)

    def error(a):
        return stats.sem(a.reshape(-1, 1 + pairs, 5).mean(axis=1), axis=0)

    np.testing.assert_allclose(d.entropy_error, error(linear), rtol=0.05)
    np.testing.assert_allclose(d.mutual_information_error, error(linear - entropy(p)), rtol=0.08)


def test_a_number_for_each_row():
    d = predict_distribution(lambda x: x @ W[:, 0], X, Dropout(0.25, seed=3), n_samples=50)
    p = outputs_of(lambda x: x @ W[:, 0], Dropout(0.25, seed=3), 50)
    np.testing.assert_allclose(d.mean, p.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(d.variance, p.var(axis=0, ddof=1), rtol=1e-12)
    assert d.entropy is d.mutual_information is d.entropy_error is None
    several = predict_distribution(lambda x: x @ W, X, Dropout(0.25, seed=3), n_samples=50)
    np.testing.assert_allclose(several.mean[:, 0], d.mean, rtol=1e-13)
    assert several.entropy is None


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("sampling", ["random", "antithetic"])
@pytest.mark.parametrize("law", [Dropout(0.4, 2), GaussianDropout(0.4, 2), GaussianNoise(0.4, 2)])
def test_batches_do_not_matter(law, sampling, shared, monkeypatch):
    """A row or a sample at a time, or all at once: the same numbers go in, and bits come out."""

    def of_row(x):  # BLAS sums in another order in another batch
        return (x * np.arange(1.0, 7.0)).sum(axis=1)

    options = {"n_samples": 30, "sampling": sampling, "shared": shared}
    want = predict_distribution(of_row, X, law, **options)
    assert want.variance.min() > 0
    for elements in (1, 13, 31, 100):
        monkeypatch.setattr(prediction, "_ELEMENTS", elements)
        got = predict_distribution(of_row, X, law, **options)
        for a, b in zip(vars(want).values(), vars(got).values(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("law", "variance"),
    [(Dropout(0.2), 0.25), (GaussianDropout(0.2), 0.25), (GaussianNoise(0.3), None)],
)
def test_the_noise_has_its_law(law, variance):
    x = np.array([[2.0, -1.0, 0.0, 5.0]])
    d = predict_distribution(lambda z: z, x, law, n_samples=20_000)
    want = variance * x**2 if variance else np.full_like(x, 0.09)
    assert (abs(d.mean - x) <= 4.5 * d.standard_error).all()
    np.testing.assert_allclose(d.variance, want, rtol=0.05)
    single = predict_distribution(lambda z: z, x.astype(np.float32), law, n_samples=20_000)
    np.testing.assert_allclose(single.mean, d.mean, rtol=1e-6, atol=1e-8)


def test_mirrored_noise_cancels_in_what_is_linear():
    for law in (Dropout(0.5), GaussianDropout(0.3), GaussianNoise(2.0)):
        d = predict_distribution(lambda x: x @ W, X, law, n_samples=40, sampling="antithetic")
        np.testing.assert_allclose(d.mean, X @ W, atol=1e-12)
        assert d.standard_error.max() < 1e-13 < d.variance.min()


def test_one_noise_for_all_rows():
    same = np.repeat(X[:1], 700, axis=0)  # more than a block of rows
    for law in (Dropout(0.5), GaussianDropout(0.3), GaussianNoise(2.0)):
        d = predict_distribution(net, same, law, n_samples=40, shared=True)
        assert (d.mean == d.mean[0]).all()
        assert d.variance[0].min() > 0
        d = predict_distribution(net, same, law, n_samples=40)
        assert (d.mean != d.mean[0]).any(axis=1).sum() > 600


def test_what_is_dropped_is_zero_even_where_it_is_nan():
    x = np.array([[np.nan, 1.0]])
    seen = []
    for shared in (False, True):
        predict_distribution(
            lambda z: seen.append(z) or z[:, 1], x, Dropout(0.5), n_samples=64, shared=shared
        )
    z = np.concatenate(seen)[:, 0]
    assert set(np.unique(z[~np.isnan(z)])) == {0.0}
    assert 40 < np.isnan(z).sum() < 88


def test_dtypes_and_layouts_of_inputs():
    def predict(x):
        assert x.dtype == np.float32
        assert x.flags.c_contiguous
        return x.sum(axis=1)

    noise = Dropout(0.5, 1)
    want = predict_distribution(predict, X.astype(np.float32), noise, n_samples=10)
    fortran = np.asfortranarray(X.astype(np.float32))
    got = predict_distribution(predict, fortran, noise, n_samples=10)
    assert np.array_equal(got.mean, want.mean)
    assert got.mean.dtype == np.float64


# Coverage of the truth, by enumeration of the 64 masks of one row.

POINT = X[:1]
LAW = Bernoulli(0.7, size=6)
MEAN = expectation(lambda z: net(z * POINT / 0.7), LAW).value
EXPECTED = expectation(lambda z: entropy(net(z * POINT / 0.7)), LAW).value


def covered(d):
    """Whether the mean of each class, the two entropies and the mutual information are."""
    pairs = [
        (d.entropy, d.entropy_error, entropy(MEAN)),
        (d.expected_entropy, d.expected_entropy_error, EXPECTED),
        (d.mutual_information, d.mutual_information_error, entropy(MEAN) - EXPECTED),
    ]
    scalars = [abs(value - truth) <= 1.96 * error for value, error, truth in pairs]
    return np.column_stack([abs(d.mean - MEAN) <= 1.96 * d.standard_error, *scalars])


@pytest.mark.parametrize("sampling", ["random", "antithetic"])
def test_intervals_cover_the_enumerated_truth(sampling):
    """2,000 rows with masks of their own are 2,000 repeats."""
    rows, noise = np.repeat(POINT, 2000, axis=0), Dropout(0.3, seed=1)
    d = predict_distribution(net, rows, noise, n_samples=200, sampling=sampling)
    got = covered(d).mean(axis=0)
    assert (got >= 0.93).all()
    assert (got <= 0.97).all()


@pytest.mark.parametrize("sampling", ["random", "antithetic"])
def test_intervals_cover_where_a_tolerance_ended_them(sampling):
    hits = samples = 0
    for seed in range(2000):
        noise = Dropout(0.3, seed=seed)
        d = predict_distribution(lambda x: net(x)[:, 0], POINT, noise, tol=0.015, sampling=sampling)
        hits += abs(d.mean[0] - MEAN[0]) <= 1.96 * d.standard_error[0]
        samples += d.n_samples
    assert hits >= 0.93 * 2000
    assert samples > 2000 * 65  # not all of them at the first look


def test_a_tolerance():
    d = predict_distribution(net, X, Dropout(0.3), tol=0.003)
    assert d.converged
    assert d.standard_error.max() <= 0.003
    few = predict_distribution(net, X, Dropout(0.3), n_samples=d.n_samples)
    assert np.array_equal(few.mean, d.mean)
    with pytest.warns(RuntimeWarning, match="standard error: got .* after 100 samples; want 1e-06"):
        d = predict_distribution(net, X, Dropout(0.3), tol=1e-6, max_samples=100)
    assert not d.converged
    assert d.n_samples == 100
    with pytest.warns(RuntimeWarning, match="got nan after 64"):
        d = predict_distribution(lambda x: x[:, 0] * np.nan, X, Dropout(0.3), tol=1.0)
    assert np.isnan(d.mean).all()


def test_certain_predictions():
    d = predict_distribution(lambda x: np.eye(3)[np.ones(len(x), int)], X, Dropout(0.3), tol=1e-9)
    assert np.array_equal(d.mean, np.repeat([[0, 1, 0]], 5, axis=0))
    for name in ("variance", "standard_error", "entropy", "mutual_information", "entropy_error"):
        assert not getattr(d, name).any()


def test_without_noise_nothing_is_uncertain():
    """And nothing is below zero, as a difference of rounded entropies may be."""
    for sampling in ("random", "antithetic"):
        for predict in (net, lambda x: net(3 * x).astype(np.float32), lambda x: net(40 * x)):
            d = predict_distribution(predict, X, Dropout(0.0), n_samples=64, sampling=sampling)
            assert not d.variance.any()
            assert not d.standard_error.any()
            assert (d.mutual_information >= 0).all()
            assert (d.mutual_information < 1e-12).all()
            assert (d.entropy >= 0).all()
            np.testing.assert_allclose(d.entropy, entropy(predict(X)), rtol=1e-5, atol=1e-12)
    same = ensemble_distribution(np.tile(net(X), (7, 1, 1)))
    assert (same.mutual_information >= 0).all()


@pytest.mark.parametrize("sampling", ["random", "antithetic"])
@pytest.mark.parametrize("rate", [0.01, 0.5, 0.9])
def test_certain_votes_that_disagree(rate, sampling):
    """Probabilities of 0 and 1: all the entropy is information, and every number is finite."""

    def votes(x):
        return np.eye(3)[np.argmax(x @ W, axis=1)]

    d = predict_distribution(votes, X, Dropout(rate, seed=1), n_samples=500, sampling=sampling)
    for name in ("entropy", "expected_entropy", "mutual_information"):
        value, error = getattr(d, name), getattr(d, f"{name}_error")
        assert np.isfinite(value).all()
        assert np.isfinite(error).all()
        assert (value >= 0).all()
        assert (error >= 0).all()
    assert not d.expected_entropy.any()
    np.testing.assert_array_equal(d.mutual_information, d.entropy)
    assert (d.mean >= 0).all()
    assert (d.mean <= 1).all()
    assert (d.variance >= 0).all()


def test_probabilities_stay_probabilities():
    """Also where rounding has put them above 1, or their sum beside it."""
    above = np.array([[1.000001, 0.0, 0.0]], np.float32)
    d = ensemble_distribution(np.stack([above, above, above]))
    assert d.mean.max() == 1
    for name in ("entropy", "expected_entropy", "mutual_information"):
        assert getattr(d, name)[0] == 0
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1e-3] * 5, size=(40, 300)).astype(np.float32)
    d = ensemble_distribution(p)
    assert d.mean.max() <= 1
    assert d.mutual_information.min() >= 0
    assert d.expected_entropy.min() >= 0


def test_rows_of_any_shape():
    """Sequences in, an image of class probabilities out, along axis 1."""
    steps = rng.normal(size=(4, 3, 2))
    flat = steps.reshape(4, 6)

    def image(x):
        assert x.shape[1:] in ((6,), (3, 2))
        e = np.exp((x.reshape(-1, 6) @ W[:, :2]).reshape(-1, 2, 1, 1) * np.ones((2, 3, 2)))
        return e * [[1.0, 0.5], [2.0, 0.1], [1.0, 3.0]] ** np.array([[[1]], [[-1]]])

    def classes(x):
        e = image(x)
        return e / e.sum(axis=1, keepdims=True)

    for sampling in ("random", "antithetic"):
        options = {"n_samples": 30, "sampling": sampling}
        d = predict_distribution(classes, steps, Dropout(0.4, seed=3), **options)
        assert d.mean.shape == d.variance.shape == d.standard_error.shape == (4, 2, 3, 2)
        assert d.entropy.shape == d.mutual_information_error.shape == (4, 3, 2)
        pixel = predict_distribution(
            lambda x: classes(x)[:, :, 1, 0], flat, Dropout(0.4, seed=3), **options
        )
        np.testing.assert_allclose(d.mean[:, :, 1, 0], pixel.mean, rtol=1e-12)
        np.testing.assert_allclose(d.variance[:, :, 1, 0], pixel.variance, rtol=1e-10)
        for name in ("entropy", "expected_entropy", "mutual_information", "entropy_error"):
            value = getattr(d, name)[:, 1, 0]
            np.testing.assert_allclose(value, getattr(pixel, name), rtol=1e-9, atol=1e-12)
        raw = predict_distribution(image, steps, Dropout(0.4, seed=3), **options)
        assert raw.mean.shape == (4, 2, 3, 2)
        assert raw.entropy is None
        alone = predict_distribution(
            lambda x: image(x)[:, 1, 2, 0], flat, Dropout(0.4, seed=3), **options
        )
        np.testing.assert_allclose(raw.mean[:, 1, 2, 0], alone.mean, rtol=1e-12)
    models = [lambda x, s=s: classes(s * x) for s in (0.5, 1.0, 2.0)]
    d = ensemble_distribution(models, steps)
    assert d.mean.shape == (4, 2, 3, 2)
    outputs = np.array([model(steps) for model in models])
    np.testing.assert_allclose(ensemble_distribution(outputs).entropy, d.entropy)
    with pytest.raises(ValueError, match=r"X: got shape \(3,\); want shape \(rows, p\)"):
        predict_distribution(abs, np.ones(3), Dropout(0.4))


@pytest.mark.parametrize("shape", [(3, 2, 2, 1), (1, 1, 1), (2, 5), (4, 1, 3), (2, 1, 2, 1, 3)])
@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_a_batch_of_any_shape_has_the_noise_of_its_flat_rows(shape, layout):
    batch = np.arange(1.0, 1 + np.prod(shape), dtype=np.float32).reshape(shape)
    given = np.repeat(batch, 2, axis=-1)[..., ::2] if layout == "strided" else batch
    given = np.asarray(given, order="F") if layout == "F" else given
    seen = []
    law = Dropout(0.4, seed=3)
    d = predict_distribution(lambda x: seen.append(x) or x, given, law, n_samples=4)
    flat = predict_distribution(lambda x: x, batch.reshape(len(batch), -1), law, n_samples=4)
    assert d.mean.shape == shape
    assert seen[0].dtype == np.float32
    assert seen[0].shape == (4 * shape[0], *shape[1:])
    np.testing.assert_array_equal(d.mean.ravel(), flat.mean.ravel())
    np.testing.assert_array_equal(d.variance.ravel(), flat.variance.ravel())


@pytest.mark.parametrize("between", [(), (4,), (2, 3), (1, 1, 2)])
def test_classes_may_be_the_last_axis(between):
    """As channels-last images and sequences have them: the same numbers, in their own place."""
    steps = rng.normal(size=(3, *between, 6))

    def last(x):
        return net(x.reshape(-1, 6)).reshape(*x.shape[:-1], 3)

    def first(x):
        return np.moveaxis(last(x), -1, 1)

    options = {"n_samples": 30, "sampling": "antithetic"}
    d = predict_distribution(last, steps, Dropout(0.4, seed=3), **options)
    e = predict_distribution(first, steps, Dropout(0.4, seed=3), **options)
    assert d.mean.shape == d.standard_error.shape == (3, *between, 3)
    assert d.entropy.shape == (3, *between)
    for name, value in vars(e).items():
        if name in ("mean", "variance", "standard_error"):
            value = np.moveaxis(value, 1, -1)
        np.testing.assert_array_equal(getattr(d, name), value)


def test_means_that_few_samples_carry_are_said_to_be():
    noise = GaussianNoise(1.0, seed=1)
    x = np.zeros((50, 9))
    with pytest.warns(
        RuntimeWarning, match=r"predict\(X\): got a tail of Pareto shape .* want more"
    ):
        predict_distribution(lambda x: np.exp(x.sum(axis=1)), x, noise, n_samples=1000)
    with pytest.warns(RuntimeWarning, match="few samples"):
        predict_distribution(lambda x: np.exp(2 * x), x, noise, n_samples=1000)
    with pytest.warns(RuntimeWarning, match=r"predict\(X\): got one or two samples that carry"):
        predict_distribution(lambda x: np.exp(4 * x), x, noise, n_samples=20)
    light, skewed = (net, np.abs, lambda x: x @ W), (np.exp, lambda x: np.maximum(x @ W - 3, 0))
    for predict in light + skewed:
        for n_samples in (10, 128, 1000) if predict in light else (128, 1000):
            for seed in range(5):
                noise = GaussianNoise(0.7, seed=seed)
                predict_distribution(predict, np.ones((50, 6)), noise, n_samples=n_samples)


def test_two_samples_are_two_groups():
    d = predict_distribution(net, X, Dropout(0.5), n_samples=2, sampling="antithetic")
    assert d.n_samples == 4
    assert np.isfinite(d.standard_error).all()


def test_a_bar_of_progress(capsys):
    predict_distribution(net, X, Dropout(0.3), n_samples=10, progress=True)
    assert "10/10" in capsys.readouterr().err


def test_ensembles():
    models = [lambda x, s=s: net(x * s) for s in (0.5, 1.0, 2.0, -1.0)]
    d = ensemble_distribution(models, X)
    p = np.array([model(X) for model in models])
    np.testing.assert_allclose(d.mean, p.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(d.variance, p.var(axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(d.standard_error, stats.sem(p, axis=0), rtol=1e-12)
    np.testing.assert_allclose(d.entropy, entropy(p.mean(axis=0)), rtol=1e-13)
    np.testing.assert_allclose(d.expected_entropy, entropy(p).mean(axis=0), rtol=1e-13)
    assert (d.mutual_information > 0).all()
    assert d.n_samples == 4
    again = ensemble_distribution(p)
    for a, b in zip(vars(d).values(), vars(again).values(), strict=True):
        np.testing.assert_array_equal(a, b)
    numbers = ensemble_distribution(p[:, :, 0].astype(np.float32))
    np.testing.assert_allclose(numbers.mean, d.mean[:, 0], rtol=1e-6)
    assert numbers.entropy is None
