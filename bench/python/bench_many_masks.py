"""Many masks at once, and all there are, against torch and NumPy.

Run: python bench/python/bench_many_masks.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

import itertools

import numpy as np

import harness
import hessopt

torch = harness.peer("torch")


def moments(shape: tuple[int, int], n_samples: int, rate: float, smoke: bool) -> None:
    """Mean and variance over masks; nothing the size of all of them."""
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    contenders = {
        "hessopt.dropout_moments": lambda: hessopt.dropout_moments(x, rate, 1, n_samples),
    }
    if torch is not None:
        t = torch.from_numpy(x)
        drop = torch.nn.functional.dropout
        total, squares, count = (torch.empty_like(t) for _ in range(3))
        mask = torch.empty_like(t)

        def accumulated() -> None:
            total.zero_(), squares.zero_()
            for _ in range(n_samples):
                y = drop(t, rate)
                total.add_(y)
                squares.addcmul_(y, y)
            mean = total.div_(n_samples)
            squares.addcmul_(mean, mean, value=-n_samples).div_(n_samples - 1)

        def counted() -> None:
            count.zero_()
            for _ in range(n_samples):
                count.add_(mask.bernoulli_(1 - rate))
            torch.mul(t, count, out=total)
            torch.mul(t * t, count * (n_samples - count), out=squares)

        contenders["torch F.dropout, accumulated"] = accumulated
        contenders["torch, its masks counted"] = counted
    title = f"mean and variance of {shape} float32 over {n_samples} masks, rate {rate}"
    work = 1e-9 * n_samples * x.size
    harness.contest(title, contenders, work=work, unit="Gelem/s", smoke=smoke)


def head(m: int, p: int, q: int, n_samples: int, rate: float, smoke: bool) -> None:
    """The last layer of a network under Monte-Carlo dropout; plain products are the limit."""
    rng = np.random.default_rng(0)
    h, W = rng.normal(size=(m, p)).astype(np.float32), rng.normal(size=(q, p)).astype(np.float32)
    contenders = {
        "hessopt.dropout_linear": lambda: hessopt.dropout_linear(h, W, rate, 1, n_samples),
        "hessopt.dropout_linear, shared": lambda: hessopt.dropout_linear(
            h, W, rate, 1, n_samples, shared=True
        ),
    }
    if torch is not None:
        t, w = torch.from_numpy(h), torch.from_numpy(W)
        drop, linear = torch.nn.functional.dropout, torch.nn.functional.linear
        contenders["torch, dropout and linear"] = lambda: torch.stack(
            [linear(drop(t, rate), w) for _ in range(n_samples)]
        )
        contenders["torch, all samples in one call"] = lambda: linear(
            drop(t.expand(n_samples, m, p), rate), w
        )
        contenders["torch, linear alone, no dropout"] = lambda: [
            linear(t, w) for _ in range(n_samples)
        ]
    title = f"head {m} x {p} -> {q} float32, {n_samples} masks, rate {rate}"
    work = 2e-9 * n_samples * m * p * q
    harness.contest(title, contenders, work=work, unit="GFLOP/s", smoke=smoke)


def doubled(start: float, shares: np.ndarray) -> np.ndarray:
    """The sums of all subsets."""
    out = np.empty(2 ** len(shares))
    out[0] = start
    for j, a in enumerate(shares):
        np.add(out[: 2**j], a, out=out[2**j : 2 ** (j + 1)])
    return out


def sigmoid(m: int, p: int, rate: float, smoke: bool) -> None:
    """E of a logistic function over all masks of p inputs, for m rows of them.

    One row alone is done before a CPU that has rested is at its speed again.
    """
    rng = np.random.default_rng(1)
    X, w, keep = rng.normal(size=(m, p)), rng.normal(size=p), 1 - rate
    x, noise = np.append(w, 0.1), hessopt.Dropout(rate)
    low = max(1, p - 6)  # blocks that stay in the second cache
    ones = np.exp(doubled(low * np.log(rate), np.full(low, np.log(keep / rate))))
    high = np.array(list(itertools.product([0, 1], repeat=p - low)))
    weights = np.prod(np.where(high == 1, keep, rate), axis=1)
    room = np.empty(2**low)

    def blocks(a: np.ndarray) -> float:
        values, total = -doubled(0.1, a[:low]), 0.0
        for shift, weight in zip(high @ a[low:], weights, strict=True):
            np.subtract(values, shift, out=room)
            np.exp(room, out=room)
            np.add(room, 1, out=room)
            np.divide(ones, room, out=room)
            total += weight * room.sum()
        return total

    def products(a: np.ndarray) -> float:
        values, total = np.exp(-doubled(0.1, a[:low])), 0.0
        for factor, weight in zip(np.exp(-high @ a[low:]), weights, strict=True):
            np.multiply(values, factor, out=room)
            np.add(room, 1, out=room)
            np.divide(ones, room, out=room)
            total += weight * room.sum()
        return total

    shares = X * w / keep
    contenders = {
        "hessopt.expected_sigmoid": lambda: hessopt.expected_sigmoid(X, x, noise, "exact"),
        "NumPy, in blocks": lambda: [blocks(a) for a in shares],
        "NumPy, in blocks, our exponentials": lambda: [products(a) for a in shares],
    }
    got, *others = (np.array(call()) for call in contenders.values())
    error = max(np.abs(got - other).max() for other in others)
    harness.contest(
        f"E sigmoid over 2^{p} masks of {m} rows, largest difference {error:.0e}",
        contenders,
        work=1e-9 * m * 2**p,
        unit="Gmask/s",
        smoke=smoke,
    )


def objective(n: int, p: int, rate: float, smoke: bool) -> None:
    """Value, gradient and Hessian of a logistic objective over all masks of each row."""
    rng = np.random.default_rng(2)
    X, y, x = rng.normal(size=(n, p)), rng.integers(0, 2, n), rng.normal(size=p)
    model = hessopt.objectives.Logistic(X, y, fit_intercept=False)
    f = hessopt.expected(model, hessopt.Dropout(rate), "exact")
    masks = np.array(list(itertools.product([0.0, 1.0], repeat=p)))[:, ::-1]
    weight = np.prod(np.where(masks == 1, 1 - rate, rate), axis=1) / n

    def by_hand() -> tuple[float, np.ndarray, np.ndarray]:
        value, g, H = 0.0, np.zeros(p), np.zeros((p, p))
        for row, target in zip(X / (1 - rate), y, strict=True):
            t = doubled(0.0, row * x)
            e = np.exp(-np.abs(t))
            value += weight @ (np.maximum(t, 0) + np.log1p(e) - target * t)
            q = np.where(t > 0, 1, e) / (1 + e)
            g += row * ((weight * (q - target)) @ masks)
            H += np.outer(row, row) * (masks.T @ ((weight * q * (1 - q))[:, None] * masks))
        return value, g, H

    contenders = {
        "hessopt.expected, exact": lambda: f.evaluate(x, hessian=True),
        "NumPy, a row at a time": by_hand,
    }
    title = f"logistic {n} x {p}, value, gradient and Hessian over 2^{p} masks a row"
    harness.contest(title, contenders, work=1e-9 * n * 2**p, unit="Gmask/s", smoke=smoke)


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(torch)
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            for rate in (0.5, 0.2):
                moments((8, 64) if smoke else (512, 2048), 4 if smoke else 32, rate, smoke)
                head(
                    2 if smoke else 64, 64 if smoke else 4096, 10, 4 if smoke else 128, rate, smoke
                )
            sigmoid(2 if smoke else 16, 9 if smoke else 20, 0.3, smoke)
            objective(3 if smoke else 200, 5 if smoke else 12, 0.5, smoke)


if __name__ == "__main__":
    main()
