"""Sparse X: all that a model says and where its fit ends, against the dense table."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessopt
from hessopt import _core, objectives
from losses import ALL, LOSSES, Softmax
from teams import check_bits

sparse = pytest.importorskip("scipy.sparse")


def table(n=120, p=9, seed=0, density=0.3, dtype=np.float64):
    """A dense table of zeros for the most part, with rows and columns of nothing else."""
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((n, p)) < density, rng.normal(size=(n, p)), 0.0).astype(dtype)
    X[n // 3], X[-1], X[:, p // 2] = 0, 0, 0
    return X


def target(kind, n, seed=0):
    rng = np.random.default_rng(seed + 1)
    return rng.permutation(np.arange(n) % 3) if kind is Softmax else LOSSES[kind][0](rng, n)


def unsorted(X):
    rows = sparse.csr_matrix(X)
    for i in range(len(X)):
        some = slice(*rows.indptr[i : i + 2])
        rows.indices[some] = rows.indices[some][::-1].copy()
        rows.data[some] = rows.data[some][::-1].copy()
    rows.has_sorted_indices = False
    return rows


def twice(X):
    """Every number as the sum of two, one of them at the end of its row."""
    half = sparse.csr_matrix(X / 2)
    parts = [slice(*half.indptr[i : i + 2]) for i in range(len(X))]
    data = np.concatenate([np.tile(half.data[part], 2) for part in parts])
    indices = np.concatenate([np.tile(half.indices[part], 2) for part in parts])
    return sparse.csr_matrix((data, indices, 2 * half.indptr), shape=X.shape)


def with_zeros(X):
    """Half of the zeros stored."""
    i, j = np.nonzero((X != 0) | (np.random.default_rng(3).random(X.shape) < 0.5))
    return sparse.csr_matrix(sparse.coo_matrix((X[i, j], (i, j)), shape=X.shape))


def of_64_bits(X):
    rows = sparse.csr_matrix(X)
    rows.indices, rows.indptr = rows.indices.astype(np.int64), rows.indptr.astype(np.int64)
    return rows


FORMATS = {
    "csr_matrix": sparse.csr_matrix,
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "csc_array": sparse.csc_array,
    "coo": sparse.coo_array,
    "lil": sparse.lil_matrix,
    "indices of 64 bits": of_64_bits,
    "unsorted": unsorted,
    "duplicates": twice,
    "explicit zeros": with_zeros,
}


def said(f):
    """What a model says at a point, without the order of its sums."""
    x = np.linspace(-0.3, 0.4, f.n_parameters)
    V = np.eye(len(x))[:, ::3]
    mean, scale = f.column_moments
    return [
        *f.evaluate(x, hessian=True, V=V),
        f.hessp(x, x),
        *f.value_gradient_and_residual(x)[2:],
        mean,
        scale,
        f.hessian_about(x, mean + 0.3),
        f.column_products(mean, scale),
    ]


def agree(one, other, tolerance=1e-13):
    for a, b in zip(one, other, strict=True):
        assert np.abs(np.asarray(a) - b).max() <= tolerance * max(1, np.abs(b).max())


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("intercept", [True, False])
def test_every_model_says_the_same_of_a_sparse_table(kind, intercept):
    X = table()
    rng = np.random.default_rng(4)
    given = {
        "l2": rng.random(X.shape[1]),
        "sample_weight": rng.integers(0, 3, len(X)),
        "offset": rng.normal(size=(len(X), 3) if kind is Softmax else len(X)),
        "fit_intercept": intercept,
    }
    y = target(kind, len(X))
    agree(said(kind(sparse.csr_array(X), y, **given)), said(kind(X, y, **given)))
    agree(said(kind(sparse.csr_array(X), y)), said(kind(X, y)))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_format_is_read(form, dtype):
    X = table(dtype=dtype)
    if form == "duplicates":
        X = np.round(X * 64) / 64  # whose halves add up
    y = target(objectives.Logistic, len(X))
    f = objectives.Logistic(FORMATS[form](X), y)
    agree(said(f), said(objectives.Logistic(X, y)))
    agree(said(f.every(7)), said(_core.LinearModel.every(objectives.Logistic(X, y), 7)))


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint16, np.float32, np.float64])
def test_tables_of_ones_hold_no_values(dtype):
    X = table() != 0
    y = target(objectives.Poisson, len(X))
    given = sparse.csr_array(X.astype(dtype))
    agree(said(objectives.Poisson(given, y)), said(objectives.Poisson(X, y)))
    assert given.dtype == dtype


def test_rows_are_read_where_they_lie():
    X = sparse.csr_array(table())
    f = objectives.Squared(X, np.ones(X.shape[0]))
    before = f.value_and_gradient(np.ones(f.n_parameters))[0]
    X.data *= 2
    assert f.value_and_gradient(np.ones(f.n_parameters))[0] != before
    assert f.X is X


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("method", [None, "newton", "newton_cg", "lbfgs"])
def test_a_fit_ends_where_that_of_the_dense_table_does(kind, method):
    X, rng = table(400, 7, density=0.4), np.random.default_rng(2)
    X[:, 2] += 3  # a full column, far from zero
    y = target(kind, len(X))
    given = {"l2": 0.01, "sample_weight": rng.random(len(X))}
    fits = [kind(of(X), y, **given) for of in (np.asarray, sparse.csr_matrix, sparse.csc_array)]
    ends = [hessopt.minimize(f, np.zeros(f.n_parameters), method=method, tol=1e-13).x for f in fits]
    assert np.abs(ends[1] - ends[0]).max() < 1e-10
    assert np.abs(ends[2] - ends[0]).max() < 1e-10


@pytest.mark.parametrize("kind", [objectives.Logistic, Softmax])
def test_the_bits_do_not_depend_on_threads(kind):
    X = sparse.random(20_000, 300, 0.03, format="csr", random_state=0)
    y = target(kind, X.shape[0])
    x = np.random.default_rng(0).normal(size=301 * (3 if kind is Softmax else 1))

    def bits():
        f = kind(X, y, l2=0.1)
        parts = [*f.evaluate(x, hessian=True, V=x[:, None]), *f.column_moments]
        return [np.asarray(part).tobytes() for part in parts]

    check_bits(bits)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 40), p=st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_any_table(seed, n, p):
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((n, p)) < rng.random() ** 2, rng.normal(size=(n, p)), 0.0)
    stored = (X != 0) | (rng.random((n, p)) < 0.1)
    i, j = np.nonzero(stored)
    order = rng.permutation(len(i))
    given = sparse.coo_array((X[i, j][order], (i[order], j[order])), shape=X.shape)
    y, weight = rng.normal(size=n), rng.integers(0, 2, n) + 0.5
    form = rng.choice(["csr", "csc"])
    f = objectives.Huber(given.asformat(form), y, sample_weight=weight)
    agree(said(f), said(objectives.Huber(X, y, sample_weight=weight)), 1e-12)


@pytest.mark.parametrize("kind", [objectives.Logistic, objectives.Poisson])
def test_products_find_the_curvature_of_their_own_x(kind):
    """What the last evaluation left serves those at the same x, whatever it was asked for."""
    X = sparse.csr_matrix(table())
    y = target(kind, X.shape[0])
    f = kind(X, y, l2=0.1)
    rng = np.random.default_rng(5)
    points = rng.normal(size=(3, f.n_parameters)) / 5
    v = rng.normal(size=f.n_parameters)
    want = [kind(X, y, l2=0.1).hessp(x, v) for x in points]
    for before in (f.value_and_gradient, f.hessian, lambda x: f.hessp(x, 2 * v)):
        for k in (0, 1, 1, 2, 0):
            before(points[k])
            np.testing.assert_array_equal(f.hessp(points[k], v), want[k])
            np.testing.assert_array_equal(f.hessp(points[k - 1], v), want[k - 1])
            value = f.value_and_gradient(points[k])[0]
            assert value == kind(X, y, l2=0.1).value_and_gradient(points[k])[0]
    part = f.every(2)
    np.testing.assert_array_equal(
        part.hessp(points[0], v), kind(X[::2], y[::2], l2=0.1).hessp(points[0], v)
    )


def test_moments_keep_their_digits():
    rng = np.random.default_rng(0)
    X = np.zeros((1000, 6))
    X[:, 0] = 1e9 + rng.normal(size=1000)  # full, far from zero
    X[:, 1] = 0.1  # a constant
    X[::2, 2] = 1e200 * rng.normal(size=500)
    X[::3, 3] = 1e-200 * rng.normal(size=334)
    X[5, 4] = 1
    y = rng.normal(size=1000)
    of = [objectives.Squared(form(X), y).column_moments for form in (np.asarray, sparse.csr_array)]
    for dense, other in zip(*of, strict=True):
        assert np.abs(other / np.where(dense == 0, 1, dense) - (dense != 0)).max() < 1e-9


def test_covariance_and_separation_are_those_of_the_dense_table():
    X = table(300, 5, density=0.5)
    y = target(objectives.Logistic, len(X))
    dense, other = (objectives.Logistic(of(X), y, l2=1e-3) for of in (np.asarray, sparse.csr_array))
    x = hessopt.minimize(dense, np.zeros(6)).x
    agree([other.covariance(x)], [dense.covariance(x)], 1e-11)
    y = (X[:, 1] > 0).astype(float)
    fits = [objectives.Logistic(of(X), y) for of in (np.asarray, sparse.csr_array)]
    assert fits[1].without_minimum(np.full(6, 9.0) * (np.arange(6) == 1)) is not None
    ends = [hessopt.minimize(f, np.zeros(6)) for f in fits]
    assert ends[1].message.split(";")[-1] == ends[0].message.split(";")[-1]


def test_a_level_without_an_event_is_named_where_rows_are_many():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 400, 150_000)
    X = sparse.csr_array((np.ones(len(codes)), codes, np.arange(len(codes) + 1)), (len(codes), 400))
    y = (rng.random(len(codes)) < 0.3) & (codes != 17)
    f = objectives.Logistic(X, y, fit_intercept=False)
    x = np.log(0.3 / 0.7) * np.ones(400)
    x[17] = -20
    assert "X[:, 17]" in f.without_minimum(x)
    y[np.flatnonzero(codes == 17)[0]] = True
    assert objectives.Logistic(X, y, fit_intercept=False).without_minimum(x) is None


def test_wide_data_go_to_a_method_without_a_hessian():
    rng = np.random.default_rng(0)
    entries = rng.normal(size=60_000), rng.integers(0, 30_000, 60_000), np.arange(0, 60_001, 30)
    X = sparse.csr_array(entries, shape=(2000, 30_000))
    y = target(objectives.Logistic, 2000)
    f = objectives.Logistic(X, y, l2=1e-3)
    end = hessopt.minimize(f, np.zeros(30_001))
    assert end.success
    assert np.abs(f.value_and_gradient(end.x)[1]).max() < 1e-7
    wide = sparse.csr_array(([1.0], [2_999_999], [0, 1]), shape=(1, 3_000_000))
    f = objectives.Squared(wide, [1.0])
    with pytest.raises(MemoryError, match="Hessian: no memory for 3000001 x 3000001 numbers"):
        f.hessian(np.zeros(3_000_001))
    with pytest.raises(MemoryError, match="Hessian: no memory for 3000001 x 3000001 numbers"):
        f.rough_hessian(np.zeros(3_000_001))
    with pytest.raises(MemoryError, match="Hessian: no memory for 3000001 x 3000001 numbers"):
        f.hessian_about(np.zeros(3_000_001), np.zeros(3_000_000))


def test_noise_by_closed_forms_and_by_name_where_there_is_none():
    X = table(60, 5)
    y = target(objectives.Logistic, 60)
    dense, other = (objectives.Logistic(of(X), y) for of in (np.asarray, sparse.csr_array))
    x = np.linspace(-0.5, 0.5, 6)
    for noise in (hessopt.Dropout(0.3), hessopt.GaussianDropout(0.3), hessopt.GaussianNoise(0.2)):
        for method in ("normal", "taylor"):
            over = [hessopt.expected(f, noise, method=method) for f in (dense, other)]
            ends = [f.evaluate(x, hessian=True, V=x[:, None]) for f in over]
            agree(ends[1], ends[0], 1e-12)
    with pytest.raises(ValueError, match="noise: got GaussianNoise on sparse X"):
        hessopt.expected(other, hessopt.GaussianNoise(0.3), method="sample", n_samples=4)
    augmented = hessopt.Augmentation(lambda rows, rng: rows)
    with pytest.raises(ValueError, match="X: got rows that are not dense; want a dense array"):
        hessopt.expected(other, augmented, method="sample", n_samples=4)
    weights = hessopt.DropConnect(0.3, seed=1)
    over = [hessopt.expected(f, weights, method="sample", n_samples=3) for f in (dense, other)]
    agree(over[1].evaluate(x, hessian=True)[:3], over[0].evaluate(x, hessian=True)[:3], 1e-12)


@pytest.mark.parametrize("sampling", ["random", "antithetic", "sobol"])
@pytest.mark.parametrize("noise", [hessopt.Dropout, hessopt.GaussianDropout, hessopt.DropConnect])
@pytest.mark.parametrize("kind", [objectives.Logistic, objectives.Poisson, Softmax])
def test_fixed_samples_draw_what_those_of_the_table_draw(kind, noise, sampling):
    for rate, X in ((0.5, table(2500, 9)), (0.3, table(300, 40, density=0.1))):
        y, weight = target(kind, len(X)), np.arange(len(X)) % 3
        given = [
            kind(of(X), y, l2=0.1, sample_weight=weight) for of in (np.asarray, FORMATS["coo"])
        ]
        law = noise(rate, seed=7)
        over = [hessopt.expected(f, law, "sample", n_samples=4, sampling=sampling) for f in given]
        x = np.linspace(-0.3, 0.4, given[0].n_parameters)
        ends = [f.evaluate(x, hessian=True, V=x[:, None]) for f in over]
        agree(ends[1], ends[0], 1e-13)
        if noise is not hessopt.DropConnect:
            about = [f.hessian_about(x, np.arange(X.shape[1]) / 9) for f in over]
            agree(about[1:], about[:1], 1e-12)
            parts = [f.every(7).evaluate(x, hessian=True)[:3] for f in over]
            agree(parts[1], parts[0], 1e-12)


@pytest.mark.parametrize("kind", [objectives.Poisson, objectives.Exponential])
def test_exact_dropout_is_that_of_the_table(kind):
    X = table(500, 9)
    y = target(kind, len(X))
    given = {"l2": 0.1, "sample_weight": np.arange(len(X)) % 3}
    for intercept in (True, False):
        fits = [kind(of(X), y, fit_intercept=intercept, **given) for of in (np.asarray, unsorted)]
        over = [hessopt.expected(f, hessopt.Dropout(0.3), method="exact") for f in fits]
        x = np.linspace(-0.3, 0.4, fits[0].n_parameters)
        ends = [f.evaluate(x, hessian=True, V=x[:, None]) for f in over]
        agree(ends[1], ends[0], 1e-13)


@pytest.mark.parametrize("method", ["normal", "sample"])
def test_a_fit_under_dropout_ends_where_that_of_the_table_does(method):
    X = table(400, 7, density=0.4)
    y = target(objectives.Logistic, len(X))
    ends = []
    for of in (np.asarray, sparse.csr_array):
        f = hessopt.expected(objectives.Logistic(of(X), y, l2=0.01), hessopt.Dropout(0.3), method)
        ends += [hessopt.minimize(f, np.zeros(8), method=m, tol=1e-13).x for m in (None, "newton")]
    assert np.abs(np.array(ends[1:]) - ends[0]).max() < 1e-10


def test_noise_does_not_depend_on_threads():
    X = sparse.random(20_000, 300, 0.03, format="csr", random_state=0)
    f = objectives.Logistic(X, target(objectives.Logistic, X.shape[0]), l2=0.1)
    x = np.random.default_rng(0).normal(size=301)

    def bits():
        over = [
            hessopt.expected(f, hessopt.Dropout(0.3), "sample", n_samples=2),
            hessopt.expected(f, hessopt.Dropout(0.3), "normal"),
        ]
        parts = [part for g in over for part in g.evaluate(x, hessian=True, V=x[:, None])]
        return [np.asarray(part).tobytes() for part in parts]

    check_bits(bits)


def test_predictions_of_a_posterior():
    X = table(200, 5)
    y = target(objectives.Logistic, len(X))
    f = objectives.Logistic(sparse.csr_array(X), y, l2=0.1)
    posterior = hessopt.laplace(f, hessopt.minimize(f, np.zeros(6)).x)
    agree(posterior.predict(sparse.csr_array(X)), posterior.predict(X), 1e-12)


@pytest.mark.parametrize("form", ["csr_array", "csc_array"])
def test_a_model_is_pickled_and_given_another_penalty(form):
    X = FORMATS[form](table())
    f = objectives.Squared(X, np.ones(X.shape[0]), l2=1.0)
    x = np.ones(f.n_parameters)
    again = pickle.loads(pickle.dumps(f))
    assert again.value_and_gradient(x)[0] == f.value_and_gradient(x)[0]
    assert repr(again) == "Squared(120 x 9 float64, l2=1.0, fit_intercept=True)"
    dense = objectives.Squared(X.toarray(), np.ones(X.shape[0]), l2=2.0)
    agree(said(f.with_l2(2.0)), said(dense))


def broken(**parts):
    X = sparse.csr_array(table())
    for name, change in parts.items():
        setattr(X, name, change(getattr(X, name).copy()))
    return X


def changed(at, to):
    def change(a):
        a[at] = to
        return a

    return change


BROKEN = {
    "NaN or inf": lambda: broken(data=changed(3, np.nan)),
    "complex": lambda: sparse.csr_array(table() * 1j),
    "a sparse matrix with index 9": lambda: broken(indices=changed(0, 9)),
    "a sparse matrix with index -1": lambda: broken(indices=changed(0, -1)),
    "ends before it begins": lambda: broken(indptr=changed(4, 0)),
    "indptr that does not fit": lambda: broken(indptr=changed(-1, 10**6)),
    "shape (0, 3)": lambda: sparse.csr_array((0, 3)),
    "shape (3, 0)": lambda: sparse.csc_matrix((3, 0)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_named(what):
    X = BROKEN[what]()
    with pytest.raises((ValueError, TypeError)) as error:
        objectives.Squared(X, np.ones(X.shape[0]))
    assert str(error.value).startswith("X: got")
    assert what in str(error.value)
