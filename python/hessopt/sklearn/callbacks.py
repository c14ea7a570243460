"""The callbacks of scikit-learn 1.9 around a run; nothing where scikit-learn is older."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """No callbacks."""

    def with_callbacks(method: Any) -> Any:
        """The method as it is."""
        return method


_Doubles = npt.NDArray[np.float64]


class Watch:
    """Tells the callbacks of an estimator, if it has some, of a fit and of its iterations.

    Parameters
    ----------
    estimator : estimator
        Whose ``fit``, under `with_callbacks`, this is.
    X, y, sample_weight
        As the fit was given them.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> None:
        self._context: Any = None
        if not hasattr(estimator, "_skl_callbacks"):
            return
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._told = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._context = estimator._init_callback_context(max_subtasks=estimator.max_iter)
        self._context.call_on_fit_task_begin(**self._told)

    def after(
        self, attributes: Callable[[_Doubles], dict[str, Any]]
    ) -> Callable[[_Doubles], bool] | None:
        """A callback of `minimize`, which stops the run where one of them says so.

        Parameters
        ----------
        attributes : callable
            Of the parameters: what a fit that ended there would set.
        """
        if self._context is None:
            return None

        def told(x: _Doubles) -> bool:
            each = self._context.subcontext(task_name="iteration")
            each.call_on_fit_task_begin(**self._told)
            made = {"reconstruction_attributes": lambda: attributes(x)}
            return bool(each.call_on_fit_task_end(**self._told, **made))

        return told

    def end(self) -> None:
        """The estimator is fitted."""
        if self._context is not None:
            self._context.call_on_fit_task_end(**self._told, reconstruction_attributes={})


__all__ = ["CallbackSupportMixin", "Watch", "with_callbacks"]
