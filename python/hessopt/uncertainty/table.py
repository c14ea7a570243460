"""A fit as a table: of plain text, of HTML, as a data frame."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from .. import _extras

_MOST_ROWS = 60


def table(fit: Any) -> str:
    """What is said of the fit, then a line for each coefficient.

    Parameters
    ----------
    fit : Inference
        What to show.
    """
    lines = [f"{name:<28}{value}" for name, value in _facts(fit)]
    head, rows = _rows(fit)
    name_width = max(len(row[0]) for row in rows)
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(1, len(head))]
    for row in [head, *rows]:
        cells = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths, strict=True)]
        lines.append("  ".join([f"{row[0]:<{name_width}}", *cells]))
    return "\n".join([*lines, *_more(fit)])


def html(fit: Any) -> str:
    """The same as two tables of HTML, as notebooks show it.

    Parameters
    ----------
    fit : Inference
        What to show.
    """
    head, rows = _rows(fit)
    facts = [f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in _facts(fit)]
    body = [_line("td", row) for row in rows]
    each = [f"<table>{''.join(part)}</table>" for part in (facts, [_line("th", head), *body])]
    return "".join([*each, *(f"<p>{said}</p>" for said in _more(fit))])


def frame(fit: Any) -> Any:
    """A data frame of pandas with a row for each coefficient.

    Parameters
    ----------
    fit : Inference
        What to show.
    """
    pandas = _extras.load("pandas", "to_frame", "pandas")
    columns = _columns(fit)
    return pandas.DataFrame(dict(zip(_head(fit)[1:], columns, strict=True)), index=fit.names)


def _facts(fit: Any) -> list[tuple[str, str]]:
    facts = [
        ("model", fit.model_name),
        ("observations", f"{fit.n_observations:g}"),
        ("residual degrees of freedom", f"{fit.residual_degrees_of_freedom:.6g}"),
        ("covariance", fit.covariance_kind),
        ("dispersion", f"{fit.dispersion:.6g}" + (" (estimated)" if fit.uses_estimate else "")),
        ("log-likelihood", _number(fit.log_likelihood)),
        ("AIC, BIC", _both(fit.aic, fit.bic)),
        ("deviance, null deviance", _both(fit.deviance, fit.null_deviance)),
    ]
    return [fact for fact in facts if fact[1]]


def _head(fit: Any) -> list[str]:
    return ["", "coefficient", "std error", fit.statistic_name, "p-value", "[0.025", "0.975]"]


def _columns(fit: Any) -> tuple[Any, ...]:
    bounds = fit.confidence_intervals()
    return fit.coefficients, fit.standard_errors, fit.statistics, fit.p_values, *bounds.T


def _rows(fit: Any) -> tuple[list[str], list[list[str]]]:
    """The head, and a row of cells for each coefficient that is shown."""
    columns = _columns(fit)
    rows = [
        [fit.names[j], *(_cell(k, float(column[j])) for k, column in enumerate(columns))]
        for j in range(min(len(fit.names), _MOST_ROWS))
    ]
    return _head(fit), rows


def _more(fit: Any) -> list[str]:
    more, left_out = len(fit.names) - _MOST_ROWS, fit.left_out
    said = [f"... and {more} coefficients more"] if more > 0 else []
    if left_out:
        said.append(f"Left out as combinations of other columns: {', '.join(left_out)}")
    return said


def _line(tag: str, cells: list[str]) -> str:
    name, *others = cells
    shown = [f"<th>{escape(name)}</th>", *(f"<{tag}>{cell}</{tag}>" for cell in others)]
    return f"<tr>{''.join(shown)}</tr>"


def _cell(column: int, value: float) -> str:
    """Of the columns that follow the name: the statistic is 2, the p-value 3."""
    if column == 2:
        return f"{value:.3f}"
    if column == 3:
        return f"{value:.1e}" if value < 1e-4 else f"{value:.4f}"
    if value == 0 or 1e-4 <= abs(value) < 1e7:
        return np.format_float_positional(value, 5, fractional=False, trim="-")
    return f"{value:.4e}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.7g}"


def _both(one: float | None, other: float | None) -> str:
    return ", ".join(filter(None, (_number(one), _number(other))))
