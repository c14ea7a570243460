"""Symmetric positive definite systems: one factor for many uses, and solves that keep none."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._validation import Array

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
        matrix = _square(H).astype(np.float64, copy=False)
        if precision not in ("float64", "float32"):
            raise _validation.error("precision", repr(precision), "'float64' or 'float32'")
        kind = _core.Factor64 if precision == "float64" else _core.Factor32
        given = matrix if kind is _core.Factor64 else _to_float32(matrix)
        self._factor: _core.Factor64 | _core.Factor32
        self._norm: float  # of H, 1-norm or a bound on it
        self.perturbation: Array64 = np.zeros(len(matrix))
        if _validation.flag("modified", modified):
            _lower_finite(matrix)
            self._factor, self._norm, added = kind.modified(given)
            self.perturbation = added.astype(np.float64)
        else:
            with _blaming(matrix):
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
        rhs = _right_hand_side(b, len(self.perturbation)).astype(np.float64, copy=False)
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
        columns = _right_hand_side(V, len(self.perturbation), "V").astype(np.float64, copy=False)
        return columns if columns.ndim == 2 else columns[:, None]

    def _add(self, columns: Array64, sign: int) -> None:
        """Keep what is known of H beside its factor."""
        sizes = np.abs(columns)
        self._norm += float((sizes @ sizes.sum(axis=0)).max(initial=0.0))
        if self._matrix is not None:
            self._matrix += sign * (columns @ columns.T)


def cholesky_solve(H: npt.ArrayLike, b: npt.ArrayLike) -> Array:
    """Solve H x = b for a symmetric positive definite H, or for a stack of small ones.

    Parameters
    ----------
    H : array_like, shape (n, n) or (B, n, n)
        Only the lower triangles are read. It is not changed.
    b : array_like, shape (n,) or (n, k); for a stack (B, n) or (B, n, k)
        One or several right-hand sides for each matrix.

    Returns
    -------
    ndarray, of the shape of `b`
        In the wider dtype of the two, float32 or float64.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a matrix is not positive definite; the message names the first pivot that is not
        positive, and the first such matrix of a stack.
    ValueError
        On wrong shapes, NaN or inf.

    Examples
    --------
    >>> import hessopt
    >>> hessopt.cholesky_solve([[4.0, 2.0], [2.0, 3.0]], [8.0, 7.0])
    array([1.25, 1.5 ])
    >>> hessopt.cholesky_solve([[[4.0]], [[2.0]]], [[8.0], [1.0]])
    array([[2. ],
           [0.5]])
    """
    matrix = _validation.array("H", H)
    if matrix.ndim == 3:
        return _solve_stack(matrix, _validation.array("b", b))
    matrix = _square(matrix)
    matrix, rhs = _validation.common_dtype(matrix, _right_hand_side(b, len(matrix)))
    columns = rhs if rhs.ndim == 2 else rhs[:, None]
    with _blaming(matrix):
        return _core.cholesky_solve(matrix, columns).reshape(rhs.shape)


def _solve_stack(matrices: Array, rhs: Array) -> Array:
    count, n = matrices.shape[:2]
    if matrices.shape[2] != n or n == 0:
        raise _validation.error("H", f"shape {matrices.shape}", "square matrices")
    if rhs.ndim not in (2, 3) or rhs.shape[:2] != (count, n):
        want = f"shape ({count}, {n}) or ({count}, {n}, k)"
        raise _validation.error("b", f"shape {rhs.shape}", want)
    columns = rhs if rhs.ndim == 3 else rhs[:, :, None]
    _validation.finite("b", columns.reshape(count * n, columns.shape[2]))
    matrices, columns = _validation.common_dtype(matrices, columns)
    with _blaming(matrices):
        return _core.cholesky_solve_stack(matrices, columns).reshape(rhs.shape)


def _checksum(norm: float, perturbation: Array64, matrix: Array64 | None) -> int:
    numbers = [np.float64(norm), perturbation] + ([] if matrix is None else [matrix])
    total = 0
    for part in numbers:
        total = zlib.crc32(np.ascontiguousarray(part, np.float64).tobytes(), total)
    return total


def _square(value: npt.ArrayLike) -> Array:
    matrix = _validation.array("H", value, 2)
    if matrix.shape[1] != matrix.shape[0] or matrix.size == 0:
        raise _validation.error("H", f"shape {matrix.shape}", "a square matrix, not empty")
    return matrix


@contextlib.contextmanager
def _blaming(matrices: Array) -> Iterator[None]:
    """NaN and inf in a lower triangle end its factorisation; so they are looked for only then."""
    try:
        yield
    except np.linalg.LinAlgError:
        _lower_finite(matrices)
        raise


def _lower_finite(matrices: Array) -> None:
    _validation.finite("H", np.tril(matrices).reshape(-1, matrices.shape[-1]))


def _right_hand_side(value: npt.ArrayLike, n: int, name: str = "b") -> Array:
    rhs = _validation.array(name, value)
    if rhs.ndim not in (1, 2) or rhs.shape[0] != n:
        raise _validation.error(name, f"shape {rhs.shape}", f"shape ({n},) or ({n}, k)")
    return _validation.finite(name, rhs)


def _to_float32(matrix: Array64) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        given = matrix.astype(np.float32)
    if np.isinf(given.diagonal()).any() and np.isfinite(matrix.diagonal()).all():
        raise _validation.error("H", "entries beyond float32", "precision='float64' for them")
    return given


__all__ = ["Cholesky", "cholesky_solve"]
