"""Twenty small data sets, those of scikit-learn and statsmodels among them, each with its model."""

import numpy as np

from hessopt import objectives


def scaled(X):
    X = np.asarray(X, float)
    return (X - X.mean(0)) / X.std(0)


def sklearn_table(name, rows, target):
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    some = np.random.default_rng(0).permutation(len(data.data))[:rows]
    X = data.data[some]
    return scaled(X[:, X.std(0) > 0]), target(data.target[some].astype(float))


def statsmodels_table(name, rows=None):
    import statsmodels.api as sm

    data = getattr(sm.datasets, name).load_pandas()
    X, y = np.asarray(data.exog, float), np.asarray(data.endog, float)
    some = np.random.default_rng(0).permutation(len(X))[:rows]
    X = X[:, X.std(0) > 0]
    return scaled(X)[some], y[some]


def drawn(seed, n, p, scale=0.5):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return rng, X, X @ rng.normal(size=p) * scale


def iris():
    X, y = sklearn_table("iris", 150, lambda y: y == 1)
    return objectives.Logistic(X, y, l2=1e-2)


def wine():
    X, y = sklearn_table("wine", 178, lambda y: y == 0)
    return objectives.Logistic(X, y, l2=0.05)


def cancer():
    X, y = sklearn_table("breast_cancer", 160, lambda y: y)
    return objectives.Logistic(X, y, l2=0.1)


def digits():
    X, y = sklearn_table("digits", 120, lambda y: y > 4)
    return objectives.Logistic(X, y, l2=1.0)


def diabetes():
    X, y = sklearn_table("diabetes", 200, lambda y: y)
    return objectives.Squared(X, y, l2=0.01)


def diabetes_gamma():
    X, y = sklearn_table("diabetes", 200, lambda y: y / 100)
    return objectives.Gamma(X, y, l2=0.01)


def linnerud():
    X, y = sklearn_table("linnerud", 20, lambda y: y[:, 0])
    return objectives.Huber(X, scaled(y[:, None])[:, 0], delta=1.0, l2=0.1)


def longley():
    X, y = statsmodels_table("longley")
    return objectives.Squared(X, y / 1e4, l2=1e-3)


def stackloss():
    X, y = statsmodels_table("stackloss")
    return objectives.PseudoHuber(X, y, delta=2.0, l2=0.1)


def spector():
    X, y = statsmodels_table("spector")
    return objectives.Binomial(X, y, link="probit", l2=0.1)


def scotland():
    X, y = statsmodels_table("scotland")
    return objectives.Gamma(X, y / 50, l2=0.05)


def punishment():
    """Seventeen states, of which one has more than half of the executions."""
    X, y = statsmodels_table("cpunish")
    return objectives.Poisson(X, y, l2=0.5)


def engel():
    X, y = statsmodels_table("engel", 150)
    return objectives.SmoothedQuantile(X, y / 1000, level=0.75, width=0.2, l2=1e-3)


def affairs():
    X, y = statsmodels_table("fair", 200)
    return objectives.Tweedie(X, y, power=1.5, l2=0.05)


def trials():
    rng, X, eta = drawn(1, 80, 4)
    m = rng.integers(1, 9, 80)
    y = rng.binomial(m, 1 / (1 + np.exp(-eta))) / m
    return objectives.Binomial(X, y, trials=m, link="cloglog", l2=1e-2)


def counts():
    rng, X, eta = drawn(2, 100, 5)
    exposure = rng.uniform(0.5, 2, 100)
    y = rng.poisson(np.exp(eta) * exposure)
    return objectives.Poisson(X, y, offset=np.log(exposure), l2=0.05)


def overdispersed():
    rng, X, eta = drawn(3, 120, 4)
    y = rng.poisson(np.exp(eta + 1) * rng.gamma(2, 0.5, 120))
    return objectives.NegativeBinomial(X, y, theta=2.0, l2=0.01)


def weighted():
    rng, X, eta = drawn(4, 90, 6)
    y = rng.random(90) < 1 / (1 + np.exp(-eta))
    return objectives.Logistic(X, y, sample_weight=rng.uniform(0.2, 3, 90), l2=0.05)


def no_penalty():
    rng, X, eta = drawn(5, 150, 5)
    return objectives.Logistic(X, rng.random(150) < 1 / (1 + np.exp(-eta)))


def expectile():
    rng, X, eta = drawn(6, 100, 8)
    return objectives.Expectile(X, eta + rng.normal(size=100), level=0.8, l2=0.05)


def rates():
    rng, X, eta = drawn(8, 90, 4, 0.2)
    mean = 1 / (1.5 + 0.3 * np.tanh(eta))
    return objectives.Gamma(X, rng.gamma(4.0, size=90) / 4 * mean, link="inverse", l2=0.01)


CASES = [
    iris, wine, cancer, digits, diabetes, diabetes_gamma, linnerud, longley, stackloss, spector,
    scotland, rates, engel, affairs, trials, counts, overdispersed, weighted, no_penalty,
    expectile,
]  # fmt: skip
