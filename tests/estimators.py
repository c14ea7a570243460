"""The estimators of hessopt.sklearn with targets for each, over which their promises are tested."""

import numpy as np

import hessopt.sklearn as hs


def columns(n=120, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 4))


def two_classes(X):
    return (X @ [1.0, -1, 0.5, 0] + np.random.default_rng(1).logistic(size=len(X)) > 0).astype(int)


def amounts(X):
    return np.random.default_rng(1).gamma(2.0, np.exp(X @ [0.3, -0.5, 0.2, 0]) / 2)


def counts(X):
    return np.random.default_rng(1).poisson(amounts(X)).astype(float)


def numbers(X):
    return X @ [1.0, -1, 0.5, 0] + np.random.default_rng(1).standard_t(3, size=len(X))


def pairs(X):
    return np.column_stack([numbers(X), amounts(X)])


def times(X):
    """Of events but for those of the last rows, which are tied."""
    time = np.random.default_rng(1).exponential(np.exp(X @ [0.3, -0.5, 0.2, 0]))
    return np.column_stack([np.arange(len(X)) % 3 > 0, np.ceil(20 * time)])


def three_classes(X):
    return np.array(["a", "b", "c"])[np.digitize(X[:, 0] + X[:, 1] ** 2, [0.0, 1.5])]


def ordered_classes(X):
    return np.digitize(numbers(X), [-1.0, 0.5, 2.0])


#: To a minimum, where what is promised of coefficients can be held against it.
NETWORK = {"solver": "newton_cg", "tol": 1e-8, "random_state": 0}
#: Each with the targets that it is fitted to.
ESTIMATORS = {
    "CoxRegressor": (hs.CoxRegressor(alpha=0.1, ties="breslow"), times),
    "CoxRegressorCV": (hs.CoxRegressorCV(alphas=[1e-3, 0.01, 0.1, 1.0], ties="breslow"), times),
    "ElasticNet": (hs.ElasticNet(0.05), numbers),
    "ElasticNetCV": (hs.ElasticNetCV(l1_ratio=[0.5, 1.0], alphas=10), numbers),
    "GammaRegressor": (hs.GammaRegressor(alpha=0.1), amounts),
    "GammaRegressorCV": (hs.GammaRegressorCV(alphas=[1e-4, 0.01, 0.1, 1.0, 100.0]), amounts),
    "GeneralizedLinearRegressor": (
        hs.GeneralizedLinearRegressor("InverseGaussian", alpha=0.1),
        amounts,
    ),
    "GeneralizedLinearRegressor of a loss": (
        hs.GeneralizedLinearRegressor("PseudoHuber", alpha=0.1),
        numbers,
    ),
    "HuberRegressor": (hs.HuberRegressor(alpha=0.1), numbers),
    "HuberRegressorCV": (hs.HuberRegressorCV(alphas=[0.1, 1.0, 10.0, 100.0]), numbers),
    "Lasso": (hs.Lasso(0.05), numbers),
    "LassoCV": (hs.LassoCV(alphas=10), numbers),
    "LinearRegression": (hs.LinearRegression(), numbers),
    "LogisticRegression": (hs.LogisticRegression(), two_classes),
    "LogisticRegression with zeros": (hs.LogisticRegression(C=0.3, l1_ratio=0.8), two_classes),
    "LogisticRegression of three": (hs.LogisticRegression(), three_classes),
    "LogisticRegressionCV": (hs.LogisticRegressionCV(Cs=10), two_classes),
    "LogisticRegressionCV of three": (hs.LogisticRegressionCV(Cs=5, cv=2), three_classes),
    "MLPClassifier": (hs.MLPClassifier(3, "tanh", alpha=1.0, **NETWORK), two_classes),
    "MLPClassifier of three": (hs.MLPClassifier(3, "tanh", alpha=1.0, **NETWORK), three_classes),
    "MLPRegressor": (hs.MLPRegressor("squared_error", 3, "tanh", alpha=1.0, **NETWORK), numbers),
    "NegativeBinomialRegressor": (hs.NegativeBinomialRegressor(alpha=0.1), counts),
    "NegativeBinomialRegressorCV": (
        hs.NegativeBinomialRegressorCV(alphas=[1e-4, 0.01, 0.1, 1.0, 100.0]),
        counts,
    ),
    "OrdinalRegression": (hs.OrdinalRegression(), ordered_classes),
    "OrdinalRegression with zeros": (hs.OrdinalRegression(C=0.3, l1_ratio=0.8), ordered_classes),
    "OrdinalRegression of two": (hs.OrdinalRegression(link="probit"), two_classes),
    "PoissonRegressor": (hs.PoissonRegressor(alpha=0.1), counts),
    "PoissonRegressor with zeros": (hs.PoissonRegressor(alpha=0.1, l1_ratio=0.8), counts),
    "PoissonRegressorCV": (hs.PoissonRegressorCV(alphas=[0.01, 0.1, 1.0], cv=3), counts),
    "QuantileRegressor": (hs.QuantileRegressor(alpha=0.01), numbers),
    "QuantileRegressorCV": (hs.QuantileRegressorCV(alphas=[1e-3, 0.01, 0.1], cv=3), numbers),
    "Ridge": (hs.Ridge(), numbers),
    "RidgeCV": (hs.RidgeCV(), numbers),
    "Ridge of positive coefficients": (hs.Ridge(positive=True), numbers),
    "Ridge of two targets": (hs.Ridge(alpha=[1.0, 2.0]), pairs),
    "TweedieRegressor": (hs.TweedieRegressor(power=1.5, alpha=0.1), amounts),
    "TweedieRegressorCV": (
        hs.TweedieRegressorCV(power=1.5, alphas=[1e-4, 0.01, 0.1, 1.0, 100.0]),
        amounts,
    ),
}
