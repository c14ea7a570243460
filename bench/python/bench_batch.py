"""Many small problems at once, beside loops of SciPy and `jax.vmap` of optimistix and jaxopt.

Run: taskset -c 0 python bench/python/bench_batch.py [--smoke] [--threads 1]

10,000 logistic regressions (8 parameters, 200 rows, l2 = 0.01) to 1e-6 of the gradient at the
start, and 10,000 decays a e^(-kt) + c of 50 rows. Loops are timed over the first 200 problems and
scaled. What jax compiles is compiled before; `taskset` keeps it to one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
import hessopt

L2 = 0.01
LOOPED = 200


class Logistic:
    """Sums of losses and the penalty, of the problems it holds, in NumPy."""

    def __init__(self, X: Any, y: Any) -> None:
        self.X, self.y = X, y

    def take(self, positions: Any) -> Logistic:
        """Of some of its problems."""
        return Logistic(self.X[positions], self.y[positions])

    def value_and_gradient(self, w: Any, index: Any = None) -> tuple[Any, ...]:
        """Values and gradients."""
        z = (self.X @ w[:, :, None])[:, :, 0]
        e = np.exp(-np.abs(z))
        q = 1 / (1 + e)
        self.p = np.where(z >= 0, q, e * q)
        losses = np.log1p(e) + np.maximum(z, 0) - self.y * z
        f = losses.sum(1) + 0.5 * L2 * (w * w).sum(1)
        return f, ((self.p - self.y)[:, None, :] @ self.X)[:, 0] + L2 * w

    def __call__(self, w: Any, index: Any = None) -> tuple[Any, ...]:
        """Values, gradients and Hessians."""
        f, g = self.value_and_gradient(w)
        H = (self.X * (self.p * (1 - self.p))[:, :, None]).transpose(0, 2, 1) @ self.X
        H[:, np.arange(w.shape[1]), np.arange(w.shape[1])] += L2
        return f, g, H


class Decays:
    """Residuals and Jacobians of a e^(-kt) + c, in NumPy."""

    def __init__(self, t: Any, y: Any) -> None:
        self.t, self.y = t, y

    def take(self, positions: Any) -> Decays:
        """Of some of its problems."""
        return Decays(self.t, self.y[positions])

    def __call__(self, x: Any, index: Any) -> tuple[Any, Any]:
        """Residuals and Jacobians."""
        e = np.exp(-x[:, 1:2] * self.t)
        J = np.empty((*e.shape, 3))
        J[:, :, 0], J[:, :, 1], J[:, :, 2] = e, -x[:, :1] * self.t * e, 1
        return x[:, :1] * e + x[:, 2:] - self.y, J


def lap(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """The least time of several, and what came of the last."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        out = call()
        times.append(time.perf_counter() - begin)
    return min(times), out


def table(title: str, rows: list[tuple[str, float, str]]) -> None:
    """Times, and their ratios to the first."""
    print(f"\n{title}")
    for name, seconds, note in rows:
        print(f"  {name:<44} {seconds:>9.4f} s {seconds / rows[0][1]:>7.2f}x  {note}")


def logistic(B: int, smoke: bool) -> None:
    """The first contest."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(B, 200, 8))
    w = rng.normal(size=(B, 8))
    y = (rng.random((B, 200)) < 1 / (1 + np.exp(-np.einsum("bmn,bn->bm", X, w)))).astype(float)
    f, start = Logistic(X, y), np.zeros((B, 8))
    bound = 1e-6 * np.abs(f.value_and_gradient(start)[1]).max(1)

    def reached(x: Any) -> str:
        part = Logistic(X[: len(x)], y[: len(x)])
        held = np.abs(part.value_and_gradient(np.asarray(x))[1]).max(1) <= bound[: len(x)]
        return f"{held.mean():.2%} reach 1e-6"

    model = hessopt.BatchModel(hessopt.objectives.Logistic, X, y, l2=L2 / 200, fit_intercept=False)
    rows = []

    def add(name: str, call: Callable[[], Any], scale: float = 1.0, repeats: int = 3) -> None:
        seconds, x = lap(call, 1 if smoke else repeats)
        rows.append((name, scale * seconds, reached(x)))

    run = hessopt.minimize_batch
    add("hessopt newton, compiled", lambda: run(model, start, gtol=1e-6).x)
    add("hessopt bfgs, compiled", lambda: run(model, start, "bfgs", gtol=1e-6).x)
    add("hessopt newton, NumPy f, g, H", lambda: run(f, start, gtol=1e-6).x)
    add("hessopt bfgs, NumPy f, g", lambda: run(f, start, "bfgs", gtol=1e-6).x, repeats=2)
    optimize = harness.peer("scipy.optimize")
    looped = min(LOOPED, B)
    if optimize is not None:

        def loop() -> Any:
            out = []
            for b in range(looped):
                one = Logistic(X[b : b + 1], y[b : b + 1])

                def fun(w: Any, one: Logistic = one) -> tuple[float, Any]:
                    value, gradient = one.value_and_gradient(w[None])
                    return value[0], gradient[0]

                options = {"gtol": bound[b], "ftol": 0}
                r = optimize.minimize(fun, start[b], jac=True, method="L-BFGS-B", options=options)
                out.append(r.x)
            return np.array(out)

        add(f"SciPy L-BFGS-B loop (of {looped})", loop, B / looped, 2)
    jax, optimistix = harness.peer("jax"), harness.peer("optimistix")
    if jax is not None and optimistix is not None:
        jax.config.update("jax_enable_x64", True)
        jnp = jax.numpy

        def value(w: Any, data: Any) -> Any:
            z = data[0] @ w
            return (jnp.logaddexp(0, z) - data[1] * z).sum() + 0.5 * L2 * (w * w).sum()

        solver = optimistix.BFGS(rtol=1e-7, atol=1e-7)

        def solve(w: Any, data: Any) -> Any:
            return optimistix.minimise(value, solver, w, data, max_steps=200, throw=False).value

        vmapped = jax.jit(jax.vmap(solve))
        arrays = tuple(map(jnp.asarray, (start, X, y)))
        vmapped(arrays[0], arrays[1:]).block_until_ready()
        call = lambda: vmapped(arrays[0], arrays[1:]).block_until_ready()  # noqa: E731
        add("jax.vmap of optimistix BFGS", call, repeats=1)
    table(f"{B} logistic regressions of 8 parameters and 200 rows", rows)


def decays(B: int, smoke: bool) -> None:
    """The second."""
    rng = np.random.default_rng(1)
    t = np.linspace(0, 5, 50)
    truth = np.column_stack([rng.uniform(*ends, B) for ends in ((1, 10), (0.3, 3), (-1, 1))])
    y = truth[:, :1] * np.exp(-truth[:, 1:2] * t) + truth[:, 2:] + 0.1 * rng.normal(size=(B, 50))
    f, start = Decays(t, y), np.ones((B, 3))
    best = 0.5 * (f(hessopt.minimize_batch(f, start, gtol=1e-12).x, None)[0] ** 2).sum(1)

    def reached(x: Any) -> str:
        x = np.asarray(x)
        cost = 0.5 * (Decays(t, y[: len(x)])(x, None)[0] ** 2).sum(1)
        return f"{(cost <= best[: len(x)] * (1 + 1e-6)).mean():.2%} at the lowest f"

    rows = []

    def add(name: str, call: Callable[[], Any], scale: float = 1.0, repeats: int = 3) -> None:
        seconds, x = lap(call, 1 if smoke else repeats)
        rows.append((name, scale * seconds, reached(x)))

    add("hessopt lm, NumPy r, J", lambda: hessopt.minimize_batch(f, start).x)
    optimize = harness.peer("scipy.optimize")
    looped = min(LOOPED, B)
    if optimize is not None:

        def curve(t: Any, a: float, k: float, c: float) -> Any:
            return a * np.exp(-k * t) + c

        def slopes(t: Any, a: float, k: float, c: float) -> Any:
            e = np.exp(-k * t)
            return np.stack([e, -a * t * e, np.ones_like(t)], -1)

        def loop(**more: Any) -> Any:
            fits = [optimize.curve_fit(curve, t, y[b], start[b], **more)[0] for b in range(looped)]
            return np.array(fits)

        add(f"SciPy curve_fit loop (of {looped})", loop, B / looped, 2)
        add(f"the same with the Jacobian (of {looped})", lambda: loop(jac=slopes), B / looped, 2)
    jax = harness.peer("jax")
    if jax is not None:
        jax.config.update("jax_enable_x64", True)
        jnp = jax.numpy
        grid, arrays = jnp.asarray(t), (jnp.asarray(start), jnp.asarray(y))

        def residuals(x: Any, y: Any) -> Any:
            return x[0] * jnp.exp(-x[1] * grid) + x[2] - y

        solves = {}
        if (optimistix := harness.peer("optimistix")) is not None:
            marquardt = optimistix.LevenbergMarquardt(rtol=1e-8, atol=1e-8)
            solves["optimistix"] = lambda x, y: (
                optimistix.least_squares(
                    residuals, marquardt, x, y, max_steps=200, throw=False
                ).value
            )
        if (jaxopt := harness.peer("jaxopt")) is not None:
            solves["jaxopt"] = lambda x, y: (
                jaxopt.LevenbergMarquardt(residuals, tol=1e-8, maxiter=100).run(x, y).params
            )
        for name, solve in solves.items():
            vmapped = jax.jit(jax.vmap(solve))
            vmapped(*arrays).block_until_ready()
            call = lambda v=vmapped: v(*arrays).block_until_ready()  # noqa: E731
            add(f"jax.vmap of {name} LM", call, repeats=1)
    table(f"{B} decays of 3 parameters and 50 rows", rows)


def main() -> None:
    """Both contests."""
    options = harness.options()
    B = 20 if options.smoke else 10_000
    for threads in options.threads:
        with harness.team(threads):
            print(f"\n{threads} thread(s)")
            logistic(B, options.smoke)
            decays(B, options.smoke)


if __name__ == "__main__":
    main()
