"""The probability that a logistic model predicts when noise is integrated out."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..noise.laws import DropConnect, Dropout, GaussianDropout, GaussianNoise, Noise


def expected_sigmoid(
    X: npt.ArrayLike, x: npt.ArrayLike, noise: Noise, method: Literal["exact", "normal"]
) -> npt.NDArray[np.float64]:
    """E σ(w·z + b) for each row z of X with noise on its inputs, σ(t) = 1 / (1 + e⁻ᵗ).

    This is how a model that was fitted by `expected` of a `Logistic` objective predicts.

    Parameters
    ----------
    X : array_like, shape (m, p)
        Inputs.
    x : array_like, shape (p + 1,) or (p,)
        The parameters of the model: w and the intercept b, last; or w alone, where b is 0.
    noise : Dropout, DropConnect, GaussianDropout or GaussianNoise
        The law of the noise; its seed is not used.
    method : {"exact", "normal"}
        - "exact": the sum over all masks of `Dropout` or `DropConnect`, for rows of at most 24
          inputs whose X[i, j] w[j] is not zero: 2²⁴ masks take some milliseconds;
        - "normal": the predictor taken as normal with its own mean and variance, which it is for
          the normal laws; within 2e-8 of that integral, for any number of inputs.

    Returns
    -------
    ndarray, shape (m,)
        Probabilities, float64.

    References
    ----------
    S. Wang, C. Manning, "Fast dropout training", ICML 2013.

    Examples
    --------
    >>> import hessopt
    >>> noise = hessopt.Dropout(0.5)
    >>> hessopt.expected_sigmoid([[1.0, 2.0]], [1.0, -1.0], noise, "exact").round(6)
    array([0.379497])
    """
    inputs = _validation.matrix("X", X)
    p = inputs.shape[1]
    given = _validation.array("x", x, 1)
    if len(given) not in (p, p + 1):
        raise _validation.error("x", f"length {len(given)}", f"length {p} or {p + 1}")
    parameters = _validation.finite("x", given).astype(np.float64)
    if not isinstance(noise, (Dropout, DropConnect, GaussianDropout, GaussianNoise)):
        raise TypeError(f"noise: got {noise!r}; want a law of noise, hessopt.Dropout or another")
    if method not in ("exact", "normal"):
        raise _validation.error("method", repr(method), "'exact' or 'normal'")
    if method == "exact" and isinstance(noise, (GaussianDropout, GaussianNoise)):
        raise _validation.error("method", "'exact'", f"'normal' for {type(noise).__name__}")
    b = float(parameters[p]) if len(parameters) > p else 0.0
    probabilities: npt.NDArray[np.float64] = _core.expected_sigmoid(
        inputs, parameters[:p], b, noise._law(), method == "exact"
    )
    return probabilities
