"""Solvers as states: asked for a point, told what was found there, never calling the objective.

    solver = hessopt.LBFGS(x0)
    while not solver.done:
        x = solver.ask()
        solver.tell(*value_and_gradient(x))

A pickle of a solver is a checkpoint that resumes bit for bit. A float32 start is kept in float32,
with every inner product in float64.
"""

from __future__ import annotations

from .base import InnerStop, Need, Status
from .batched import BatchBFGS, BatchLBFGS, BatchLevenbergMarquardt, BatchNewton
from .fixed_rate import Adam, GradientDescent
from .levenberg_marquardt import LevenbergMarquardt
from .quasi_newton import BFGS, LBFGS, InverseHessian
from .second_order import Newton, NewtonCG, TrustRegion
from .sparse import OWLQN, ProximalNewton
from .stopping import Stopping

Solver = (
    Newton | TrustRegion | NewtonCG | LBFGS | BFGS | GradientDescent | Adam | ProximalNewton | OWLQN
)
METHODS: dict[str, type[Solver]] = {
    "newton": Newton,
    "trust_region": TrustRegion,
    "newton_cg": NewtonCG,
    "lbfgs": LBFGS,
    "bfgs": BFGS,
    "gradient_descent": GradientDescent,
    "adam": Adam,
    "proximal_newton": ProximalNewton,
    "owl_qn": OWLQN,
}
__all__ = [
    "BFGS",
    "LBFGS",
    "OWLQN",
    "Adam",
    "BatchBFGS",
    "BatchLBFGS",
    "BatchLevenbergMarquardt",
    "BatchNewton",
    "GradientDescent",
    "InnerStop",
    "InverseHessian",
    "LevenbergMarquardt",
    "Need",
    "Newton",
    "NewtonCG",
    "ProximalNewton",
    "Status",
    "Stopping",
    "TrustRegion",
]
