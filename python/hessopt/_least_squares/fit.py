"""`curve_fit`: SciPy's call, with a covariance that says what the data leave open."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._minimize.differences import Rules, mapping
from .._minimize.spelling import warn
from .covariance import covariance
from .data import kept_data, of_length, whitening
from .model import jac_error
from .run import least_squares, pair
from .separable import Separable, Split

_Doubles = npt.NDArray[np.float64]
#: Of `scipy.optimize.leastsq`, which is what its method "lm" is.
_RENAMED = {"maxfev": "max_nfev", "epsfcn": "diff_step", "diag": "x_scale", "Dfun": "jac"}
_INNER = ("factor", "col_deriv", "full_output")


def curve_fit(
    f: Callable[..., npt.ArrayLike],
    xdata: Any,
    ydata: npt.ArrayLike,
    p0: npt.ArrayLike | None = None,
    sigma: npt.ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    jac: str | Callable[..., Any] | None = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    linear: Sequence[str | int] | None = None,
    **kwargs: Any,
) -> Any:
    """Fit ``f(xdata, *parameters)`` to ydata by least squares, as SciPy's call does.

    Parameters that f is linear in, as the heights of peaks, may be named: for every value of the
    others they are solved for, by linear least squares, so that they need no start and the search
    has fewer dimensions and steps (variable projection).

    Parameters
    ----------
    f : callable
        ``f(xdata, *parameters) -> shape (m,)``.
    xdata : array_like or object
        What f is given first.
    ydata : array_like, shape (m,)
        Data.
    p0 : array_like, shape (n,), optional
        The start; by default ones, or the middle of the bounds.
    sigma : array_like, shape (m,) or (m, m), or float, optional
        Standard deviations of ydata, or their covariance, positive definite.
    absolute_sigma : bool
        Whether sigma is known in the units of ydata; else only the ratios count, and the residuals
        tell their scale.
    check_finite : bool, optional
        Refuse NaN and inf in the data; True unless `nan_policy` is given.
    bounds : (lower, upper) or scipy.optimize.Bounds
        Of the parameters.
    method : {"lm", "trf", "dogbox"}, optional
        SciPy's names, for one method.
    jac : callable or {"3-point", "2-point", "cs"}, optional
        ``jac(xdata, *parameters) -> shape (m, n)``; by default central differences.
    full_output : bool
        Return more: see below.
    nan_policy : {"raise", "omit"}, optional
        What is done with NaN in the data.
    linear : list of str or int, optional
        Names or places of parameters that f is linear in, others held. They have no bounds, and
        `p0` and `bounds` may leave them out. Each evaluation of residuals calls f once for every
        one of them and once more.
    **kwargs
        Of `least_squares`, and ``maxfev``, ``epsfcn`` and ``diag`` as SciPy's "lm" has them.

    Returns
    -------
    popt : ndarray, shape (n,)
        The parameters.
    pcov : ndarray, shape (n, n)
        Their covariance, to first order: s² (JᵀJ)⁻¹. inf on the diagonal for a parameter that the
        data leave open, nan for one that lies on a bound; the others are right all the same.
    infodict : dict
        If `full_output`: ``nfev``, ``njev``, ``fvec``, the residuals; ``rank`` and ``null_space``,
        how many combinations of parameters the data tell and those that they do not; ``result``,
        of `least_squares`.
    mesg : str
        If `full_output`: why the fit ended.
    ier : int
        If `full_output`: the same by SciPy's numbers, 1 to 4.

    Raises
    ------
    RuntimeError
        If the fit did not end at a minimum.
    ValueError, TypeError
        On arguments that do not fit.

    Warns
    -----
    scipy.optimize.OptimizeWarning or RuntimeWarning
        If the data leave parameters open.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> t = np.linspace(0, 4, 50)
    >>> y = 2.5 * np.exp(-1.3 * t) + 0.5 + 0.01 * np.sin(40 * t)
    >>> popt, pcov = hessopt.curve_fit(lambda t, a, k, c: a * np.exp(-k * t) + c, t, y)
    >>> popt.round(2)
    array([2.5, 1.3, 0.5])

    With a start for the rate alone:

    >>> popt, pcov = hessopt.curve_fit(
    ...     lambda t, a, k, c: a * np.exp(-k * t) + c, t, y, p0=[5.0], linear=["a", "c"]
    ... )
    >>> popt.round(2)
    array([2.5, 1.3, 0.5])
    """
    split = None if linear is None else Split.of(linear, _names(f), p0)
    lower, upper = pair(bounds)
    if split is None:
        start = _start(_names(f), p0, lower, upper)
    else:
        lower, upper = split.bounds("lower", lower), split.bounds("upper", upper)
        start = _start(split.names, split.start(p0), lower, upper)
    x, y, kept = kept_data(xdata, ydata, check_finite, nan_policy)
    whiten = whitening(sigma, kept, y)

    def beside(target: _Doubles) -> Callable[[_Doubles], Any]:
        def difference(parameters: _Doubles) -> Any:
            predicted = of_length(f(x, *parameters), y)
            # In the precision of f, by which differences of it are taken.
            single = predicted.dtype.kind == "f" and predicted.itemsize < 8
            dtype = predicted.dtype if single else np.float64
            return whiten(predicted - target).astype(dtype, copy=False)

        return difference

    def derivative(parameters: _Doubles) -> Any:
        J = np.atleast_2d(np.asarray(jac(x, *parameters), np.float64))  # type: ignore
        if J.shape != (y.size, len(parameters)):
            want = f"shape ({y.size}, {len(parameters)})"
            raise _validation.error("jac", f"a value of shape {J.shape}", want)
        return whiten(J)

    options = {_RENAMED.get(name, name): value for name, value in kwargs.items()}
    options = {name: value for name, value in options.items() if name not in _INNER}
    if options.get("max_nfev") == 0:
        del options["max_nfev"]
    options |= {"bounds": (lower, upper), "method": method or "trf"}
    by = derivative if callable(jac) else options.pop("jac", None) or jac or "3-point"
    if split is None:
        result = least_squares(beside(y), start, jac=by, **options)
    else:
        separable = Separable(
            split, beside(0 * y), whiten(y), by, _rules(options, lower, upper, start.size)
        )
        result = separable.whole(least_squares(separable.residuals, start, separable, **options))
        lower, upper = split.filled(lower, -np.inf), split.filled(upper, np.inf)
    if not result.success:
        raise RuntimeError(f"Optimal parameters not found: {result.message}")
    is_free = (result.active_mask == 0) & ~_on_bound(result.x, lower, upper)
    matrix, rank, null = covariance(result.pop("triangle"), is_free, jac_error(by))
    if not _validation.flag("absolute_sigma", absolute_sigma):
        freedom = y.size - rank
        variance = 2 * result.cost / freedom if freedom > 0 else np.inf
        with np.errstate(invalid="ignore"):
            matrix = matrix * variance
        matrix[np.diag_indices_from(matrix)] = np.where(
            is_free & ~np.isfinite(np.diag(matrix)), np.inf, np.diag(matrix)
        )
    if np.isinf(np.diag(matrix)).any():
        warn("Covariance of the parameters could not be estimated: " + _left_open(matrix, rank))
    if not full_output:
        return result.x, matrix
    more = {
        "nfev": result.nfev,
        "njev": result.njev,
        "fvec": result.fun,
        "rank": rank,
        "null_space": null,
        "result": result,
    }
    return result.x, matrix, more, result.message, result.status


def _names(f: Callable[..., Any]) -> list[str] | None:
    """Those of f's parameters, where it has as many as it says."""
    try:
        found = inspect.signature(f).parameters
    except (TypeError, ValueError):
        return None
    kinds = [p.kind for p in found.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds or len(kinds) < 2:
        return None
    return list(found)[1:]


def _rules(options: dict[str, Any], lower: Any, upper: Any, n: int) -> Rules:
    """Of differences along the parameters that are not linear, taken out of the options."""
    for name, none in (("loss", "linear"), ("acceleration", False)):
        if options.get(name, none) != none:
            raise _validation.error(name, repr(options[name]), f"{none!r} beside `linear`")
    step, workers = options.pop("diff_step", None), options.pop("workers", None)
    low, high = (np.broadcast_to(np.asarray(b, np.float64), n) for b in (lower, upper))
    given = np.isfinite(low).any() or np.isfinite(high).any()
    return Rules(
        None if step is None else _validation.array("diff_step", step),
        None,
        mapping(workers),
        *((low, high) if given else (None, None)),
    )


def _start(names: list[str] | None, p0: Any, lower: Any, upper: Any) -> _Doubles:
    if p0 is not None:
        return np.atleast_1d(_validation.array("p0", p0)).astype(np.float64)
    if names is None:
        raise _validation.error("p0", "nothing", "a start: f does not name its parameters")
    n = len(names)
    low, high = (np.broadcast_to(np.asarray(b, np.float64), n) for b in (lower, upper))
    start = np.ones(n)
    both, below, above = (
        np.isfinite(low) & np.isfinite(high),
        np.isfinite(low) & ~np.isfinite(high),
        ~np.isfinite(low) & np.isfinite(high),
    )
    start[both] = 0.5 * (low[both] + high[both])
    start[below] = low[below] + 1
    start[above] = high[above] - 1
    return start


def _on_bound(x: _Doubles, lower: Any, upper: Any) -> npt.NDArray[np.bool_]:
    return np.asarray((x <= np.asarray(lower)) | (x >= np.asarray(upper)))


def _left_open(matrix: _Doubles, rank: int) -> str:
    which = np.flatnonzero(np.isinf(np.diag(matrix))).tolist()
    if len(which) == len(matrix) and rank == len(matrix):
        return "there are no more data than parameters"
    return f"the data leave open parameters {which}, or combinations of them"
