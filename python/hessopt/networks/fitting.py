"""Training in one call."""

from __future__ import annotations

import inspect
import io
import json
import os
import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _progress, _validation
from .._minimize.reporting import notify
from .._result import OptimizeResult
from .._state_file import StateFile
from ..noise import Augmentation
from ..solvers import METHODS, Status
from ..solvers.stopping import NAMES
from .batch_adam import OPTIONS
from .freezing import Frozen
from .layers import Dropout
from .network import Network
from .stages import After, Epochs, Iterations
from .watch import Watch

_Doubles = npt.NDArray[np.float64]
_Stage = Epochs | Iterations

_STAGES = {
    "adam+lbfgs": ("adam", "lbfgs"),
    "adam": ("adam",),
    "adamw": ("adam",),
    "lbfgs": ("lbfgs",),
    "newton_cg": ("newton_cg",),
    "trust_region": ("trust_region",),
}
_MAGIC = b"hessopt fit 1 "
_MASKS = 16  # of a solver, where the network has one
_FRESH = 32  # of the value that is told beside it
_FRESH_KEY = 0xD1B54A32D192ED03
_DECAY = 0.01  # of AdamW


def fit(
    network: Network | Frozen,
    x0: npt.ArrayLike | None = None,
    *,
    method: str = "adam",
    epochs: int = 100,
    validation: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    patience: int | None = None,
    augmentation: Augmentation | None = None,
    n_samples: int | None = None,
    seed: int = 0,
    progress: bool = False,
    callback: Callable[..., Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
    **options: Any,
) -> OptimizeResult:
    """Train a network, which has its data already.

    Parameters
    ----------
    network : Network or Frozen
        The objective: data, layers, loss and penalty.
    x0 : array_like, shape (n_parameters,), optional
        Start; by default ``network.initial(seed)``, of a `Frozen` its `x`.
    method : {"adam", "adamw", "adam+lbfgs", "lbfgs", "newton_cg", "trust_region"}
        "adam": mini-batches with fresh masks of dropout at every step; "adamw" the same with a
        `weight_decay` of 0.01. "adam+lbfgs": then L-BFGS on fixed masks, which ends at a minimum.
        "lbfgs" and "newton_cg": on fixed masks from the start. "trust_region": the same on the
        Gauss-Newton matrix, the method of Levenberg and Marquardt, for regressions of up to about a
        thousand parameters.
    epochs : int
        Of Adam.
    validation : (X, y), optional
        Rows that are not fitted. Their loss, without dropout and penalty, is looked at after every
        epoch or iteration, and the parameters where it was lowest are the result.
    patience : int, optional
        Epochs or iterations without a new lowest loss of the validation set, after which a stage
        ends.
    augmentation : hessopt.Augmentation, optional
        Of the rows in every epoch of Adam anew, sample k being that of epoch k: as an epoch has
        each row once, every step has views that no other step has. For a moment a second X is in
        memory, and the layers that a `Frozen` holds are computed again.
    n_samples : int, optional
        Masks that each row is averaged over by a solver. By default those of the network where it
        has more than one, else 16: fewer are fitted by heart.
    seed : int
        Of the start, and of order and masks of Adam.
    progress : bool
        Show a bar (tqdm).
    callback : callable, optional
        Called after every epoch or iteration: ``callback(intermediate_result=result)``, with ``x``,
        ``fun``, ``nit`` and ``nfev`` of the stage, if its one parameter has that name, else
        ``callback(x)``. Returning True ends the fit, with the status CALLBACK.
    checkpoint : path, optional
        The fit is saved there, and goes on from there where the file exists, bit for bit. The file
        has to be of this fit: network, start, method, options. An interrupt (Ctrl-C) is saved too.
    checkpoint_every : int
        Epochs or iterations between two savings.
    **options
        Of `BatchAdam` (learning_rate, batch_size, schedule, ...), and of the solver's class and
        `Stopping` (maxiter, gtol, ...), each to the stage that knows it.

    Returns
    -------
    OptimizeResult
        ``x``; ``network``, the objective with the masks that were fitted; ``fun`` and ``jac``, its
        value and gradient at `x`; ``fun_fresh``, the value under 32 masks that nothing was
        fitted to, which is what dropout asks for: far above `fun`, the masks were fitted by heart;
        ``fun_validation``, the lowest loss of the validation set; ``status``, ``message`` and
        ``success`` of the last stage, which has succeeded if its values were finite to the end;
        ``nit`` (epochs, iterations) and ``nfev`` (steps, evaluations), a number a stage;
        ``running``, of networks with `BatchNorm` the running averages of statistics at the end of
        Adam, if that is the last stage: for `Network.with_statistics`, as ``predict`` of the
        network takes the exact ones of its rows at `x`, and so does the validation loss; and
        ``history``: "fun" (the mean over the batches of an epoch, each before its step; the value
        after an iteration), "validation" (NaN without one), "seconds" and "stage" (0, 1), an array
        each, an entry an epoch or iteration.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.networks import Dense, Dropout, Network, fit
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> f = Network(X, np.sin(3 * X[:, 0]), [Dense(12, "tanh"), Dense(1)], loss="squared")
    >>> result = fit(f, method="adam+lbfgs", epochs=30, learning_rate=0.03)
    >>> result.fun < 1e-4, result.fun_fresh == result.fun
    (True, True)
    """
    if not isinstance(network, (Network, Frozen)):
        raise TypeError(f"network: got {type(network).__name__}; want a Network or Frozen")
    if method not in _STAGES:
        raise _validation.error("method", repr(method), f"one of {list(_STAGES)}")
    if augmentation is not None and not isinstance(augmentation, Augmentation):
        raise TypeError(f"augmentation: got {augmentation!r}; want hessopt.Augmentation")
    if augmentation is not None and "adam" not in method:
        raise _validation.error("augmentation", "one", f"None: {method} has no epochs")
    if patience is not None:
        patience = _validation.integer("patience", patience, 1)
    seed, progress = _validation.seed(seed), _progress.asked(progress)
    every = _validation.integer("checkpoint_every", checkpoint_every, 1)
    fixed = _with_enough(network, n_samples)
    given = _shared_out(method, options)
    given.get("adam", {}).update(epochs=_validation.integer("epochs", epochs, 1), seed=seed)
    if x0 is None:
        start = network.x if isinstance(network, Frozen) else network.initial(seed)
    else:
        start = _validation.doubles("x0", x0, network.n_parameters)

    def stage_of(name: str, at: _Doubles) -> _Stage:
        if name == "adam":
            return Epochs(network, at, given[name], augmentation)
        return Iterations(fixed, at, name, given[name])

    for name in _STAGES[method]:  # what does not do is refused before any work
        stage_of(name, start)
    told = None if callback is None else notify(callback, _so_far)
    run = _Run(Watch(network, validation, patience), _STAGES[method], stage_of, start, told)
    if checkpoint is not None:
        facts = _facts(network, fixed, start, method, given, augmentation)
        run.keep(StateFile(checkpoint, _MAGIC), facts)
    run.go(progress, every)
    return run.result(fixed, patience)


class _Run:
    """The stages one after another, and the file that they are kept in."""

    def __init__(
        self,
        watch: Watch,
        names: tuple[str, ...],
        stage_of: Callable[[str, _Doubles], _Stage],
        start: _Doubles,
        told: Callable[[Any], Any] | None,
    ) -> None:
        self._watch, self._names, self._stage_of = watch, names, stage_of
        self._told, self._stopped = told, False
        self._file: StateFile | None = None
        self._counts: list[tuple[int, int]] = []  # of the stages before
        self._begin(0, start)

    def _begin(self, stage: int, start: _Doubles) -> None:
        self._index, self._start = stage, start
        self._stage = self._stage_of(self._names[stage], start)

    @property
    def x(self) -> _Doubles:
        """The best on the validation set, else where the stage has come to."""
        best = self._watch.best_x
        x = best if best.size else self._stage.x.astype(np.float64)
        return x if np.isfinite(x).all() else self._start

    def go(self, progress: bool, every: int) -> None:
        """All stages that are left."""
        try:
            self._mark()
            while True:
                if not self._watch.ended:
                    with _progress.bar(progress, self._stage.most) as update:
                        self._stage.run(self._after(update, every))
                if self._stopped or self._index + 1 == len(self._names):
                    break
                self._counts = [*self._counts, (self._stage.nit, self._stage.nfev)]
                self._watch.begin()
                self._begin(self._index + 1, self.x)
                self._mark()
            self._mark()
        finally:
            self._save()

    def _after(self, update: Callable[[Any], None] | None, every: int) -> After:
        def after(fun: float, x: npt.NDArray[Any]) -> bool:
            stage = self._stage
            ended = self._watch.look(fun, x, self._index)
            at = SimpleNamespace(fun=fun, nfev=stage.nfev, nit=stage.nit)
            if update is not None:
                update(at)
            if self._told is not None:
                at.x = x.astype(np.float64)
                self._stopped = self._told(at) is True
            self._mark()
            if stage.nit % every == 0:
                self._save()
            return ended or self._stopped

        return after

    def _mark(self) -> None:
        """Note the whole state, as nothing is under way."""
        if self._file is not None:
            state = self._stage.state()
            self._marked = (self._index, self._counts, self._start, state, self._watch.mark())

    def _save(self) -> None:
        """Write what was noted last."""
        if self._file is None:
            return
        index, counts, start, state, mark = self._marked
        room = io.BytesIO()
        arrays: dict[str, Any] = {
            "stage": np.int64(index),
            "counts": np.array(counts, np.int64).reshape(-1, 2),
            "start": start,
            "state": np.frombuffer(state, np.uint8),
            **self._watch.saved(mark),
        }
        np.savez(room, **arrays)
        self._file.write(self._facts + b"\n" + room.getvalue())

    def keep(self, file: StateFile, facts: bytes) -> None:
        """Save in a file; go on from what is in it, where that is of the same facts."""
        content = file.take()
        if content is not None:
            before, _, arrays = content.partition(b"\n")
            was, now = json.loads(before), json.loads(facts)
            changed = [name for name in {**was, **now} if was.get(name) != now.get(name)]
            if changed:
                text = ", ".join(f"{n}={was.get(n)!r}, not {now.get(n)!r}" for n in changed)
                raise file.refuse(f"of another fit ({text})")
            file.require_writable()
            with np.load(io.BytesIO(arrays), allow_pickle=False) as saved:
                self._counts = [tuple(row) for row in saved["counts"].tolist()]
                self._watch.restore({name: saved[name] for name in ("entries", "best", "at")})
                self._begin(int(saved["stage"]), saved["start"])
                self._stage.restore(saved["state"].tobytes())
        self._file, self._facts = file, facts

    def result(self, network: Network | Frozen, patience: int | None) -> OptimizeResult:
        stage, x = self._stage, self.x
        status, message = stage.status, stage.message
        if self._watch.ended:
            status = Status.CALLBACK
            message = f"CALLBACK: no lower validation loss in {patience} {stage.unit}"
        elif self._stopped:
            status, message = Status.CALLBACK, "CALLBACK: the callback asked to stop"
        fun, jac = network.value_and_gradient(x)
        fresh = fun
        if _drops(network):
            masks = _evaluated(network)._given[1]["seed"] ^ _FRESH_KEY
            fresh = network.with_masks(seed=masks, n_samples=_FRESH).value(x)
        counts = [*self._counts, (stage.nit, stage.nfev)]
        return OptimizeResult(
            x=x,
            fun=fun,
            fun_fresh=fresh,
            fun_validation=self._watch.best if self._watch.watches else None,
            jac=jac,
            success=bool(np.isfinite(fun)) and status != Status.NON_FINITE,
            status=status,
            message=message,
            nit=tuple(nit for nit, _ in counts),
            nfev=tuple(nfev for _, nfev in counts),
            history=self._watch.history,
            running=stage.running,
            network=network,
        )


def _so_far(at: Any) -> OptimizeResult:
    return OptimizeResult(**vars(at))


def _evaluated(network: Network | Frozen) -> Network:
    return network if isinstance(network, Network) else network.rest


def _drops(network: Network | Frozen) -> bool:
    layers = _evaluated(network).layers
    return any(isinstance(layer, Dropout) and layer.rate > 0 for layer in layers)


def _with_enough(network: Network | Frozen, n_samples: int | None) -> Network | Frozen:
    """The network with the masks that a solver is given."""
    own = _evaluated(network)._given[1]["n_samples"]
    if n_samples is None:
        wanted = own if own > 1 else _MASKS
    else:
        wanted = _validation.integer("n_samples", n_samples, 1, 2**32)
    if not _drops(network) or wanted == own:
        return network
    return network.with_masks(seed=_evaluated(network)._given[1]["seed"], n_samples=wanted)


def _shared_out(method: str, options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The options of each stage."""
    known = {}
    for name in _STAGES[method]:
        if name == "adam":
            known[name] = [o for o in OPTIONS if o != "seed"]
        else:
            own = inspect.signature(METHODS[name]).parameters
            known[name] = [*(o for o in own if o not in ("x0", "stopping")), *NAMES]
    every = [name for names in known.values() for name in names]
    for name in options:
        if name not in every:
            raise TypeError(f"{name}: got an unknown argument; want one of {every}")
    given = {
        stage: {name: options[name] for name in names if name in options}
        for stage, names in known.items()
    }
    if method == "adamw":
        given["adam"].setdefault("weight_decay", _DECAY)
    return given


def _facts(
    network: Network | Frozen,
    fixed: Network | Frozen,
    start: _Doubles,
    method: str,
    given: dict[str, dict[str, Any]],
    augmentation: Augmentation | None,
) -> bytes:
    """What the fit is, a line of JSON. How far it goes is no part of it, but for a schedule's."""
    stopping = set(NAMES)
    data, masks = _evaluated(network), _evaluated(fixed)._given[1]
    plain = {
        f"{stage}.{name}": _plain(value)
        for stage, options in given.items()
        for name, value in options.items()
        if name not in stopping
    }
    return json.dumps(
        {
            "method": method,
            "network": repr(network),
            "data": _sum(data.X) + _sum(np.asarray(data._given[0][1])),
            "masks": [masks["seed"], masks["n_samples"]],
            "start": _sum(network.whole(start) if isinstance(network, Frozen) else start),
            "augmentation": repr(augmentation),
            **plain,
        }
    ).encode()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return _sum(np.asarray(value))


def _sum(a: npt.NDArray[Any]) -> str:
    return f"{a.dtype.name} {a.shape} {zlib.crc32(np.ascontiguousarray(a).data):08x}"
