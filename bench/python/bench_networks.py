"""Derivatives of small dense networks against jax, torch, scikit-learn and NumPy.

Run: OMP_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false \
         python bench/python/bench_networks.py [--smoke] [--threads 1 2]

jax takes its threads from the environment, and is compiled before it is timed. Networks have tanh
units; float64, but for the digits' (a seeded stand-in of their size), in float32.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
from hessopt.networks import BatchNorm, Dense, Dropout, Network

jax = harness.peer("jax")
torch = harness.peer("torch")
sklearn = harness.peer("sklearn")
if jax is not None:
    jax.config.update("jax_enable_x64", True)

SHAPES = (
    ((16, 16, 1), 2000, np.float64),
    ((20, 30, 5), 2000, np.float64),
    ((64, 100, 10), 1797, np.float32),
    ((20, 20, 20, 20, 5), 2000, np.float64),
)
Contenders = dict[str, Callable[[], Any]]


def data(widths: tuple[int, ...], n: int, dtype: type) -> tuple[Any, Any]:
    """Rows, and labels that depend on them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, widths[0])).astype(dtype)
    scores = np.tanh(X @ rng.normal(size=(widths[0], max(widths[-1], 2)))) + rng.gumbel(
        size=(n, max(widths[-1], 2))
    )
    return X, scores.argmax(axis=1)


def network(
    widths: tuple[int, ...], X: Any, y: Any, rate: float = 0.0, samples: int = 1
) -> Network:
    """With dropout after every hidden layer, where there is any."""
    layers: list[Dense | Dropout] = []
    for units in widths[1:-1]:
        layers += [Dense(units, "tanh"), *([Dropout(rate)] if rate else [])]
    layers.append(Dense(widths[-1]))
    loss = "logistic" if widths[-1] == 1 else "softmax"
    return Network(X, y, layers, loss=loss, l2=1e-4, n_samples=samples)


def of_numpy(f: Network, x: Any, X: Any, y: Any) -> Callable[[], Any]:
    """Written out, as one would."""
    weights = [(W.astype(X.dtype), b.astype(X.dtype)) for W, b in f.unflatten(x)]
    rows = np.arange(len(X))

    def look() -> Any:
        a = [X]
        for W, b in weights[:-1]:
            a.append(np.tanh(a[-1] @ W + b))
        z = a[-1] @ weights[-1][0] + weights[-1][1]
        if z.shape[1] == 1:
            d = 1 / (1 + np.exp(-z))
            d -= y[:, None]
            value = np.logaddexp(0, z[:, 0]).mean() - (y * z[:, 0]).mean()
        else:
            d = np.exp(z - z.max(axis=1, keepdims=True))
            d /= d.sum(axis=1, keepdims=True)
            value = -np.log(d[rows, y]).mean()
            d[rows, y] -= 1
        d = (d / len(X)).astype(X.dtype)
        gradient = []
        for layer in range(len(weights) - 1, -1, -1):
            W = weights[layer][0]
            gradient += [a[layer].T @ d + X.dtype.type(1e-4) * W, d.sum(axis=0)]
            if layer:
                d = (d @ W.T) * (1 - a[layer] ** 2)
        return value, gradient

    return look


def of_jax(f: Network, x: Any, X: Any, y: Any) -> tuple[Contenders, Contenders, Contenders]:
    """Value and gradient, Hessian and Gauss-Newton products, jitted."""
    jnp, shapes = jax.numpy, f.shapes
    rows, labels = jnp.asarray(X), jnp.asarray(y)

    def outputs(p: Any) -> Any:
        a, at = rows, 0
        for layer, (inputs, units) in enumerate(shapes):
            W = p[at : at + inputs * units].reshape(inputs, units)
            a = a @ W + p[at + inputs * units : at + inputs * units + units]
            at += inputs * units + units
            if layer < len(shapes) - 1:
                a = jnp.tanh(a)
        return a

    def loss(z: Any) -> Any:
        if z.shape[1] == 1:
            return (jax.nn.softplus(z[:, 0]) - labels * z[:, 0]).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(z), labels[:, None], axis=1).mean()

    free = jnp.asarray(f.flatten([(W * 0 + 1e-4, b * 0) for W, b in f.unflatten(x)]), X.dtype)

    def value(p: Any) -> Any:
        return loss(outputs(p)) + (free * p * p).sum() / 2

    def ggn(p: Any, v: Any) -> Any:
        z, along = jax.jvp(outputs, (p,), (v,))
        curved = jax.jvp(jax.grad(loss), (z,), (along,))[1]
        return jax.vjp(outputs, p)[1](curved)[0] + free * v

    p, v = jnp.asarray(x, X.dtype), jnp.ones(len(x), X.dtype)
    both = jax.jit(jax.value_and_grad(value))
    along = jax.jit(lambda p, v: jax.jvp(jax.grad(value), (p,), (v,))[1])
    gauss = jax.jit(ggn)
    calls = (lambda: both(p), lambda: along(p, v), lambda: gauss(p, v))
    for call in calls:
        for _ in range(20):
            jax.block_until_ready(call())
    return tuple({"jax, jitted": lambda c=c: jax.block_until_ready(c())} for c in calls)


def of_torch(f: Network, x: Any, X: Any, y: Any) -> tuple[Contenders, Contenders]:
    """Value and gradient, and the Hessian product by double backward."""
    weights = []
    for W, b in f.unflatten(x):
        weights.append((torch.tensor(W.astype(X.dtype)), torch.tensor(b.astype(X.dtype))))
    flat = [t.requires_grad_() for pair in weights for t in pair]
    rows, labels = torch.from_numpy(X), torch.from_numpy(y)
    functional = torch.nn.functional
    v = [torch.ones_like(t) for t in flat]

    def value() -> Any:
        a = rows
        for W, b in weights[:-1]:
            a = torch.tanh(torch.addmm(b, a, W))
        z = torch.addmm(weights[-1][1], a, weights[-1][0])
        if z.shape[1] == 1:
            told = functional.binary_cross_entropy_with_logits(z[:, 0], labels.to(z.dtype))
        else:
            told = functional.cross_entropy(z, labels)
        return told + 0.5e-4 * sum((W * W).sum() for W, _ in weights)

    def gradient() -> Any:
        told = value()
        return told, torch.autograd.grad(told, flat)

    def product() -> Any:
        slopes = torch.autograd.grad(value(), flat, create_graph=True)
        return torch.autograd.grad(slopes, flat, grad_outputs=v)

    for _ in range(20):
        gradient()
        product()
    return {"torch": gradient}, {"torch, double backward": product}


def of_sklearn(widths: tuple[int, ...], X: Any, y: Any) -> Contenders:
    """What MLPClassifier's lbfgs evaluates."""
    from sklearn.neural_network import MLPClassifier

    class Seen(MLPClassifier):  # type: ignore[misc]
        def _loss_grad_lbfgs(self, *args: Any) -> Any:
            self.seen = args
            return super()._loss_grad_lbfgs(*args)

    hidden = widths[1:-1]
    fitted = Seen(hidden, activation="tanh", solver="lbfgs", max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted.fit(X, y)
    return {"scikit-learn MLPClassifier": lambda: fitted._loss_grad_lbfgs(*fitted.seen)}


def contests(widths: tuple[int, ...], n: int, dtype: type, smoke: bool) -> None:
    """Value and gradient, and both products."""
    X, y = data(widths, n, dtype)
    f = network(widths, X, y)
    x = np.random.default_rng(1).normal(size=f.n_parameters) * 0.3
    v = np.ones_like(x)
    ours = {"hessopt value and gradient": lambda: f.value_and_gradient(x)}
    first: Contenders = dict(ours)
    points = itertools.cycle([x, 0.9 * x])  # a product keeps its point
    second: Contenders = {
        "hessopt hessp": lambda: f.hessp(next(points), v),
        "  at the last point": lambda: f.hessp(x, v),
        **ours,
    }
    third: Contenders = {
        "hessopt ggnp": lambda: f.ggnp(next(points), v),
        "  at the last point": lambda: f.ggnp(x, v),
        **ours,
    }
    if jax is not None:
        for contenders, theirs in zip((first, second, third), of_jax(f, x, X, y), strict=True):
            contenders.update(theirs)
    if torch is not None:
        for contenders, theirs in zip((first, second), of_torch(f, x, X, y), strict=True):
            contenders.update(theirs)
    if sklearn is not None:
        first.update(of_sklearn(widths, X, y))
    first["NumPy, written out"] = of_numpy(f, x, X, y)
    name = f"{'-'.join(map(str, widths))}, n {n}, {np.dtype(dtype).name}"
    work = 1e-9 * n * (6 * sum(a * b for a, b in f.shapes) - 2 * f.shapes[0][0] * f.shapes[0][1])
    harness.contest(f"{name}: value and gradient", first, work=work, unit="GF", smoke=smoke)
    harness.contest(f"{name}: Hessian times vector", second, smoke=smoke)
    harness.contest(f"{name}: Gauss-Newton times vector", third, smoke=smoke)


def normalised(smoke: bool) -> None:
    """Batch normalisation before the activation: value and gradient, and products."""
    n = 200 if smoke else 1797
    X, y = data((64, 100, 10), n, np.float32)
    f = Network(X, y, [Dense(100), BatchNorm("tanh"), Dense(10)])
    plain = network((64, 100, 10), X, y)
    x = f.initial(seed=1)
    at, v = plain.initial(seed=1), np.ones_like(x)
    first: Contenders = {
        "hessopt": lambda: f.value_and_gradient(x),
        "  without BatchNorm": lambda: plain.value_and_gradient(at),
        "  hessp": lambda: f.hessp(x, v),
        "  ggnp": lambda: f.ggnp(x, v),
    }
    (W1, _), (gamma, beta), (W2, b) = f.unflatten(x)
    parts = [np.ascontiguousarray(part, np.float32) for part in (W1, gamma, beta, W2, b)]
    if jax is not None:
        jnp, rows, labels = jax.numpy, jax.numpy.asarray(X), jax.numpy.asarray(y)

        def value(p: Any) -> Any:
            u = rows @ p[0]
            unit = (u - u.mean(axis=0)) / jnp.sqrt(u.var(axis=0) + 1e-5)
            z = jnp.tanh(p[1] * unit + p[2]) @ p[3] + p[4]
            return -jnp.take_along_axis(jax.nn.log_softmax(z), labels[:, None], axis=1).mean()

        both, told = jax.jit(jax.value_and_grad(value)), [jnp.asarray(p) for p in parts]
        for _ in range(20):
            jax.block_until_ready(both(told))
        first["jax, jitted"] = lambda: jax.block_until_ready(both(told))
    if torch is not None:
        functional, tensors = torch.nn.functional, [torch.tensor(p) for p in parts]
        for tensor in tensors:
            tensor.requires_grad_()
        data_of, labels_of = torch.from_numpy(X), torch.from_numpy(y)

        def gradient() -> Any:
            u = data_of @ tensors[0]
            z = functional.batch_norm(u, None, None, tensors[1], tensors[2], training=True)
            z = torch.addmm(tensors[4], torch.tanh(z), tensors[3])
            return torch.autograd.grad(functional.cross_entropy(z, labels_of), tensors)

        for _ in range(20):
            gradient()
        first["torch"] = gradient
    harness.contest(f"64-100-10, n {n}, float32: batch normalisation", first, smoke=smoke)


def masks(smoke: bool) -> None:
    """Value and gradient under ten fixed masks, in evaluations without dropout."""
    widths, n = (64, 100, 10), 200 if smoke else 1297
    X, y = data(widths, n, np.float32)
    plain, masked = network(widths, X, y), network(widths, X, y, 0.5, 10)
    x = np.random.default_rng(1).normal(size=plain.n_parameters) * 0.3
    contenders = {
        "hessopt without dropout": lambda: plain.value_and_gradient(x),
        "hessopt, ten masks": lambda: masked.value_and_gradient(x),
    }
    harness.contest(f"64-100-10, n {n}, float32: ten masks", contenders, smoke=smoke)


def main() -> None:
    """Every contest, for every number of threads."""
    options = harness.options()
    harness.header(jax, torch, sklearn)
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        with harness.team(threads):
            for widths, n, dtype in SHAPES:
                contests(widths, 300 if options.smoke else n, dtype, options.smoke)
            normalised(options.smoke)
            masks(options.smoke)


if __name__ == "__main__":
    main()
