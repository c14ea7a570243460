"""A solver in a file, from which a run that was killed goes on bit for bit.

The file is written beside its place, flushed to the disk and moved there in one step, so that at
every moment it holds one whole state. Its first line names it and has a checksum of the rest, the
second says what run it is of. It holds numbers and no code.
"""

from __future__ import annotations

import contextlib
import errno
import inspect
import json
import math
import os
import secrets
import stat
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..solvers import METHODS, Solver
from ..solvers.stopping import NAMES

_MAGIC = b"hessopt checkpoint 2 "
# What f may differ by from one machine to another, relative to it.
_ROUNDING = {"float64": 1e-10, "float32": 1e-5}


class Checkpoint:
    """Where a run is kept, every how many iterations it is written, and what run it is."""

    def __init__(self, path: object, every: int) -> None:
        self._path, self._every = _place(path), every
        self._content: bytes | None = None
        with self._blamed(), contextlib.suppress(FileNotFoundError), open(self._path, "rb") as file:
            self._content = file.read()
        if self._content is None:
            self._try_to_write()

    def after_iteration(self, solver: Solver) -> None:
        """Write, if it is time to."""
        if solver.nit % self._every == 0:
            self.save(solver)

    def save(self, solver: Solver) -> None:
        """Write the state; where that fails, a warning."""
        try:
            content = self._facts + b"\n" + solver.__getstate__()
            with self._replacement() as file:
                file.write(_MAGIC + _sum(content) + b"\n")
                file.write(content)
        except (OSError, MemoryError) as error:
            text = f"checkpoint: {error or 'out of memory'}; the run goes on, unsaved"
            warnings.warn(text, RuntimeWarning, stacklevel=2)

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
        if self._content is None:
            return fresh
        solver = self._restore(fresh, self._content)
        self._content = None
        if not solver.done:
            self._try_to_write()
        self._compare(solver, value)
        return solver

    def _restore(self, fresh: Solver, content: bytes) -> Solver:
        if not content.startswith(_MAGIC[:-2]):
            raise self._refuse("which is something else" if content else "which is empty")
        if not content.startswith(_MAGIC):
            raise self._refuse("which is of another version")
        line, _, rest = content[len(_MAGIC) :].partition(b"\n")
        facts, _, state = rest.partition(b"\n")
        if line != _sum(rest):
            raise self._refuse("which is truncated or damaged")
        self._hold_against(json.loads(facts), json.loads(self._facts))
        solver = type(fresh).__new__(type(fresh))
        solver.__setstate__(state)
        with contextlib.suppress(ValueError):  # a run that has ended stays so
            solver._resume(fresh.limits)
        return solver

    def _hold_against(self, saved: dict[str, Any], own: dict[str, Any]) -> None:
        """Raise where the file is of another run."""
        if saved["method"] != own["method"]:
            raise self._refuse(f"of method {saved['method']!r}")
        if saved["start"] != own["start"]:
            raise self._refuse(f"of another start ({saved['start']}, not {own['start']})")
        before, now = saved["options"], own["options"]
        changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if changed:
            text = ", ".join(f"{n}={before.get(n)!r}, not {now.get(n)!r}" for n in changed)
            raise self._refuse(f"of other options ({text})")

    def _compare(self, solver: Solver, value: Callable[[npt.NDArray[Any]], Any]) -> None:
        """Raise where f at the best point is not what it was, unless it is never the same."""
        if solver.nfev == 0 or math.isnan(solver.fun):
            return
        x, before = solver.x, solver.fun
        now = _number(value(x))
        if abs(now - before) <= _ROUNDING[x.dtype.name] * abs(before):
            return
        if _number(value(x)) == now:
            raise self._refuse(f"of another objective (f was {before!r} where it is {now!r})")

    def _refuse(self, got: str) -> ValueError:
        return _validation.error(
            "checkpoint", f"{self._path!r}, {got}", "a hessopt checkpoint of this run, or no file"
        )

    def _try_to_write(self) -> None:
        """Find out before the run whether it can be saved."""
        with self._blamed():
            if os.path.exists(self._path) and not os.access(self._path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            with contextlib.suppress(_Unwanted), self._replacement():
                raise _Unwanted

    @contextlib.contextmanager
    def _blamed(self) -> Iterator[None]:
        """Errors of the system name the argument and its path."""
        try:
            yield
        except OSError as error:
            raise type(error)(error.errno, f"checkpoint: {error.strerror}", self._path) from None

    @contextlib.contextmanager
    def _replacement(self) -> Iterator[Any]:
        """A file beside the place, which takes it with the end of the block.

        Nobody else has its name, so that two processes do not meet and nothing of the user's is
        written to.
        """
        beside = os.path.join(os.path.dirname(self._path), f".hessopt-{secrets.token_hex(8)}.tmp")
        with open(beside, "xb") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                with contextlib.suppress(FileNotFoundError):
                    os.chmod(beside, stat.S_IMODE(os.stat(self._path).st_mode))
                file.close()
                os.replace(beside, self._path)
            except BaseException:
                file.close()
                with contextlib.suppress(OSError):
                    os.unlink(beside)
                raise


class _Unwanted(Exception):
    """Of a file that was only tried."""


def _place(path: object) -> str:
    """What a path means: the file at the end of its links, wherever the process may go."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"checkpoint: got {path!r}; want a path")
    name = os.fsdecode(path)
    if not name or "\0" in name:
        raise _validation.error("checkpoint", repr(name), "a path")
    place = os.path.realpath(name)
    if os.path.isdir(place):
        raise IsADirectoryError(errno.EISDIR, f"checkpoint: {os.strerror(errno.EISDIR)}", place)
    if os.path.exists(place) and not os.path.isfile(place):
        raise _validation.error("checkpoint", f"{place!r}, which is a device", "a file")
    return place


def _sum(content: bytes) -> bytes:
    return b"%08x" % zlib.crc32(content)


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
