"""The price of integrating noise: closed forms beside the objective without noise and NumPy.

Run: python bench/python/bench_expected.py [--smoke] [--threads 1 2]

The NumPy contender is the textbook transcription of the closed-form logistic objective in float64:
eight terms, SciPy's erfc, matrix products. The fits are of one convex function, dropout of half of
the inputs under the normal predictor. L-BFGS with a fresh mask at every evaluation minimises the
same in expectation, and its row says how far above the minimum it ended.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from scipy.special import erfc

import harness
import hessopt

sklearn_datasets = harness.peer("sklearn.datasets")

WEIGHT = (
    0.003246343272134,
    0.051517477033972,
    0.195077912673858,
    0.315569823632818,
    0.274149576158423,
    0.131076880695470,
    0.027912418727972,
    0.001449567805354,
)
SCALE = (
    1.365340806296348,
    1.059523971016916,
    0.830791313765644,
    0.650732166639391,
    0.508135425366489,
    0.396313345166341,
    0.308904252267995,
    0.238212616409306,
)


class NumPyLogistic:
    """Value, gradient and Hessian without intercept, X and X∘X held."""

    def __init__(self, X: Any, y: Any, odds: float) -> None:
        self.X, self.squares, self.sign, self.odds = X, X * X, 1.0 - 2.0 * y, odds

    def marginal(self, w: Any) -> tuple[Any, ...]:
        """F and its derivatives in mean and variance."""
        a, s2 = self.sign * (self.X @ w), self.odds * (self.squares @ (w * w))
        out = [np.zeros(len(a)) for _ in range(6)]
        for p, s in zip(WEIGHT, SCALE, strict=True):
            v = np.sqrt(s2 + 1 / s**2)
            u = a / v
            below = p * 0.5 * erfc(-u / np.sqrt(2))
            density = p * np.exp(-0.5 * u * u) / np.sqrt(2 * np.pi)
            out[0] += a * below + v * density
            out[1] += self.sign * below
            out[2] += density / (2 * v)
            out[3] += density / v
            out[4] -= self.sign * u * density / (2 * v * v)
            out[5] += (u * u - 1) * density / (4 * v**3)
        return tuple(out)

    def value_and_gradient(self, w: Any) -> tuple[float, Any]:
        """Both."""
        f = self.marginal(w)
        gradient = self.X.T @ f[1] + 2 * self.odds * w * (self.squares.T @ f[2])
        return float(f[0].mean()), gradient / len(self.X)

    def hessian(self, w: Any) -> Any:
        """X'D₁X + X'D₂V + V'D₂X + V'D₃V + 2c diag((X∘X)'F_s)."""
        f = self.marginal(w)
        V = 2 * self.odds * self.squares * w
        cross = self.X.T @ (f[4][:, None] * V)
        H = self.X.T @ (f[3][:, None] * self.X) + cross + cross.T + V.T @ (f[5][:, None] * V)
        H[np.diag_indices_from(H)] += 2 * self.odds * (self.squares.T @ f[2])
        return H / len(self.X)


def evaluations(n: int, p: int, dtype: type, smoke: bool) -> None:
    """One evaluation with and without noise."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p)).astype(dtype)
    w = rng.normal(size=p) / np.sqrt(p)
    y = (X @ w + rng.logistic(size=n) > 0).astype(int)
    plain = hessopt.objectives.Logistic(X, y, fit_intercept=False)
    counts = hessopt.objectives.Poisson(X, y, fit_intercept=False)
    noise = hessopt.Dropout(0.5)
    closed = hessopt.expected(plain, noise, "normal")
    taylor = hessopt.expected(plain, noise, "taylor")
    additive = hessopt.expected(plain, hessopt.GaussianNoise(0.5), "normal")
    product = hessopt.expected(counts, noise, "exact")
    peer = NumPyLogistic(X.astype(float), y, 1.0)
    np.testing.assert_allclose(
        closed.value_and_gradient(w)[1], peer.value_and_gradient(w)[1], atol=1e-9
    )
    np.testing.assert_allclose(closed.hessian(w), peer.hessian(w), atol=1e-9)
    rows = {
        "closed form, dropout": closed,
        "closed form, additive noise": additive,
        "Taylor, dropout": taylor,
        "Poisson, exact product": product,
        "without noise": plain,
        "NumPy float64, closed form": peer,
    }
    size = f"{n} x {p} {np.dtype(dtype).name}"
    for what in ("value_and_gradient", "hessian"):
        contenders = {k: lambda f=f: getattr(f, what)(w) for k, f in rows.items()}  # noqa: B023
        harness.contest(f"logistic, {what}, {size}", contenders, smoke=smoke)


def fits(smoke: bool) -> None:
    """Whole fits on digits, even against odd."""
    if sklearn_datasets is None:
        return
    X, y = sklearn_datasets.load_digits(return_X_y=True)
    X, y = X[:, X.any(axis=0)] / 16, y % 2
    model = hessopt.objectives.Logistic(X, y)
    noise = hessopt.Dropout(0.5)
    f = hessopt.expected(model, noise, "normal")
    start = np.zeros(f.n_parameters)
    best = hessopt.minimize(f, start, method="newton", tol=1e-12).fun
    limit = {"maxiter": 50 if smoke else 5000}
    draws = np.random.default_rng(1)

    def fresh(x: Any) -> tuple[float, Any]:
        dropped = hessopt.dropout(X, 0.5, int(draws.integers(2**63)))
        return hessopt.objectives.Logistic(dropped, y).value_and_gradient(x)

    sample = hessopt.expected(model, noise, "sample", n_samples=8 if smoke else 64)
    runs = {
        "Newton, closed form": lambda: hessopt.minimize(f, start, method="newton", tol=1e-10),
        "L-BFGS, closed form": lambda: hessopt.minimize(
            f, start, method="lbfgs", tol=1e-10, options=limit
        ),
        "Newton, 64 fixed masks": lambda: hessopt.minimize(
            sample, start, method="newton", tol=1e-10
        ),
        "L-BFGS, a fresh mask each time": lambda: hessopt.minimize(
            fresh, start, jac=True, method="lbfgs", options=limit
        ),
    }
    print("\nfits on digits, even against odd, rate 0.5")
    for name, run in runs.items():
        begin = time.perf_counter()
        result = run()
        took = 1e3 * (time.perf_counter() - begin)
        value, gradient = f.value_and_gradient(result.x)
        print(
            f"  {name:<34} {took:>9.1f} ms  {result.nit:>5} iterations"
            f"  {(value - best) * len(y):>9.2g} nats above the minimum"
            f"  max |g| {np.abs(gradient).max():.1e}  {result.message}"
        )


def main() -> None:
    """Run all."""
    args = harness.options()
    harness.header()
    for threads in args.threads:
        with harness.team(threads):
            print(f"\n{threads} thread(s)")
            for dtype in (np.float64, np.float32):
                evaluations(2000 if args.smoke else 100_000, 50, dtype, args.smoke)
            fits(args.smoke)


if __name__ == "__main__":
    main()
