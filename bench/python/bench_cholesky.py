"""Cholesky factors and solves against LAPACK, stacks of small systems against NumPy and torch.

Our calls copy H and look for NaN, LAPACK's are given a copy in Fortran order to overwrite: both
contenders of a contest pay for one copy.

Run: python bench/python/bench_cholesky.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
import hessopt

lapack = harness.peer("scipy.linalg.lapack")
torch = harness.peer("torch")


def definite(n: int) -> np.ndarray:
    """A well-conditioned matrix in Fortran order."""
    A = np.random.default_rng(n).normal(size=(n, n))
    return np.asfortranarray(A @ A.T + n * np.eye(n))


def contest(title: str, n: int, calls: dict[str, Callable[[], Any]], smoke: bool) -> None:
    """Each call many times over where n is small: a machine at rest is slow to begin with."""
    times = max(1, 3 * 10**8 // (n + 60) ** 3)

    def again(call: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> None:
            for _ in range(times):
                call()

        return run

    repeated = {name: again(call) for name, call in calls.items()}
    title += f", {times} times" if times > 1 else ""
    harness.contest(title, repeated, work=times * n**3 / 3e9, unit="GFLOP/s", smoke=smoke)


def factor(n: int, smoke: bool) -> None:
    """The factor alone, kept for later use."""
    H = definite(n)
    calls = {
        "hessopt factor": lambda: hessopt._core.Factor64.of(H),
        "hessopt.Cholesky": lambda: hessopt.Cholesky(H),
    }
    if lapack is not None:
        calls["LAPACK dpotrf"] = lambda: lapack.dpotrf(H, lower=1, clean=0)
    contest(f"factor n = {n}", n, calls, smoke)


def solve(n: int, smoke: bool) -> None:
    """Factor and solve one right-hand side."""
    H, b = definite(n), np.ones((n, 1))
    calls = {
        "hessopt factor and solve": lambda: hessopt._core.cholesky_solve(H, b),
        "hessopt.cholesky_solve": lambda: hessopt.cholesky_solve(H, b),
    }
    if lapack is not None:
        calls["LAPACK dpotrf, dpotrs"] = lambda: lapack.dpotrs(
            lapack.dpotrf(H, lower=1, clean=0)[0], b, lower=1
        )
    calls["numpy.linalg.solve"] = lambda: np.linalg.solve(H, b)
    contest(f"solve n = {n}", n, calls, smoke)


def stack(count: int, n: int, smoke: bool) -> None:
    """Many small systems, a right-hand side each."""
    A = np.random.default_rng(n).normal(size=(count, n, n))
    H, b = A @ A.transpose(0, 2, 1) + n * np.eye(n), np.ones((count, n))
    columns = b[:, :, None]
    calls = {
        "hessopt.cholesky_solve": lambda: hessopt.cholesky_solve(H, b),
        "numpy.linalg.solve": lambda: np.linalg.solve(H, columns),
    }
    if torch is not None:
        matrices, right = torch.from_numpy(H), torch.from_numpy(columns)
        calls["torch cholesky, cholesky_solve"] = lambda: torch.cholesky_solve(
            right, torch.linalg.cholesky(matrices)
        )
        calls["torch.linalg.solve"] = lambda: torch.linalg.solve(matrices, right)
    harness.contest(f"{count} systems of n = {n}", calls, smoke=smoke)


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(lapack and importlib.import_module("scipy"), torch)
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            for n in [30] if smoke else [64, 128, 256, 300, 512, 1000, 2000, 4000]:
                factor(n, smoke)
                solve(n, smoke)
            for n in [4] if smoke else [8, 32]:
                stack(100 if smoke else 100_000, n, smoke)


if __name__ == "__main__":
    main()
