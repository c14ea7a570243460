"""What a network says, against jax's derivatives of the same function."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

THEIRS = {
    "identity": lambda z: z,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": jax.nn.gelu,
    "silu": jax.nn.silu,
}


def of_labels(z, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1)[:, 0]


LOSSES = {
    "softmax": of_labels,
    "squared": lambda z, y: ((z - y) ** 2 / 2).sum(axis=1),
    "logistic": lambda z, y: (jax.nn.softplus(z) - y * z).sum(axis=1),
}


def check_products(f, objective, gauss_newton, x, v, tol):
    """Value, gradient and both products, each to `tol` of its largest number."""

    @jax.jit
    def everything(x, v):
        gradient, product = jax.jvp(jax.grad(objective), (x,), (v,))
        return objective(x), gradient, product, gauss_newton(x, v)

    _agree((*f.value_and_gradient(x), f.hessp(x, v), f.ggnp(x, v)), everything(x, v), tol)


def check_matrices(f, objective, gauss_newton, x, tol):
    """The whole Hessian and Gauss-Newton matrix."""

    @jax.jit
    def both(x):
        columns = jax.vmap(lambda v: gauss_newton(x, v))(jnp.eye(len(x)))
        return jax.hessian(objective)(x), columns

    _agree((f.hessian(x), f.ggn(x)), both(x), tol)


def _agree(ours, theirs, tol):
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=0, atol=tol * np.abs(their).max())
