from __future__ import annotations

__all__: list[str] = ["levels"]

def levels() -> list[str]:
    """
    Levels that this CPU and its operating system run, the best first.
    """
