"""Eigenvalues of Hessians."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .display import Display, named

_Doubles = npt.NDArray[np.float64]


class SpectrumDisplay(Display):
    """Eigenvalues by rank, the largest first, those below 0 too.

    Parameters
    ----------
    eigenvalues : dict of str to ndarray
        Of each matrix, falling, by the names of the legend.
    """

    def __init__(self, *, eigenvalues: dict[str, _Doubles]) -> None:
        self.eigenvalues = eigenvalues

    @classmethod
    def from_matrices(
        cls, matrices: Mapping[str, npt.ArrayLike], *, ax: Any = None, **line_kwargs: Any
    ) -> SpectrumDisplay:
        """Draw the spectra of symmetric matrices, side by side.

        Parameters
        ----------
        matrices : dict of str to array_like, shape (n, n)
            As ``hessian(x)`` and ``ggn(x)`` of objectives return them; lower triangles are read.
        ax : matplotlib.axes.Axes, optional
            Where to draw.
        **line_kwargs
            Of ``ax.plot``.

        Returns
        -------
        SpectrumDisplay

        Raises
        ------
        ValueError, TypeError
            On what is no square matrix of finite numbers.
        """
        found = {}
        for name, matrix in named("matrices", matrices, "matrices").items():
            a = _validation.finite("matrices", _validation.array("matrices", matrix, 2))
            if a.shape[0] != a.shape[1]:
                raise _validation.error("matrices", f"shape {a.shape}", "shape (n, n)")
            found[name] = np.linalg.eigvalsh(a)[::-1]
        return cls(eigenvalues=found).plot(ax, **line_kwargs)

    def plot(self, ax: Any = None, **line_kwargs: Any) -> SpectrumDisplay:
        """Draw into `ax` or a new figure, on a logarithmic scale.

        With eigenvalues below 0 it is linear within a millionth of the largest.
        """
        ax = self._draw_into(ax)
        largest = max(float(np.abs(e).max(initial=0)) for e in self.eigenvalues.values())
        for name, e in self.eigenvalues.items():
            ax.plot(np.arange(1, len(e) + 1), e, **{"label": name or None, **line_kwargs})
        if all((e > 0).all() for e in self.eigenvalues.values()):
            ax.set_yscale("log")
        else:
            ax.axhline(0, color="black", lw=0.6)
            ax.set_yscale("symlog", linthresh=1e-6 * largest or 1.0)
        ax.set(xlabel="rank of the eigenvalue", ylabel="eigenvalue")
        if any(self.eigenvalues):
            ax.legend(frameon=False)
        return self
