"""Functions of random numbers whose expectations are known in closed form.

`ONE` and `SEVERAL` map a name to a draw: a generator gives a function, its law and the expectation.
`HEAVY` and `LIGHT` are for samples: a function, its law of a seed, the expectation, and for the
former how to sample.
"""

import itertools

import numpy as np
from scipy import special, stats

from hessopt import Bernoulli, Density, Normal, Uniform

INF = np.inf
phi, Phi = stats.norm.pdf, special.ndtr


def normal_moments(a, b, n):
    """Integrals of z^k phi(z) over [a, b], k < n."""
    moments = [Phi(b) - Phi(a) if a < 0 else Phi(-a) - Phi(-b)]
    for k in range(1, n):
        ends = [0.0 if np.isinf(x) else x ** (k - 1) * phi(x) for x in (a, b)]
        moments.append(ends[0] - ends[1] + (k - 1) * (moments[k - 2] if k > 1 else 0))
    return np.array(moments)


def uniform_moments(a, b, n, lower, upper):
    k = np.arange(1, n + 1)
    return (b**k - a**k) / k / (upper - lower)


def piecewise(rng, law, breaks, degree, jumps):
    """Polynomials between random breaks, which are jumps or kinks."""
    if law == "normal":
        law, ends, moments = Normal(), (-INF, INF), normal_moments
        breaks = np.sort(1.3 * rng.normal(size=breaks))
    else:
        lower = rng.uniform(-3, 0)
        ends = lower, upper = lower, lower + rng.uniform(0.1, 5)
        law, breaks = Uniform(lower, upper), np.sort(rng.uniform(lower, upper, size=breaks))

        def moments(a, b, n):
            return uniform_moments(a, b, n, lower, upper)

    scale = 1 / special.factorial(np.arange(degree + 1))
    pieces = [rng.normal(size=degree + 1) * scale]
    for c in breaks:
        if jumps:
            pieces.append(rng.normal(size=degree + 1) * scale)
        else:
            bend = rng.normal()
            pieces.append(pieces[-1] + np.r_[-bend * c, bend, np.zeros(degree - 1)])
    table, powers = np.array(pieces), np.arange(degree + 1)

    def f(z):
        return (table[np.searchsorted(breaks, z, side="right")] * z[:, None] ** powers).sum(axis=1)

    edges = np.r_[ends[0], breaks, ends[1]]
    shares = [moments(a, b, degree + 1) for a, b in itertools.pairwise(edges)]
    return f, law, (table * shares).sum()


def option(rng, kind):
    """A payoff of a price whose logarithm is normal."""
    vol, spot = rng.uniform(0.05, 0.6) * np.sqrt(rng.uniform(0.1, 3)), 100.0
    K = spot * np.exp(rng.normal() * vol)
    B = K * np.exp(abs(rng.normal()) * vol + 0.01)

    def price(z):
        return spot * np.exp(vol * z - 0.5 * vol**2)

    def place(k):
        return (np.log(k / spot) + 0.5 * vol**2) / vol

    def chance(a, b=INF):
        return normal_moments(a, b, 1)[0]

    def call(k, b=INF):
        return spot * chance(place(k) - vol, b - vol) - k * chance(place(k), b)

    def put(k):
        return call(k) - spot + k

    def over(z, k):
        return np.maximum(price(z) - k, 0)

    k, b, mid = place(K), place(B), 0.5 * (K + B)
    payoffs = {
        "call": (lambda z: over(z, K), call(K)),
        "put": (lambda z: np.maximum(K - price(z), 0), put(K)),
        "digital": (lambda z: price(z) > K, chance(k)),
        "asset or nothing": (lambda z: price(z) * (price(z) > K), call(K) + K * chance(k)),
        "straddle": (lambda z: abs(price(z) - K), call(K) + put(K)),
        "barrier": (lambda z: over(z, K) * (price(z) < B), call(K, b)),
        "range": (lambda z: (price(z) > K) & (price(z) < B), chance(k, b)),
        "spread": (lambda z: over(z, K) - over(z, B), call(K) - call(B)),
        "butterfly": (
            lambda z: over(z, K) - 2 * over(z, mid) + over(z, B),
            call(K) - 2 * call(mid) + call(B),
        ),
        "strangle": (lambda z: np.maximum(K - price(z), 0) + over(z, B), put(K) + call(B)),
    }
    f, value = payoffs[kind]
    return f, Normal(), value


OPTIONS = ["call", "put", "digital", "asset or nothing", "straddle"]
OPTIONS += ["barrier", "range", "spread", "butterfly", "strangle"]


def peak(rng, law):
    """A normal or a Cauchy density, down to a thousandth of the law in width."""
    w = 10 ** rng.uniform(-3, -0.5)
    if law == "normal":
        c, v = rng.normal(), 1 + w * w
        value = w / np.sqrt(v) * np.exp(-0.5 * c * c / v)
        return lambda z: np.exp(-0.5 * ((z - c) / w) ** 2), Normal(), value
    c = rng.uniform()
    value = w * (np.arctan((1 - c) / w) + np.arctan(c / w))
    return lambda z: 1 / (1 + ((z - c) / w) ** 2), Uniform(), value


def histogram(rng):
    """A kink under a density of steps."""
    lower = rng.uniform(-2, 0)
    upper = lower + rng.uniform(0.5, 4)
    breaks = np.sort(rng.uniform(lower, upper, rng.integers(1, 6)))
    edges = np.r_[lower, breaks, upper]
    heights = 0.01 + rng.random(len(breaks) + 1)
    heights /= heights @ np.diff(edges)
    c, slopes = rng.uniform(lower, upper), rng.normal(size=2)

    def integral(z):
        return 0.5 * (slopes[0] * z**2 + slopes[1] * np.maximum(z - c, 0) ** 2)

    law = Density(lambda z: heights[np.searchsorted(breaks, z, side="right")], lower, upper)
    value = heights @ np.diff(integral(edges))
    return lambda z: slopes[0] * z + slopes[1] * np.maximum(z - c, 0), law, value


def truncated(rng):
    """A truncated exponential law, in a longer interval, of a known or an unknown scale."""
    a = rng.uniform(0.1, 1.5)
    b, rate = a + rng.uniform(0.3, 2), rng.uniform(0.2, 3)
    mass = (np.exp(-rate * a) - np.exp(-rate * b)) / rate
    known = bool(rng.random() < 0.5)

    def pdf(z):
        return np.where((z > a) & (z < b), np.exp(-rate * z), 0) / (mass if known else 1)

    law = Density(pdf, 0.0, 4.0 if rng.random() < 0.5 else INF, normalized=known)
    tail = [np.exp(-rate * z) * (z / rate + 1 / rate**2) for z in (a, b)]
    return lambda z: z, law, (tail[0] - tail[1]) / mass


def heavy(rng):
    """A jump or a kink under Student's law."""
    law, k = stats.t(rng.uniform(1.5, 5)), rng.normal()
    density = Density(law.pdf, -INF, INF)
    if rng.random() < 0.5:
        return lambda z: z > k, density, law.sf(k)
    freedom = law.args[0]
    value = (freedom + k * k) / (freedom - 1) * law.pdf(k) - k * law.sf(k)
    return lambda z: np.maximum(z - k, 0), density, value


def power(rng):
    """A singularity inside the interval, on one side or on both."""
    c, a = rng.uniform(), rng.choice([-0.5, -0.25, 0.25, 0.5, 1.5])
    sides, one = ((1 - c) ** (a + 1) / (a + 1), c ** (a + 1) / (a + 1)), rng.random() < 0.5

    def f(z):
        return np.where((z > c) | (not one), abs(z - c) ** a, 0)

    return f, Uniform(), sides[0] if one else sum(sides)


def smooth(rng):
    a, c = rng.uniform(0.3, 30), rng.uniform(-1, 1)
    return [
        (lambda z: np.cos(a * z + c), Uniform(), (np.sin(a + c) - np.sin(c)) / a),
        (lambda z: np.cos(a * z / 4 + c), Normal(), np.cos(c) * np.exp(-(a**2) / 32)),
        (lambda z: np.exp(a * z / 8), Normal(), np.exp(a**2 / 128)),
    ][rng.integers(3)]


ONE = {
    **{f"{n} {b}, {law}": (lambda rng, a=(law, n, d, b == "jumps"): piecewise(rng, *a))
       for law in ("normal", "uniform") for b in ("jumps", "kinks") for n, d in ((1, 1), (4, 3))},
    **{f"option: {kind}": (lambda rng, kind=kind: option(rng, kind)) for kind in OPTIONS},
    "peak, normal": lambda rng: peak(rng, "normal"),
    "peak, uniform": lambda rng: peak(rng, "uniform"),
    "density of steps": histogram,
    "truncated density": truncated,
    "heavy tails": heavy,
    "power": power,
    "smooth": smooth,
}  # fmt: skip


def several(rng, kind, d):
    """A function of d standard normal numbers."""
    a, c = rng.normal(size=d), rng.normal(size=d)
    s = np.linalg.norm(a)
    k = 0.7 * s * rng.normal()
    vol = rng.uniform(0.1, 0.5, size=d) / d
    root, drift = np.linalg.norm(vol), -0.5 * d * (vol**2).sum()
    K = np.exp(rng.normal() * root)
    far = (drift - np.log(K)) / root
    bent = phi(c) - c * Phi(-c)
    f, value = {
        "kink": (lambda z: np.maximum(z @ a - k, 0), s * phi(k / s) - k * Phi(-k / s)),
        "jump": (lambda z: z @ a > k, Phi(-k / s)),
        "corner": (lambda z: (z > c).all(axis=1), Phi(-c).prod()),
        "ball": (lambda z: (z * z).sum(axis=1) < d, special.gammainc(d / 2, d / 2)),
        "product of kinks": (lambda z: np.maximum(z - c, 0).prod(axis=1), bent.prod()),
        "sum of kinks": (lambda z: np.maximum(z - c, 0).sum(axis=1), bent.sum()),
        "best of two": (
            lambda z: np.maximum(a[0] * z[:, 0], a[1] * z[:, 1]),
            np.hypot(a[0], a[1]) / np.sqrt(2 * np.pi),
        ),
        "geometric basket": (
            lambda z: np.maximum(np.exp(z @ vol + drift) - K, 0),
            np.exp(drift + 0.5 * root**2) * Phi(far + root) - K * Phi(far),
        ),
        "smooth": (lambda z: np.cos(z @ a / s + k), np.cos(k) * np.exp(-0.5)),
    }[kind]
    return f, Normal(np.zeros(d)), value


KINDS = ["kink", "jump", "corner", "ball", "product of kinks", "sum of kinks"]
KINDS += ["best of two", "geometric basket", "smooth"]
SEVERAL = {
    f"{kind} in {d} dimensions": (lambda rng, kind=kind, d=d: several(rng, kind, d))
    for kind in KINDS
    for d in (2, 3)
}


def normal(seed):
    return Normal(seed=seed)


def masks(seed):
    return Bernoulli(0.5, 40, seed=seed)


HEAVY = {
    "exp(2.5 z)": (lambda z: -np.exp(2.5 * z), normal, -np.exp(3.125), "sample", 10_000),
    "exp(3 z)": (lambda z: np.exp(3 * z), normal, np.exp(4.5), "sample", 10_000),
    "exp(3 z), few": (lambda z: np.exp(3 * z), normal, np.exp(4.5), "sample", 1000),
    "exp(4 z), 30": (lambda z: np.exp(4 * z), normal, np.exp(8), "sample", 30),
    "exp(4 z), pairs": (lambda z: np.exp(4 * z), normal, np.exp(8), "antithetic", 10_000),
    "exp(4 z), net": (lambda z: np.exp(4 * z), normal, np.exp(8), "sobol", 8192),
    "u^-0.8": (lambda u: u**-0.8, lambda seed: Uniform(seed=seed), 5.0, "sample", 10_000),
    "masks": (
        lambda z: np.exp(1.2 * z.sum(axis=1)), masks, (0.5 + 0.5 * np.exp(1.2)) ** 40, "sample",
        5000,
    ),
}  # fmt: skip
LIGHT = {
    "linear": (lambda z: z, normal, 0.0),
    "square": (np.square, normal, 1.0),
    "fourth power": (lambda z: z**4, normal, 3.0),
    "exponential": (np.exp, normal, np.exp(0.5)),
    "kink": (lambda z: np.maximum(z - 1, 0), normal, phi(1) - Phi(-1)),
    "event": (lambda z: z > 1.5, normal, Phi(-1.5)),
    "bounded": (np.tanh, normal, 0.0),
    "count": (lambda z: z.sum(axis=1), masks, 20.0),
}
