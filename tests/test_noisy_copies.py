"""Noise on models that no kernel puts it on: means over samples that are drawn by hand."""

import numpy as np
import pytest
import scipy.sparse

import hessopt
import hessopt.sklearn as hs
from hessopt.objectives import Cox, HuberWithScale, Ordinal

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
ETA = X @ [1.0, -0.5, 0.2]
WEIGHT = RNG.uniform(size=60)
CLASSES = np.digitize(ETA + RNG.logistic(size=60), [-1, 1])
TIMES = np.ceil(9 * RNG.exponential(np.exp(-ETA)))
EVENTS = RNG.random(60) < 0.7
STRATA = np.arange(60.0) % 2


def shifted(rows, rng):
    return rows + rng.normal(size=rows.shape)


#: Each of X, and a point.
MODELS = {
    "ordinal": (
        lambda X: Ordinal(X, CLASSES, l2=0.1, sample_weight=WEIGHT, offset=ETA),
        [0.3, 0.2, -0.4, -1.0, 0.7],
    ),
    "huber": (lambda X: HuberWithScale(X, ETA, sample_weight=WEIGHT), [0.3, 0.2, -0.4, 0.1, 0.8]),
    "cox": (
        lambda X: Cox(X, TIMES, EVENTS, entry=TIMES / 2, strata=STRATA, sample_weight=WEIGHT),
        [0.3, 0.2, -0.4],
    ),
    "plain cox": (lambda X: Cox(X, TIMES, EVENTS, ties="breslow", l2=[0, 1, 2]), [0.3, 0.2, -0.4]),
}
#: Each with its samples.
NOISES = {
    "dropout": (hessopt.Dropout(0.3, 5), lambda k: hessopt.dropout(X, 0.3, 5, stream=k)),
    "factors": (
        hessopt.GaussianDropout(0.3, 5),
        lambda k: hessopt.gaussian_dropout(X, 0.3, 5, stream=k),
    ),
    "views": (
        hessopt.Augmentation(shifted, 7),
        lambda k: shifted(X, np.random.Generator(np.random.Philox(key=7, counter=[0, 0, 0, k]))),
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("law", NOISES)
def test_it_is_the_mean_over_samples(name, law):
    make, x = MODELS[name]
    noise, sample = NOISES[law]
    noisy = hessopt.expected(make(X), noise, "sample", n_samples=3)
    parts = [make(sample(k)) for k in range(3)]
    value, gradient = noisy.value_and_gradient(x)
    told = [part.value_and_gradient(x) for part in parts]
    assert value == pytest.approx(np.mean([f for f, _ in told]), rel=1e-12)
    assert np.allclose(gradient, np.mean([g for _, g in told], axis=0), rtol=1e-10, atol=1e-12)
    H = np.mean([part.hessian(x) for part in parts], axis=0)
    assert np.allclose(noisy.hessian(x), H, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("noise", [hessopt.GaussianNoise(0.7, 5), hessopt.DropConnect(0.3, 5)])
def test_its_numbers_are_those_of_linear_models(noise):
    two = (X @ [1.0, -1, 0] > 0).astype(float)
    one = hessopt.expected(Ordinal(X, two), noise, "sample")  # of two classes it is logistic
    other = hessopt.expected(hessopt.objectives.Logistic(X, two), noise, "sample")
    for _ in range(3):
        w = RNG.normal(size=4)
        value = one.value_and_gradient([*w[:3], -w[3]])[0]
        assert value == pytest.approx(other.value_and_gradient(w)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("fit", "y"),
    [
        (hs.OrdinalRegression(C=10), CLASSES),
        (hs.CoxRegressor(), np.column_stack([EVENTS, TIMES])),
        (hs.HuberRegressor(), ETA + WEIGHT),
    ],
)
def test_estimators_shrink_under_noise(fit, y):
    plain = np.abs(fit.fit(X, y).coef_).sum()
    noisy = fit.set_params(noise=hessopt.GaussianNoise(1.0)).fit(X, y)
    assert np.abs(noisy.coef_).sum() < plain
    assert len(noisy.predict(X)) == 60
    if hasattr(fit, "summary"):
        with pytest.raises(ValueError, match="noise: got GaussianNoise"):
            fit.summary(X, y)
    with pytest.raises(ValueError, match="X: got a csr_array; want a dense array"):
        fit.fit(scipy.sparse.csr_array(X), y)


def test_what_there_is_not():
    f = Ordinal(X, CLASSES)
    with pytest.raises(ValueError, match="method: got 'normal' and 'random'; want 'sample'"):
        hessopt.expected(f, hessopt.Dropout(0.1), "normal")
    with pytest.raises(ValueError, match="got 'sample' and 'sobol'; want 'sample' and 'random'"):
        hessopt.expected(f, hessopt.Dropout(0.1), "sample", sampling="sobol")
    with pytest.raises(ValueError, match="n_samples"):
        hessopt.expected(f, hessopt.Dropout(0.1), "sample", n_samples=0)
