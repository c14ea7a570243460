"""How sure a fit is: standard errors and tests, Laplace's approximation, calibration."""

from __future__ import annotations

from .diagnostics import Influence, influence
from .estimates import Inference, inference
from .evidence import maximize_evidence
from .left_out import LeaveOneOut, leave_one_out
from .likeliest import LikeliestFamily, maximize_likelihood
from .penalty import PenaltyPath, select_l2
from .posterior import Laplace, laplace
from .reliability import Calibration, calibration
from .score import ScoreTest, score_test

__all__ = [
    "Calibration",
    "Inference",
    "Influence",
    "Laplace",
    "LeaveOneOut",
    "LikeliestFamily",
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
]
