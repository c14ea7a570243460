"""Newton or L-BFGS
================

On breast cancer data: the same optimum, a tenth of the iterations.

Run: python examples/newton_or_lbfgs.py
"""

import numpy as np
from sklearn.datasets import load_breast_cancer

import hessopt

X, y = load_breast_cancer(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
model = hessopt.objectives.Logistic(X, y, l2=1e-3)

results = {}
for method in ("newton", "lbfgs"):
    results[method] = r = hessopt.minimize(model, np.zeros(31), method=method, tol=1e-10)
    print(f"{method:>7}: f = {r.fun:.12f} after {r.nit} iterations; {r.message}")

gap = np.abs(results["newton"].x - results["lbfgs"].x).max()
print(f"largest difference between the two optima: {gap:.1e}")
