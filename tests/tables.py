"""Data sets of statsmodels and scikit-learn as people fit them: raw columns, no penalty.

Every function gives (kind, X, y, weight); `fit` adds the minimum, by `witness`.
"""

from __future__ import annotations

import functools
import importlib

import numpy as np

from witness import Fit, Multinomial

TABLES = {}


def table(loss):
    """Enter a data set, to be fitted by a loss."""

    def enter(load):
        TABLES[load.__name__] = (loss, load)
        return load

    return enter


@functools.cache
def fit(name):
    """A data set with its minimum and standard errors."""
    loss, load = TABLES[name]
    X, y, *weight = (np.asarray(v, float) for v in load())
    return Multinomial(X, y) if loss == "Softmax" else Fit(loss, X, y, *weight)


def _frame(name):
    return importlib.import_module(f"statsmodels.datasets.{name}").load_pandas().data


def _split(name, target, *columns):
    data = _frame(name)
    columns = list(columns) or [c for c in data.columns if c != target]
    return data[columns].to_numpy(float), data[target].to_numpy(float)


def _learn(name):
    return getattr(importlib.import_module("sklearn.datasets"), f"load_{name}")(return_X_y=True)


@table("Squared")
def longley():
    return _split("longley", "TOTEMP")


@table("Squared")
def ccard():
    return _split("ccard", "AVGEXP")


@table("Squared")
def stackloss():
    return _split("stackloss", "STACKLOSS")


@table("Squared")
def statecrime():
    return _split("statecrime", "murder")


@table("Squared")
def copper():
    return _split("copper", "WORLDCONSUMPTION")


@table("Squared")
def grunfeld():
    return _split("grunfeld", "invest", "value", "capital", "year")


@table("Squared")
def macrodata():
    return _split("macrodata", "realcons", "year", "realgdp", "realdpi", "cpi", "m1", "pop")


@table("Squared")
def elnino():
    return _split("elnino", "DEC")


@table("Squared")
def diabetes():
    return _learn("diabetes")


@table("Squared")
def engel_with_powers():
    x, y = _split("engel", "foodexp")
    return x ** np.arange(1, 4), y


@table("Logistic")
def spector():
    return _split("spector", "GRADE")


@table("Logistic")
def fair():
    X, y = _split("fair", "affairs")
    return X, y > 0


@table("Logistic")
def star98():
    """Counts of two outcomes: every row once for each, with its count as weight."""
    data = _frame("star98").to_numpy(float)
    X, above, below = data[:, 2:], data[:, 0], data[:, 1]
    y = np.repeat([1, 0], len(X))
    return np.concatenate([X, X]), y, np.concatenate([above, below])


@table("Logistic")
def breast_cancer():
    X, y = _learn("breast_cancer")
    return X[:, :10], y


@table("Logistic")
def iris():
    X, y = _learn("iris")
    return X[50:], y[50:] > 1


@table("Logistic")
def digits():
    """Odd or even, of the pixels that are often dark."""
    X, y = _learn("digits")
    return X[:, (X > 0).mean(0) > 0.1], y % 2


@table("Logistic")
def modechoice():
    return _split("modechoice", "choice", "ttme", "invc", "invt", "gc", "hinc", "psize")


@table("Poisson")
def cpunish():
    return _split("cpunish", "EXECUTIONS")


@table("Poisson")
def committee():
    return _split("committee", "BILLS104")


@table("Poisson")
def randhie():
    return _split("randhie", "mdvis")


@table("Poisson")
def cancer():
    return _split("cancer", "cancer")


@table("Poisson")
def affairs():
    return _split("fair", "affairs")


@table("Gamma")
def scotland():
    return _split("scotland", "YES")


@table("Gamma")
def strikes():
    return _split("strikes", "duration")


@table("Gamma")
def heart():
    return _split("heart", "survival")


@table("Gamma")
def engel():
    return _split("engel", "foodexp")


@table("Softmax")
def anes96():
    return _split("anes96", "PID", "logpopul", "selfLR", "age", "educ", "income")


@table("Softmax")
def wine():
    X, y = _learn("wine")
    return X[:, [0, 2, 3, 4]], y


@table("Softmax")
def diabetes_in_thirds():
    X, y = _learn("diabetes")
    return X, np.digitize(y, np.quantile(y, [1 / 3, 2 / 3]))
