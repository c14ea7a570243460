"""Train a network
===============

With dropout, on digits: Adam and L-BFGS, a checkpoint, an ensemble.

Run: python examples/train_a_network.py
"""

# sphinx_gallery_thumbnail_path = "training.png"

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from hessopt.networks import Dense, Dropout, Network, fit, fit_ensemble

X, digit = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    (X / 16).astype(np.float32), digit, test_size=500, random_state=0
)
network = Network(
    X_train, y_train, [Dense(100, "relu"), Dropout(0.5), Dense(10)], loss="softmax", l2=1e-4
)


def accuracy(outputs):
    """Without dropout: its scaling needs no change at prediction."""
    return np.mean(outputs.argmax(axis=-1) == y_test)


def show(name, result):
    """The objective under the masks that were fitted, and under others."""
    told = f"f {result.fun:.4f}  fresh masks {result.fun_fresh:.4f}"
    print(f"{name:<22} {told}  accuracy {accuracy(network.predict(result.x, X_test)):.3f}")


adam = fit(network, epochs=150)
show("Adam", adam)

with tempfile.TemporaryDirectory() as folder:
    # Killed at any moment, the same call goes on from the file, bit for bit.
    both = fit(
        network, method="adam+lbfgs", epochs=150, maxiter=60, checkpoint=Path(folder) / "fit"
    )
show("Adam, then L-BFGS", both)

few = fit(network, method="lbfgs", n_samples=1, maxiter=300)
show("L-BFGS, a mask a row", few)

part, held_out = network.batch(np.arange(1000)), (X_train[1000:], y_train[1000:])
patient = fit(part, epochs=600, validation=held_out, patience=60)
print(f"stopped early          after {patient.nit[0]} epochs of 600")

ensemble = fit_ensemble(network, 4, epochs=80)
told = ensemble.distribution(X_test)
print(f"ensemble of 4          accuracy {accuracy(told.mean):.3f}")
unsure = told.mutual_information.argsort()[::-1][:50]
wrong = np.mean(told.mean[unsure].argmax(axis=1) != y_test[unsure])
print(f"of the 50 digits that its members differ on most {wrong:.0%} are wrong")
