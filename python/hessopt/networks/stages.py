"""The stages of a fit: Adam on mini-batches, or a solver on the network as it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._minimize import minimize
from ..noise import Augmentation
from ..solvers import METHODS, Solver, Status
from .batch_adam import BatchAdam
from .freezing import Frozen
from .gauss_newton import GaussNewton
from .network import Network, Statistics

_Doubles = npt.NDArray[np.float64]
#: Called with the value and the point after every epoch or iteration; whether to end.
After = Callable[[float, npt.NDArray[Any]], bool]

_BATCH = 2**18  # numbers of a batch that a sampler is called with


class Epochs:
    """Adam on mini-batches, augmented anew in every epoch, which sees each row once."""

    unit = "epochs"

    def __init__(
        self,
        network: Network | Frozen,
        start: _Doubles,
        options: dict[str, Any],
        augmentation: Augmentation | None,
    ) -> None:
        self._network, self._augmentation = network, augmentation
        self._training = BatchAdam(_moved(network), start, **options)
        self.most: int = options["epochs"]
        self.status, self.message = Status.RUNNING, ""

    @property
    def x(self) -> npt.NDArray[Any]:
        """Where it has come to."""
        return self._training.mean

    @property
    def nit(self) -> int:
        """Epochs done."""
        return self._training.n_epochs

    @property
    def nfev(self) -> int:
        """Steps taken."""
        return self._training.n_steps

    @property
    def running(self) -> Statistics | None:
        """Running averages of the statistics of batches, where there are any."""
        return self._training.running or None

    def run(self, after: After) -> None:
        """Epochs to the last, or to where `after` ends them."""
        while self.nit < self.most and np.isfinite(self.x).all():
            network = self._data()
            value = self._training.run_epoch(_moved(network))
            if isinstance(network, Frozen):
                value += network.penalty_of_held
            if after(value, self.x):
                return
        if np.isfinite(self.x).all():
            self.status = Status.MAX_ITERATIONS
            self.message = f"MAX_ITERATIONS: {self.nit} epochs of {self.nfev // self.nit} steps"
        else:
            self.status = Status.NON_FINITE
            self.message = f"NON_FINITE: parameters are after epoch {self.nit}"

    def state(self) -> bytes:
        """What `restore` goes on from."""
        return self._training.__getstate__()

    def restore(self, state: bytes) -> None:
        """Go on from a state."""
        self._training = BatchAdam.__new__(BatchAdam)
        self._training.__setstate__(state)

    def _data(self) -> Network | Frozen:
        """The network, of rows augmented for this epoch."""
        if self._augmentation is None:
            return self._network
        given = self._network
        network = given.network if isinstance(given, Frozen) else given
        X = network._data()
        views, size = np.empty_like(X, order="C"), max(1, _BATCH // X.shape[1])
        rows = np.arange(len(X))
        for batch, begin in enumerate(range(0, len(X), size)):
            part = slice(begin, begin + size)
            views[part] = self._augmentation.views(X[part], rows[part], self.nit, batch)
        changed = network._with_data(views)
        return given.of(changed) if isinstance(given, Frozen) else changed


def _moved(network: Network | Frozen) -> Network:
    """The network that Adam moves all parameters of."""
    if isinstance(network, Network):
        return network
    if not network.moves_all:
        want = "a solver, or held layers that come first, with no Dropout before or between them"
        raise _validation.error("method", f"Adam with the layers {list(network.held)} held", want)
    return network.rest


class Iterations:
    """A solver on the network, whose masks are fixed."""

    unit = "iterations"

    def __init__(
        self, network: Network | Frozen, start: _Doubles, method: str, options: dict[str, Any]
    ) -> None:
        # In a trust region the Gauss-Newton matrix, never indefinite: Levenberg and Marquardt.
        self._objective: Network | Frozen | GaussNewton = (
            network.with_ggn() if method == "trust_region" else network
        )
        self._solver: Solver = METHODS[method](start, **options)

    running = None

    @property
    def most(self) -> int:
        """The limit of iterations."""
        return self._solver.limits.maxiter

    @property
    def x(self) -> npt.NDArray[Any]:
        """The best point."""
        return self._solver.x

    @property
    def nit(self) -> int:
        """Iterations done."""
        return self._solver.nit

    @property
    def nfev(self) -> int:
        """Evaluations of f."""
        return self._solver.nfev

    @property
    def status(self) -> Status:
        """Why it ended."""
        return self._solver.status

    @property
    def message(self) -> str:
        """The same in words."""
        return self._solver.message

    def run(self, after: After) -> None:
        """Iterations to the end, or to where `after` ends them."""
        minimize(self._objective, self._solver, callback=lambda state: after(state.fun, state.x))

    def state(self) -> bytes:
        """What `restore` goes on from."""
        return self._solver.__getstate__()

    def restore(self, state: bytes) -> None:
        """Go on from a state, within the limits of now."""
        limits = self._solver.limits
        self._solver = type(self._solver).__new__(type(self._solver))
        self._solver.__setstate__(state)
        with contextlib.suppress(ValueError):  # a run that has ended stays so
            self._solver._resume(limits)
