"""Objectives averaged over K fixed samples, against K plain objectives and arrays of noisy data.

Run: python bench/python/bench_fixed_samples.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

from typing import Any

import numpy as np

import harness
import hessopt

torch = harness.peer("torch")
harness.peer("scipy")

LAWS = (hessopt.Dropout, hessopt.DropConnect, hessopt.GaussianDropout, hessopt.GaussianNoise)


def by_numpy(X: Any, y: Any, x: Any, n_samples: int) -> float:
    """Value and gradient over masks, as one writes it."""
    rng = np.random.default_rng(1)
    total, gradient = 0.0, np.zeros(len(x))
    for _ in range(n_samples):
        A = X * (rng.random(X.shape) < 0.8) / 0.8
        eta = A @ x[:-1] + x[-1]
        r = (1 / (1 + np.exp(-eta)) - y) / len(y)
        total += np.mean(np.logaddexp(0, eta) - y * eta)
        gradient += np.append(A.T @ r, r.sum())
    return total + gradient.sum()


def by_torch(X: Any, y: Any, x: Any, n_samples: int) -> float:
    """The same with `F.dropout` and gradients by hand."""
    X, y, w = torch.from_numpy(X), torch.from_numpy(y.astype(X.dtype)), torch.from_numpy(x)
    w = w.to(X.dtype)
    total, gradient = 0.0, torch.zeros_like(w)
    for _ in range(n_samples):
        A = torch.nn.functional.dropout(X, 0.2)
        eta = A @ w[:-1] + w[-1]
        total += float(torch.nn.functional.binary_cross_entropy_with_logits(eta, y))
        r = (torch.sigmoid(eta) - y) / len(y)
        gradient[:-1] += A.T @ r
        gradient[-1] += r.sum()
    return total + float(gradient.sum())


def values(n: int, p: int, n_samples: int, dtype: Any, smoke: bool) -> None:
    """Value and gradient of a logistic objective."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(n, p)).astype(dtype), rng.integers(0, 2, n)
    x = 0.1 * rng.normal(size=p + 1)
    model = hessopt.objectives.Logistic(X, y)

    def evaluation(noise: Any, sampling: Any = "random") -> Any:
        f = hessopt.expected(model, noise, "sample", n_samples=n_samples, sampling=sampling)
        return lambda: f.value_and_gradient(x)

    contenders = {"Dropout": evaluation(hessopt.Dropout(0.2))}
    contenders["K times the plain objective"] = lambda: [
        model.value_and_gradient(x) for _ in range(n_samples)
    ]
    contenders["Dropout, antithetic"] = evaluation(hessopt.Dropout(0.2), "antithetic")
    contenders["Dropout, sobol"] = evaluation(hessopt.Dropout(0.2), "sobol")
    contenders["DropConnect"] = evaluation(hessopt.DropConnect(0.2))
    contenders["GaussianDropout"] = evaluation(hessopt.GaussianDropout(0.2))
    contenders["GaussianNoise"] = evaluation(hessopt.GaussianNoise(0.2))
    contenders["GaussianNoise, sobol"] = evaluation(hessopt.GaussianNoise(0.2), "sobol")
    contenders["NumPy, a mask at a time"] = lambda: by_numpy(X, y, x, n_samples)
    if torch is not None:
        contenders["torch, a mask at a time"] = lambda: by_torch(X, y, x, n_samples)
    title = f"logistic {n} x {p} {np.dtype(dtype)}, value and gradient, K = {n_samples}"
    harness.contest(title, contenders, work=1e-9 * n * p * n_samples, unit="Gelem/s", smoke=smoke)


def hessians(n: int, p: int, n_samples: int, smoke: bool) -> None:
    """Hessians of a logistic and a softmax objective."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, p))
    for model in (
        hessopt.objectives.Logistic(X, rng.integers(0, 2, n)),
        hessopt.objectives.Softmax(X, rng.integers(0, 3, n)),
    ):
        x = 0.1 * rng.normal(size=model.n_parameters)
        contenders: dict[str, Any] = {}
        for law in LAWS[:2]:
            f = hessopt.expected(model, law(0.2), "sample", n_samples=n_samples)
            contenders[law.__name__] = lambda f=f, x=x: f.hessian(x)
        contenders["K times the plain objective"] = lambda model=model, x=x: [
            model.hessian(x) for _ in range(n_samples)
        ]
        title = f"{type(model).__name__} {n} x {p}, Hessian, K = {n_samples}"
        harness.contest(title, contenders, smoke=smoke)


def augmentation(n: int, p: int, n_samples: int, smoke: bool) -> None:
    """A user's sampler in NumPy, against the same noise compiled and against whole copies."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(n, p)), rng.integers(0, 2, n)
    x = 0.1 * rng.normal(size=p + 1)
    model = hessopt.objectives.Logistic(X, y)

    def noisy(X: Any, rng: Any) -> Any:
        return X + 0.2 * rng.standard_normal(X.shape)

    def copies() -> None:
        rng = np.random.default_rng(0)
        for _ in range(n_samples):
            hessopt.objectives.Logistic(noisy(X, rng), y).value_and_gradient(x)

    user = hessopt.expected(model, hessopt.Augmentation(noisy), "sample", n_samples=n_samples)
    law = hessopt.expected(model, hessopt.GaussianNoise(0.2), "sample", n_samples=n_samples)
    contenders = {
        "Augmentation": lambda: user.value_and_gradient(x),
        "GaussianNoise": lambda: law.value_and_gradient(x),
        "a copy of the data per sample": copies,
    }
    title = f"logistic {n} x {p}, a user's sampler, K = {n_samples}"
    harness.contest(title, contenders, smoke=smoke)


def variances(n: int, p: int, smoke: bool) -> None:
    """By what factor pairs and nets lower the variance of the value, K independent samples: 1."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, p))
    model = hessopt.objectives.Logistic(X, X[:, 0] > 0)
    x = rng.normal(size=p + 1) / np.sqrt(p)
    seeds = 5 if smoke else 200
    print(f"\nvariance of the value of independent samples / of others, logistic {n} x {p}")
    for law in LAWS:
        for K in (8, 32, 128):
            found = [
                np.var(
                    [
                        hessopt.expected(
                            model, law(0.2, seed=s), "sample", n_samples=K, sampling=how
                        ).value_and_gradient(x)[0]
                        for s in range(seeds)
                    ]
                )
                for how in ("random", "antithetic", "sobol")
            ]
            ratios = f"antithetic {found[0] / found[1]:6.1f}, sobol {found[0] / found[2]:6.1f}"
            print(f"  {law.__name__:<16} K = {K:<4} {ratios}")


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(torch)
    n, K = (200, 2) if smoke else (20_000, 32)
    variances(50 if smoke else 200, 20, smoke)
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            for dtype in (np.float64, np.float32):
                values(n, 50, K, dtype, smoke)
            values(n if smoke else 400_000, 50, 2 if smoke else 8, np.float64, smoke)
            hessians(n, 50, 2 if smoke else 8, smoke)
            augmentation(n, 50, 2 if smoke else 8, smoke)


if __name__ == "__main__":
    main()
