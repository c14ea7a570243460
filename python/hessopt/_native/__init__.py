"""Load the core, under the name ``hessopt._core``, and the kernels that suit this CPU."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from . import _cpu

_ANY_MACHINE = ("native", "generic")  # builds for one machine, and for the compiler's default


def built() -> list[str]:
    """Levels this installation has kernels for, the best first."""
    names = (*_ANY_MACHINE, "v4", "v3", "v2")
    return [n for n in names if find_spec(f"{__name__}._kernels_{n}") is not None]


def available() -> list[str]:
    """Levels that are built and that this machine runs, the best first."""
    runs = _cpu.levels()
    return [n for n in built() if n in _ANY_MACHINE or n in runs]


def _choose() -> str:
    usable = available()
    wanted = os.environ.get("HESSOPT_ISA")
    if wanted:
        if wanted in usable:
            return wanted
        if wanted in built():
            raise ImportError(
                f"HESSOPT_ISA: got {wanted!r}, which this CPU does not run; want one of {usable}"
            )
        raise ImportError(f"HESSOPT_ISA: got {wanted!r}; want one of {usable}")
    if not usable:
        raise ImportError(
            "hessopt needs a CPU of level x86-64-v2 (SSE4.2, POPCNT; made since about 2009) or "
            f"newer; this one runs {_cpu.levels() or 'none'} of the levels built: {built()}"
        )
    return usable[0]


def load() -> ModuleType:
    """Import the core, hand it the kernels chosen, and register it as ``hessopt._core``."""
    kernels = import_module(f"{__name__}._kernels_{_choose()}")
    core = import_module(f"{__name__}._core")
    core.use_kernels(kernels.table)
    sys.modules["hessopt._core"] = core
    return core
