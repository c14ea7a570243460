"""The direction of L-BFGS, and what a solver takes outside the user's function.

Run: python bench/python/bench_solve.py [--smoke] [--threads 1 2]
"""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

import harness
import hessopt

optimize = harness.peer("scipy.optimize")
torch = harness.peer("torch")

MEMORY = 10


def two_loop(dot: Any, q: Any, S: Any, Y: Any) -> Any:
    """Algorithm 7.4 of Nocedal and Wright, as one writes it in NumPy or torch."""
    a = [0.0] * len(S)
    for i in reversed(range(len(S))):
        a[i] = dot(S[i], q) / dot(S[i], Y[i])
        q = q - a[i] * Y[i]
    q = q * (dot(S[-1], Y[-1]) / dot(Y[-1], Y[-1]))
    for i in range(len(S)):
        q = q + (a[i] - dot(Y[i], q) / dot(S[i], Y[i])) * S[i]
    return q


def run_of_pairs(n: int, dtype: str) -> tuple[hessopt.LBFGS, Any, Any, Any]:
    """A solver in mid-run on a quadratic, with the pairs it holds and its gradient."""
    scale = np.linspace(0.5, 2, n, dtype=dtype)
    solver = hessopt.LBFGS(np.ones(n, dtype), maxcor=MEMORY, gtol=0.0)
    points: list[Any] = []
    while len(points) <= MEMORY:
        x = solver.ask()
        solver.tell(0.5 * np.dot(x, scale * x), scale * x)
        if solver.nit == len(points):  # accepted
            points.append(x)
    S = np.diff(points, axis=0)
    return solver, scale * points[-1], S, S * scale


def direction(n: int, dtype: str, read: float, smoke: bool) -> None:
    """One direction from ten pairs; 4 m n numbers have to be read."""
    solver, g, S, Y = run_of_pairs(n, dtype)
    inverse = solver.hess_inv
    contenders = {
        "LBFGS.hess_inv @ g": lambda: inverse @ g,
        "hessopt.two_loop": lambda: hessopt.two_loop(g, S, Y),
        "NumPy": lambda: two_loop(np.dot, g, S, Y),
    }
    if torch is not None:
        tensors = [torch.from_numpy(a) for a in (g, S, Y)]
        contenders["torch"] = lambda: two_loop(torch.dot, *tensors)
    work = 4 * g.itemsize * 1e-9 * MEMORY * n
    title = f"direction n = {n} {dtype}"
    harness.contest(title, contenders, work=work, unit="GB/s", limit=read, smoke=smoke)


class Timed:
    """A quadratic of condition 1e4 that knows how long it took itself."""

    def __init__(self, n: int) -> None:
        self.d = np.geomspace(1, 1e4, n)
        self.inside = 0.0

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        begin = time.perf_counter()
        g = self.d * x
        f = 0.5 * float(x @ g)
        self.inside += time.perf_counter() - begin
        return f, g


def overhead(n: int, iterations: int) -> None:
    """Microseconds an iteration outside the function."""
    x0 = np.ones(n)

    def ours(f: Timed) -> int:
        options = {"maxiter": iterations, "gtol": 0.0, "maxcor": MEMORY}
        return hessopt.minimize(f, x0, method="lbfgs", jac=True, options=options).nit

    def theirs(f: Timed) -> int:
        options = {"maxiter": iterations, "gtol": 0.0, "ftol": 0.0, "maxcor": MEMORY}
        return optimize.minimize(f, x0, jac=True, method="L-BFGS-B", options=options).nit

    contenders = {"hessopt": ours} | ({"SciPy L-BFGS-B": theirs} if optimize else {})
    print(f"\nL-BFGS outside the function, n = {n}")
    first = 0.0
    for name, run in contenders.items():
        run(Timed(n))
        best = min(_outside(run, n) for _ in range(3))
        first = first or best
        print(f"  {name:<34} {1e6 * best:>11.1f} us an iteration  {best / first:>7.2f}x")


def _outside(run: Any, n: int) -> float:
    f = Timed(n)
    begin = time.perf_counter()
    iterations = run(f)
    return (time.perf_counter() - begin - f.inside) / iterations


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    smoke = options.smoke
    harness.header(optimize and importlib.import_module("scipy"), torch)
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            read, _ = harness.limits(smoke)
            for n in [100] if smoke else [1000, 10_000, 100_000, 1_000_000, 10_000_000]:
                direction(n, "float64", read, smoke)
            direction(100 if smoke else 10_000_000, "float32", read, smoke)
            for n in [10] if smoke else [10, 100, 10_000, 100_000, 1_000_000]:
                overhead(n, 5 if smoke else 50)


if __name__ == "__main__":
    main()
