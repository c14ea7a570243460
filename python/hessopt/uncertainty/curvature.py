"""The curvature of an objective at its minimum: what a Laplace approximation is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..linalg.cholesky import Cholesky

Doubles = npt.NDArray[np.float64]
# Eigenvalues of a matrix of diagonal 1: what is noise about 0, and what is more than that below it.
_NULL, _INDEFINITE = 1e-12, 1e-9


class Whole:
    """A Hessian H, positive definite, by its Cholesky factor in units that make its diagonal 1.

    Parameters
    ----------
    H : ndarray, shape (P, P)
        Of a linear model with intercepts, in the parameters (w, b + mean'w).
    mean : ndarray, shape (p,), optional
        Of the columns; None where the parameters are those of the objective.
    null : ndarray, shape (P, r)
        Orthonormal directions along which nothing changes. The inverse and the determinant are
        those of H in what is left, which is what adding them to H and taking them away comes to.
    """

    def __init__(self, H: Doubles, mean: Doubles | None, null: Doubles) -> None:
        _finite(H)
        self.mean, self._null = mean, null
        self._lift = float(H.diagonal().mean()) if null.size else 0.0
        self.H = H + self._lift * null @ null.T
        self._unit = np.sqrt(np.maximum(self.H.diagonal(), 0))
        self._unit[self._unit == 0] = 1
        try:
            self._factor = Cholesky(self.H / self._unit / self._unit[:, None])
        except np.linalg.LinAlgError:
            raise _indefinite(np.linalg.eigvalsh(self.H)[0]) from None
        self._inverse: Doubles | None = None

    @property
    def logdet(self) -> float:
        """Log det H, which that change of parameters leaves alone."""
        lifted = self.n_null * math.log(self._lift) if self.n_null else 0.0
        return self._factor.logdet + 2 * float(np.log(self._unit).sum()) - lifted

    @property
    def n_null(self) -> int:
        """Directions that do not count."""
        return int(self._null.shape[1])

    @property
    def inverse(self) -> Doubles:
        """H⁻¹ in the parameters of H, shape (P, P)."""
        if self._inverse is None:
            self._inverse = self._factor.inverse() / self._unit / self._unit[:, None]
            if self.n_null:
                self._inverse -= self._null @ self._null.T / self._lift
        return self._inverse

    def covariance(self) -> Doubles:
        """H⁻¹ in the parameters of the objective, shape (P, P)."""
        half = self._of_objective(self.inverse)
        return self._of_objective(half.T.copy())

    def spread(self, e: Doubles) -> Doubles:
        """Vectors of covariance H⁻¹ of standard normal ones, shape (m, P), in the same."""
        lower = self._factor.factor.astype(np.float64)
        spread: Doubles = np.linalg.solve(lower.T, e.T).T / self._unit
        return self._of_objective(spread - spread @ self._null @ self._null.T)

    def _of_objective(self, rows: Doubles) -> Doubles:
        """Rows (w, b + mean'w) for each output as (w, b)."""
        if self.mean is None:
            return rows
        blocks = rows.reshape(len(rows), -1, len(self.mean) + 1).copy()
        blocks[:, :, -1] -= blocks[:, :, :-1] @ self.mean
        return blocks.reshape(rows.shape)

    def plus(self, penalty: Doubles) -> Whole:
        """That of H + diag(penalty)."""
        H = self.H - self._lift * self._null @ self._null.T
        return Whole(H + np.diag(penalty), self.mean, self._null)

    def loss_scales(self, penalty: Doubles) -> Doubles:
        """Eigenvalues of the loss's share of H against that of the penalty.

        H = A + diag(penalty): those of D^(-1/2) S D^(-1/2), of the penalised parameters alone, S
        what is left of A where the free ones are at their best.
        """
        held = penalty > 0
        A = self.H - np.diag(penalty)
        S = A[np.ix_(held, held)]
        if not held.all():
            cross = A[np.ix_(~held, held)]
            S = S - cross.T @ np.linalg.pinv(A[np.ix_(~held, ~held)], hermitian=True) @ cross
        root = np.sqrt(penalty[held])
        return np.maximum(np.linalg.eigvalsh(np.asarray(S / root / root[:, None])), 0)


class Diagonal:
    """The diagonal of a Hessian, all others taken as 0."""

    mean = None
    n_null = 0

    def __init__(self, diagonal: Doubles) -> None:
        _finite(diagonal)
        if diagonal.min() <= 0:
            raise _indefinite(diagonal.min())
        self.H = diagonal

    @property
    def logdet(self) -> float:
        """The logarithm of the determinant."""
        return float(np.log(self.H).sum())

    @property
    def inverse(self) -> Doubles:
        """The diagonal of the inverse, shape (P,)."""
        return np.asarray(1 / self.H)

    def covariance(self) -> Doubles:
        """The inverse, shape (P, P)."""
        return np.diag(self.inverse)

    def spread(self, e: Doubles) -> Doubles:
        """Vectors of covariance H⁻¹ of standard normal ones, shape (m, P)."""
        return np.asarray(e / np.sqrt(self.H))

    def plus(self, penalty: Doubles) -> Diagonal:
        """That of H + diag(penalty)."""
        return Diagonal(self.H + penalty)

    def loss_scales(self, penalty: Doubles) -> Doubles:
        """As those of `Whole`."""
        held = penalty > 0
        return np.maximum(self.H[held] / penalty[held] - 1, 0)


def curvature_of(objective: Any, x: Doubles, structure: str) -> Whole | Diagonal:
    """The Gauss-Newton matrix of an objective that has one, else its Hessian."""
    if hasattr(objective, "ggn"):
        H, mean = np.asarray(objective.ggn(x), np.float64), None
    elif hasattr(objective, "ggnp"):
        H, mean = np.stack([objective.ggnp(x, e) for e in np.eye(len(x))]), None
    elif structure == "full" and hasattr(objective, "_information"):
        H, mean = objective._information(x)
    else:
        H, mean = np.asarray(objective.hessian(x), np.float64), None
    if structure == "diagonal":
        return Diagonal(H.diagonal().copy())
    known = getattr(objective, "null_directions", None)
    null = np.zeros((len(x), 0)) if known is None else known
    try:
        return Whole(H, mean, null)
    except np.linalg.LinAlgError:
        if getattr(objective, "convex", True) or (more := _undetermined(H)) is None:
            raise
    return Whole(H, mean, np.linalg.qr(np.column_stack([null, more]))[0])


def _undetermined(H: Doubles) -> Doubles | None:
    """Directions that H is 0 along, to working precision in units that make its diagonal 1.

    Units of a network that a strong prior has emptied leave such: the bias of a unit that is
    constant does what the bias behind it does. None where H is indefinite as well.
    """
    unit = np.sqrt(np.maximum(H.diagonal(), 0))
    unit[unit == 0] = 1
    values, vectors = np.linalg.eigh(H / unit / unit[:, None])
    if values[0] < -_INDEFINITE:
        return None
    return np.asarray(vectors[:, values <= _NULL] / unit[:, None])


def _finite(H: Doubles) -> None:
    if not np.isfinite(H).all():
        raise _validation.error("x", "NaN or inf in the Hessian there", "a minimum")


def _indefinite(least: float) -> np.linalg.LinAlgError:
    got = f"a Hessian that is not positive definite there, of least eigenvalue {least:.3g}"
    return np.linalg.LinAlgError(f"x: got {got}; want one minimum alone, as l2 > 0 makes it")
