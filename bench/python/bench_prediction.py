"""Predictive distributions: time, coverage of intervals, what antithetic pairs are worth.

Run: python bench/python/bench_prediction.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
from hessopt import Bernoulli, Dropout, expectation, predict_distribution

torch = harness.peer("torch")


def softmax(eta: Any) -> Any:
    e = np.exp(eta - eta.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def speed(rows: int, hidden: int, classes: int, n_samples: int, smoke: bool) -> None:
    """Monte Carlo dropout on the activations before a softmax head, with all its entropies."""
    rng = np.random.default_rng(0)
    H = np.maximum(rng.normal(size=(rows, hidden)), 0).astype(np.float32)
    W = (rng.normal(size=(hidden, classes)) / np.sqrt(hidden)).astype(np.float32)

    def by_hand() -> Any:
        p = np.array([softmax(H * (rng.random(H.shape) < 0.5) * 2 @ W) for _ in range(n_samples)])
        mean = p.mean(axis=0)
        inner = -(p * np.log(p)).sum(axis=2).mean(axis=0)
        return mean, p.var(axis=0, ddof=1), -(mean * np.log(mean)).sum(axis=1) - inner

    contenders: dict[str, Callable[[], Any]] = {
        "hessopt.predict_distribution": lambda: predict_distribution(
            lambda h: softmax(h @ W), H, Dropout(0.5), n_samples=n_samples
        ),
        "NumPy, all samples kept": by_hand,
    }
    if torch is not None:
        h, w = torch.from_numpy(H), torch.from_numpy(W)

        def with_torch() -> Any:
            drop = torch.nn.functional.dropout
            p = torch.stack([torch.softmax(drop(h, 0.5) @ w, 1) for _ in range(n_samples)])
            mean = p.mean(0)
            inner = -(p * p.log()).sum(2).mean(0)
            return mean, p.var(0), -(mean * mean.log()).sum(1) - inner

        contenders["torch, all samples kept"] = with_torch
    title = f"head {rows} x {hidden} -> {classes}, {n_samples} samples, rate .5"
    harness.contest(title, contenders, smoke=smoke)


def coverage(repeats: int) -> None:
    """Of the enumerated truth, by the 95 % intervals of a neuron of six units."""
    weights = np.random.default_rng(1).normal(size=6)

    def neuron(z: Any) -> Any:
        return np.tanh(z @ weights)

    truth = expectation(neuron, Bernoulli(0.7, 6)).value
    print(f"\ncoverage over {repeats} seeds, and evaluations")
    for method in ("sample", "antithetic"):
        for options in ({"n_samples": 200}, {"tol": 0.02}, {"tol": 0.01}):
            hits = evaluations = 0
            for seed in range(repeats):
                law = Bernoulli(0.7, 6, seed=seed)
                e = expectation(neuron, law, method=method, **options)
                hits += abs(e.value - truth) <= e.error
                evaluations += e.n_evaluations
            name = f"{method}, {options}"
            print(f"  {name:<34} {hits / repeats:>7.1%} {evaluations / repeats:>9.0f}")


def pairs(n_samples: int, repeats: int) -> None:
    """Variance of the mean prediction of the least certain digits, random beside antithetic."""
    datasets, network = harness.peer("sklearn.datasets"), harness.peer("sklearn.neural_network")
    if datasets is None or network is None:
        return
    X, y = datasets.load_digits(return_X_y=True)
    model = network.MLPClassifier((100,), max_iter=60, tol=0, n_iter_no_change=60, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X[:1000] / 16, y[:1000])
    (A, W), (a, b) = model.coefs_, model.intercepts_
    H = np.maximum(X[1000:] / 16 @ A + a, 0)
    H = H[np.argsort(softmax(H @ W + b).max(axis=1))[:40]]

    def variance(sampling: str) -> float:
        means = [
            predict_distribution(
                lambda h: softmax(h @ W + b),
                H,
                Dropout(0.5, seed),
                n_samples=n_samples,
                sampling=sampling,
            ).mean
            for seed in range(repeats)
        ]
        return float(np.var(means, axis=0).mean())

    ratio = variance("random") / variance("antithetic")
    print(f"\ndigits 64-100-10, {n_samples} samples: antithetic is worth {ratio:.2f}x as many")


def main() -> None:
    arguments = harness.options()
    smoke = arguments.smoke
    harness.header(torch)
    for threads in arguments.threads:
        with harness.team(threads):
            print(f"\n{threads} threads")
            speed(*((50, 20, 3, 8) if smoke else (1000, 100, 10, 200)), smoke=smoke)
    coverage(20 if smoke else 2000)
    pairs(8 if smoke else 32, 5 if smoke else 300)


if __name__ == "__main__":
    main()
