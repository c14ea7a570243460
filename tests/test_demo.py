"""The main job, and every way its input can be wrong."""

import csv
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from matplotlib.image import imread
from sklearn.datasets import load_wine

from hessopt.demo import fit
from hessopt.demo.__main__ import main


@pytest.fixture(autouse=True)
def _few_iterations(monkeypatch):
    """What takes thousands of steps and still falls short can do so after a hundred."""
    monkeypatch.setattr(fit, "FIRST_ORDER", 100)


def wine(path, delimiter=","):
    """The wine data with names for classes."""
    bunch = load_wine()
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f, delimiter=delimiter)
        writer.writerow([*bunch.feature_names, "cultivar", "constant"])
        for row, label in zip(bunch.data, bunch.target, strict=True):
            writer.writerow([*row, f"cultivar {'abc'[label]}", 1])
    return path


def rows(printed):
    """The table: name -> numbers."""
    lines = [line for line in printed.splitlines() if line.split()[-1:] and "." in line.split()[-1]]
    return {line[:16].strip(): [float(c) for c in line[16:].split()] for line in lines[-5:-1]}


def test_the_digits(tmp_path, capsys):
    out = tmp_path / "picture.png"
    assert main(["--out", str(out)]) == 0
    printed = capsys.readouterr()
    table = rows(printed.out)
    assert list(table) == ["Newton", "L-BFGS", "Adam", "gradient descent"]
    for solver in ("Newton", "L-BFGS"):
        assert table[solver][4] <= 1e-8  # the gradient norm
        assert table[solver][5] > 0.94  # the test accuracy
    assert table["Newton"][0] <= table["L-BFGS"][0] / 5  # most of them on an old Hessian
    assert table["Newton"][3] == pytest.approx(table["L-BFGS"][3], abs=1e-10)
    assert table["Adam"][3] > table["Newton"][3]
    assert "iterations/s" in printed.err  # the progress bar
    picture = imread(out)
    assert picture.shape[0] >= 700
    assert picture.shape[1] >= 1200
    assert picture[..., :3].std() > 0.05  # something is drawn
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_ones_own(tmp_path, capsys, delimiter):
    table = wine(tmp_path / "wine.csv", delimiter)
    out = tmp_path / "wine.png"
    assert main(["--csv", str(table), "--target", "cultivar", "--out", str(out)]) == 0
    found = rows(capsys.readouterr().out)
    assert found["Newton"][5] > 0.9
    assert out.exists()


def test_byte_order_marks_and_blank_lines(tmp_path):
    text = "﻿a,b,kind\n" + "\n".join(f"{i},{i * i},{'xy'[i % 2]}\n" for i in range(20))
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    out = str(tmp_path / "t.png")
    assert main(["--csv", str(tmp_path / "t.csv"), "--target", "kind", "--out", out]) == 0


GOOD = "a,b,y\n" + "".join(f"{i},{i % 3},{i % 2}\n" for i in range(10))
BAD_TABLES = {
    "text in a column": (GOOD.replace("4,1,0", "4,one,0"), "line 6, column 'b': got 'one'"),
    "a gap": (GOOD.replace("4,1,0", "4,,0"), "line 6, column 'b': got a gap"),
    "nan": (GOOD.replace("4,1,0", "4,nan,0"), "line 6, column 'b': got 'nan'"),
    "inf": (GOOD.replace("4,1,0", "-inf,1,0"), "line 6, column 'a': got '-inf'"),
    "a gap in the target": (GOOD.replace("4,1,0", "4,1,"), "line 6, column 'y': got a gap"),
    "a short row": (GOOD.replace("4,1,0", "4,1"), "line 6: got 2 cells; want 3"),
    "a long row": (GOOD.replace("4,1,0", "4,1,0,0"), "line 6: got 4 cells; want 3"),
    "no such column": (GOOD.replace("y", "z"), "--target: got 'y', none among the columns"),
    "the column twice": (GOOD.replace("b", "y"), "--target: got 'y', twice among the columns"),
    "an empty file": ("", "got no header line"),
    "a header alone": ("a,b,y\n", "got 0 classes"),
    "one class": ("a,y\n1,0\n2,0\n3,0\n", "got 1 classes"),
    "a lonely row": (GOOD + "1,1,7\n", "got one row of class '7'"),
    "a regression target": (
        "a,y\n" + "".join(f"{i},{i / 7}\n{i},{i / 7}\n" for i in range(60)),
        "got 60 classes",
    ),
    "no features": ("y\n0\n1\n0\n1\n", "no column but the target"),
}


def refused(capsys, tmp_path, argv, message):
    before = set(tmp_path.iterdir())
    assert main([*argv, "--out", str(tmp_path / "out.png")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_gets_one_line(name, capsys, tmp_path):
    text, message = BAD_TABLES[name]
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    refused(capsys, tmp_path, ["--csv", str(tmp_path / "bad.csv"), "--target", "y"], message)


def test_files_that_cannot_be_read(capsys, tmp_path):
    table = ["--target", "y", "--csv"]
    refused(capsys, tmp_path, [*table, str(tmp_path / "none.csv")], "No such file")
    refused(capsys, tmp_path, [*table, str(tmp_path)], "Is a directory")
    (tmp_path / "latin.csv").write_bytes(b"a,y\n1,caf\xe9\n")
    refused(capsys, tmp_path, [*table, str(tmp_path / "latin.csv")], "not UTF-8 text")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--csv", "x.csv"], "go together"),
        (["--target", "y"], "go together"),
        (["--rate", "1"], "--rate: got 1.0; want a fraction in [0, 1)"),
        (["--rate", "half"], "--rate"),
        (["--seed", "-1"], "--seed: got -1"),
        (["--what"], "--what"),
    ],
)
def test_bad_options_get_one_line(argv, message, capsys, tmp_path):
    refused(capsys, tmp_path, argv, message)


@pytest.mark.parametrize("out", ["missing/demo.png", "demo.xyz", "."])
def test_a_picture_that_cannot_be_written_is_refused_first(out, capsys, tmp_path):
    assert main(["--out", str(tmp_path / out)]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("--out: got ")
    assert not printed.out


@pytest.mark.parametrize("module", ["sklearn", "matplotlib", "tqdm"])
def test_a_missing_extra_is_named(module, tmp_path):
    program = f"""
        import sys
        sys.modules[{module!r}] = None
        from hessopt.demo.__main__ import main
        sys.exit(main(["--out", sys.argv[1]]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), tmp_path / "x.png"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert 'pip install "hessopt[demo]"' in line


def test_the_command_line(tmp_path):
    """As a user starts it, with a mistake, so that nothing is fitted."""
    done = subprocess.run(
        [sys.executable, "-m", "hessopt.demo", "--csv", tmp_path / "none.csv", "--target", "y"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("--csv: cannot read")
    assert done.stderr.count("\n") == 1


def test_ctrl_c_leaves_nothing_behind(monkeypatch, capsys, tmp_path):
    from hessopt.demo import fit

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(fit, "run", interrupted)
    assert main(["--out", str(tmp_path / "demo.png")]) == 130
    assert capsys.readouterr().err == "interrupted\n"
    assert not any(tmp_path.iterdir())


def test_predictions_are_probabilities():
    import hessopt
    from hessopt.demo import data, fit

    split = data.digits()
    x = np.random.default_rng(0).normal(size=650)
    prediction = fit.predict(x, split, hessopt.Dropout(0.2))
    np.testing.assert_allclose(prediction.mean.sum(axis=1), 1)
    assert (prediction.spread <= 0.5).all()
    still = fit.predict(x, split, hessopt.Dropout(0.0))
    np.testing.assert_allclose(still.spread, 0, atol=1e-6)
