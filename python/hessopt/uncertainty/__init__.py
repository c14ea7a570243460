"""How sure a fit is: standard errors and tests, Laplace's approximation, calibration."""

from __future__ import annotations

from .estimates import Inference, inference
from .evidence import maximize_evidence
from .likeliest import LikeliestFamily, maximize_likelihood
from .posterior import Laplace, laplace
from .reliability import Calibration, calibration
from .score import ScoreTest, score_test

__all__ = [
    "Calibration",
    "Inference",
    "Laplace",
    "LikeliestFamily",
    "ScoreTest",
    "calibration",
    "inference",
    "laplace",
    "maximize_evidence",
    "maximize_likelihood",
    "score_test",
]
