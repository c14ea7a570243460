"""A solver in a file, from which a run that was killed goes on bit for bit.

After the first line of the file another says what run it is of. It holds numbers and no code.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .._state_file import StateFile
from ..solvers import METHODS, Solver
from ..solvers.stopping import NAMES

_MAGIC = b"hessopt checkpoint 2 "
# What f may differ by from one machine to another, relative to it.
_ROUNDING = {"float64": 1e-10, "float32": 1e-5}


class Checkpoint:
    """Where a run is kept, every how many iterations it is written, and what run it is."""

    def __init__(self, path: object, every: int) -> None:
        self._file, self._every = StateFile(path, _MAGIC), every

    def after_iteration(self, solver: Solver) -> None:
        """Write, if it is time to."""
        if solver.nit % self._every == 0:
            self.save(solver)

    def save(self, solver: Solver) -> None:
        """Write the state; where that fails, a warning."""
        self._file.write(self._facts + b"\n" + solver.__getstate__())

    def load(
        self,
        fresh: Solver,
        options: Mapping[str, Any],
        value: Callable[[npt.NDArray[Any]], Any],
    ) -> Solver:
        """The run in the file, within the limits of a fresh solver; that one if there is no file.

        Parameters
        ----------
        fresh
            A solver that was told nothing yet, made with `options`.
        value
            f, which is evaluated once more where the run in the file stood.

        Raises
        ------
        ValueError
            For a file that is truncated, damaged, or of another method, start, option of the
            solver, or another f than `value`.
        OSError
            Where a run that goes on could not be saved.
        """
        self._facts = _facts(fresh, options)
        content = self._file.take()
        if content is None:
            return fresh
        solver = self._restore(fresh, content)
        if not solver.done:
            self._file.require_writable()
        self._compare(solver, value)
        return solver

    def _restore(self, fresh: Solver, content: bytes) -> Solver:
        facts, _, state = content.partition(b"\n")
        self._hold_against(json.loads(facts), json.loads(self._facts))
        solver = type(fresh).__new__(type(fresh))
        solver.__setstate__(state)
        with contextlib.suppress(ValueError):  # a run that has ended stays so
            solver._resume(fresh.limits)
        return solver

    def _hold_against(self, saved: dict[str, Any], own: dict[str, Any]) -> None:
        """Raise where the file is of another run."""
        if saved["method"] != own["method"]:
            raise self._file.refuse(f"of method {saved['method']!r}")
        if saved["start"] != own["start"]:
            raise self._file.refuse(f"of another start ({saved['start']}, not {own['start']})")
        before, now = saved["options"], own["options"]
        changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if changed:
            text = ", ".join(f"{n}={before.get(n)!r}, not {now.get(n)!r}" for n in changed)
            raise self._file.refuse(f"of other options ({text})")

    def _compare(self, solver: Solver, value: Callable[[npt.NDArray[Any]], Any]) -> None:
        """Raise where f at the best point is not what it was, unless it is never the same."""
        if solver.nfev == 0 or math.isnan(solver.fun):
            return
        x, before = solver.x, solver.fun
        now = _number(value(x))
        if abs(now - before) <= _ROUNDING[x.dtype.name] * abs(before):
            return
        if _number(value(x)) == now:
            raise self._file.refuse(f"of another objective (f was {before!r} where it is {now!r})")


def _number(f: Any) -> float:
    return float(np.asarray(f).item())


def _facts(fresh: Solver, options: Mapping[str, Any]) -> bytes:
    """What the run is, as the second line has it."""
    method = next(name for name, kind in METHODS.items() if type(fresh) is kind)
    x0 = fresh.ask()
    start = f"{x0.dtype.name} {len(x0)} {zlib.crc32(x0.tobytes()):08x}"
    return json.dumps({"method": method, "start": start, "options": _told(fresh, options)}).encode()


def _told(solver: Solver, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that make a solver, those not given too, as JSON has them; not its limits."""
    parameters = inspect.signature(type(solver)).parameters.values()
    options = {p.name: p.default for p in parameters if p.name not in ("x0", "stopping")}
    options["history"] = False
    options |= {name: value for name, value in given.items() if value is not None}
    return {
        name: _plain(value)
        for name, value in options.items()
        if name == "history" or name not in NAMES
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value
    array = np.asarray(value)
    if array.ndim == 0:
        return float(array)
    return f"{array.dtype.name} {array.shape} {zlib.crc32(array.tobytes()):08x}"
