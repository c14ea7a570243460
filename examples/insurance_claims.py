"""Insurance claims
================

How many there are, what they cost, and how sure that is.

.. image:: /insurance_claims.png
   :alt: Relative premium by factor with intervals of three kinds

Policies of a portfolio drawn from a seeded law: drivers stay for one to six years, and some are
worse than the tariff knows, so that the years of a driver go together. The number of claims of a
year is Poisson regression with the part of the year that was insured as exposure; the mean size of
the claims of a year is gamma regression, weighted by how many they are: variance weights, because
the mean of k claims varies by a k-th. A premium is their product. Standard errors that trust the
law are too small here; those of clusters of years are not, as portfolios that are drawn anew show.

Run: python examples/insurance_claims.py [--portfolios 200] [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "insurance_claims.png"

import argparse
from pathlib import Path

import numpy as np

import hessopt
from hessopt.objectives import Gamma, Poisson

LEVELS = {"age": ["26-45", "18-25", "46-65", "66+"], "car": ["small", "middle", "large", "sports"]}
# Logarithms of what each level but the first does to the number and to the size of claims.
NUMBER = {"age": [0.65, -0.15, 0.25], "car": [0.10, 0.20, 0.45], "town": [0.30], "bonus": [-0.12]}
SIZE = {"age": [0.20, 0.00, 0.05], "car": [0.15, 0.40, 0.70], "town": [-0.10], "bonus": [0.0]}
KINDS = {"observed": "C1", "HC3": "C2", "cluster": "C0"}


def portfolio(seed, n_drivers=3000):
    """Columns, exposure, number and mean size of the claims, and the driver of each year."""
    rng = np.random.default_rng(seed)
    driver = np.repeat(np.arange(n_drivers), rng.integers(1, 7, n_drivers))
    n = len(driver)
    age, car = (rng.choice(4, n_drivers, p=p)[driver] for p in ([0.4, 0.1, 0.35, 0.15], [0.25] * 4))
    town = (rng.random(n_drivers) < 0.4).astype(float)[driver]
    bonus = rng.integers(0, 6, n).astype(float)
    codes = {"age": age, "car": car}
    factors = {  # the first level is the reference, a row of no column
        name: hessopt.Categorical(np.where(codes[name] == 0, -1, codes[name] - 1), 3, levels[1:])
        for name, levels in LEVELS.items()
    }
    X = hessopt.Columns({**factors, "town": town, "bonus": bonus})
    exposure = rng.choice([0.25, 0.5, 1.0], n, p=[0.1, 0.1, 0.8])
    nature = rng.gamma(1.5, 1 / 1.5, n_drivers)[driver]  # of mean 1, known to nobody
    claims = rng.poisson(exposure * nature * np.exp(X @ np.concatenate([*NUMBER.values()]) - 1.2))
    size = np.exp(X @ np.concatenate([*SIZE.values()]) + 7)
    some = claims > 0
    mean_size = np.zeros(n)
    mean_size[some] = size[some] * rng.gamma(1.5 * claims[some], 1 / (1.5 * claims[some]))
    return X, exposure, claims, mean_size, driver


def fits(X, exposure, claims, mean_size, driver):
    """Of both parts: the model, its minimum, and the clusters of its rows."""
    start = np.zeros(X.shape[1] + 1)
    number = Poisson(X, claims, offset=np.log(exposure))
    # A year without claims says nothing of their size; its target may be any number > 0.
    target = np.where(claims > 0, mean_size, 1.0)
    size = Gamma(X, target, sample_weight=claims)
    return [(f, hessopt.minimize(f, start)) for f in (number, size)]


def inferences(parts, driver, kind):
    """Of both parts under a covariance; weights of sizes are those of means."""
    clusters = driver if kind == "cluster" else None
    return [
        hessopt.inference(f, found, covariance=kind, clusters=clusters, weights=weights)
        for (f, found), weights in zip(parts, ("frequency", "variance"), strict=True)
    ]


def covered(seed):
    """Of one portfolio, for each kind, which intervals of both parts hold the truth."""
    *data, driver = portfolio(seed)
    parts = fits(*data, driver)
    truth = [np.concatenate([*law.values()]) for law in (NUMBER, SIZE)]
    return [
        [
            (abs(fit.coefficients[:-1] - beta) <= 1.96 * fit.standard_errors[:-1])
            for fit, beta in zip(inferences(parts, driver, kind), truth, strict=True)
        ]
        for kind in KINDS
    ]


def draw(path, by_kind):
    """Left: numbers of claims, by kind. Right: the premium, what both together make of it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    names = by_kind["cluster"][0].names[:-1]
    rows = np.arange(len(names))
    truth = [np.concatenate([*law.values()]) for law in (NUMBER, SIZE)]
    for k, (kind, colour) in enumerate(KINDS.items()):
        number = by_kind[kind][0]
        beta, reach = number.coefficients[:-1], 1.96 * number.standard_errors[:-1]
        left.errorbar(
            np.exp(beta),
            rows + 0.22 * (k - 1),
            xerr=[np.exp(beta) - np.exp(beta - reach), np.exp(beta + reach) - np.exp(beta)],
            fmt="o",
            ms=3,
            color=colour,
            label=kind,
        )
    number, size = by_kind["cluster"]
    beta = (number.coefficients + size.coefficients)[:-1]
    reach = 1.96 * np.hypot(number.standard_errors, size.standard_errors)[:-1]
    right.errorbar(
        np.exp(beta),
        rows,
        xerr=[np.exp(beta) - np.exp(beta - reach), np.exp(beta + reach) - np.exp(beta)],
        fmt="o",
        ms=4,
        color="C0",
    )
    for axes, values in ((left, truth[0]), (right, truth[0] + truth[1])):
        axes.plot(np.exp(values), rows, "k|", ms=14, label="truth")
        axes.axvline(1, color="0.8", lw=0.8, zorder=0)
        axes.set(xscale="log")
        ticks = [0.8, 1, 1.5, 2, 3]
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.minorticks_off()
    left.set(yticks=rows, yticklabels=names, xlabel="number of claims, times the reference")
    left.invert_yaxis()
    left.legend(frameon=False, fontsize=8)
    right.set(xlabel="premium, times the reference (clusters)")
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--portfolios", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    *data, driver = portfolio(0)
    parts = fits(*data, driver)
    by_kind = {kind: inferences(parts, driver, kind) for kind in KINDS}
    print(f"{len(driver)} years of {driver[-1] + 1} drivers, {data[2].sum()} claims\n")
    for title, fit in zip(("Number of claims", "Their mean size"), by_kind["cluster"], strict=True):
        print(f"{title}\n{fit}\n")
    inside = np.mean([covered(seed) for seed in range(1, options.portfolios + 1)], axis=(0, 3))
    print(f"95 % intervals that hold the truth, of {options.portfolios} portfolios:")
    for kind, (number, size) in zip(KINDS, inside, strict=True):
        print(f"{kind:>10}  numbers {100 * number:5.1f} %   sizes {100 * size:5.1f} %")
    if options.out:
        draw(options.out, by_kind)
