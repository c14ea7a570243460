"""What the benchmarks share: contests in one run, limits of the machine, one table."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

import hessopt


def parser() -> argparse.ArgumentParser:
    """Command line of every benchmark, for those that add to it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    return parser


def options() -> argparse.Namespace:
    """What it says."""
    return parser().parse_args()


def peer(name: str) -> ModuleType | None:
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"({name} is not installed: skipped)")
        return None


@contextlib.contextmanager
def team(threads: int) -> Iterator[None]:
    """One number of threads for every OpenMP runtime and BLAS in the process, and for torch."""
    torch = sys.modules.get("torch")
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError):
            threadpoolctl = importlib.import_module("threadpoolctl")
            stack.enter_context(threadpoolctl.threadpool_limits(threads))
        if torch is not None:
            torch.set_num_threads(threads)
        yield


def seconds(contenders: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Median time of each; they take turns, so that a slow minute hits them all.

    A turn of a short call is as many calls as fill 20 ms, after one that wakes the team and the
    clock. There is no turn that would start after five seconds. One repeat is one call.
    """
    if repeats == 1:
        return {name: _lap(call, 1) for name, call in contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    calls = {}
    for name, call in contenders.items():
        call()  # caches, lazy imports, threads
        calls[name] = 1 if (t := _lap(call, 1)) > 0.01 else 1 + int(0.02 / t)
    start = time.perf_counter()
    for turn in range(repeats):
        if turn and time.perf_counter() - start > 5:
            break
        for name, call in contenders.items():
            time.sleep(0.1)  # idle threads of other libraries spin for a while after their calls
            if calls[name] > 1:
                call()
            times[name].append(_lap(call, calls[name]))
    return {name: statistics.median(t) for name, t in times.items()}


def _lap(call: Callable[[], Any], times: int) -> float:
    begin = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begin) / times


def contest(
    title: str,
    contenders: dict[str, Callable[[], Any]],
    *,
    work: float = 0.0,
    unit: str = "",
    limit: float = 0.0,
    smoke: bool = False,
    notes: dict[str, str] | None = None,
) -> None:
    """Time contenders side by side and print a row for each.

    The first contender is hessopt, and every ratio is "time / time of the first". `work` in units
    of 1e9 gives a rate, shown as a fraction of `limit` as well.
    """
    found = seconds(contenders, 1 if smoke else 7)
    ours = next(iter(found.values()))
    print(f"\n{title}")
    for name, t in found.items():
        row = f"  {name:<34} {1e3 * t:>11.3f} ms  {t / ours:>7.2f}x"
        if work:
            row += f"  {work / t:>8.2f} {unit}"
            row += f"  {work / t / limit:>5.0%} of limit" if limit else ""
        print(row + (f"  {notes[name]}" if notes and name in notes else ""))


def peak(dtype: type = np.float64, smoke: bool = False) -> float:
    """GFLOP/s of the present team: the product of two matrices that NumPy's BLAS does best."""
    p = 100 if smoke else 1500
    A = np.ones((p, p), dtype)
    return 2e-9 * p**3 / seconds({"gemm": lambda: A @ A}, 3)["gemm"]


def bandwidth(smoke: bool = False) -> float:
    """GB/s at which the present team reads: a dot product of vectors far larger than the caches."""
    n = 10**5 if smoke else 2 * 10**7
    a, b = np.ones(n), np.ones(n)
    return 16e-9 * n / seconds({"dot": lambda: a @ b}, 3)["dot"]


def limits(smoke: bool = False) -> tuple[float, float]:
    """Read bandwidth in GB/s and float64 peak in GFLOP/s, as the present team reaches them."""
    read, flops = bandwidth(smoke), peak(smoke=smoke)
    print(f"limits: {read:.1f} GB/s reading (dot), {flops:.0f} GFLOP/s (GEMM of NumPy)")
    return read, flops


def header(*peers: ModuleType | None) -> None:
    """What is measured."""
    config = hessopt.show_config("dicts")
    versions = [f"{m.__name__} {m.__version__}" for m in (np, *peers) if m is not None]
    print(f"hessopt {config['version']} on {config['isa']}; {', '.join(versions)}")
