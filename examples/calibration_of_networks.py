"""How sure networks are
=====================

Of digits that are turned: dropout, Laplace and an ensemble.

.. image:: /calibration.png
   :alt: Reliability curves of a network, Laplace, dropout and an ensemble

A network 64-32-10 is trained on digits as they are and tested on others, as they are and changed at
random: turned by up to 30 degrees, with noise. Beside the network alone: its last
layer under Laplace's approximation, Monte-Carlo dropout, and five networks from other starts.

Run: python examples/calibration_of_networks.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "calibration.png"

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import hessopt
from hessopt.networks import Dense, Dropout, Network, predict_distribution
from hessopt.noise import images

MEMBERS, TRAIN, L2 = 5, 900, 1e-3
SHIFT = images.Images(images.Rotation(30), images.Noise(0.15), shape=(8, 8))


def fitted(X, y, *hidden, seed=1, **given):
    """A network and its parameters."""
    network = Network(X, y, [Dense(32, "tanh"), *hidden, Dense(10)], l2=L2, **given)
    start = network.initial(seed)
    return network, hessopt.minimize(network, start, method="lbfgs", options={"maxiter": 150}).x


def probabilities(network, x, X):
    """Of the network alone."""
    z = network.predict(x, X)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def predictors(X, y):
    """Functions of rows that give probabilities, by name."""
    members = [fitted(X, y, seed=s) for s in range(1, MEMBERS + 1)]
    network, x = members[0]
    posterior = hessopt.laplace(network, x, subset="last_layer").with_prior()
    masked, dropped = fitted(X, y, Dropout(0.3), n_samples=8)
    return {
        "one network": lambda rows: probabilities(network, x, rows),
        "Laplace, last layer": posterior.predict,
        "Monte-Carlo dropout": lambda rows: (
            predict_distribution(masked, dropped, rows, n_samples=100).mean
        ),
        f"{MEMBERS} networks": lambda rows: (
            hessopt.ensemble_distribution([probabilities(*member, rows) for member in members]).mean
        ),
    }


def draw(path, curves):
    """A panel for each test set: accuracy over confidence, with standard errors."""
    from matplotlib.figure import Figure

    from hessopt.plot import CalibrationDisplay

    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, (name, found) in zip(figure.subplots(1, 2), curves.items(), strict=True):
        CalibrationDisplay.from_results(found, ax=axes)
        axes.set(title=name, xlim=(0.2, 1.02), ylim=(0.2, 1.05))
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order] / 16, y[order]
    tests = {"digits": X[TRAIN:], "turned, with noise": SHIFT.views(X[TRAIN:], seed=1)}
    methods = predictors(X[:TRAIN], y[:TRAIN])
    curves = {}
    for name, rows in tests.items():
        print(f"{name}\n{'':22}accuracy  log loss  expected calibration error")
        curves[name] = {}
        for method, predict in methods.items():
            p = predict(rows)
            c = curves[name][method] = hessopt.calibration(p, y[TRAIN:], n_bins=10)
            loss = -np.log(p[np.arange(len(p)), y[TRAIN:]] + 1e-12).mean()
            right = np.mean(p.argmax(axis=1) == y[TRAIN:])
            print(
                f"  {method:20}{right:8.3f}{loss:10.3f}   {c.error:.3f} ± {c.spread:.3f}"
                f"  (if calibrated: {c.error_if_calibrated:.3f})"
            )
    if options.out:
        draw(options.out, curves)
