"""A model with its noise integrated out: the compiled form, and what it was made of."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, objectives
from ..noise.laws import Augmentation, DropConnect, Dropout, Noise
from ..objectives.class_bound import ClassBound
from ..objectives.estimate import Estimate
from .fixed_samples import fixed_samples

_SHARE = 8  # of the samples, one in so many is enough for a rough Hessian
# A step on a Hessian of few samples gains less than one on all: counted three times as dear, it
# brought fits of the digits under 16 and 64 masks from 131–1622 ms to 65–775 (two cores, AVX-512).
_MORE_STEPS = 3
_Doubles = npt.NDArray[np.float64]


class Integrated(Estimate):
    """E_z f(x, z), as `hessopt.expected` makes it, which has the arguments.

    It is pickled and copied as what it was made of.

    Attributes
    ----------
    objective : hessopt.objectives.Squared, Logistic, Softmax or another
        f without the noise.
    noise : Dropout, DropConnect, GaussianDropout, GaussianNoise or Augmentation
        The law of z.
    method : str
        How the noise is integrated.
    n_samples : int or None
        Of the method "sample".
    sampling : str
        How these are drawn.
    """

    def __init__(
        self,
        objective: objectives.LinearModel | objectives.Softmax,
        noise: Noise | Augmentation,
        method: str,
        n_samples: int | None = None,
        sampling: str = "random",
    ) -> None:
        self.objective, self.noise, self.method = objective, noise, method
        self.n_samples, self.sampling = n_samples, sampling
        form: Any = (
            integral_of(objective, noise, method)
            if n_samples is None
            else fixed_samples(objective, noise, n_samples, sampling)
        )
        self._form = self._rough = form
        self._total_weight = objective._total_weight
        self._determined_by = objective._determined_by
        # Without a detour.
        self.value_and_gradient = form.value_and_gradient
        self.hessian, self.hessp, self.evaluate = form.hessian, form.hessp, form.evaluate
        if hasattr(form, "curvature_bound"):
            self.preconditioner = partial(ClassBound, form)
        if n_samples is not None and n_samples >= 2 * _SHARE and hasattr(form, "rough_hessian"):
            few = 2 ** int(math.log2(n_samples // _SHARE))
            few = max(few, 1 + (sampling == "antithetic"))
            self._rough = fixed_samples(objective, noise, few, sampling)
            self.rough_hessian = self._rough.rough_hessian
            self.hessian_cost = _MORE_STEPS * form.hessian_cost * few / n_samples

    @property
    def response(self) -> str | None:
        """What the mean of y is of the predictor."""
        return self.objective.response

    @property
    def has_dispersion(self) -> bool:
        """Whether y has a scale of its own."""
        return getattr(self.objective, "has_dispersion", False)

    @property
    def l2(self) -> _Doubles:
        """Strength of the penalty."""
        return self.objective.l2

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,)."""
        return self.objective.l2_of_parameters

    @property
    def l1_of_parameters(self) -> _Doubles:
        """The l1 term of each parameter, shape (n_parameters,): noise does not touch it."""
        return self.objective.l1_of_parameters

    @property
    def null_directions(self) -> _Doubles | None:
        """Directions along which nothing changes."""
        return getattr(self.objective, "null_directions", None)

    def with_l2(self, l2: npt.ArrayLike) -> Integrated:
        """The same under another penalty."""
        made = self.noise, self.method, self.n_samples, self.sampling
        return type(self)(self.objective.with_l2(l2), *made)

    def log_constant(self, dispersion: float) -> float:
        """What the log-likelihood has beside the losses."""
        return self.objective.log_constant(dispersion)

    @property
    def convex(self) -> bool:
        """Whether f stays convex: as a mean of convex functions, not as an expansion."""
        return self.method != "taylor" and self.objective.convex

    @property
    def n_parameters(self) -> int:
        """Length of x."""
        n: int = self._form.n_parameters
        return n

    def hessian_about(self, x: npt.ArrayLike, origin: npt.ArrayLike, *, rough: bool = False) -> Any:
        """The Hessian about means of columns, as models have it; a rough one of a few samples."""
        form = self._rough if rough else self._form
        return form.hessian_about(x, origin, rough=rough)

    def __getattr__(self, name: str) -> Any:
        # What else the form can do, as models do: tell its columns, or be sampled.
        if name.startswith("_") or not hasattr(self._form, name):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute {name!r}")
        return getattr(self._form, name)

    def __reduce__(self) -> tuple[Any, ...]:
        made = self.objective, self.noise, self.method, self.n_samples, self.sampling
        return type(self), made

    def __repr__(self) -> str:
        said = [repr(self.objective), repr(self.noise), repr(self.method)]
        if self.n_samples is not None:
            said += [f"n_samples={self.n_samples}", f"sampling={self.sampling!r}"]
        return f"expected({', '.join(said)})"


def integral_of(
    objective: objectives.LinearModel | objectives.Softmax,
    noise: Noise | Augmentation,
    method: str,
) -> objectives.Objective | None:
    """Without samples, or None where there is no such."""
    form: objectives.Objective | None = None
    if isinstance(noise, Augmentation):
        return None
    if isinstance(objective, objectives.LinearModel):
        form = _core.closed_form(objective, noise._law(), method)
    elif method == "taylor":
        form = _core.softmax_taylor(objective, noise._law())
    if form is None and method == "exact" and _drops_terms(objective, noise):
        form = _core.enumerated(objective, noise._law())
    return form


def _drops_terms(objective: object, noise: Noise) -> bool:
    """Whether it is the terms x_j w_j of a predictor that are dropped, one independent of another.

    Classes have their inputs in common, but not their parameters.
    """
    single = isinstance(objective, objectives.LinearModel)
    return isinstance(noise, Dropout) or (single and isinstance(noise, DropConnect))
