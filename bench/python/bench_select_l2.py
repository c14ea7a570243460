"""The choice of a penalty from 100 values beside one fit of scikit-learn's, and its folds.

Run: python bench/python/bench_select_l2.py [--smoke] [--threads 1 2] [--folds]

`--folds` times LogisticRegressionCV over the same 100 values as well: ours by leave-one-out and by
five folds, theirs by those at several tolerances, of which 1e-4 is its default. Beside each stands
the index of its choice, and how far its scores about the choice are from theirs at the tightest.
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
        by_folds(X, y, 5 if options.smoke else 100)


def by_folds(X: Any, y: Any, m: int) -> None:
    """Ours by leave-one-out and by folds, theirs by folds."""
    from hessopt.sklearn import LogisticRegressionCV

    Cs = np.geomspace(1e-4, 1e4, m)
    named = {
        "hessopt, leave-one-out": LogisticRegressionCV(Cs=Cs),
        "hessopt, 5 folds": LogisticRegressionCV(Cs=Cs, cv=5),
    } | {
        f"scikit-learn, 5 folds, tol={tol:.0e}": linear_model.LogisticRegressionCV(
            cv=5,
            Cs=Cs,
            tol=tol,
            max_iter=10_000,
            scoring="neg_log_loss",
            l1_ratios=(0,),
            use_legacy_attributes=False,
        )
        for tol in (1e-4, 1e-6, 1e-8)
    }
    scores: dict[str, Any] = {}
    took: dict[str, float] = {}
    for name, estimator in named.items():
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator.fit(X, y)
        took[name] = time.perf_counter() - begin
        found = estimator.scores_
        scores[name] = found if found.ndim == 1 else found.mean(axis=0)[0]
    one, five = list(took.values())[:2]
    exact = list(scores.values())[-1]
    near = np.abs(np.arange(m) - exact.argmax()) <= m // 10
    for name, t in took.items():
        off = np.abs(scores[name] - exact)[near].max()
        print(
            f"  {name:<36} {t:>8.2f} s {t / one:>7.1f}x {t / five:>7.1f}x, "
            f"number {scores[name].argmax()}, scores off {off:.0e}"
        )


if __name__ == "__main__":
    main()
