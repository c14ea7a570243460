"""Leverages against hat matrices in NumPy, of every loss and every kind of rows."""

import numpy as np
import pytest

import hessopt
from hessopt import objectives
from losses import LOSSES
from teams import check_bits

sparse = pytest.importorskip("scipy.sparse")

N, P = 150, 7


def table(dtype=np.float64, shift=0.0):
    rng = np.random.default_rng(1)
    return (rng.normal(size=(N, P)) * rng.uniform(0.2, 3, P) + shift).astype(dtype)


def given(intercept, p=P):
    rng = np.random.default_rng(2)
    return {
        "l2": rng.uniform(0.01, 0.1, p),
        "sample_weight": rng.integers(0, 3, N),
        "offset": 0.1 * rng.normal(size=N),
        "fit_intercept": intercept,
    }


def hat(f, x, Z):
    """wᵢ ℓ″ᵢ zᵢᵀ H⁻¹ zᵢ, ℓ″ from differences of nothing: H is the witness of `test_objectives`."""
    if f.n_parameters > Z.shape[1]:
        Z = np.column_stack([Z, np.ones(len(Z))])
    H = f.hessian(x)
    curvature = f._influence(x)[3]
    weight = f._given[1]["sample_weight"]
    weight = np.ones(len(Z)) if weight is None else weight
    weight = weight / weight.sum()
    assert np.allclose((Z.T * (weight * curvature)) @ Z + np.diag(f.l2_of_parameters), H)
    return weight * curvature * np.einsum("ij,jk,ik->i", Z, np.linalg.inv(H), Z)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("kind", LOSSES)
def test_leverages_of_every_loss(kind, intercept):
    y = LOSSES[kind][0](np.random.default_rng(3), N)
    f = kind(table(), y, **given(intercept))
    x = np.linspace(0.05, 0.1, f.n_parameters)
    if np.linalg.eigvalsh(f.hessian(x))[0] <= 0:
        with pytest.raises(np.linalg.LinAlgError, match="x: got a Hessian that is not positive"):
            f.leverages(x)
        return
    np.testing.assert_allclose(f.leverages(x), hat(f, x, table()), rtol=1e-10, atol=1e-14)


def logistic(X, **options):
    y = np.random.default_rng(5).integers(0, 2, N)
    f = objectives.Logistic(X, y, **options)
    return f, np.linspace(-0.3, 0.4, f.n_parameters)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("order", "CF")
def test_dtypes_and_orders(dtype, order):
    f, x = logistic(np.array(table(dtype), order=order), l2=0.01)
    np.testing.assert_allclose(f.leverages(x), hat(f, x, table(dtype).astype(float)), rtol=1e-10)


def test_columns_far_from_zero_keep_their_digits():
    f, x = logistic(table(shift=1e6), l2=1e-8)
    x[-1] -= 1e6 * x[:-1].sum()
    near, _ = logistic(table(shift=1e6) - 1e6, l2=1e-8)
    at = x.copy()
    at[-1] += 1e6 * x[:-1].sum()
    np.testing.assert_allclose(f.leverages(x), near.leverages(at), rtol=1e-6)


def mixed():
    rng = np.random.default_rng(6)
    dense = rng.normal(size=(N, 2)) + 3
    few = np.where(rng.random((N, 5)) < 0.3, rng.normal(size=(N, 5)), 0.0)
    codes = [rng.integers(0, levels, N) for levels in (3, 12)]
    codes[1][::7] = 12  # no level
    wide = [np.eye(levels + 1)[c][:, :levels] for c, levels in zip(codes, (3, 12), strict=True)]
    codes[1][::7] = 255
    kinds = [
        hessopt.Categorical(c.astype(np.uint8), n) for c, n in zip(codes, (3, 12), strict=True)
    ]
    return {
        "csr": (sparse.csr_array(few), few),
        "csc": (sparse.csc_array(few), few),
        "ones": (sparse.csr_array(1.0 * (few != 0)), 1.0 * (few != 0)),
        "float32": (sparse.csr_array(few.astype(np.float32)), few.astype(np.float32).astype(float)),
        "categorical": (kinds[1], wide[1]),
        "columns": (
            hessopt.Columns([kinds[0], dense, sparse.csr_array(few), kinds[1]]),
            np.hstack([wide[0], dense, few, wide[1]]),
        ),
    }


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("form", mixed())
def test_rows_that_are_not_dense(form, intercept):
    X, dense = mixed()[form]
    f, x = logistic(X, **given(intercept, dense.shape[1]))
    np.testing.assert_allclose(f.leverages(x), hat(f, x, dense), rtol=1e-10, atol=1e-15)


def test_effective_number_of_parameters():
    free, x = logistic(table())
    assert free.leverages(x).sum() == pytest.approx(P + 1, rel=1e-12)
    held, x = logistic(table(), l2=0.1)
    post = hessopt.laplace(held, x)
    assert held.leverages(x).sum() == pytest.approx(post.effective_parameters, rel=1e-10)


@pytest.mark.parametrize("form", ["dense", "columns"])
def test_same_bits_for_any_team(form):
    rng = np.random.default_rng(0)
    n = 6000
    X = rng.normal(size=(n, 30))
    if form == "columns":
        X = hessopt.Columns([X[:, :4], hessopt.Categorical(rng.integers(0, 40, n), 40)])
    f = objectives.Logistic(X, rng.integers(0, 2, n), l2=0.01)
    x = np.linspace(-0.1, 0.1, f.n_parameters)
    check_bits(lambda: [part.tobytes() for part in f._influence(x)])


def test_what_is_wrong_is_named():
    f, x = logistic(np.ones((N, 2)))
    with pytest.raises(np.linalg.LinAlgError, match=r"x: .*want columns of X that are linearly"):
        f.leverages(x)
    f, x = logistic(table(), l2=0.1)
    with pytest.raises(ValueError, match="x: "):
        f.leverages(x[1:])
    with pytest.raises(ValueError, match="x: got NaN or inf in the Hessian"):
        f.leverages(np.full_like(x, np.nan))


def test_losses_at_other_predictors():
    for kind, (targets, *_) in LOSSES.items():
        f = kind(table(), targets(np.random.default_rng(3), N))
        eta = np.linspace(0.1, 1.5, N)
        y = f._given[0][1]
        want = []
        for i in range(0, N, 9):
            one = kind([[0.0]], y[i : i + 1], offset=eta[i : i + 1], fit_intercept=False)
            want.append(one.value_and_gradient([0.0])[0])
        np.testing.assert_allclose(f.losses_at(eta)[::9], want, rtol=1e-14)
