"""What is installed, and what it runs on."""

from __future__ import annotations

from typing import Literal, overload

from . import _core, _native


@overload
def show_config(mode: Literal["stdout"] = ...) -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, object]: ...
def show_config(mode: Literal["stdout", "dicts"] = "stdout") -> dict[str, object] | None:
    """Show version, instruction set, threads and compiler.

    Parameters
    ----------
    mode : {"stdout", "dicts"}
        Print a table, or return it as a dictionary, as `numpy.show_config` does.

    Returns
    -------
    dict or None
        With ``mode="dicts"``, the keys ``version``, ``isa`` (the level in use), ``isa_available``
        (levels that run here, the best first), ``isa_built`` (levels that are there), ``simd``
        (Eigen's own words for it), ``amx`` (whether wide Hessians in single precision are made on
        tile units, with 16 bits of mantissa), ``threads`` (what the next call from this thread
        would use), ``openmp``, ``compiler`` and ``eigen``.

    Notes
    -----
    The environment variable ``HESSOPT_ISA`` picks a level before import; ``OMP_NUM_THREADS`` and
    `threadpoolctl` govern the threads.
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode: got {mode!r}; want 'stdout' or 'dicts'")
    config: dict[str, object] = {
        "version": _core.version,
        "isa": _core.level,
        "isa_available": _native.available(),
        "isa_built": _native.built(),
        "simd": _core.simd,
        "amx": _core.has_amx(),
        "threads": _core.max_threads(),
        "openmp": _core.openmp_runtime,
        "compiler": _core.compiler,
        "eigen": _core.eigen_version,
    }
    if mode == "dicts":
        return config
    for key, value in config.items():
        print(f"{key:<14} {value}")
    return None
