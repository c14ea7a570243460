"""Performance profiles of solvers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .display import Display, named

_Doubles = npt.NDArray[np.float64]


class PerformanceProfileDisplay(Display):
    """The share of problems that a solver solves within a multiple of the best solver's cost.

    Parameters
    ----------
    ratios : dict of str to ndarray, shape (problems,)
        Of each solver the cost over the least of all, inf where it does not solve a problem.

    References
    ----------
    E. D. Dolan, J. J. Moré, "Benchmarking optimization software with performance profiles", Math.
    Programming 91 (2002).
    """

    def __init__(self, *, ratios: dict[str, _Doubles]) -> None:
        self.ratios = ratios

    @classmethod
    def from_costs(
        cls,
        costs: Mapping[str, npt.ArrayLike],
        *,
        most: float = 100.0,
        ax: Any = None,
        line_kwargs: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> PerformanceProfileDisplay:
        """Draw the profiles of solvers on the same problems.

        Parameters
        ----------
        costs : dict of str to array_like, shape (problems,)
            Evaluations or seconds, > 0; inf or NaN where a problem was not solved.
        most : float
            The largest multiple shown, > 1.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        line_kwargs : dict of str to dict, optional
            Of ``ax.step``, by the names of `costs`.

        Returns
        -------
        PerformanceProfileDisplay

        Raises
        ------
        ValueError, TypeError
            On costs of other lengths, or not above 0.
        """
        found = {n: np.asarray(c, float) for n, c in named("costs", costs, "costs").items()}
        shapes = {c.shape for c in found.values()}
        if len(shapes) > 1 or any(c.ndim != 1 or not c.size for c in found.values()):
            raise _validation.error("costs", f"shapes {sorted(shapes)}", "as many of each, > 0")
        table = np.array([np.where(np.isnan(c), np.inf, c) for c in found.values()])
        if (table <= 0).any():
            raise _validation.error("costs", "a number <= 0", "numbers > 0")
        with np.errstate(invalid="ignore"):  # where nobody solves it
            ratios = np.where(np.isfinite(table), table / table.min(axis=0), np.inf)
        made = cls(ratios=dict(zip(found, ratios, strict=True)))
        return made.plot(ax, most=most, line_kwargs=line_kwargs)

    def plot(
        self,
        ax: Any = None,
        *,
        most: float = 100.0,
        line_kwargs: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> PerformanceProfileDisplay:
        """Draw into `ax` or a new figure; parameters as in `from_costs`."""
        if not most > 1:
            raise _validation.error("most", most, "a number > 1")
        ax = self._draw_into(ax)
        for name, ratio in self.ratios.items():
            solved = np.sort(ratio[np.isfinite(ratio)])
            x = np.concatenate([[1.0], solved, [max(most, solved.max(initial=1.0))]])
            share = np.concatenate([np.arange(len(solved) + 1), [len(solved)]]) / len(ratio)
            look = {"label": name, **dict((line_kwargs or {}).get(name, {}))}
            ax.step(x, share, where="post", **look)
        ax.set(xscale="log", xlim=(1, most), ylim=(0, 1.02))
        ax.set(xlabel="cost, as a multiple of the best solver's", ylabel="share of problems solved")
        ax.grid(alpha=0.3)
        ax.legend(frameon=False, fontsize="small")
        return self
