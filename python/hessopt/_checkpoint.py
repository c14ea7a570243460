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


def _start(x0: npt.NDArray[Any]) -> str:
    return f"{x0.dtype.name} {len(x0)} {zlib.crc32(x0.tobytes()):08x}"


def save(path: str | os.PathLike[str], solver: Solver, x0: npt.NDArray[Any]) -> None:
    """Write the state of a run from x0."""
    state: bytes = solver.__getstate__()  # type: ignore[assignment]
    method = next(name for name, kind in METHODS.items() if type(solver) is kind)
    facts = {"method": method, "start": _start(x0), "size": len(state), "crc": zlib.crc32(state)}
    beside = f"{os.fspath(path)}.{os.getpid()}.tmp"
    try:
        with open(beside, "wb") as file:
            file.write(_MAGIC + json.dumps(facts).encode() + b"\n")
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def load(path: str | os.PathLike[str], fresh: Solver, x0: npt.NDArray[Any]) -> Solver:
    """The run in the file, within the limits of a fresh solver; that one where there is no file.

    Raises
    ------
    ValueError
        For a file that is truncated, damaged, or of another method or start.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return fresh

    def refuse(got: str) -> ValueError:
        return _validation.error(
            "checkpoint", f"{os.fspath(path)!r}, {got}", "a hessopt checkpoint"
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
    if start != _start(x0):
        raise refuse(f"of another start ({start}, not {_start(x0)})")
    solver = kind.__new__(kind)
    solver.__setstate__(state)  # type: ignore[attr-defined]
    with contextlib.suppress(ValueError):  # a run that has ended stays so
        solver._resume(fresh.limits)
    return solver
