"""Sparse and categorical X beside SciPy, tabmat, scikit-learn and glum.

Run: python bench/python/bench_sparse.py [--smoke] [--threads 1 2]

A Gram matrix is the Hessian of a `Squared` objective, whose weights are those of its rows.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
import hessopt

# Idle workers of one library spin in the way of the others.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

sparse = harness.peer("scipy.sparse")
tabmat = harness.peer("tabmat")
linear_model = harness.peer("sklearn.linear_model")
glum = harness.peer("glum")

LEVELS = (10, 20, 50, 100, 100, 200, 500, 1000)


def uniform(n: int, p: int, density: float) -> Any:
    """CSR rows with as many numbers, anywhere."""
    rng, per = np.random.default_rng(0), max(1, round(p * density))
    columns = rng.integers(0, p, (n, per))
    X = sparse.csr_array(
        (rng.normal(size=n * per), columns.ravel(), np.arange(0, n * per + 1, per))
    )
    X.resize((n, p))
    X.sum_duplicates()
    return X


def text(n: int, p: int, words: int) -> tuple[Any, Any]:
    """Rows of words by Zipf's law in units of their length, and labels that some words tell."""
    rng = np.random.default_rng(0)
    share = np.cumsum(1 / np.arange(2, p + 2))
    size = rng.poisson(words, n).clip(1)
    column = np.searchsorted(share / share[-1], rng.random(size.sum())).clip(max=p - 1)
    X = sparse.csr_matrix((np.ones(size.sum()), (np.repeat(np.arange(n), size), column)), (n, p))
    X.data *= np.log((1 + n) / (1 + np.bincount(X.indices, minlength=p)))[X.indices] + 1
    X.data /= np.repeat(np.sqrt(np.add.reduceat(X.data**2, X.indptr[:-1])), np.diff(X.indptr))
    eta = X @ np.where(rng.random(p) < 0.05, rng.normal(size=p) * 12, 0)
    return X, (rng.random(n) < 1 / (1 + np.exp(np.median(eta) - eta))).astype(float)


def claims(n: int) -> tuple[Any, list[Any], Any, Any]:
    """Five numbers, eight variables of 10 to 1000 levels, rates of claims, exposures."""
    rng = np.random.default_rng(0)
    numbers, codes = rng.normal(size=(n, 5)), []
    eta = numbers @ (rng.normal(size=5) * 0.15) - 2.2
    for levels in LEVELS:
        share = 1 / np.arange(1, levels + 1) ** 0.7
        codes.append(rng.permutation(levels)[rng.choice(levels, n, p=share / share.sum())])
        eta += (rng.normal(size=levels) * 0.25)[codes[-1]]
    exposure = rng.uniform(0.05, 1, n)
    return numbers, codes, rng.poisson(np.exp(eta) * exposure) / exposure, exposure


def products(title: str, X: Any, ours: Any, theirs: Any, others: Any, smoke: bool) -> None:
    """Gram matrix and product with it, of rows that weigh differently; `others`: of SciPy."""
    n, p = X.shape
    rng = np.random.default_rng(1)
    w, v = rng.random(n), rng.normal(size=p)
    h = w / w.sum()
    f = hessopt.objectives.Squared(ours, w, sample_weight=w, fit_intercept=False)
    H = f.hessian(v)
    gram: dict[str, Callable[[], Any]] = {"hessopt": lambda: f.hessian(v)}
    product: dict[str, Callable[[], Any]] = {"hessopt": lambda: f.hessp(v, v)}
    if theirs is not None:
        assert np.allclose(theirs.sandwich(h), H, atol=1e-12)
        gram["tabmat"] = lambda: theirs.sandwich(h)
        product["tabmat"] = lambda: theirs.transpose_matvec(h * theirs.matvec(v))
    transposed = others.T.tocsr()
    gram["SciPy"] = lambda: (transposed @ others.multiply(h[:, None]).tocsr()).toarray()
    product["SciPy"] = lambda: transposed @ (h * (others @ v))
    harness.contest(f"X'WX, {title}", gram, smoke=smoke)
    harness.contest(f"X'(w o Xv), {title}", product, smoke=smoke)


def of_sparse(n: int, p: int, density: float, smoke: bool) -> None:
    """CSR."""
    X = uniform(n, p, density)
    theirs = None if tabmat is None else tabmat.SparseMatrix(sparse.csc_matrix(X))
    products(f"CSR {n} x {p}, {density:.1%}", X, X, theirs, X, smoke)


def of_claims(n: int, smoke: bool) -> None:
    """Dense and categorical columns."""
    numbers, codes, _, _ = claims(n)
    ours = hessopt.Columns([numbers, *map(hessopt.Categorical, codes, LEVELS)])
    one_hot = [
        sparse.csr_array((np.ones(n), c, np.arange(n + 1)), (n, k))
        for c, k in zip(codes, LEVELS, strict=True)
    ]
    others = sparse.hstack([sparse.csr_array(numbers), *one_hot]).tocsr()
    theirs = None
    if tabmat is not None:
        parts = [tabmat.DenseMatrix(np.asfortranarray(numbers))]
        for c, k in zip(codes, LEVELS, strict=True):
            parts.append(tabmat.CategoricalMatrix(c.astype(np.int32), categories=np.arange(k)))
        theirs = tabmat.SplitMatrix(parts)
    products(f"5 dense and 8 categorical columns, {n} rows", ours, ours, theirs, others, smoke)


def fits(title: str, runs: dict[str, Callable[[], Any]], gradient: Callable[[Any], Any]) -> None:
    """Time of a fit, and the gradient that it ends at beside that of zero."""
    print(f"\n{title}")
    first = None
    for name, run in runs.items():
        begin = time.perf_counter()
        x = run()
        taken = time.perf_counter() - begin
        first = first or taken
        size = np.abs(gradient(x)).max() / np.abs(gradient(0 * x)).max()
        print(f"  {name:<34} {taken:>9.2f} s  {taken / first:>7.2f}x  gradient {size:.1e}")


def fit_text(n: int, p: int, words: int, C: float) -> None:
    """Logistic regression."""
    X, y = text(n, p, words)
    f = hessopt.objectives.Logistic(X, y, l2=1 / (C * n))
    runs: dict[str, Callable[[], Any]] = {}

    def ours(options: Any = None) -> Any:
        model = hessopt.objectives.Logistic(X, y, l2=1 / (C * n))
        return hessopt.minimize(model, np.zeros(p + 1), options=options).x

    runs["hessopt, gtol_rel=1e-8"] = lambda: ours({"gtol_rel": 1e-8})
    runs["hessopt"] = ours
    if linear_model is not None:
        for solver, tol in (("lbfgs", 1e-8), ("newton-cg", 1e-8), ("newton-cg", 1e-10)):

            def theirs(solver: str = solver, tol: float = tol) -> Any:
                model = linear_model.LogisticRegression(C=C, solver=solver, tol=tol, max_iter=5000)
                model.fit(X, y)
                return np.r_[model.coef_[0], model.intercept_]

            runs[f"scikit-learn, {solver}, tol={tol:g}"] = theirs
    gradient = lambda x: f.value_and_gradient(x)[1]  # noqa: E731
    fits(f"logistic, text {n} x {p}, {words} words a row, C = {C:g}", runs, gradient)


def fit_rare(n: int, p: int) -> None:
    """Binary features that are 1 in one row of a thousand, and no intercept but a constant one."""
    rng = np.random.default_rng(5)
    table = rng.random((n, p)) < 1e-3
    table[:, 0] = True
    w = 2 * rng.normal(size=p)
    w[0] = -2
    y = (rng.random(n) < 1 / (1 + np.exp(-(table @ w)))).astype(int)
    X, l2 = sparse.csr_matrix(table.astype(float)), 1 / n
    f = hessopt.objectives.Logistic(X, y, l2=l2, fit_intercept=False)

    def ours() -> Any:
        model = hessopt.objectives.Logistic(X, y, l2=l2, fit_intercept=False)
        return hessopt.minimize(model, np.zeros(p)).x

    runs: dict[str, Callable[[], Any]] = {"hessopt": ours}
    if linear_model is not None:
        for solver, tol in (("liblinear", 1e-4), ("liblinear", 1e-8), ("newton-cg", 1e-8)):

            def theirs(solver: str = solver, tol: float = tol) -> Any:
                model = linear_model.LogisticRegression(
                    solver=solver, tol=tol, fit_intercept=False, max_iter=5000
                )
                return model.fit(X, y).coef_[0]

            runs[f"scikit-learn, {solver}, tol={tol:g}"] = theirs
    gradient = lambda x: f.value_and_gradient(x)[1]  # noqa: E731
    fits(f"logistic, {n} x {p} rare binary features", runs, gradient)


def fit_claims(n: int) -> None:
    """Poisson regression of rates with exposures."""
    numbers, codes, y, exposure = claims(n)
    blocks = [numbers, *map(hessopt.Categorical, codes, LEVELS)]
    p, l2 = 5 + sum(LEVELS), 1e-6
    f = hessopt.objectives.Poisson(hessopt.Columns(blocks), y, sample_weight=exposure, l2=l2)

    def ours() -> Any:
        X = hessopt.Columns(blocks)
        model = hessopt.objectives.Poisson(X, y, sample_weight=exposure, l2=l2)
        return hessopt.minimize(model, np.zeros(p + 1)).x

    runs: dict[str, Callable[[], Any]] = {"hessopt": ours}
    if glum is not None and tabmat is not None:

        def theirs() -> Any:
            parts = [tabmat.DenseMatrix(np.asfortranarray(numbers))]
            for c, k in zip(codes, LEVELS, strict=True):
                parts.append(tabmat.CategoricalMatrix(c.astype(np.int32), categories=np.arange(k)))
            model = glum.GeneralizedLinearRegressor(
                family="poisson", alpha=l2, l1_ratio=0, gradient_tol=1e-9, solver="irls-ls"
            )
            model.fit(tabmat.SplitMatrix(parts), y, sample_weight=exposure)
            return np.r_[model.coef_, model.intercept_]

        runs["glum, irls-ls"] = theirs
    gradient = lambda x: f.value_and_gradient(x)[1]  # noqa: E731
    fits(f"Poisson, 5 dense and 8 categorical columns, {n} rows", runs, gradient)


def fit_levels(n: int, levels: tuple[int, ...]) -> None:
    """Logistic regression on variables of very many levels; memory beyond X and y."""
    rng, l2 = np.random.default_rng(0), 1e-6
    numbers = rng.normal(size=(n, 4))
    codes = [rng.integers(0, k, n).astype(np.uint16) for k in levels]
    eta = numbers @ (rng.normal(size=4) * 0.3)
    for c, k in zip(codes, levels, strict=True):
        eta += (rng.normal(size=k) * 0.3)[c]
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    X = hessopt.Columns([numbers, *map(hessopt.Categorical, codes, levels)])
    p = X.shape[1]
    f = hessopt.objectives.Logistic(X, y, l2=l2)
    ours = lambda: hessopt.minimize(f, np.zeros(p + 1)).x  # noqa: E731
    before = peak_memory()
    ours()
    given = numbers.nbytes + sum(c.nbytes for c in codes) + y.nbytes
    print(f"\nX and y {given / 1e6:.0f} MB, a fit {peak_memory() - before:.0f} MB more")
    runs: dict[str, Callable[[], Any]] = {"hessopt": ours}
    if linear_model is not None:
        one_hot = [
            sparse.csr_array((np.ones(n), c, np.arange(n + 1)), (n, k))
            for c, k in zip(codes, levels, strict=True)
        ]
        wide = sparse.hstack([sparse.csr_array(numbers), *one_hot]).tocsr()

        def theirs() -> Any:
            model = linear_model.LogisticRegression(C=1 / (l2 * n), tol=1e-7, max_iter=3000)
            model.fit(wide, y)
            return np.r_[model.coef_[0], model.intercept_]

        runs["scikit-learn, lbfgs"] = theirs
    gradient = lambda x: f.value_and_gradient(x)[1]  # noqa: E731
    fits(f"logistic, 4 dense columns and {levels} levels, {n} rows", runs, gradient)


def peak_memory() -> float:
    """Megabytes of the process at their most."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(sparse and importlib.import_module("scipy"), tabmat)
    if sparse is None:
        return
    shapes = [(100_000, 1000, 0.01), (500_000, 100, 0.01), (50_000, 3000, 0.003)]
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            for shape in [(2000, 50, 0.05)] if smoke else shapes:
                of_sparse(*shape, smoke)
            of_claims(2000 if smoke else 500_000, smoke)
            for C in (1.0, 100.0):
                fit_text(*((300, 500, 20) if smoke else (30_000, 50_000, 100)), C)
            fit_rare(*((2000, 20) if smoke else (200_000, 200)))
            for n in (3000,) if smoke else (200_000, 300_000, 1_000_000):
                fit_claims(n)
            fit_levels(*((2000, (300, 90, 12)) if smoke else (200_000, (60_000, 30_000, 12))))


if __name__ == "__main__":
    main()
