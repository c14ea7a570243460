"""What is said of an estimate: whether there is a minimum, and its uncertainty."""

from __future__ import annotations

import warnings
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..linalg.solve import cholesky_solve
from . import sandwich
from .data import Weights, kind_of_weights
from .information import of_varying, undetermined
from .objective import Objective
from .sandwich import Kind

_Doubles = npt.NDArray[np.float64]


class _Fitted(Objective, Protocol):
    """What an estimate is made of."""

    _total_weight: float  # Σᵢ weightᵢ as given, or the number of rows
    _determined_by: str  # what there must be for one minimum alone

    def _information(self, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]: ...
    def _no_minimum(self, x: npt.ArrayLike) -> str | None: ...
    def _flat(self, information: _Doubles, unit: _Doubles) -> str: ...


class _Model(_Fitted, Protocol):
    """Of rows, whose columns it knows."""

    @property
    def X(self) -> object: ...
    @property
    def column_moments(self) -> tuple[_Doubles, _Doubles]: ...
    def hessian_about(self, x: npt.ArrayLike, origin: npt.ArrayLike) -> _Doubles: ...
    def recession(self, x: npt.ArrayLike) -> tuple[_Doubles, int] | None: ...
    def _falls(self, direction: _Doubles, n_rows: int) -> str: ...
    def _is_held(self, direction: _Doubles) -> bool: ...
    def _is_bounded(self) -> bool: ...
    def without_minimum(self, x: npt.ArrayLike) -> str | None: ...


def refuse_l1(model: object) -> None:
    """Refuse to take the curvature of f for that of an estimate that an l1 term has bent."""
    if np.any(getattr(model, "l1_of_parameters", 0)):
        want = "a model without: neither covariances nor leverages know what an l1 term selects; "
        want += "a bootstrap of the fit does, or a fit of the kept columns to other rows"
        raise _validation.error("model", "an l1 term", want)


class Estimate:
    """The uncertainty of a minimum."""

    def _information(self: _Fitted, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]:
        """The Hessian, or that about means of the columns, and these."""
        refuse_l1(self)
        return self.hessian(x), None

    def _no_minimum(self, x: npt.ArrayLike) -> str | None:
        """Why there is none, if there is none."""
        return None

    def _flat(self, information: _Doubles, unit: _Doubles) -> str:
        """Where a singular Hessian, in these units of the parameters, is flat, in words."""
        return ""

    def covariance(
        self: _Fitted,
        x: npt.ArrayLike,
        *,
        dispersion: float = 1.0,
        kind: Kind | None = None,
        clusters: npt.ArrayLike | None = None,
        weights: Weights = "frequency",
    ) -> _Doubles:
        """Covariance of the estimate x, by default dispersion · (Σᵢ weightᵢ · H(x))⁻¹.

        H is the Hessian of the objective, so that Σᵢ weightᵢ · H is the observed information of all
        rows. The roots of the diagonal are the standard errors. `hessopt.inference` makes intervals
        and tests of it.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        dispersion : float
            Scale φ of the law of y, > 0: the variance of y for `Squared`, 1 / shape for `Gamma`, 1
            for `Logistic`, `Poisson` and `Softmax`. It has no part in a sandwich.
        kind : {"observed", "expected", "HC0", "HC1", "HC3", "cluster"}, optional
            Of "expected" the information is the mean over laws of y, which is the same at the
            canonical link. The others are the sandwich A⁻¹BA⁻¹, A the observed information, which
            stands where the variance of y is another than the law's: B is the sum over rows of the
            products of their scores; times n / (n − p), "HC1"; of scores over 1 − leverage, "HC3";
            of the scores of whole clusters, times G/(G − 1) · (n − 1)/(n − p) for G of them. By
            default "observed", or "cluster" where there are such.
        clusters : array_like of integers, categorical series or `Categorical`, shape (n,), optional
            The cluster of each row.
        weights : {"frequency", "variance"}
            What `sample_weight` is to a sandwich: repetitions of a row, or by what a row is less
            spread than others.

        Returns
        -------
        ndarray, shape (n_parameters, n_parameters)
            Symmetric, in the order of x, in units of x squared.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the Hessian is singular to working precision: x is then not the only minimum, or
            there is none. Columns that are combinations of each other are named.
        ValueError, TypeError
            On a wrong argument or length of x, on a kind that the model has not, or a Hessian that
            is not finite at x.

        Warns
        -----
        RuntimeWarning
            If there is no minimum, see `without_minimum`: variances grow without end on the way.

        Notes
        -----
        Weights count as repetitions of a row, "frequency weights": doubling them all halves the
        covariance. The penalty is part of H. With l2 > 0 this is the Laplace approximation of the
        posterior under the prior wⱼ ~ N(0, φ / (l2ⱼ Σᵢ weightᵢ)), not the spread of a biased
        estimate over repeated samples, which the sandwich is.

        References
        ----------
        B. Efron, D. V. Hinkley, "Assessing the accuracy of the maximum likelihood estimator:
        observed versus expected Fisher information", Biometrika 65 (1978).
        J. G. MacKinnon, H. White, "Some heteroskedasticity-consistent covariance matrix estimators
        with improved finite sample properties", J. Econometrics 29 (1985).
        K.-Y. Liang, S. L. Zeger, "Longitudinal data analysis using generalized linear models",
        Biometrika 73 (1986).

        Examples
        --------
        >>> import numpy as np, hessopt
        >>> f = hessopt.objectives.Squared([[0.0], [1.0], [2.0]], [1.0, 2.0, 3.6])
        >>> x = hessopt.minimize(f, [0.0, 0.0]).x
        >>> np.sqrt(np.diag(f.covariance(x, dispersion=f.dispersion(x)))).round(4)
        array([0.1732, 0.2236])
        """
        scale = _validation.at_least("dispersion", dispersion, 0)
        if scale == 0:
            raise _validation.error("dispersion", dispersion, "a number > 0")
        kind_of_weights(weights)
        made = sandwich.kind_of(self, kind, clusters)
        information, mean = (
            sandwich.expected_information(self, x) if made == "expected" else self._information(x)
        )
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
        if undetermined(1 / inverse.diagonal().max(), n):
            flat = self._flat(information / unit / unit[:, None], unit)
            got = "a Hessian that is singular there" + flat
            if reason is not None:
                got = f"no minimum: {reason}"
            raise np.linalg.LinAlgError(f"x: got {got}; want {self._determined_by}")
        if reason is not None:
            warnings.warn(f"x: got no minimum: {reason}", RuntimeWarning, stacklevel=2)
        inverse = inverse / unit / unit[:, None]
        if made in ("observed", "expected"):
            covariance = inverse * (scale / self._total_weight)
        else:
            scores = sandwich.meat(self, x, made, clusters, weights)
            covariance = inverse @ scores @ inverse
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
            each row is checked. Of more than 2000 parameters columns are checked one by one, and
            those of `Softmax` not at all.

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
        if self._is_bounded():
            return None
        found = self.recession(x)
        if found is None or self._is_held(found[0]):
            return None
        return self._falls(*found)

    def _information(self: _Model, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]:
        refuse_l1(self)
        mean, _ = self.column_moments  # about which the Hessian has all its digits
        information = self.hessian_about(x, mean)
        if self.n_parameters == len(mean) * getattr(self, "n_classes", 1):
            return information, None
        return of_varying(information, mean, self.X), mean

    def _no_minimum(self: _Model, x: npt.ArrayLike) -> str | None:
        return self.without_minimum(x)
