"""The demo's picture: convergence of the solvers, and the least certain rows."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from .data import Split
from .fit import N_PREDICTIONS, Prediction, Trace

_N_ROWS = 8
_MOST_BARS = 10
# Okabe and Ito's colours, which colour-blind readers tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_STYLES = ("-", "--", "-.", ":")


def save(
    path: Path, split: Split, traces: list[Trace], prediction: Prediction, rate: float
) -> None:
    """Draw and write, whole or not at all.

    Parameters
    ----------
    path : Path
        Its ending names the format.
    split : Split
        The data.
    traces : list of Trace
        One curve each.
    prediction : Prediction
        Of the test rows.
    rate : float
        Of dropout, for the title.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 8), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    halves: Any = figure.subfigures(1, 2, width_ratios=[1, 1.15], wspace=0.03)
    left, right = halves
    _convergence(left, traces, rate)
    _least_certain(right, split, prediction)

    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    os.close(handle)
    try:
        figure.savefig(temporary)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _convergence(figure: Any, traces: list[Trace], rate: float) -> None:
    lowest = min(min(t.values) for t in traces)
    figure.suptitle(
        f"Four solvers, one objective, one start\nsoftmax with dropout {rate:g} integrated out"
    )
    by_step, by_time = figure.subplots(2, 1)
    for trace, colour, style in zip(traces, _COLOURS, _STYLES, strict=True):
        gap = np.maximum(np.array(trace.values) - lowest, 1e-16)
        look = {"color": colour, "linestyle": style, "linewidth": 2}
        steps = np.arange(len(gap))
        by_step.loglog(steps + 1, gap, label=trace.name, **look)
        by_time.loglog(np.maximum(trace.seconds, 1e-3), gap, label=trace.name, **look)
    by_step.set_xlabel("iterations + 1")
    by_time.set_xlabel("seconds")
    for axes in (by_step, by_time):
        axes.set_ylabel("objective − lowest found")
        axes.grid(alpha=0.3)
    by_time.legend(loc="lower left")


def _least_certain(figure: Any, split: Split, prediction: Prediction) -> None:
    n_rows = min(_N_ROWS, len(split.y_test))
    rows = np.argsort(-prediction.entropy, kind="stable")[:n_rows]
    kind = "digits" if split.images else "rows"
    figure.suptitle(
        f"The {n_rows} least certain test {kind}\n"
        f"class probabilities over {N_PREDICTIONS} dropout masks, mean ± standard deviation"
    )
    grid = figure.add_gridspec(4, 4, width_ratios=[0.55 if split.images else 0.02, 1] * 2)
    for place, row in enumerate(rows):
        line, column = divmod(place, 2)
        if split.images:
            picture = figure.add_subplot(grid[line, 2 * column])
            picture.imshow(split.X_test[row].reshape(8, 8), cmap="gray_r")
            picture.set_axis_off()
        _bars(figure.add_subplot(grid[line, 2 * column + 1]), split, prediction, int(row), line)


def _bars(axes: Any, split: Split, prediction: Prediction, row: int, line: int) -> None:
    mean, spread = prediction.mean[row], prediction.spread[row]
    shown = np.sort(np.argsort(-mean, kind="stable")[:_MOST_BARS])
    truth, guess = split.y_test[row], int(mean.argmax())
    colours = [_COLOURS[2] if k == truth else "#999999" for k in shown]
    places = np.arange(len(shown))
    # A probability stays in [0, 1], and so do its whiskers.
    whiskers = [np.minimum(spread, mean)[shown], np.minimum(spread, 1 - mean)[shown]]
    axes.bar(places, mean[shown], yerr=whiskers, color=colours, capsize=2)
    axes.set_xticks(places, [_short(split.classes[k]) for k in shown])
    axes.set_ylim(0, 1)
    axes.set_ylabel("probability", fontsize="small")
    axes.tick_params(labelsize="small")
    if line == 3:
        axes.set_xlabel("class (green: the true one)", fontsize="small")
    where = "" if split.images else f"line {split.rows_test[row]}: "
    said, is_true = _short(split.classes[guess]), _short(split.classes[truth])
    axes.set_title(f"{where}says {said}, is {is_true}", fontsize="medium")


def _short(name: str) -> str:
    return name if len(name) <= 12 else name[:11] + "…"
