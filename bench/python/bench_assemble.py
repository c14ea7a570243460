"""Gram matrices and one evaluation of a fused objective against the usual peers.

Run: python bench/python/bench_assemble.py [--smoke] [--threads 1 2]

A rate counts n p² flops, the symmetric half of the product, whatever a peer computes in fact.
"""

from __future__ import annotations

import importlib

import numpy as np

import harness
import hessopt

blas = harness.peer("scipy.linalg.blas")
sklearn = harness.peer("sklearn")
tabmat = harness.peer("tabmat")


def gram(n: int, p: int, dtype: type, peak: float, smoke: bool) -> None:
    """XᵀWX, in every layout of X; the peers get the one that suits them best."""
    rng = np.random.default_rng(0)
    tall, wide = rng.random((2 * n, p), dtype), rng.random((n, p + 8), dtype)
    X, w = np.ascontiguousarray(tall[::2]), rng.random(n, dtype)
    F, rows, columns = np.asfortranarray(X), tall[::2], wide[:, 4:-4]
    contenders = {
        "hessopt.weighted_gram": lambda: hessopt.weighted_gram(X, w),
        "  X in Fortran order": lambda: hessopt.weighted_gram(F, w),
        "  every second row": lambda: hessopt.weighted_gram(rows, w),
        "  columns of a wider array": lambda: hessopt.weighted_gram(columns, w),
        "NumPy (X.T * w) @ X": lambda: (X.T * w) @ X,
    }
    if tabmat is not None:
        dense = tabmat.DenseMatrix(F)
        contenders["tabmat sandwich, Fortran order"] = lambda: dense.sandwich(w)
    if blas is not None:
        name = "dsyrk" if dtype is np.float64 else "ssyrk"
        syrk = getattr(blas, name)
        contenders[f"BLAS {name}, no weights"] = lambda: syrk(1.0, X.T)
    title = f"Gram {n} x {p} {np.dtype(dtype).name}"
    work = 1e-9 * n * p * p
    harness.contest(title, contenders, work=work, unit="GFLOP/s", limit=peak, smoke=smoke)


def objective(n: int, p: int, read: float, smoke: bool) -> None:
    """One evaluation of the logistic loss, without and with its Hessian.

    A rate counts one read of X, and the limit is the bandwidth.
    """
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(n, p)), rng.integers(0, 2, n).astype(np.float64)
    x = rng.normal(size=p + 1) * 0.1
    model = hessopt.objectives.Logistic(X, y, l2=1e-4)
    value = {"hessopt value_and_gradient": lambda: model.value_and_gradient(x)}
    both = {"hessopt evaluate, one pass": lambda: model.evaluate(x, hessian=True)}
    if sklearn is not None:
        from sklearn._loss import HalfBinomialLoss
        from sklearn.linear_model._linear_loss import LinearModelLoss

        loss = LinearModelLoss(HalfBinomialLoss(), fit_intercept=True)
        shared = {"l2_reg_strength": 1e-4, "n_threads": hessopt.show_config("dicts")["threads"]}
        value["scikit-learn LinearModelLoss"] = lambda: loss.loss_gradient(x, X, y, **shared)
        both["scikit-learn LinearModelLoss"] = lambda: (
            loss.loss(x, X, y, **shared),
            loss.gradient_hessian(x, X, y, **shared),
        )
    for what, contenders in (("value and gradient", value), ("and Hessian", both)):
        title = f"logistic {n} x {p}: {what}"
        work = 8e-9 * n * p
        harness.contest(title, contenders, work=work, unit="GB/s", limit=read, smoke=smoke)


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(blas and importlib.import_module("scipy"), sklearn, tabmat)
    shapes = [(1_000_000, 50), (200_000, 100), (200_000, 300), (20_000, 1000), (1020, 1000)]
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            read, double = harness.limits(smoke)
            peaks = {np.float64: double, np.float32: harness.peak(np.float32, smoke)}
            for n, p in [(2000, 20)] if smoke else shapes:
                for dtype, peak in peaks.items():
                    gram(n, p, dtype, peak, smoke)
            objective(*((2000, 20) if smoke else (1_000_000, 50)), read, smoke)


if __name__ == "__main__":
    main()
