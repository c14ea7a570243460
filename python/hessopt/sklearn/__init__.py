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

from .elastic_net import ElasticNet, Lasso
from .elastic_net_cv import ElasticNetCV, LassoCV
from .families import (
    GammaRegressor,
    NegativeBinomialRegressor,
    PoissonRegressor,
    TweedieRegressor,
)
from .families_cv import (
    GammaRegressorCV,
    NegativeBinomialRegressorCV,
    PoissonRegressorCV,
    TweedieRegressorCV,
)
from .generalized import GeneralizedLinearRegressor
from .logistic import LogisticRegression
from .logistic_cv import LogisticRegressionCV
from .mlp_classifier import MLPClassifier
from .mlp_regressor import MLPRegressor
from .ordinal import OrdinalRegression
from .ridge_cv import RidgeCV
from .robust import HuberRegressor, QuantileRegressor
from .robust_cv import HuberRegressorCV, QuantileRegressorCV
from .squares import LinearRegression, Ridge
from .survival import CoxRegressor
from .survival_cv import CoxRegressorCV

__all__ = [
    "CoxRegressor",
    "CoxRegressorCV",
    "ElasticNet",
    "ElasticNetCV",
    "GammaRegressor",
    "GammaRegressorCV",
    "GeneralizedLinearRegressor",
    "HuberRegressor",
    "HuberRegressorCV",
    "Lasso",
    "LassoCV",
    "LinearRegression",
    "LogisticRegression",
    "LogisticRegressionCV",
    "MLPClassifier",
    "MLPRegressor",
    "NegativeBinomialRegressor",
    "NegativeBinomialRegressorCV",
    "OrdinalRegression",
    "PoissonRegressor",
    "PoissonRegressorCV",
    "QuantileRegressor",
    "QuantileRegressorCV",
    "Ridge",
    "RidgeCV",
    "TweedieRegressor",
    "TweedieRegressorCV",
]
