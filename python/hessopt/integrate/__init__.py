"""Expectations: of an objective, of a function of a random variable, of a prediction."""

from __future__ import annotations

from .densities import Density, Normal, Uniform
from .distribution import PredictiveDistribution
from .functions import Expectation, expectation
from .laws import Bernoulli, Discrete, Samples
from .prediction import ensemble_distribution, predict_distribution
from .sigmoid import expected_sigmoid
from .under_noise import expected

__all__ = [
    "Bernoulli",
    "Density",
    "Discrete",
    "Expectation",
    "Normal",
    "PredictiveDistribution",
    "Samples",
    "Uniform",
    "ensemble_distribution",
    "expectation",
    "expected",
    "expected_sigmoid",
    "predict_distribution",
]
