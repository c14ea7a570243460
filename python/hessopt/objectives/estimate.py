"""What is said of an estimate: whether there is a minimum, and its uncertainty."""

from __future__ import annotations

import warnings
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..linalg.solve import cholesky_solve
from .objective import Objective

_Doubles = npt.NDArray[np.float64]
# Of a pivot, for each parameter. A variance inflated by its inverse has no certain digit.
_ROUNDING = 100 * float(np.finfo(np.float64).eps)


class _Fitted(Objective, Protocol):
    """What an estimate is made of."""

    _total_weight: float  # Σᵢ weightᵢ as given, or the number of rows
    _determined_by: str  # what there must be for one minimum alone

    def _information(self, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]: ...
    def _no_minimum(self, x: npt.ArrayLike) -> str | None: ...


class _Model(_Fitted, Protocol):
    """Of rows, whose columns it knows."""

    @property
    def column_moments(self) -> tuple[_Doubles, _Doubles]: ...
    def hessian_about(self, x: npt.ArrayLike, origin: npt.ArrayLike) -> _Doubles: ...
    def recession(self, x: npt.ArrayLike) -> tuple[_Doubles, int] | None: ...
    def _falls(self, direction: _Doubles, n_rows: int) -> str: ...
    def without_minimum(self, x: npt.ArrayLike) -> str | None: ...


class Estimate:
    """The uncertainty of a minimum."""

    def _information(self: _Fitted, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]:
        """The Hessian, or that about means of the columns, and these."""
        return self.hessian(x), None

    def _no_minimum(self, x: npt.ArrayLike) -> str | None:
        """Why there is none, if there is none."""
        return None

    def covariance(self: _Fitted, x: npt.ArrayLike, *, dispersion: float = 1.0) -> _Doubles:
        """Covariance of the estimate x: dispersion · (Σᵢ weightᵢ · H(x))⁻¹.

        H is the Hessian of the objective, so that Σᵢ weightᵢ · H is the observed information of all
        rows. The roots of the diagonal are the standard errors.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        dispersion : float
            Scale φ of the law of y, > 0: the variance of y for `Squared`, 1 / shape for `Gamma`, 1
            for `Logistic`, `Poisson` and `Softmax`.

        Returns
        -------
        ndarray, shape (n_parameters, n_parameters)
            Symmetric, in the order of x, in units of x squared.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the Hessian is singular to working precision: x is then not the only minimum, or
            there is none.
        ValueError, TypeError
            On a wrong `dispersion` or length of x, or a Hessian that is not finite at x.

        Warns
        -----
        RuntimeWarning
            If there is no minimum, see `without_minimum`: variances grow without end on the way.

        Notes
        -----
        Weights count as repetitions of a row, "frequency weights": doubling them all halves the
        covariance. The penalty is part of H. With l2 > 0 this is the Laplace approximation of the
        posterior under the prior wⱼ ~ N(0, φ / (l2ⱼ Σᵢ weightᵢ)), not the spread of a biased
        estimate over repeated samples.

        References
        ----------
        B. Efron, D. V. Hinkley, "Assessing the accuracy of the maximum likelihood estimator:
        observed versus expected Fisher information", Biometrika 65 (1978).

        Examples
        --------
        >>> import numpy as np, hessopt
        >>> f = hessopt.objectives.Squared([[0.0], [1.0], [2.0]], [1.0, 2.0, 3.6])
        >>> x = hessopt.minimize(f, [0.0, 0.0]).x
        >>> variance = 2 * 3 * f.value_and_gradient(x)[0] / (3 - 2)  # of the residuals
        >>> np.sqrt(np.diag(f.covariance(x, dispersion=variance))).round(4)
        array([0.1732, 0.2236])
        """
        scale = _validation.at_least("dispersion", dispersion, 0)
        if scale == 0:
            raise _validation.error("dispersion", dispersion, "a number > 0")
        information, mean = self._information(x)
        if not np.isfinite(information).all():
            raise _validation.error("x", "NaN or inf in the Hessian there", "a minimum")
        reason = self._no_minimum(x)
        # In units that make its diagonal 1, the inverse's is how far the other columns inflate each
        # variance, whatever the units of X are.
        n, unit = self.n_parameters, np.sqrt(information.diagonal())
        unit[unit == 0] = 1
        try:
            inverse = cholesky_solve(information / unit / unit[:, None], np.eye(n))
        except np.linalg.LinAlgError:
            inverse = np.full((n, n), np.inf)
        if inverse.diagonal().max() * _ROUNDING * n >= 1:
            got = "a Hessian that is singular there" if reason is None else f"no minimum: {reason}"
            raise np.linalg.LinAlgError(f"x: got {got}; want {self._determined_by}")
        if reason is not None:
            warnings.warn(f"x: got no minimum: {reason}", RuntimeWarning, stacklevel=2)
        covariance = inverse / unit / unit[:, None] * (scale / self._total_weight)
        if mean is not None:  # intercepts are those of X less its means
            blocks = covariance.reshape(-1, len(mean) + 1, n)
            blocks[:, -1] -= mean @ blocks[:, :-1]
            blocks = covariance.reshape(n, -1, len(mean) + 1)
            blocks[:, :, -1] -= blocks[:, :, :-1] @ mean
        symmetric: _Doubles = (covariance + covariance.T) / 2
        return symmetric


class ModelEstimate(Estimate):
    """The same of a model of rows, and whether it has a minimum."""

    def without_minimum(self: _Model, x: npt.ArrayLike) -> str | None:
        """Why there is no minimum near x, where a run has ended.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            Where `hessopt.minimize` stopped, which asks this question itself.

        Returns
        -------
        str or None
            None where there is a minimum, where no loss has come near its infimum yet, or where
            there is no telling. Else in words what separates the classes of y, which of them has no
            row, or where all counts are 0. A reason is never given for a model that has a minimum:
            each row is checked. Models of more than 2000 parameters are not checked.

        References
        ----------
        A. Albert, J. A. Anderson, "On the existence of maximum likelihood estimates in logistic
        regression models", Biometrika 71 (1984).

        Examples
        --------
        >>> import hessopt
        >>> f = hessopt.objectives.Logistic([[0.0], [1.0], [2.0]], [0, 1, 1])
        >>> f.without_minimum(hessopt.minimize(f, [0.0, 0.0]).x)
        'X[:, 0] separates the classes of y in 3 rows; l2 > 0 would keep it finite'
        """
        found = self.recession(x)
        return None if found is None else self._falls(*found)

    def _information(self: _Model, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]:
        mean, _ = self.column_moments  # about which the Hessian has all its digits
        information = self.hessian_about(x, mean)
        has_intercept = self.n_parameters > len(mean) * getattr(self, "n_classes", 1)
        return information, mean if has_intercept else None

    def _no_minimum(self: _Model, x: npt.ArrayLike) -> str | None:
        return self.without_minimum(x)
