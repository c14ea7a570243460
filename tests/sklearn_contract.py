"""scikit-learn's check_estimator on every estimator: nothing skipped, failures with their reason.

    SCIPY_ARRAY_API=1 python tests/sklearn_contract.py [-v] [NAME ...]

The variable has to be set before SciPy is imported, else checks of array APIs are skipped.
"""

import multiprocessing
import os
import sys
import warnings

os.environ["SCIPY_ARRAY_API"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of either process

from sklearn.utils.estimator_checks import check_estimator

import hessopt.sklearn

ESTIMATORS = {name: getattr(hessopt.sklearn, name)() for name in hessopt.sklearn.__all__}
ESTIMATORS["CoxRegressor by Breslow"] = hessopt.sklearn.CoxRegressor(alpha=0.1, ties="breslow")
# Of a hundred penalties each check would fit them all in every fold.
for name in ("ElasticNetCV", "HuberRegressorCV", "LassoCV", "QuantileRegressorCV"):
    ESTIMATORS[name].set_params(alphas=[1e-3, 0.03, 1.0])
EFRON = (
    "a row that comes twice is a tie, which Efron's terms count as of two, and a weight of 2 of one"
)
CERTAIN = "wants probabilities of labels below 1, which a network that fits its rows rounds to"
INTERPOLATED = (
    "folds that leave out copies of the rows that they keep, fewer than columns: whatever the "
    "penalty, the scale is 0 and scores are alike, so that rounding chooses"
)
WEIGHTS = [f"check_sample_weight_equivalence_on_{kind}_data" for kind in ("dense", "sparse")]
#: Checks that fail for a reason.
EXPECTED = {
    "CoxRegressor": dict.fromkeys(WEIGHTS, EFRON),
    "CoxRegressorCV": dict.fromkeys(WEIGHTS, EFRON),
    "HuberRegressorCV": dict.fromkeys(WEIGHTS, INTERPOLATED),
    "MLPClassifier": {"check_classifiers_multilabel_output_format_predict_proba": CERTAIN},
}


def checks(name):
    """Checks of an estimator, by what became of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = check_estimator(
            ESTIMATORS[name],
            on_fail=None,
            on_skip=None,
            expected_failed_checks=EXPECTED.get(name),
        )
    return {
        status: [
            f"{one['check_name']}: {one['exception']!r}"[:400]
            for one in done
            if one["status"] == status
        ]
        for status in {one["status"] for one in done}
    }


def main(names):
    missed, names = 0, names or list(ESTIMATORS)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for name, found in zip(names, pool.imap(checks, names), strict=True):
            print(name, {status: len(which) for status, which in found.items()})
            for status, which in found.items():
                for check in which if status not in ("passed", "xfail") else ():
                    missed += 1
                    print(f"  {status}: {check}")
    return missed


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
