"""The table of solvers, and the shortest loops that drive them."""

from hessopt import (
    BFGS,
    LBFGS,
    OWLQN,
    Adam,
    GradientDescent,
    Need,
    Newton,
    NewtonCG,
    ProximalNewton,
    TrustRegion,
)

# Those that stop by themselves at a minimum.
EXACT = [
    (Newton, {}),
    (Newton, {"hessian_every": 3}),
    (TrustRegion, {}),
    (NewtonCG, {}),
    (NewtonCG, {"preconditioner": "lbfgs"}),
    (LBFGS, {}),
    (LBFGS, {"maxcor": 3}),
    (BFGS, {}),
]
SOLVERS = [
    *EXACT,
    (LBFGS, {"history_dtype": "float32"}),
    (ProximalNewton, {"restrict": False}),
    (OWLQN, {}),
    (GradientDescent, {"learning_rate": 1e-3}),
    (GradientDescent, {"learning_rate": 1e-4, "momentum": 0.9}),
    (Adam, {"learning_rate": 1e-2}),
    (Adam, {"learning_rate": 1e-2, "amsgrad": True, "weight_decay": 1e-3}),
]


def exchange(solver, fun, hess=None):
    """Tell a solver the one thing it needs."""
    x = solver.ask()
    if solver.needs == Need.VALUE:
        solver.tell(*fun(x))
    elif solver.needs == Need.HESSIAN:
        solver.tell_hessian(hess(x))
    else:
        solver.tell_product(hess(x) @ solver.operand)


def step(solver, problem):
    """One value, and all that is needed before the next; nothing once the run has ended."""
    if not solver.done:
        exchange(solver, problem.fun, problem.hess)
    while solver.needs > Need.VALUE:
        exchange(solver, problem.fun, problem.hess)


def finish(solver, fun, hess=None):
    """Run a solver to its end."""
    while not solver.done:
        exchange(solver, fun, hess)
    return solver
