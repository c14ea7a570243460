"""What a fit is watched by: values after every epoch or iteration, and a validation set."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .freezing import Frozen
from .layers import Dropout
from .network import Network

_Doubles = npt.NDArray[np.float64]


def without_noise(
    network: Network | Frozen, X: npt.ArrayLike, y: npt.ArrayLike
) -> Network | Frozen:
    """The loss alone of other rows: neither dropout nor penalty."""
    if isinstance(network, Frozen):
        plain = without_noise(network.network, X, y)
        assert isinstance(plain, Network)
        return network.of(plain)
    layers = [Dropout(0.0) if isinstance(layer, Dropout) else layer for layer in network.layers]
    named = {**network._given[1], "l2": 0.0, "sample_weight": None, "n_samples": 1}
    data = _validation.matrix("validation", X).astype(network.X.dtype, copy=False)
    if data.shape[1] != network.X.shape[1]:
        raise _validation.error("validation", f"shape {data.shape}", "as many columns as X")
    return Network(data, y, layers, **named)


class Watch:
    """The history of a fit, and where the loss of the validation set was lowest.

    Parameters
    ----------
    network : Network or Frozen
        What is fitted.
    validation : (X, y), optional
        Rows that are not.
    patience : int, optional
        Entries without a new lowest loss after which a stage ends.
    """

    def __init__(self, network: Network | Frozen, validation: Any, patience: int | None) -> None:
        self._network = network
        self._held_out: Network | Frozen | None = None
        if validation is not None:
            if not isinstance(validation, (tuple, list)) or len(validation) != 2:
                raise TypeError(f"validation: got {type(validation).__name__}; want (X, y)")
            self._held_out = without_noise(network, *validation)
        elif patience is not None:
            raise _validation.error("patience", patience, "None, or a validation set beside it")
        self._patience = patience
        self.best_x: _Doubles = np.empty(0)
        self.best = np.inf
        self._age = 0  # entries since
        self._entries: list[tuple[float, float, float, float]] = []
        self._began = time.perf_counter()

    @property
    def watches(self) -> bool:
        """Whether there is a validation set."""
        return self._held_out is not None

    @property
    def ended(self) -> bool:
        """Whether patience is at an end."""
        return self._patience is not None and self._age >= self._patience

    @property
    def history(self) -> dict[str, _Doubles]:
        """An array of each quantity, a number an epoch or iteration."""
        columns = np.array(self._entries).reshape(-1, 4).T
        return dict(zip(("fun", "validation", "seconds", "stage"), columns, strict=True))

    def look(self, fun: float, x: npt.NDArray[Any], stage: int) -> bool:
        """Note what a step has come to; whether the stage is to end."""
        value = np.nan
        if self._held_out is not None:
            held_out, fitted = self._held_out, self._network
            # Statistics are those of the rows that are fitted; nothing Frozen has any.
            if isinstance(fitted, Network) and isinstance(held_out, Network) and fitted._needs_rows:
                held_out = held_out.with_statistics(fitted.statistics(x))
            value = held_out.value(x)
            self._age += 1
            if value < self.best:
                self.best, self.best_x, self._age = value, x.astype(np.float64), 0
        seconds = time.perf_counter() - self._began
        self._entries.append((fun, value, seconds, float(stage)))
        return self.ended

    def begin(self) -> None:
        """A stage begins, with patience anew."""
        self._age = 0

    def mark(self) -> tuple[int, float, int, _Doubles]:
        """How far it is, for `saved`."""
        return len(self._entries), self.best, self._age, self.best_x

    def saved(self, mark: tuple[int, float, int, _Doubles]) -> dict[str, _Doubles]:
        """What it was at a mark, in arrays."""
        count, best, age, best_x = mark
        entries = np.array(self._entries[:count]).reshape(-1, 4)
        return {"entries": entries, "best": np.array([best, age]), "at": best_x}

    def restore(self, saved: dict[str, _Doubles]) -> None:
        """Go on from what was saved."""
        self._entries = [tuple(row) for row in saved["entries"].tolist()]
        self.best, self._age = float(saved["best"][0]), int(saved["best"][1])
        self.best_x = saved["at"]
        spent = self._entries[-1][2] if self._entries else 0.0
        self._began = time.perf_counter() - spent
