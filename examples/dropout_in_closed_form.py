"""Dropout in closed form
======================

Even and odd digits: the closed form against more and more fixed masks.

Run: python examples/dropout_in_closed_form.py
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import hessopt

X, digit = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, digit % 2, random_state=0)

model = hessopt.objectives.Logistic(X_train, y_train, l2=1e-4)
noise = hessopt.Dropout(0.5, seed=1)


def accuracy(x):
    """Without dropout: inverted scaling needs no change at prediction."""
    return np.mean((X_test @ x[:-1] + x[-1] > 0) == y_test)


plain = hessopt.minimize(model, np.zeros(65))
print(f"no dropout           accuracy {accuracy(plain.x):.3f}  |w| {np.linalg.norm(plain.x):7.2f}")

closed = hessopt.expected(model, noise, method="normal")
best = hessopt.minimize(closed, np.zeros(65), tol=1e-10)
print(f"closed form          accuracy {accuracy(best.x):.3f}  |w| {np.linalg.norm(best.x):7.2f}")

for n_samples in (4, 16, 64):
    sampled = hessopt.expected(model, noise, method="sample", n_samples=n_samples)
    x = hessopt.minimize(sampled, np.zeros(65)).x
    excess = closed.value_and_gradient(x)[0] - best.fun
    print(f"{n_samples:>3} fixed masks      accuracy {accuracy(x):.3f}  excess {excess:.1e}")
