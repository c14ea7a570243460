"""Newton's method and L-BFGS for NumPy, with the noise integrated out.

Three verbs:

- **assemble** curvature: `weighted_gram`, and the Hessians of `hessopt.objectives`;
- **solve**: `minimize`, the solvers `Newton`, `TrustRegion`, `NewtonCG`, `LBFGS`, `BFGS`,
  `GradientDescent`, `Adam`, and their parts `Cholesky`, `cholesky_solve` and
  `two_loop`;
- **integrate** noise: `expected` wraps an objective, `expectation` a function of a random variable,
  `predict_distribution` a prediction; `dropout`, `gaussian_dropout` and `bernoulli_mask` are the
  noise itself.
"""

from . import _native

_core = _native.load()

from . import objectives  # noqa: E402
from ._cholesky import Cholesky, cholesky_solve  # noqa: E402
from ._config import show_config  # noqa: E402
from ._densities import Density, Normal, Uniform  # noqa: E402
from ._derivatives import DerivativeCheck, check_derivatives  # noqa: E402
from ._distribution import PredictiveDistribution  # noqa: E402
from ._dropout import bernoulli_mask, dropout, gaussian_dropout  # noqa: E402
from ._expectation import Expectation, expectation  # noqa: E402
from ._expected import expected  # noqa: E402
from ._expected_sigmoid import expected_sigmoid  # noqa: E402
from ._laws import Bernoulli, Discrete, Samples  # noqa: E402
from ._linalg import two_loop, weighted_gram  # noqa: E402
from ._many_masks import dropout_linear, dropout_moments, dropout_samples  # noqa: E402
from ._minimize import minimize  # noqa: E402
from ._noise import (  # noqa: E402
    Augmentation,
    DropConnect,
    Dropout,
    GaussianDropout,
    GaussianNoise,
)
from ._prediction import ensemble_distribution, predict_distribution  # noqa: E402
from ._result import OptimizeResult  # noqa: E402
from ._scipy import scipy_method  # noqa: E402
from ._solvers import (  # noqa: E402
    BFGS,
    LBFGS,
    Adam,
    GradientDescent,
    InnerStop,
    InverseHessian,
    Need,
    Newton,
    NewtonCG,
    Status,
    TrustRegion,
)
from ._stopping import Stopping  # noqa: E402

__version__: str = _core.version

__all__ = [
    "BFGS",
    "LBFGS",
    "Adam",
    "Augmentation",
    "Bernoulli",
    "Cholesky",
    "Density",
    "DerivativeCheck",
    "Discrete",
    "DropConnect",
    "Dropout",
    "Expectation",
    "GaussianDropout",
    "GaussianNoise",
    "GradientDescent",
    "InnerStop",
    "InverseHessian",
    "Need",
    "Newton",
    "NewtonCG",
    "Normal",
    "OptimizeResult",
    "PredictiveDistribution",
    "Samples",
    "Status",
    "Stopping",
    "TrustRegion",
    "Uniform",
    "bernoulli_mask",
    "check_derivatives",
    "cholesky_solve",
    "dropout",
    "dropout_linear",
    "dropout_moments",
    "dropout_samples",
    "ensemble_distribution",
    "expectation",
    "expected",
    "expected_sigmoid",
    "gaussian_dropout",
    "minimize",
    "objectives",
    "predict_distribution",
    "scipy_method",
    "show_config",
    "two_loop",
    "weighted_gram",
]
