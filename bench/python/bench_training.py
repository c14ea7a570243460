"""Training on the digits: an epoch beside torch and scikit-learn; Adam against Adam, then L-BFGS.

Run: OMP_NUM_THREADS=1 python bench/python/bench_training.py [--smoke]
         [--seeds 0 1 ... --found FILE] [--save docs/training.png]

With `--seeds` both recipes are trained for the same CPU time from every seed, which is what is
added to FILE, a line a run; `--save` makes the picture of it.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import harness
import hessopt
from hessopt.networks import BatchAdam, Dense, Dropout, Network

torch = harness.peer("torch")
datasets = harness.peer("sklearn.datasets")
neural = harness.peer("sklearn.neural_network")

LAYERS: list[Dense | Dropout] = [Dense(100, "relu"), Dropout(0.5), Dense(10)]
BUDGETS = (0.1, 0.3, 1.0, 2.0)  # seconds of CPU
FRESH = {"seed": 999, "n_samples": 60}


def digits() -> tuple[Any, Any]:
    """Pixels in [0, 1], and what is to be seen."""
    X, y = datasets.load_digits(return_X_y=True)  # type: ignore[union-attr]
    return (X / 16).astype(np.float32), y


def epoch_of_torch(X: Any, y: Any) -> Callable[[], Any]:
    """Adam on mini-batches in eager mode."""
    assert torch is not None
    layers = torch.nn
    model = layers.Sequential(
        layers.Linear(64, 100), layers.ReLU(), layers.Dropout(0.5), layers.Linear(100, 10)
    )
    adam = torch.optim.Adam(model.parameters(), lr=3e-3)
    rows, labels, loss = torch.from_numpy(X), torch.from_numpy(y), layers.CrossEntropyLoss()

    def epoch() -> None:
        for part in torch.randperm(len(rows)).split(128):
            adam.zero_grad()
            loss(model(rows[part]), labels[part]).backward()
            adam.step()

    return epoch


def epoch_of_sklearn(X: Any, y: Any) -> Callable[[], Any]:
    """Of a fit that goes on; it has no dropout."""
    model = neural.MLPClassifier(  # type: ignore[union-attr]
        (100,), batch_size=128, learning_rate_init=3e-3, max_iter=1, warm_start=True, tol=0
    )
    return lambda: model.fit(X, y)


def epochs(smoke: bool) -> None:
    """An epoch of everybody."""
    X, y = digits()
    harness.header(torch, neural and __import__("sklearn"))
    f = Network(X, y, LAYERS, l2=1e-4)
    plain = Network(X, y, [Dense(100, "relu"), Dense(10)], l2=1e-4)
    training = BatchAdam(f, f.initial(0), epochs=10**6)
    without = BatchAdam(plain, f.initial(0), epochs=10**6)
    contenders: dict[str, Callable[[], Any]] = {"hessopt": lambda: training.run_epoch(f)}
    if torch is not None:
        contenders["torch, eager"] = epoch_of_torch(X, y)
    contenders["hessopt without dropout"] = lambda: without.run_epoch(plain)
    if neural is not None:
        contenders["scikit-learn, which has no dropout"] = epoch_of_sklearn(X, y)
    with harness.team(1):
        harness.contest(
            "epoch of Adam, 64-100-10 on 1797 digits, batches of 128, dropout .5, float32",
            contenders,
            smoke=smoke,
        )


class Split:
    """Digits to train and to test on, and what parameters come to."""

    def __init__(self, seed: int) -> None:
        X, y = digits()
        order = np.random.default_rng(seed).permutation(len(X))
        here, there = order[:1297], order[1297:]
        self.f = Network(X[here], y[here], LAYERS, l2=1e-4, seed=seed)
        self._X, self._y = X[there], y[there]

    def look(self, x: Any) -> dict[str, float]:
        """The objective under fresh masks; error and mean negative log-likelihood of the test."""
        logits = self.f.predict(x, self._X)
        top = logits.max(axis=1, keepdims=True)
        surprise = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
        return {
            "fresh": self.f.with_masks(**FRESH).value(x),
            "accuracy": float((logits.argmax(axis=1) == self._y).mean()),
            "nll": float((surprise - logits[np.arange(len(logits)), self._y]).mean()),
        }


def adam(f: Network, x0: Any, seed: int, budget: float) -> Any:
    """As many epochs as there is time for, by how long one takes; the rate falls to 0 over them."""
    trial = BatchAdam(f, x0, epochs=10)
    begin = time.process_time()
    for _ in range(10):
        trial.run_epoch(f)
    count = max(1, int(10 * budget / (time.process_time() - begin)))
    training = BatchAdam(f, x0, epochs=count, seed=seed)
    for _ in range(count):
        training.run_epoch(f)
    return training.x.astype(float)


def adam_then_lbfgs(f: Network, x0: Any, seed: int, budget: float) -> Any:
    """Adam for half of the time, L-BFGS on 16 masks for the rest."""
    x = adam(f, x0, seed, budget / 2)
    end = time.process_time() + budget / 2
    fixed = f.with_masks(seed=seed, n_samples=16)
    result = hessopt.minimize(
        fixed, x, method="lbfgs", callback=lambda _: time.process_time() > end, tol=0
    )
    return result.x


RECIPES = {"Adam": adam, "Adam, then L-BFGS": adam_then_lbfgs}


def compete(seed: int, found: Path, budgets: tuple[float, ...]) -> None:
    """Both recipes at every budget."""
    split = Split(seed)
    x0 = split.f.initial(seed)
    for budget in budgets:
        for name, recipe in RECIPES.items():
            begin = time.process_time()
            x = recipe(split.f, x0, seed, budget)
            spent = time.process_time() - begin
            run = {"seed": seed, "budget": budget, "recipe": name, "cpu": spent, **split.look(x)}
            with found.open("a", encoding="utf-8") as file:
                print(json.dumps(run), file=file)


def table(found: Path) -> dict[tuple[str, float], dict[str, Any]]:
    """Arrays over the seeds, printed as mean and standard deviation."""
    runs = [json.loads(line) for line in found.read_text(encoding="utf-8").splitlines()]
    out: dict[tuple[str, float], dict[str, Any]] = {}
    for name in RECIPES:
        for budget in sorted({run["budget"] for run in runs}):
            own = [r for r in runs if (r["recipe"], r["budget"]) == (name, budget)]
            own.sort(key=lambda run: run["seed"])
            columns = {k: np.array([r[k] for r in own]) for k in ("fresh", "nll", "accuracy")}
            out[name, budget] = columns
            text = ", ".join(f"{k} {v.mean():.4f} +- {v.std():.4f}" for k, v in columns.items())
            print(f"{budget:>4} s  {name:<18} {len(own)} seeds  {text}")
    for budget in sorted({budget for _, budget in out}):
        first, second = (out[name, budget]["fresh"] for name in RECIPES)
        print(f"{budget:>4} s  L-BFGS at the end is lower in {(second < first).sum()}")
    return out


def picture(out: dict[tuple[str, float], dict[str, Any]], path: str) -> None:
    """Each quantity over CPU time, with the spread over the seeds."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    titles = {
        "fresh": "objective under fresh masks",
        "nll": "test: negative log-likelihood",
        "accuracy": "test: accuracy",
    }
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    for axis, (quantity, title) in zip(axes, titles.items(), strict=True):
        for k, name in enumerate(RECIPES):
            budgets = sorted({budget for recipe, budget in out if recipe == name})
            values = [out[name, budget][quantity] for budget in budgets]
            axis.errorbar(
                [b * (1 + 0.03 * k) for b in budgets],
                [v.mean() for v in values],
                [v.std() for v in values],
                marker="o",
                capsize=3,
                label=name,
            )
        axis.set(title=title, xlabel="seconds of CPU", xscale="log")
        axis.set_xticks(budgets, [f"{b:g}" for b in budgets], minor=False)
        axis.minorticks_off()
    axes[0].set_yscale("log")
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--found", type=Path, default=Path("training.jsonl"))
    parser.add_argument("--save")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if datasets is None:
        raise SystemExit(0)
    if given.seeds is None and given.save is None:
        epochs(given.smoke)
    for seed in given.seeds or []:
        compete(seed, given.found, (0.02,) if given.smoke else BUDGETS)
    if given.seeds or given.save:
        told = table(given.found)
        if given.save:
            picture(told, given.save)
