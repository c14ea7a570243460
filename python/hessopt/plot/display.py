"""What all displays share: where they draw, and how what they are given is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation


class Display:
    """The axes and the figure of what was drawn last."""

    ax_: Any
    figure_: Any

    def _draw_into(self, ax: Any) -> Any:
        """These axes, or those of a new figure."""
        if ax is None:
            from matplotlib import pyplot

            _, ax = pyplot.subplots(layout="constrained")
        elif not hasattr(ax, "plot"):
            raise TypeError(f"ax: got {type(ax).__name__}; want axes of matplotlib")
        self.ax_, self.figure_ = ax, ax.figure
        return ax


def codes_of(classes: Any, y: Any) -> npt.NDArray[np.intp]:
    """Which of the classes each label is."""
    labels, known = np.asarray(y), np.asarray(classes)
    order = np.argsort(known, kind="stable")
    at = order[np.searchsorted(known, labels, sorter=order).clip(max=len(known) - 1)]
    if (other := known[at] != labels).any():
        raise _validation.error("y", f"the label {labels[other].tolist()[0]!r}", "those of the fit")
    return np.asarray(at)


def named(argument: str, given: Any, kind: str) -> dict[str, Any]:
    """What is given by names, at least one."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{argument}: got {type(given).__name__}; want {kind} by their names")
    if not given:
        raise _validation.error(argument, "nothing", f"{kind} by their names")
    return {str(name): value for name, value in given.items()}


def with_fields(argument: str, value: Any, fields: tuple[str, ...], want: str) -> Any:
    """The value, which has these attributes, or an error."""
    if all(hasattr(value, field) for field in fields):
        return value
    raise TypeError(f"{argument}: got {type(value).__name__}; want {want}")
