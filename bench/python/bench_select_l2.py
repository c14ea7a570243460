"""The choice of a penalty from 100 values beside one fit of scikit-learn's, and its folds.

Run: python bench/python/bench_select_l2.py [--smoke] [--threads 1 2] [--folds]

`--folds` times LogisticRegressionCV over the same 100 values, which takes minutes.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any

import numpy as np

import harness
import hessopt

linear_model = harness.peer("sklearn.linear_model")


def data(n: int, p: int) -> tuple[Any, Any]:
    """Correlated columns, of which some tell the classes apart a little."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p)) + 0.5 * rng.normal(size=(n, 1))
    eta = X @ (rng.normal(size=p) * np.linspace(1, 0, p) ** 2 * 0.2)
    return X, rng.random(n) < 1 / (1 + np.exp(-eta))


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--folds", action="store_true", help="scikit-learn's 5 folds as well")
    options = parser.parse_args()
    sizes = [(500, 5)] if options.smoke else [(10_000, 20), (100_000, 100)]
    for threads in options.threads:
        for n, p in sizes:
            with harness.team(threads):
                contest(n, p, threads, options)


def contest(n: int, p: int, threads: int, options: argparse.Namespace) -> None:
    """One size; scikit-learn's C is 1 / (n l2)."""
    X, y = data(n, p)
    strengths = np.logspace(-4, 4, 100)
    grid = np.sort(1 / (n * strengths))
    found: dict[str, Any] = {}

    def choose() -> None:
        found["hessopt"] = hessopt.select_l2(hessopt.objectives.Logistic(X, y), grid)

    def one() -> None:
        model = hessopt.objectives.Logistic(X, y, l2=1 / n)
        at = hessopt.minimize(model, np.zeros(p + 1)).x
        found["one"] = hessopt.leave_one_out(model, at)

    contenders = {"100 penalties, leave-one-out": choose, "one fit and leave-one-out": one}
    if linear_model is not None:
        contenders["scikit-learn, one plain fit"] = lambda: linear_model.LogisticRegression().fit(
            X, y
        )
    harness.contest(f"{n} x {p}, {threads} thread(s)", contenders, smoke=options.smoke)
    path = found["hessopt"]
    slope = abs(path.model.value_and_gradient(path.fit.x)[1]).max()
    print(
        f"  C = {1 / (n * path.l2[path.best]):.3g} of 100 values, {path.evaluated.sum()} fitted, "
        f"score {path.score[path.best]:.6f} ± {path.standard_error[path.best]:.1g}, "
        f"gradient there {slope:.0e}"
    )
    if linear_model is not None and (options.folds or options.smoke):
        few = np.geomspace(1e-4, 1e4, 5 if options.smoke else 100)
        folds = linear_model.LogisticRegressionCV(
            cv=5, Cs=few, scoring="neg_log_loss", l1_ratios=(0,), use_legacy_attributes=False
        )
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            folds.fit(X, y)
        print(
            f"  LogisticRegressionCV, 5 folds: {time.perf_counter() - begin:.1f} s, C = {folds.C_}"
        )


if __name__ == "__main__":
    main()
