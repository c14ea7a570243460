"""Features that are computed once: in memory, and in files that are gone on with."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import hessopt
from hessopt.networks import cached_features

rng = np.random.default_rng(0)
X = rng.integers(0, 256, (100, 6, 5), dtype=np.uint8)
W = rng.normal(size=(30, 4))
posix = pytest.mark.skipif(os.name != "posix", reason="links, modes and locks are POSIX")


def plain(block):
    return np.maximum(block.reshape(len(block), -1) @ W, 0).astype(np.float32)


WANT = plain(X)


class Counted:
    """A function that notes its blocks, and is interrupted in one of them."""

    def __init__(self, stop=None, error=KeyboardInterrupt):
        self.blocks, self._stop, self._error = [], stop, error

    def __call__(self, block):
        assert block.flags.c_contiguous
        assert block.flags.writeable
        assert block.dtype == np.uint8
        assert not np.shares_memory(block, X)
        if len(self.blocks) == self._stop:
            raise self._error
        self.blocks.append(len(block))
        return plain(block)


def kept(path, function=plain, data=X, **how):
    return cached_features(function, data, file=path, **{"batch_size": 16, **how})


def test_in_memory():
    function = Counted()
    found = cached_features(function, X, batch_size=16)
    assert function.blocks == [16] * 6 + [4]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, WANT)
    np.testing.assert_array_equal(cached_features(plain, X, batch_size=1000), WANT)
    whole = cached_features(lambda block: block[:, :, ::2].astype(int), X, batch_size=7)
    assert (whole.dtype, whole.shape) == (np.float64, (100, 6, 3))
    names = [f"{k}.png" for k in range(10)]
    lengths = cached_features(lambda block: [len(names[k]) for k in block], np.arange(10))
    np.testing.assert_array_equal(lengths, 5)


def test_a_file_is_computed_once(tmp_path):
    path = tmp_path / "features.npy"
    found = kept(path)
    assert isinstance(found, np.memmap)
    assert not found.flags.writeable
    np.testing.assert_array_equal(found, WANT)
    function = Counted()
    np.testing.assert_array_equal(kept(path, function), WANT)
    assert function.blocks == [16]  # to be sure that it is the same
    assert [p.name for p in tmp_path.iterdir()] == ["features.npy"]
    for mode in (None, "r"):
        np.testing.assert_array_equal(np.load(path, mmap_mode=mode), WANT)
    f = hessopt.objectives.Softmax(found, np.arange(100) % 3)
    assert np.shares_memory(f.X, found)  # where it lies on the disk


@pytest.mark.parametrize("stop", range(8))
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(5, "of the function", "img.png")])
def test_an_interrupted_file_is_gone_on_with(stop, error, tmp_path):
    path = tmp_path / "features.npy"
    first = Counted(stop, error)
    if stop < 7:
        with pytest.raises((KeyboardInterrupt, OSError)) as raised:
            kept(path, first)
        assert raised.type is KeyboardInterrupt or raised.value.filename == "img.png"
    else:
        kept(path, first)
    assert path.exists() == (stop == 7)
    second = Counted()
    np.testing.assert_array_equal(kept(path, second), WANT)
    assert second.blocks == [16, *([16] * 6 + [4])[max(stop, 1) :]]
    assert [p.name for p in tmp_path.iterdir()] == ["features.npy"]


def test_what_is_half_computed_is_never_taken_for_whole(tmp_path):
    path, part = tmp_path / "features.npy", tmp_path / "features.npy.part"
    with pytest.raises(KeyboardInterrupt):
        kept(path, Counted(3))
    whole = part.read_bytes()
    shutil.copy(part, path)
    with pytest.raises(ValueError, match=r"file: got .*lacks rows; want one of these features, or"):
        kept(path)
    path.unlink()
    part.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"file: got .*\.part', which is something else, or trunc"):
        kept(path)
    part.write_bytes(b"")  # opened, and no more
    np.testing.assert_array_equal(kept(path), WANT)
    damaged = bytearray(path.read_bytes())
    damaged[3] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match=r"file: got .*which is damaged"):
        kept(path)
    path.write_bytes(bytes(damaged[:-50]))
    with pytest.raises(ValueError, match=r"file: got .*something else, or truncated"):
        kept(path)


def test_other_features_are_noticed(tmp_path):
    path = tmp_path / "features.npy"
    kept(path, key="mine, 1")
    before = path.read_bytes()
    other = X.copy()
    other[32] += 1
    for match, change in {
        r"of other features \(key 'mine, 1', not 'mine, 2'\)": {"key": "mine, 2"},
        r"of other features \(features 'float32 \(100, 4\)', not 'float64 \(": {
            "function": lambda block: plain(block).astype(float)
        },
        r"of other features \(features .* not 'float32 \(100, 2\)'": {
            "function": lambda block: plain(block)[:, :2]
        },
        r"features 'float32 \(100, 4\)', not 'float32 \(60, 4\)'": {"data": X[:60]},
        r"of other features \(X 'uint8 \(100, 6, 5\)', not 'int64": {"data": X.astype(int)},
        r"of other features \(batch_size 16, not 17, rows of X": {"batch_size": 17},
        r"of other features \(rows of X ": {"data": other},
        r"of another function: features of the first block differ by": {
            "function": lambda block: plain(block) * 1.01
        },
    }.items():
        with pytest.raises(ValueError, match=rf"file: got .*{match}"):
            kept(path, **{"key": "mine, 1", **change})
    assert path.read_bytes() == before
    np.testing.assert_array_equal(kept(path, lambda b: plain(b) * (1 + 1e-6), key="mine, 1"), WANT)
    for mine in (b"a text", b""):
        path.write_bytes(mine)
        with pytest.raises(ValueError, match=r"file: got .*something else"):
            kept(path)
        assert path.read_bytes() == mine


def test_the_half_of_other_features_is_noticed(tmp_path):
    path = tmp_path / "features.npy"
    with pytest.raises(KeyboardInterrupt):
        kept(path, Counted(3))
    with pytest.raises(ValueError, match=r"\.part', of another function"):
        kept(path, lambda block: plain(block) * 1.01)
    with pytest.raises(ValueError, match=r"\.part', of other features \(key '', not 'b'\)"):
        kept(path, key="b")


@posix
def test_kills_at_any_moment(tmp_path):
    program = """
        import sys, time
        import numpy as np
        from hessopt.networks import cached_features
        X = np.arange(4000.0).reshape(400, 10)
        print("go", flush=True)
        out = cached_features(lambda b: np.sin(b), X, file=sys.argv[1], batch_size=2)
        print("whole" if (out == np.sin(X)).all() else "other")
    """
    path = tmp_path / "features.npy"
    for pause in (0.0, 0.01, 0.03, None):
        run = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        run.stdout.readline()
        if pause is None:
            assert run.communicate()[0] == "whole\n"
        else:
            with pytest.raises(subprocess.TimeoutExpired):
                run.wait(pause or 1e-9)
            run.send_signal(signal.SIGKILL)
            run.communicate()
    np.testing.assert_array_equal(np.load(path), np.sin(np.arange(4000.0).reshape(400, 10)))


def test_a_full_disk(tmp_path, monkeypatch):
    path = tmp_path / "features.npy"
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
        with pytest.raises(OSError, match=r"file: No space left on device: \d+ bytes, 1000 free"):
            kept(path)
    write, count = hessopt.networks.features._write, 0

    def full(file, data):
        nonlocal count
        count += 1
        if count == 9:  # the fourth block: each is followed by a line
            write(file, memoryview(data).cast("B")[:50])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(hessopt.networks.features, "_write", full)
        with pytest.raises(OSError, match=r"file: No space left on device: '.*\.part'"):
            kept(path)
    function = Counted()
    np.testing.assert_array_equal(kept(path, function), WANT)
    assert len(function.blocks) == 1 + 4


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileNotFoundError, match="file: "):
        kept(tmp_path / "nowhere" / "features.npy")
    with pytest.raises(NotADirectoryError, match="file: "):
        kept(tmp_path / "mine" / "features.npy")
    with pytest.raises(IsADirectoryError, match="file: "):
        kept(tmp_path)
    with pytest.raises(TypeError, match="file: got 3; want a path"):
        kept(3)
    with pytest.raises(ValueError, match="file: got ''; want a path"):
        kept("")
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


@posix
def test_one_process_at_a_time_and_links(tmp_path):
    path = tmp_path / "features.npy"

    def twice(block):
        if not path.exists():
            with pytest.raises(BlockingIOError, match="file: another process is computing it"):
                kept(path)
        return plain(block)

    def late(block):  # the file is made after the first block
        late.count += 1
        return twice(block) if late.count > 1 else plain(block)

    late.count = 0
    np.testing.assert_array_equal(kept(path, late), WANT)
    link = tmp_path / "link.npy"
    link.symlink_to(Path("far") / "b.npy")
    (tmp_path / "far").mkdir()
    kept(link)
    assert link.is_symlink()
    assert (tmp_path / "far" / "b.npy").is_file()


def test_progress(tmp_path, capsys):
    pytest.importorskip("tqdm")
    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path / "f.npy", Counted(3), progress=True)
    kept(tmp_path / "f.npy", progress=True)
    assert "100/100" in capsys.readouterr().err


def test_what_does_not_do(tmp_path):
    with pytest.raises(TypeError, match="function: got 3; want a function"):
        cached_features(3, X)
    for data in (np.float64(3), np.empty((0, 3)), np.empty((3, 0))):
        with pytest.raises(ValueError, match=r"X: got shape"):
            cached_features(plain, data)
    with pytest.raises(TypeError, match="X: got dtype <U1, text"):
        cached_features(plain, ["a", "b"])
    with pytest.raises(ValueError, match="batch_size: got 0"):
        cached_features(plain, X, batch_size=0)
    with pytest.raises(TypeError, match="progress: got 1"):
        cached_features(plain, X, progress=1)
    with pytest.raises(TypeError, match="key: got 3; want a str"):
        cached_features(plain, X, key=3)
    with pytest.raises(ValueError, match="key: got 300 characters; want at most 256"):
        cached_features(plain, X, key="a" * 300)
    kept(tmp_path / "long.npy", key="\U0001f600" * 256)
    for function, error, match in (
        (lambda b: None, TypeError, "function: got dtype object"),
        (lambda b: 1.0, ValueError, r"function: got shape \(\); want features for each of 100"),
        (lambda b: np.ones((3, 4)), ValueError, r"function: got shape \(3, 4\); want features for"),
        (lambda b: np.ones((len(b), 0)), ValueError, r"function: got shape \(100, 0\)"),
        (lambda b: np.full((len(b), 2), np.nan), ValueError, "function: got NaN or inf"),
        (lambda b: np.ones(b.shape, np.float16), TypeError, "function: got dtype float16"),
    ):
        with pytest.raises(error, match=match):
            cached_features(function, X)
    with pytest.raises(ValueError, match=r"got float64 of shape \(4, 3\) from row 96 on; want"):
        cached_features(lambda b: np.ones((len(b), 2 + (len(b) < 16))), X, batch_size=16)
    with pytest.raises(ValueError, match=r"got float64 of shape \(4, 2\) from row 96 on; want"):
        cached_features(
            lambda b: np.ones((len(b), 2), np.float32 if len(b) == 16 else float), X, batch_size=16
        )
