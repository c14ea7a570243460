"""Survival times
==============

After a heart transplant, by age: proportional hazards.

.. image:: /survival.png
   :alt: Survival after a heart transplant by age, and hazard ratios with their band

The Stanford programme, 69 patients, 45 of whom died while they were followed (R. G. Miller,
"Least squares regression with censored data", Biometrika 63 (1976); statsmodels ships it). How much
the hazard rises with age, with its interval, and what of a patient is to be expected.

Run: python examples/survival.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "survival.png"

import argparse
from pathlib import Path

import numpy as np
import statsmodels.datasets

import hessopt

AGES = (30.0, 45.0, 60.0)


def transplants():
    """Ages in decades, days until death or the end of the study, and which it was."""
    data = statsmodels.datasets.heart.load_pandas().data
    return data["age"].to_numpy()[:, None] / 10, data["survival"], data["censors"]


def fit(decades, days, died):
    """The model, the log of the hazard ratio of a decade, and its standard error."""
    f = hessopt.objectives.Cox(decades, days, died)
    x = hessopt.minimize(f, np.zeros(1)).x
    return f, x, float(np.sqrt(f.covariance(x)[0, 0]))


def draw(path, f, x, error):
    """Left: survival at three ages. Right: hazard ratios to a patient of 45, with 95 % bands."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    days = np.linspace(0, 1500, 400)
    curves = f.predict_survival_function(x, np.transpose([AGES]) / 10, days)
    for age, curve in zip(AGES, curves, strict=True):
        left.step(days, curve, where="post", label=f"{age:.0f} years old")
    left.set(xlabel="days after the transplant", ylabel="alive", ylim=(0, 1), xlim=(0, 1500))
    left.legend(frameon=False)
    ages = np.linspace(15, 65, 101)
    decades = (ages - 45) / 10
    low, high = (np.exp(decades * x[0] + z * np.abs(decades) * error) for z in (-1.96, 1.96))
    right.fill_between(ages, low, high, alpha=0.25, lw=0)
    right.plot(ages, np.exp(decades * x[0]))
    right.axhline(1, color="black", lw=0.8)
    right.set(xlabel="age", ylabel="hazard, that of age 45 being 1", yscale="log")
    right.set_yticks([0.1, 0.2, 0.5, 1, 2, 5], ["0.1", "0.2", "0.5", "1", "2", "5"])
    right.set_yticks([], minor=True)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    f, x, error = fit(*transplants())
    low, ratio, high = np.exp(x[0] + error * np.array([-1.96, 0, 1.96]))
    print(f"hazard ratio of ten years: {ratio:.2f}, 95 % interval {low:.2f} to {high:.2f}")
    survival = f.predict_survival_function(x, np.transpose([AGES]) / 10, [365.0])[:, 0]
    for age, alive in zip(AGES, survival, strict=True):
        print(f"alive after a year at {age:.0f}: {alive:.0%}")
    if options.out:
        draw(options.out, f, x, error)
