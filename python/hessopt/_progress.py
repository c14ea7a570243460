"""A bar over the iterations of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from . import _extras, _validation


@contextlib.contextmanager
def bar(shown: bool, most: int) -> Iterator[Callable[[Any], None] | None]:
    """What to call with the solver after every iteration, or None where nothing is shown."""
    if not shown:
        yield None
        return
    with _tqdm()(total=most, unit="it", mininterval=0.2) as line:

        def update(solver: Any) -> None:
            line.set_postfix_str(f"f = {solver.fun:.6g}, {solver.nfev} evaluations", refresh=False)
            line.update(solver.nit - line.n)

        yield update


@contextlib.contextmanager
def counter(shown: bool, unit: str) -> Iterator[Callable[[int, int], None]]:
    """What to call with how many are done and how many there will be, as far as is known."""
    if not shown:
        yield lambda done, total: None
        return
    with _tqdm()(unit=unit, mininterval=0.2) as line:

        def update(done: int, total: int) -> None:
            line.total = total
            line.update(done - line.n)

        yield update


def asked(progress: Any) -> bool:
    """The argument `progress`, of which True wants tqdm before any work."""
    is_shown = _validation.flag("progress", progress)
    if is_shown:
        _tqdm()
    return is_shown


def _tqdm() -> Any:
    return _extras.load("tqdm", "progress=True", "tqdm").tqdm
