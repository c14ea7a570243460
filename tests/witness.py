"""The minimum of a fit to rounding, by another road than the library's.

Newton's method in NumPy: columns standardised in long double, gradients summed in
long double, steps by a QR decomposition, so that units and means of columns cost no digits. Errors
are measured where numbers mean something: in standard errors of the standardised coefficients.
"""

from __future__ import annotations

import functools

import numpy as np

from hessopt import objectives

LONG = np.longdouble
# Value, first and second derivative in the predictor.
FORMULAS = {
    "Squared": lambda e, y: ((e - y) ** 2 / 2, e - y, np.ones_like(e)),
    "Logistic": lambda e, y: (
        np.logaddexp(0, e) - y * e,
        1 / (1 + np.exp(-e)) - y,
        1 / (2 + np.exp(e) + np.exp(-e)),
    ),
    "Poisson": lambda e, y: (np.exp(e) - y * e, np.exp(e) - y, np.exp(e)),
    "Gamma": lambda e, y: (e + y * np.exp(-e), 1 - y * np.exp(-e), y * np.exp(-e)),
}


class NoMinimum(Exception):
    """The witness ran away: separable data, say."""


class Fit:
    """A mean loss over rows with an intercept, its minimum, and how far from it a point is."""

    def __init__(self, loss, X, y, weight=None):
        self.loss, self.X, self.y, self.weight = loss, X, y, weight
        raw = X.astype(LONG)
        self.mean, self.scale = raw.mean(0), raw.std(0)
        self.A = np.column_stack([(raw - self.mean) / self.scale, np.ones(len(X), LONG)])
        self.w = np.ones(len(X), LONG) if weight is None else weight.astype(LONG)
        self.best = self._minimum()

    def objective(self):
        """The library's."""
        return getattr(objectives, self.loss)(self.X, self.y, sample_weight=self.weight)

    def at(self, z):
        """Mean loss, its gradient, and rows whose Gram matrix is the Hessian of the sum."""
        with np.errstate(all="ignore"):
            value, first, second = FORMULAS[self.loss](self.A @ z, self.y.astype(LONG))
            total = self.w.sum()
            rows = np.sqrt(self.w * second)[:, None] * self.A
            return self.w @ value / total, self.A.T @ (self.w * first) / total, rows

    def _start(self):
        z = np.zeros(self.A.shape[1], LONG)
        if self.loss in ("Poisson", "Gamma"):
            z[-1] = np.log(self.w @ self.y.astype(LONG) / self.w.sum())
        return z

    def _minimum(self):
        z = self._start()
        value, gradient, rows = self.at(z)
        size = np.inf
        for _ in range(200):
            R = _factor(rows)
            g = (gradient * self.w.sum()).astype(float)
            step = -np.linalg.solve(R, np.linalg.solve(R.T, g)).astype(LONG)
            last, size = size, float(np.sqrt(-g @ step))  # in standard errors, of all directions
            if not np.isfinite(size) or (self.loss != "Squared" and np.abs(z).max() > 100):
                break
            while not (after := self.at(z + step))[0] <= value and size > 1e-8:
                step, size = step / 2, size / 2
            if size < 1e-8 and size >= last / 2:
                return z
            z, (value, gradient, rows) = z + step, after
        raise NoMinimum

    @functools.cached_property
    def least(self):
        """The least value."""
        return self.at(self.best)[0]

    @functools.cached_property
    def _root(self):
        """A square root of the covariance of the standardised coefficients."""
        return np.linalg.inv(_factor(self.at(self.best)[2])) * np.sqrt(self.dispersion)

    @functools.cached_property
    def spread(self):
        """Standard errors of the standardised coefficients, the intercept last."""
        return np.linalg.norm(self._root, axis=1)

    @functools.cached_property
    def dispersion(self):
        """Variance of y for `Squared`, Pearson's estimate for `Gamma`, else 1."""
        if self.loss not in ("Squared", "Gamma"):
            return 1.0
        e, y = self.A @ self.best, self.y.astype(LONG)
        r = y - e if self.loss == "Squared" else y * np.exp(-e) - 1
        return float(self.w @ r**2 / (self.w.sum() - len(self.best)))

    @functools.cached_property
    def _to_raw(self):
        T = np.diag(np.append(1 / self.scale, LONG(1)))
        T[-1, :-1] = -self.mean / self.scale
        return T

    def coefficients(self):
        """Of the raw columns, the intercept last; and their standard errors."""
        return self._to_raw @ self.best, np.linalg.norm(self._to_raw @ self._root, axis=1)

    def standardised(self, x):
        """Coefficients of the standardised columns, from those of the raw ones."""
        x = x.astype(LONG)
        return np.append(x[:-1] * self.scale, x[-1] + x[:-1] @ self.mean)

    def raw(self, x):
        """What of x has one right value."""
        return x.astype(LONG)

    def start(self, distance, rng):
        """A point so many standard errors away from the minimum."""
        way = rng.normal(size=len(self.best))
        z = self.best + distance * way / np.abs(way).max() * self.spread
        return (self._to_raw @ z).astype(float)

    def excess(self, x, start):
        """What is left of the fall from the start to the minimum."""
        fall = self.at(self.standardised(start))[0] - self.least
        left = max(self.at(self.standardised(x))[0] - self.least, LONG(0))
        return float(left / fall) if fall > 0 else 0.0

    def error(self, x):
        """The worst coefficient's distance from the minimum, in standard errors."""
        return float((np.abs(self.standardised(x) - self.best) / self.spread).max())


class Multinomial(Fit):
    """Softmax; coefficients are those of the classes less those of class 0, as tables have them."""

    def __init__(self, X, y):
        self.K = int(y.max()) + 1
        super().__init__("Softmax", X, y)

    def at(self, z):
        """The same, with a triangle of K - 1 rows for each row of the data."""
        with np.errstate(all="ignore"):
            e = np.exp(self.A @ z.reshape(self.K - 1, -1).T)
            p = e / (1 + e.sum(1, keepdims=True))
            known = self.y[:, None] == np.arange(1, self.K)
            value = np.log1p(e.sum(1)).sum() - np.log(e[known]).sum()
            gradient = ((p - known).T @ self.A).ravel()
            square = (p[:, :, None] * (np.eye(self.K - 1) - p[:, None, :])).astype(float)
            root = np.linalg.cholesky(square).transpose(0, 2, 1)
            rows = root[:, :, :, None] * self.A[:, None, None, :].astype(float)
            return value / len(p), gradient / len(p), rows.reshape(-1, len(z))

    def _start(self):
        return np.zeros((self.K - 1) * self.A.shape[1], LONG)

    @functools.cached_property
    def _to_raw(self):
        return np.kron(np.eye(self.K - 1), super()._to_raw)

    def raw(self, x):
        """The classes less class 0."""
        x = x.reshape(self.K, -1).astype(LONG)
        return (x[1:] - x[0]).ravel()

    def standardised(self, x):
        """Of every class but the first."""
        rows = self.raw(x).reshape(self.K - 1, -1)
        return np.concatenate([super(Multinomial, self).standardised(r) for r in rows])


def _factor(rows):
    """R of a QR decomposition."""
    return np.linalg.qr(rows.astype(float), mode="r")
