"""A softmax head on float32 features: an evaluation, and the way to its optimum.

Run: OMP_NUM_THREADS=2 python bench/python/bench_heads.py [--smoke] [--threads 2]
         [--no-evaluations] [--fits COLUMNS:ROWS ...]

Features are random ReLU units of seeded pictures. Each fit says the gradient that it has reached,
relative to that at the start and in float64, beside its time: peers may stop before.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
import hessopt
from hessopt.objectives import Softmax

torch = harness.peer("torch")
linear = harness.peer("sklearn.linear_model")
CLASSES = 10
WANTED = 1e-6  # of the gradient, relative to that at the start


def pictures(n: int, seed: int = 0) -> tuple[Any, Any]:
    """16 x 16 pixels: waves of a class's own, at any place, beside those of another and noise."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, CLASSES, n)
    at = np.arange(16) * 2 * np.pi / 16
    waves = rng.integers(1, 4, (CLASSES, 2, 3))
    turns = rng.uniform(0, 2 * np.pi, (CLASSES, 3))

    def draw(kinds: Any, shift: Any) -> Any:
        out = np.zeros((len(kinds), 16, 16))
        for k in range(3):
            rows = waves[kinds, 0, k, None] * (at + shift[:, :1])
            columns = waves[kinds, 1, k, None] * (at + shift[:, 1:])
            out += np.cos(rows[:, :, None] + columns[:, None, :] + turns[kinds, k, None, None])
        return out

    seen = draw(y, rng.uniform(-0.6, 0.6, (n, 2)))
    beside = draw(rng.integers(0, CLASSES, n), rng.uniform(-0.6, 0.6, (n, 2)))
    X = seen + 0.3 * beside + rng.normal(scale=0.7, size=seen.shape)
    return X.reshape(n, -1).astype(np.float32), y


def features(n: int, p: int) -> tuple[Any, Any]:
    """ReLU units of random weights, of mean square 1 or so, and labels."""
    rng = np.random.default_rng(1)
    X = np.empty((n, p), np.float32)
    images, y = pictures(n)
    W = rng.normal(scale=1 / 16, size=(256, p)).astype(np.float32)
    b = rng.normal(scale=0.3, size=p).astype(np.float32)
    for i in range(0, n, 4096):
        X[i : i + 4096] = np.maximum(images[i : i + 4096] @ W + b, 0)
    return X, y


def head_of_torch(X: Any, y: Any, l2: float) -> tuple[Any, Callable[[], Any]]:
    """Weights with the intercepts last, and the loss with its gradient in place."""
    assert torch is not None
    rows, labels = torch.from_numpy(X), torch.from_numpy(y)
    W = torch.zeros((CLASSES, X.shape[1] + 1), requires_grad=True)

    def loss() -> Any:
        W.grad = None
        out = torch.nn.functional.cross_entropy(rows @ W[:, :-1].T + W[:, -1], labels)
        out = out + 0.5 * l2 * (W[:, :-1] ** 2).sum()
        out.backward()
        return out

    return W, loss


def loss_of_sklearn(X: Any, y: Any, l2: float, x: Any, threads: int) -> Callable[[], Any] | None:
    """Its value and gradient, in float32."""
    losses = harness.peer("sklearn._loss")
    kind = harness.peer("sklearn.linear_model._linear_loss")
    if losses is None or kind is None:
        return None
    model = kind.LinearModelLoss(
        base_loss=losses.HalfMultinomialLoss(n_classes=CLASSES), fit_intercept=True
    )
    w = np.asfortranarray(x.reshape(CLASSES, -1).astype(np.float32))
    target = y.astype(np.float32)
    return lambda: model.loss_gradient(w, X, target, None, l2, threads)


def evaluations(n: int, p: int, threads: int, smoke: bool) -> None:
    """Value and gradient, and products with the Hessian."""
    X, y = features(n, p)
    l2, some = 1 / n, min(n, 5000)
    f = Softmax(X, y, l2=l2)
    wide = Softmax(X[:some].astype(np.float64), y[:some], l2=l2)
    x = np.random.default_rng(2).normal(scale=0.3 / p**0.5, size=f.n_parameters)
    contenders: dict[str, Callable[[], Any]] = {"hessopt": lambda: f.value_and_gradient(x)}
    if (loss := loss_of_sklearn(X, y, l2, x, threads)) is not None:
        contenders["scikit-learn's loss"] = loss
    if torch is not None:
        contenders["torch, forward and backward"] = head_of_torch(X, y, l2)[1]
    contenders["hessopt, product with the Hessian"] = lambda: f.hessp(x, x)
    contenders[f"hessopt, float64, {some} rows"] = lambda: wide.value_and_gradient(x)
    harness.contest(
        f"value and gradient, {n} x {p} x {CLASSES}, float32, {threads} threads",
        contenders,
        work=4e-9 * n * p * CLASSES,
        unit="GF",
        smoke=smoke,
    )


def reached(X: Any, y: Any, l2: float, x: Any) -> tuple[float, float]:
    """The gradient relative to that at the start, and f, both in float64, in blocks of rows."""
    size, f = np.zeros((2, x.size)), 0.0
    for i in range(0, len(y), 4096):
        part = Softmax(
            np.r_[X[i : i + 4096], np.zeros((CLASSES, X.shape[1]), np.float32)].astype(np.float64),
            np.r_[y[i : i + 4096], np.arange(CLASSES)],
            sample_weight=np.r_[np.ones(len(y[i : i + 4096])), np.zeros(CLASSES)],
        )
        share = len(y[i : i + 4096]) / len(y)
        value, gradient = part.value_and_gradient(x)
        f += share * value
        size[0] += share * gradient
        size[1] += share * part.value_and_gradient(np.zeros(x.size))[1]
    coefficients = x.reshape(CLASSES, -1).copy()
    coefficients[:, -1] = 0
    size[0] += l2 * coefficients.ravel()
    f += 0.5 * l2 * float((coefficients**2).sum())
    return float(np.abs(size[0]).max() / np.abs(size[1]).max()), f


def fit_of_hessopt(X: Any, y: Any, l2: float, **how: Any) -> tuple[Any, str]:
    f = Softmax(X, y, l2=l2)
    start = np.zeros(f.n_parameters)
    found = hessopt.minimize(f, start, options={"gtol_rel": WANTED}, **how)
    return found.x, f"{found.nfev} evaluations"


def fit_of_sklearn(X: Any, y: Any, l2: float) -> tuple[Any, str]:
    assert linear is not None
    model = linear.LogisticRegression(C=1 / (l2 * len(y)), tol=1e-10, max_iter=5000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    x = np.c_[model.coef_, model.intercept_].astype(np.float64).ravel()
    return x, f"{model.n_iter_[0]} iterations"


def fit_of_torch(X: Any, y: Any, l2: float) -> tuple[Any, str]:
    """Steps until the gradient is as small as wanted, or does not fall any more."""
    assert torch is not None
    W, loss = head_of_torch(X, y, l2)
    loss()
    wanted = WANTED * float(W.grad.abs().max())
    solver = torch.optim.LBFGS(
        [W],
        max_iter=2000,
        max_eval=2000,
        history_size=10,
        tolerance_grad=wanted,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )
    solver.step(loss)
    count = solver.state[W]["func_evals"]
    return W.detach().numpy().astype(np.float64).ravel(), f"{count} evaluations"


def fits(p: int, n: int, threads: int) -> None:
    """To the optimum, each with what it has reached."""
    X, y = features(n, p)
    l2 = 1 / n
    contenders: dict[str, Callable[..., tuple[Any, str]]] = {"hessopt": fit_of_hessopt}
    if linear is not None:
        contenders["scikit-learn, lbfgs"] = fit_of_sklearn
    if torch is not None:
        contenders["torch, LBFGS"] = fit_of_torch
    print(f"\nto {WANTED:g} of the gradient, {p} x {n} x {CLASSES}, float32, {threads} threads")
    ours = 0.0
    for name, fit in contenders.items():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begin = time.perf_counter()
        x, spent = fit(X, y, l2)
        took = time.perf_counter() - begin
        ours = ours or took
        more = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / X.nbytes
        gradient, f = reached(X, y, l2, x)
        print(
            f"  {name:<22} {took:>8.2f} s {took / ours:>7.2f}x  {spent:<18} gradient "
            f"{gradient:.1e}, f {f:.8f}, memory {1 + more:.2f} X"
        )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-evaluations", action="store_true")
    parser.add_argument("--fits", nargs="*", default=["1024:50000", "4096:20000"])
    given = parser.parse_args()
    harness.header(torch, linear and __import__("sklearn"))
    sizes = ["300:500"] if given.smoke else given.fits
    with harness.team(given.threads):
        if not given.no_evaluations:
            for n, p in [(200, 300)] if given.smoke else [(5000, 1024), (20_000, 4096)]:
                evaluations(n, p, given.threads, given.smoke)
        for size in sizes:
            p, n = (int(a) for a in size.split(":"))
            fits(p, n, given.threads)


if __name__ == "__main__":
    main()
