"""NIST's certified regressions: the table itself, and what the solvers make of it."""

import functools
from fractions import Fraction

import numpy as np
import pytest

import hessopt
import nist
from jets import variables


def test_all_twenty_seven_are_there():
    assert len(nist.REGRESSIONS) == len(nist.TABLE["nonlinear"]) == 27


@pytest.mark.parametrize("problem", nist.REGRESSIONS, ids=lambda p: p.name)
def test_squares_and_standard_errors_are_the_certified_ones(problem):
    b = problem.values
    r = problem.model(variables(b, 1), problem.x) - problem.y
    f, g = problem.fun(b)
    free = len(r) - len(b)
    if problem.name == "Lanczos1":  # an exact fit: what is left is the rounding of 11 digits
        assert f < 1e-20
        return
    assert f == pytest.approx(problem.squares, rel=2e-10)
    unit = np.linalg.norm(r.gradient, axis=0)
    assert (np.abs(g) <= 1e-4 * unit * np.linalg.norm(r.value)).all()
    R = np.linalg.qr(r.gradient / unit, mode="r")
    errors = np.sqrt((np.linalg.inv(R) ** 2).sum(1) * f / free) / unit
    np.testing.assert_allclose(errors, nist.TABLE["nonlinear"][problem.name]["errors"], rtol=1e-6)


@pytest.mark.parametrize("name", nist.TABLE["linear"])
def test_linear_coefficients_are_exact(name):
    """The normal equations hold in rational numbers, up to the 15 digits of the coefficients."""
    row = nist.TABLE["linear"][name]
    exact = [Fraction(repr(v)) for v in row["values"]]
    x = row["x"] if row["degree"] == 0 else [row["x"]]
    columns = [[Fraction(repr(v)) for v in column] for column in x]
    if row["degree"]:
        columns = [[v**k for v in columns[0]] for k in range(1, row["degree"] + 1)]
    columns = [[Fraction(1)] * len(row["y"]), *columns]
    y = [Fraction(repr(v)) for v in row["y"]]
    rows = list(zip(*columns, strict=True))
    for column in columns:
        terms = [
            [c * a * b for a, b in zip(line, exact, strict=True)]
            for c, line in zip(column, rows, strict=True)
        ]
        left = sum(map(sum, terms)) - sum(c * v for c, v in zip(column, y, strict=True))
        assert abs(left) <= Fraction(1, 10**14) * sum(abs(t) for line in terms for t in line)


@functools.cache
def runs(method):
    """Correct digits and success from both starts of every nonlinear problem."""
    ends = []
    for problem in nist.REGRESSIONS:
        second = {} if "bfgs" in method else {"hess": problem.hess}
        for start in problem.starts:
            with np.errstate(all="ignore"):
                found = hessopt.minimize(problem.fun, start, jac=True, method=method, **second)
            ends.append((problem.digits(found.x), found.success))
    return ends


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "least"),
    [("newton", 46), ("trust_region", 46), ("newton_cg", 40), ("lbfgs", 40), ("bfgs", 40)],
)
def test_four_digits_at_the_default_tolerance(method, least):
    assert sum(digits >= 4 for digits, _ in runs(method)) >= least


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs"])
def test_longley_on_its_raw_columns(method):
    X, y, values = nist.linear("Longley")
    found = hessopt.minimize(hessopt.objectives.Squared(X, y), np.zeros(7), method=method)
    assert found.success
    np.testing.assert_allclose(found.x, values, rtol=1e-6)
