"""Networks that differ by their seeds alone."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._result import OptimizeResult
from ..integrate import PredictiveDistribution, ensemble_distribution
from ..objectives.likelihood import mean_of_target
from .fitting import fit
from .network import Network

_Doubles = npt.NDArray[np.float64]


class Ensemble:
    """Fits of one network, as `fit_ensemble` makes them.

    Attributes
    ----------
    results : list of OptimizeResult
        Of each member, as of `fit`.
    x : ndarray, shape (members, n_parameters)
        Their parameters.
    members : str
        "seeds" or "snapshots": what they are.
    """

    def __init__(self, network: Network, results: list[OptimizeResult], members: str) -> None:
        self._network, self.results, self.members = network, results, members
        self.x: _Doubles = np.stack([result.x for result in results])

    def predict(self, X: npt.ArrayLike) -> _Doubles:
        """What each member expects, shape (members, rows, outputs), without dropout.

        Of 'softmax' and 'logistic' probabilities, of 'poisson' and 'gamma' means, of the other
        losses the outputs.
        """
        f = self._network
        return np.stack([mean_of_target(f.response, f.predict(x, X)) for x in self.x])

    def distribution(self, X: npt.ArrayLike) -> PredictiveDistribution:
        """Mean, spread and entropies over the members; see `hessopt.ensemble_distribution`."""
        return ensemble_distribution(self.predict(X))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.results)} {self.members} of {self._network!r})"


def fit_ensemble(
    network: Network,
    n_members: int = 5,
    *,
    members: str = "seeds",
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    **how: Any,
) -> Ensemble:
    """Train a network from several seeds, or take snapshots of one training.

    Parameters
    ----------
    network : Network
        As for `fit`.
    n_members : int
        At least two.
    members : {"seeds", "snapshots"}
        "seeds": fits that have nothing in common. "snapshots": one training by Adam whose learning
        rate falls to 0 and begins anew with each member, from where the last one ended; `epochs`
        are those of such a cycle. Members are then near each other, and cost a part of a fit each.
    seed : int
        Member k is the fit of seed + k, its fixed masks those of the network's seed + k.
    checkpoint : path, optional
        Member k is kept there with ``.k`` at the end of the name.
    **how
        As for `fit`, the same for all.

    References
    ----------
    As of `hessopt.ensemble_distribution`. G. Huang et al., "Snapshot ensembles: train 1, get M for
    free", ICLR 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.networks import Dense, Network, fit_ensemble
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> f = Network(X, (X[:, 0] > 0).astype(int), [Dense(4, "tanh"), Dense(2)], l2=1e-3)
    >>> ensemble = fit_ensemble(f, 3, epochs=100, learning_rate=0.05)
    >>> ensemble.predict(X).shape
    (3, 100, 2)
    >>> bool(ensemble.distribution(X).mean[-1, 1] > 0.9)
    True
    """
    if not isinstance(network, Network):
        raise TypeError(f"network: got {type(network).__name__}; want a Network")
    if members not in ("seeds", "snapshots"):
        raise _validation.error("members", repr(members), "'seeds' or 'snapshots'")
    cyclic = members == "snapshots"
    if cyclic and how.get("method", "adam") not in ("adam", "adamw"):
        raise _validation.error("method", repr(how["method"]), "'adam' or 'adamw' for snapshots")
    if cyclic and how.get("schedule", "cosine") == "constant":
        raise _validation.error("schedule", "'constant'", "'cosine' or 'linear' for snapshots")
    count = _validation.integer("n_members", n_members, 2)
    first, masks = _validation.seed(seed), network._given[1]["seed"]
    results: list[OptimizeResult] = []
    for k in range(count):
        path = None if checkpoint is None else f"{os.fsdecode(checkpoint)}.{k}"
        member = network.with_masks(seed=(masks + k) % 2**64)
        results.append(fit(member, seed=(first + k) % 2**64, checkpoint=path, **how))
        if cyclic:
            how["x0"] = results[-1].x
    return Ensemble(network, results, members)
