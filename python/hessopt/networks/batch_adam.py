"""Adam on mini-batches, an epoch a call."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from .. import _core, _validation
from .network import Network

SCHEDULES = ("constant", "linear", "cosine")


class BatchAdam(_core.BatchAdam):
    """Adam or AdamW on mini-batches of a network's rows, with fresh masks of dropout at every step.

    A state, as the solvers are: `run_epoch` moves it on, at any moment it can be pickled, and goes
    on from there bit for bit. The order of the rows is a function of `seed` and epoch, the masks
    are functions of `seed` and step; neither depends on the number of threads. `fit` does all this
    and more in one call.

    Parameters
    ----------
    network : Network
        What is trained. Its own masks are not used. In a network of float32 data the state is in
        float32.
    x0 : array_like, shape (n_parameters,)
        Start, finite.
    epochs : int
        After how many epochs the learning rate is at its end.
    batch_size : int
        Rows a step, the last of an epoch may have fewer.
    learning_rate : float
        At its highest.
    schedule : {"cosine", "linear", "constant"}
        How it falls to 0 over the epochs, or that it stays.
    warmup : float
        Epochs, of the first, in which it rises along a line.
    weight_decay : float
        AdamW: each step first shrinks x by the factor 1 − rate · weight_decay, biases too. Beside
        the network's l2, which is in the gradient.
    beta1, beta2, epsilon, amsgrad
        See `hessopt.Adam`.
    averaged_epochs : int
        The last epochs whose iterates are averaged in `mean`; 0: none.
    seed : int
        Of order and masks.

    References
    ----------
    As of `hessopt.Adam`; B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by
    averaging", SIAM J. Control Optim. 30 (1992).

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.networks import BatchAdam, Dense, Network
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> f = Network(X, X[:, 0] ** 2, [Dense(8, "tanh"), Dense(1)], loss="squared")
    >>> x0 = np.random.default_rng(0).normal(size=f.n_parameters)
    >>> training = BatchAdam(f, x0, epochs=100, learning_rate=0.03, batch_size=20)
    >>> values = [training.run_epoch(f) for _ in range(100)]
    >>> f.value(training.x) < 1e-3 < values[0]
    True
    """

    def __init__(
        self,
        network: Network,
        x0: npt.ArrayLike,
        *,
        epochs: int,
        batch_size: int = 128,
        learning_rate: float = 3e-3,
        schedule: str = "cosine",
        warmup: float = 0.0,
        weight_decay: float = 0.0,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        amsgrad: bool = False,
        averaged_epochs: int = 0,
        seed: int = 0,
    ) -> None:
        if not isinstance(network, Network):
            want = "a Network, as the `rest` of a Frozen is"
            raise TypeError(f"network: got {type(network).__name__}; want {want}")
        if schedule not in SCHEDULES:
            raise _validation.error("schedule", repr(schedule), f"one of {list(SCHEDULES)}")
        adam = (
            _validation.real("beta1", beta1, "a number in [0, 1)"),
            _validation.real("beta2", beta2, "a number in [0, 1)"),
            _validation.real("epsilon", epsilon, "a finite number > 0"),
            _validation.at_least("weight_decay", weight_decay, 0),
            _validation.flag("amsgrad", amsgrad),
        )
        super().__init__(
            network,
            _validation.doubles("x0", x0, network.n_parameters),
            _validation.integer("epochs", epochs, 1),
            _validation.integer("batch_size", batch_size, 1),
            _validation.real("learning_rate", learning_rate, "a finite number > 0"),
            schedule,
            _validation.at_least("warmup", warmup, 0),
            adam,
            _validation.integer("averaged_epochs", averaged_epochs),
            _validation.seed(seed),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_epochs={self.n_epochs}, n_steps={self.n_steps})"


#: Its keyword arguments, for those who hand them on.
OPTIONS: dict[str, Any] = {
    name: value for name, value in (BatchAdam.__init__.__kwdefaults__ or {}).items()
}
