"""The laws of the noise that `expected` integrates out of an objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .images import Images


@dataclass(frozen=True)
class Dropout:
    """Dropout noise on the inputs of a model, scaled so that it is right on average.

    Each input is set to zero with probability `rate` and divided by 1 − `rate` otherwise,
    independently.

    Parameters
    ----------
    rate : float
        Fraction dropped, in [0, 1).
    seed : int
        Seed of fixed samples, in [0, 2**64); closed forms do not use it.
    """

    rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        rate, seed = _validation.rate(self.rate), _validation.seed(self.seed)
        _validation.store(self, rate=rate, seed=seed)

    def _law(self) -> _core.Dropout:
        return _core.Dropout(self.rate, self.seed)


@dataclass(frozen=True)
class DropConnect:
    """Dropout on the parameters of a model instead of its inputs; intercepts are left alone.

    Parameters
    ----------
    rate : float
        Fraction dropped, in [0, 1).
    seed : int
        Seed of fixed samples, in [0, 2**64); closed forms do not use it.

    References
    ----------
    L. Wan et al., "Regularization of neural networks using DropConnect", ICML 2013.
    """

    rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        rate, seed = _validation.rate(self.rate), _validation.seed(self.seed)
        _validation.store(self, rate=rate, seed=seed)

    def _law(self) -> _core.DropConnect:
        return _core.DropConnect(self.rate, self.seed)


@dataclass(frozen=True)
class GaussianDropout:
    """Each input of a model is multiplied by a normal number of mean 1.

    Its variance rate / (1 − rate) is that of the factor of `Dropout`.

    Parameters
    ----------
    rate : float
        In [0, 1).
    seed : int
        Seed of fixed samples, in [0, 2**64); closed forms do not use it.

    References
    ----------
    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 15 (2014), section 10.
    """

    rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        rate, seed = _validation.rate(self.rate), _validation.seed(self.seed)
        _validation.store(self, rate=rate, seed=seed)

    def _law(self) -> _core.GaussianDropout:
        return _core.GaussianDropout(self.rate, self.seed)


@dataclass(frozen=True)
class GaussianNoise:
    """A normal number of mean 0 is added to each input of a model.

    Parameters
    ----------
    scale : float
        Standard deviation, >= 0, in the units of the inputs.
    seed : int
        Seed of fixed samples, in [0, 2**64); closed forms do not use it.
    """

    scale: float
    seed: int = 0

    def __post_init__(self) -> None:
        scale, seed = _validation.at_least("scale", self.scale, 0.0), _validation.seed(self.seed)
        _validation.store(self, scale=scale, seed=seed)

    def _law(self) -> _core.GaussianNoise:
        return _core.GaussianNoise(self.scale, self.seed)


@dataclass(frozen=True)
class Augmentation:
    """Rows of a model changed at random by a function of the user's: noise that has no formula.

    Parameters
    ----------
    sampler : callable, or hessopt.noise.images.Images
        ``sampler(X_batch, rng) -> array of the same shape``, finite. `X_batch` is a read-only view
        of some rows of X, `rng` a `numpy.random.Generator` of its own for each batch and sample: a
        function that draws from it and from nothing else gives the same rows at every evaluation.
        The views of `Images` are functions of the row and the sample alone, whatever the batch.
    seed : int
        In [0, 2**64). The generator's bits are ``numpy.random.Philox(key=seed, counter=[0, 0, b,
        k])`` for batch b of sample k; a batch is max(1, 2**18 // p) rows of p numbers.

    Examples
    --------
    Pictures of 8 x 8 pixels, mirrored with probability 1/2.

    >>> import numpy as np, hessopt
    >>> def mirror(X, rng):
    ...     pictures = X.reshape(-1, 8, 8)
    ...     chosen = rng.random((len(X), 1, 1)) < 0.5
    ...     return np.where(chosen, pictures[:, :, ::-1], pictures).reshape(X.shape)
    >>> X = np.arange(128.0).reshape(2, 64) / 128
    >>> f = hessopt.objectives.Logistic(X, [0, 1])
    >>> noisy = hessopt.expected(f, hessopt.Augmentation(mirror), "sample", n_samples=4)
    >>> round(noisy.value_and_gradient(np.zeros(65))[0], 6)
    0.693147
    """

    sampler: Callable[[npt.NDArray[Any], np.random.Generator], npt.ArrayLike] | Images
    seed: int = 0

    def __post_init__(self) -> None:
        if not (callable(self.sampler) or isinstance(self.sampler, Images)):
            want = "a function of (X_batch, rng), or Images"
            raise TypeError(f"sampler: got {self.sampler!r}; want {want}")
        _validation.store(self, seed=_validation.seed(self.seed))

    def views(
        self, X: npt.NDArray[Any], rows: npt.NDArray[np.int64], sample: int, batch: int
    ) -> npt.NDArray[Any]:
        """Some rows of the data, augmented.

        Parameters
        ----------
        X : ndarray, shape (m, ...)
            These rows.
        rows : ndarray of int64, shape (m,)
            Their indices in the whole data.
        sample : int
            The sample or the epoch, in [0, 2**32).
        batch : int
            The number of the batch, which the generator of a function is of.

        Returns
        -------
        ndarray, of the shape of `X`, finite
        """
        if isinstance(self.sampler, Images):
            drawn: npt.ArrayLike = self.sampler.views(X, rows, seed=self.seed, sample=sample)
        else:
            bits = np.random.Philox(key=self.seed, counter=[0, 0, batch, sample])
            drawn = self.sampler(X, np.random.Generator(bits))
        views = _validation.array("sampler", drawn)
        if views.shape != X.shape:
            want = f"shape {X.shape}, that of X"
            raise _validation.error("sampler", f"shape {views.shape}", want)
        _validation.finite("sampler", views.reshape(len(views), -1))
        return views


Noise = Dropout | DropConnect | GaussianDropout | GaussianNoise
