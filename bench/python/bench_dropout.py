"""Masks and dropout against NumPy, torch and a plain copy.

Run: python bench/python/bench_dropout.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

import numpy as np

import harness
import hessopt

torch = harness.peer("torch")
jax = harness.peer("jax")


def dropout(n: int, rate: float, smoke: bool) -> None:
    """float32 out of place; the copy is the limit."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n).astype(np.float32)
    out, uniform = np.empty_like(x), np.empty_like(x)
    fast = np.random.Generator(np.random.SFC64(0))
    keep = np.float32(1 - rate)

    def tuned() -> None:
        fast.random(out=uniform, dtype=np.float32)
        np.less(uniform, keep, out=uniform, casting="unsafe")
        np.multiply(x, uniform, out=out)
        np.multiply(out, 1 / keep, out=out)

    contenders = {
        "hessopt.dropout": lambda: hessopt.dropout(x, rate, 1, out=out),
        "np.copyto (the limit)": lambda: np.copyto(out, x),
        "NumPy, tuned and preallocated": tuned,
        "NumPy, as one writes it": lambda: (rng.random(x.shape) < keep) * x / keep,
    }
    if torch is not None:
        tensor = torch.from_numpy(x)
        contenders["torch F.dropout"] = lambda: torch.nn.functional.dropout(tensor, rate)
    if jax is not None:
        there = jax.numpy.asarray(x)
        key = jax.random.key(0)
        compiled = jax.jit(
            lambda k, a: jax.numpy.where(jax.random.bernoulli(k, keep, a.shape), a / keep, 0)
        )
        contenders["jax.jit of bernoulli and where"] = lambda: compiled(
            key, there
        ).block_until_ready()
    title = f"dropout {n:.0e} float32, rate {rate}"
    harness.contest(title, contenders, work=8e-9 * n, unit="GB/s", smoke=smoke)


def in_place(n: int, rate: float, smoke: bool) -> None:
    """float32 in place; scaling is the limit."""
    x = np.ones(n, np.float32)
    contenders = {
        "hessopt.dropout": lambda: hessopt.dropout(x, rate, 1, out=x),
        "x *= 1 (the limit)": lambda: np.multiply(x, np.float32(1), out=x),
    }
    if torch is not None:
        tensor = torch.from_numpy(x)
        contenders["torch F.dropout"] = lambda: torch.nn.functional.dropout(
            tensor, rate, inplace=True
        )
    harness.contest(
        f"in place {n:.0e}, rate {rate}", contenders, work=8e-9 * n, unit="GB/s", smoke=smoke
    )


def gaussian(n: int, smoke: bool) -> None:
    """Gaussian dropout."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n).astype(np.float32)
    out = np.empty_like(x)
    contenders = {
        "hessopt.gaussian_dropout": lambda: hessopt.gaussian_dropout(x, 0.2, 1, out=out),
        "NumPy, ziggurat in float32": lambda: np.multiply(
            x, 1 + np.float32(0.5) * rng.standard_normal(n, np.float32), out=out
        ),
    }
    if torch is not None:
        tensor = torch.from_numpy(x)
        contenders["torch, x * (1 + randn / 2)"] = lambda: tensor * (1 + 0.5 * torch.randn(n))
    harness.contest(
        f"Gaussian dropout {n:.0e}", contenders, work=1e-9 * n, unit="Gelem/s", smoke=smoke
    )


def masks(n: int, keep: float, smoke: bool) -> None:
    """Bit-packed Bernoulli masks."""
    rng = np.random.default_rng(0)
    contenders = {
        "hessopt.bernoulli_mask, packed": lambda: hessopt.bernoulli_mask(n, keep, 1, packed=True),
        "hessopt.bernoulli_mask, bool": lambda: hessopt.bernoulli_mask(n, keep, 1),
        "np.packbits(random < keep)": lambda: np.packbits(
            rng.random(n, dtype=np.float32) < keep, bitorder="little"
        ),
    }
    title = f"mask {n:.0e}, keep {keep}"
    harness.contest(title, contenders, work=1e-9 * n, unit="Gelem/s", smoke=smoke)


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(torch)
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            for n in [10**4] if smoke else [10**6, 10**8]:
                for rate in (0.5, 0.2):
                    dropout(n, rate, smoke)
                    in_place(n, rate, smoke)
            gaussian(10**4 if smoke else 10**6, smoke)
            for keep in (0.5, 0.8):
                masks(10**4 if smoke else 10**7, keep, smoke)


if __name__ == "__main__":
    main()
