"""Dropout in closed form
======================

Even and odd digits: the closed form against more and more fixed masks.

.. image:: /dropout_in_closed_form.png
   :alt: What fits over fixed masks lack to the minimum of the closed form, and their coefficients

Run: python examples/dropout_in_closed_form.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "dropout_in_closed_form.png"

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import hessopt

MASKS = (1, 4, 16, 64)


def draw(path, excesses, closed, sampled):
    """Left: excess of the objective. Right: coefficients beside those of the closed form."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(MASKS, excesses, "o-")
    left.set(xscale="log", yscale="log", xlabel="masks", ylabel="f above the minimum")
    left.set_xticks(MASKS, MASKS)
    left.set_xticks([], minor=True)
    for count in (1, MASKS[-1]):
        right.plot(closed, sampled[MASKS.index(count)], ".", label=f"masks: {count}")
    right.axline((0, 0), slope=1, color="black", lw=0.8)
    right.set(xlabel="coefficients by the closed form", ylabel="by fixed masks")
    right.legend(frameon=False)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    X, digit = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, digit % 2, random_state=0)
    model = hessopt.objectives.Logistic(X_train, y_train, l2=1e-4)
    noise = hessopt.Dropout(0.5, seed=1)

    def accuracy(x):
        """Without dropout: inverted scaling needs no change at prediction."""
        return np.mean((X_test @ x[:-1] + x[-1] > 0) == y_test)

    plain = hessopt.minimize(model, np.zeros(65)).x
    print(f"no dropout           accuracy {accuracy(plain):.3f}  |w| {np.linalg.norm(plain):7.2f}")

    closed = hessopt.expected(model, noise, method="normal")
    best = hessopt.minimize(closed, np.zeros(65), tol=1e-10)
    told = f"accuracy {accuracy(best.x):.3f}  |w| {np.linalg.norm(best.x):7.2f}"
    print(f"closed form          {told}")

    excesses, found = [], []
    for n_samples in MASKS:
        sampled = hessopt.expected(model, noise, method="sample", n_samples=n_samples)
        x = hessopt.minimize(sampled, np.zeros(65)).x
        excesses.append(closed.value_and_gradient(x)[0] - best.fun)
        found.append(x)
        told = f"accuracy {accuracy(x):.3f}  excess {excesses[-1]:.1e}"
        print(f"{n_samples:>3} fixed masks      {told}")
    if options.out:
        draw(options.out, excesses, best.x, found)
