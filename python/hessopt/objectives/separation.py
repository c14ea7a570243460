"""Which columns run away, in words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_MOST = 4  # columns that are named one by one
#: What columns do to targets 0 and 1.
OF_CLASSES = "separates the classes of y in {rows} rows"


def columns(
    slopes: npt.NDArray[np.float64], scale: npt.NDArray[np.float64], X: object = None
) -> str:
    """The columns of X that a direction moves, or nothing where it moves none.

    Parameters
    ----------
    slopes : ndarray, shape (..., p)
        The direction, of every coefficient.
    scale : ndarray, shape (p,)
        Standard deviations of the columns.
    X : optional
        The data, which may have names for them.
    """
    known = getattr(X, "column_names", None)

    def name(j: int) -> str:
        return f"X[:, {j}]" if known is None else str(known[j])

    size = np.abs(slopes * scale).reshape(-1, len(scale)).max(axis=0)
    moved = np.flatnonzero(size > 1e-6 * size.max())
    names = [name(int(j)) for j in moved]
    if len(names) <= 1:
        return "".join(names)
    if len(names) <= _MOST:
        return f"a combination of {', '.join(names[:-1])} and {names[-1]}"
    return f"a combination of {len(names)} columns of X, most of all {name(int(size.argmax()))},"


def sentence(columns: str, do: str, n_rows: int) -> str:
    """What columns do in rows, and what would stop it."""
    return f"{columns} {do.format(rows=n_rows)}; l2 > 0 would keep it finite"
