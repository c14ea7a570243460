"""The demo's data: scikit-learn's bundled digits, or the user's own table."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

_MOST_CLASSES = 50


class InputError(Exception):
    """Bad input, in one line for the user."""


@dataclass(frozen=True)
class Split:
    """Training and test data of a classifier.

    Attributes
    ----------
    X_train, X_test : ndarray, shape (n, p)
        Features.
    y_train, y_test : ndarray of int, shape (n,)
        Indices into `classes`.
    classes : list of str
        Names of the classes.
    rows_test : ndarray of int, shape (n_test,)
        Where the test rows stand in the source, counted from 1.
    images : bool
        Whether a row is an 8 × 8 picture.
    """

    X_train: npt.NDArray[np.float64]
    X_test: npt.NDArray[np.float64]
    y_train: npt.NDArray[np.int64]
    y_test: npt.NDArray[np.int64]
    classes: list[str]
    rows_test: npt.NDArray[np.int64]
    images: bool


def _split(
    X: npt.NDArray[np.float64], y: npt.NDArray[np.int64], classes: list[str], images: bool
) -> Split:
    """A fixed split, 70 % for training, with every class in both parts."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(X))
    test_size = max(round(0.3 * len(X)), len(classes))
    train, test = train_test_split(rows, test_size=test_size, stratify=y, random_state=0)
    return Split(X[train], X[test], y[train], y[test], classes, test + 1, images)


def digits() -> Split:
    """1797 handwritten digits of 8 × 8 pixels, scaled to [0, 1]."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return _split(X / 16, y.astype(np.int64), [str(k) for k in range(10)], images=True)


def _read(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        reason = "not UTF-8 text" if isinstance(exc, UnicodeDecodeError) else exc.strerror
        raise InputError(f"--csv: cannot read {path}: {reason}") from exc
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=delimiter))
    except csv.Error as exc:
        raise InputError(f"--csv: {path}: {exc}") from exc
    return [[cell.strip() for cell in row] for row in rows]


def _number(cell: str, path: Path, line: int, column: str) -> float:
    if not cell:
        raise InputError(f"--csv: {path}, line {line}, column {column!r}: got a gap; want a number")
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"--csv: {path}, line {line}, column {column!r}: got {cell!r}; want a number"
        )
    return value


def table(path: Path, target: str) -> Split:
    """A user's table: a header line, numbers in every column but the target's.

    Parameters
    ----------
    path : Path
        Comma-, semicolon- or tab-separated UTF-8 text.
    target : str
        The column of class labels, numbers or text.

    Raises
    ------
    InputError
        With one line that names the file, the line and the column.
    """
    rows = _read(path)
    header = rows[0] if rows else []
    if not any(header):
        raise InputError(f"--csv: {path}: got no header line; want column names")
    if header.count(target) != 1:
        times = "twice" if target in header else "none"
        raise InputError(f"--target: got {target!r}, {times} among the columns {header}")
    at = header.index(target)
    names = header[:at] + header[at + 1 :]
    if not names:
        raise InputError(f"--csv: {path}: got no column but the target; want features")
    features, labels, lines = [], [], []
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue  # a blank line
        if len(row) != len(header):
            raise InputError(
                f"--csv: {path}, line {line}: got {len(row)} cells; want {len(header)}"
            )
        label = row.pop(at)
        if not label or label.lower() == "nan":
            raise InputError(
                f"--csv: {path}, line {line}, column {target!r}: got a gap; want a label"
            )
        labels.append(label)
        pairs = zip(row, names, strict=True)
        features.append([_number(cell, path, line, column) for cell, column in pairs])
        lines.append(line)
    return _standardised(np.array(features), labels, np.array(lines), path, target)


def _standardised(
    X: npt.NDArray[np.float64],
    labels: list[str],
    lines: npt.NDArray[np.int64],
    path: Path,
    target: str,
) -> Split:
    classes, y, counts = np.unique(labels, return_inverse=True, return_counts=True)
    want = f"2 to {_MOST_CLASSES} classes of at least 2 rows each"
    if not 2 <= len(classes) <= _MOST_CLASSES:
        raise InputError(f"--target: {path}: got {len(classes)} classes in {target!r}; want {want}")
    if counts.min() < 2:
        rare = str(classes[counts.argmin()])
        raise InputError(f"--target: {path}: got one row of class {rare!r}; want {want}")
    split = _split(X, y.astype(np.int64), classes.tolist(), images=False)
    mean, deviation = split.X_train.mean(axis=0), split.X_train.std(axis=0)
    deviation[deviation == 0] = 1  # a constant column says nothing, and does no harm
    return Split(
        (split.X_train - mean) / deviation,
        (split.X_test - mean) / deviation,
        split.y_train,
        split.y_test,
        split.classes,
        lines[split.rows_test - 1],
        images=False,
    )
