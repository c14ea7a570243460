"""Categorical variables and columns side by side: against the table that they stand for."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessopt
from hessopt import Categorical, Columns, objectives
from losses import ALL
from teams import check_bits
from test_sparse import agree, said, table, target

sparse = pytest.importorskip("scipy.sparse")


def one_hot(codes, n_levels):
    return (np.asarray(codes)[:, None] == np.arange(n_levels)).astype(float)


def mixture(n=300, seed=0, dtype=np.float64):
    """Blocks of every kind, with missing codes and a level of no row, and their table."""
    rng = np.random.default_rng(seed)
    region = rng.integers(-1, 6, n).astype(np.int8)
    region[region == 3] = 2
    day = rng.integers(0, 40, n).astype(np.uint16)
    make = rng.integers(0, 3, n)
    numbers = rng.normal(size=(n, 3)).astype(dtype)
    words = table(n, 8, seed, 0.2)
    age = rng.integers(20, 80, n) / 10
    blocks = [
        Categorical(region, 6),
        numbers,
        Categorical(day, 40),
        sparse.csr_array(words),
        age,
        Categorical(make, 3),
        Categorical(make * 2 % 3, 3),
    ]
    dense = [one_hot(region, 6), numbers, one_hot(day, 40), words, age, one_hot(make, 3)]
    return Columns(blocks), np.column_stack([*dense, one_hot(make * 2 % 3, 3)])


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_model_says_the_same_of_mixed_columns(kind, dtype):
    X, dense = mixture(dtype=dtype)
    assert (X.toarray() == dense).all()
    rng = np.random.default_rng(4)
    given = {
        "l2": rng.random(X.shape[1]),
        "sample_weight": rng.integers(0, 3, len(dense)),
        "offset": rng.normal(size=(len(dense), 3) if kind.__name__ == "Softmax" else len(dense)),
    }
    y = target(kind, len(dense))
    agree(said(kind(X, y, **given)), said(kind(dense, y, **given)))
    agree(said(kind(X, y, fit_intercept=False)), said(kind(dense, y, fit_intercept=False)))


@pytest.mark.parametrize("n_levels", [1, 2, 255, 256, 257, 65_535, 65_536, 70_000])
@pytest.mark.parametrize("missing", [False, True])
def test_any_number_of_levels(n_levels, missing):
    rng = np.random.default_rng(n_levels)
    codes = np.r_[rng.integers(0, n_levels, 500), 0, n_levels - 1]
    if missing:
        codes[::7] = -1
    X = Categorical(codes, n_levels)
    assert X.codes.itemsize == (8 if n_levels <= 255 else 16 if n_levels <= 65_535 else 32) // 8
    w, r = rng.normal(size=n_levels), rng.normal(size=len(codes))
    want = np.where(codes < 0, 0, w[codes])
    assert (X @ w == want).all()
    f = objectives.Squared(X, r, fit_intercept=False)
    sums = np.bincount(codes[codes >= 0], (want - r)[codes >= 0], n_levels) / len(codes)
    agree([f.value_and_gradient(w)[1]], [sums])
    counts = np.bincount(codes[codes >= 0], minlength=n_levels) / len(codes)
    agree([f.hessp(w, w)], [counts * w])
    if n_levels < 300:
        agree([f.hessian(w)], [np.diag(counts)])


@pytest.mark.parametrize(
    ("dtype", "n_levels"),
    [(np.uint8, 255), (np.uint8, 256), (np.int8, 128), (np.uint16, 65_536), (np.uint32, 5)],
)
def test_codes_are_read_where_they_lie(dtype, n_levels):
    codes = (np.arange(512) % min(n_levels, 128)).astype(dtype)
    codes[-1] = min(n_levels, 128) - 1
    X = Categorical(codes, n_levels)
    assert np.shares_memory(X.codes, codes)
    assert (X.toarray().argmax(axis=1) == codes).all()
    again = Categorical(codes[::-3], n_levels)
    assert np.shares_memory(again.codes, codes)
    assert (again.toarray().argmax(axis=1) == codes[::-3]).all()


def test_the_largest_code_of_a_type_is_a_level_where_there_are_as_many():
    X = Categorical(np.array([255, 0, 255], np.uint8), 256)
    assert X.toarray()[:, 255].tolist() == [1, 0, 1]
    assert Categorical(np.array([255, 0, 254], np.uint8), 255).toarray().sum() == 2


def test_the_bits_do_not_depend_on_threads():
    X, dense = mixture(5000)
    y = target(objectives.Poisson, len(dense))
    x = np.random.default_rng(0).normal(size=X.shape[1] + 1) / 10

    def bits():
        f = objectives.Poisson(Columns([block for _, block in X._blocks]), y)
        parts = [*f.evaluate(x, hessian=True, V=x[:, None]), *f.column_moments]
        return [np.asarray(part).tobytes() for part in parts]

    check_bits(bits)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_any_columns(seed):
    rng = np.random.default_rng(seed)
    n, blocks, dense = int(rng.integers(1, 60)), [], []
    for kind in rng.permutation(["codes"] * rng.integers(0, 6) + ["numbers", "sparse"]):
        k = int(rng.integers(1, 9))
        if kind == "codes":
            codes = rng.integers(-1 if rng.random() < 0.5 else 0, k, n)
            blocks.append(Categorical(codes.astype(rng.choice([np.int8, np.int32, np.int64])), k))
            dense.append(one_hot(codes, k))
        elif rng.random() < 0.7:
            numbers = rng.normal(size=(n, k)) * (kind == "numbers" or rng.random((n, k)) < 0.3)
            dense.append(numbers)
            blocks.append(numbers if kind == "numbers" else sparse.csc_array(numbers))
    if not blocks:
        return
    X, wide = Columns(blocks), np.column_stack(dense)
    y, weight = rng.normal(size=n), rng.integers(0, 2, n) + 0.5
    fits = [objectives.Huber(of, y, sample_weight=weight) for of in (X, wide)]
    agree(said(fits[0]), said(fits[1]), 1e-12)
    parts = [f.every(3) for f in fits]
    agree(said(parts[0]), said(parts[1]), 1e-12)


@pytest.mark.parametrize("method", [None, "newton", "newton_cg", "lbfgs"])
def test_a_fit_ends_where_that_of_the_table_does(method):
    X, dense = mixture(600)
    y = target(objectives.Poisson, len(dense))
    fits = [objectives.Poisson(of, y, l2=0.01) for of in (X, dense)]
    ends = [hessopt.minimize(f, np.zeros(f.n_parameters), method=method, tol=1e-13) for f in fits]
    assert np.abs(ends[0].x - ends[1].x).max() < 1e-10
    agree([fits[0].covariance(ends[0].x)], [fits[1].covariance(ends[0].x)], 1e-11)
    x = ends[0].x
    assert np.abs(X @ x[:-1] - dense @ x[:-1]).max() < 1e-12


@pytest.mark.parametrize("method", ["exact", "normal", "taylor", "sample"])
def test_noise_is_that_of_the_table(method):
    X, dense = mixture(600)
    y = target(objectives.Poisson, len(dense))
    fits = [objectives.Poisson(of, y, l2=0.01) for of in (X, dense)]
    x = np.linspace(-0.3, 0.4, fits[0].n_parameters)
    noisy = [hessopt.expected(f, hessopt.Dropout(0.2, seed=3), method) for f in fits]
    ends = [f.evaluate(x, hessian=True, V=x[:, None]) for f in noisy]
    agree(ends[0], ends[1], 1e-12)


def test_a_level_is_named_where_it_runs_away():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    region = rng.choice(["n", "s", "w"], 400)
    y = np.where(region == "w", 0, rng.poisson(2.0, 400))
    frame = pd.DataFrame({"age": rng.normal(size=400), "region": pd.Categorical(region)})
    f = objectives.Poisson(frame, y, fit_intercept=False)
    end = hessopt.minimize(f, np.zeros(4))
    assert "region=w tells" in end.message
    assert repr(f).startswith("Poisson(400 x 4 Columns")


def frames():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    ages, levels = [1.0, 2.5, 3.0, 4.0, 5.0], ["b", None, "a", "b", "c"]
    yield pd.DataFrame({"age": ages, "level": pd.Categorical(levels)})
    yield pl.DataFrame({"age": ages, "level": pl.Series(levels, dtype=pl.Enum(["a", "b", "c"]))})
    yield pl.DataFrame({"age": ages, "level": pl.Series(levels, dtype=pl.Categorical)})
    pa = pytest.importorskip("pyarrow")
    kind = pa.dictionary(pa.int8(), pa.string())
    dictionary = pa.DictionaryArray.from_arrays(
        pa.array([1, None, 0, 1, 2], pa.int8()), ["a", "b", "c"]
    )
    assert dictionary.type == kind
    yield pa.table({"age": ages, "level": dictionary})
    yield pa.table({"age": ages, "level": pa.chunked_array([dictionary[:2], dictionary[2:]])})


@pytest.mark.agreement
def test_frames_are_read_by_their_codes():
    for frame in frames():
        X = Columns(frame)
        assert X.column_names == ["age", "level=a", "level=b", "level=c"]
        want = [[1, 0, 1, 0], [2.5, 0, 0, 0], [3, 1, 0, 0], [4, 0, 1, 0], [5, 0, 0, 1]]
        assert X.toarray().tolist() == want
        assert objectives.Squared(frame, np.ones(5)).X.shape == (5, 4)


def test_codes_of_pandas_are_not_copied():
    pd = pytest.importorskip("pandas")
    series = pd.Series(pd.Categorical(["a", "b", "a"]))
    (_, block), *_ = Columns({"level": series})._blocks
    assert np.shares_memory(block.codes, series.array.codes)


def test_columns_are_pickled():
    X, dense = mixture(50)
    for again in (pickle.loads(pickle.dumps(X)), *map(pickle.loads, [pickle.dumps(X, 2)])):
        assert (again.toarray() == dense).all()
        assert again.column_names == X.column_names
    f = objectives.Squared(X, np.ones(50), l2=1.0)
    x = np.ones(f.n_parameters)
    assert pickle.loads(pickle.dumps(f)).value_and_gradient(x)[0] == f.value_and_gradient(x)[0]


WRONG = {
    "codes: got the code 3; want levels 0 .. 2, or -1": lambda: Categorical([0, 3], 3),
    "codes: got the code -2; want levels": lambda: Categorical([0, -2], 3),
    "codes: got the code 9; want levels 0 .. 8, or 255": lambda: Categorical(np.uint8([9]), 9),
    "codes: got the number 0.5; want integers": lambda: Categorical([0.5], 3),
    "codes: got shape (1, 1); want 1 dimension": lambda: Categorical([[0]], 3),
    "codes: got no rows": lambda: Categorical(np.zeros(0, int), 3),
    "names: got 1; want one for each of 3 levels": lambda: Categorical([0], 3, ["a"]),
    "n_levels: got 0": lambda: Categorical([0], 0),
    "blocks: got none": lambda: Columns([]),
    "blocks: got a int; want a sequence of blocks": lambda: Columns(3),
    "block 1: got 2 rows; want 3": lambda: Columns([np.ones(3), np.ones(2)]),
    "age: got NaN or inf": lambda: Columns({"age": [1.0, np.nan]}),
    "blocks: got two sparse matrices": lambda: Columns([sparse.eye_array(2)] * 2),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_named(message):
    with pytest.raises((ValueError, TypeError)) as error:
        WRONG[message]()
    assert str(error.value).startswith(message)
