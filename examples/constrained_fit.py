"""Fits that keep what is known
============================

A curve that only rises, and shares that add up to one.

.. image:: /constrained_fit.png
   :alt: A rising curve of the risk beside one that wavers, and the output of Cobb and Douglas

Left: the chance that a tumour is malignant, by the texture of its cells (W. Street, W. Wolberg,
O. Mangasarian, 1993, 569 patients; scikit-learn ships it), as a sum of steps that are smoothed
by splines. Bounds, no coefficient below 0, let the curve rise only; coefficients at 0 have
multipliers that say how much the fit would gain without. Right: what American manufacturing made
in 1899 to 1922 of labour and capital (C. Cobb, P. Douglas, "A theory of production", American
Economic Review 18 (1928)); a constraint, A x = b, has the two exponents add up to 1, and its
multiplier says what that costs.

Run: python examples/constrained_fit.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "constrained_fit.png"

import argparse
from pathlib import Path

import numpy as np
from scipy.interpolate import BSpline
from scipy.optimize import Bounds, LinearConstraint
from sklearn.datasets import load_breast_cancer

import hessopt

# 1899 to 1922; that of 1899 is 100.
OUTPUT = """100 101 112 122 124 122 143 152 151 126 155 159
            153 177 184 169 189 225 227 223 218 231 179 240"""
LABOUR = """100 105 110 118 123 116 125 133 138 121 140 144
            145 152 154 149 154 182 196 200 193 193 147 161"""
CAPITAL = """100 107 114 122 131 138 149 163 176 185 198 208
             216 226 236 244 266 298 335 366 387 407 417 431"""


def steps(x, knots):
    """Splines that rise from 0 to 1, one over each knot, shape (rows, columns).

    Sums of the cubic B-splines from the j-th on.
    """
    t = np.r_[[knots[0]] * 3, knots, [knots[-1]] * 3]
    B = BSpline.design_matrix(x, t, 3).toarray()
    return np.cumsum(B[:, ::-1], axis=1)[:, ::-1][:, 1:]


def risk():
    """Log odds over texture, of any shape and rising; columns, data and both fits."""
    data = load_breast_cancer()
    x = data.data[:, list(data.feature_names).index("mean texture")]
    malignant = 1 - data.target
    knots = np.quantile(x, np.linspace(0, 1, 10))
    f = hessopt.objectives.Logistic(steps(x, knots), malignant, l2=1e-5)
    start = np.zeros(f.n_parameters)
    lower = np.r_[np.zeros(len(start) - 1), -np.inf]
    free = hessopt.minimize(f, start)
    rising = hessopt.minimize(f, start, bounds=Bounds(lower, np.inf))
    return x, malignant, knots, free, rising


def production():
    """Log output = a log labour + b log capital + c, with a + b = 1 and without."""
    made, labour, capital = (np.log(np.array(s.split(), float)) for s in (OUTPUT, LABOUR, CAPITAL))
    f = hessopt.objectives.Squared(np.c_[labour, capital], made)
    free = hessopt.minimize(f, np.zeros(3))
    one = LinearConstraint([[1, 1, 0]], 1, 1)
    return labour, capital, made, free, hessopt.minimize(f, np.zeros(3), constraints=one)


def draw(path, tumours, factory):
    """Both fits of each, with and without what is known."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    x, malignant, knots, free, rising = tumours
    at = np.linspace(*np.quantile(x, [0.002, 0.998]), 400)
    for r, style, label in ((free, "--", "of any shape"), (rising, "-", "rising")):
        odds = steps(at, knots) @ r.x[:-1] + r.x[-1]
        left.plot(at, 1 / (1 + np.exp(-odds)), style, label=label)
    left.plot(x, malignant, "|", color="0.6", ms=6)
    left.set(xlabel="mean texture of the cells", ylabel="chance that it is malignant")
    left.set_xlim(at[0], at[-1])
    left.legend(frameon=False)

    labour, capital, made, free, bound = factory
    years = np.arange(1899, 1923)
    right.plot(years, np.exp(made), "o", color="0.5", ms=4, label="output, 1899 = 100")
    for r, style, label in ((free, "--", "free"), (bound, "-", "adding up to 1")):
        a, b, c = r.x
        name = f"{a:.2f} and {b:.2f}, {label}"
        right.plot(years, np.exp(a * labour + b * capital + c), style, label=name)
    right.set(xlabel="year", yscale="log", yticks=[100, 150, 200, 250])
    right.set_yticklabels(["100", "150", "200", "250"])
    right.minorticks_off()
    right.legend(frameon=False, fontsize=8, title="exponents of labour and capital")
    figure.savefig(path, dpi=150)


def main():
    """Fit, and say what the bounds and the constraint hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out

    tumours, factory = risk(), production()
    free, rising = tumours[-2:]
    print(f"risk: f = {free.fun:.5f} of any shape, {rising.fun:.5f} rising")
    for j in np.flatnonzero(rising.active):
        print(f"  step {j} would be below 0: {free.x[j]:+.2f}; multiplier {rising.jac[j]:.1e}")
    free, bound = factory[-2:]
    print(f"output: exponents {free.x[:2].round(3)} free, {bound.x[:2].round(3)} adding up to 1")
    print(f"  f = {free.fun:.6f} and {bound.fun:.6f}, multiplier {bound.multipliers[0]:.1e}")
    if out:
        draw(out, tumours, factory)


if __name__ == "__main__":
    main()
