"""Gram matrices, fused objectives and whole fits against the usual peers.

Run: python bench/python/bench_assemble.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

import importlib
import time

import numpy as np

import harness
import hessopt

blas = harness.peer("scipy.linalg.blas")
sklearn = harness.peer("sklearn")


def gram(n: int, p: int, dtype: type, peak: float, smoke: bool) -> None:
    """XᵀWX; dsyrk has no weights, so it does less."""
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(n, p)).astype(dtype), rng.random(n).astype(dtype)
    contenders = {
        "hessopt.weighted_gram": lambda: hessopt.weighted_gram(X, w),
        "NumPy (X.T * w) @ X": lambda: (X.T * w) @ X,
    }
    if blas is not None:
        syrk = blas.dsyrk if dtype is np.float64 else blas.ssyrk
        contenders["BLAS syrk, no weights"] = lambda: syrk(1.0, X.T)
    title = f"Gram {n} x {p} {np.dtype(dtype).name}"
    limit = peak if dtype is np.float64 else 2 * peak
    harness.contest(
        title, contenders, work=1e-9 * n * p * p, unit="GFLOP/s", limit=limit, smoke=smoke
    )


def objective(n: int, p: int, read: float, smoke: bool) -> None:
    """One evaluation of the logistic loss, without and with its Hessian."""
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(n, p)), rng.integers(0, 2, n).astype(np.float64)
    x = rng.normal(size=p + 1) * 0.1
    model = hessopt.objectives.Logistic(X, y, l2=1e-4)
    value = {"hessopt": lambda: model.value_and_gradient(x)}
    both = {"hessopt": lambda: (model.value_and_gradient(x), model.hessian(x))}
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
    title = f"logistic {n} x {p}: value and gradient"
    harness.contest(title, value, work=8e-9 * n * p, unit="GB/s", limit=read, smoke=smoke)
    harness.contest(f"logistic {n} x {p}: with the Hessian", both, smoke=smoke)


def fit(n: int, p: int) -> None:
    """Whole logistic fits; the gradient reached stands beside the time."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n, p))
    y = (X @ rng.normal(size=p) / np.sqrt(p) + rng.logistic(size=n) > 0).astype(int)
    model = hessopt.objectives.Logistic(X, y, l2=1 / n)
    zero = np.zeros(p + 1)
    start = np.abs(model.value_and_gradient(zero)[1]).max()

    def newton() -> np.ndarray:
        return hessopt.minimize(model, zero, method="newton", tol=1e-8 * start).x

    def lbfgs() -> np.ndarray:
        return hessopt.minimize(model, zero, method="lbfgs", tol=1e-8 * start).x

    def peer(solver: str, tol: float) -> np.ndarray:
        from sklearn.linear_model import LogisticRegression

        found = LogisticRegression(C=1.0, solver=solver, tol=tol, max_iter=10_000).fit(X, y)
        return np.append(found.coef_[0], found.intercept_)

    contenders = {"hessopt newton": newton, "hessopt lbfgs": lbfgs}
    if sklearn is not None:
        contenders["scikit-learn newton-cholesky"] = lambda: peer("newton-cholesky", 1e-8)
        contenders["scikit-learn lbfgs"] = lambda: peer("lbfgs", 1e-8)
    print(f"\nlogistic fit {n} x {p}, one run each")
    ours = 0.0
    for name, call in contenders.items():
        begin = time.perf_counter()
        x = call()
        t = time.perf_counter() - begin
        ours = ours or t
        reached = np.abs(model.value_and_gradient(x)[1]).max() / start
        print(f"  {name:<34} {t:>9.3f} s  {t / ours:>7.2f}x  |g| / |g(0)| = {reached:.1e}")


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(blas and importlib.import_module("scipy"), sklearn)
    shapes = [(1_000_000, 50), (200_000, 100), (200_000, 300), (20_000, 1000)]
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            read, peak = harness.limits(smoke)
            for n, p in [(2000, 20)] if smoke else shapes:
                for dtype in (np.float64, np.float32):
                    gram(n, p, dtype, peak, smoke)
            objective(*((2000, 20) if smoke else (1_000_000, 50)), read, smoke)
            for n, p in [(2000, 20)] if smoke else [shapes[0], shapes[3]]:
                fit(n, p)


if __name__ == "__main__":
    main()
