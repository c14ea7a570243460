"""Gradient descent and Adam, at a rate that is given: the baselines that people know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy.typing as npt

from .. import _arrays, _core, _validation
from .base import SolverBase
from .stopping import Stopping, of_start

if TYPE_CHECKING:
    from typing_extensions import Unpack


class GradientDescent(SolverBase, _core.GradientDescent):
    """Gradient descent with a fixed learning rate and momentum, the baseline that people know.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
    learning_rate : float
        The step is −learning_rate · v, with v ← momentum · v + g.
    momentum : float
        In [0, 1).
    **stopping
        See `Stopping`; `maxiter` is 1000.
    """

    trusting = True

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        learning_rate: float = 1e-2,
        momentum: float = 0.0,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        super().__init__(
            start,
            _validation.real("learning_rate", learning_rate, "a finite number > 0"),
            _validation.real("momentum", momentum, "a number in [0, 1)"),
            *of_start(start, 1000, stopping),
        )


class Adam(SolverBase, _core.Adam):
    """Adam: steps scaled by running moments of the gradient.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        Start, finite; float32 is kept.
    learning_rate : float
        Roughly the largest change of a parameter in one step.
    beta1, beta2 : float
        Decay of the first and second moment, in [0, 1).
    epsilon : float
        Added to the root of the second moment, > 0.
    weight_decay : float
        AdamW: each step first shrinks x by the factor 1 − learning_rate · weight_decay.
    amsgrad : bool
        AMSGrad: the largest second moment so far in place of the present one.
    **stopping
        See `Stopping`; `maxiter` is 1000.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; I. Loshchilov,
    F. Hutter, "Decoupled weight decay regularization", ICLR 2019; S. J. Reddi, S. Kale, S. Kumar,
    "On the convergence of Adam and beyond", ICLR 2018.
    """

    trusting = True

    def __init__(
        self,
        x0: npt.ArrayLike,
        *,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        **stopping: Unpack[Stopping],
    ) -> None:
        start = _arrays.real("x0", x0)
        super().__init__(
            start,
            _validation.real("learning_rate", learning_rate, "a finite number > 0"),
            _validation.real("beta1", beta1, "a number in [0, 1)"),
            _validation.real("beta2", beta2, "a number in [0, 1)"),
            _validation.real("epsilon", epsilon, "a finite number > 0"),
            _validation.at_least("weight_decay", weight_decay, 0),
            _validation.flag("amsgrad", amsgrad),
            *of_start(start, 1000, stopping),
        )
