"""Models of the library for many problems, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..objectives import LinearModel
from ..objectives.data import ridge

_Doubles = npt.NDArray[np.float64]


class BatchModel(_core.BatchModel):
    """A model of one linear predictor for each of B problems, as `minimize_batch` takes it.

    Problem b is ``model(X[b], y[b], ...)``, the mean of its losses and the penalty. Chunks of
    problems that stay in cache run to their ends one after the other, by all threads, so that the
    data is read from memory once.

    Parameters
    ----------
    model : class
        A class of `hessopt.objectives` that is a mean of losses of one predictor, as `Logistic`,
        `Squared` or `Poisson`.
    X : array_like, shape (B, m, p)
        Data of each problem, finite; float32 or float64 of any strides, read where it lies.
    y : array_like, shape (B, m)
        Targets, in the domain of the loss.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each.
    sample_weight, offset : array_like, shape (B, m), optional
        As the model has them; weights count within their problem.
    fit_intercept : bool
        Append the intercept, which is not penalised: n = p + 1.
    **others
        Parameters of the loss, and ``link``.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 50, 3))
    >>> y = (X[:, :, 0] + rng.logistic(size=(1000, 50)) > 0).astype(float)
    >>> f = hessopt.BatchModel(hessopt.objectives.Logistic, X, y, l2=0.01)
    >>> hessopt.minimize_batch(f, np.zeros((1000, 4))).success.all()
    np.True_
    """

    def __init__(
        self,
        model: type[LinearModel],
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        l2: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
        **others: Any,
    ) -> None:
        loss, numbers = _loss_of(model, others)
        data = _validation.array("X", X, 3)
        if 0 in data.shape[1:]:
            raise _validation.error("X", f"shape {data.shape}", "rows and columns in each problem")
        shape, p = data.shape[:2], data.shape[2]
        strength = ridge(l2, p)
        super().__init__(
            loss,
            numbers,
            data,
            _of_rows("y", y, shape),
            np.empty((0, 0))
            if sample_weight is None
            else _of_rows("sample_weight", sample_weight, shape),
            np.empty((0, 0)) if offset is None else _of_rows("offset", offset, shape),
            np.ascontiguousarray(np.broadcast_to(strength, (p,))),
            _validation.flag("fit_intercept", fit_intercept),
        )

    def __call__(self, X: npt.ArrayLike, index: npt.ArrayLike) -> tuple[_Doubles, ...]:
        """Values, gradients and Hessians of the problems `index` at the rows of X."""
        return self.evaluate(X, index, hessian=True)

    def value_and_gradient(self, X: npt.ArrayLike, index: npt.ArrayLike) -> tuple[_Doubles, ...]:
        """Values, shape (b,), and gradients, shape (b, n), of the problems `index`."""
        return self.evaluate(X, index, hessian=False)


def _loss_of(model: Any, others: dict[str, Any]) -> tuple[str, list[float]]:
    """The loss of a class, and its parameters."""
    want = "a class of hessopt.objectives with one linear predictor"
    if not (isinstance(model, type) and issubclass(model, LinearModel)):
        raise TypeError(f"model: got {model!r}; want {want}")
    loss, numbers, _ = model.__new__(model)._chosen(others)
    return loss, list(numbers.values())


def _of_rows(name: str, value: npt.ArrayLike, shape: tuple[int, ...]) -> _Doubles:
    """One number of each row of each problem."""
    a = _validation.array(name, value, 2)
    if a.shape != shape:
        raise _validation.error(name, f"shape {a.shape}", f"shape {shape}")
    return a.astype(np.float64, order="C", copy=False)
