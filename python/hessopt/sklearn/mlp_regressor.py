"""Networks of dense layers for numbers and counts."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import column_or_1d

from .callbacks import with_callbacks
from .data import rows
from .networks import MultilayerPerceptron, dense

_Array = npt.NDArray[Any]
_LOSSES = {"squared_error": "squared", "poisson": "poisson"}


class MLPRegressor(RegressorMixin, MultilayerPerceptron):
    """A network of dense layers for numbers or counts, one target or several.

    Minimises Σᵢ wᵢ ℓᵢ / Σᵢ wᵢ + alpha Σₗ ‖Wₗ‖² / (2 Σᵢ wᵢ), ℓ the sum over the targets of half the
    squared error, or of exp(z) − y z; with dropout, ℓ is a mean over masks.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}
        Of numbers, or of counts, whose logarithm the network then gives.
    hidden_layer_sizes : int or array_like of int
        Units of each hidden layer.
    activation : {"identity", "logistic", "tanh", "relu"}
        Of the hidden layers.
    solver : {"auto", "adam", "adamw", "adam+lbfgs", "lbfgs", "newton_cg", "trust_region"}
        As of `MLPClassifier`, but that "auto" is "trust_region", the method of Levenberg and
        Marquardt, for squared errors of up to 300 parameters without dropout.
    alpha : float
        As of `MLPClassifier`, as is what follows.
    max_iter, random_state, tol, warm_start, verbose
    dropout, input_dropout, batch_norm

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Of each layer, shape (inputs, units) and (units,), as of `MLPClassifier`.
    loss_ : float
        The objective at the end, a sum over the targets where there are several.
    loss_fresh_, loss_curve_, n_iter_, n_layers_, n_outputs_
        As of `MLPClassifier`.
    out_activation_ : {"identity", "exp"}
        What the outputs go through.
    categories_, column_names_, n_features_in_, feature_names_in_
        As of `MLPClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import MLPRegressor
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> fit = MLPRegressor(hidden_layer_sizes=8, activation="tanh", random_state=0)
    >>> bool(fit.fit(X, np.sin(3 * X[:, 0])).loss_ < 1e-3)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **MultilayerPerceptron._parameter_constraints,
        "loss": [StrOptions(set(_LOSSES))],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "auto",
        alpha: float = 1e-4,
        max_iter: int = 200,
        random_state: Any = None,
        tol: float = 1e-4,
        warm_start: bool = False,
        verbose: bool = False,
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__(
            hidden_layer_sizes=hidden_layer_sizes,
            activation=activation,
            solver=solver,
            alpha=alpha,
            max_iter=max_iter,
            random_state=random_state,
            tol=tol,
            warm_start=warm_start,
            verbose=verbose,
            dropout=dropout,
            input_dropout=input_dropout,
            batch_norm=batch_norm,
        )
        self.loss = loss

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Fit the network.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,) or (n, K)
            Targets.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        self._fit(X, y, sample_weight)
        return self

    def _read(self, X: Any, y: Any, reset: bool) -> tuple[_Array, _Array, str]:
        X, y = rows(self, X, y, reset=reset, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return dense(X), np.asarray(y, np.float64), _LOSSES[self.loss]

    def predict(self, X: Any) -> _Array:
        """The expected targets of each row.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,) or (n, K)
        """
        z = self._outputs(X)
        mean = np.exp(z) if self.out_activation_ == "exp" else z
        return mean[:, 0] if self.n_outputs_ == 1 else mean

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
