"""A decay per pixel
=================

Twelve thousand curve fits at once, and how sure each is.

.. image:: /decay_per_pixel.png
   :alt: Decay times of an image by pixel, their standard errors, and fits of three pixels

A signal that fades is recorded in 24 frames, as in relaxometry by magnetic resonance or in
fluorescence lifetime imaging: in every pixel a e^(-t/T) + c with noise. Each pixel is a problem of
its own to `hessopt.minimize_batch`, and all are evaluated at once, in NumPy. The amplitude and the
rate may not be negative. Where nothing fades, the data say nothing of the rate: there the standard
error is large, or infinite, and a map of errors beside the map of times shows it.

Run: python examples/decay_per_pixel.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "decay_per_pixel.png"

import argparse
import time
from pathlib import Path

import numpy as np

import hessopt

T = np.linspace(5, 240, 24)  # milliseconds
NOISE = 0.04


def phantom(height=96, width=128):
    """Amplitude, decay time and floor of each pixel: ellipses in a ring, and nothing around."""
    v, u = np.mgrid[-1 : 1 : height * 1j, -1.3 : 1.3 : width * 1j]
    amplitude, decay = np.zeros((height, width)), np.full((height, width), 60.0)

    def fill(centre, axes, a, tau):
        inside = ((u - centre[0]) / axes[0]) ** 2 + ((v - centre[1]) / axes[1]) ** 2 < 1
        amplitude[inside], decay[inside] = a, tau

    fill((0, 0), (1.15, 0.92), 0.5, 30.0)
    fill((0, 0), (1.02, 0.80), 1.0, 75.0)
    fill((-0.45, -0.05), (0.22, 0.42), 0.9, 45.0)
    fill((0.45, -0.05), (0.22, 0.42), 0.7, 110.0)
    fill((0, 0.45), (0.28, 0.16), 1.2, 150.0)
    fill((0, -0.45), (0.16, 0.16), 0.35, 20.0)
    return amplitude, decay, np.full((height, width), 0.1)


class Decays:
    """Residuals and Jacobians of a e^(-rt) + c, of the pixels it holds."""

    def __init__(self, y):
        self.y = y

    def take(self, pixels):
        """Those of some pixels."""
        return Decays(self.y[pixels])

    def __call__(self, X, index):
        """Shapes (b, 24) and (b, 24, 3)."""
        a, r, c = X.T[:, :, None]
        e = np.exp(-r * T)
        return a * e + c - self.y, np.stack([e, -a * T * e, np.ones_like(e)], axis=-1)


def draw(path, fit, errors, truth, y):
    """The map, its errors, and three pixels."""
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    height, width = truth.shape
    a, r, c = (part.reshape(height, width) for part in fit.x.T)
    sigma = errors[:, 1].reshape(height, width)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = 1 / r
        spread = sigma / r**2  # of T, to first order
        unknown = ~(spread < tau)  # known to no more than itself, or not at all
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for axes, values, title, norm in (
        (left, np.where(unknown, np.nan, tau), "decay time T, ms", LogNorm(15, 200)),
        (
            middle,
            np.where(unknown, np.nan, spread / tau),
            "standard error of T / T",
            LogNorm(0.02, 1),
        ),
    ):
        axes.set_facecolor("0.85")
        shown = axes.imshow(values, norm=norm, cmap="viridis" if axes is left else "magma")
        figure.colorbar(shown, ax=axes, shrink=0.8)
        axes.set(title=title, xticks=[], yticks=[])
    middle.set_xlabel("grey: known to less than a digit")
    fine = np.linspace(0, 245, 200)
    for colour, (i, j) in zip(("C0", "C1", "C2"), ((48, 64), (70, 64), (26, 64)), strict=True):
        right.plot(T, y.reshape(height, width, -1)[i, j], ".", color=colour)
        label = f"T = {tau[i, j]:.0f} ± {spread[i, j]:.0f} ms"
        right.plot(fine, a[i, j] * np.exp(-r[i, j] * fine) + c[i, j], color=colour, label=label)
        left.plot(j, i, "s", ms=5, mfc="none", mec=colour)
    right.set(title="three pixels", xlabel="t, ms")
    right.legend(frameon=False)
    figure.savefig(path, dpi=110)


def main():
    """Fit all pixels, say how many intervals hold the truth, draw."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out

    amplitude, decay, floor = phantom()
    rng = np.random.default_rng(0)
    y = amplitude[..., None] * np.exp(-T / decay[..., None]) + floor[..., None]
    y = (y + NOISE * rng.normal(size=y.shape)).reshape(-1, len(T))
    start = np.column_stack([np.ptp(y, axis=1), np.full(len(y), 1 / 60), y.min(axis=1)])
    begin = time.perf_counter()
    fit = hessopt.minimize_batch(
        Decays(y), start, bounds=[(0, None), (1e-3, 0.5), (None, None)], covariance=True
    )
    seconds = time.perf_counter() - begin
    errors = np.sqrt(np.diagonal(fit.covariance, axis1=1, axis2=2))
    print(f"{len(y)} pixels in {seconds:.2f} s, {fit.nfev.mean():.1f} evaluations each")
    print(fit.message)

    fades = amplitude.ravel() >= 0.5
    known = fades & np.isfinite(errors[:, 1])
    held = np.abs(fit.x[:, 1] - 1 / decay.ravel()) <= 1.96 * errors[:, 1]
    print(f"where a signal fades, {known[fades].mean():.1%} of the rates have a standard error")
    print(f"intervals of 95 % hold {held[known].mean():.1%} of them")
    on_bound = np.isnan(errors[:, 1]) & ~fades
    print(
        f"elsewhere {on_bound[~fades].mean():.0%} of the rates end on a bound: no error is claimed"
    )
    if out is not None:
        draw(out, fit, errors, decay, y)


if __name__ == "__main__":
    main()
