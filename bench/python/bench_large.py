"""L-BFGS on a model whose Hessian no machine can store: 1e8 parameters in float32, ten pairs.

Run: python bench/python/bench_large.py [--smoke] [--threads 1 2]
Takes some 13 GB.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

import harness
import hessopt

MEMORY = 10


def large(n: int, read: float) -> None:
    """Steps on a separable function, whose own time is left out."""
    scale = np.linspace(0.5, 2, n, dtype=np.float32)
    solver = hessopt.LBFGS(np.ones(n, np.float32), maxcor=MEMORY, gtol=0.0)
    outside, iterations = 0.0, 0
    g = np.empty_like(scale)
    while solver.nit < MEMORY + 5:
        x = solver.ask()
        np.multiply(scale, x, out=g)
        f = 0.5 * float(np.dot(x, g))
        del x
        full = solver.nit >= MEMORY
        begin = time.perf_counter()
        solver.tell(f, g)
        if full:
            outside += time.perf_counter() - begin
            iterations += 1
    inverse = solver.hess_inv
    begin = time.perf_counter()
    d = inverse @ g
    direction = time.perf_counter() - begin
    del d
    work = 4 * 4e-9 * MEMORY * n
    for name, t in (("tell", outside / iterations), ("direction alone", direction)):
        rate = work / t
        print(f"  {name:<34} {1e3 * t:>11.0f} ms  {rate:>8.2f} GB/s  {rate / read:>5.0%} of limit")
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    dense = f"a dense Hessian would take {8e-12 * n * n:.0f} TB" if n > 10**6 else ""
    print(f"  memory at its peak {peak / 1e9:.1f} GB; {dense}")


def main() -> None:
    """For every number of threads."""
    options = harness.options()
    harness.header()
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            read, _ = harness.limits(options.smoke)
            n = 10**5 if options.smoke else 10**8
            print(f"\nL-BFGS, n = {n}, float32, {MEMORY} pairs; 4 m n numbers a step")
            large(n, read)


if __name__ == "__main__":
    main()
