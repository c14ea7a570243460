"""Blocks of rows under one another: all that a model says and where its fit ends, as of a table."""

import copy
import itertools
import os
import pickle
import re
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessopt
from hessopt import Categorical, Columns, RowBlocks, objectives
from teams import check_bits
from test_sparse import agree, said, table, target

sparse = pytest.importorskip("scipy.sparse")

CUTS = [0, 1, 90, 91, 200, 300]


class Loaded:
    """Blocks that are made when they are asked for, who asked, and how many are there."""

    def __init__(self, parts):
        self.parts, self.asked, self.names = parts, [], set()

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, k):
        self.asked.append(k)
        self.names.add(threading.current_thread().name)
        return copy.copy(self.parts[k])


def cut(X, cuts=CUTS):
    return [X[a:b] for a, b in itertools.pairwise(cuts)]


def mixed(dense):
    """The same of columns of three kinds, of which the first is a dummy."""
    codes, words = np.where(dense[:, 0] == 1, 0, -1), sparse.csr_array(dense[:, 4:])
    return lambda a, b: Columns([Categorical(codes[a:b], 1), dense[a:b, 1:4], words[a:b]])


def numbers(n=300, p=9):
    X = table(n, p, 3, 0.4)
    X[:, 0] = np.arange(n) % 4 == 1
    return X


def blocks_of(kind, X=None, cuts=CUTS):
    X = numbers() if X is None else X
    if kind == "columns":
        return [mixed(X)(a, b) for a, b in itertools.pairwise(cuts)]
    of = {
        "arrays": np.ascontiguousarray,
        "in Fortran order": np.asfortranarray,
        "strided": lambda part: np.repeat(part, 2, axis=1)[:, ::2],
        "sparse rows": sparse.csr_array,
        "sparse columns": sparse.csc_array,
    }
    return [of[kind](part) for part in cut(X, cuts)]


KINDS = ["arrays", "in Fortran order", "strided", "sparse rows", "sparse columns", "columns"]


@pytest.mark.parametrize("kind", [objectives.Huber, objectives.Poisson, objectives.Softmax])
@pytest.mark.parametrize("form", ["arrays", "sparse rows", "columns"])
def test_models_say_the_same_of_blocks(kind, form):
    X, rng = numbers(), np.random.default_rng(4)
    options = {
        "l2": rng.random(X.shape[1]),
        "sample_weight": rng.integers(0, 3, len(X)),
        "offset": rng.normal(size=(len(X), 3) if kind.__name__ == "Softmax" else len(X)),
    }
    y = target(kind, len(X))
    for given_too in (options, {"fit_intercept": False}):
        f, g = (kind(of, y, **given_too) for of in (RowBlocks(blocks_of(form)), X))
        agree(said(f), said(g))
        agree(said(f.every(7)), said(g.every(7)))


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize("loaded", [False, True])
def test_a_fit_ends_where_that_of_the_table_does(form, loaded):
    X = numbers()
    y = target(objectives.Poisson, len(X))
    parts = blocks_of(form)
    blocks = RowBlocks(Loaded(parts) if loaded else parts)
    assert blocks.shape == X.shape
    assert (blocks.toarray() == X).all()
    f, g = (objectives.Poisson(of, y, l2=0.01) for of in (blocks, X))
    for method in (None, "newton_cg", "lbfgs"):
        ends = [hessopt.minimize(h, np.zeros(10), method=method, tol=1e-13) for h in (f, g)]
        assert np.abs(ends[0].x - ends[1].x).max() < 1e-10
    x = ends[1].x
    agree([f.covariance(x)], [g.covariance(x)], 1e-11)
    agree([blocks @ x[:-1]], [X @ x[:-1]], 1e-13)
    for method in ("normal", "taylor"):
        noisy = [hessopt.expected(h, hessopt.Dropout(0.2), method=method) for h in (f, g)]
        agree(*(h.evaluate(x, hessian=True, V=x[:, None]) for h in noisy), 1e-12)
    agree(*(hessopt.laplace(h, x).predict(X[:50]) for h in (f, g)), 1e-11)


def test_arrays_are_read_where_they_lie_and_summed_as_the_table_is():
    X = numbers(3000).astype(np.float32)
    parts = cut(X, [0, 1024, 2048, 3000])
    y = target(objectives.Logistic, 3000)
    x = np.linspace(-1, 1, 10)
    f, g = (objectives.Logistic(of, y) for of in (RowBlocks(parts), X))
    assert np.allclose(f.value_and_gradient(x)[1], g.value_and_gradient(x)[1], rtol=1e-13)
    before = f.value_and_gradient(x)[0]
    parts[2][-1] += 1
    assert f.value_and_gradient(x)[0] != before
    assert f.X._blocks is parts


def test_blocks_mapped_from_files(tmp_path):
    X = numbers()
    for k, part in enumerate(cut(X)):
        np.save(tmp_path / f"{k}.npy", part)

    def mapped(k):
        return np.load(tmp_path / f"{k}.npy", mmap_mode="r")

    y = target(objectives.Logistic, len(X))
    f = objectives.Logistic(RowBlocks([mapped(k) for k in range(5)]), y)
    agree(said(f), said(objectives.Logistic(X, y)))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nothing tells the memory")
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("method", ["newton", "lbfgs"])
def test_a_mapped_file_takes_no_memory(tmp_path, order, method):
    rng, n, p = np.random.default_rng(0), 200_000, 100
    rows = {"C": slice(None), "F": slice(None, None, 2)}  # the others are packed, block by block
    X = rng.normal(size=(n, p))
    np.save(tmp_path / "X.npy", np.asarray(X, order=order))
    y = (rng.random(n) < 1 / (1 + np.exp(-X[:, 0])))[rows[order]].astype(float)
    del X
    hessopt.minimize(objectives.Logistic(np.eye(3), [0, 1, 0], l2=1.0), np.zeros(4), method=method)

    def anonymous():
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"RssAnon:\s*(\d+)", status)[1]) / 1024

    most, over = anonymous(), threading.Event()
    before = most

    def watch():
        nonlocal most
        while not over.wait(0.002):
            most = max(most, anonymous())

    watching = threading.Thread(target=watch)
    watching.start()
    f = objectives.Logistic(np.load(tmp_path / "X.npy", mmap_mode="r")[rows[order]], y, l2=1e-4)
    end = hessopt.minimize(f, np.zeros(p + 1), method=method)
    over.set()
    watching.join()
    assert end.success
    assert np.abs(f.value_and_gradient(end.x)[1]).max() < 1e-8
    assert most - before < 20  # of 160 MB


@pytest.mark.parametrize("form", ["arrays", "sparse rows", "columns"])
@pytest.mark.parametrize("loaded", [False, True])
def test_the_bits_do_not_depend_on_threads(form, loaded):
    X = numbers(6000)
    y = target(objectives.Poisson, 6000)
    cuts, x = [0, 100, 2500, 2600, 6000], np.linspace(-0.3, 0.4, 10)

    def bits():
        parts = blocks_of(form, X, cuts)
        f = objectives.Poisson(RowBlocks(Loaded(parts) if loaded else parts), y)
        found = [*f.evaluate(x, hessian=True, V=x[:, None]), *f.column_moments]
        return [np.asarray(part).tobytes() for part in found]

    check_bits(bits)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_any_blocks(seed):
    rng = np.random.default_rng(seed)
    n, form = int(rng.integers(1, 60)), str(rng.choice(KINDS))
    inner = np.unique(rng.integers(0, n, rng.integers(0, 9)))
    X, y = numbers(n), rng.normal(size=n)
    parts = blocks_of(form, X, [0, *inner[inner > 0], n])
    f, g = (objectives.Huber(of, y, sample_weight=np.ones(n)) for of in (RowBlocks(parts), X))
    agree(said(f), said(g), 1e-12)
    step = int(rng.integers(1, n + 1))
    agree(said(f.every(step)), said(g.every(step)), 1e-12)
    assert (RowBlocks(parts).toarray() == X).all()


def test_blocks_come_in_order_and_the_next_while_one_is_worked_on():
    X = numbers()
    blocks = Loaded(cut(X))
    f = objectives.Squared(RowBlocks(blocks), target(objectives.Squared, 300), l2=0.1)
    for _ in range(3):
        f.value_and_gradient(np.zeros(10))
    assert blocks.asked == 4 * [0, 1, 2, 3, 4]  # once for their lengths
    assert len(blocks.names) == 5
    hessopt.minimize(f, np.zeros(10), method="newton")
    assert blocks.asked == len(blocks.asked) // 5 * [0, 1, 2, 3, 4]
    assert len(blocks.asked) <= 10 * 5


def test_never_are_there_more_than_two():
    X = numbers()
    alive, most = set(), 0

    class Counted(Loaded):
        def __getitem__(self, k):
            nonlocal most
            block = super().__getitem__(k)
            alive.add(number := len(self.asked))
            weakref.finalize(block, alive.discard, number)
            most = max(most, len(alive))
            return block

    f = objectives.Logistic(RowBlocks(Counted(cut(X))), X[:, 0], l2=0.1)
    hessopt.minimize(f, np.zeros(10), method="newton_cg")
    assert most == 2


class Failing(Loaded):
    """After so many blocks another fails."""

    def __init__(self, parts, kind, after):
        super().__init__(parts)
        self.kind, self.after = kind, after

    def __getitem__(self, k):
        if len(self.asked) > self.after:
            raise self.kind(f"no block {k}")
        return super().__getitem__(k)


@pytest.mark.parametrize("kind", [OSError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("after", [2, 8, 9, 14])
def test_what_loading_raises_is_raised(kind, after):
    X = numbers()
    blocks = Failing(cut(X), kind, after)
    with pytest.raises(kind, match="no block"):
        hessopt.minimize(objectives.Logistic(RowBlocks(blocks), X[:, 0], l2=1.0), np.zeros(10))
    if after > 5:  # and the next call is as good as any
        blocks.after = 1000
        f = objectives.Logistic(RowBlocks(blocks), X[:, 0])
        blocks.after = len(blocks.asked)
        with pytest.raises(kind):
            f.value_and_gradient(np.zeros(10))
        blocks.after = 1000
        agree(said(f), said(objectives.Logistic(X, X[:, 0])))


def test_two_threads_read_the_same_blocks():
    X = numbers()
    f = objectives.Logistic(RowBlocks(Loaded(cut(X))), X[:, 0])
    want, found = f.value_and_gradient(np.zeros(10))[0], []
    call = lambda: found.extend(f.value_and_gradient(np.zeros(10))[0] for _ in range(20))  # noqa: E731
    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [want] * 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_a_forked_process_reads_the_blocks():
    X = numbers()
    f = objectives.Logistic(RowBlocks(Loaded(cut(X))), X[:, 0])
    want = f.value_and_gradient(np.zeros(10))[0]
    child = os.fork()
    if child == 0:
        os._exit(0 if f.value_and_gradient(np.zeros(10))[0] == want else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("form", ["arrays", "sparse rows", "columns"])
@pytest.mark.parametrize("loaded", [False, True])
def test_a_model_is_pickled_and_given_another_penalty(form, loaded):
    parts = blocks_of(form)
    blocks = RowBlocks(Loaded(parts) if loaded else parts)
    f = objectives.Poisson(blocks, target(objectives.Poisson, 300), l2=0.1)
    again = pickle.loads(pickle.dumps(f))
    x = np.linspace(-0.3, 0.4, 10)
    assert again.value_and_gradient(x)[0] == f.value_and_gradient(x)[0]
    assert f.with_l2(0.2).value_and_gradient(0 * x)[0] == f.value_and_gradient(0 * x)[0]
    assert repr(f).startswith("Poisson(300 x 9 RowBlocks, l2=0.1")
    assert repr(f.X) == "RowBlocks(300 x 9 in 5 blocks)"


def test_columns_keep_their_names():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    region = rng.choice(["n", "s", "w"], 400)
    y = np.where(region == "w", 0, rng.poisson(2.0, 400))
    kind = pd.CategoricalDtype(["n", "s", "w"])
    frame = pd.DataFrame({"age": rng.normal(size=400), "region": pd.Series(region, dtype=kind)})
    blocks = RowBlocks([frame[:150], frame[150:]])
    assert blocks.column_names == ["age", "region=n", "region=s", "region=w"]
    end = hessopt.minimize(objectives.Poisson(blocks, y, fit_intercept=False), np.zeros(4))
    assert "region=w tells" in end.message
    other = frame[150:].assign(region=pd.Categorical(region[150:], ["s", "n", "w"]))
    message = "block 1: got the column 'region=s'; want 'region=n', as block 0 has there"
    with pytest.raises(ValueError, match=message):
        RowBlocks([frame[:150], other])
    assert RowBlocks([frame[["age"]]]).column_names == ["age"]


class Changing(Loaded):
    def __getitem__(self, k):
        return super().__getitem__(k)[len(self.asked) > 3 :]


WRONG = {
    "blocks: got none; want at least one": lambda: RowBlocks([]),
    "blocks: got an array; want a list of blocks": lambda: RowBlocks(np.ones((2, 2))),
    "blocks: got a int; want a list of blocks": lambda: RowBlocks(3),
    "blocks: got a generator; want a list": lambda: RowBlocks(x for x in "a"),
    "block 1: got 3 columns; want 2, as block 0 has": lambda: RowBlocks(
        [np.ones((2, 2)), np.ones((2, 3))]
    ),
    "block 1: got sparse or categorical columns; want an array": lambda: RowBlocks(
        [np.ones((2, 2)), sparse.eye_array(2).tocsr()]
    ),
    "block 1: got an array; want sparse or categorical columns": lambda: RowBlocks(
        [sparse.eye_array(2).tocsr(), np.ones((2, 2))]
    ),
    "block 1: got NaN or inf; want finite numbers": lambda: RowBlocks(
        [np.ones((2, 2)), np.full((2, 2), np.nan)]
    ),
    "block 0: got shape (0, 2); want at least one row": lambda: RowBlocks([np.ones((0, 2))]),
    "block 0: got shape (2,); want 2 dimensions": lambda: RowBlocks([np.ones(2)]),
    "block 0: got 1 rows; want 2, as it had before": lambda: (
        RowBlocks(Changing([np.ones((2, 2))] * 3)) @ [1, 1]
    ),
    "X: got blocks of rows; want one block, to put noise on": lambda: hessopt.expected(
        objectives.Squared(RowBlocks([np.ones((2, 2))]), [1, 2]),
        hessopt.Dropout(0.5),
        method="sample",
        n_samples=2,
    ),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_named(message):
    with pytest.raises((ValueError, TypeError)) as error:
        WRONG[message]()
    assert str(error.value).startswith(message)


def test_more_blocks_than_stack_frames():
    count = sys.getrecursionlimit() + 10
    X = np.arange(2.0 * count).reshape(-1, 2)
    assert (RowBlocks(list(X[:, None])) @ [1, 0] == X[:, 0]).all()
