"""One block of rows of whatever holds one: arrays, sparse matrices, categories, frames."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from .. import _arrays, _core, _validation
from .categorical import Categorical
from .columns import Columns
from .frames import categorical, has_categories, is_categorical
from .sparse import is_sparse, sparse_rows

#: A dense array, or rows of another kind; both have a shape.
Rows: TypeAlias = _arrays.Array | _core.Rows


class Finite(NamedTuple):
    """An array of float32 or float64 that is known to be finite, and not looked through again."""

    array: _arrays.Array


def read_block(name: str, value: Any) -> tuple[Rows, Any]:
    """Its finite rows, and what came, or the array that it became."""
    if isinstance(value, Finite):
        array = _validation.filled(name, value.array)
        return array, array
    if is_sparse(value):
        return sparse_rows(name, value), value
    if isinstance(value, _core.Rows):
        return value, value
    if has_categories(value):
        value = Columns(value)
    elif is_categorical(value):
        value = categorical(value)
    if isinstance(value, (Categorical, Columns)):
        return value.rows, value
    array = _validation.matrix(name, value)
    return array, array
