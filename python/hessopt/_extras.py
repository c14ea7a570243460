"""Packages that are optional: imported when they are used, and named where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def load(module: str, what: str, install: str) -> Any:
    """The module, or an error of one line.

    Parameters
    ----------
    module : str
        What to import.
    what : str
        What needs it.
    install : str
        What pip is to install.
    """
    try:
        return import_module(module)
    except ImportError as exc:
        raise ImportError(
            f"{what} needs {_NAMES.get(module, module)}: pip install {install}"
        ) from exc


_NAMES = {"sklearn": "scikit-learn", "scipy.stats.qmc": "SciPy"}
