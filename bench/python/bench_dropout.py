"""Masks and dropout against NumPy, torch and a plain copy.

Run: python bench/python/bench_dropout.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

import numpy as np

import harness
import hessopt

torch = harness.peer("torch")


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
    title = f"dropout {n:.0e} float32, rate {rate}"
    harness.contest(title, contenders, work=8e-9 * n, unit="GB/s", smoke=smoke)


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
            for keep in (0.5, 0.8):
                masks(10**4 if smoke else 10**7, keep, smoke)


if __name__ == "__main__":
    main()
