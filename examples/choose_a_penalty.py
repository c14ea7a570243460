"""Choose a penalty
================

A hundred values of it: by leave-one-out, by folds, by evidence.

.. image:: /choose_a_penalty.png
   :alt: Log-likelihood of rows left out, by leave-one-out and folds, and coefficients over l2

Half of the breast cancer data is fitted, the other half says afterwards what would have been best.
Leave-one-out needs one fit at each C, and has no random numbers; five folds are drawn ten times.

Run: python examples/choose_a_penalty.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "choose_a_penalty.png"

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler

import hessopt
from hessopt.sklearn import LogisticRegression, LogisticRegressionCV

CS = np.logspace(-4, 4, 100)
DRAWS = 10


def halves():
    """Rows of either half, in units of the first's standard deviations, and their labels."""
    X, y = load_breast_cancer(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, train_size=0.5, random_state=0, stratify=y)
    scale = StandardScaler().fit(X)
    return scale.transform(X), y, scale.transform(X_test), y_test


def choices(X, y):
    """Fitted choosers by name; of folds there are several."""
    folds = [StratifiedKFold(5, shuffle=True, random_state=seed) for seed in range(DRAWS)]
    return {
        "leave-one-out": [LogisticRegressionCV(Cs=CS).fit(X, y)],
        "evidence": [LogisticRegressionCV(Cs=CS, cv="evidence").fit(X, y)],
        "five folds": [LogisticRegressionCV(Cs=CS, cv=cv).fit(X, y) for cv in folds],
    }


def score(X, y, X_test, y_test):
    """At each C the mean log-likelihood of a row of the other half."""
    fits = (LogisticRegression(C=C).fit(X, y) for C in CS)
    return np.array([-log_loss(y_test, fit.predict_proba(X_test)) for fit in fits])


def draw(path, found, truth, X, y):
    """Left: scores. Right: coefficients along the path, and the choice of leave-one-out."""
    from matplotlib.figure import Figure

    from hessopt.plot import PathDisplay

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for k, fit in enumerate(found["five folds"]):
        left.plot(CS, fit.scores_, color="tab:orange", lw=0.7, label=None if k else "five folds")
    (one,) = found["leave-one-out"]
    left.plot(CS, one.scores_, color="tab:blue", lw=2, label="leave-one-out")
    left.plot(CS, truth, "k--", label="the other half")
    (evidence,) = found["evidence"]
    left.axvline(evidence.C_, color="tab:green", ls=":", label="choice by evidence")
    left.set(xscale="log", xlabel="C", ylabel="log-likelihood of a row left out", ylim=(-0.4, 0))
    left.legend(frameon=False, fontsize="small")
    model = hessopt.objectives.Logistic(X, y, l2=1)
    PathDisplay.from_result(hessopt.select_l2(model, 1 / (len(y) * CS[::-1])), ax=right)
    right.set(xlim=(1e-5, 10), ylim=(-6, 6))
    right.get_legend().remove()
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    X, y, X_test, y_test = halves()
    found, truth = choices(X, y), score(X, y, X_test, y_test)
    print(f"{'':16}{'C':>22}{'log loss':>22}")
    for name, fits in found.items():
        Cs = [fit.C_ for fit in fits]
        losses = [log_loss(y_test, fit.predict_proba(X_test)) for fit in fits]
        ends = [
            f"{min(v):.3f}" if len(v) == 1 else f"{min(v):.3f} to {max(v):.3f}"
            for v in (Cs, losses)
        ]
        print(f"{name:16}{ends[0]:>22}{ends[1]:>22}")
    print(f"{'the best':16}{CS[truth.argmax()]:>22.3f}{-truth.max():>22.3f}")
    if options.out:
        draw(options.out, found, truth, X, y)
