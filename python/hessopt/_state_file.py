"""States in files that a process may be killed beside at any moment.

A file is written beside its place, flushed to the disk and moved there in one step, so that at
every moment it holds one whole state. Its first line names it and has a checksum of the rest.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

from . import _validation


class StateFile:
    """The file of the argument `checkpoint`, and what was in it.

    Parameters
    ----------
    path : path
        Where it is, or is to be.
    magic : bytes
        What its first line begins with: the kind of state, its version and a space.

    Raises
    ------
    ValueError, TypeError, OSError
        For what is no path, and where nothing could be read or written.
    """

    def __init__(self, path: object, magic: bytes) -> None:
        self._path, self._magic = place("checkpoint", path), magic
        self._content: bytes | None = None
        with self._blamed(), contextlib.suppress(FileNotFoundError), open(self._path, "rb") as file:
            self._content = file.read()
        if self._content is None:
            self.require_writable()

    def take(self) -> bytes | None:
        """What was in it, without its first line; None where there was no file, or the next time.

        Raises
        ------
        ValueError
            For a file that is something else, truncated or damaged.
        """
        content, self._content = self._content, None
        if content is None:
            return None
        if not content.startswith(self._magic[:-2]):
            raise self.refuse("which is something else" if content else "which is empty")
        if not content.startswith(self._magic):
            raise self.refuse("which is of another version")
        line, _, rest = content[len(self._magic) :].partition(b"\n")
        if line != _sum(rest):
            raise self.refuse("which is truncated or damaged")
        return rest

    def write(self, content: bytes) -> None:
        """Write a state; where that fails, a warning."""
        try:
            with self._replacement() as file:
                file.write(self._magic + _sum(content) + b"\n")
                file.write(content)
        except (OSError, MemoryError) as error:
            text = f"checkpoint: {error or 'out of memory'}; the run goes on, unsaved"
            warnings.warn(text, RuntimeWarning, stacklevel=2)

    def refuse(self, got: str) -> ValueError:
        """The error of a file that does not do."""
        return _validation.error(
            "checkpoint", f"{self._path!r}, {got}", "a hessopt checkpoint of this run, or no file"
        )

    def require_writable(self) -> None:
        """Find out before a run whether it can be saved."""
        with self._blamed():
            if os.path.exists(self._path) and not os.access(self._path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            with contextlib.suppress(_Unwanted), self._replacement():
                raise _Unwanted

    def _blamed(self) -> contextlib.AbstractContextManager[None]:
        return blamed("checkpoint", self._path)

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


@contextlib.contextmanager
def blamed(name: str, path: str) -> Iterator[None]:
    """Errors of the system name the argument and its path."""
    try:
        yield
    except OSError as error:
        raise type(error)(error.errno, f"{name}: {error.strerror}", path) from None


def place(name: str, path: object) -> str:
    """What a path means: the file at the end of its links, wherever the process may go."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"{name}: got {path!r}; want a path")
    plain = os.fsdecode(path)
    if not plain or "\0" in plain:
        raise _validation.error(name, repr(plain), "a path")
    real = os.path.realpath(plain)
    if os.path.isdir(real):
        raise IsADirectoryError(errno.EISDIR, f"{name}: {os.strerror(errno.EISDIR)}", real)
    if os.path.exists(real) and not os.path.isfile(real):
        raise _validation.error(name, f"{real!r}, which is a device", "a file")
    return real


def _sum(content: bytes) -> bytes:
    return b"%08x" % zlib.crc32(content)
