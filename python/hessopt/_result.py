"""The result of a minimisation, with the fields of SciPy's."""

from __future__ import annotations

import sys
from typing import Any


class OptimizeResult(dict[str, Any]):
    """A dictionary whose keys are attributes, with the fields of SciPy's `OptimizeResult`.

    Where SciPy is loaded, it is an instance of that too.

    Attributes
    ----------
    x : ndarray, shape (n,)
        The point of convergence, or else the best point evaluated.
    fun : float
        The value at `x`, bit for bit as it was evaluated.
    jac : ndarray, shape (n,)
        The gradient at `x`; by differences NaN along variables that bounds fix.
    success : bool
        Whether the run ended at a minimum, as far as value and gradient tell.
    status : Status
        Why it ended.
    message : str
        The same in words, with the numbers that were compared.
    active : ndarray of int, shape (n,)
        Where there are bounds: −1 and 1 for the lower and upper ones that hold x back, else 0.
    projected_gradient : ndarray, shape (n,)
        `jac` without what these hold.
    nit, nfev, njev, nhev : int
        Iterations, evaluations of the value, of the gradient, of the Hessian; those for differences
        are counted.
    """

    def __getattr__(self, name: str) -> Any:
        """Read a key as an attribute."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        rows = (f"{key:>{width}}: {value!r}" for key, value in self.items())
        return "\n".join(rows) or "OptimizeResult()"

    def __dir__(self) -> list[str]:
        return list(self)

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # what isinstance asks once the type itself does not fit
        scipy = sys.modules.get("scipy.optimize")
        return getattr(scipy, "OptimizeResult", OptimizeResult)

    def __reduce__(self) -> tuple[Any, ...]:
        return OptimizeResult, (dict(self),)
