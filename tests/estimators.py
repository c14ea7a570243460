"""The estimators of hessopt.sklearn with targets for each, over which their promises are tested."""

import numpy as np

import hessopt.sklearn as hs


def columns(n=120, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 4))


def two_classes(X):
    return (X @ [1.0, -1, 0.5, 0] + np.random.default_rng(1).logistic(size=len(X)) > 0).astype(int)


def three_classes(X):
    return np.array(["a", "b", "c"])[np.digitize(X[:, 0] + X[:, 1] ** 2, [0.0, 1.5])]


#: Each with the targets that it is fitted to.
ESTIMATORS = {
    "LogisticRegression": (hs.LogisticRegression(), two_classes),
    "LogisticRegression of three": (hs.LogisticRegression(), three_classes),
}
