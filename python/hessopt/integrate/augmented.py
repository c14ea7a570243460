"""The mean of a model over augmented copies of its rows, drawn by a user's function."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..noise.laws import Augmentation

_Doubles = npt.NDArray[np.float64]
_BATCH = 2**18  # elements of X that are augmented at a time: two megabytes of doubles


def rows_at_once(n_columns: int) -> int:
    """Rows of a batch."""
    return max(1, _BATCH // n_columns)


def batch_of(
    noise: Augmentation, X: npt.NDArray[Any], begin: int, size: int, sample: int
) -> npt.NDArray[Any]:
    """The rows of the batch that begins at `begin`, augmented."""
    rows = X[begin : begin + size]
    indices = np.arange(begin, begin + len(rows))
    return noise.views(rows, indices, sample, batch=begin // size)


class Augmented:
    """F_K(x) = 1/K Σₖ f(x; augmented rows of sample k), over K fixed samples.

    Batch after batch is augmented K times, so there is never more than one augmented batch.
    """

    def __init__(
        self, model: _core.LinearModel | _core.Softmax, noise: Augmentation, n_samples: int
    ) -> None:
        self._model, self._noise, self._n_samples = model, noise, n_samples
        if not isinstance(model.X, np.ndarray):
            raise _validation.error("X", "rows that are not dense", "a dense array, to augment")
        self._X = model.X
        self._rows = rows_at_once(self._X.shape[1])
        if not np.array_equal(self._draw(0, 0), self._draw(0, 0)):
            want = "the same ones every time: draw from rng and from nothing else"
            raise _validation.error("sampler", "other rows when called again", want)

    @property
    def n_parameters(self) -> int:
        """Length of x."""
        return self._model.n_parameters

    def _draw(self, begin: int, sample: int) -> npt.NDArray[Any]:
        """The rows from `begin` on, augmented."""
        return batch_of(self._noise, self._X, begin, self._rows, sample)

    def evaluate(
        self,
        x: npt.ArrayLike,
        *,
        gradient: bool = True,
        hessian: bool = False,
        V: npt.ArrayLike | None = None,
    ) -> tuple[Any, ...]:
        """(F(x), gradient, Hessian, H V), None what is not wanted; V: shape (n_parameters, k)."""
        total: list[Any] = [0.0, *(0.0 if w else None for w in (gradient, hessian, V is not None))]
        for begin in range(0, len(self._X), self._rows):
            for sample in range(self._n_samples):
                part = self._model.part(self._draw(begin, sample), begin, self._n_samples)
                found = part.evaluate(x, gradient=gradient, hessian=hessian, V=V)
                total = [t if t is None else t + f for t, f in zip(total, found, strict=True)]
        return tuple(total)

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x; the gradient has shape (n_parameters,)."""
        value, gradient, *_ = self.evaluate(x)
        return value, gradient

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """Hessian at x, shape (n_parameters, n_parameters)."""
        matrix: _Doubles = self.evaluate(x, gradient=False, hessian=True)[2]
        return matrix

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """Hessian at x times v, shape (n_parameters,)."""
        along = _validation.vector("v", v, self.n_parameters)[:, None]
        product: _Doubles = self.evaluate(x, gradient=False, V=along)[3]
        return product[:, 0]
