"""A fit as a table of plain text."""

from __future__ import annotations

from typing import Any

import numpy as np

_MOST_ROWS = 60


def table(fit: Any) -> str:
    """What is said of the fit, then a line for each coefficient.

    Parameters
    ----------
    fit : Inference
        What to show.
    """
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
    lines = [f"{name:<28}{value}" for name, value in facts if value]
    head = ["", "coefficient", "std error", fit.statistic_name, "p-value", "[0.025", "0.975]"]
    bounds = fit.confidence_intervals()
    shown = min(len(fit.names), _MOST_ROWS)
    columns = fit.coefficients, fit.standard_errors, fit.statistics, fit.p_values, *bounds.T
    rows = [
        [fit.names[j], *(_cell(k, float(column[j])) for k, column in enumerate(columns))]
        for j in range(shown)
    ]
    name_width = max(len(row[0]) for row in rows)
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(1, len(head))]
    for row in [head, *rows]:
        cells = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths, strict=True)]
        lines.append("  ".join([f"{row[0]:<{name_width}}", *cells]))
    if shown < len(fit.names):
        lines.append(f"... and {len(fit.names) - shown} coefficients more")
    return "\n".join(lines)


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
