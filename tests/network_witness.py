"""A dense network written plainly in NumPy, float64, with its derivatives along a direction."""

import math

import numpy as np

import hessopt

ERF = np.vectorize(math.erf)


def sigma(z):
    return np.exp(-np.logaddexp(0, -z))


def tanh_law(z):
    return np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)


ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "tanh": np.tanh,
    "sigmoid": sigma,
    "softplus": lambda z: np.logaddexp(0, z),
    "gelu": lambda z: z * (1 + ERF(z / np.sqrt(2))) / 2,
    "gelu_tanh": lambda z: z * (1 + np.tanh(tanh_law(z))) / 2,
    "silu": lambda z: z * sigma(z),
}

LOSSES = {
    "softmax": lambda z, y: (
        np.logaddexp.reduce(z, axis=1) - z[np.arange(len(z)), y[:, 0].astype(int)]
    ),
    "squared": lambda z, y: ((z - y) ** 2 / 2).sum(axis=1),
    "logistic": lambda z, y: (np.logaddexp(0, z) - y * z).sum(axis=1),
    "poisson": lambda z, y: (np.exp(z) - y * z).sum(axis=1),
}


def mask(network, layer, sample, width):
    """s of the dropout after a layer, rows x units; ones where there is none."""
    rates, depth = [0.0], 0
    for piece in network.layers:
        if not isinstance(piece, hessopt.networks.Dropout):
            depth += 1
            rates.append(0.0)
        else:
            rates[-1] = piece.rate
    n = len(network.X)
    if rates[layer] == 0:
        return np.ones((n, width))
    given = network._given[1]
    bits = hessopt.bernoulli_mask(
        (n, width), 1 - rates[layer], seed=given["seed"], stream=sample * depth + layer
    )
    return bits / (1 - rates[layer])


def outputs(network, x, sample):
    """z_L of every row under the masks of a sample."""
    dense = [p for p in network.layers if isinstance(p, hessopt.networks.Dense)]
    a = np.asarray(network.X, float) * mask(network, 0, sample, network.X.shape[1])
    for layer, (piece, (W, b)) in enumerate(zip(dense, network.unflatten(x), strict=True), 1):
        a = ACTIVATIONS[piece.activation](a @ W + b) * mask(network, layer, sample, piece.units)
    return a


def value(network, x, y, loss, weight=None, l2=0.0):
    """f by its definition."""
    n, weights = len(network.X), network.unflatten(x)
    weight = np.ones(n) if weight is None else weight
    y = np.reshape(y, (n, -1))
    samples = network._given[1]["n_samples"]
    total = sum(weight @ LOSSES[loss](outputs(network, x, k), y) for k in range(samples))
    strength = np.broadcast_to(l2, len(weights))
    penalty = sum(s * (W**2).sum() / 2 for s, (W, _) in zip(strength, weights, strict=True))
    return total / weight.sum() / samples + penalty


def curved(z, u, loss):
    """The second derivative of the loss in the outputs, times u."""
    if loss == "softmax":
        p = np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])
        return p * (u - (p * u).sum(axis=1)[:, None])
    second = {"squared": 1.0, "logistic": sigma(z) * sigma(-z), "poisson": np.exp(z)}
    return second[loss] * u


def ggn_form(network, x, u, v, loss, weight, l2):
    """u'Gv of the Gauss-Newton matrix, from derivatives of the outputs by differences."""

    def along(direction, sample):
        h = 1e-4
        steps = [(1, 8 / 12), (-1, -8 / 12), (2, -1 / 12), (-2, 1 / 12)]
        return sum(c * outputs(network, x + k * h * direction, sample) for k, c in steps) / h

    samples, total = network._given[1]["n_samples"], 0.0
    for k in range(samples):
        turned = curved(outputs(network, x, k), along(v, k), loss)
        total += weight @ (along(u, k) * turned).sum(axis=1) / weight.sum() / samples
    pairs = zip(network.unflatten(u), network.unflatten(v), strict=True)
    return total + l2 * sum((U * V).sum() for (U, _), (V, _) in pairs)


def sampled_outputs(network, x, weight=None, statistics=None, xp=np, activations=ACTIVATIONS):
    """z_L of every sample of masks, (samples, rows, outputs), with batch normalisation over both.

    `xp`: numpy, or jax.numpy for its derivatives. `statistics`: of each batch normalisation, in the
    place of those of the rows.
    """
    n, samples = len(network.X), network._given[1]["n_samples"]
    weight = np.ones(n) if weight is None else weight
    share = weight / weight.sum()
    a, at, layer = np.asarray(network.X, float)[None], 0, 0
    given = iter(statistics or [])

    def masked(a):
        masks = [mask(network, layer, k, a.shape[-1]) for k in range(samples)]
        return a * np.stack(masks)

    def take(*shape):
        nonlocal at
        at += math.prod(shape)
        return x[at - math.prod(shape) : at].reshape(shape)

    a = masked(a)
    for place, piece in enumerate(network.layers):
        if isinstance(piece, hessopt.networks.Dropout):
            continue
        layer += 1
        if isinstance(piece, hessopt.networks.Dense):
            a = a @ take(a.shape[-1], piece.units)
            behind = network.layers[place + 1 : place + 2]
            normalised = behind and isinstance(behind[0], hessopt.networks.BatchNorm)
            if not normalised or piece.activation != "identity":
                a = a + take(piece.units)
        else:
            if statistics is not None:
                mean, variance = next(given)
            elif piece.statistics is not None:
                mean, variance = np.array(piece.statistics)
            else:
                mean = (share[:, None] * a).sum(axis=(0, 1)) / samples
                squares = (share[:, None] * (a - mean) ** 2).sum(axis=(0, 1)) / samples
                variance = squares / (1 - piece.ddof * (share**2).sum())
            unit = (a - mean) / xp.sqrt(variance + piece.eps)
            a = take(a.shape[-1]) * unit + take(a.shape[-1])
        a = masked(activations[piece.activation](a))
    return a
