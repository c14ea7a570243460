"""How fast runs come down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .display import Display, named

_Doubles = npt.NDArray[np.float64]
_ACROSS = {"iterations": "iterations", "nfev": "evaluations", "seconds": "seconds"}
_UP = {"gap": "f − lowest found", "grad": "max |gᵢ|"}


class ConvergenceDisplay(Display):
    """Objective or gradient of runs, against what they spent.

    Parameters
    ----------
    curves : dict of str to (ndarray, ndarray)
        Of each run what was spent and what was left.
    x_label, y_label : str
        What these are.
    """

    def __init__(
        self, *, curves: dict[str, tuple[_Doubles, _Doubles]], x_label: str, y_label: str
    ) -> None:
        self.curves, self.x_label, self.y_label = curves, x_label, y_label

    @classmethod
    def from_result(cls, result: Any, *, name: str = "", **how: Any) -> ConvergenceDisplay:
        """Draw one run; `how`: as in `from_results`."""
        return cls.from_results({name: result}, **how)

    @classmethod
    def from_results(
        cls,
        results: Mapping[str, Any],
        *,
        x: str = "iterations",
        y: str = "gap",
        lowest: float | None = None,
        ax: Any = None,
        **line_kwargs: Any,
    ) -> ConvergenceDisplay:
        """Draw runs side by side.

        Parameters
        ----------
        results : dict of str to OptimizeResult
            Of `hessopt.minimize` with ``options={"history": True}``, by the names of the legend.
        x : {"iterations", "nfev", "seconds"}
            What they are drawn against.
        y : {"gap", "grad"}
            f less `lowest`, or the largest component of the gradient.
        lowest : float, optional
            The minimum; by default the lowest value of all these runs.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **line_kwargs
            Of ``ax.plot``.

        Returns
        -------
        ConvergenceDisplay

        Raises
        ------
        ValueError, TypeError
            On results without a history, and unknown words.
        """
        for argument, word, known in (("x", x, _ACROSS), ("y", y, _UP)):
            if word not in known:
                raise _validation.error(argument, repr(word), f"one of {list(known)}")
        runs = {name: _history(r) for name, r in named("results", results, "results").items()}
        if lowest is None:
            lowest = min(float(np.nanmin(h["fun"])) for h in runs.values())
        curves = {}
        for name, h in runs.items():
            left = h["fun"] - lowest if y == "gap" else h["grad"]
            curves[name] = (np.arange(len(left), dtype=float) if x == "iterations" else h[x], left)
        made = cls(curves=curves, x_label=_ACROSS[x], y_label=_UP[y])
        return made.plot(ax, **line_kwargs)

    def plot(self, ax: Any = None, **line_kwargs: Any) -> ConvergenceDisplay:
        """Draw into `ax` or a new figure, what is left on a logarithmic scale."""
        ax = self._draw_into(ax)
        for name, (spent, left) in self.curves.items():
            # What is 0 has no place on a logarithmic scale, and is left out.
            shown = np.where(left > 0, left, np.nan)
            ax.plot(spent, shown, **{"label": name or None, **line_kwargs})
        ax.set(xlabel=self.x_label, ylabel=self.y_label, yscale="log")
        ax.grid(alpha=0.3)
        if any(self.curves):
            ax.legend(frameon=False)
        return self


def _history(result: Any) -> dict[str, _Doubles]:
    history = getattr(result, "history", None)
    if not isinstance(history, Mapping) or not len(history.get("fun", ())):
        got = "a result without a history"
        raise _validation.error("results", got, "results of options={'history': True}")
    return {key: np.asarray(value, float) for key, value in history.items()}
