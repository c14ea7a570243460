"""The factor of a symmetric positive definite matrix, kept for many uses."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._validation import Array
from .systems import lower_finite, naming_non_finite, right_hand_side, square

Array64 = npt.NDArray[np.float64]


class Cholesky:
    """The Cholesky factor of a symmetric positive definite matrix, H = L Lᵀ.

    Parameters
    ----------
    H : array_like, shape (n, n)
        Only its lower triangle is read. It is copied, never changed, and held in float64.
    modified : bool, default False
        Factor H + E instead, with a diagonal E >= 0 that is 0 where H is positive definite to
        working precision, and makes it so elsewhere. The method is that of Gill, Murray and
        Wright [1]_ without interchanges: the factor stays in the order of H, so that all below
        holds for H + E. With γ and ξ the largest entries of H on and off the diagonal, in size,
        and β² = max(γ, ξ / √(n² - 1)), no entry of E exceeds
        (ξ / β + (n - 1) β)² + 2 (γ + (n - 1) β²), up to rounding.
    precision : {"float64", "float32"}, default "float64"
        The arithmetic of the factor. With "float32" it takes half the time and memory, and each
        `solve` is refined against H to the accuracy of float64 [2]_; the other results are of
        float32 accuracy.

    Attributes
    ----------
    perturbation : ndarray, shape (n,)
        The diagonal of E; zeros unless `modified`.

    Raises
    ------
    numpy.linalg.LinAlgError
        If `H` is not positive definite and not `modified`; the message names the first pivot that
        is not positive.
    ValueError
        On wrong shapes, NaN or inf in the lower triangle.
    TypeError
        On dtypes that are not real numbers.

    References
    ----------
    .. [1] P. E. Gill, W. Murray, M. H. Wright, Practical Optimization (1981), section 4.4.2.2.
    .. [2] N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 12.

    Examples
    --------
    >>> import hessopt
    >>> factor = hessopt.Cholesky([[4.0, 2.0], [2.0, 3.0]])
    >>> factor.solve([8.0, 7.0])
    array([1.25, 1.5 ])
    >>> factor.inverse_diagonal()
    array([0.375, 0.5  ])
    >>> factor.update([1.0, 0.0])
    >>> factor.solve([9.0, 7.0])
    array([1.18181818, 1.54545455])
    """

    def __init__(
        self, H: npt.ArrayLike, *, modified: bool = False, precision: str = "float64"
    ) -> None:
        matrix = square(H).astype(np.float64, copy=False)
        if precision not in ("float64", "float32"):
            raise _validation.error("precision", repr(precision), "'float64' or 'float32'")
        kind = _core.Factor64 if precision == "float64" else _core.Factor32
        given = matrix if kind is _core.Factor64 else _to_float32(matrix)
        self._factor: _core.Factor64 | _core.Factor32
        self._norm: float  # of H, 1-norm or a bound on it
        self.perturbation: Array64 = np.zeros(len(matrix))
        if _validation.flag("modified", modified):
            lower_finite(matrix)
            self._factor, self._norm, added = kind.modified(given)
            self.perturbation = added.astype(np.float64)
        else:
            with naming_non_finite(matrix):
                self._factor, self._norm = kind.of(given)
        # What solves are refined against.
        self._matrix: Array64 | None = None
        if kind is _core.Factor32:
            lower = np.tril(matrix)
            self._matrix = lower + np.tril(lower, -1).T
            self._matrix[np.diag_indices_from(lower)] += self.perturbation

    def __getstate__(self) -> tuple[object, ...]:
        """The factor, which has a checksum of its own, and what is beside it under another."""
        beside = self._norm, self.perturbation, self._matrix
        return self._factor, *beside, _checksum(*beside)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Load a state that was pickled, once it is found whole."""
        try:
            self._factor, *beside, total = state
            self._norm, self.perturbation, self._matrix = beside
            n = len(self._factor.lower())
            shapes = (n,) if self._matrix is None else (n, n, n)
            single = isinstance(self._factor, _core.Factor32)
            whole = _checksum(*beside) == total and single == (self._matrix is not None)
            whole = whole and self.perturbation.shape + np.shape(self._matrix)[:2] == shapes
        except (TypeError, ValueError, AttributeError) as exc:
            raise ValueError("saved state: not a saved Cholesky") from exc
        if not whole:
            raise ValueError("saved state: truncated or damaged, as its checksum tells")

    @property
    def factor(self) -> Array:
        """L, lower triangular, as a new array of shape (n, n) in the precision of the factor."""
        return self._factor.lower()

    @property
    def logdet(self) -> float:
        """The logarithm of the determinant."""
        return self._factor.logdet()

    @property
    def rcond(self) -> float:
        """An estimate of 1 / (‖H‖₁ ‖H⁻¹‖₁), by a few solves.

        It is never far below the true value and rarely more than 3 times above it. N. J. Higham,
        ACM TOMS 14 (1988). After updates ‖H‖₁ is a bound, by the triangle inequality.
        """
        return 1 / (self._norm * self._factor.norm_of_inverse())

    def solve(self, b: npt.ArrayLike) -> Array64:
        """Solve H x = b.

        Parameters
        ----------
        b : array_like, shape (n,) or (n, k)
            One or several right-hand sides.

        Returns
        -------
        ndarray, of the shape of `b`
            In float64.

        Raises
        ------
        ValueError
            On wrong shapes, NaN or inf.
        numpy.linalg.LinAlgError
            If the factor is in float32 and refinement does not converge, H being too
            ill-conditioned.
        """
        rhs = right_hand_side(b, len(self.perturbation)).astype(np.float64, copy=False)
        columns = rhs if rhs.ndim == 2 else rhs[:, None]
        if isinstance(self._factor, _core.Factor64):
            return self._factor.solve(columns).reshape(rhs.shape)
        assert self._matrix is not None
        x = self._factor.solve_refined(self._matrix, self._norm, columns)
        if x is None:
            raise np.linalg.LinAlgError(
                "H: too ill-conditioned for precision='float32', refinement does not converge; "
                f"rcond is about {self.rcond:.1g}"
            )
        return np.asarray(x).reshape(rhs.shape)

    def inverse(self) -> Array64:
        """The inverse of H, shape (n, n), symmetric to the last bit."""
        return self._factor.inverse().astype(np.float64, copy=False)

    def inverse_diagonal(self) -> Array64:
        """The diagonal of the inverse, shape (n,), at half its cost and without its memory.

        Where H is the Hessian of a negative log-likelihood, these are variances.
        """
        return self._factor.inverse_diagonal().astype(np.float64, copy=False)

    def update(self, V: npt.ArrayLike) -> None:
        """Make this the factor of H + V Vᵀ, in O(n² k), by Givens rotations.

        Parameters
        ----------
        V : array_like, shape (n,) or (n, k)
            Columns added, all in one sweep over L.
        """
        columns = self._columns(V)
        self._factor.update(columns)
        self._add(columns, 1)

    def downdate(self, V: npt.ArrayLike) -> None:
        """Make this the factor of H - V Vᵀ, in O(n² k), by mixed hyperbolic rotations.

        Parameters
        ----------
        V : array_like, shape (n,) or (n, k)
            Columns taken away.

        Raises
        ------
        numpy.linalg.LinAlgError
            If H - V Vᵀ is not positive definite; this object stays as it was.

        References
        ----------
        A. W. Bojanczyk, R. P. Brent, P. Van Dooren, F. R. de Hoog, "A note on downdating the
        Cholesky factorization", SIAM J. Sci. Stat. Comput. 8 (1987).
        """
        columns = self._columns(V)
        self._factor.downdate(columns)
        self._add(columns, -1)

    def _columns(self, V: npt.ArrayLike) -> Array64:
        columns = right_hand_side(V, len(self.perturbation), "V").astype(np.float64, copy=False)
        return columns if columns.ndim == 2 else columns[:, None]

    def _add(self, columns: Array64, sign: int) -> None:
        """Keep what is known of H beside its factor."""
        sizes = np.abs(columns)
        self._norm += float((sizes @ sizes.sum(axis=0)).max(initial=0.0))
        if self._matrix is not None:
            self._matrix += sign * (columns @ columns.T)


def _checksum(norm: float, perturbation: Array64, matrix: Array64 | None) -> int:
    numbers = [np.float64(norm), perturbation] + ([] if matrix is None else [matrix])
    total = 0
    for part in numbers:
        total = zlib.crc32(np.ascontiguousarray(part, np.float64).tobytes(), total)
    return total


def _to_float32(matrix: Array64) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        given = matrix.astype(np.float32)
    if np.isinf(given.diagonal()).any() and np.isfinite(matrix.diagonal()).all():
        raise _validation.error("H", "entries beyond float32", "precision='float64' for them")
    return given
