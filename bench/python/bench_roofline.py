"""Kernels against the roofline: what the machine's memory and its arithmetic allow.

Run: python bench/python/bench_roofline.py [--smoke] [--threads 1 2] [--save docs/roofline.png]

A kernel that does I flops per byte of X can reach no more than min(peak, I · bandwidth). Bandwidth
is that of a dot product of vectors much larger than the caches, the peak that of NumPy's GEMM, and
X is read from memory, too. S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual
performance model for multicore architectures", Comm. ACM 52 (2009).
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import harness
import hessopt

blas = harness.peer("scipy.linalg.blas")
sklearn = harness.peer("sklearn")
tabmat = harness.peer("tabmat")

# name: (colour of Okabe and Ito, marker); hessopt's are filled
KINDS = {
    "hessopt value and gradient": ("#0072B2", "s"),
    "hessopt Gram matrix": ("#0072B2", "o"),
    "hessopt value, gradient, Hessian": ("#0072B2", "^"),
    "scikit-learn value and gradient": ("#D55E00", "s"),
    "scikit-learn value, gradient, Hessian": ("#D55E00", "^"),
    "NumPy (X.T * w) @ X": ("#009E73", "o"),
    "tabmat sandwich": ("#CC79A7", "D"),
    "BLAS syrk, no weights": ("#000000", "v"),
}
Contenders = dict[str, Callable[[], Any]]


@dataclass
class Panel:
    """One number of threads and one type."""

    title: str
    read: float  # GB/s
    peak: float  # GFLOP/s
    points: list[tuple[str, float, float]]  # kind, flops per byte, GFLOP/s


def gram(X: Any, w: Any) -> Contenders:
    """XᵀWX by all; syrk has no weights."""
    found: Contenders = {
        "hessopt Gram matrix": lambda: hessopt.weighted_gram(X, w),
        "NumPy (X.T * w) @ X": lambda: (X.T * w) @ X,
    }
    if tabmat is not None:
        dense = tabmat.DenseMatrix(np.asfortranarray(X))
        found["tabmat sandwich"] = lambda: dense.sandwich(w)
    if blas is not None:
        syrk = blas.dsyrk if X.dtype == np.float64 else blas.ssyrk
        found["BLAS syrk, no weights"] = lambda: syrk(1.0, X.T)
    return found


def evaluation(X: Any, y: Any, hessian: bool) -> Contenders:
    """One evaluation of the logistic loss, with the Hessian or without."""
    model, x = hessopt.objectives.Logistic(X, y, fit_intercept=False), np.zeros(X.shape[1])
    what = "value, gradient, Hessian" if hessian else "value and gradient"
    found: Contenders = {f"hessopt {what}": lambda: model.evaluate(x, hessian=hessian)}
    if sklearn is not None:
        from sklearn._loss import HalfBinomialLoss
        from sklearn.linear_model._linear_loss import LinearModelLoss

        loss = LinearModelLoss(HalfBinomialLoss(), fit_intercept=False)
        threads = hessopt.show_config("dicts")["threads"]
        of = (x.astype(X.dtype), X, y.astype(X.dtype), None, 0.0, threads)  # l2 = 0
        found[f"scikit-learn {what}"] = (
            (lambda: (loss.loss(*of), loss.gradient_hessian(*of)))
            if hessian
            else (lambda: loss.loss_gradient(*of))
        )
    return found


def measure(threads: int, dtype: type, read: float, smoke: bool) -> Panel:
    """All kernels; the flops are the useful ones, n p² for the symmetric half of a product."""
    peak = harness.peak(dtype, smoke)
    panel = Panel(f"{np.dtype(dtype).name}, {threads} thread{'s'[: threads > 1]}", read, peak, [])
    print(f"\n{panel.title}: {read:.1f} GB/s reading (dot), {peak:.0f} GFLOP/s (GEMM of NumPy)")
    print(f"{'':<40}{'p':>5}{'flops/byte':>12}{'GFLOP/s':>10}{'of roofline':>13}")
    rng = np.random.default_rng(0)
    for p in (5, 10) if smoke else (50, 100, 300, 1000):
        n = (10**4 if smoke else 2 * 10**7) // p  # 160 MB in float64
        X, w = rng.random((n, p), dtype), rng.random(n, dtype)
        runs = [(gram(X, w), float(p))]  # and flops per number of X
        if p in (5, 50, 300):
            y = rng.integers(0, 2, n).astype(np.float64)
            runs += [(evaluation(X, y, False), 4.0), (evaluation(X, y, True), p + 4.0)]
        for contenders, flops in runs:
            intensity = flops / X.itemsize
            roof = min(peak, intensity * read)
            for name, t in harness.seconds(contenders, 1 if smoke else 3).items():
                rate = 1e-9 * flops * X.size / t
                panel.points.append((name, intensity, rate))
                print(f"{name:<40}{p:>5}{intensity:>12.1f}{rate:>10.1f}{rate / roof:>13.0%}")
    return panel


def draw(panels: list[Panel], path: str) -> None:
    """A panel for every type and number of threads."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    rows = len(panels) // 2
    size = {"figsize": (10, 1 + 3.3 * rows), "layout": "constrained"}
    figure, axes = plt.subplots(rows, 2, sharex=True, sharey=True, squeeze=False, **size)
    for ax, panel in zip(axes.flat, panels, strict=True):
        x = np.geomspace(0.3, 400, 200)
        ax.plot(x, np.minimum(panel.peak, x * panel.read), color="0.45", lw=1.5)
        ax.text(380, panel.peak * 1.12, f"{panel.peak:.0f} GFLOP/s", color="0.35", ha="right")
        ax.text(0.9, panel.read * 1.25, f"{panel.read:.0f} GB/s", color="0.35", ha="right")
        for name, (colour, marker) in KINDS.items():
            at = [(i, rate) for kind, i, rate in panel.points if kind == name]
            fill = colour if name.startswith("hessopt") else "none"
            style = {"color": colour, "marker": marker, "mfc": fill, "ms": 7.5, "mew": 1.5}
            ax.plot(*zip(*at, strict=True), label=name, ls="", **style) if at else None
        ax.set(xscale="log", yscale="log", title=panel.title)
        ax.grid(alpha=0.3)
    axes[0, 0].set_ylim(top=1.8 * max(panel.peak for panel in panels))
    for ax in axes[-1]:
        ax.set_xlabel("flops per byte of X")
    for ax in axes[:, 0]:
        ax.set_ylabel("GFLOP/s")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=110)
    print(f"wrote {path}")


def main() -> None:
    """All panels, as a table and a picture."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--save", metavar="FILE", help="draw the rooflines")
    options = parser.parse_args()
    harness.header(blas and importlib.import_module("scipy"), sklearn, tabmat)
    panels = []
    for dtype in (np.float64, np.float32):
        for threads in options.threads:
            with harness.team(threads):
                read = harness.bandwidth(options.smoke)
                panels.append(measure(threads, dtype, read, options.smoke))
    if options.save:
        draw(panels, options.save)


if __name__ == "__main__":
    main()
