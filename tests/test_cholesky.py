import copy
import pickle

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

import hessopt

EPS = np.finfo(np.float64).eps


def positive(n, seed=0, condition=10.0):
    """A symmetric matrix with eigenvalues from 1 to `condition`."""
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * np.geomspace(1, condition, n)) @ Q.T
    return (H + H.T) / 2


def symmetric(n, seed=0):
    A = np.random.default_rng(seed).normal(size=(n, n))
    return A + A.T


def gap(got, want):
    return np.abs(got - want).max() / max(np.abs(want).max(), 1e-300)


@pytest.mark.parametrize("n", [1, 2, 3, 11, 12, 13, 24, 95, 96, 97, 100, 300])
def test_everything_about_a_factor_agrees_with_numpy(n):
    H = positive(n, n)
    b = np.random.default_rng(n).normal(size=(n, 3))
    keep = H.copy()
    factor = hessopt.Cholesky(H)
    assert gap(factor.factor, np.linalg.cholesky(H)) < 1e-13
    assert (np.triu(factor.factor, 1) == 0).all()
    assert gap(factor.solve(b), np.linalg.solve(H, b)) < 1e-12
    assert gap(factor.solve(b[:, 0]), np.linalg.solve(H, b[:, 0])) < 1e-12
    assert factor.solve(np.empty((n, 0))).shape == (n, 0)
    assert factor.logdet == pytest.approx(np.linalg.slogdet(H)[1], abs=1e-11)
    inverse = factor.inverse()
    assert (inverse == inverse.T).all()
    assert gap(inverse, np.linalg.inv(H)) < 1e-12
    assert gap(factor.inverse_diagonal(), np.diag(np.linalg.inv(H))) < 1e-12
    assert (factor.perturbation == 0).all()
    assert factor.perturbation.shape == (n,)
    assert np.array_equal(H, keep)


@given(
    n=st.integers(1, 130),
    k=st.integers(0, 4),
    rows=st.integers(1, 3),
    cols=st.integers(1, 3),
    order=st.sampled_from("CF"),
    backwards=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
)
@settings(max_examples=60, deadline=None)
def test_any_shape_and_stride(n, k, rows, cols, order, backwards, dtype):
    H = positive(n, n).astype(dtype)
    wide = np.full((rows * n, cols * n), np.nan, dtype, order=order)
    view = wide[::rows, ::cols]
    if backwards:
        view = view[::-1, ::-1]
    view[...] = np.tril(H)
    b = np.random.default_rng(k).normal(size=(n, 2 * k))[:, ::2].astype(dtype)
    tolerance = 1e-12 if dtype == np.float64 else 1e-4
    want = np.linalg.solve(H.astype(np.float64), b)
    x = hessopt.cholesky_solve(view, b)
    assert x.dtype == dtype
    assert x.shape == b.shape
    factor = hessopt.Cholesky(view)
    assert gap(factor.factor, np.linalg.cholesky(H.astype(np.float64))) < 1e-13
    if k:
        assert gap(x, want) < tolerance
        assert gap(factor.solve(b), want) < 1e-12


@pytest.mark.parametrize("n", [8, 60, 150])
def test_ill_conditioned_systems_leave_a_small_residual(n):
    hilbert = scipy.linalg.hilbert(n) + 1e-12 * np.eye(n)
    for H in (hilbert, positive(n, 1, 1e12)):
        b = H @ np.ones(n)
        factor = hessopt.Cholesky(H)
        L = factor.factor
        assert gap(L @ L.T, H) < 10 * n * EPS
        x = factor.solve(b)
        assert np.abs(H @ x - b).max() < 100 * n * EPS * np.abs(H).max() * np.abs(x).sum()


@pytest.mark.parametrize("condition", [1.0, 1e3, 1e8, 1e12])
@pytest.mark.parametrize("n", [1, 2, 50, 200])
def test_rcond_is_within_a_factor_of_ten(n, condition):
    H = positive(n, n, condition)
    want = 1 / np.linalg.cond(H, 1)
    assert want / 2 < hessopt.Cholesky(H).rcond < 10 * want


@pytest.mark.parametrize("row", [0, 3, 4, 11, 12, 47, 95, 96, 130, 299])
def test_the_failing_pivot_is_named(row):
    H = np.eye(300)
    H[row, row] = -2.0
    for precision in ("float64", "float32"):
        with pytest.raises(np.linalg.LinAlgError, match=rf"H: .* pivot {row} is -2"):
            hessopt.Cholesky(H, precision=precision)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("k", [1, 2, 7])
@pytest.mark.parametrize("n", [1, 5, 31, 32, 33, 300])
def test_updates_and_downdates(n, k, precision):
    H = positive(n, n)
    V = np.random.default_rng(k).normal(size=(n, k))
    tight = 1e-13 if precision == "float64" else 1e-5
    factor = hessopt.Cholesky(H, precision=precision)
    before = factor.factor
    b = np.arange(1.0, n + 1)
    factor.update(V)
    assert gap(factor.factor, np.linalg.cholesky(H + V @ V.T)) < 10 * tight
    assert gap(factor.solve(b), np.linalg.solve(H + V @ V.T, b)) < 1e-10
    assert factor.rcond < 10 / np.linalg.cond(H + V @ V.T, 1)
    factor.downdate(V)
    assert gap(factor.factor, before) < 1000 * tight
    assert gap(factor.solve(b), np.linalg.solve(H, b)) < 1e-8
    factor.update(V[:, 0])
    assert gap(factor.solve(b), np.linalg.solve(H + np.outer(V[:, 0], V[:, 0]), b)) < 1e-8


@pytest.mark.parametrize("n", [1, 40, 200])
def test_a_downdate_too_far_changes_nothing(n):
    H = positive(n, n)
    factor = hessopt.Cholesky(H)
    before, b = factor.factor, np.ones(n)
    x = factor.solve(b)
    V = np.zeros((n, 2))
    V[0, 0] = 0.1
    V[n - 1, 1] = 100.0
    with pytest.raises(np.linalg.LinAlgError, match=rf"H - V V'.* pivot {n - 1} is -"):
        factor.downdate(V)
    assert (factor.factor == before).all()
    assert (factor.solve(b) == x).all()


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("n", [1, 2, 20, 47, 48, 49, 150])
def test_a_modified_factor_of_an_indefinite_matrix(n, precision):
    for seed in range(5):
        H = symmetric(n, seed)
        H[n // 2, n // 2] = -1
        factor = hessopt.Cholesky(H, modified=True, precision=precision)
        E, L = factor.perturbation, factor.factor.astype(np.float64)
        assert (E >= 0).all()
        assert E.max() > 0
        tight = n * (EPS if precision == "float64" else 1e-6)
        assert gap(L @ L.T, H + np.diag(E)) < 10 * tight
        assert np.linalg.eigvalsh(H + np.diag(E)).min() > 0
        off = np.abs(H - np.diag(np.diag(H))).max()
        gamma = np.abs(np.diag(H)).max()
        beta2 = max(gamma, off / np.sqrt(max(n**2 - 1, 1)))
        bound = (off / np.sqrt(beta2) + (n - 1) * np.sqrt(beta2)) ** 2
        assert E.max() <= (bound + 2 * (gamma + (n - 1) * beta2)) * 1.001
        b = np.ones(n)
        if precision == "float64":
            assert gap((H + np.diag(E)) @ factor.solve(b), b) < 1e-8


@pytest.mark.parametrize("n", [1, 30, 200])
def test_a_definite_matrix_is_not_modified(n):
    H = positive(n, n, 1e6)
    factor = hessopt.Cholesky(H, modified=True)
    assert (factor.perturbation == 0).all()
    assert (factor.factor == hessopt.Cholesky(H).factor).all()


def test_a_zero_matrix_is_modified():
    factor = hessopt.Cholesky(np.zeros((3, 3)), modified=True)
    assert (factor.perturbation > 0).all()
    assert np.isfinite(factor.solve(np.ones(3))).all()


@pytest.mark.parametrize("n", [1, 10, 100, 300])
def test_refinement_reaches_the_accuracy_of_float64(n):
    H = positive(n, n, 1e4)
    b = np.random.default_rng(n).normal(size=(n, 2))
    factor = hessopt.Cholesky(np.tril(H), precision="float32")
    assert factor.factor.dtype == np.float32
    x = factor.solve(b)
    assert x.dtype == np.float64
    assert (
        np.abs(H @ x - b).max() <= 2 * np.sqrt(n) * EPS * np.abs(H).sum(0).max() * np.abs(x).max()
    )
    assert gap(x, np.linalg.solve(H, b)) < 1e-10
    assert (factor.solve(np.zeros(n)) == 0).all()
    scaled = hessopt.Cholesky(1e-20 * H, precision="float32")
    assert gap(scaled.solve(1e-40 * b), 1e-20 * x) < 1e-10


def test_refinement_says_when_it_cannot():
    # The small eigenvalue is 2.47 units where float32 has 1: the error grows by 1.47 a step.
    unit = 2.0**-24
    H = np.array([[1 + 0.98 * unit, 1 - 1.49 * unit], [1 - 1.49 * unit, 1 + 0.98 * unit]])
    factor = hessopt.Cholesky(H, precision="float32")
    with pytest.raises(np.linalg.LinAlgError, match=r"H: too ill-conditioned .* rcond is about"):
        factor.solve([1.0, -1.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 17, 600])
@pytest.mark.parametrize("n", [1, 2, 7, 8, 33, 64, 65, 100])
def test_a_stack_is_its_systems_one_by_one(n, count, dtype):
    count = min(count, 5000 // n)
    H = np.array([positive(n, seed) for seed in range(min(count, 5))] * count)[:count]
    H = (H.reshape(count, n, n) * np.linspace(1, 2, count)[:, None, None]).astype(dtype)
    b = np.random.default_rng(n).normal(size=(count, n, 2)).astype(dtype)
    tolerance = 1e-12 if dtype == np.float64 else 1e-4
    x = hessopt.cholesky_solve(H, b)
    assert x.dtype == dtype
    assert x.shape == b.shape
    if count == 0:
        return
    want = np.linalg.solve(H.astype(np.float64), b)
    assert gap(x, want) < tolerance
    lower = np.asfortranarray(np.tril(H))[::-1]
    assert gap(hessopt.cholesky_solve(lower, b[::-1, :, 0]), want[::-1, :, 0]) < tolerance


@pytest.mark.parametrize("n", [3, 70])
def test_a_stack_names_the_first_bad_system(n):
    H = np.tile(np.eye(n), (500, 1, 1))
    H[201, 1, 1] = -3.0
    H[203, 0, 0] = H[499, 0, 0] = -1.0
    with pytest.raises(np.linalg.LinAlgError, match=r"H\[201\]: .* pivot 1 is -3"):
        hessopt.cholesky_solve(H, np.ones((500, n)))


def test_the_same_bits_for_any_team():
    H = positive(700, 1)
    V = np.random.default_rng(2).normal(size=(700, 3))
    stack = np.array([positive(9, s) for s in range(20)] * 60)

    def everything():
        factor = hessopt.Cholesky(H)
        results = [factor.factor, factor.solve(V[:, 0]), factor.solve(V)]
        results += [factor.inverse(), factor.inverse_diagonal(), np.array(factor.rcond)]
        factor.update(V)
        results.append(factor.factor)
        indefinite = hessopt.Cholesky(symmetric(300), modified=True)
        results += [indefinite.factor, indefinite.perturbation]
        results.append(hessopt.Cholesky(H, precision="float32").solve(V))
        results.append(hessopt.cholesky_solve(stack, np.ones((1200, 9))))
        return results

    with threadpool_limits(1, user_api="openmp"):
        want = everything()
    for threads in (2, 3):
        with threadpool_limits(threads, user_api="openmp"):
            for a, b in zip(want, everything(), strict=True):
                assert np.array_equal(a, b)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_copies_are_whole(precision):
    H, b = positive(30), np.ones(30)
    factor = hessopt.Cholesky(H, precision=precision)
    twins = [pickle.loads(pickle.dumps(factor)), copy.deepcopy(factor)]
    x = factor.solve(b)
    factor.update(b)
    for twin in twins:
        assert (twin.solve(b) == x).all()


@pytest.mark.parametrize(
    ("name", "error", "call"),
    [
        ("H", ValueError, lambda: hessopt.Cholesky(np.ones((2, 3)))),
        ("H", ValueError, lambda: hessopt.Cholesky(np.ones(3))),
        ("H", ValueError, lambda: hessopt.Cholesky(np.empty((0, 0)))),
        ("H", ValueError, lambda: hessopt.Cholesky([[np.nan]])),
        ("H", TypeError, lambda: hessopt.Cholesky([[1j]])),
        ("H", ValueError, lambda: hessopt.Cholesky([[1e200]], precision="float32")),
        ("modified", TypeError, lambda: hessopt.Cholesky(np.eye(2), modified=1)),
        ("precision", ValueError, lambda: hessopt.Cholesky(np.eye(2), precision="half")),
        ("b", ValueError, lambda: hessopt.Cholesky(np.eye(2)).solve(np.ones(3))),
        ("b", ValueError, lambda: hessopt.Cholesky(np.eye(2)).solve([np.inf, 1])),
        ("V", ValueError, lambda: hessopt.Cholesky(np.eye(2)).update(np.ones((3, 1)))),
        ("V", ValueError, lambda: hessopt.Cholesky(np.eye(2)).downdate([np.nan, 1])),
        ("H", ValueError, lambda: hessopt.cholesky_solve(np.ones((2, 3, 4)), np.ones((2, 3)))),
        ("H", ValueError, lambda: hessopt.cholesky_solve(np.empty((2, 0, 0)), np.ones((2, 0)))),
        ("H", ValueError, lambda: hessopt.cholesky_solve([[[np.inf]]], [[1.0]])),
        ("b", ValueError, lambda: hessopt.cholesky_solve(np.ones((2, 3, 3)), np.ones(3))),
        ("b", ValueError, lambda: hessopt.cholesky_solve(np.ones((1, 1, 1)), [[np.nan]])),
    ],
)
def test_bad_arguments_are_named(name, error, call):
    with pytest.raises(error, match=rf"^{name}: got .*; want "):
        call()
