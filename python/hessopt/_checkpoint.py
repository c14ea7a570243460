"""A solver in a file, from which a run that was killed goes on bit for bit.

The file is written beside its place, flushed to the disk and moved there in one step, so that at
every moment it holds one whole state. Its first line names it, the second says what is in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from typing import Any

import numpy.typing as npt

from . import _validation
from ._solvers import METHODS, Solver

_MAGIC = b"hessopt checkpoint 1\n"


class Checkpoint:
    """Where a run from x0 is kept, and every how many iterations it is written."""

    def __init__(self, path: str | os.PathLike[str], x0: npt.NDArray[Any], every: int) -> None:
        self._path, self._every = path, every
        self._start = f"{x0.dtype.name} {len(x0)} {zlib.crc32(x0.tobytes()):08x}"

    def after_iteration(self, solver: Solver) -> None:
        """Write, if it is time to."""
        if solver.nit % self._every == 0:
            self.save(solver)

    def save(self, solver: Solver) -> None:
        """Write the state."""
        state: bytes = solver.__getstate__()
        method = next(name for name, kind in METHODS.items() if type(solver) is kind)
        facts = {
            "method": method,
            "start": self._start,
            "size": len(state),
            "crc": zlib.crc32(state),
        }
        beside = f"{os.fspath(self._path)}.tmp"
        try:
            with open(beside, "wb") as file:
                file.write(_MAGIC + json.dumps(facts).encode() + b"\n")
                file.write(state)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self._path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise

    def load(self, fresh: Solver) -> Solver:
        """The run in the file, within the limits of a fresh solver; that one if there is no file.

        Raises
        ------
        ValueError
            For a file that is truncated, damaged, or of another method or start.
        """
        try:
            with open(self._path, "rb") as file:
                content = file.read()
        except FileNotFoundError:
            return fresh

        def refuse(got: str) -> ValueError:
            return _validation.error(
                "checkpoint", f"{os.fspath(self._path)!r}, {got}", "a hessopt checkpoint"
            )

        if not content.startswith(_MAGIC):
            raise refuse("which is something else" if content else "which is empty")
        line, _, state = content[len(_MAGIC) :].partition(b"\n")
        try:
            facts = json.loads(line)
            whole = (len(state), zlib.crc32(state)) == (facts["size"], facts["crc"])
            kind, start = METHODS[facts["method"]], facts["start"]
        except (ValueError, KeyError, TypeError) as exc:
            raise refuse("which is damaged") from exc
        if not whole:
            raise refuse(f"which is truncated or damaged: {len(state)} bytes of {facts['size']}")
        if type(fresh) is not kind:
            raise refuse(f"of method {facts['method']!r}")
        if start != self._start:
            raise refuse(f"of another start ({start}, not {self._start})")
        solver = kind.__new__(kind)
        solver.__setstate__(state)
        with contextlib.suppress(ValueError):  # a run that has ended stays so
            solver._resume(fresh.limits)
        return solver
