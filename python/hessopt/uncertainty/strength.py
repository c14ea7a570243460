"""The strength of the prior where the evidence of a Laplace approximation is largest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .. import _validation

if TYPE_CHECKING:
    from .posterior import Laplace

FARTHEST = 46.0  # of the logarithm of the strength from where it began: 20 powers of ten
_NOTHING = 1e-9  # parameters that the data determines


def likeliest_dispersion(post: Laplace, t: float = 1.0) -> float:
    """φ of largest evidence where the penalty is multiplied by t: (2 N L + N t W) / (N − u)."""
    size = 2 * post._penalty_at_mean()
    loss = post.objective.value_and_gradient(post.mean)[0] - size / 2 / post.prior_factor
    free = len(post.mean) - post._curvature.n_null - int((post._penalty > 0).sum())
    rows = post._total - free
    if rows <= 0:
        raise _validation.error("dispersion", "None", "a number: there are too few rows to find it")
    return float(post._total * (2 * loss + t * size) / rows)


def best_prior(post: Laplace, free_scale: bool) -> tuple[float, float]:
    """The logarithm of the factor of the penalty where the evidence is largest, and its dispersion.

    At fixed x and curvature, with N the sum of the weights, W = Σ l2ⱼ xⱼ², L the loss, λ the scales
    of the loss against the penalty and u parameters without one, the evidence is

      −N (L + t W / 2) / φ − (N − u)/2 log φ + k/2 log t − ½ Σ log(λ + t) + constant,

    so that in t γ(t) = Σ λ / (λ + t) = N t W / φ, where γ falls and the other side rises; and in
    φ, where it is free, φ = (2 N L + N t W) / (N − u).
    """
    total, penalty = post._total, post._penalty
    scales = post._curvature.loss_scales(penalty)
    size = 2 * post._penalty_at_mean()
    at_zero, at_one = (
        likeliest_dispersion(post, t) if free_scale else post.dispersion for t in (0, 1)
    )

    def dispersion(t: float) -> float:
        return at_zero + t * (at_one - at_zero)

    low, high = -FARTHEST, FARTHEST
    if (scales / (scales + 1)).sum() < _NOTHING:  # below which both sides are rounding
        low = high
    while high - low > 1e-9:
        t = math.exp((low + high) / 2)
        determined = float((scales / (scales + t)).sum())
        rising = determined * dispersion(t) > total * t * size
        low, high = ((low + high) / 2, high) if rising else (low, (low + high) / 2)
    where = (low + high) / 2
    return where, dispersion(math.exp(where))
