"""L-BFGS on heads: to the optimum from float32 features, in variables that follow the curvature."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt._minimize import columns
from hessopt.objectives import Softmax

N, P, K = 6000, 128, 4


def head(dtype=np.float32, n=N, p=P, **options):
    """Random ReLU units of a mixture of normal laws, whose classes are nearly certain."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % K
    seen = rng.normal(size=(K, 20))[y] + 0.55 * rng.normal(size=(n, 20))
    X = np.maximum(seen @ rng.normal(size=(20, p)) / 4 + 0.3 * rng.normal(size=p), 0)
    return Softmax(X.astype(dtype), y, l2=1 / n, **options)


def relative_gradient(f, x):
    """Of that at the start, as float64 sees it."""
    wide = Softmax(np.asarray(f.X, np.float64), f._given[0][1], l2=f.l2)
    largest = [np.abs(wide.value_and_gradient(at)[1]).max() for at in (x, np.zeros(len(x)))]
    return largest[0] / largest[1]


def fit(f, **how):
    start = np.zeros(f.n_parameters)
    return hessopt.minimize(f, start, method="lbfgs", **how)


def test_float32_features_reach_a_millionth_of_the_gradient():
    f = head(n=2000, p=300)
    found = fit(f, options={"gtol_rel": 1e-6})
    assert found.success, found.message
    assert relative_gradient(f, found.x) < 1.5e-6


def test_a_run_on_float32_features_ends_by_itself_where_these_say_no_more():
    f = head(n=2000, p=300)
    found = fit(f)
    assert found.success, found.message
    assert relative_gradient(f, found.x) < 1e-4
    best = hessopt.minimize(head(np.float64, n=2000, p=300), found.x, method="lbfgs")
    assert found.fun - best.fun < 1e-7 * best.fun


def test_rounding_is_told_of_float32_products_alone():
    x = np.random.default_rng(1).normal(size=K * 301) / 10
    narrow, wide = head(n=2000, p=300), head(np.float64, n=2000, p=300)
    assert wide.value_gradient_and_residual(x)[4] == 0
    told = narrow.value_gradient_and_residual(x)
    error = abs(told[0] - wide.value_gradient_and_residual(x)[0])
    assert error <= 3 * told[4] < 1e-7 * told[0]


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_metric_against_numpy(dtype, fit_intercept):
    rng = np.random.default_rng(2)
    weight, offset = rng.random(N), rng.normal(size=(N, K))
    f = head(dtype, sample_weight=weight, offset=offset, fit_intercept=fit_intercept)
    x, scale = rng.normal(size=f.n_parameters) / 10, 0.5 + rng.random(P)
    mean, factor, curvature = f.class_metric(x, scale, 2)
    X, W = np.asarray(f.X, np.float64)[::2], x.reshape(K, -1)
    eta = X @ W[:, :P].T + offset[::2] + (W[:, P] if fit_intercept else 0)
    pi = np.exp(eta - eta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    w = weight[::2] / weight[::2].sum() * (1 - (pi**2).sum(axis=1)) / (K - 1)
    assert curvature == pytest.approx(w.sum(), rel=1e-12)
    centre = w @ X / w.sum() if fit_intercept else np.zeros(P)
    np.testing.assert_allclose(mean, centre[: len(mean)], rtol=1e-6 if dtype == "f4" else 1e-12)
    Z = (X - centre) / scale
    want = (w / w.sum() * Z.T) @ Z
    want += np.diag(f.l2 / scale**2 / w.sum() + 1e-6 * np.diag(want))
    tolerance = 1e-5 if dtype is np.float32 else 1e-12
    np.testing.assert_allclose(np.tril(factor) @ np.tril(factor).T, want, atol=tolerance)


def test_no_metric_where_there_is_no_curvature():
    f = Softmax(np.eye(4), [0, 1, 2, 3])
    certain = np.c_[1e6 * np.eye(4), np.zeros(4)].ravel()
    assert f.class_metric(certain, np.ones(4)) is None
    far = Softmax(1e6 + np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) % 2)
    assert far.class_metric(np.zeros(6), np.ones(2)) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_metric_saves_evaluations_and_leads_to_the_same_optimum(dtype, monkeypatch):
    f = head(dtype)
    tolerance = 1e-6 if dtype is np.float32 else 1e-9
    here = fit(f, options={"gtol_rel": tolerance})
    monkeypatch.setattr(columns, "_FEW_COLUMNS", P + 1)
    plain = fit(f, options={"gtol_rel": tolerance})
    assert here.success
    assert plain.success
    assert here.nfev < 0.7 * plain.nfev
    assert relative_gradient(f, here.x) < 1.5 * tolerance
    assert here.fun == pytest.approx(plain.fun, rel=10 * tolerance)


def test_variables_renewed_under_way_change_no_point():
    f = head(np.float64)
    scale = columns.units(f.column_moments[1], f.l2)
    solver = hessopt.LBFGS(np.zeros(f.n_parameters), gtol_rel=1e-6)
    solver._standardize(scale, f.column_moments[0], f.n_rows)
    for _ in range(30):
        solver.tell(*f.value_gradient_and_residual(solver.ask()))
    before = solver.x, solver.fun
    solver._renew(*f.class_metric(solver.x, scale))
    np.testing.assert_allclose(solver.x, before[0], rtol=1e-10, atol=1e-12)
    assert solver.fun == before[1]
    twin = pickle.loads(pickle.dumps(solver))
    for each in (solver, twin):
        while each.needs:
            each.tell(*f.value_gradient_and_residual(each.ask()))
    assert np.array_equal(solver.x, twin.x)
    assert solver.status == hessopt.Status.GRADIENT


def test_a_checkpointed_run_renews_where_the_other_does(tmp_path):
    f = head()
    options = {"gtol_rel": 1e-6}
    whole = fit(f, options=options)
    file = tmp_path / "run"
    fit(f, options=options | {"maxiter": 15}, checkpoint=file, checkpoint_every=1)
    parts = fit(f, options=options, checkpoint=file, checkpoint_every=1)
    assert parts.njev == whole.njev
    assert np.array_equal(parts.x, whole.x)


def test_large_heads_go_to_lbfgs():
    f = head(p=600, n=1500)
    found = hessopt.minimize(f, np.zeros(f.n_parameters), options={"maxiter": 3})
    assert "hess_inv" in found
