"""Newton's method and L-BFGS for NumPy, with the noise integrated out.

Three verbs:

- **assemble** curvature: `weighted_gram`, and the Hessians of `hessopt.objectives`;
- **solve**: `minimize`, the solvers `Newton`, `LBFGS`, `GradientDescent`, `Adam`, and their parts
  `cholesky_solve` and `two_loop`;
- **integrate** noise: `expected` wraps an objective, `expectation` a function of a random variable,
  `dropout` and `bernoulli_mask` are the masks themselves.
"""

from . import _native

_core = _native.load()

from . import objectives  # noqa: E402
from ._config import show_config  # noqa: E402
from ._dropout import Dropout, bernoulli_mask, dropout  # noqa: E402
from ._expectation import Bernoulli, Discrete, Expectation, expectation, expected  # noqa: E402
from ._linalg import cholesky_solve, two_loop, weighted_gram  # noqa: E402
from ._minimize import minimize  # noqa: E402
from ._result import OptimizeResult  # noqa: E402
from ._solvers import LBFGS, Adam, GradientDescent, Newton, Status  # noqa: E402

__version__: str = _core.version

__all__ = [
    "LBFGS",
    "Adam",
    "Bernoulli",
    "Discrete",
    "Dropout",
    "Expectation",
    "GradientDescent",
    "Newton",
    "OptimizeResult",
    "Status",
    "bernoulli_mask",
    "cholesky_solve",
    "dropout",
    "expectation",
    "expected",
    "minimize",
    "objectives",
    "show_config",
    "two_loop",
    "weighted_gram",
]
