"""Networks as estimators beside scikit-learn's: time of `fit` down to one value of the objective.

Run: python bench/python/bench_mlp.py [--smoke] [--threads 1 2]

The value is the larger of those that both come to in so many iterations of L-BFGS, and each is
given as many iterations as it takes to get there; both are in brackets. Adam has the same epochs
on both sides, with the objective that it ends at.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import harness

ITERATIONS, EPOCHS = 100, 20


def data() -> dict[str, tuple[Any, Any, dict[str, Any]]]:
    """Rows, targets and networks."""
    from sklearn import datasets

    X, y = datasets.load_digits(return_X_y=True)
    Z, classes = datasets.make_classification(
        4000, 20, n_informative=10, n_classes=3, random_state=0
    )
    F, numbers = datasets.make_friedman1(2000, noise=0.5, random_state=0)
    numbers = (numbers - numbers.mean()) / numbers.std()
    wide, narrow = {"hidden_layer_sizes": (100,)}, {"hidden_layer_sizes": (20,)}
    return {
        "digits, 64-100-10": (X / 16, y, wide),
        "digits in float32, 64-100-10": ((X / 16).astype(np.float32), y, wide),
        "4000 x 20 of three classes, 20-100-3": (Z, classes, wide),
        "Friedman's function, 2000 x 10, 10-20-1, tanh": (
            F,
            numbers,
            {**narrow, "activation": "tanh"},
        ),
    }


def iterations(make: Callable[[int], Any], X: Any, y: Any, value: float) -> int:
    """The least that come to a value, of those that do."""
    last = make(ITERATIONS).fit(X, y)
    if hasattr(last, "loss_curve_"):
        return 1 + int(np.argmax(np.array(last.loss_curve_) <= value))
    low, high = 0, ITERATIONS
    while high - low > 1:
        middle = (low + high) // 2
        if make(middle).fit(X, y).loss_ <= value:
            high = middle
        else:
            low = middle
    return high


def main() -> None:
    """A table for each case and number of threads."""
    options = harness.options()
    theirs = harness.peer("sklearn.neural_network")
    if theirs is None:
        return
    import hessopt.sklearn as ours

    harness.header(harness.peer("sklearn"))
    warnings.simplefilter("ignore")
    cases = list(data().items())
    for name, (X, y, network) in cases[-1:] if options.smoke else cases:
        kind = "MLPRegressor" if y.dtype == float else "MLPClassifier"
        named = {**network, "alpha": 1e-2, "random_state": 0, "tol": 0.0}

        def made(where: Any, solver: str, most: int, **others: Any) -> Any:
            given = {**named, "solver": solver, "max_iter": most, **others}  # noqa: B023
            return getattr(where, kind)(**given)  # noqa: B023

        makers = {
            "hessopt": partial(made, ours, "lbfgs"),
            "scikit-learn": partial(made, theirs, "lbfgs"),
        }
        if kind == "MLPRegressor":
            makers["hessopt, trust_region"] = partial(made, ours, "trust_region")
        most = 5 if options.smoke else ITERATIONS
        value = max(make(most).fit(X, y).loss_ for make in makers.values())
        needed = {k: iterations(make, X, y, value) for k, make in makers.items()}
        fits = {k: make(needed[k]) for k, make in makers.items()}
        notes = {k: f"[{needed[k]} iterations, {value:.3g}]" for k in makers}
        patient = {"tol": 1e-4, "n_iter_no_change": EPOCHS}
        epochs = {
            "hessopt": made(ours, "adam", EPOCHS),
            "scikit-learn": made(theirs, "adam", EPOCHS, batch_size=128, **patient),
        }
        losses = {k: f"[{e.fit(X, y).loss_:.3g}]" for k, e in epochs.items()}
        for threads in options.threads:
            with harness.team(threads):
                for title, told, said in (
                    ("L-BFGS to one value", fits, notes),
                    (f"{EPOCHS} epochs of Adam", epochs, losses),
                ):
                    harness.contest(
                        f"{name}: {title}, {threads} threads",
                        {k: partial(e.fit, X, y) for k, e in told.items()},
                        smoke=options.smoke,
                        notes=said,
                    )


if __name__ == "__main__":
    main()
