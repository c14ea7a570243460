"""Newton or L-BFGS
================

On breast cancer data: the same optimum, a tenth of the iterations.

.. image:: /newton_or_lbfgs.png
   :alt: Objective over iterations and gradient over evaluations, of Newton's method and L-BFGS

Run: python examples/newton_or_lbfgs.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "newton_or_lbfgs.png"

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer

import hessopt


def draw(path, results):
    """What is left to the minimum over iterations, and the gradient over evaluations."""
    from matplotlib.figure import Figure

    from hessopt.plot import ConvergenceDisplay

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    ConvergenceDisplay.from_results(results, ax=left)
    ConvergenceDisplay.from_results(results, x="nfev", y="grad", ax=right)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = hessopt.objectives.Logistic(X, y, l2=1e-3)

    results = {}
    for method in ("newton", "lbfgs"):
        results[method] = r = hessopt.minimize(
            model, np.zeros(31), method=method, tol=1e-10, options={"history": True}
        )
        print(f"{method:>7}: f = {r.fun:.12f} after {r.nit} iterations; {r.message}")

    gap = np.abs(results["newton"].x - results["lbfgs"].x).max()
    print(f"largest difference between the two optima: {gap:.1e}")
    if options.out:
        draw(options.out, results)
