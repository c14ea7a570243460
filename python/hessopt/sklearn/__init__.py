"""Estimators with scikit-learn's interface, fitted by the models and solvers of this library.

Needs scikit-learn (``pip install hessopt[sklearn]``), which is imported here and nowhere else.
"""

from __future__ import annotations

try:
    from sklearn.utils.validation import validate_data as _validate_data  # noqa: F401
except ImportError as exc:
    raise ImportError(
        "hessopt.sklearn needs scikit-learn 1.7 or later: pip install hessopt[sklearn]"
    ) from exc

from .cross_validated import GammaRegressorCV, LogisticRegressionCV, PoissonRegressorCV
from .elastic_net import ElasticNet, Lasso
from .families import (
    GammaRegressor,
    NegativeBinomialRegressor,
    PoissonRegressor,
    TweedieRegressor,
)
from .generalized import GeneralizedLinearRegressor
from .logistic import LogisticRegression
from .ordinal import OrdinalRegression
from .perceptrons import MLPClassifier, MLPRegressor
from .ridge_cv import RidgeCV
from .robust import HuberRegressor, QuantileRegressor
from .squares import LinearRegression, Ridge
from .survival import CoxRegressor

__all__ = [
    "CoxRegressor",
    "ElasticNet",
    "GammaRegressor",
    "GammaRegressorCV",
    "GeneralizedLinearRegressor",
    "HuberRegressor",
    "Lasso",
    "LinearRegression",
    "LogisticRegression",
    "LogisticRegressionCV",
    "MLPClassifier",
    "MLPRegressor",
    "NegativeBinomialRegressor",
    "OrdinalRegression",
    "PoissonRegressor",
    "PoissonRegressorCV",
    "QuantileRegressor",
    "Ridge",
    "RidgeCV",
    "TweedieRegressor",
]
