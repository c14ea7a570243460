"""The laws that statistics of a fit are held against, by their tails."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .. import _core, _validation

_Doubles = npt.NDArray[np.float64]


def two_sided(statistics: _Doubles, degrees_of_freedom: float) -> _Doubles:
    """P(|T| > |t|) of Student's law, of an infinite number of degrees of the normal one."""
    tails = [_core.student_tail(abs(float(t)), degrees_of_freedom) for t in statistics]
    return 2 * np.array(tails)


def critical(level: object, degrees_of_freedom: float) -> float:
    """The t with P(|T| ≤ t) = level."""
    number = _validation.real("level", level, "a number in (0, 1)")
    if not 0 < number < 1:
        raise _validation.error("level", level, "a number in (0, 1)")
    return _core.student_quantile((1 - number) / 2, degrees_of_freedom)
