"""Modules of torch: masks reproducible for any batching, and their losses as objectives.

torch with its libraries is several gigabytes: these tests run where it is installed, and CI, where
it is not, has their skip in its list.
"""

import copy
import re
from pathlib import Path

import numpy as np
import pytest

import hessopt

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch import nn  # noqa: E402

import hessopt.torch as ht  # noqa: E402

torch.manual_seed(0)
torch.set_num_threads(1)
X = torch.randn(23, 6)


def network(dtype=torch.float32):
    torch.manual_seed(1)
    net = nn.Sequential(
        nn.Linear(6, 8),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(0.4),
        nn.Linear(8, 5),
        nn.Tanh(),
        nn.Dropout(0.2),
        nn.Linear(5, 3),
    ).to(dtype)
    net[1].running_mean.normal_()
    net[1].running_var.uniform_(0.5, 2)
    return net


def state(module):
    return copy.deepcopy(module.state_dict()), [m.training for m in module.modules()]


def unchanged(module, before):
    now, flags = state(module)
    return flags == before[1] and all((now[k] == v).all() for k, v in before[0].items())


@pytest.mark.parametrize("training", [False, True])
def test_the_masks_are_those_of_the_library(training):
    net = network()
    net.train(training)
    net[4].eval()  # a flag of its own
    before, generator = state(net), torch.get_rng_state()
    with ht.masked(net, seed=7, sample=3):
        got = net(X)
    assert unchanged(net, before)
    assert (torch.get_rng_state() == generator).all()
    net.eval()
    with torch.no_grad():
        h = net[2](net[1](net[0](X))).numpy()
        h = torch.from_numpy(hessopt.dropout(h, 0.4, 7, stream=6))
        h = net[5](net[4](h)).numpy()
        want = net[7](torch.from_numpy(hessopt.dropout(h, 0.2, 7, stream=7)))
    np.testing.assert_allclose(got.detach(), want, rtol=1e-5, atol=1e-6)


def test_any_batching_has_the_same_masks():
    net = network(torch.float64)
    with ht.masked(net, seed=1):
        whole = net(X.double())
    for size in (1, 4, 22):
        parts = []
        for begin in range(0, 23, size):
            with ht.masked(net, seed=1, first_row=begin):
                parts.append(net(X.double()[begin : begin + size]))
        assert torch.allclose(torch.cat(parts), whole, rtol=1e-12)


def test_the_distribution_does_not_depend_on_batches():
    net = network()
    before = state(net)
    options = {"seed": 2, "n_samples": 40, "output": lambda z: z.softmax(dim=1)}
    d = ht.predict_distribution(net, X, **options)
    assert unchanged(net, before)
    small = ht.predict_distribution(net, X.numpy(), batch_size=5, **options)
    np.testing.assert_allclose(d.mean, small.mean, rtol=1e-5)
    np.testing.assert_allclose(d.variance, small.variance, rtol=1e-3, atol=1e-9)
    assert d.mutual_information.shape == (23,)
    assert d.variance.min() > 0
    with torch.no_grad(), ht.masked(net, seed=2, sample=39):
        last = net(X).softmax(dim=1).numpy()
    fewer = ht.predict_distribution(net, X, **{**options, "n_samples": 39})
    np.testing.assert_allclose((40 * d.mean - 39 * fewer.mean), last, atol=1e-5)


def test_what_is_dropped_has_the_rate():
    net = nn.Sequential(nn.Dropout(0.3))
    with ht.masked(net, seed=1):
        out = net(torch.ones(1000, 50))
    assert set(out.unique().tolist()) <= {0.0, 1 / 0.7, np.float32(1 / 0.7).item()}
    assert abs((out == 0).double().mean() - 0.3) < 4 * np.sqrt(0.21 / 50_000)


def test_flags_are_restored_after_an_error():
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.drop, self.norm = nn.Dropout(0.5), nn.BatchNorm1d(6)

        def forward(self, x):
            self.norm(self.drop(x))
            raise RuntimeError("of the module")

    net = Broken()
    before = state(net)
    with pytest.raises(RuntimeError, match="of the module"), ht.masked(net, seed=1):
        net(X)
    with pytest.raises(RuntimeError, match="of the module"):
        ht.predict_distribution(net, X, n_samples=2)
    assert unchanged(net, before)
    assert not net.drop._forward_hooks
    assert not net._forward_pre_hooks


def test_a_layer_that_is_called_twice_has_two_masks():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            return torch.stack([self.drop(x), self.drop(x)], dim=1)

    net, ones = Twice(), torch.ones(40, 10)
    with ht.masked(net, seed=1):
        out = net(ones)
        assert (net(ones) == out).all()  # and is the same when the module is called again
    assert (out[:, 0] != out[:, 1]).any()
    with ht.masked(net, seed=1, first_row=30):
        assert (net(ones[30:]) == out[30:]).all()


def test_channels_sequences_and_pixels():
    images = torch.ones(9, 4, 5, 5)
    net = nn.Sequential(nn.Dropout2d(0.5))
    with ht.masked(net, seed=1):
        out = net(images)
    channels = out.reshape(9, 4, 25)
    assert (channels == channels[:, :, :1]).all()
    assert 0 < (channels[:, :, 0] == 0).sum() < 36
    with ht.masked(net, seed=1, first_row=4):
        assert (net(images[4:]) == out[4:]).all()

    class Steps(nn.Module):  # rows x steps as one axis, as for a head of each step
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            return self.drop(x.reshape(-1, x.shape[-1])).reshape(x.shape)

    steps, net = torch.ones(7, 3, 4), Steps()
    with ht.masked(net, seed=1):
        out = net(steps)
    with ht.masked(net, seed=1, first_row=5):
        assert (net(steps[5:]) == out[5:]).all()

    class Across(nn.Module):
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            return self.drop(x.transpose(0, 1))

    across, message = Across(), r"module: got an input of shape \(3, 7, 4\) in Dropout"
    with pytest.raises(ValueError, match=message), ht.masked(across, seed=1):
        across(steps)


def test_gradients_go_through_the_masks():
    net = nn.Sequential(nn.Linear(6, 4, bias=False), nn.Dropout(0.5)).double()
    with ht.masked(net, seed=1):
        net(X.double()).sum().backward()
    mask = hessopt.bernoulli_mask((23, 4), 0.5, 1) / 0.5
    np.testing.assert_allclose(net[0].weight.grad, mask.T @ X.double().numpy(), rtol=1e-12)


def test_what_cannot_be_masked_is_said():
    with (
        pytest.raises(ValueError, match="module: got no Dropout layer"),
        ht.masked(nn.Linear(2, 2), seed=1),
    ):
        pass
    with (
        pytest.raises(TypeError, match="module: got a layer AlphaDropout; want"),
        ht.masked(nn.Sequential(nn.AlphaDropout(0.5)), seed=1),
    ):
        pass
    bare = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(6, track_running_stats=False))
    with (
        pytest.raises(ValueError, match="BatchNorm1d without running statistics"),
        ht.masked(bare, seed=1),
    ):
        pass
    with pytest.raises(TypeError, match="module: got function"), ht.masked(abs_of, seed=1):
        pass
    with pytest.raises(ValueError, match="seed: got -1"), ht.masked(network(), seed=-1):
        pass
    with pytest.raises(ValueError, match="n_samples: got 1"):
        ht.predict_distribution(network(), X, n_samples=1)
    with pytest.raises(ValueError, match=r"X: got shape \(0, 6\)"):
        ht.predict_distribution(network(), X[:0])


def abs_of(x):
    return abs(x)


Y = torch.arange(23) % 3
LOSS = nn.functional.cross_entropy


def test_derivatives_against_differences():
    net = network(torch.float64)
    net[2] = nn.Softplus()
    before = state(net)
    f = ht.ModuleObjective(net, LOSS, X.double(), Y, l2=0.1)
    found = hessopt.check_derivatives(f, f.x0)
    assert found.error < 1e-5
    v = np.random.default_rng(0).normal(size=f.n_parameters)
    h = 1e-5
    up, down = (f.value_and_gradient(f.x0 + s * h * v)[1] for s in (1, -1))
    np.testing.assert_allclose(f.hessp(f.x0, v), (up - down) / 2 / h, rtol=1e-5, atol=1e-6)
    assert unchanged(net, before)
    with torch.no_grad():
        want = LOSS(net.eval()(X.double()), Y) + 0.05 * sum(
            (p**2).sum() for p in net.parameters() if p.ndim > 1
        )
    np.testing.assert_allclose(f.value_and_gradient(f.x0)[0], want, rtol=1e-13)


@pytest.mark.parametrize("samples", [0, 3])
def test_batches_of_the_objective_do_not_matter(samples):
    net = network(torch.float64)
    f, g = (
        ht.ModuleObjective(net, LOSS, X.double(), Y, n_samples=samples, seed=4, batch_size=b)
        for b in (None, 5)
    )
    x = f.x0
    a, b = f.value_and_gradient(x), g.value_and_gradient(x)
    np.testing.assert_allclose(a[0], b[0], rtol=1e-12)
    np.testing.assert_allclose(a[1], b[1], rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(f.hessp(x, x), g.hessp(x, x), rtol=1e-9, atol=1e-13)
    if samples:
        values = []
        for k in range(3):
            with torch.no_grad(), ht.masked(net, seed=4, sample=k):
                values.append(float(LOSS(net(X.double()), Y)))
        np.testing.assert_allclose(a[0], np.mean(values), rtol=1e-13)


@pytest.mark.parametrize("method", ["lbfgs", "newton_cg"])
def test_a_fit_is_loaded_when_asked_for(method):
    net = network(torch.float64)
    net[2] = nn.Softplus()
    before = state(net)
    f = ht.ModuleObjective(net, LOSS, X.double().numpy(), Y.numpy(), l2=1e-2)
    result = hessopt.minimize(f, f.x0, method=method, options={"maxiter": 15})
    assert result.fun < f.value_and_gradient(f.x0)[0] - 0.1
    assert unchanged(net, before)
    f.load(result.x)
    np.testing.assert_array_equal(f.x0, result.x)
    buffers = {k: v for k, v in before[0].items() if "running" in k}
    assert all((net.state_dict()[k] == v).all() for k, v in buffers.items())


def test_frozen_parameters_are_held():
    net = network()
    for p in net[0].parameters():
        p.requires_grad_(False)
    f = ht.ModuleObjective(net, LOSS, X, Y)
    assert f.n_parameters == sum(p.numel() for p in net.parameters() if p.requires_grad)
    value, gradient = f.value_and_gradient(f.x0)
    assert isinstance(value, float)
    assert gradient.dtype == np.float64
    assert (gradient != 0).any()


def test_what_is_wrong_with_an_objective_is_named():
    net = network()
    with pytest.raises(TypeError, match="loss: got 1; want a function"):
        ht.ModuleObjective(net, 1, X, Y)
    with pytest.raises(ValueError, match="y: got 22 rows; want 23"):
        ht.ModuleObjective(net, LOSS, X, Y[1:])
    f = ht.ModuleObjective(net, lambda z, y: LOSS(z, y, reduction="none"), X, Y)
    with pytest.raises(ValueError, match=r"loss: got shape \(23,\); want one number"):
        f.value_and_gradient(f.x0)
    with pytest.raises(ValueError, match="module: got no parameter that requires"):
        ht.ModuleObjective(nn.ReLU(), LOSS, X, Y)
    with pytest.raises(ValueError, match="x: got length 1"):
        ht.ModuleObjective(net, LOSS, X, Y).value_and_gradient([1.0])


def test_the_blocks_of_the_docs_run():
    page = Path(__file__).parents[1] / "docs" / "networks.md"
    found = re.findall(r"```py\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    code = "\n".join(found)
    assert "hessopt.torch" in code
    exec(compile(code, "docs/networks.md", "exec"), {})
