"""The loss of a torch module as an objective over its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.func import functional_call

from .. import _validation
from .masks import _tensor, masked

_Doubles = npt.NDArray[np.float64]


class ModuleObjective:
    """The mean loss of a torch module over rows, plus a ridge penalty, for `hessopt.minimize`.

    The module is called as in evaluation, its batch normalisation with running statistics, its
    dropout off or under fixed masks; so the objective is the same function at every call. Its
    parameters, buffers and flags are left as they are until `load`.

    Parameters
    ----------
    module : torch.nn.Module
        Parameters that require gradients are the variables, in the order of
        ``module.named_parameters()``, one after another; the others are held.
    loss : callable
        ``loss(outputs, targets)``, the mean over rows, as ``torch.nn.functional.cross_entropy``.
    X : torch.Tensor or array_like, shape (n, ...)
        Inputs.
    y : torch.Tensor or array_like, shape (n, ...)
        Targets, as `loss` takes them; NumPy's integers become int64, its floating-point numbers are
        taken in the dtype of the module.
    l2 : float
        Strength of the penalty ½ l2 Σ w², >= 0, of parameters of two axes or more: biases and
        scales are free.
    n_samples : int
        Fixed masks that the loss is averaged over, where the module has Dropout layers; 0 for none.
    seed : int
        Of the masks, see `masked`.
    batch_size : int, optional
        Rows at a time; all by default.

    Attributes
    ----------
    n_parameters, n_rows : int
    x0 : ndarray, shape (n_parameters,)
        What the module's parameters are now, float64.

    Examples
    --------
    >>> import torch, hessopt, hessopt.torch
    >>> _ = torch.manual_seed(0)
    >>> net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    >>> X = torch.randn(50, 2)
    >>> y = X[:, :1] * X[:, 1:]
    >>> f = hessopt.torch.ModuleObjective(net.double(), torch.nn.functional.mse_loss,
    ...                                   X.double(), y.double(), l2=1e-4)
    >>> result = hessopt.minimize(f, f.x0, method="lbfgs")
    >>> f.load(result.x)
    >>> round(f.value_and_gradient(f.x0)[0] - result.fun, 12)
    0.0
    """

    def __init__(
        self,
        module: nn.Module,
        loss: Callable[[Any, Any], torch.Tensor],
        X: Any,
        y: Any,
        *,
        l2: float = 0.0,
        n_samples: int = 0,
        seed: int = 0,
        batch_size: int | None = None,
    ) -> None:
        if not isinstance(module, nn.Module):
            raise TypeError(f"module: got {type(module).__name__}; want a torch.nn.Module")
        if not callable(loss):
            raise TypeError(f"loss: got {loss!r}; want a function of (outputs, targets)")
        self._module, self._loss = module, loss
        self._names = [n for n, p in module.named_parameters() if p.requires_grad]
        if not self._names:
            raise _validation.error("module", "no parameter that requires gradients", "one or more")
        parameters = dict(module.named_parameters())
        self._shapes = [tuple(parameters[n].shape) for n in self._names]
        self._dtypes = [parameters[n].dtype for n in self._names]
        self._device = parameters[self._names[0]].device
        self._X, self._y = _tensor(module, X), _targets(y, self._dtypes[0], self._device)
        self.n_rows = len(self._X)
        if len(self._y) != self.n_rows or not self.n_rows:
            raise _validation.error(
                "y", f"{len(self._y)} rows", f"{self.n_rows}, as X, one or more"
            )
        self.n_parameters = sum(int(np.prod(s)) for s in self._shapes)
        self.l2 = _validation.at_least("l2", l2, 0)
        self._samples = _validation.integer("n_samples", n_samples, 0, 2**31)
        self._seed = _validation.seed(seed)
        most = self.n_rows if batch_size is None else batch_size
        self._batch = _validation.integer("batch_size", most, 1)

    @property
    def x0(self) -> _Doubles:
        """What the module's parameters are now."""
        parameters = dict(self._module.named_parameters())
        parts = [parameters[n].detach().cpu().numpy().ravel() for n in self._names]
        return np.concatenate(parts).astype(np.float64)

    @property
    def l2_of_parameters(self) -> _Doubles:
        """The penalty of each parameter, shape (n_parameters,)."""
        parts = [np.full(int(np.prod(s)), self.l2 * (len(s) > 1)) for s in self._shapes]
        return np.concatenate(parts)

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x; the gradient has shape (n_parameters,)."""
        at = self._vector("x", x)
        leaves = self._leaves(at)
        value, gradient = 0.0, np.zeros(self.n_parameters)
        for share, part in self._parts(leaves):
            value += share * float(part.detach())
            slopes = torch.autograd.grad(part, leaves, allow_unused=True)
            gradient += share * self._flat(slopes)
        penalty = self.l2_of_parameters
        return value + 0.5 * float(penalty @ at**2), gradient + penalty * at

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """The Hessian at x times v, shape (n_parameters,), by differentiating the gradient."""
        at, along = self._vector("x", x), self._vector("v", v)
        leaves, direction = self._leaves(at), self._leaves(along)
        product = np.zeros(self.n_parameters)
        for share, part in self._parts(leaves):
            slopes = torch.autograd.grad(part, leaves, create_graph=True, allow_unused=True)
            pairs = [
                (s * d.detach()).sum()
                for s, d in zip(slopes, direction, strict=True)
                if s is not None and s.requires_grad
            ]
            if pairs:
                total = torch.stack([p.to(pairs[0].dtype) for p in pairs]).sum()
                bent = torch.autograd.grad(total, leaves, allow_unused=True)
                product += share * self._flat(bent)
        return product + self.l2_of_parameters * along

    def load(self, x: npt.ArrayLike) -> None:
        """Put x into the module."""
        values = self._leaves(self._vector("x", x))
        parameters = dict(self._module.named_parameters())
        with torch.no_grad():
            for name, value in zip(self._names, values, strict=True):
                parameters[name].copy_(value)

    def _parts(self, leaves: Sequence[torch.Tensor]) -> Iterator[tuple[float, torch.Tensor]]:
        """Losses of batches and samples, and their shares of the mean."""
        held = {n: b.detach().clone() for n, b in self._module.named_buffers()}
        state = {**held, **dict(zip(self._names, leaves, strict=True))}
        for begin in range(0, self.n_rows, self._batch):
            X, y = self._X[begin : begin + self._batch], self._y[begin : begin + self._batch]
            for k in range(max(self._samples, 1)):
                with self._evaluation(k, begin), torch.enable_grad():
                    part = self._loss(functional_call(self._module, state, (X,)), y)
                if part.ndim:
                    raise _validation.error("loss", f"shape {tuple(part.shape)}", "one number")
                yield len(X) / self.n_rows / max(self._samples, 1), part

    @contextmanager
    def _evaluation(self, sample: int, first_row: int) -> Iterator[None]:
        """The module as in evaluation, its dropout off or under the masks of a sample."""
        flags = [(m, m.training) for m in self._module.modules()]
        with ExitStack() as stack:
            if self._samples:
                options = {"seed": self._seed, "sample": sample, "first_row": first_row}
                stack.enter_context(masked(self._module, **options))
            try:
                for m, _ in flags:
                    m.training = False
                yield
            finally:
                for m, flag in flags:
                    m.training = flag

    def _vector(self, name: str, value: npt.ArrayLike) -> _Doubles:
        return _validation.doubles(name, value, self.n_parameters)

    def _leaves(self, flat: _Doubles) -> list[torch.Tensor]:
        """A tensor for each parameter."""
        ends = np.cumsum([int(np.prod(s)) for s in self._shapes])[:-1]
        parts = zip(np.split(flat, ends), self._shapes, self._dtypes, strict=True)
        return [
            torch.tensor(p.reshape(s), dtype=d, device=self._device, requires_grad=True)
            for p, s, d in parts
        ]

    def _flat(self, tensors: Sequence[torch.Tensor | None]) -> _Doubles:
        """One vector; parameters that do nothing have none."""
        parts = [
            np.zeros(int(np.prod(s))) if t is None else t.detach().cpu().numpy().ravel()
            for t, s in zip(tensors, self._shapes, strict=True)
        ]
        return np.concatenate(parts).astype(np.float64)


def _targets(y: Any, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    if isinstance(y, torch.Tensor):
        return y
    given = np.ascontiguousarray(y)
    tensor = torch.from_numpy(given)
    return tensor.to(device, torch.int64 if given.dtype.kind in "iub" else dtype)
