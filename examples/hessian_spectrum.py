"""Eigenvalues of a network's Hessian
==================================

And of its Gauss-Newton matrix, before and after training.

.. image:: /hessian_spectrum.png
   :alt: Eigenvalues by rank, before and after training

A network 64-16-10 on digits, 1210 parameters: both matrices whole, by their structure.

Run: python examples/hessian_spectrum.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "hessian_spectrum.png"

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from hessopt.networks import Dense, Network, fit


def spectrum(matrix):
    """Eigenvalues, the largest first."""
    return np.linalg.eigvalsh(matrix)[::-1]


def show(name, x, network):
    """What the eigenvalues say, and the eigenvalues."""
    found = {"H": spectrum(network.hessian(x)), "GGN": spectrum(network.ggn(x))}
    value, gradient = network.value_and_gradient(x)
    print(f"{name}: f = {value:.4f}, gradient {np.linalg.norm(gradient):.1e}")
    for matrix, e in found.items():
        large, below = np.sum(e > 0.01 * e[0]), np.sum(e < -1e-9 * e[0])
        print(
            f"  {matrix:4} largest {e[0]:.3g}, smallest {e[-1]:+.2g};"
            f" {large} above a hundredth of the largest, {below} below 0"
        )
    return found


def draw(path, spectra):
    """Both matrices at both points, by rank."""
    from matplotlib.figure import Figure

    from hessopt.plot import SpectrumDisplay

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (name, found) in zip(panels, spectra.items(), strict=True):
        SpectrumDisplay(eigenvalues=found).plot(axes)
        axes.set(title=name)
    panels[1].set_ylabel("")
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    X, digit = load_digits(return_X_y=True)
    network = Network(X / 16, digit, [Dense(16, "tanh"), Dense(10)], l2=1e-3)
    start = network.initial(seed=1)
    result = fit(network, start, method="lbfgs", maxiter=1500)
    spectra = {
        "before training": show("before training", start, network),
        "after training": show("after training", result.x, network),
    }
    if options.out:
        draw(options.out, spectra)
