"""How well an order of risks is that of events."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]


def concordance(event: _Array, time: _Doubles, risk: _Array) -> float:
    """The share of comparable pairs in which the earlier event has the higher risk.

    A pair is comparable where the earlier time is that of an event; one that is censored at the
    time of an event comes after it. Rows are merged as in a sort by runs of doubling length, and in
    every merge the later run is searched for the risks of events in the earlier.
    """
    happened, ranks = event.astype(bool), np.unique(risk, return_inverse=True)[1]
    order = np.lexsort((ranks, ~happened, time))
    happened, rank, when = happened[order], ranks[order], time[order]
    n, n_ranks, place = len(time), int(rank.max()) + 1, np.arange(len(time))
    lower = equal = 0  # rows after an event of lower and of equal risk
    size = 1
    while size < n:
        first, is_late = place // (2 * size) * n_ranks, place // size % 2 == 1
        late = np.sort((first + rank)[is_late])
        asked = happened & ~is_late
        here = (first + rank)[asked]
        below = np.searchsorted(late, here)
        lower += int((below - np.searchsorted(late, first[asked])).sum())
        equal += int((np.searchsorted(late, here, side="right") - below).sum())
        size *= 2
    # Events of one time are no pairs: by their ranks none is lower than one before it.
    tied = np.unique(np.column_stack([when, rank])[happened], axis=0, return_counts=True)[1]
    equal -= int((tied * (tied - 1) // 2).sum())
    events = when[happened]
    pairs = int((n - np.searchsorted(when, events, side="right")).sum())
    censored = when[~happened]
    same = np.searchsorted(censored, events, side="right") - np.searchsorted(censored, events)
    pairs += int(same.sum())
    return (lower + equal / 2) / pairs if pairs else 0.5
