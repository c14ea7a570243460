"""Coefficients along a path of penalties."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..uncertainty.estimates import names_of
from .display import Display, with_fields

_Doubles = npt.NDArray[np.float64]
_MOST_NAMED = 8


class PathDisplay(Display):
    """A line for each coefficient over the strength of the penalty, and the one that was chosen.

    Parameters
    ----------
    strength : ndarray, shape (m,)
        Of the penalty.
    coefficients : ndarray, shape (m, k)
        Along the path.
    names : list of str
        Of the coefficients.
    chosen : float or None
        The strength that was chosen.
    x_label : str
        What `strength` is.
    """

    def __init__(
        self,
        *,
        strength: _Doubles,
        coefficients: _Doubles,
        names: list[str],
        chosen: float | None = None,
        x_label: str = "l2",
    ) -> None:
        self.strength, self.coefficients, self.names = strength, coefficients, names
        self.chosen, self.x_label = chosen, x_label

    @classmethod
    def from_result(cls, result: Any, *, ax: Any = None, **line_kwargs: Any) -> PathDisplay:
        """Draw what `hessopt.select_l2` or `hessopt.l1_path` found.

        Parameters
        ----------
        result : PenaltyPath or L1Path
            The path; its intercepts are left out.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **line_kwargs
            Of ``ax.plot``.

        Returns
        -------
        PathDisplay

        Raises
        ------
        TypeError
            On another result.
        """
        want = "what hessopt.select_l2 or hessopt.l1_path returns"
        with_fields("result", result, ("x", "model"), want)
        names = names_of(result.model)
        shown = [j for j, name in enumerate(names) if not name.endswith("intercept")]
        is_l1 = hasattr(result, "l1")
        # Strengths that differ between coefficients are one pattern times a number.
        strength = np.reshape(result.l1, (len(result.l1), -1)).max(axis=1) if is_l1 else result.l2
        made = cls(
            strength=strength,
            coefficients=result.x[:, shown],
            names=[names[j] for j in shown],
            chosen=None if is_l1 else float(result.l2[result.best]),
            x_label="l1" if is_l1 else "l2",
        )
        return made.plot(ax, **line_kwargs)

    def plot(self, ax: Any = None, **line_kwargs: Any) -> PathDisplay:
        """Draw into `ax` or a new figure; the largest coefficients are named."""
        ax = self._draw_into(ax)
        lines = ax.plot(self.strength, self.coefficients, **line_kwargs)
        sizes = np.nanmax(np.abs(self.coefficients), axis=0)
        largest = np.argsort(-sizes, kind="stable")[:_MOST_NAMED]
        for j in sorted(largest.tolist()):
            lines[j].set_label(self.names[j])
        ax.axhline(0, color="black", lw=0.6)
        if self.chosen is not None:
            ax.axvline(self.chosen, color="black", ls=":", label=f"chosen: {self.chosen:.3g}")
        ax.set(xlabel=self.x_label, ylabel="coefficient", xscale="log")
        ax.legend(fontsize="small")
        return self
