"""Claimed errors held against closed forms: quadrature beside SciPy's, intervals of samples.

Run: python bench/python/bench_claimed_errors.py [--smoke]

A claim is broken where the error is more than was claimed, or more than `tol` though converged.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import harness
from hessopt import Normal, Uniform, expectation

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
integrals = __import__("integrals")

TOLERANCES = (1e-2, 1e-4, 1e-6, 1e-9)
ROUNDING = 1e-14


class Claims:
    """How often, and by how much, errors are beyond what was claimed."""

    def __init__(self) -> None:
        self.runs = self.broken = self.beyond_tol = self.converged = self.evaluations = 0
        self.factors = [0.0]

    def add(self, off: float, error: float, tol: float, converged: bool, evaluations: int) -> None:
        """What a run claimed, and by how much it was off."""
        self.runs += 1
        self.converged += converged
        self.evaluations += evaluations
        if not off <= error:
            self.broken += 1
            self.factors.append(off / max(error, ROUNDING))
        self.beyond_tol += converged and off > tol

    def __str__(self) -> str:
        shares = [k / self.runs for k in (self.broken, self.beyond_tol, self.converged)]
        factor = np.median(self.factors[1:]) if self.broken else 0.0
        return "{:7.2%} {:9.2g} {:7.2%} {:7.0%} {:9.0f}".format(
            *shares[:1], factor, *shares[1:], self.evaluations / self.runs
        )


def with_hessopt(f: Any, law: Any, tol: float, method: Any) -> tuple[float, float, bool, int]:
    e = expectation(f, law, tol=tol, method=method)
    return e.value, e.error, e.converged, e.n_evaluations


def with_scipy(quad: Any, f: Any, law: Any, tol: float) -> tuple[float, float, bool, int]:
    if isinstance(law, Normal):
        ends, pdf = (-np.inf, np.inf), lambda z: np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    elif isinstance(law, Uniform):
        ends = float(np.asarray(law.lower)), float(np.asarray(law.upper))
        pdf = lambda z: np.full_like(z, 1 / (ends[1] - ends[0]))  # noqa: E731
    else:
        ends, pdf = law.bounds, law.pdf

    def integrand(t: float) -> float:
        z = np.array([t])
        p = pdf(z)[0]
        return float(p * f(z)[0]) if p > 0 else 0.0

    value, error, information, *message = quad(
        integrand, *ends, epsabs=tol, epsrel=0, limit=200, full_output=True
    )
    return value, error, not message and error <= tol, information["neval"]


def quadrature(kinds: dict[str, Any], draws: int, method: str) -> None:
    integrate = harness.peer("scipy.integrate") if method == "adaptive" else None
    head = f"{'broken':>7} {'factor':>9} {'> tol':>7} {'conv.':>7} {'points':>9}"
    print(f"\n{method}: {draws} draws, tolerances {', '.join(f'{t:g}' for t in TOLERANCES)}")
    print(f"{'':<34} {head}" + (f"  | {head}" if integrate else ""))
    totals = Claims(), Claims()
    for name, draw in kinds.items():
        rng, claims = np.random.default_rng(0), (Claims(), Claims())
        for _ in range(draws):
            f, law, want = draw(rng)
            for tol in TOLERANCES:
                found = [with_hessopt(f, law, tol, method)]
                if integrate and getattr(law, "normalized", True):
                    found.append(with_scipy(integrate.quad, f, law, tol))
                for (value, error, converged, evaluations), *columns in zip(
                    found, claims, totals, strict=False
                ):
                    off = abs(value - want) - ROUNDING * max(1, abs(want))
                    for column in columns:
                        column.add(off, error, tol, converged, evaluations)
        print(f"{name:<34} {claims[0]}" + (f"  | {claims[1]}" if claims[1].runs else ""))
    print(f"{'all':<34} {totals[0]}" + (f"  | {totals[1]}" if totals[1].runs else ""))


def samples(name: str, case: Any, seeds: int, method: Any, n: int) -> None:
    """Coverage of 95 % intervals, of mean ± 1.96 standard errors, and warnings."""
    f, law, truth = case[:3]
    held, plain, warned, silent = np.zeros((4, seeds), bool)
    for seed in range(seeds):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            e = expectation(f, law(seed), method=method, n_samples=n)
        off = abs(e.value - truth)
        held[seed], plain[seed] = off <= e.error, off <= 1.96 * e.standard_error
        warned[seed] = bool(caught)
        silent[seed] = not held[seed] and not caught
    shares = (a.mean() for a in (plain, held, warned, silent))
    print(f"{name:<18} {method:<10} {n:>6} " + " ".join(f"{share:9.1%}" for share in shares))


def sampling(seeds: int) -> None:
    head = " ".join(f"{word:>9}" for word in ("1.96 s.e.", "held", "warned", "silent"))
    print(f"\n95 % intervals over {seeds} seeds; silent: neither held nor warned")
    print(f"{'':<18} {'':<10} {'n':>6} {head}")
    for name, case in integrals.HEAVY.items():
        samples(name, case, seeds, *case[3:])
    for name, case in integrals.LIGHT.items():
        for method, n in (("sample", 256), ("sample", 10_000), ("antithetic", 10_000)):
            samples(name, case, seeds, method, n)
    for p in (1e-4, 1e-3, 1e-2):
        event = (lambda u, p=p: u < p), (lambda seed: Uniform(seed=seed)), p
        samples(f"event of {p:g}", event, seeds, "sample", 1000)


def main() -> None:
    smoke = harness.options().smoke
    harness.header(None)
    warnings.simplefilter("ignore")
    quadrature(integrals.ONE, 2 if smoke else 100, "adaptive")
    quadrature(integrals.SEVERAL, 1 if smoke else 20, "gauss")
    sampling(5 if smoke else 1000)


if __name__ == "__main__":
    main()
