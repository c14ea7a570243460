"""Augmentation of images: against scipy.ndimage, each view a function of seed, sample and row."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import ndimage, stats

import hessopt
from hessopt import Augmentation, _core, expected, objectives, predict_distribution
from hessopt.noise import images
from hessopt.noise.counters import Numbers
from hessopt.noise.images import (
    Brightness,
    Contrast,
    Crop,
    Flip,
    Images,
    Noise,
    Rotation,
    Shift,
)

rng = np.random.default_rng(0)
PICTURES = rng.normal(size=(23, 6, 7, 2))
CHANGES = [
    Shift(2),
    Flip(),
    Flip("vertical", 0.3),
    Crop(0.6),
    Rotation(20.0),
    Brightness(0.4),
    Contrast(0.4),
    Noise(0.3),
]
ALL = Images(*CHANGES)


@dataclass
class Known:
    """Uniform numbers that a test chooses, the same for each image."""

    given: tuple[float, ...]
    n: int = len(PICTURES)

    def uniform(self, count):
        assert count == len(self.given)
        return np.tile(self.given, (self.n, 1))


def each(function):
    """Of every channel of every picture by itself."""
    moved = [[function(channel) for channel in np.moveaxis(p, -1, 0)] for p in PICTURES]
    return np.moveaxis(np.array(moved), 1, -1)


def test_words_are_those_of_masks():
    """Plane 0 of a mask of 1/2 is the definition of docs/noise.md."""
    bits = hessopt.bernoulli_mask(2 * 2048, 0.5, 7, stream=3, packed=True).view("<u4")
    lanes = bits.reshape(2, 4, 16).transpose(0, 2, 1)  # word 16 i + l is word i of lane l
    words = _core.words_of_rows(np.arange(2), 16, 0, 7, 3).reshape(2, 16, 4)
    np.testing.assert_array_equal(~words, lanes)


def test_numbers_have_their_laws():
    numbers = Numbers(np.arange(4000), seed=5, sample=2)
    assert stats.kstest(numbers.uniform(7).ravel(), "uniform").pvalue > 1e-3
    assert stats.kstest(numbers.normal(7).ravel(), "norm").pvalue > 1e-3
    other = [
        Numbers(np.arange(4000), 6, 2),
        Numbers(np.arange(4000), 5, 3),
        Numbers(np.arange(4000), 5, 2, place=1),
        Numbers(np.arange(4000, 8000), 5, 2),
    ]
    for o in other:
        r = stats.pearsonr(numbers.normal(7).ravel(), o.normal(7).ravel()).statistic
        assert abs(r) < 4 / np.sqrt(28_000)


@pytest.mark.parametrize("change", CHANGES, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_view_does_not_depend_on_its_batch(change, dtype):
    X = PICTURES.astype(dtype)
    whole = Images(change).views(X, seed=3, sample=4)
    assert whole.dtype == dtype
    assert whole.shape == X.shape
    assert (whole != X).any()
    order = rng.permutation(len(X))
    for size in (1, 2, 5, 23):
        for begin in range(0, len(X), size):
            rows = order[begin : begin + size]
            part = Images(change).views(X[rows], rows, seed=3, sample=4)
            np.testing.assert_array_equal(part, whole[rows])
    for seed, sample in ((3, 5), (4, 4)):
        assert (Images(change).views(X, seed=seed, sample=sample) != whole).any()
    np.testing.assert_array_equal(Images(change).views(X, seed=3, sample=4), whole)


@pytest.mark.parametrize(
    "change",
    [Shift(0), Flip(rate=0), Crop(1), Rotation(0), Brightness(0), Contrast(0), Noise(0)],
    ids=repr,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_strength_is_no_change(change, dtype):
    X = PICTURES.astype(dtype)
    np.testing.assert_array_equal(Images(change).views(X, seed=1), X)


def test_the_layout_of_pictures_does_not_matter():
    X = PICTURES[..., :1]
    want = ALL.views(X, seed=1)
    np.testing.assert_array_equal(ALL.views(X[..., 0], seed=1), want[..., 0])
    flat = X.reshape(len(X), -1)
    for shape in ((6, 7), (6, 7, 1)):
        got = Images(*CHANGES, shape=shape).views(flat, seed=1)
        np.testing.assert_array_equal(got, want.reshape(flat.shape))
        got = Images(*CHANGES, shape=shape).views(X.reshape(-1, *shape), seed=1)
        np.testing.assert_array_equal(got, want.reshape(-1, *shape))
    colours = Images(*CHANGES, shape=(6, 7, 2)).views(PICTURES.reshape(23, -1), seed=1)
    np.testing.assert_array_equal(colours.reshape(PICTURES.shape), ALL.views(PICTURES, seed=1))
    for layout in (np.asfortranarray(PICTURES), PICTURES[::-1].copy()[::-1]):
        np.testing.assert_array_equal(ALL.views(layout, seed=1), ALL.views(PICTURES, seed=1))
    whole_numbers = np.arange(48).reshape(1, 6, 8)
    assert ALL.views(whole_numbers, seed=1).dtype == np.float64
    same = Images().views(PICTURES, seed=1)
    assert not np.shares_memory(same, PICTURES)
    np.testing.assert_array_equal(same, PICTURES)


def test_changes_follow_one_another_each_with_numbers_of_its_own():
    first = Images(Brightness(1.0)).views(PICTURES, seed=1)
    both = Images(Brightness(1.0), Brightness(1.0)).views(PICTURES, seed=1)
    once, twice = (first - PICTURES)[:, 0, 0, 0], (both - first)[:, 0, 0, 0]
    assert abs(once - twice).min() > 1e-6
    np.testing.assert_array_equal(
        Images(Flip(rate=1), Flip("vertical", 1)).views(PICTURES, seed=1),
        PICTURES[:, ::-1, ::-1],
    )


@pytest.mark.parametrize(("u", "by"), [(0.01, -2), (0.3, -1), (0.5, 0), (0.7, 1), (0.99, 2)])
def test_a_shift_is_that_of_scipy(u, by):
    got = Shift(2).apply(PICTURES, Known((u, 0.99)))
    want = each(lambda p: ndimage.shift(p, (by, 2), order=0, mode="nearest"))
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(("u", "degrees"), [(0.0, -30), (0.4, -6), (0.5, 0), (0.9, 24), (1.0, 30)])
def test_a_rotation_is_that_of_scipy(u, degrees):
    got = Rotation(30).apply(PICTURES, Known((u,)))
    want = each(lambda p: ndimage.rotate(p, degrees, reshape=False, order=1, mode="nearest"))
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


def test_a_crop_is_that_of_scipy():
    got = Crop(0.5).apply(PICTURES, Known((0.2, 0.3, 0.8)))
    part = 0.6
    y, x = np.meshgrid(
        0.3 * 0.4 * 6 + (np.arange(6) + 0.5) * part - 0.5,
        0.8 * 0.4 * 7 + (np.arange(7) + 0.5) * part - 0.5,
        indexing="ij",
    )
    want = each(lambda p: ndimage.map_coordinates(p, [y, x], order=1, mode="nearest"))
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


def test_what_interpolation_keeps():
    """A constant picture, and the range of any."""
    for change in (Crop(0.3), Rotation(180)):
        same = np.full((50, 5, 4, 1), 0.1)
        assert (Images(change).views(same, seed=2) == 0.1).all()
        views = Images(change).views(PICTURES, seed=2)
        assert views.min() >= PICTURES.min()
        assert views.max() <= PICTURES.max()


def test_how_often_and_how_far():
    n = 20_000
    X = np.zeros((n, 3, 3))
    X[:, 1, 0] = 1
    flipped = Images(Flip(rate=0.3)).views(X, seed=1)[:, 1, 2]
    assert abs(flipped.mean() - 0.3) < 4 * np.sqrt(0.21 / n)
    X[:] = 0
    X[:, 1, 1] = 1
    shifted = Images(Shift(1)).views(X, seed=1).reshape(n, 9)
    counts = shifted.sum(axis=0)
    # A pixel at the edge is copied outwards by nothing: one of nine places is as likely as another.
    assert stats.chisquare(counts).pvalue > 1e-3
    bright = Images(Brightness(2.0)).views(np.zeros((n, 2, 2)), seed=1)[:, 0, 0]
    assert stats.kstest(bright, "uniform", (-2, 4)).pvalue > 1e-3
    two = np.tile([[0.0, 1.0]], (n, 1, 1))
    contrast = Images(Contrast(0.5)).views(two, seed=1)[:, 0]
    np.testing.assert_allclose(contrast.mean(axis=1), 0.5, atol=1e-12)
    assert stats.kstest(contrast[:, 1] - contrast[:, 0], "uniform", (0.5, 1.0)).pvalue > 1e-3
    noise = Images(Noise(0.7)).views(np.zeros((2000, 3, 3)), seed=1)
    assert stats.kstest(noise.ravel(), "norm", (0, 0.7)).pvalue > 1e-3


def test_training_over_fixed_views_is_the_mean_over_them():
    X = PICTURES[..., 0].reshape(23, 42)
    y = np.arange(23) % 2
    change = Images(*CHANGES, shape=(6, 7))
    noisy = expected(
        objectives.Logistic(X, y, l2=0.1), Augmentation(change, 9), "sample", n_samples=3
    )
    x = np.linspace(-0.2, 0.3, 43)
    models = [objectives.Logistic(change.views(X, seed=9, sample=k), y, l2=0.1) for k in range(3)]
    for name in ("hessian", "value_and_gradient"):
        want = [getattr(m, name)(x) for m in models]
        if name == "hessian":
            np.testing.assert_allclose(noisy.hessian(x), np.mean(want, axis=0), rtol=1e-12)
        else:
            value, gradient = noisy.value_and_gradient(x)
            np.testing.assert_allclose(value, np.mean([v for v, _ in want]), rtol=1e-13)
            np.testing.assert_allclose(gradient, np.mean([g for _, g in want], axis=0), atol=1e-14)
    assert hessopt.minimize(noisy, np.zeros(43)).success


def test_fixed_views_do_not_depend_on_batches(monkeypatch):
    X, y = PICTURES[..., 0].reshape(23, 42), np.arange(23) % 2
    noise = Augmentation(Images(*CHANGES, shape=(6, 7)), seed=9)
    x = np.linspace(-0.2, 0.3, 43)
    f = expected(objectives.Logistic(X, y), noise, "sample", n_samples=2)
    want = f.value_and_gradient(x)
    monkeypatch.setattr("hessopt.integrate.augmented._BATCH", 42 * 5)
    f = expected(objectives.Logistic(X, y), noise, "sample", n_samples=2)
    for a, b in zip(f.value_and_gradient(x), want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


def brightness(x):
    return x.mean(axis=(1, 2, 3))


@pytest.mark.parametrize("elements", [1, 500, 10**6])
def test_augmentation_at_test_time(elements, monkeypatch):
    change = Images(Brightness(0.5), Flip())
    monkeypatch.setattr("hessopt.integrate.prediction._ELEMENTS", elements)
    d = predict_distribution(brightness, PICTURES, Augmentation(change, seed=4), n_samples=12)
    views = [brightness(change.views(PICTURES, seed=4, sample=k)) for k in range(12)]
    np.testing.assert_allclose(d.mean, np.mean(views, axis=0), rtol=1e-12)
    np.testing.assert_allclose(d.variance, np.var(views, axis=0, ddof=1), rtol=1e-10)
    np.testing.assert_allclose(d.standard_error, stats.sem(views, axis=0), rtol=1e-10)


def test_augmentation_to_a_tolerance():
    noise = Augmentation(Images(Brightness(0.5)), seed=4)
    d = predict_distribution(brightness, PICTURES, noise, tol=0.01)
    assert d.converged
    assert d.standard_error.max() <= 0.01
    assert (abs(d.mean - brightness(PICTURES)) <= 4.5 * d.standard_error).all()
    np.testing.assert_allclose(d.variance, 0.25 / 3, rtol=0.2)


def test_augmentation_by_a_function_at_test_time():
    seen = []

    def sampler(X, rng):
        assert not X.flags.writeable
        seen.append(X.shape)
        return X + rng.normal(size=X.shape)

    d = predict_distribution(brightness, PICTURES, Augmentation(sampler, seed=4), n_samples=5)
    views = []
    for k in range(5):
        generator = np.random.Generator(np.random.Philox(key=4, counter=[0, 0, 0, k]))
        views.append(brightness(PICTURES + generator.normal(size=PICTURES.shape)))
    np.testing.assert_allclose(d.mean, np.mean(views, axis=0), rtol=1e-12)
    assert set(seen) == {PICTURES.shape}
    assert PICTURES.flags.writeable


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (TypeError, "pixels: got 1.5; want an integer", lambda: Shift(1.5)),
        (ValueError, "pixels: got -1", lambda: Shift(-1)),
        (ValueError, "axis: got 'diagonal'; want 'horizontal' or", lambda: Flip("diagonal")),
        (ValueError, r"rate: got 1.5; want a probability in \[0, 1\]", lambda: Flip(rate=1.5)),
        (ValueError, r"least: got 0; want a fraction in \(0, 1\]", lambda: Crop(0)),
        (ValueError, "least: got nan", lambda: Crop(np.nan)),
        (ValueError, "degrees: got -1; want a finite number >= 0", lambda: Rotation(-1)),
        (ValueError, "amount: got -1", lambda: Brightness(-1)),
        (ValueError, "amount: got 1.1; want a probability", lambda: Contrast(1.1)),
        (ValueError, "scale: got -1", lambda: Noise(-1)),
        (TypeError, "changes: got 2; want changes such as", lambda: Images(2)),
        (TypeError, "changes: got <class .*Flip", lambda: Images(Flip)),
        (ValueError, r"shape: got \(6,\); want \(height, width\)", lambda: Images(shape=(6,))),
        (ValueError, r"shape: got \(6, 0\)", lambda: Images(shape=(6, 0))),
        (ValueError, r"X: got shape \(23, 84\); want \(n, height", lambda: ALL.views(FLAT, seed=1)),
        (
            ValueError,
            r"X: got shape \(23, 84\); want \(n, 42\) or \(n, \*\(6, 7\)\)",
            lambda: Images(shape=(6, 7)).views(FLAT, seed=1),
        ),
        (ValueError, r"X: got shape \(\)", lambda: ALL.views(1.0, seed=1)),
        (ValueError, r"X: got shape \(0, 6, 7\)", lambda: ALL.views(np.ones((0, 6, 7)), seed=1)),
        (TypeError, "X: got dtype <U1", lambda: ALL.views(np.full((1, 2, 2), "a"), seed=1)),
        (ValueError, "seed: got -1", lambda: ALL.views(PICTURES, seed=-1)),
        (ValueError, "sample: got -1", lambda: ALL.views(PICTURES, seed=1, sample=-1)),
        (
            ValueError,
            r"rows: got float64 of shape \(1,\); want integers of shape \(23,\)",
            lambda: ALL.views(PICTURES, [1.0], seed=1),
        ),
        (
            ValueError,
            r"rows: got the row -1; want rows in",
            lambda: ALL.views(PICTURES[:1], [-1], seed=1),
        ),
        (
            ValueError,
            "sampling: got 'antithetic'; want 'random' for an Aug",
            lambda: predict_distribution(
                brightness, PICTURES, Augmentation(ALL), sampling="antithetic"
            ),
        ),
        (
            ValueError,
            "shared: got True; want False for an Augmentation",
            lambda: predict_distribution(brightness, PICTURES, Augmentation(ALL), shared=True),
        ),
    ],
)
def test_what_is_wrong_is_named(error, message, call):
    with pytest.raises(error, match=message):
        call()


FLAT = PICTURES.reshape(23, -1)


def test_a_change_of_ones_own():
    class Negative:
        def apply(self, images, numbers):
            return np.where(numbers.uniform(1)[:, :, None, None] < 0.5, -images, images)

    views = Images(Negative()).views(PICTURES, seed=1)
    sign = views[:, 0, 0, 0] / PICTURES[:, 0, 0, 0]
    assert set(sign) == {1.0, -1.0}

    class Wrong:
        def apply(self, images, numbers):
            return images[:, 1:]

    with pytest.raises(ValueError, match=r"changes: got float64 of shape \(23, 5, 7, 2\) from"):
        Images(Wrong()).views(PICTURES, seed=1)


def test_pickled_and_shown():
    again = pickle.loads(pickle.dumps(ALL))
    np.testing.assert_array_equal(again.views(PICTURES, seed=1), ALL.views(PICTURES, seed=1))
    shown = "Images(Shift(pixels=2), Flip(axis='horizontal', rate=0.5), shape=(6, 7))"
    assert repr(Images(Shift(2), Flip(), shape=(6, 7))) == shown
    assert set(images.__all__) <= set(dir(images))
