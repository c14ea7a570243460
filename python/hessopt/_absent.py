"""Errors for arguments that are not there, which name the way round."""

from __future__ import annotations

from typing import Any

_KEYWORDS = {
    "link": "the link that belongs to the loss; families such as Binomial have others",
}


def refuse(others: dict[str, Any]) -> None:
    """An error of the first of these keyword arguments, if there is one."""
    for name, value in others.items():
        if name not in _KEYWORDS:
            raise TypeError(f"{name}: got an argument that is not known; want one of the signature")
        raise TypeError(f"{name}: got {value!r}; want {_KEYWORDS[name]}")
