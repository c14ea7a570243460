"""What networks as a classifier and as a regressor have in common."""

from __future__ import annotations

import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._result import OptimizeResult
from ..integrate import PredictiveDistribution
from ..networks import BatchNorm, Dense, Dropout, Network, fit, predict_distribution
from ..networks.layers import Layer
from ..rows import Columns
from ..solvers import Status
from ..uncertainty import Laplace, laplace
from .callbacks import CallbackSupportMixin, Watch
from .data import is_single, rows, weights

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]

_ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
_SOLVERS = ("adam", "adamw", "adam+lbfgs", "lbfgs", "newton_cg", "trust_region")
#: What scikit-learn calls the map of the outputs, by the loss.
_OUT = {"softmax": "softmax", "logistic": "logistic", "squared": "identity", "poisson": "exp"}
_LOSS = {out: loss for loss, out in _OUT.items()}
_CONVERGED = (Status.GRADIENT, Status.ROUNDING_FLOOR, Status.CALLBACK)
_MASKS = 16  # that each row is averaged over by a solver
# What "auto" goes by.
_FEW_PARAMETERS = 300
_MANY_ROWS = 10_000


class MultilayerPerceptron(CallbackSupportMixin, BaseEstimator, metaclass=ABCMeta):
    """A dense network that is fitted by `hessopt.networks.fit`."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(_ACTIVATIONS))],
        "solver": [StrOptions({"auto", *_SOLVERS})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "input_dropout": [Interval(Real, 0, 1, closed="left")],
        "batch_norm": ["boolean"],
    }

    @abstractmethod
    def __init__(
        self,
        hidden_layer_sizes: Any,
        activation: str,
        solver: str,
        alpha: float,
        max_iter: int,
        random_state: Any,
        tol: float,
        warm_start: bool,
        verbose: bool,
        dropout: float,
        input_dropout: float,
        batch_norm: bool,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.batch_norm = batch_norm

    classes_: _Array
    coefs_: list[_Array]
    intercepts_: list[_Array]

    @abstractmethod
    def _read(self, X: Any, y: Any, reset: bool) -> tuple[_Array, _Array, str]:
        """Rows and targets that are checked here, as a network takes them, and its loss."""

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> None:
        watch = Watch(self, X, y, sample_weight)
        X, target, loss = self._read(X, y, True)
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        network = self._network(X, target, loss, weights(sample_weight, X))
        self.n_outputs_ = network.shapes[-1][1]
        self.n_layers_ = len(network.shapes) + 1
        self.out_activation_ = _OUT[loss]
        dtype = np.float32 if is_single(X) else np.float64
        start = self._last(network)
        result = self._minimum(
            network,
            network.initial(self._seed) if start is None else start,
            lambda x: self._attributes(network, x, dtype),
            watch,
        )
        self.loss_, self.loss_fresh_ = float(result.fun), float(result.fun_fresh)
        self.loss_curve_ = result.history["fun"].tolist()
        self.n_iter_ = sum(result.nit)

    def _minimum(
        self,
        network: Network,
        start: _Doubles,
        attributes: Callable[[_Doubles], dict[str, Any]],
        watch: Watch,
    ) -> OptimizeResult:
        """Fit the network, and set the attributes that parameters stand for."""
        solver = self.solver if self.solver != "auto" else self._suited(network)
        options: dict[str, Any] = {}
        if "adam" in solver:
            options["epochs"] = self.max_iter
        if solver not in ("adam", "adamw"):
            options |= {"maxiter": self.max_iter, "gtol": self.tol}
        told, said = watch.after(attributes), 0

        def after(intermediate_result: OptimizeResult) -> bool:
            nonlocal said
            said += 1
            if self.verbose:
                print(f"Iteration {said}, loss = {intermediate_result.fun:.8f}")
            return told is not None and told(intermediate_result.x)

        wanted = after if self.verbose or told is not None else None
        result = fit(network, start, method=solver, seed=self._seed, callback=wanted, **options)
        if not (np.isfinite(result.fun) and np.isfinite(result.x).all()):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large"
                " values and need to be preprocessed."
            )
        if "maxiter" in options and result.status not in _CONVERGED:
            warnings.warn(
                f"{type(self).__name__} did not converge. {result.message}",
                ConvergenceWarning,
                stacklevel=6,
            )
        self.__dict__.pop("_normalised", None)
        for name, value in attributes(result.x).items():
            setattr(self, name, value)
        watch.end()
        return result

    def _suited(self, network: Network) -> str:
        """The solver that suits data and layers."""
        if self.dropout > 0 or self.input_dropout > 0 or network.n_rows >= _MANY_ROWS:
            return "adam"
        few = network.n_parameters <= _FEW_PARAMETERS
        return "trust_region" if network.loss == "squared" and few else "lbfgs"

    def _layers(self, n_outputs: int, *, normalised: bool) -> list[Layer]:
        """All of the network, with batch normalisation or, as the coefficients have it, without."""
        sizes, phi = (
            np.atleast_1d(np.asarray(self.hidden_layer_sizes)),
            _ACTIVATIONS[self.activation],
        )
        if sizes.size and (sizes.ndim > 1 or sizes.dtype.kind not in "iu" or sizes.min() < 1):
            got = f"hidden_layer_sizes: got {self.hidden_layer_sizes!r}"
            raise ValueError(f"{got}; want an integer >= 1 for each hidden layer")
        layers: list[Layer] = [Dropout(self.input_dropout)] if self.input_dropout > 0 else []
        for units in sizes.tolist():
            layers += [Dense(units), BatchNorm(phi)] if normalised else [Dense(units, phi)]
            layers += [Dropout(self.dropout)] if self.dropout > 0 else []
        return [*layers, Dense(n_outputs)]

    def _network(self, X: _Array, target: _Array, loss: str, weight: _Doubles | None) -> Network:
        """The objective."""
        n_outputs = len(self.classes_) if loss == "softmax" else target[0].size
        layers = self._layers(n_outputs, normalised=self.batch_norm)
        strength = np.full(
            sum(isinstance(layer, Dense) for layer in layers),
            self.alpha / (len(X) if weight is None else weight.sum()),
        )
        if self.batch_norm:  # whose weights have no scale of their own
            strength[:-1] = 0
        return Network(
            X,
            target,
            layers,
            loss=loss,
            l2=strength,
            sample_weight=weight,
            seed=self._seed,
            n_samples=_MASKS,
        )

    def _last(self, network: Network) -> _Doubles | None:
        """The parameters of the last fit, where that is wanted and fits."""
        if not self.warm_start or not hasattr(self, "coefs_"):
            return None
        if self.batch_norm:
            x = self._normalised[1] if hasattr(self, "_normalised") else np.empty(0)
            return x if len(x) == network.n_parameters else None
        if [W.shape for W in self.coefs_] != network.shapes:
            return None
        return network.flatten(self._weights)

    @property
    def _weights(self) -> list[tuple[_Array, _Array]]:
        return list(zip(self.coefs_, self.intercepts_, strict=True))

    def _attributes(self, network: Network, x: _Doubles, dtype: type) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self.batch_norm:
            made["_normalised"] = network.at_minimum(x).layers, x
            network, x = network.fold(x)
        pairs = network.unflatten(x)
        made["coefs_"] = [W.astype(dtype) for W, _ in pairs]
        made["intercepts_"] = [b.astype(dtype) for _, b in pairs]
        return made

    def _outputs(self, X: Any) -> _Array:
        """Of rows that are checked here, before the map of the outputs."""
        check_is_fitted(self)
        X = dense(rows(self, X, reset=False))
        network = self._of(X, [layer for layer in self._plain if isinstance(layer, Dense)])
        z = network.predict(network.flatten(self._weights))
        return z.astype(np.result_type(X, self.coefs_[0]), copy=False)

    @property
    def _plain(self) -> list[Layer]:
        return self._layers(self.n_outputs_, normalised=False)

    def _of(self, X: _Array, layers: Any) -> Network:
        """A network of other rows, whose targets are nobody's concern."""
        loss = _LOSS[self.out_activation_]
        shape = len(X) if loss == "softmax" else (len(X), self.n_outputs_)
        return Network(X, np.zeros(shape), layers, loss=loss)

    def predict_distribution(
        self, X: Any, *, seed: int = 0, n_samples: int = 128
    ) -> PredictiveDistribution:
        """Mean and spread of the prediction over masks of dropout, which stay on.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        seed : int
            Of the masks.
        n_samples : int
            Masks, >= 2.

        Returns
        -------
        hessopt.PredictiveDistribution
            Of the mean of y: of two classes the probability of the second, of more those of all,
            of several labels those of each; see `hessopt.networks.predict_distribution`. It knows
            of no other uncertainty: `laplace` is that of the parameters.
        """
        check_is_fitted(self)
        if not (self.dropout > 0 or self.input_dropout > 0):
            raise ValueError("dropout: got 0; want a network with dropout, whose masks vary")
        X = dense(rows(self, X, reset=False))
        if hasattr(self, "_normalised"):
            layers, x = self._normalised
            return predict_distribution(self._of(X, layers), x, X, seed=seed, n_samples=n_samples)
        network = self._of(X, self._plain)
        x = network.flatten(self._weights)
        return predict_distribution(network, x, X, seed=seed, n_samples=n_samples)

    def laplace(self, X: Any, y: Any, sample_weight: Any = None, **options: Any) -> Laplace:
        """The Laplace approximation of the posterior of the parameters about the fit.

        Parameters
        ----------
        X, y, sample_weight
            As `fit` was given them: an estimator keeps no data.
        **options
            Of `hessopt.laplace`: ``structure``, ``subset``, ``dispersion``, ....

        Returns
        -------
        hessopt.Laplace
            Its `predictor` and `predict` take arrays; `alpha` is the prior, which `with_prior`
            changes.
        """
        check_is_fitted(self)
        X, target, loss = self._read(X, y, False)
        network = self._network(X, target, loss, weights(sample_weight, X))
        x = self._normalised[1] if self.batch_norm else network.flatten(self._weights)
        return laplace(network, x, **options)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def dense(X: Any) -> _Array:
    """Rows as one array, which a network's first layer multiplies with."""
    sparse = isinstance(X, Columns) or hasattr(X, "tocsr")
    return np.asarray(X.toarray() if sparse else X)
