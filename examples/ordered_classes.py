"""Ordered classes
===============

How happy a marriage is said to be, from 1 to 5: proportional odds.

.. image:: /ordered_classes.png
   :alt: Odds ratios of a happier marriage, and answers over the years

A survey of Redbook, 1974, 6366 women (R. C. Fair, "A theory of extramarital affairs", J. Polit.
Econ. 86 (1978); statsmodels ships it). Which answers go with a higher rating, by their odds ratios
with intervals, and how ratings shift with the years.

Run: python examples/ordered_classes.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "ordered_classes.png"

import argparse
from pathlib import Path

import numpy as np
import statsmodels.datasets

import hessopt

COLUMNS = ["yrs_married", "age", "children", "religious", "educ"]
WORDS = ("very poor", "poor", "fair", "good", "very good")


def survey():
    """Five columns, and the rating as a code 0 .. 4."""
    data = statsmodels.datasets.fair.load_pandas().data
    return data[COLUMNS].to_numpy(), data["rate_marriage"].to_numpy() - 1


def fit(X, y):
    """The model, its coefficients and thresholds, and standard errors."""
    f = hessopt.objectives.Ordinal(X, y)
    result = hessopt.minimize(f, f.start())
    return f, result.x, np.sqrt(np.diag(f.covariance(result.x)))


def draw(path, f, x, errors, X):
    """Left: odds ratios of a standard deviation. Right: the ratings over the years."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    p, unit = X.shape[1], X.std(axis=0)
    place, centre = np.arange(p)[::-1], np.exp(x[:p] * unit)
    ends = np.exp((x[:p] + np.outer([-1.96, 1.96], errors[:p])) * unit)
    left.errorbar(centre, place, xerr=np.abs(ends - centre), fmt="o")
    left.axvline(1, color="black", lw=0.8)
    left.set_yticks(place, COLUMNS)
    left.set(xlabel="odds of a higher rating, a standard deviation up", xlim=(0.75, 1.33))
    years = np.linspace(0.5, 23, 100)
    rows = np.repeat(X.mean(axis=0)[None], len(years), axis=0)
    rows[:, 0] = years
    right.stackplot(years, f.probabilities(x, rows).T, labels=WORDS, alpha=0.8)
    right.set(xlabel="years married, all else at its mean", ylabel="share of answers", ylim=(0, 1))
    right.set_xlim(years[0], years[-1])
    right.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), reverse=True)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    X, y = survey()
    f, x, errors = fit(X, y)
    for name, w, error in zip(COLUMNS, x, errors, strict=False):
        low, ratio, high = np.exp(w + error * np.array([-1.96, 0, 1.96]))
        print(f"{name:12} odds ratio {ratio:.3f}, 95 % interval {low:.3f} to {high:.3f}")
    print("thresholds   " + "  ".join(f"{t:.2f}" for t in x[X.shape[1] :]))
    if options.out:
        draw(options.out, f, x, errors, X)
