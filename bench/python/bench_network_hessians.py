"""Whole Hessians and Gauss-Newton matrices of small networks, and what they are worth in a fit.

Run: OMP_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false \
         python bench/python/bench_network_hessians.py [--smoke] [--case CASE ...]

Matrices by CPU time: jax takes a second thread, though told one. It is compiled before it is timed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
import hessopt
from hessopt.networks import Dense, Network

jax = harness.peer("jax")
torch = harness.peer("torch")
if jax is not None:
    jax.config.update("jax_enable_x64", True)

SHAPES = {"16-16-1": 2000, "20-30-5": 2000, "64-32-10": 1797}


def made(widths: list[int], n: int) -> tuple[Network, Any, Any, Any]:
    """A network of tanh units, its data and a point."""
    rng = np.random.default_rng(0)
    X, outputs = rng.normal(size=(n, widths[0])), widths[-1]
    y = rng.integers(0, max(outputs, 2), n)
    layers = [*(Dense(units, "tanh") for units in widths[1:-1]), Dense(outputs)]
    f = Network(X, y, layers, loss="logistic" if outputs == 1 else "softmax")
    return f, X, y, 0.3 * rng.normal(size=f.n_parameters)


def of_numpy(f: Network, X: Any, x: Any) -> Any:
    """The Hessian of one hidden layer, block by block in products of matrices."""
    (W, b), (V, c) = f.unflatten(x)
    n, width, outputs = len(X), len(b), len(c)
    h = np.tanh(X @ W + b)
    z = h @ V + c
    A, B = np.column_stack([X, np.ones(n)]), np.column_stack([h, np.ones(n)])
    if outputs == 1:
        p = 1 / (1 + np.exp(-z))
        top, d = (p * (1 - p))[:, :, None], p - f._y[:, None]
    else:
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        top = p[:, :, None] * (np.eye(outputs) - p[:, None, :])
        d = p - np.eye(outputs)[f._y]
    slope, e = 1 - h * h, d @ V.T
    cross = (top @ V.T) * slope[:, None, :]
    own = slope[:, :, None] * (V @ cross)
    own[:, range(width), range(width)] -= 2 * e * h * slope
    m, q = A.shape[1], B.shape[1]
    H = np.empty((f.n_parameters,) * 2)
    first = H[: m * width, : m * width].reshape(m, width, m, width)
    for i in range(width):
        made = (own[:, i, : i + 1, None] * A[:, None, :]).reshape(n, -1)
        block = (made.T @ A).reshape(i + 1, m, m)
        first[:, i, :, : i + 1] = block.transpose(2, 1, 0)
        first[:, : i + 1, :, i] = block.transpose(2, 0, 1)
    last = H[m * width :, m * width :].reshape(q, outputs, q, outputs)
    between = H[m * width :, : m * width].reshape(q, outputs, m, width)
    for o in range(outputs):
        for i in range(outputs):
            last[:, o, :, i] = (B * top[:, o, i, None]).T @ B
        made = cross[:, o, :, None] * B[:, None, :]
        made[:, range(width), range(width)] += d[:, o, None] * slope
        block = (made.reshape(n, -1).T @ A).reshape(width, q, m)
        between[:, o] = block.transpose(1, 2, 0)
    H[: m * width, m * width :] = H[m * width :, : m * width].T
    return H / n


def of_jax(f: Network, X: Any, y: Any, x: Any) -> Callable[[], Any]:
    """jax.hessian, jitted."""
    jnp = jax.numpy
    rows, labels, shapes = jnp.asarray(X), jnp.asarray(y), f.shapes

    def value(p: Any) -> Any:
        a, at = rows, 0
        for layer, (inputs, units) in enumerate(shapes):
            W = p[at : at + inputs * units].reshape(inputs, units)
            a = a @ W + p[at + inputs * units : at + inputs * units + units]
            a = jnp.tanh(a) if layer < len(shapes) - 1 else a
            at += inputs * units + units
        if a.shape[1] == 1:
            return (jax.nn.softplus(a[:, 0]) - labels * a[:, 0]).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(a), labels[:, None], axis=1).mean()

    compiled, p = jax.jit(jax.hessian(value)), jnp.asarray(x)
    jax.block_until_ready(compiled(p))
    return lambda: jax.block_until_ready(compiled(p))


def of_torch(f: Network, X: Any, y: Any, x: Any) -> Callable[[], Any]:
    """torch.func.hessian."""
    rows, labels, shapes = torch.from_numpy(X), torch.from_numpy(y), f.shapes
    functional = torch.nn.functional

    def value(p: Any) -> Any:
        a, at = rows, 0
        for layer, (inputs, units) in enumerate(shapes):
            W = p[at : at + inputs * units].reshape(inputs, units)
            a = a @ W + p[at + inputs * units : at + inputs * units + units]
            a = torch.tanh(a) if layer < len(shapes) - 1 else a
            at += inputs * units + units
        if a.shape[1] == 1:
            return (functional.softplus(a[:, 0]) - labels * a[:, 0]).mean()
        return functional.cross_entropy(a, labels)

    hessian, p = torch.func.hessian(value), torch.from_numpy(x)
    return lambda: hessian(p)


def cpu(call: Callable[[], Any], budget: float = 2.0) -> float:
    """Median CPU time of calls that fill some seconds, all threads together."""
    times: list[float] = []
    while not times or (sum(times) < budget and len(times) < 30):
        begin = time.process_time()
        call()
        times.append(time.process_time() - begin)
    return statistics.median(times[1:] or times)


def matrices(shape: str, smoke: bool) -> None:
    """Whole matrices by CPU time, one thread, and two by the clock."""
    f, X, y, x = made([int(w) for w in shape.split("-")], 200 if smoke else SHAPES[shape])
    f._y = y  # type: ignore[attr-defined]
    print(f"\n{shape}, n {len(X)}, P {f.n_parameters}: CPU time, one thread")
    contenders: dict[str, Callable[[], Any]] = {
        "hessopt Hessian": lambda: f.hessian(x),
        "hessopt Gauss-Newton": lambda: f.ggn(x),
        "NumPy, written out": lambda: of_numpy(f, X, x),
        "hessopt value and gradient": lambda: f.value_and_gradient(x),
    }
    ours = f.hessian(x)
    error = np.abs(contenders["NumPy, written out"]() - ours).max() / np.abs(ours).max()
    print(f"  NumPy's differs by {error:.1e}; hessian_cost {f.hessian_cost:.3g}")
    if jax is not None and not smoke:
        contenders["jax.hessian, jitted"] = of_jax(f, X, y, x)
    if torch is not None and not smoke:
        contenders["torch.func.hessian"] = of_torch(f, X, y, x)
    with harness.team(1):
        found = {name: cpu(call, 0.1 if smoke else 2.0) for name, call in contenders.items()}
    for name, t in found.items():
        print(f"  {name:<30} {1e3 * t:>10.3f} ms  {t / found['hessopt Hessian']:>7.2f}x")
    if smoke:
        return
    walls = {}
    for threads in (1, 2):
        with harness.team(threads):
            walls[threads] = harness.seconds({"": contenders["hessopt Hessian"]}, 7)[""]
    print(f"  two threads: {walls[1] / walls[2]:.2f}x one")


def friedman(seed: int, n: int) -> tuple[Network, Any]:
    """A regression of Friedman's function, 10-24-1, and a start."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(n, 10))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2
    y += 10 * X[:, 3] + 5 * X[:, 4]
    y = (y - y.mean()) / y.std() + 0.02 * rng.normal(size=n)
    layers = [Dense(24, "tanh"), Dense(1)]
    f = Network((X - 0.5) * np.sqrt(12), y, layers, loss="squared")
    start = [(rng.normal(size=s) * np.sqrt(2 / sum(s)), np.zeros(s[1])) for s in f.shapes]
    return f, f.flatten(start)


def levenberg_marquardt(smoke: bool) -> None:
    """Trust-region Newton on the Gauss-Newton matrix in half of L-BFGS's time, ten seeds."""
    limit = 0.1 if smoke else 3.0
    print(f"\n10-24-1, Friedman's function: f after L-BFGS {limit} s, and after half of that")
    won = 0
    for seed in range(2 if smoke else 10):
        f, x = friedman(seed, 2000)
        options = {"maxtime": limit, "maxiter": 10**6, "maxfun": 10**6}
        with harness.team(1):
            slow = hessopt.minimize(f, x, method="lbfgs", options=options)
            options["maxtime"] = limit / 2
            told = [
                hessopt.minimize(g, x, method="trust_region", options=options)
                for g in (f.with_ggn(), f)
            ]
        won += told[0].fun < slow.fun
        print(
            f"  seed {seed}: L-BFGS {slow.fun:.3e}, Levenberg-Marquardt {told[0].fun:.3e} "
            f"({told[0].nit} steps, {told[0].nhev} matrices), trust region {told[1].fun:.3e}",
            flush=True,
        )
    print(f"  Levenberg-Marquardt is below L-BFGS in {won}")


def main() -> None:
    """The cases asked for."""
    cases = {shape: lambda smoke, s=shape: matrices(s, smoke) for shape in SHAPES}
    cases["lm"] = levenberg_marquardt
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--case", nargs="+", choices=list(cases), default=list(cases))
    options = parser.parse_args()
    harness.header(jax, torch)
    for case in options.case:
        cases[case](options.smoke)


if __name__ == "__main__":
    main()
