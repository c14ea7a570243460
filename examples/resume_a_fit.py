"""Resume a fit
============

One that is interrupted, saved, and taken up again by another process.

Run: python examples/resume_a_fit.py
"""

import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes

import hessopt

X, y = load_diabetes(return_X_y=True)
model = hessopt.objectives.Squared(X, y / y.std(), l2=1e-4)


def go(solver, steps):
    """A few exchanges of ask and tell."""
    for _ in range(steps):
        if not solver.done:
            solver.tell(*model.value_and_gradient(solver.ask()))
    return solver


if len(sys.argv) == 2:  # the second process
    solver = go(pickle.loads(Path(sys.argv[1]).read_bytes()), 10_000)
    print(solver.fun.hex())
else:
    straight = go(hessopt.LBFGS(np.zeros(11), gtol=1e-9), 10_000)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "solver.pickle"
        checkpoint.write_bytes(pickle.dumps(go(hessopt.LBFGS(np.zeros(11), gtol=1e-9), 5)))
        command = [sys.executable, sys.argv[0], str(checkpoint)]
        resumed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    print(straight.message)
    print("the same to the last bit:", resumed == straight.fun.hex())
