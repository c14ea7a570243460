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

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import _native

_native.load()

from . import _core  # noqa: E402

if TYPE_CHECKING:
    from . import networks, objectives
    from ._batch import (
        BatchModel,
        minimize_batch,
    )
    from ._config import (
        show_config,
    )
    from ._l1 import (
        L1Path,
        l1_max,
        l1_path,
    )
    from ._least_squares import (
        curve_fit,
        least_squares,
    )
    from ._minimize import (
        DerivativeCheck,
        check_derivatives,
        minimize,
        quantile_regression,
        scipy_method,
    )
    from ._result import (
        OptimizeResult,
    )
    from .integrate import (
        Bernoulli,
        Density,
        Discrete,
        Expectation,
        Normal,
        PredictiveDistribution,
        Samples,
        Uniform,
        ensemble_distribution,
        expectation,
        expected,
        expected_sigmoid,
        predict_distribution,
    )
    from .linalg import (
        Cholesky,
        cholesky_solve,
        two_loop,
        weighted_gram,
    )
    from .noise import (
        Augmentation,
        DropConnect,
        Dropout,
        GaussianDropout,
        GaussianNoise,
        bernoulli_mask,
        dropout,
        dropout_linear,
        dropout_moments,
        dropout_samples,
        gaussian_dropout,
    )
    from .rows import (
        Categorical,
        Columns,
        RowBlocks,
    )
    from .solvers import (
        BFGS,
        LBFGS,
        OWLQN,
        Adam,
        BatchBFGS,
        BatchLBFGS,
        BatchLevenbergMarquardt,
        BatchNewton,
        GradientDescent,
        InnerStop,
        InverseHessian,
        LevenbergMarquardt,
        Need,
        Newton,
        NewtonCG,
        ProximalNewton,
        Status,
        Stopping,
        TrustRegion,
    )
    from .uncertainty import (
        Calibration,
        Inference,
        Influence,
        Laplace,
        LeaveOneOut,
        PenaltyPath,
        ScoreTest,
        calibration,
        inference,
        influence,
        laplace,
        leave_one_out,
        maximize_evidence,
        maximize_likelihood,
        score_test,
        select_l2,
    )

__version__: str = _core.version

# Public names by the room that has them, which is imported when one of them is asked for: a program
# waits for what it uses.
_ROOMS = {
    "_batch": ("BatchModel", "minimize_batch"),
    "_config": ("show_config",),
    "_l1": ("L1Path", "l1_max", "l1_path"),
    "_least_squares": ("curve_fit", "least_squares"),
    "_minimize": (
        "DerivativeCheck",
        "check_derivatives",
        "minimize",
        "quantile_regression",
        "scipy_method",
    ),
    "_result": ("OptimizeResult",),
    "integrate": (
        "Density",
        "Normal",
        "Uniform",
        "PredictiveDistribution",
        "Expectation",
        "expectation",
        "expected",
        "expected_sigmoid",
        "Bernoulli",
        "Discrete",
        "Samples",
        "ensemble_distribution",
        "predict_distribution",
    ),
    "linalg": (
        "Cholesky",
        "cholesky_solve",
        "two_loop",
        "weighted_gram",
    ),
    "noise": (
        "bernoulli_mask",
        "dropout",
        "gaussian_dropout",
        "Augmentation",
        "DropConnect",
        "Dropout",
        "GaussianDropout",
        "GaussianNoise",
        "dropout_linear",
        "dropout_moments",
        "dropout_samples",
    ),
    "rows": (
        "Categorical",
        "Columns",
        "RowBlocks",
    ),
    "solvers": (
        "BFGS",
        "LBFGS",
        "OWLQN",
        "Adam",
        "BatchBFGS",
        "BatchLBFGS",
        "BatchLevenbergMarquardt",
        "BatchNewton",
        "GradientDescent",
        "InnerStop",
        "InverseHessian",
        "LevenbergMarquardt",
        "Need",
        "Newton",
        "NewtonCG",
        "ProximalNewton",
        "Status",
        "Stopping",
        "TrustRegion",
    ),
    "uncertainty": (
        "Calibration",
        "Inference",
        "Influence",
        "Laplace",
        "LeaveOneOut",
        "PenaltyPath",
        "ScoreTest",
        "calibration",
        "inference",
        "influence",
        "laplace",
        "leave_one_out",
        "maximize_evidence",
        "maximize_likelihood",
        "score_test",
        "select_l2",
    ),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "BFGS",
    "LBFGS",
    "OWLQN",
    "Adam",
    "Augmentation",
    "BatchBFGS",
    "BatchLBFGS",
    "BatchLevenbergMarquardt",
    "BatchModel",
    "BatchNewton",
    "Bernoulli",
    "Calibration",
    "Categorical",
    "Cholesky",
    "Columns",
    "Density",
    "DerivativeCheck",
    "Discrete",
    "DropConnect",
    "Dropout",
    "Expectation",
    "GaussianDropout",
    "GaussianNoise",
    "GradientDescent",
    "Inference",
    "Influence",
    "InnerStop",
    "InverseHessian",
    "L1Path",
    "Laplace",
    "LeaveOneOut",
    "LevenbergMarquardt",
    "Need",
    "Newton",
    "NewtonCG",
    "Normal",
    "OptimizeResult",
    "PenaltyPath",
    "PredictiveDistribution",
    "ProximalNewton",
    "RowBlocks",
    "Samples",
    "ScoreTest",
    "Status",
    "Stopping",
    "TrustRegion",
    "Uniform",
    "bernoulli_mask",
    "calibration",
    "check_derivatives",
    "cholesky_solve",
    "curve_fit",
    "dropout",
    "dropout_linear",
    "dropout_moments",
    "dropout_samples",
    "ensemble_distribution",
    "expectation",
    "expected",
    "expected_sigmoid",
    "gaussian_dropout",
    "inference",
    "influence",
    "l1_max",
    "l1_path",
    "laplace",
    "least_squares",
    "leave_one_out",
    "maximize_evidence",
    "maximize_likelihood",
    "minimize",
    "minimize_batch",
    "networks",
    "objectives",
    "predict_distribution",
    "quantile_regression",
    "scipy_method",
    "score_test",
    "select_l2",
    "show_config",
    "two_loop",
    "weighted_gram",
]


def __getattr__(name: str) -> Any:
    if name in _ROOM_OF:
        value = getattr(import_module(f".{_ROOM_OF[name]}", __name__), name)
    elif name in ("networks", "objectives", *_ROOMS):
        value = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module 'hessopt' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
