"""scikit-learn's own tests of its linear models, run on the estimators of hessopt.sklearn.

    python tests/sklearn_suite.py [-v]

The tests are those in the installed scikit-learn. While they run, the names of its estimators stand
for ours, which are given its arguments: of solvers the nearest, and what tunes its own is ignored.
A test applies if it fits one of ours; it counts as passed if it passes unchanged. Those that are
known to fail are listed with the reason; any other failure, and any of these that passes, ends the
program with status 1.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import fnmatch
import inspect
import io
import sys
from pathlib import Path
from typing import Any

import pytest
import sklearn
from sklearn import linear_model, neural_network

import hessopt.sklearn

VERSION = "1.9"  # of scikit-learn, that the list was made with
FILES = {
    "linear_model/tests/test_logistic.py": ["LogisticRegression"],
    "linear_model/tests/test_base.py": ["LinearRegression"],
    "linear_model/tests/test_huber.py": ["HuberRegressor"],
    "linear_model/tests/test_quantile.py": ["QuantileRegressor"],
    "linear_model/tests/test_ridge.py": ["LinearRegression", "Ridge", "RidgeCV"],
    "linear_model/tests/test_coordinate_descent.py": ["ElasticNet", "Lasso", "Ridge"],
    "linear_model/_glm/tests/test_glm.py": [
        "PoissonRegressor",
        "GammaRegressor",
        "TweedieRegressor",
    ],
    "neural_network/tests/test_mlp.py": ["MLPClassifier", "MLPRegressor"],
}
SOLVERS = {
    "lbfgs": "lbfgs",
    "newton-cg": "newton_cg",
    "newton-cholesky": "newton",
    "adam": "adam",
    "sgd": "adam",
}
#: Patterns of names of tests, by the reason for which they fail.
KNOWN: dict[str, list[str]] = {
    "wants arguments that scikit-learn deprecates, and its words about them: penalty, n_jobs": [
        "test_logistic::test_elastic_net_l1_l2_equivalence*-l1-*",
        "test_logistic::test_elastic_net_vs_l1_l2*",
        "test_logistic::test_l1_ratio_non_elasticnet",
        "test_logistic::test_penalty_none*",
        "test_logistic::test_l1_ratio_None_deprecated",
        "test_logistic::test_logisticregression_warns_with_n_jobs",
        "test_logistic::test_lr_penalty_l1ratio_incompatible*",
        "test_logistic::test_elasticnet_l1_ratio_err_helpful[[]LogisticRegression-*",
        "test_logistic::test_penalty_deprecated[[]LogisticRegression[]]",
    ],
    "of liblinear, SAG and SAGA: their randomness, their limits, their float64": [
        "test_logistic::test_liblinear_dual_random_state*",
        "test_logistic::test_dtype_match*liblinear*",
        "test_logistic::test_large_sparse_matrix*",
        "test_logistic::test_liblinear_with_large_values",
        "test_logistic::test_liblinear_multiclass_raises[[]LogisticRegression[]]",
    ],
    "wants the very words or the iterates of a solver of scikit-learn's": [
        "test_logistic::test_max_iter*",
        "test_logistic::test_warm_start_newton_solver*",
        "test_logistic::test_newton_cholesky_fallback_to_lbfgs",
        "test_logistic::test_check_solver_option[[]LogisticRegression[]]",
        "test_glm::test_linalg_warning_with_newton_solver*",
    ],
    "holds one of ours against theirs at a tolerance of 1e-4 of the gradient": [
        "test_logistic::test_logistic_cv[[]*",
        "test_logistic::test_logistic_cv_multinomial_score*neg_log_loss*",
        "test_logistic::test_scores_attribute_layout_elasticnet",
    ],
    "wants two fits that end by a tolerance of the gradient to agree to 1e-7 of each number": [
        "test_glm::test_glm_sample_weight_consistency*0.0-False*",
        "test_logistic::test_logreg_l1*",
    ],
    "counts an iteration that is not run, and wants an estimator where one begins": [
        "test_logistic::test_logistic_regression_callback*",
    ],
    "wants what is not here: sparsify, copy_X, an error of positive sparse, linear programs": [
        "test_logistic::test_sparsify*",
        "test_base::test_raises_value_error_if_positive_and_sparse",
        "test_base::test_inplace_data_preprocessing*",
        "test_quantile::test_error_interior_point_future",
    ],
    "wants links of the Tweedie laws that no objective here has": [
        "test_glm::test_tweedie_score[[]log-0[]]",
        "test_glm::test_tweedie_score[[]identity-1.5[]]",
        "test_glm::test_tweedie_score[[]identity-3[]]",
    ],
    "wants what networks have not here: partial_fit, batch sizes, rates, max_fun, early stopping": [
        "test_mlp::test_*partial_fit*",
        "test_mlp::test_multilabel_classification",
        "test_mlp::test_verbose_sgd",
        "test_mlp::test_*maxfun*",
        "test_mlp::test_*early_stopping*",
        "test_mlp::test_adaptive_learning_rate",
        "test_mlp::test_n_iter_no_change*",
        "test_mlp::test_shuffle",
        "test_mlp::test_mlp_diverging_loss",
        "test_mlp::test_minimum_input_sample_size",
    ],
    "wants Adam to end, or to warn, by a tolerance; here it ends with its epochs": [
        "test_mlp::test_tolerance",
        "test_mlp::test_mlp_warm_start_no_convergence*sgd*",
        "test_mlp::test_mlp_warm_start_no_convergence*adam*",
    ],
    "fits a classifier to one class": ["test_mlp::test_preserve_feature_names*MLPClassifier*"],
    "wants RidgeCV with several targets, errors of every row, a scoring": [
        "test_ridge::test_ridge_gcv_vs_ridge_loo_cv*",
        "test_ridge::test_ridge_gcv_sample_weights*",
        "test_ridge::test_ridge_gcv_integer_arrays*",
        "test_ridge::test_ridge_cv_results_predictions*",
        "test_ridge::test_ridgecv_store_cv_results*",
        "test_ridge::test_ridge_cv_multioutput_sample_weight*",
        "test_ridge::test_ridge_cv_individual_penalties",
        "test_ridge::test_ridge_cv_custom_multioutput_scorer*",
    ],
    "wants other words of RidgeCV's alphas, or an alpha of 0": [
        "test_ridge::test_ridgecv_alphas_zero*",
        "test_ridge::test_ridgecv_alphas_validation*",
    ],
    "chooses by R² of folds of one row, which is NaN": ["test_ridge::test_ridgecv_sample_weight"],
    "leaves rows out under a penalty of 1e-16 where they are no more than columns: an error": [
        "test_ridge::test_regularization_limits_ridge_gcv*square*zero_alpha*",
        "test_ridge::test_regularization_limits_ridge_gcv*wide*zero_alpha*",
    ],
    "looks at solvers of scikit-learn's Ridge: names, words, iterations, what they refuse": [
        "test_ridge::test_ridge_regression[[]*",
        "test_ridge::test_ridge_positive_error_test*",
        "test_ridge::test_ridge_fit_intercept_sparse_error*",
        "test_ridge::test_ridge_fit_intercept_sparse_sag*",
        "test_ridge::test_ridge_individual_penalties",
        "test_ridge::test_n_iter",
        "test_ridge::test_lbfgs_solver_error*",
        "test_ridge::test_regularization_limits_ridge_gcv[[]csr_*svd*",
    ],
    "of coordinate descent: its dual gaps, Gram matrices, words, count of iterations, targets": [
        "test_coordinate_descent::test_lasso_zero",
        "test_coordinate_descent::test_lasso_toy",
        "test_coordinate_descent::test_enet_coordinate_descent_raises_convergence*",
        "test_coordinate_descent::test_enet_toy",
        "test_coordinate_descent::test_lasso_dual_gap",
        "test_coordinate_descent::test_lasso_readonly_data",
        "test_coordinate_descent::test_lasso_alpha_warning",
        "test_coordinate_descent::test_enet_nonfinite_params",
        "test_coordinate_descent::test_enet_multitarget",
        "test_coordinate_descent::test_elasticnet_precompute_incorrect_gram",
        "test_coordinate_descent::test_overridden_gram_matrix",
        "test_coordinate_descent::test_lassoCV_does_not_set_precompute*",
        "test_coordinate_descent::test_warm_start_convergence_with_regularizer_decrement",
    ],
    "looks at what scikit-learn's estimators have inside": [
        "test_mlp::test_gradient",
        "test_mlp::test_learning_rate_warmstart",
        "test_glm::test_warm_start*",
        "test_glm::test_tweedie_link*",
    ],
}


class Fits:
    """How often ours are fitted."""

    count = 0


def stand_in(name: str) -> type:
    """Ours with the arguments of theirs."""
    home = neural_network if name.startswith("MLP") else linear_model
    ours, theirs = getattr(hessopt.sklearn, name), getattr(home, name)
    signature = inspect.signature(theirs.__init__)
    own = inspect.signature(ours.__init__).parameters
    alone = {k: v.default for k, v in own.items() if k not in signature.parameters and k != "self"}

    def init(self: Any, *args: Any, **keywords: Any) -> None:
        bound = signature.bind(self, *args, **keywords)
        bound.apply_defaults()
        for key, value in list(bound.arguments.items())[1:]:
            setattr(self, key, value)

    init.__signature__ = signature  # type: ignore[attr-defined]

    def fit(self: Any, X: Any, y: Any, sample_weight: Any = None) -> Any:
        Fits.count += 1
        return ours.fit(self, X, y, sample_weight=sample_weight)

    def minimum(self: Any, *args: Any) -> Any:
        asked = self.solver
        self.solver = SOLVERS.get(asked, "auto")
        if getattr(self, "l1_ratio", 0):
            self.solver = "auto"
        try:
            return ours._minimum(self, *args)
        finally:
            self.solver = asked

    members = {
        "__init__": init,
        "fit": fit,
        "_parameter_constraints": theirs._parameter_constraints,
        **alone,
    }
    if hasattr(ours, "_minimum") and "solver" in signature.parameters:
        members["_minimum"] = minimum
    return type(name, (ours,), members)


class Watch:
    """A pytest plugin: the outcome of each test that applies."""

    def __init__(self) -> None:
        self.failures: dict[str, str] = {}
        self.passed: list[str] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Let the names of a file's estimators stand for ours."""
        made = {name: stand_in(name) for names in FILES.values() for name in names}
        for item in items:
            for names in (n for file, n in FILES.items() if str(item.path).endswith(file)):
                for name in names:
                    setattr(item.module, name, made[name])
                given = getattr(item, "callspec", None)
                for key, value in given.params.items() if given else ():
                    if inspect.isclass(value) and value.__name__ in names:
                        given.params[key] = made[value.__name__]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        """Run a test."""
        before, name = Fits.count, f"{item.path.stem}::{item.name}"
        try:
            found = yield
        except pytest.xfail.Exception:  # of what theirs does not hold
            raise
        except (Exception, pytest.fail.Exception) as error:
            if Fits.count > before:
                self.failures[name] = f"{type(error).__name__}: {error}".replace("\n", " ")[:150]
            raise
        if Fits.count > before:
            self.passed.append(name)
        return found


def main() -> int:
    """Run the tests, and say what became of those that apply."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", action="store_true", help="show each test that passes, too")
    arguments = parser.parse_args()
    watch, root = Watch(), Path(sklearn.__file__).parent
    plain = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "-c", "/dev/null"]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(
            [*plain, f"--rootdir={root}", *(str(root / file) for file in FILES)], plugins=[watch]
        )
    if arguments.v:
        print("\n".join(f"passed  {name}" for name in watch.passed))
    listed = collections.defaultdict(list)
    unknown = []
    for name, error in watch.failures.items():
        for reason, patterns in KNOWN.items():
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                listed[reason].append(name)
                break
        else:
            unknown.append(f"FAILED  {name}: {error}")
    for reason, names in listed.items():
        print(f"{len(names)} of {reason}:\n  " + "\n  ".join(names))
    print("\n".join(unknown))
    total = len(watch.passed) + len(watch.failures)
    print(f"scikit-learn {sklearn.__version__}: {len(watch.passed)} of {total} pass unchanged")
    return len(unknown)


if __name__ == "__main__":
    sys.exit(bool(main()))
