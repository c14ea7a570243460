"""What estimators of a linear predictor have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted

from .._minimize import minimize
from .._result import OptimizeResult
from ..integrate import expected
from ..noise import Augmentation, DropConnect, Dropout, GaussianDropout, GaussianNoise
from ..objectives import LinearModel, Logistic, Softmax
from ..rows import Columns
from ..solvers import Status
from .callbacks import CallbackSupportMixin, Watch
from .data import rows

_Doubles = npt.NDArray[np.float64]
_SOLVERS = ("newton", "trust_region", "newton_cg", "lbfgs", "bfgs")
_METHODS = ("exact", "normal", "taylor", "sample")


class Predictor(BaseEstimator):
    """An estimator with coefficients of the columns of X and their intercepts."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"fit_intercept": ["boolean"]}

    @property
    def _noise(self) -> Any:
        """The noise that is integrated out."""
        return self.noise

    def _predictor(self, X: Any) -> npt.NDArray[Any]:
        """X coef_.T + intercept_ of rows that are checked here, a column for each predictor."""
        check_is_fitted(self)
        return self._products(rows(self, X, reset=False))

    def _products(self, X: Any) -> npt.NDArray[Any]:
        """The same of checked rows."""
        is_mixed = isinstance(X, Columns)
        eta = X @ self.coef_.T if is_mixed else safe_sparse_dot(X, self.coef_.T, dense_output=True)
        return np.asarray(eta + self.intercept_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class LinearEstimator(CallbackSupportMixin, Predictor):
    """An estimator of coefficients that are fitted by `hessopt.minimize`."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        "solver": [StrOptions({"auto", *_SOLVERS})],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left"), None],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
    }

    def _minimum(
        self,
        model: Any,
        start: _Doubles,
        attributes: Callable[[_Doubles], dict[str, Any]],
        watch: Watch,
        bounds: Any = None,
    ) -> OptimizeResult:
        """Fit the model and set the attributes of the estimator, which are those of parameters."""
        result: OptimizeResult = minimize(
            model,
            start,
            method=None if self.solver == "auto" else self.solver,
            bounds=bounds,
            tol=self.tol,
            callback=watch.after(attributes),
            options={"maxiter": self.max_iter, "disp": bool(self.verbose)},
        )
        warn_of_no_end(self, result)
        for name, value in attributes(result.x).items():
            setattr(self, name, value)
        watch.end()
        return result


def warn_of_no_end(estimator: Any, result: OptimizeResult) -> None:
    """Warn of a run that has not come to its end, unless a callback has stopped it."""
    if not result.success and result.status != Status.CALLBACK:
        warnings.warn(
            f"{type(estimator).__name__} did not converge. {result.message}",
            ConvergenceWarning,
            stacklevel=6,
        )


def signs(p: int, n_parameters: int, positive: bool) -> list[tuple[float | None, None]] | None:
    """Bounds of parameters of which the first p, the coefficients, are >= 0, or none."""
    return [(0.0, None)] * p + [(None, None)] * (n_parameters - p) if positive else None


#: Constraints of the arguments of `under_noise`.
NOISE: dict[str, list[Any]] = {
    "noise": [Dropout, DropConnect, GaussianDropout, GaussianNoise, Augmentation, None],
    "noise_method": [StrOptions({"auto", *_METHODS})],
}
# Losses whose expectation is a formula of the law itself.
_CLOSED = ("Squared", "Poisson", "Gamma", "Exponential")


def under_noise(model: Any, noise: Any, method: str) -> Any:
    """The model with the noise integrated out, by "auto" in the best form without samples."""
    if noise is None:
        return model
    if method == "auto":
        if isinstance(noise, Augmentation) or not isinstance(model, (LinearModel, Softmax)):
            method = "sample"
        elif isinstance(model, Softmax):
            method = "taylor"
        elif isinstance(model, Logistic):
            method = "normal"
        else:
            method = "exact" if model.loss in _CLOSED else "sample"
    return expected(model, noise, method)  # type: ignore[arg-type]


def refuse_samples(noise: Any) -> None:
    """Refuse to take the likelihood of copies of the rows, under samples of noise, for theirs."""
    if noise is not None:
        want = "None: of a fit to samples of it the spread is not known; a bootstrap of the fit is"
        raise ValueError(f"noise: got {noise!r}; want {want}")
