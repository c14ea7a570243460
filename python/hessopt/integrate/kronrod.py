"""The Gauss-Kronrod rule of 21 points on pieces of an interval, with an error that holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._validation import Array

Terms = Callable[[Array], Array]  #: a row of numbers for each z

FLOOR = 4 * np.finfo(np.float64).eps  # of the mean of |f|: what rounding alone may do
LEAST = 1e-300
_NARROW = 1e4 * np.finfo(np.float64).eps  # width of a piece beside its place, never halved

# The Gauss-Kronrod rule of 21 points on [-1, 1], right half.
# A. S. Kronrod, "Nodes and weights of quadrature formulas", 1965.
_POINTS = [
    [0.0, 0.149445554002916905664936468389821],
    [0.148874338981631210884826001129720, 0.147739104901338491374841515972068],
    [0.294392862701460198131126603103866, 0.142775938577060080797094273138717],
    [0.433395394129247190799265943165784, 0.134709217311473325928054001771707],
    [0.562757134668604683339000099272694, 0.123491976262065851077958109831074],
    [0.679409568299024406234327365114874, 0.109387158802297641899210590325805],
    [0.780817726586416897063717578345042, 0.093125454583697605535065465083366],
    [0.865063366688984510732096688423493, 0.075039674810919952767043140916190],
    [0.930157491355708226001207180059508, 0.054755896574351996031381300244580],
    [0.973906528517171720077964012084452, 0.032558162307964727478818972459390],
    [0.995657163025808080735527280689003, 0.011694638867371874278064396062192],
]
_x, _w = np.transpose(_POINTS)
NODES = np.concatenate([-_x[:0:-1], _x])
KRONROD = np.concatenate([_w[:0:-1], _w])
_GAP = 1 - NODES[-1]  # from the last node to the end


def _orthonormal() -> Array:
    """Polynomials of degree 0 .. 20 at the nodes and both ends, orthonormal at the nodes."""
    legendre = np.polynomial.legendre.legvander(np.r_[NODES, -1, 1], 20)
    triangle = np.linalg.qr(np.sqrt(KRONROD)[:, None] * legendre[:21])[1]
    return np.asarray(np.linalg.solve(triangle.T, legendre.T))


_polynomials = _orthonormal()
COEFFICIENTS = _polynomials[:, :21] * KRONROD  # of the values at the nodes, a degree each row
ENDS = _polynomials[:, 21:].T @ COEFFICIENTS  # values at -1 and 1 of the interpolant


@dataclass
class Pieces:
    """Intervals side by side, a row for each; columns are the components of the integrand."""

    left: Array
    right: Array
    value: Array  #: the integral
    error: Array
    size: Array  #: the integral of the modulus
    ends: Array  #: values there of the polynomial through the nodes

    def halved(self, chosen: Array, integrand: Terms) -> Pieces:
        """With the chosen ones in two, evaluated in one call."""
        middle = 0.5 * (self.left[chosen] + self.right[chosen])
        halves = evaluated(
            integrand,
            np.concatenate([self.left[chosen], middle]),
            np.concatenate([middle, self.right[chosen]]),
        )
        others = [np.delete(a, chosen, axis=0) for a in vars(self).values()]
        both = [np.concatenate(p) for p in zip(others, vars(halves).values(), strict=True)]
        order = np.argsort(both[0])
        return Pieces(*(a[order] for a in both))

    def errors(self) -> Array:
        """The error of each piece, and what may hide beyond its outermost nodes.

        A jump there is seen where the piece meets its neighbour: their polynomials differ by its
        height. So is a kink, whose polynomials differ by the change of slope times its distance. As
        far as a piece is rough itself its polynomial is in doubt, and says nothing.
        """
        width = (self.right - self.left)[:, None]
        with np.errstate(invalid="ignore"):
            doubt = 20 * self.error / width
            jumps = abs(self.ends[1:, 0] - self.ends[:-1, 1]) - doubt[1:] - doubt[:-1]
        hidden = 0.5 * _GAP * np.maximum(jumps, 0)
        errors = self.error.copy()
        errors[1:] += width[1:] * hidden
        errors[:-1] += width[:-1] * hidden
        return errors

    def widest(self) -> Array:
        """Which pieces to halve where nothing else tells."""
        width = self.right - self.left
        return np.flatnonzero(2 * width > width.max())

    def can_be_halved(self, errors: Array, total: Array) -> Array:
        """Not where rounding is all that is left, of the piece or of the sum, nor into nothing."""
        wide = self.right - self.left > _NARROW * np.maximum(abs(self.left), abs(self.right))
        size = np.maximum(self.size[:, 1:], 1e-3 * total)
        return np.asarray(wide & (errors > FLOOR * size).any(axis=1))


def evaluated(integrand: Terms, left: Array, right: Array) -> Pieces:
    """The pieces between these ends."""
    half = 0.5 * (right - left)
    t = 0.5 * (left + right)[:, None] + half[:, None] * NODES
    terms = integrand(t.ravel()).reshape(len(left), 21, -1)
    with np.errstate(invalid="ignore", over="ignore"):  # inf, where f has it: the error is NaN
        value, size = (
            half[:, None] * np.einsum("q,iqc->ic", KRONROD, a) for a in (terms, abs(terms))
        )
        error = np.maximum(half[:, None] * _estimated_error(terms), FLOOR * size)
        ends = np.einsum("eq,iqc->iec", ENDS, terms)
    return Pieces(left, right, value, error, size, ends)


def _estimated_error(terms: Array) -> Array:
    """Of the rule on [-1, 1], from coefficients in the polynomials orthonormal at the nodes.

    The norm of those of degree 8, 10, .. 20, times 1.5, is at least twice the error at a jump and
    seven times that at a kink, wherever they are; a difference of two rules vanishes for some
    places of either. Only where the coefficients fall as those of a smooth function do, it is
    lowered. Odd degrees do not enter the integral. [1]_

    References
    ----------
    .. [1] J. Berntsen, T. O. Espelid, "Error estimation in automatic quadrature routines", ACM
       Transactions on Mathematical Software 17 (1991).
    """
    lower, upper = (
        np.hypot.reduce(np.einsum("jq,iqc->ijc", COEFFICIENTS[degrees], terms), axis=1)
        for degrees in ([8, 10, 12], [14, 16, 18, 20])
    )
    fall = np.minimum(1, 6 * upper / np.maximum(lower, LEAST))
    return np.asarray(1.5 * np.hypot(lower, upper) * fall**2)
