from __future__ import annotations

import enum
import typing

import numpy
import numpy.typing

__all__: list[str] = [
    "Adam",
    "GradientDescent",
    "Lbfgs",
    "Limits",
    "Logistic",
    "LogisticClosedForm",
    "Newton",
    "RunningMoments",
    "Softmax",
    "Squared",
    "SquaredClosedForm",
    "Status",
    "WeightedSum",
    "all_finite",
    "bool_mask",
    "cholesky_solve",
    "closed_form",
    "compiler",
    "dropout_into",
    "eigen_version",
    "enumerate_masks",
    "fixed_samples",
    "level",
    "max_threads",
    "openmp_runtime",
    "packed_mask",
    "simd",
    "two_loop",
    "version",
    "weighted_gram",
]

class Squared:
    def __init__(
        self,
        X: numpy.ndarray,
        y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        l2: typing.SupportsFloat | typing.SupportsIndex,
        fit_intercept: bool,
    ) -> None: ...
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(
        self, x: typing.Any
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64]]:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class Logistic:
    def __init__(
        self,
        X: numpy.ndarray,
        y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        l2: typing.SupportsFloat | typing.SupportsIndex,
        fit_intercept: bool,
    ) -> None: ...
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(
        self, x: typing.Any
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64]]:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class Softmax:
    def __init__(
        self,
        X: numpy.ndarray,
        y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        l2: typing.SupportsFloat | typing.SupportsIndex,
        fit_intercept: bool,
        n_classes: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(
        self, x: typing.Any
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64]]:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def n_classes(self) -> int:
        """
        Number of classes K.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class SquaredClosedForm:
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(
        self, x: typing.Any
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64]]:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class LogisticClosedForm:
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(
        self, x: typing.Any
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64]]:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class WeightedSum:
    def __init__(self, size: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def add(
        self,
        weight: typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, 1]"],
        f: typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, n]", "flags.c_contiguous"],
    ) -> None: ...
    @property
    def value(self) -> typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, 1]"]: ...

class RunningMoments:
    def __init__(self, size: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def add(
        self,
        f: typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, n]", "flags.c_contiguous"],
    ) -> None: ...
    @property
    def count(self) -> int: ...
    @property
    def mean(self) -> typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, 1]"]: ...
    @property
    def standard_error(self) -> typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, 1]"]: ...

class Status(enum.IntEnum):
    """
    Why a run ended.
    """

    CALLBACK = ...
    DECREASE = ...
    GRADIENT = ...
    LINE_SEARCH = ...
    MAX_EVALUATIONS = ...
    MAX_ITERATIONS = ...
    NON_FINITE = ...
    ROUNDING_FLOOR = ...
    RUNNING = ...

class Limits:
    def __init__(
        self,
        gtol: typing.SupportsFloat | typing.SupportsIndex,
        gtol_rel: typing.SupportsFloat | typing.SupportsIndex,
        ftol: typing.SupportsFloat | typing.SupportsIndex,
        maxiter: typing.SupportsInt | typing.SupportsIndex,
        maxfun: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class Lbfgs:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self, x0: typing.Any, maxcor: typing.SupportsInt | typing.SupportsIndex, limits: Limits
    ) -> None: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The point to evaluate next, shape (n,).
        """
    def stop(self) -> None:
        """
        End the run here, with status CALLBACK.
        """
    def tell(self, f: typing.Any, g: typing.Any) -> None:
        """
        Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are allowed: the step is shortened.
        """
    @property
    def done(self) -> bool:
        """
        Whether the run has ended.
        """
    @property
    def fun(self) -> float:
        """
        f at `x`, as it was told; NaN before the first `tell`.
        """
    @property
    def jac(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradient at `x`, as it was told; empty before the first `tell`.
        """
    @property
    def message(self) -> str:
        """
        The status in words, with the numbers that were compared.
        """
    @property
    def n_skipped(self) -> int:
        """
        Pairs without measurable curvature, left out of the history.
        """
    @property
    def nfev(self) -> int:
        """
        Evaluations of f and its gradient.
        """
    @property
    def nit(self) -> int:
        """
        Iterations: accepted steps.
        """
    @property
    def status(self) -> Status:
        """
        Why the run ended, or RUNNING.
        """
    @property
    def success(self) -> bool:
        """
        Whether it ended at a minimum, as far as f and its gradient tell.
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The best point so far, shape (n,).
        """

class Newton:
    def __getstate__(self) -> bytes: ...
    def __init__(self, x0: typing.Any, limits: Limits) -> None: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The point to evaluate next, shape (n,).
        """
    def stop(self) -> None:
        """
        End the run here, with status CALLBACK.
        """
    def tell(self, f: typing.Any, g: typing.Any) -> None:
        """
        Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are allowed: the step is shortened.
        """
    def tell_hessian(self, H: typing.Any) -> None:
        """
        Report the Hessian, shape (n, n), at the last accepted point. It is taken to be symmetric.
        """
    @property
    def done(self) -> bool:
        """
        Whether the run has ended.
        """
    @property
    def fun(self) -> float:
        """
        f at `x`, as it was told; NaN before the first `tell`.
        """
    @property
    def jac(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradient at `x`, as it was told; empty before the first `tell`.
        """
    @property
    def message(self) -> str:
        """
        The status in words, with the numbers that were compared.
        """
    @property
    def n_factorizations(self) -> int:
        """
        Cholesky factorisations, the failed ones included.
        """
    @property
    def needs_hessian(self) -> bool:
        """
        Whether the Hessian at the last asked point is wanted next.
        """
    @property
    def nfev(self) -> int:
        """
        Evaluations of f and its gradient.
        """
    @property
    def nhev(self) -> int:
        """
        Hessians told.
        """
    @property
    def nit(self) -> int:
        """
        Iterations: accepted steps.
        """
    @property
    def status(self) -> Status:
        """
        Why the run ended, or RUNNING.
        """
    @property
    def success(self) -> bool:
        """
        Whether it ended at a minimum, as far as f and its gradient tell.
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The best point so far, shape (n,).
        """

class GradientDescent:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        learning_rate: typing.SupportsFloat | typing.SupportsIndex,
        limits: Limits,
    ) -> None: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The point to evaluate next, shape (n,).
        """
    def stop(self) -> None:
        """
        End the run here, with status CALLBACK.
        """
    def tell(self, f: typing.Any, g: typing.Any) -> None:
        """
        Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are allowed: the step is shortened.
        """
    @property
    def done(self) -> bool:
        """
        Whether the run has ended.
        """
    @property
    def fun(self) -> float:
        """
        f at `x`, as it was told; NaN before the first `tell`.
        """
    @property
    def jac(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradient at `x`, as it was told; empty before the first `tell`.
        """
    @property
    def message(self) -> str:
        """
        The status in words, with the numbers that were compared.
        """
    @property
    def nfev(self) -> int:
        """
        Evaluations of f and its gradient.
        """
    @property
    def nit(self) -> int:
        """
        Iterations: accepted steps.
        """
    @property
    def status(self) -> Status:
        """
        Why the run ended, or RUNNING.
        """
    @property
    def success(self) -> bool:
        """
        Whether it ended at a minimum, as far as f and its gradient tell.
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The best point so far, shape (n,).
        """

class Adam:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        learning_rate: typing.SupportsFloat | typing.SupportsIndex,
        beta1: typing.SupportsFloat | typing.SupportsIndex,
        beta2: typing.SupportsFloat | typing.SupportsIndex,
        epsilon: typing.SupportsFloat | typing.SupportsIndex,
        limits: Limits,
    ) -> None: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The point to evaluate next, shape (n,).
        """
    def stop(self) -> None:
        """
        End the run here, with status CALLBACK.
        """
    def tell(self, f: typing.Any, g: typing.Any) -> None:
        """
        Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are allowed: the step is shortened.
        """
    @property
    def done(self) -> bool:
        """
        Whether the run has ended.
        """
    @property
    def fun(self) -> float:
        """
        f at `x`, as it was told; NaN before the first `tell`.
        """
    @property
    def jac(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradient at `x`, as it was told; empty before the first `tell`.
        """
    @property
    def message(self) -> str:
        """
        The status in words, with the numbers that were compared.
        """
    @property
    def nfev(self) -> int:
        """
        Evaluations of f and its gradient.
        """
    @property
    def nit(self) -> int:
        """
        Iterations: accepted steps.
        """
    @property
    def status(self) -> Status:
        """
        Why the run ended, or RUNNING.
        """
    @property
    def success(self) -> bool:
        """
        Whether it ended at a minimum, as far as f and its gradient tell.
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The best point so far, shape (n,).
        """

def all_finite(X: numpy.ndarray) -> bool: ...
def bool_mask(
    size: typing.SupportsInt | typing.SupportsIndex,
    keep: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
    offset: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.bool]: ...
def cholesky_solve(H: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray: ...
@typing.overload
def closed_form(
    model: Squared, rate: typing.SupportsFloat | typing.SupportsIndex
) -> SquaredClosedForm: ...
@typing.overload
def closed_form(
    model: Logistic, rate: typing.SupportsFloat | typing.SupportsIndex
) -> LogisticClosedForm: ...
def dropout_into(
    x: numpy.ndarray,
    out: numpy.ndarray,
    rate: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
) -> None: ...
def enumerate_masks(
    keep: typing.SupportsFloat | typing.SupportsIndex,
    size: typing.SupportsInt | typing.SupportsIndex,
    begin: typing.SupportsInt | typing.SupportsIndex,
    count: typing.SupportsInt | typing.SupportsIndex,
) -> tuple[
    typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, n]"],
    typing.Annotated[numpy.typing.NDArray[numpy.float64], "[m, 1]"],
]: ...
@typing.overload
def fixed_samples(
    model: Squared,
    rate: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    n_samples: typing.SupportsInt | typing.SupportsIndex,
) -> Squared: ...
@typing.overload
def fixed_samples(
    model: Logistic,
    rate: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    n_samples: typing.SupportsInt | typing.SupportsIndex,
) -> Logistic: ...
@typing.overload
def fixed_samples(
    model: Softmax,
    rate: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    n_samples: typing.SupportsInt | typing.SupportsIndex,
) -> Softmax: ...
def max_threads() -> int:
    """
    Threads the next call from this thread would use.
    """

def packed_mask(
    size: typing.SupportsInt | typing.SupportsIndex,
    keep: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
    offset: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.uint8]: ...
def two_loop(g: numpy.ndarray, S: numpy.ndarray, Y: numpy.ndarray) -> numpy.ndarray: ...
def weighted_gram(X: numpy.ndarray, w: numpy.ndarray) -> numpy.ndarray: ...

compiler: str
eigen_version: str
level: str
openmp_runtime: str
simd: str
version: str
