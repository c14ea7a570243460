"""Four solvers on one objective from one start."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

import hessopt

from .data import Split

N_MASKS = 16  # fixed masks in the objective
L2 = 1e-3
N_PREDICTIONS = 200  # masks at prediction
FIRST_ORDER = 1000  # iterations of Adam and gradient descent
_GTOL = 1e-8


@dataclass
class Trace:
    """What one solver did.

    Attributes
    ----------
    name : str
        The solver.
    seconds, values : list of float
        Time since the start and objective, at the start and after every iteration.
    result : OptimizeResult
        Where it ended.
    accuracy : float
        On the test rows, without dropout.
    """

    name: str
    seconds: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    result: hessopt.OptimizeResult = field(default_factory=hessopt.OptimizeResult)
    accuracy: float = 0.0


def objective(split: Split, noise: hessopt.Dropout) -> hessopt.objectives.Objective:
    """Softmax regression under dropout of its inputs, averaged over fixed masks."""
    model = hessopt.objectives.Softmax(split.X_train, split.y_train, l2=L2)
    return hessopt.expected(model, noise, method="sample", n_samples=N_MASKS)


def _largest_curvature(f: hessopt.objectives.Objective) -> float:
    """The largest eigenvalue of the Hessian at 0, by power iteration on Hessian-vector products."""
    v = np.random.default_rng(0).normal(size=f.n_parameters)
    zero = np.zeros_like(v)
    norm = 1.0
    for _ in range(30):
        v = f.hessp(zero, v / np.linalg.norm(v))
        norm = float(np.linalg.norm(v))
    return norm


def solvers(f: hessopt.objectives.Objective) -> dict[str, tuple[str, dict[str, Any]]]:
    """The contenders: method and options, each at a good setting of its own.

    Gradient descent gets 1 / (largest curvature), the largest rate that is safe for a convex
    objective whose curvature is largest at the start, as it is here.
    """
    fixed = {"gtol": _GTOL, "maxiter": FIRST_ORDER}
    return {
        "Newton": ("newton", {"gtol": _GTOL}),
        "L-BFGS": ("lbfgs", {"gtol": _GTOL}),
        "Adam": ("adam", fixed | {"learning_rate": 0.03}),
        "gradient descent": (
            "gradient_descent",
            fixed | {"learning_rate": 1 / _largest_curvature(f)},
        ),
    }


def run(
    name: str,
    solver: tuple[str, dict[str, Any]],
    f: hessopt.objectives.Objective,
    split: Split,
) -> Trace:
    """Run one solver to its end, under a progress bar.

    Parameters
    ----------
    name : str
        Shown beside the bar.
    solver : tuple
        Method and options.
    f : Objective
        What it minimises, from 0.
    split : Split
        For the test accuracy.
    """
    from tqdm import tqdm

    trace = Trace(name)
    begin = time.perf_counter()

    def note(intermediate_result: hessopt.OptimizeResult) -> None:
        trace.seconds.append(time.perf_counter() - begin)
        trace.values.append(intermediate_result.fun)
        norm = np.abs(intermediate_result.jac).max()
        bar.set_postfix_str(f"f {intermediate_result.fun:.6f}, |g| {norm:.1e}", refresh=False)
        bar.update()

    with tqdm(desc=f"{name:>16}", unit=" iterations", leave=False) as bar:
        start = np.zeros(f.n_parameters)
        trace.values.append(f.value_and_gradient(start)[0])
        begin = time.perf_counter()
        trace.seconds.append(0.0)
        method, options = solver
        trace.result = hessopt.minimize(f, start, method=method, options=options, callback=note)
    logits = predictor(trace.result.x, split.X_test, len(split.classes))
    trace.accuracy = float(np.mean(logits.argmax(axis=1) == split.y_test))
    return trace


def predictor(
    x: npt.NDArray[np.float64], X: npt.NDArray[np.float64], n_classes: int
) -> npt.NDArray[np.float64]:
    """Logits of a softmax model, shape (n, n_classes)."""
    W = x.reshape(n_classes, -1)
    return X @ W[:, :-1].T + W[:, -1]


@dataclass(frozen=True)
class Prediction:
    """Class probabilities over dropout masks, for every test row.

    Attributes
    ----------
    mean, spread : ndarray, shape (n_test, n_classes)
        Mean and standard deviation over the masks.
    entropy : ndarray, shape (n_test,)
        Of the mean, in nats: how uncertain the prediction is.
    """

    mean: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]
    entropy: npt.NDArray[np.float64]


def predict(x: npt.NDArray[np.float64], split: Split, noise: hessopt.Dropout) -> Prediction:
    """Monte Carlo over masks that the fit has not seen: streams from N_MASKS on."""
    total = np.zeros((len(split.X_test), len(split.classes)))
    squares = np.zeros_like(total)
    for k in range(N_PREDICTIONS):
        dropped = hessopt.dropout(split.X_test, noise.rate, noise.seed, stream=N_MASKS + k)
        logits = predictor(x, dropped, len(split.classes))
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        total += p
        squares += p * p
    mean = total / N_PREDICTIONS
    spread = np.sqrt(np.maximum(squares / N_PREDICTIONS - mean**2, 0))
    entropy = -np.sum(mean * np.log(np.maximum(mean, 1e-300)), axis=1)
    return Prediction(mean, spread, entropy)
