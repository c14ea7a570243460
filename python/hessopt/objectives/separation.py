"""Which columns run away, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_MOST = 4  # columns that are named one by one
#: What columns do to targets 0 and 1.
OF_CLASSES = "separates the classes of y in {rows} rows"


def columns(
    slopes: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    names: Sequence[str] | None = None,
) -> str:
    """The columns of X that a direction moves, or nothing where it moves none.

    Parameters
    ----------
    slopes : ndarray, shape (..., p)
        The direction, of every coefficient.
    scale : ndarray, shape (p,)
        Standard deviations of the columns.
    names : sequence of str, optional
        Of the columns.
    """

    def name(j: int) -> str:
        return f"X[:, {j}]" if names is None else names[j]

    size = np.abs(slopes * scale).reshape(-1, len(scale)).max(axis=0)
    moved = np.flatnonzero(size > 1e-6 * size.max())
    each = [name(int(j)) for j in moved]
    if len(each) <= 1:
        return "".join(each)
    if len(each) <= _MOST:
        return f"a combination of {', '.join(each[:-1])} and {each[-1]}"
    return f"a combination of {len(each)} columns of X, most of all {name(int(size.argmax()))},"


def sentence(columns: str, do: str, n_rows: int) -> str:
    """What columns do in rows, and what would stop it."""
    return f"{columns} {do.format(rows=n_rows)}; l2 > 0 would keep it finite"
