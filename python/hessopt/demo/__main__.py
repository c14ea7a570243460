"""Command line: ``python -m hessopt.demo [--csv FILE --target COLUMN]``."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import hessopt

from . import data, fit, picture

_NEEDS = {"sklearn": "scikit-learn", "matplotlib": "matplotlib", "tqdm": "tqdm"}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        """One line instead of the usage."""
        raise data.InputError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m hessopt.demo",
        description="Fit a classifier with dropout integrated out, by four solvers.",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="a table of your own")
    parser.add_argument("--target", metavar="COLUMN", help="its column of class labels")
    parser.add_argument(
        "--rate", type=float, default=0.2, help="dropout rate (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the masks (default: %(default)s)")
    parser.add_argument(
        "--out", type=Path, default=Path("demo.png"), help="the picture (default: %(default)s)"
    )
    return parser


def _check_extra() -> None:
    for module, name in _NEEDS.items():
        try:
            missing = importlib.util.find_spec(module) is None
        except ValueError:  # blocked in sys.modules
            missing = True
        if missing:
            raise data.InputError(f'hessopt.demo needs {name}: pip install "hessopt[demo]"')


def _check_out(path: Path) -> None:
    if path.suffix.lower() != ".png":
        raise data.InputError(f"--out: got {path}; want a name that ends in .png")
    if not path.parent.is_dir() or path.is_dir():
        raise data.InputError(f"--out: got {path}; want a file in a folder that exists")


def _noise(rate: float, seed: int) -> hessopt.Dropout:
    try:
        return hessopt.Dropout(rate, seed=seed)
    except ValueError as exc:
        raise data.InputError(f"--{exc}") from exc


def _print_table(traces: list[fit.Trace]) -> None:
    head = ("iterations", "evaluations", "seconds", "objective", "gradient", "accuracy")
    print(f"{'solver':<16}" + "".join(f"{h:>{w}}" for h, w in zip(head, _WIDTHS, strict=True)))
    for t in traces:
        r = t.result
        cells = (
            f"{r.nit}",
            f"{r.nfev}",
            f"{t.seconds[-1]:.2f}",
            f"{r.fun:.12f}",
            f"{np.abs(r.jac).max():.1e}",
            f"{t.accuracy:.4f}",
        )
        print(f"{t.name:<16}" + "".join(f"{c:>{w}}" for c, w in zip(cells, _WIDTHS, strict=True)))


_WIDTHS = (12, 13, 9, 17, 10, 10)


def _run(argv: Sequence[str] | None) -> None:
    options = _parser().parse_args(argv)
    _check_extra()
    if (options.csv is None) != (options.target is None):
        raise data.InputError("--csv FILE and --target COLUMN go together")
    _check_out(options.out)
    noise = _noise(options.rate, options.seed)
    split = data.digits() if options.csv is None else data.table(options.csv, options.target)

    print(
        f"{len(split.y_train)} training and {len(split.y_test)} test rows, "
        f"{split.X_train.shape[1]} features, {len(split.classes)} classes; dropout {noise.rate:g}, "
        f"the mean over {fit.N_MASKS} fixed masks"
    )
    f = fit.objective(split, noise)
    traces = [fit.run(name, solver, f, split) for name, solver in fit.solvers(f).items()]
    _print_table(traces)
    best = min(traces, key=lambda t: t.result.fun)
    prediction = fit.predict(best.result.x, split, noise)
    picture.save(options.out, split, traces, prediction, noise.rate)
    print(f"wrote {options.out}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit code: 0, or 2 for bad input, or 130 when interrupted.
    """
    try:
        _run(argv)
    except data.InputError as exc:
        print(exc, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
