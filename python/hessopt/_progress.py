"""A bar over the iterations of a run."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def bar(shown: bool, most: int) -> Iterator[Callable[[Any], None] | None]:
    """What to call with the solver after every iteration, or None where nothing is shown."""
    if not shown:
        yield None
        return
    try:
        tqdm = importlib.import_module("tqdm")
    except ImportError as exc:
        raise ImportError("progress=True needs tqdm: pip install tqdm") from exc
    with tqdm.tqdm(total=most, unit="it", mininterval=0.2) as line:

        def update(solver: Any) -> None:
            line.set_postfix_str(f"f = {solver.fun:.6g}, {solver.nfev} evaluations", refresh=False)
            line.update(solver.nit - line.n)

        yield update
