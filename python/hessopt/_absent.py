"""Errors for what is not there yet, which name the way round."""

from __future__ import annotations

from typing import Any

_OWN = "a function of your own that returns value and gradient goes to hessopt.minimize as well"
_KEYWORDS = {
    "link": "the link that belongs to the loss; families such as Binomial have others",
    "l1": "l2; scikit-learn's SAGA and coordinate descent, celer and skglm have L1 penalties",
}
_FAMILIES = ("Ordinal", "Cox")


def refuse(others: dict[str, Any]) -> None:
    """An error of the first of these keyword arguments, if there is one."""
    for name, value in others.items():
        if name not in _KEYWORDS:
            raise TypeError(f"{name}: got an argument that is not known; want one of the signature")
        raise TypeError(f"{name}: got {value!r}; want {_KEYWORDS[name]}")


def family(name: str) -> AttributeError:
    """The error of a name that `hessopt.objectives` does not have."""
    way = f"; {_OWN}" if name in _FAMILIES else ""
    return AttributeError(f"hessopt.objectives has no {name}{way}", name=name)
