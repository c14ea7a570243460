from __future__ import annotations

import collections.abc
import enum
import typing

import numpy
import numpy.typing
import typing_extensions

__all__: list[str] = [
    "Adam",
    "BatchAdam",
    "BatchLevenbergMarquardt",
    "BatchModel",
    "BatchNewton",
    "BatchQuasiNewton",
    "Bfgs",
    "ClosedForm",
    "Cox",
    "DropConnect",
    "Dropout",
    "EntropyMoments",
    "EnumeratedModel",
    "Equalities",
    "Factor32",
    "Factor64",
    "GaussianDropout",
    "GaussianNoise",
    "GradientDescent",
    "InnerStop",
    "Lbfgs",
    "LevenbergMarquardt",
    "Limits",
    "LinearModel",
    "Network",
    "Newton",
    "NewtonCg",
    "Ordinal",
    "OwlQn",
    "ParameterSamples",
    "ProductForm",
    "ProximalNewton",
    "Rows",
    "RunningMoments",
    "Softmax",
    "SoftmaxTaylor",
    "Solver",
    "Status",
    "Tails",
    "TrustRegion",
    "WeightedSum",
    "activations",
    "all_finite",
    "batch_covariances",
    "batch_message",
    "chi_square_tail",
    "cholesky_solve",
    "cholesky_solve_stack",
    "closed_form",
    "compiler",
    "dense_rows",
    "dropout_into",
    "dropout_linear",
    "dropout_moments",
    "dropout_samples_into",
    "eigen_version",
    "enumerate_masks",
    "enumerated",
    "expected_sigmoid",
    "fixed_samples",
    "gamma_shape",
    "gaussian_dropout_into",
    "gram_of_clusters",
    "gram_of_rows",
    "has_amx",
    "level",
    "linear_fit",
    "log_less_digamma",
    "losses",
    "mask_into",
    "max_threads",
    "mixed_rows",
    "noisy_copies",
    "openmp_runtime",
    "packed_mask",
    "parameters_of_loss",
    "products_with_rows",
    "require_memory",
    "sigmoid_of_normal",
    "simd",
    "softmax_taylor",
    "sparse_columns",
    "sparse_rows",
    "squares_covariance",
    "stacked_rows",
    "student_quantile",
    "student_tail",
    "sums_of_rows",
    "two_loop",
    "use_kernels",
    "version",
    "weighted_gram",
    "words_of_rows",
]

class Dropout:
    def __init__(
        self,
        rate: typing.SupportsFloat | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    @property
    def variance(self) -> float:
        """
        Of what an input is multiplied by, or of what is added to it.
        """

class DropConnect:
    def __init__(
        self,
        rate: typing.SupportsFloat | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    @property
    def variance(self) -> float:
        """
        Of what an input is multiplied by, or of what is added to it.
        """

class GaussianDropout:
    def __init__(
        self,
        rate: typing.SupportsFloat | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    @property
    def variance(self) -> float:
        """
        Of what an input is multiplied by, or of what is added to it.
        """

class GaussianNoise:
    def __init__(
        self,
        scale: typing.SupportsFloat | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    @property
    def variance(self) -> float:
        """
        Of what an input is multiplied by, or of what is added to it.
        """

class Equalities:
    """
    The points x with A x = b, by coordinates z: x = Y w + Z z.
    """
    def __init__(self, A: typing.Any, b: typing.Any) -> None: ...
    def __reduce__(self) -> tuple: ...
    def direction(self, z: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        Z z.
        """
    def directions(self, z: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        Z z, of the columns of z.
        """
    def hessian_to_z(self, H: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        Z'H Z.
        """
    def multipliers(self, g: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The least squares solution of A'y = g.
        """
    def to_x(self, z: typing.Any) -> numpy.typing.NDArray[numpy.float64]: ...
    def to_z(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        Of the point nearest to x.
        """
    def violation(self, x: typing.Any) -> float:
        """
        max |A x - b|.
        """
    @property
    def rank(self) -> int:
        """
        Of A.
        """
    @property
    def size(self) -> int:
        """
        Of x.
        """

class Factor64:
    @staticmethod
    def modified(H: numpy.ndarray) -> tuple: ...
    @staticmethod
    def of(H: numpy.ndarray) -> tuple: ...
    def __getstate__(self) -> bytes: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def downdate(self, V: numpy.ndarray) -> None: ...
    def inverse(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def inverse_diagonal(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def logdet(self) -> float: ...
    def lower(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def norm_of_inverse(self) -> float: ...
    def solve(self, b: numpy.ndarray) -> numpy.typing.NDArray[numpy.float64]: ...
    def update(self, V: numpy.ndarray) -> None: ...

class Factor32:
    @staticmethod
    def modified(H: numpy.ndarray) -> tuple: ...
    @staticmethod
    def of(H: numpy.ndarray) -> tuple: ...
    def __getstate__(self) -> bytes: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def downdate(self, V: numpy.ndarray) -> None: ...
    def inverse(self) -> numpy.typing.NDArray[numpy.float32]: ...
    def inverse_diagonal(self) -> numpy.typing.NDArray[numpy.float32]: ...
    def logdet(self) -> float: ...
    def lower(self) -> numpy.typing.NDArray[numpy.float32]: ...
    def norm_of_inverse(self) -> float: ...
    def solve(self, b: numpy.ndarray) -> numpy.typing.NDArray[numpy.float32]: ...
    def solve_refined(
        self, H: numpy.ndarray, norm: typing.SupportsFloat | typing.SupportsIndex, b: numpy.ndarray
    ) -> typing.Any: ...
    def update(self, V: numpy.ndarray) -> None: ...

class Rows:
    def __reduce__(self) -> tuple: ...
    @property
    def shape(self) -> tuple[int, int]:
        """
        Numbers of rows and columns.
        """

class LinearModel:
    @typing.overload
    def __init__(self, model: LinearModel, l2: numpy.ndarray) -> None:
        """
        The same model, its data where they are, under another penalty.
        """
    @typing.overload
    def __init__(
        self,
        loss: str,
        parameters: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
        X: typing.Any,
        y: numpy.ndarray,
        sample_weight: numpy.ndarray,
        offset: numpy.ndarray,
        l2: numpy.ndarray,
        fit_intercept: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def column_products(self, mean: typing.Any, scale: typing.Any) -> typing.Any:
        """
        Weighted means of the products of the columns (X - mean) / scale, shape (p, p): with `column_moments` the correlations of the columns of X.
        """
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def evaluate_about(self, x: typing.Any, origin: typing.Any, *, rough: bool = False) -> tuple:
        """
        f(x), its gradient and `hessian_about(x, origin)` from one pass over the data.
        """
    def every(self, step: typing.Any) -> LinearModel:
        """
        The same model of rows 0, step, 2 step, ..., whose X is read where it lies.
        """
    def further_steps(self, x: typing.Any, H: typing.Any, rows: typing.Any) -> numpy.ndarray:
        """
        The predictors of these rows after a second and a third step towards the minimum of f without each, with the curvature at x, shape (len(rows), 2): NaN of a row whose leverage is 1. `H`: as of `influence`.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessian_about(
        self, x: typing.Any, origin: typing.Any, *, rough: bool = False
    ) -> numpy.ndarray:
        """
        The Hessian at x in the parameters (w, b + origin'w), whose columns are those of X less `origin`, shape (p,): digits that columns far from 0 have lost in `hessian` are kept. `rough`: products in float32.
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def influence(self, x: typing.Any, H: typing.Any) -> tuple:
        """
        Of every row the predictor η, the derivatives ℓ' and ℓ'' of its loss, and its reach: its weight in the mean times z'H⁻¹z, z the row less the means of the columns and 1 for the intercept; four arrays of shape (n_rows,). `H`: as `hessian_about` these means has it.
        """
    def losses_at(self, predictor: typing.Any) -> numpy.ndarray:
        """
        The loss of every row at other predictors than its own, shape (n_rows,), both.
        """
    def part(self, X: typing.Any, begin: typing.Any, n_samples: typing.Any) -> LinearModel:
        """
        What rows begin .. begin + len(X) add to f, as one of n_samples equal copies, with X in their place: f is the sum of its parts.
        """
    def recession(self, x: typing.Any) -> typing.Any:
        """
        A direction along which f falls without end, shape (n_parameters,), and the number of rows whose loss falls along it; None where f has a minimum, or none was found. `x`: where a run has ended.
        """
    def rough_hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x with products in float32, see `evaluate`.
        """
    def row_derivatives(self, x: typing.Any) -> tuple:
        """
        Of every row, the first and the second derivative of its loss in the predictor, times its weight in the mean; two arrays of shape (n_rows,).
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    def value_gradient_and_residual(self, x: typing.Any) -> tuple:
        """
        value_and_gradient(x), and from the same pass what `tell` takes beside them: the weighted root mean square of the derivative of the loss in each linear predictor, shape (1,) or (K,); 0, as the gradient is no difference; and what the value may be off by where products are in float32, else 0.
        """
    @property
    def X(self) -> typing.Any:
        """
        The data where it lies, read-only, shape (n_rows, p).
        """
    @property
    def column_moments(self) -> tuple:
        """
        (mean, scale) of the columns of X, each of shape (p,): weighted mean and standard deviation; without an intercept 0 and root mean square. The scale of a constant is its size. Found by one pass over the data, once.
        """
    @property
    def convex(self) -> bool:
        """
        Whether the loss is: no Hessian is needed to tell a minimum.
        """
    @property
    def has_rare_columns(self) -> bool:
        """
        Whether no sample of the rows stands for all of them, as where X is sparse, or takes as long to read, as where it is loaded block by block.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def l2(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Penalty of each coefficient, shape (p,).
        """
    @property
    def loss(self) -> str:
        """
        Name of the loss.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """
    @property
    def n_rows(self) -> int:
        """
        Rows of the data.
        """
    @property
    def row_weights(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Weight of each row in the mean, shape (n_rows,); they sum to one.
        """

class Cox:
    @typing.overload
    def __init__(self, model: Cox, l2: numpy.ndarray) -> None:
        """
        The same model, its data where they are, under another penalty.
        """
    @typing.overload
    def __init__(
        self,
        X: typing.Any,
        time: numpy.ndarray,
        event: numpy.ndarray,
        entry: numpy.ndarray,
        stratum: numpy.ndarray,
        sample_weight: numpy.ndarray,
        offset: numpy.ndarray,
        l2: numpy.ndarray,
        efron: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def column_products(self, mean: typing.Any, scale: typing.Any) -> typing.Any:
        """
        Weighted means of the products of the columns (X - mean) / scale, shape (p, p): with `column_moments` the correlations of the columns of X.
        """
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def evaluate_about(self, x: typing.Any, origin: typing.Any, *, rough: bool = False) -> tuple:
        """
        f(x), its gradient and `hessian_about(x, origin)` from one pass over the data.
        """
    def every(self, step: typing.Any) -> Cox:
        """
        The same model of rows 0, step, 2 step, ..., whose X is read where it lies.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessian_about(
        self, x: typing.Any, origin: typing.Any, *, rough: bool = False
    ) -> numpy.ndarray:
        """
        The Hessian at x in the parameters (w, b + origin'w), whose columns are those of X less `origin`, shape (p,): digits that columns far from 0 have lost in `hessian` are kept. `rough`: products in float32.
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def log_baseline_hazard(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        Of each of `event_times`, the log of what Breslow's estimator of the cumulative hazard at predictors 0 rises by there.
        """
    def recession(self, x: typing.Any) -> typing.Any:
        """
        A direction along which f falls without end, shape (n_parameters,), and the number of rows whose loss falls along it; None where f has a minimum, or none was found. `x`: where a run has ended.
        """
    def rough_hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x with products in float32, see `evaluate`.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    def value_gradient_and_residual(self, x: typing.Any) -> tuple:
        """
        value_and_gradient(x), and from the same pass what `tell` takes beside them: the weighted root mean square of the derivative of the loss in each linear predictor, shape (1,) or (K,); 0, as the gradient is no difference; and what the value may be off by where products are in float32, else 0.
        """
    @property
    def X(self) -> typing.Any:
        """
        The data where it lies, read-only, shape (n_rows, p).
        """
    @property
    def column_moments(self) -> tuple:
        """
        (mean, scale) of the columns of X, each of shape (p,): weighted mean and standard deviation; without an intercept 0 and root mean square. The scale of a constant is its size. Found by one pass over the data, once.
        """
    @property
    def event_strata(self) -> numpy.ndarray:
        """
        The number of the stratum of each of `event_times`.
        """
    @property
    def event_times(self) -> numpy.ndarray:
        """
        The times of events, by stratum and rising, each once.
        """
    @property
    def has_rare_columns(self) -> bool:
        """
        Whether no sample of the rows stands for all of them, as where X is sparse, or takes as long to read, as where it is loaded block by block.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def l2(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Penalty of each coefficient, shape (p,).
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """
    @property
    def n_rows(self) -> int:
        """
        Rows of the data.
        """

class Ordinal:
    def __init__(
        self,
        X: typing.Any,
        y: numpy.ndarray,
        sample_weight: numpy.ndarray,
        offset: numpy.ndarray,
        l2: numpy.ndarray,
        n_classes: typing.SupportsInt | typing.SupportsIndex,
        probit: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def X(self) -> typing.Any:
        """
        The data where it lies, read-only, shape (n_rows, p).
        """
    @property
    def has_rare_columns(self) -> bool:
        """
        Whether X is sparse.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
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

class Softmax:
    @typing.overload
    def __init__(self, model: Softmax, l2: numpy.ndarray) -> None:
        """
        The same model, its data where they are, under another penalty.
        """
    @typing.overload
    def __init__(
        self,
        X: typing.Any,
        y: numpy.ndarray,
        sample_weight: numpy.ndarray,
        offset: numpy.ndarray,
        l2: numpy.ndarray,
        fit_intercept: bool,
        n_classes: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def class_metric(self, x: typing.Any, scale: typing.Any, step: typing.Any = 1) -> typing.Any:
        """
        Of the columns of X, from rows 0, step, 2 step, ... weighted by their part of the curvature at x, w = (1 - sum_k pi_k^2) / (K - 1): means, shape (p,), or (0,) without an intercept; the Cholesky factor of the covariances of X / scale, shape (p, p), lower triangle; and the mean of w. None where there are no such.
        """
    def column_products(self, mean: typing.Any, scale: typing.Any) -> typing.Any:
        """
        Weighted means of the products of the columns (X - mean) / scale, shape (p, p): with `column_moments` the correlations of the columns of X.
        """
    def curvature_bound(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Of the parameters of one class, shape (n_parameters / K,) * 2: at no x does the Hessian exceed the matrix with this block for every class on its diagonal.
        """
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def evaluate_about(self, x: typing.Any, origin: typing.Any, *, rough: bool = False) -> tuple:
        """
        f(x), its gradient and `hessian_about(x, origin)` from one pass over the data.
        """
    def every(self, step: typing.Any) -> Softmax:
        """
        The same model of rows 0, step, 2 step, ..., whose X is read where it lies.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessian_about(
        self, x: typing.Any, origin: typing.Any, *, rough: bool = False
    ) -> numpy.ndarray:
        """
        The Hessian at x in the parameters (w, b + origin'w), whose columns are those of X less `origin`, shape (p,): digits that columns far from 0 have lost in `hessian` are kept. `rough`: products in float32.
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def part(self, X: typing.Any, begin: typing.Any, n_samples: typing.Any) -> Softmax:
        """
        What rows begin .. begin + len(X) add to f, as one of n_samples equal copies, with X in their place: f is the sum of its parts.
        """
    def recession(self, x: typing.Any) -> typing.Any:
        """
        A direction along which f falls without end, shape (n_parameters,), and the number of rows whose loss falls along it; None where f has a minimum, or none was found. `x`: where a run has ended.
        """
    def rough_hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x with products in float32, see `evaluate`.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    def value_gradient_and_residual(self, x: typing.Any) -> tuple:
        """
        value_and_gradient(x), and from the same pass what `tell` takes beside them: the weighted root mean square of the derivative of the loss in each linear predictor, shape (1,) or (K,); 0, as the gradient is no difference; and what the value may be off by where products are in float32, else 0.
        """
    @property
    def X(self) -> typing.Any:
        """
        The data where it lies, read-only, shape (n_rows, p).
        """
    @property
    def column_moments(self) -> tuple:
        """
        (mean, scale) of the columns of X, each of shape (p,): weighted mean and standard deviation; without an intercept 0 and root mean square. The scale of a constant is its size. Found by one pass over the data, once.
        """
    @property
    def has_rare_columns(self) -> bool:
        """
        Whether no sample of the rows stands for all of them, as where X is sparse, or takes as long to read, as where it is loaded block by block.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def l2(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Penalty of each coefficient, shape (p,).
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
    @property
    def n_rows(self) -> int:
        """
        Rows of the data.
        """

class Network:
    @typing.overload
    def __init__(self, other: Network) -> None: ...
    @typing.overload
    def __init__(
        self,
        layers: collections.abc.Sequence[
            tuple[
                typing.SupportsInt | typing.SupportsIndex,
                str,
                typing.SupportsFloat | typing.SupportsIndex,
                typing.SupportsFloat | typing.SupportsIndex,
                bool,
                tuple[
                    typing.SupportsFloat | typing.SupportsIndex,
                    typing.SupportsFloat | typing.SupportsIndex,
                    typing.SupportsInt | typing.SupportsIndex,
                    typing.SupportsInt | typing.SupportsIndex,
                    tuple[
                        collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
                        collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
                    ]
                    | None,
                ]
                | None,
            ]
        ],
        input_rate: typing.SupportsFloat | typing.SupportsIndex,
        loss: str,
        loss_parameters: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
        X: numpy.ndarray,
        y: numpy.ndarray,
        sample_weight: numpy.ndarray,
        l2: numpy.ndarray,
        seed: typing.SupportsInt | typing.SupportsIndex,
        n_samples: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def _batch(self, rows: typing.Any) -> Network:
        """
        The objective of some rows.
        """
    def _fixed(
        self,
        statistics: collections.abc.Sequence[
            tuple[
                collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
                collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
            ]
        ],
    ) -> Network:
        """
        The objective with these statistics of its batch normalisation.
        """
    def _jacobian(self, x: typing.Any, rows: numpy.ndarray) -> numpy.typing.NDArray[numpy.float64]:
        """
        Derivatives of the outputs in the parameters, shape (rows, outputs, n_parameters).
        """
    def _masked_outputs(
        self,
        x: typing.Any,
        rows: numpy.ndarray,
        seed: typing.SupportsInt | typing.SupportsIndex,
        first: typing.SupportsInt | typing.SupportsIndex,
        count: typing.SupportsInt | typing.SupportsIndex,
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Outputs under the masks of samples first .. first + count, shape (count, rows, outputs).
        """
    def _outputs(self, x: typing.Any, rows: numpy.ndarray) -> numpy.typing.NDArray[numpy.float64]:
        """
        Outputs of the last layer, without masks.
        """
    def _statistics(self, x: typing.Any, masked: bool) -> list:
        """
        (mean, variance) of the inputs of each layer of batch normalisation at x.
        """
    def _with_masks(
        self,
        seed: typing.SupportsInt | typing.SupportsIndex,
        n_samples: typing.SupportsInt | typing.SupportsIndex,
    ) -> Network:
        """
        The objective under other masks.
        """
    def ggn(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The generalized Gauss-Newton matrix at x, shape (n_parameters, n_parameters).
        """
    def ggnp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The generalized Gauss-Newton matrix at x times v, shape (n_parameters,): the Hessian without the curvature of the network itself, which is never indefinite where the loss is convex.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters), by its structure: far cheaper than as many products.
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value(self, x: typing.Any) -> float:
        """
        f(x), without its gradient.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """
    @property
    def n_rows(self) -> int:
        """
        Rows of the data.
        """

class BatchAdam:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        network: Network,
        x0: typing.Any,
        epochs: typing.SupportsInt | typing.SupportsIndex,
        batch_size: typing.SupportsInt | typing.SupportsIndex,
        learning_rate: typing.SupportsFloat | typing.SupportsIndex,
        schedule: str,
        warmup: typing.SupportsFloat | typing.SupportsIndex,
        adam: tuple[
            typing.SupportsFloat | typing.SupportsIndex,
            typing.SupportsFloat | typing.SupportsIndex,
            typing.SupportsFloat | typing.SupportsIndex,
            typing.SupportsFloat | typing.SupportsIndex,
            bool,
        ],
        averaged_epochs: typing.SupportsInt | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def run_epoch(self, network: Network) -> float:
        """
        An epoch, or what is left of one that was interrupted. Returns the mean of the values of its batches, each at the point where its step began and under its own masks.
        """
    @property
    def learning_rate(self) -> float:
        """
        That of the next step.
        """
    @property
    def mean(self) -> numpy.ndarray:
        """
        The mean of the iterates of the last epochs, where one is kept and they have begun; else `x`.
        """
    @property
    def n_epochs(self) -> int:
        """
        Whole epochs done.
        """
    @property
    def n_steps(self) -> int:
        """
        Steps taken.
        """
    @property
    def running(self) -> list:
        """
        (mean, variance) of the inputs of each `BatchNorm`, arrays of a number a unit: averages of the statistics of the batches so far, which the iterates of late weigh most in; or its fixed ones.
        """
    @property
    def x(self) -> numpy.ndarray:
        """
        The iterate, shape (n_parameters,), in the precision of the network.
        """

class ClosedForm:
    def __reduce__(self) -> tuple: ...
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def has_rare_columns(self) -> bool:
        """
        Whether X is sparse: as of models.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class ProductForm:
    def __reduce__(self) -> tuple: ...
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def has_rare_columns(self) -> bool:
        """
        Whether X is sparse: as of models.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class ParameterSamples:
    def __reduce__(self) -> tuple: ...
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def has_rare_columns(self) -> bool:
        """
        Whether X is sparse: as of models.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class SoftmaxTaylor:
    def __reduce__(self) -> tuple: ...
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class EnumeratedModel:
    def __reduce__(self) -> tuple: ...
    def evaluate(
        self,
        x: typing.Any,
        *,
        gradient: typing.Any = True,
        hessian: typing.Any = False,
        V: typing.Any = None,
        rough: typing.Any = False,
    ) -> tuple:
        """
        (f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. `V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, summed in float64; the rest stays in float64. Where the CPU has tile units (AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.
        """
    def hessian(self, x: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x, shape (n_parameters, n_parameters).
        """
    def hessp(self, x: typing.Any, v: typing.Any) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian at x times v, shape (n_parameters,), without the Hessian.
        """
    def value_and_gradient(self, x: typing.Any) -> tuple:
        """
        f(x) and its gradient, shape (n_parameters,), from one pass over the data.
        """
    @property
    def hessian_cost(self) -> float:
        """
        What a Hessian costs, in evaluations of value and gradient.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x.
        """

class WeightedSum:
    def __init__(self, size: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __reduce__(self) -> tuple: ...
    def add(self, weight: numpy.ndarray, f: numpy.ndarray) -> None: ...
    @property
    def value(self) -> numpy.typing.NDArray[numpy.float64]: ...

class RunningMoments:
    def __init__(
        self,
        size: typing.SupportsInt | typing.SupportsIndex,
        group: typing.SupportsInt | typing.SupportsIndex = 1,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def add(self, f: numpy.ndarray) -> None: ...
    @property
    def count(self) -> int: ...
    @property
    def mean(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def standard_error(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def variance(self) -> numpy.typing.NDArray[numpy.float64]: ...

class Tails:
    def __init__(
        self,
        size: typing.SupportsInt | typing.SupportsIndex,
        group: typing.SupportsInt | typing.SupportsIndex = 1,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def add(self, f: numpy.ndarray) -> None: ...
    @property
    def shape(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def tilt(self) -> numpy.typing.NDArray[numpy.float64]: ...

class EntropyMoments:
    def __init__(
        self,
        rows: typing.SupportsInt | typing.SupportsIndex,
        classes: typing.SupportsInt | typing.SupportsIndex,
        group: typing.SupportsInt | typing.SupportsIndex = 1,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def add(self, p: numpy.ndarray) -> None: ...
    @property
    def probabilities(self) -> RunningMoments: ...
    @property
    def standard_error(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def value(self) -> numpy.typing.NDArray[numpy.float64]: ...

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
    MAX_TIME = ...
    NON_FINITE = ...
    NOT_REPEATABLE = ...
    NO_MINIMUM = ...
    ROUNDING_FLOOR = ...
    RUNNING = ...
    SADDLE = ...
    STEP = ...
    UNBOUNDED = ...

class InnerStop(enum.IntEnum):
    """
    Why conjugate gradients ended inside NewtonCG.
    """

    BOUNDARY = ...
    LIMIT = ...
    NEGATIVE_CURVATURE = ...
    NONE = ...
    TOLERANCE = ...

class Limits:
    def __init__(
        self,
        automatic: bool,
        gtol: typing.SupportsFloat | typing.SupportsIndex,
        gtol_rel: typing.SupportsFloat | typing.SupportsIndex,
        ftol: typing.SupportsFloat | typing.SupportsIndex,
        xtol: typing.SupportsFloat | typing.SupportsIndex,
        maxiter: typing.SupportsInt | typing.SupportsIndex,
        maxfun: typing.SupportsInt | typing.SupportsIndex,
        maxtime: typing.SupportsFloat | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    @property
    def automatic(self) -> bool: ...
    @property
    def ftol(self) -> float: ...
    @property
    def gtol(self) -> float: ...
    @property
    def gtol_rel(self) -> float: ...
    @property
    def maxfun(self) -> int: ...
    @property
    def maxiter(self) -> int: ...
    @property
    def maxtime(self) -> float: ...
    @property
    def xtol(self) -> float: ...

class Solver:
    """
    What the solvers share.
    """
    def __reduce__(self) -> tuple: ...
    def _confine(self, lower: typing.Any, upper: typing.Any) -> None:
        """
        Before the start: ask for no point outside of these bounds, shape (n,).
        """
    def _lie_on(self, plane: Equalities) -> None:
        """
        Before the start, which is z: minimise among the points of a plane. What is asked and told is of x from here on.
        """
    def _resume(self, limits: Limits) -> None: ...
    def _standardize(
        self,
        scale: typing.Any,
        mean: typing.Any,
        rows: typing.SupportsFloat | typing.SupportsIndex,
        factor: typing.Any = None,
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Before the start: work in the variables of columns of mean 0 and size 1, uncorrelated where the Cholesky factor of their correlations is given. What is asked and told stays in those of the caller, but for Hessians where the origin that is returned, shape (p,), is not empty: these are to be told about it, see hessian_about.
        """
    def ask(self) -> numpy.ndarray:
        """
        The point to evaluate at, shape (n,); the best point once the run has ended.
        """
    def repeat(self, f: typing.Any) -> None:
        """
        Report f evaluated once more at `x`. Where it differs by more than rounding, the run ends with status NOT_REPEATABLE.
        """
    def spend(
        self,
        evaluations: typing.SupportsInt | typing.SupportsIndex,
        gradients: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None:
        """
        Count evaluations of f and of its gradient beside those told, as differences take them.
        """
    def stop(self) -> None:
        """
        End the run here, with status CALLBACK.
        """
    def tell(
        self,
        f: typing.Any,
        g: typing.Any,
        residual: typing.Any = None,
        error: typing.SupportsFloat | typing.SupportsIndex = 0.0,
        rounding: typing.SupportsFloat | typing.SupportsIndex = 0.0,
    ) -> int:
        """
        Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are allowed: the step is shortened. `residual`: on a model of rows whose columns the solver knows, the size of each output's, as from value_gradient_and_residual. `error`: of the largest component, where g comes from differences of f. `rounding`: what f may be off by, where that is more than its precision. Returns `needs`.
        """
    @property
    def _history(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        A row an iteration: f, max |g_i|, length of the step, evaluations, seconds.
        """
    @property
    def _is_bounded(self) -> bool:
        """
        Whether any bound of x is finite.
        """
    @property
    def _plane(self) -> Equalities | None:
        """
        The plane that the run lies on, or None.
        """
    @property
    def active(self) -> numpy.ndarray:
        """
        Which bound holds each component of `x`, shape (n,): -1 the lower, 1 the upper, 0 none. One that f would fall towards, or that lies off its bounds, is held by none.
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
    def jac(self) -> numpy.ndarray:
        """
        The gradient at `x`, as it was told; empty before the first `tell`.
        """
    @property
    def limits(self) -> Limits:
        """
        When the run ends.
        """
    @property
    def lower(self) -> numpy.ndarray:
        """
        Lower bounds of x, shape (n,); -inf where there is none.
        """
    @property
    def message(self) -> str:
        """
        The status in words, with the numbers that were compared.
        """
    @property
    def needs(self) -> int:
        """
        What to tell next, at `ask()`: 0 nothing, 1 `tell`, 2 `tell_hessian`, 3 `tell_product` of the Hessian, 4 `tell_product` of the preconditioner.
        """
    @property
    def nfev(self) -> int:
        """
        Evaluations of f.
        """
    @property
    def nit(self) -> int:
        """
        Iterations: accepted steps.
        """
    @property
    def njev(self) -> int:
        """
        Evaluations of its gradient.
        """
    @property
    def projected_gradient(self) -> numpy.ndarray:
        """
        The gradient at `x` without the components that bounds hold; it vanishes at a minimum. Empty before the first `tell`.
        """
    @property
    def refined(self) -> bool:
        """
        Whether the gradient has been refined.
        """
    @property
    def seconds(self) -> float:
        """
        Time between the first `tell` and the last.
        """
    @property
    def status(self) -> Status:
        """
        Why the run ended, or RUNNING.
        """
    @property
    def step(self) -> float:
        """
        Length of the last accepted step.
        """
    @property
    def success(self) -> bool:
        """
        Whether it ended at a minimum, as far as f and its derivatives tell.
        """
    @property
    def upper(self) -> numpy.ndarray:
        """
        Upper bounds of x, shape (n,); inf where there is none.
        """
    @property
    def x(self) -> numpy.ndarray:
        """
        The best point so far, shape (n,).
        """

class OwlQn(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        l1: typing.Any,
        maxcor: typing.SupportsInt | typing.SupportsIndex,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def refine(
        self, g: typing.Any, error: typing.SupportsFloat | typing.SupportsIndex = 0.0
    ) -> int:
        """
        Report the gradient at `x`, shape (n,), found more accurately than before, with the `error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.
        """
    @property
    def l1(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The strength of the l1 term of each parameter, shape (n,).
        """
    @property
    def n_nonzero(self) -> int:
        """
        How many parameters with l1 > 0 are not 0 at `x`.
        """

class Lbfgs(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        maxcor: typing.SupportsInt | typing.SupportsIndex,
        initial_step: typing.SupportsFloat | typing.SupportsIndex,
        preconditioner: typing.Any,
        is_operator: bool,
        float32_pairs: bool,
        c1: typing.SupportsFloat | typing.SupportsIndex,
        c2: typing.SupportsFloat | typing.SupportsIndex,
        maxls: typing.SupportsInt | typing.SupportsIndex,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def _is_due(self, gradients: typing.SupportsFloat | typing.SupportsIndex) -> bool:
        """
        Whether so many have been told since the variables were made, and they have become so small, that new variables may be worth as many.
        """
    def _renew(
        self,
        mean: typing.Any,
        factor: typing.Any,
        curvature: typing.SupportsFloat | typing.SupportsIndex,
    ) -> None:
        """
        Under way: work on in the variables of other means and correlations of the columns, along which f has that curvature. The steps so far are forgotten.
        """
    def apply_inverse(self, v: typing.Any) -> numpy.ndarray:
        """
        H v for v of shape (n,), H being the approximation of the inverse Hessian at `x`.
        """
    def refine(
        self, g: typing.Any, error: typing.SupportsFloat | typing.SupportsIndex = 0.0
    ) -> int:
        """
        Report the gradient at `x`, shape (n,), found more accurately than before, with the `error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.
        """
    def tell_product(self, product: typing.Any) -> int:
        """
        Report the Hessian at `ask()`, or the preconditioner, times `operand`. Returns `needs`.
        """
    @property
    def n_skipped(self) -> int:
        """
        Pairs without measurable curvature, left out of the model.
        """
    @property
    def operand(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The vector to multiply, shape (n,), where `needs` is 3 or 4.
        """

class Bfgs(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        initial_step: typing.SupportsFloat | typing.SupportsIndex,
        hess_inv0: typing.Any,
        c1: typing.SupportsFloat | typing.SupportsIndex,
        c2: typing.SupportsFloat | typing.SupportsIndex,
        maxls: typing.SupportsInt | typing.SupportsIndex,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def apply_inverse(self, v: typing.Any) -> numpy.ndarray:
        """
        H v for v of shape (n,), H being the approximation of the inverse Hessian at `x`.
        """
    def refine(
        self, g: typing.Any, error: typing.SupportsFloat | typing.SupportsIndex = 0.0
    ) -> int:
        """
        Report the gradient at `x`, shape (n,), found more accurately than before, with the `error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.
        """
    @property
    def _inverse_matrix(self) -> numpy.ndarray:
        """
        The approximation of the inverse Hessian, shape (n, n).
        """
    @property
    def n_skipped(self) -> int:
        """
        Pairs without measurable curvature, left out of the model.
        """

class Newton(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        hessian_every: typing.SupportsInt | typing.SupportsIndex,
        hessian_cost: typing.SupportsFloat | typing.SupportsIndex,
        convex: bool,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def _expect_curvature_error(
        self, error: typing.SupportsFloat | typing.SupportsIndex
    ) -> None: ...
    def propose(self, x: typing.Any, H: typing.Any) -> int:
        """
        At the start, once f is told there: a point found elsewhere, shape (n,), and a Hessian from there. Where f is lower the run goes on from it. Returns `needs`.
        """
    def refine(
        self, g: typing.Any, error: typing.SupportsFloat | typing.SupportsIndex = 0.0
    ) -> int:
        """
        Report the gradient at `x`, shape (n,), found more accurately than before, with the `error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.
        """
    @typing.overload
    def tell_hessian(self, H: typing.Any) -> int:
        """
        Report the Hessian, shape (n, n), at `ask()`. It is taken to be symmetric. Returns `needs`.
        """
    @typing.overload
    def tell_hessian(self, H: typing.Any, *, rough: bool) -> int:
        """
        The same for a Hessian whose products may have been rounded to float32.
        """
    @property
    def n_factorizations(self) -> int:
        """
        Cholesky factorisations, the failed ones included.
        """
    @property
    def n_reused(self) -> int:
        """
        Steps taken on the Hessian of an earlier point.
        """
    @property
    def nhev(self) -> int:
        """
        Hessians told.
        """
    @property
    def takes_rough_hessian(self) -> bool:
        """
        Whether the products of the next Hessian may be rounded to float32.
        """

class TrustRegion(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        initial_step: typing.SupportsFloat | typing.SupportsIndex,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def _expect_curvature_error(
        self, error: typing.SupportsFloat | typing.SupportsIndex
    ) -> None: ...
    def refine(
        self, g: typing.Any, error: typing.SupportsFloat | typing.SupportsIndex = 0.0
    ) -> int:
        """
        Report the gradient at `x`, shape (n,), found more accurately than before, with the `error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.
        """
    def tell_hessian(self, H: typing.Any) -> int:
        """
        Report the Hessian, shape (n, n), at `ask()`. It is taken to be symmetric. Returns `needs`.
        """
    @property
    def n_factorizations(self) -> int:
        """
        Cholesky factorisations, the failed ones included.
        """
    @property
    def nhev(self) -> int:
        """
        Hessians told.
        """

class NewtonCg(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        initial_step: typing.SupportsFloat | typing.SupportsIndex,
        preconditioner: typing.Any,
        kind: str,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def _expect_curvature_error(
        self, error: typing.SupportsFloat | typing.SupportsIndex
    ) -> None: ...
    def refine(
        self, g: typing.Any, error: typing.SupportsFloat | typing.SupportsIndex = 0.0
    ) -> int:
        """
        Report the gradient at `x`, shape (n,), found more accurately than before, with the `error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.
        """
    def tell_product(self, product: typing.Any) -> int:
        """
        Report the Hessian at `ask()`, or the preconditioner, times `operand`. Returns `needs`.
        """
    @property
    def inner_stop(self) -> InnerStop:
        """
        Why the last inner iteration ended.
        """
    @property
    def nhev(self) -> int:
        """
        Products with the Hessian told.
        """
    @property
    def operand(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The vector to multiply, shape (n,), where `needs` is 3 or 4.
        """

class ProximalNewton(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        l1: typing.Any,
        hessian_cost: typing.SupportsFloat | typing.SupportsIndex,
        convex: bool,
        restrict: bool,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def _renew_l1(self, l1: typing.Any) -> int: ...
    def tell_hessian(self, H: typing.Any, *, rough: bool = False) -> int:
        """
        Report the Hessian of f without the l1 term at `ask()`, in the coordinates of `working_set` alone, shape (k, k) for k of them. `rough`: its products may have been rounded to float32. Returns `needs`.
        """
    @property
    def l1(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The strength of the l1 term of each parameter, shape (n,).
        """
    @property
    def n_nonzero(self) -> int:
        """
        How many parameters with l1 > 0 are not 0 at `x`.
        """
    @property
    def nhev(self) -> int:
        """
        Hessians told.
        """
    @property
    def takes_rough_hessian(self) -> bool:
        """
        Whether the products of the next Hessian may be rounded to float32.
        """
    @property
    def working_set(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        The coordinates whose Hessian is asked for, rising; `ask()` is 0 in all others.
        """

class GradientDescent(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        learning_rate: typing.SupportsFloat | typing.SupportsIndex,
        momentum: typing.SupportsFloat | typing.SupportsIndex,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...

class Adam(Solver):
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        learning_rate: typing.SupportsFloat | typing.SupportsIndex,
        beta1: typing.SupportsFloat | typing.SupportsIndex,
        beta2: typing.SupportsFloat | typing.SupportsIndex,
        epsilon: typing.SupportsFloat | typing.SupportsIndex,
        weight_decay: typing.SupportsFloat | typing.SupportsIndex,
        amsgrad: bool,
        limits: Limits,
        history: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...

class LevenbergMarquardt:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        x0: typing.Any,
        lower: typing.Any,
        upper: typing.Any,
        scale: typing.Any,
        accelerate: bool,
        error: typing.SupportsFloat | typing.SupportsIndex,
        gtol: typing.SupportsFloat | typing.SupportsIndex,
        xtol: typing.SupportsFloat | typing.SupportsIndex,
        ftol: typing.SupportsFloat | typing.SupportsIndex,
        max_nfev: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The point to evaluate at, shape (n,); that of the result once the run has ended.
        """
    def stop(self) -> None:
        """
        End the run here, with status CALLBACK.
        """
    def tell(
        self,
        r: typing.Any,
        rho: typing.Any = None,
        f_scale: typing.SupportsFloat | typing.SupportsIndex = 1.0,
    ) -> int:
        """
        Report the residuals, shape (m,), at the point of the last `ask`. NaN and inf are allowed: the step is shortened. `rho`: of a robust loss, shape (3, m): rho and its first and second derivative at (r / f_scale)². Returns `needs`.
        """
    def tell_jacobian(self, J: typing.Any) -> int:
        """
        Report dr/dx, shape (m, n), at the point of the last `ask`. Returns `needs`.
        """
    @property
    def cost(self) -> float:
        """
        f at `x`: half of the sum of squares.
        """
    @property
    def done(self) -> bool:
        """
        Whether the run has ended.
        """
    @property
    def grad(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradient of `cost` where the last Jacobian was told, shape (n,).
        """
    @property
    def lower(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Lower bounds, shape (n,).
        """
    @property
    def message(self) -> str:
        """
        The status in words, with the numbers that were compared.
        """
    @property
    def needs(self) -> int:
        """
        What to tell next, at `ask()`: 0 nothing, 1 `tell`, 2 `tell_jacobian`.
        """
    @property
    def nfev(self) -> int:
        """
        Residuals told.
        """
    @property
    def nit(self) -> int:
        """
        Iterations: accepted steps.
        """
    @property
    def njev(self) -> int:
        """
        Jacobians told.
        """
    @property
    def optimality(self) -> float:
        """
        The largest cosine of the residuals with a column of the Jacobian that may move.
        """
    @property
    def start(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        x0 within the bounds.
        """
    @property
    def status(self) -> Status:
        """
        Why the run ended, or RUNNING.
        """
    @property
    def success(self) -> bool:
        """
        Whether it ended at a minimum, as far as residuals and Jacobian tell.
        """
    @property
    def triangle(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        R of J = QR, with the weights of a loss, shape (n, n); empty before the first Jacobian.
        """
    @property
    def upper(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Upper bounds, shape (n,).
        """
    @property
    def weights(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Of the rows of J at `x`, where there is a loss, shape (m,); else empty.
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The point come to, shape (n,).
        """

class BatchNewton:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        X0: typing.Any,
        lower: typing.Any,
        upper: typing.Any,
        gtol: typing.SupportsFloat | typing.SupportsIndex,
        maxiter: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The points to evaluate at, shape (b, n): of the problems in `index`.
        """
    def stop(self) -> None:
        """
        End those that run, with status CALLBACK.
        """
    def tell(self, f: typing.Any, g: typing.Any, H: typing.Any, rows: typing.Any = None) -> None:
        """
        Report values, shape (b,), gradients, shape (b, n), and Hessians, shape (b, n, n), of which the lower triangles are read, at the points of the last `ask`. NaN and inf are allowed: the step is shortened. `rows`: where in arrays of more problems those of `index` are.
        """
    @property
    def active(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        −1, 1 on a lower, upper bound that holds x back, else 0, shape (B, n).
        """
    @property
    def done(self) -> bool:
        """
        Whether all have ended.
        """
    @property
    def free(self) -> numpy.typing.NDArray[numpy.bool]:
        """
        Whether each variable lies on no bound, shape (B, n).
        """
    @property
    def fun(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The values there, shape (B,).
        """
    @property
    def index(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        The problems that run, ascending, shape (b,).
        """
    @property
    def jac(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradients there, shape (B, n).
        """
    @property
    def n_parameters(self) -> int:
        """
        n.
        """
    @property
    def n_problems(self) -> int:
        """
        B.
        """
    @property
    def nfev(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        Evaluations of each, shape (B,).
        """
    @property
    def nit(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        Iterations of each: accepted steps, shape (B,).
        """
    @property
    def optimality(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        What `gtol` is held against, shape (B,).
        """
    @property
    def status(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        Why each has ended, numbers of `Status`, −1 while it runs, shape (B,).
        """
    @property
    def success(self) -> numpy.typing.NDArray[numpy.bool]:
        """
        Whether each has ended at a minimum, as far as was told, shape (B,).
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The points come to, shape (B, n).
        """

class BatchLevenbergMarquardt:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        X0: typing.Any,
        lower: typing.Any,
        upper: typing.Any,
        gtol: typing.SupportsFloat | typing.SupportsIndex,
        maxiter: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The points to evaluate at, shape (b, n): of the problems in `index`.
        """
    def stop(self) -> None:
        """
        End those that run, with status CALLBACK.
        """
    def tell(self, r: typing.Any, J: typing.Any, rows: typing.Any = None) -> None:
        """
        Report residuals, shape (b, m), and Jacobians, shape (b, m, n), at the points of the last `ask`. NaN and inf are allowed: the step is shortened. `rows`: where in arrays of more problems those of `index` are.
        """
    @property
    def active(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        −1, 1 on a lower, upper bound that holds x back, else 0, shape (B, n).
        """
    @property
    def done(self) -> bool:
        """
        Whether all have ended.
        """
    @property
    def free(self) -> numpy.typing.NDArray[numpy.bool]:
        """
        Whether each variable lies on no bound, shape (B, n).
        """
    @property
    def fun(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The values there, shape (B,).
        """
    @property
    def index(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        The problems that run, ascending, shape (b,).
        """
    @property
    def jac(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradients there, shape (B, n).
        """
    @property
    def n_parameters(self) -> int:
        """
        n.
        """
    @property
    def n_problems(self) -> int:
        """
        B.
        """
    @property
    def nfev(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        Evaluations of each, shape (B,).
        """
    @property
    def nit(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        Iterations of each: accepted steps, shape (B,).
        """
    @property
    def optimality(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        What `gtol` is held against, shape (B,).
        """
    @property
    def status(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        Why each has ended, numbers of `Status`, −1 while it runs, shape (B,).
        """
    @property
    def success(self) -> numpy.typing.NDArray[numpy.bool]:
        """
        Whether each has ended at a minimum, as far as was told, shape (B,).
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The points come to, shape (B, n).
        """

class BatchQuasiNewton:
    def __getstate__(self) -> bytes: ...
    def __init__(
        self,
        X0: typing.Any,
        lower: typing.Any,
        upper: typing.Any,
        gtol: typing.SupportsFloat | typing.SupportsIndex,
        maxiter: typing.SupportsInt | typing.SupportsIndex,
        memory: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def ask(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The points to evaluate at, shape (b, n): of the problems in `index`.
        """
    def stop(self) -> None:
        """
        End those that run, with status CALLBACK.
        """
    def tell(self, f: typing.Any, g: typing.Any, rows: typing.Any = None) -> None:
        """
        Report values, shape (b,), and gradients, shape (b, n), at the points of the last `ask`. NaN and inf are allowed: the step is shortened. `rows`: where in arrays of more problems those of `index` are.
        """
    @property
    def active(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        −1, 1 on a lower, upper bound that holds x back, else 0, shape (B, n).
        """
    @property
    def done(self) -> bool:
        """
        Whether all have ended.
        """
    @property
    def free(self) -> numpy.typing.NDArray[numpy.bool]:
        """
        Whether each variable lies on no bound, shape (B, n).
        """
    @property
    def fun(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The values there, shape (B,).
        """
    @property
    def index(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        The problems that run, ascending, shape (b,).
        """
    @property
    def jac(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The gradients there, shape (B, n).
        """
    @property
    def n_parameters(self) -> int:
        """
        n.
        """
    @property
    def n_problems(self) -> int:
        """
        B.
        """
    @property
    def nfev(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        Evaluations of each, shape (B,).
        """
    @property
    def nit(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        Iterations of each: accepted steps, shape (B,).
        """
    @property
    def optimality(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        What `gtol` is held against, shape (B,).
        """
    @property
    def status(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        Why each has ended, numbers of `Status`, −1 while it runs, shape (B,).
        """
    @property
    def success(self) -> numpy.typing.NDArray[numpy.bool]:
        """
        Whether each has ended at a minimum, as far as was told, shape (B,).
        """
    @property
    def x(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The points come to, shape (B, n).
        """

class BatchModel:
    def __init__(
        self,
        loss: str,
        parameters: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
        X: numpy.ndarray,
        y: numpy.ndarray,
        sample_weight: numpy.ndarray,
        offset: numpy.ndarray,
        l2: numpy.ndarray,
        fit_intercept: bool,
    ) -> None: ...
    def __reduce__(self) -> tuple: ...
    def evaluate(self, X: typing.Any, index: typing.Any, hessian: bool) -> tuple:
        """
        Values, gradients and, if asked for, Hessians of the problems `index` at the rows of X.
        """
    @typing.overload
    def run_problems(
        self, state: BatchNewton, count: typing.SupportsInt | typing.SupportsIndex
    ) -> None: ...
    @typing.overload
    def run_problems(
        self, state: BatchQuasiNewton, count: typing.SupportsInt | typing.SupportsIndex
    ) -> None:
        """
        Run the first `count` problems of a state that have not ended to their ends.
        """
    @property
    def n_parameters(self) -> int:
        """
        Length of x of each.
        """
    @property
    def n_problems(self) -> int:
        """
        B.
        """

def activations() -> list[str]:
    """
    Names of the activations there are.
    """

def all_finite(X: numpy.ndarray) -> bool: ...
def batch_covariances(
    r: typing.Any, J: typing.Any, free: numpy.ndarray, found: numpy.ndarray, is_absolute: bool
) -> numpy.typing.NDArray[numpy.float64]: ...
def batch_message(status: Status) -> str:
    """
    A status of a problem of a batch in words.
    """

def chi_square_tail(
    x: typing.SupportsFloat | typing.SupportsIndex, k: typing.SupportsFloat | typing.SupportsIndex
) -> float:
    """
    P(X > x) of chi-square with k degrees of freedom, any number > 0.
    """

def cholesky_solve(H: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray: ...
def cholesky_solve_stack(H: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray: ...
def closed_form(
    model: LinearModel, noise: Dropout | DropConnect | GaussianDropout | GaussianNoise, method: str
) -> ClosedForm | ProductForm | None:
    """
    None where there is no such form.
    """

def dense_rows(
    X: Rows,
    begin: typing.SupportsInt | typing.SupportsIndex,
    count: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Rows begin .. begin + count, filled in, shape (count, p).
    """

def dropout_into(
    x: numpy.ndarray,
    out: numpy.ndarray,
    shared: collections.abc.Sequence[bool],
    rate: typing.SupportsFloat | typing.SupportsIndex,
    scale: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
    antithetic: bool,
    offset: typing.SupportsInt | typing.SupportsIndex,
) -> None: ...
def dropout_linear(
    h: numpy.ndarray,
    W: numpy.ndarray,
    bias: numpy.ndarray,
    rate: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    n_samples: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
    shared: bool,
) -> numpy.ndarray: ...
def dropout_moments(
    x: numpy.ndarray,
    rate: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    n_samples: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
) -> tuple: ...
def dropout_samples_into(
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
) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]: ...
@typing.overload
def enumerated(
    model: LinearModel, noise: Dropout | DropConnect | GaussianDropout | GaussianNoise
) -> EnumeratedModel: ...
@typing.overload
def enumerated(
    model: Softmax, noise: Dropout | DropConnect | GaussianDropout | GaussianNoise
) -> EnumeratedModel: ...
def expected_sigmoid(
    X: numpy.ndarray,
    w: numpy.ndarray,
    b: typing.SupportsFloat | typing.SupportsIndex,
    noise: Dropout | DropConnect | GaussianDropout | GaussianNoise,
    exact: bool,
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def fixed_samples(
    model: LinearModel,
    noise: Dropout | DropConnect | GaussianDropout | GaussianNoise,
    n_samples: typing.SupportsInt | typing.SupportsIndex,
    antithetic: bool,
    points: numpy.ndarray,
) -> typing.Any: ...
@typing.overload
def fixed_samples(
    model: Softmax,
    noise: Dropout | DropConnect | GaussianDropout | GaussianNoise,
    n_samples: typing.SupportsInt | typing.SupportsIndex,
    antithetic: bool,
    points: numpy.ndarray,
) -> typing.Any: ...
def gamma_shape(
    weights: numpy.ndarray, total: typing.SupportsFloat | typing.SupportsIndex
) -> float:
    """
    The shape a with the sum of w (log(a w) - psi(a w)) over the weights equal to `total`.
    """

def gaussian_dropout_into(
    x: numpy.ndarray,
    out: numpy.ndarray,
    shared: collections.abc.Sequence[bool],
    rate: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
    antithetic: bool,
    offset: typing.SupportsInt | typing.SupportsIndex,
) -> None: ...
def gram_of_clusters(
    X: typing.Any,
    slopes: typing.Any,
    origin: typing.Any,
    intercept: bool,
    codes: numpy.ndarray,
    n_clusters: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.ndarray:
    """
    The sum over clusters of s s', s the sum of slope_i (z_i 1) over the rows i of a cluster, Z = X - origin. `codes`: int64, of each row; a negative one is of no cluster.
    """

def gram_of_rows(
    X: typing.Any, weights: typing.Any, origin: typing.Any, intercept: bool
) -> numpy.ndarray:
    """
    (Z 1)' diag(weights) (Z 1), Z = X - origin, the column of ones where `intercept`.
    """

def has_amx() -> bool:
    """
    Whether rough Hessians are made on tile units.
    """

def linear_fit(
    A: numpy.ndarray, b: numpy.ndarray, error: typing.SupportsFloat | typing.SupportsIndex
) -> tuple:
    """
    Of min |A c - b| for every column of b: c, what is left of b, and the rank of A.
    """

def log_less_digamma(a: typing.SupportsFloat | typing.SupportsIndex) -> float:
    """
    log a - psi(a), a > 0.
    """

def losses() -> list[str]:
    """
    Names of the losses there are.
    """

def mask_into(
    out: numpy.ndarray,
    keep: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
    antithetic: bool,
    offset: typing.SupportsInt | typing.SupportsIndex,
) -> None: ...
def max_threads() -> int:
    """
    Threads the next call from this thread would use.
    """

def mixed_rows(
    n_rows: typing.SupportsInt | typing.SupportsIndex,
    n_columns: typing.SupportsInt | typing.SupportsIndex,
    dense: typing.Any,
    dense_at: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    variables: collections.abc.Sequence[
        tuple[
            numpy.ndarray,
            typing.SupportsInt | typing.SupportsIndex,
            typing.SupportsInt | typing.SupportsIndex,
        ]
    ],
    sparse: typing.Any,
    sparse_at: typing.SupportsInt | typing.SupportsIndex,
) -> Rows:
    """
    Columns side by side: those of a dense array, where each stands; of variables (codes, levels, first column), whose rows of another code are zeros; of sparse rows, from one on.
    """

def noisy_copies(
    x: numpy.ndarray,
    noise: Dropout | DropConnect | GaussianDropout | GaussianNoise,
    antithetic: bool,
    shared: bool,
    first: typing.SupportsInt | typing.SupportsIndex,
    count: typing.SupportsInt | typing.SupportsIndex,
    begin: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.ndarray: ...
def packed_mask(
    size: typing.SupportsInt | typing.SupportsIndex,
    keep: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
    antithetic: bool,
    offset: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.uint8]: ...
def parameters_of_loss(loss: str) -> list[tuple[str, str, float]]:
    """
    What it is made with: the name of each number, its domain in words, its default.
    """

def products_with_rows(
    X: Rows, w: typing.Any, add: typing.Any
) -> numpy.typing.NDArray[numpy.float64]:
    """
    X w + add, shape (n, k), of w of shape (p, k) and add of shape (k,).
    """

def require_memory(
    what: str,
    rows: typing.SupportsInt | typing.SupportsIndex,
    cols: typing.SupportsInt | typing.SupportsIndex,
    size: typing.SupportsInt | typing.SupportsIndex,
) -> None:
    """
    MemoryError where rows x cols numbers of so many bytes cannot be had.
    """

def sigmoid_of_normal(
    mean: numpy.ndarray, variance: numpy.ndarray
) -> numpy.typing.NDArray[numpy.float64]: ...
def softmax_taylor(
    model: Softmax, noise: Dropout | DropConnect | GaussianDropout | GaussianNoise
) -> SoftmaxTaylor: ...
def sparse_columns(
    values: typing.Any,
    indices: numpy.ndarray,
    starts: numpy.ndarray,
    n_rows: typing.SupportsInt | typing.SupportsIndex,
) -> Rows:
    """
    Compressed columns, of which rows are made.
    """

def sparse_rows(
    values: typing.Any,
    indices: numpy.ndarray,
    starts: numpy.ndarray,
    n_columns: typing.SupportsInt | typing.SupportsIndex,
) -> Rows:
    """
    Compressed rows, read where they lie; `values` None: all are 1.
    """

def squares_covariance(
    triangle: numpy.ndarray, free: numpy.ndarray, error: typing.SupportsFloat | typing.SupportsIndex
) -> tuple:
    """
    (J'J)^-1 of J = QR, R being the triangle, of what is free: inf on the diagonal and NaN beside it of parameters that the data leave open, NaN of those that are not free; the rank, smaller singular values than `error` being none; and directions of length 1 that change no residual, a column each.
    """

def stacked_rows(
    lengths: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    load: typing.Any,
    first: typing.Any,
    loaded: bool,
) -> Rows:
    """
    Parts under one another, of which `load` gives each by its number, when a pass comes to it: the rows that each has, the first of them, and whether it takes long to get one.
    """

def student_quantile(
    p: typing.SupportsFloat | typing.SupportsIndex, k: typing.SupportsFloat | typing.SupportsIndex
) -> float:
    """
    t with P(T > t) = p, 0 < p <= 1/2.
    """

def student_tail(
    t: typing.SupportsFloat | typing.SupportsIndex, k: typing.SupportsFloat | typing.SupportsIndex
) -> float:
    """
    P(T > t) of Student's law with k degrees of freedom; inf: of the normal law.
    """

def sums_of_rows(X: typing.Any, slopes: typing.Any, intercept: bool) -> numpy.ndarray:
    """
    (X 1)' slopes.
    """

def two_loop(g: numpy.ndarray, S: numpy.ndarray, Y: numpy.ndarray) -> numpy.ndarray: ...
def use_kernels(table: typing_extensions.CapsuleType) -> None:
    """
    Take the kernels of a level from its module, once; `level` and `simd` say which.
    """

def weighted_gram(
    out: numpy.ndarray, X: numpy.ndarray, w: numpy.ndarray, Z: numpy.ndarray | None
) -> None: ...
def words_of_rows(
    rows: numpy.ndarray,
    counters: typing.SupportsInt | typing.SupportsIndex,
    plane: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    stream: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.uint32]: ...

compiler: str
eigen_version: str
level: str
openmp_runtime: str
simd: str
version: str
