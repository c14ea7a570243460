"""What may happen to an image: each change takes images (n, height, width, channels) and numbers.

The random numbers are those of each image (`hessopt.noise.counters.Numbers`), and no loop runs over
images. What would be taken from outside an image is taken from its nearest pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .. import _validation
from .._validation import Array
from .counters import Numbers


class Change(Protocol):
    """A change of images at random."""

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """Changed images, of the shape and dtype of `images`, which stay as they are."""
        ...


@dataclass(frozen=True)
class Shift:
    """Each image is moved by whole pixels, every way from -`pixels` to `pixels` as likely.

    Parameters
    ----------
    pixels : int
        Most that it moves along each axis, >= 0.
    """

    pixels: int

    def __post_init__(self) -> None:
        _validation.store(self, pixels=_validation.integer("pixels", self.pixels))

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """The images, moved."""
        n, height, width, _ = images.shape
        ways = 2 * self.pixels + 1
        by = (numbers.uniform(2) * ways).astype(np.intp) - self.pixels
        y = np.clip(np.arange(height) - by[:, :1], 0, height - 1)
        x = np.clip(np.arange(width) - by[:, 1:], 0, width - 1)
        moved: Array = images[np.arange(n)[:, None, None], y[:, :, None], x[:, None, :]]
        return moved


@dataclass(frozen=True)
class Flip:
    """Each image is mirrored with some probability.

    Parameters
    ----------
    axis : {"horizontal", "vertical"}
        Left and right change places, or top and bottom.
    rate : float
        Probability, in [0, 1].
    """

    axis: str = "horizontal"
    rate: float = 0.5

    def __post_init__(self) -> None:
        if self.axis not in ("horizontal", "vertical"):
            raise _validation.error("axis", repr(self.axis), "'horizontal' or 'vertical'")
        _validation.store(self, rate=_validation.probability("rate", self.rate))

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """The images, some mirrored."""
        chosen = numbers.uniform(1)[:, :, None, None] < self.rate
        mirrored = images[:, :, ::-1] if self.axis == "horizontal" else images[:, ::-1]
        return np.where(chosen, mirrored, images)


@dataclass(frozen=True)
class Crop:
    """A part of each image, anywhere in it, is brought back to its size by bilinear interpolation.

    Parameters
    ----------
    least : float
        The part's sides are a fraction of the image's that is uniform in [`least`, 1]; in (0, 1].
    """

    least: float

    def __post_init__(self) -> None:
        least = _validation.real("least", self.least, "a fraction in (0, 1]")
        if not 0 < least <= 1:
            raise _validation.error("least", self.least, "a fraction in (0, 1]")
        _validation.store(self, least=least)

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """The parts, of the size of the images."""
        u = numbers.uniform(3)
        part = self.least + (1 - self.least) * u[:, :1]

        def along(pixels: int, where: Array) -> Array:
            first = where * (1 - part) * pixels
            return first + (np.arange(pixels) + 0.5) * part - 0.5

        y, x = along(images.shape[1], u[:, 1:2]), along(images.shape[2], u[:, 2:])
        return _interpolated(images, y[:, :, None], x[:, None, :])


@dataclass(frozen=True)
class Rotation:
    """Each image is turned about its centre, by bilinear interpolation.

    Parameters
    ----------
    degrees : float
        The angle is uniform in [-`degrees`, `degrees`]; >= 0.
    """

    degrees: float

    def __post_init__(self) -> None:
        _validation.store(self, degrees=_validation.at_least("degrees", self.degrees, 0))

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """The images, turned."""
        _, height, width, _ = images.shape
        angle = np.deg2rad(self.degrees) * (2 * numbers.uniform(1)[:, :, None] - 1)
        cos, sin = np.cos(angle), np.sin(angle)
        y = (np.arange(height) - (height - 1) / 2)[:, None]
        x = np.arange(width) - (width - 1) / 2
        return _interpolated(
            images, cos * y + sin * x + (height - 1) / 2, cos * x - sin * y + (width - 1) / 2
        )


@dataclass(frozen=True)
class Brightness:
    """A number is added to each image.

    Parameters
    ----------
    amount : float
        The number is uniform in [-`amount`, `amount`], in units of the pixels; >= 0.
    """

    amount: float

    def __post_init__(self) -> None:
        _validation.store(self, amount=_validation.at_least("amount", self.amount, 0))

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """The images, brighter or darker."""
        by = self.amount * (2 * numbers.uniform(1)[:, :, None, None] - 1)
        return np.asarray(images + by.astype(images.dtype))


@dataclass(frozen=True)
class Contrast:
    """The pixels of each image are drawn away from their mean, or towards it.

    Parameters
    ----------
    amount : float
        Their distances are multiplied by a factor uniform in [1 - `amount`, 1 + `amount`]; in
        [0, 1].
    """

    amount: float

    def __post_init__(self) -> None:
        _validation.store(self, amount=_validation.probability("amount", self.amount))

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """The images, of more or less contrast."""
        factor = 1 + self.amount * (2 * numbers.uniform(1) - 1)
        flat = np.ascontiguousarray(images).reshape(len(images), -1)
        rest = (1 - factor) * flat.mean(axis=1, keepdims=True, dtype=np.float64)
        changed: Array = flat * factor.astype(flat.dtype) + rest.astype(flat.dtype)
        return changed.reshape(images.shape)


@dataclass(frozen=True)
class Noise:
    """A normal number of mean 0 is added to each pixel.

    Parameters
    ----------
    scale : float
        Its standard deviation, in units of the pixels; >= 0.
    """

    scale: float

    def __post_init__(self) -> None:
        _validation.store(self, scale=_validation.at_least("scale", self.scale, 0))

    def apply(self, images: Array, numbers: Numbers) -> Array:
        """The images with noise."""
        drawn = numbers.normal(images[:1].size).reshape(images.shape)
        return np.asarray(images + (self.scale * drawn).astype(images.dtype))


def _interpolated(images: Array, y: Array, x: Array) -> Array:
    """Between the four pixels around (y, x), which broadcast to (n, height, width)."""
    n, height, width, channels = images.shape
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    below = width * (np.minimum(top + 1, height - 1) - top)
    right = np.minimum(left + 1, width - 1) - left
    down = (y - top)[..., None].astype(images.dtype)
    across = (x - left)[..., None].astype(images.dtype)
    pixels = images.reshape(n * height * width, channels)
    corner = width * (height * np.arange(n)[:, None, None] + top) + left

    def between(corners: Array) -> Array:
        a: Array = pixels.take(corners, axis=0)
        b: Array = pixels.take(corners + right, axis=0)
        b -= a
        b *= across
        b += a
        return b

    above, under = between(corner), between(corner + below)
    under -= above
    under *= down
    under += above
    return under
