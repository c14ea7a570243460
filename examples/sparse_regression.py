"""Few of many columns
===================

Diabetes from 64 columns, of which an l1 term keeps a few.

.. image:: /sparse_regression.png
   :alt: Coefficients over the strength of the l1 term, and the error in cross-validation

442 patients, the progression of their disease a year later, ten measurements, their squares and
products (B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, "Least angle regression", 2004; the data
come with scikit-learn). A path of a hundred minima, each with exact zeros, and ten folds to choose
among them: the strongest l1 within one standard error of the least error.

Run: python examples/sparse_regression.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "sparse_regression.png"

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes

import hessopt

FOLDS = 10


def columns():
    """Standardised columns, their names, and the progression."""
    data = load_diabetes()
    names = ["age", "sex", "bmi", "bp", *data.feature_names[4:]]
    X, of = list(data.data.T), list(names)
    for i, name in enumerate(names):
        if name != "sex":
            X.append(data.data[:, i] ** 2)
            of.append(f"{name}²")
    for i, j in combinations(range(10), 2):
        X.append(data.data[:, i] * data.data[:, j])
        of.append(f"{names[i]} × {names[j]}")
    X = np.stack(X, axis=1)
    return (X - X.mean(axis=0)) / X.std(axis=0), of, data.target


def cross_validate(X, y, l1s):
    """Mean squared error of each fold, shape (folds, strengths)."""
    fold = np.random.default_rng(0).permutation(len(y)) % FOLDS
    errors = []
    for k in range(FOLDS):
        f = hessopt.objectives.Squared(X[fold != k], y[fold != k])
        path = hessopt.l1_path(f, l1s=l1s)
        predictions = X[fold == k] @ path.x[:, :-1].T + path.x[:, -1]
        errors.append(((y[fold == k, None] - predictions) ** 2).mean(axis=0))
    return np.array(errors)


def choose(errors):
    """The strongest l1 within a standard error of the best; the first is the strongest."""
    mean, spread = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(FOLDS)
    best = mean.argmin()
    return int(np.flatnonzero(mean <= mean[best] + spread[best])[0])


def draw(path, names, found, errors, chosen):
    """Left: coefficients over l1, those chosen named. Right: the error and its spread."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    kept = np.flatnonzero(found.x[chosen, :-1])
    left.plot(found.l1, np.delete(found.x[:, :-1], kept, axis=1), color="0.8", lw=0.8)
    for j in kept:
        left.plot(found.l1, found.x[:, j], lw=1.6, label=names[j])
    left.set(xscale="log", xlabel="l1", ylabel="coefficient of a standard deviation")
    left.set_ylim(-25, 30)
    left.legend(frameon=False, fontsize=8, ncols=2, loc="lower left")
    mean, spread = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(FOLDS)
    right.fill_between(found.l1, mean - spread, mean + spread, alpha=0.25, lw=0)
    right.plot(found.l1, mean)
    right.set(xscale="log", xlabel="l1", ylabel="squared error of rows held out", ylim=(2500, 6500))
    for place in range(0, len(found.l1), 12):
        at = (found.l1[place], 6380)
        right.annotate(str(found.n_nonzero[place]), at, ha="center", fontsize=8, color="0.4")
    right.set_title("columns kept", fontsize=8, color="0.4")
    for ax in (left, right):
        ax.invert_xaxis()
        ax.axvline(found.l1[chosen], color="black", lw=0.8, ls=":")
    figure.savefig(path, dpi=150)


def main():
    """Take the path, choose, and say what is kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out

    X, names, y = columns()
    f = hessopt.objectives.Squared(X, y)
    path = hessopt.l1_path(f)
    errors = cross_validate(X, y, path.l1)
    chosen, best = choose(errors), errors.mean(axis=0).argmin()
    print(f"{len(path.l1)} minima, from 0 to {path.n_nonzero[-1]} of {X.shape[1]} columns")
    for what, k in (("least error", best), ("chosen", chosen)):
        n, error = path.n_nonzero[k], errors[:, k].mean()
        print(f"{what:>12}: l1 = {path.l1[k]:.3g}, {n} columns, squared error {error:.0f}")
    for j in np.flatnonzero(path.x[chosen, :-1]):
        print(f"{names[j]:>16} {path.x[chosen, j]:+.1f}")
    if out:
        draw(out, names, path, errors, chosen)


if __name__ == "__main__":
    main()
