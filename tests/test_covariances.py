"""Covariances of every kind, on every kind of rows, against their formulas."""

import numpy as np
import pytest

import families
import hessopt
from hessopt.objectives import Gamma, Logistic, Poisson
from inferred import (
    CLUSTERS,
    OFFSET,
    RNG,
    ROWS,
    TARGETS,
    WEIGHT,
    N,
    X,
    every_kind,
    minimum,
    rows_of,
)
from teams import check_bits


def by_formula(f, x, kind, weights, A):
    """In NumPy, from the derivatives of single rows."""
    l2, weight = f.l2_of_parameters, f._given[1]["sample_weight"]
    w = np.ones(len(A)) if weight is None else weight
    eta = A @ x + (0 if f._given[1]["offset"] is None else f._given[1]["offset"])
    single = [
        type(f)([[1.0]], [y], fit_intercept=False).evaluate([e], hessian=True)
        for y, e in zip(f._given[0][1], eta, strict=True)
    ]
    first, second = np.array([[g[0], H[0, 0]] for _, g, H, _ in single]).T
    inverse = np.linalg.inv((A.T * (w * second)) @ A + w.sum() * np.diag(l2))
    often = w if weights == "frequency" else np.ones(len(A))
    n, p = (w.sum() if weights == "frequency" else (w > 0).sum()), len(x)
    share = w / np.where(often > 0, often, 1)
    if kind == "cluster":
        labels = np.unique(CLUSTERS[w > 0])
        scores = np.array([(w * first * (label == CLUSTERS)) @ A for label in labels])
        G = len(labels)
        return inverse @ scores.T @ scores @ inverse * (G / (G - 1) * (n - 1) / (n - p))
    if kind == "HC3":
        first = first / (1 - share * second * np.einsum("ij,jk,ik->i", A, inverse, A))
    B = (A.T * (often * (share * first) ** 2)) @ A
    return inverse @ B @ inverse * (n / (n - p) if kind == "HC1" else 1)


@pytest.mark.parametrize("weights", ["frequency", "variance"])
@pytest.mark.parametrize("rows", ROWS)
@every_kind
def test_sandwiches_are_their_formulas(kind, rows, weights):
    for options in ({}, {"sample_weight": WEIGHT, "offset": OFFSET, "l2": 0.01}):
        for intercept in (True, False):
            y = TARGETS[kind]
            f = kind(rows_of(rows), y, fit_intercept=intercept, **options)
            x = minimum(f)
            design = X.astype(np.float32).astype(float) if "32" in rows else X
            A = np.column_stack([design, np.ones(N)]) if intercept else design
            for name in ("HC0", "HC1", "HC3", "cluster"):
                clusters = CLUSTERS if name == "cluster" else None
                got = f.covariance(x, kind=name, clusters=clusters, weights=weights)
                want = by_formula(f, x, name, weights, A)
                np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11 * np.abs(want).max())


@pytest.mark.parametrize("name", families.NAMES)
def test_expected_information_is_the_mean_over_the_law(name):
    """By the derivative of the mean, taken by differences."""
    f = families.model(name, l2=0.1)
    x = np.array(families.CASES[name].coefficients)
    A = np.column_stack([families.data(name)[0], np.ones(300)])
    eta, h = f.predictor(x), 1e-5
    slope = (f.mean(eta + h) - f.mean(eta - h)) / (2 * h)
    information = (A.T * (slope**2 / f.variance(f.mean(eta)))) @ A + 300 * np.diag([0.1] * 3 + [0])
    got = f.covariance(x, kind="expected", dispersion=2.0)
    np.testing.assert_allclose(got, 2 * np.linalg.inv(information), rtol=1e-6)


@every_kind
def test_expected_is_observed_at_canonical_links(kind):
    if kind is Gamma:
        f = Gamma(np.abs(X), TARGETS[kind], link="inverse")
        x = hessopt.minimize(f, f.start(), tol=1e-12).x
    else:
        f = kind(X, TARGETS[kind], offset=OFFSET)
        x = minimum(f)
    np.testing.assert_allclose(f.covariance(x, kind="expected"), f.covariance(x), rtol=1e-10)


def test_clusters_of_one_row_each_are_the_rows():
    f = Poisson(rows_of("mixed"), TARGETS[Poisson])
    x = minimum(f)
    one_each = f.covariance(x, clusters=RNG.permutation(N))
    want = f.covariance(x, kind="HC0") * (N / (N - 1) * (N - 1) / (N - 6))
    np.testing.assert_allclose(one_each, want, rtol=1e-11)


def test_clusters_come_as_numbers_or_categories():
    pd = pytest.importorskip("pandas")
    f = Logistic(X, TARGETS[Logistic])
    x = minimum(f)
    want = f.covariance(x, clusters=CLUSTERS)
    labels, codes = np.unique(CLUSTERS, return_inverse=True)
    for clusters in (
        hessopt.Categorical(codes, len(labels)),
        pd.Series(CLUSTERS).map(str).astype("category"),
    ):
        np.testing.assert_allclose(f.covariance(x, clusters=clusters), want, rtol=1e-12)


@pytest.mark.parametrize("far", [0.0, 1e6])
def test_sandwiches_of_columns_far_from_zero(far):
    moved = X + far * np.array([1, 0, 0, 0, 0])
    near, there = Poisson(X, TARGETS[Poisson]), Poisson(moved, TARGETS[Poisson])
    x = minimum(near)
    at = x - np.array([0, 0, 0, 0, 0, far * x[0]])
    for options in ({"kind": "HC1"}, {"kind": "expected"}, {"clusters": CLUSTERS}):
        want = np.diag(near.covariance(x, **options))[:5]
        np.testing.assert_allclose(
            np.diag(there.covariance(at, **options))[:5], want, rtol=1e-8 if far else 1e-13
        )


def test_no_bit_of_a_sandwich_depends_on_the_team():
    rng = np.random.default_rng(3)
    wide = rng.normal(size=(5000, 40))
    sparse = pytest.importorskip("scipy.sparse").csr_array(wide * (rng.random(wide.shape) < 0.1))
    groups, y, x = rng.integers(0, 3000, 5000), rng.poisson(1.0, 5000), np.full(41, 0.01)

    def bits():
        models = Poisson(wide, y), Poisson(sparse, y)
        found = [f.covariance(x, kind=k) for f in models for k in ("HC1", "HC3", "expected")]
        return [c.tobytes() for c in (*found, *(f.covariance(x, clusters=groups) for f in models))]

    check_bits(bits)
