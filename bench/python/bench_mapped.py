"""A table larger than the memory it is given: X mapped from a file, and loaded block by block.

Run: python bench/python/bench_mapped.py [--smoke] [--threads 1 2]

Writes a file of 6 GB to the temporary folder. What is watched is anonymous memory (RssAnon of
/proc/self/status), which no page of the file is part of: those are the system's to keep or to drop.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

import harness
import hessopt

COLUMNS, BLOCKS = 100, 64


def anonymous() -> float:
    """Megabytes of memory that no file backs."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return float("nan")


class Watch(threading.Thread):
    """The most of it while one lives."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.most = anonymous()
        self._over = threading.Event()

    def run(self) -> None:
        """Look every few milliseconds."""
        while not self._over.wait(0.005):
            self.most = max(self.most, anonymous())

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def write(path: Path, n: int) -> Any:
    """Rows in a file, and labels that they tell."""
    rng = np.random.default_rng(0)
    slopes, step = rng.normal(size=COLUMNS) * 0.1, n // BLOCKS
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(n, COLUMNS))
    y = np.empty(n)
    for begin in range(0, n, step):
        rows = rng.standard_normal((min(step, n - begin), COLUMNS), np.float32).astype(np.float64)
        rows[:, ::3] *= 10
        X[begin : begin + step] = rows
        eta = rows @ (slopes / np.where(np.arange(COLUMNS) % 3, 1, 10))
        y[begin : begin + step] = rng.random(len(rows)) < 1 / (1 + np.exp(-eta))
    X.flush()
    return y


class Blocks:
    """Rows of the file, read when they are asked for."""

    def __init__(self, path: Path, n: int) -> None:
        self._path, self._step, self._n = path, n // BLOCKS, n

    def __len__(self) -> int:
        return -(-self._n // self._step)

    def __getitem__(self, k: int) -> Any:
        rows = min(self._step, self._n - k * self._step)
        with open(self._path, "rb") as file:
            version = np.lib.format.read_magic(file)
            getattr(np.lib.format, f"read_array_header_{version[0]}_{version[1]}")(file)
            file.seek(k * self._step * COLUMNS * 8, 1)
            return np.fromfile(file, np.float64, rows * COLUMNS).reshape(rows, COLUMNS)


def fit(title: str, open_rows: Any, y: Any, method: str | None) -> None:
    """Time and memory of a fit, and the gradient that it ends at beside that of zero."""
    begin = time.perf_counter()
    with Watch() as watch:
        f = hessopt.objectives.Logistic(open_rows(), y, l2=1e-4)
        opened = time.perf_counter() - begin
        end = hessopt.minimize(f, np.zeros(f.n_parameters), method=method)
    taken = time.perf_counter() - begin
    sizes = [np.abs(f.value_and_gradient(x)[1]).max() for x in (end.x, 0 * end.x)]
    memory = f"{watch.before:.0f} MB, at its peak {watch.most:.0f} MB"
    print(f"  {title:<34} {taken:>7.1f} s  ({opened:.1f} s to open)  anonymous memory {memory}")
    print(f"  {'':<34} gradient {sizes[0] / sizes[1]:.1e}")


def main() -> None:
    """Both ways, for every number of threads."""
    options = harness.options()
    harness.header()
    n = 20_000 if options.smoke else 7_500_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "X.npy")
        y = write(path, n)
        print(f"X: {n} x {COLUMNS}, {path.stat().st_size / 1e9:.2f} GB")
        for threads in options.threads:
            print(f"\n=== {threads} thread(s)")
            with harness.team(threads):
                for method in (None, "lbfgs"):
                    mapped = lambda: np.load(path, mmap_mode="r")  # noqa: E731
                    fit(f"mapped, {method or 'by default'}", mapped, y, method)
                loaded = lambda: hessopt.RowBlocks(Blocks(path, n))  # noqa: E731
                fit(f"{BLOCKS} blocks, loaded", loaded, y, None)


if __name__ == "__main__":
    main()
