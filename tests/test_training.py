"""Training of networks: Adam on mini-batches, fits in one call, ensembles."""

import pickle
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import hessopt
from hessopt.networks import BatchAdam, Dense, Dropout, Network, fit, fit_ensemble
from hessopt.noise import images

rng = np.random.default_rng(5)
N = 330  # two whole batches of 128 and a rest
X = rng.normal(size=(N, 6))
Y = (X @ rng.normal(size=(6, 3)) + 0.3 * rng.normal(size=(N, 3))).argmax(axis=1)
HELD_OUT = (X[:60] + 0.01, Y[:60])
LAYERS = [Dropout(0.2), Dense(9, "tanh"), Dropout(0.5), Dense(8, "silu"), Dense(3)]
PLAIN = [Dense(9, "tanh"), Dense(8, "silu"), Dense(3)]


def network(layers=LAYERS, dtype=np.float64, **given):
    return Network(X.astype(dtype), Y, layers, l2=[1e-3, 1e-2, 0.0], **given)


def start(f):
    return 0.4 * np.random.default_rng(f.n_parameters).normal(size=f.n_parameters)


def trained(f, epochs=3, **options):
    training = BatchAdam(f, start(f), epochs=epochs, **options)
    return training, [training.run_epoch(f) for _ in range(epochs)]


@pytest.mark.parametrize("amsgrad", [False, True])
def test_all_rows_at_once_are_the_adam_of_minimize(amsgrad):
    f = network(PLAIN, sample_weight=rng.uniform(size=N))
    own = {"learning_rate": 0.02, "weight_decay": 0.1, "beta1": 0.8, "amsgrad": amsgrad}
    training, values = trained(f, 20, batch_size=1000, schedule="constant", **own)
    solver = hessopt.Adam(start(f), maxiter=1000, **own)
    told = []
    for _ in range(20):
        value, gradient = f.value_and_gradient(solver.ask())
        told.append(value)
        solver.tell(value, gradient)
    np.testing.assert_allclose(training.x, solver.ask(), rtol=0, atol=1e-11)
    np.testing.assert_allclose(values, told, rtol=1e-12)
    assert (training.n_steps, training.n_epochs) == (20, 20)


def test_an_epoch_is_of_all_rows_once():
    """Without a step to speak of, the mean over batches is the objective, whatever the order."""
    f = network(PLAIN, sample_weight=rng.uniform(size=N))
    for batch_size in (1, 50, 128, 200, 329, 330):
        _, values = trained(f, 2, batch_size=batch_size, learning_rate=1e-13)
        np.testing.assert_allclose(values, f.value(start(f)), rtol=1e-9)


def test_masks_are_fresh_and_of_the_rate():
    """The mean over many epochs that do not move is the objective over many masks."""
    f = network()
    _, values = trained(f, 400, learning_rate=1e-14)
    assert len(set(values)) == 400
    many = f.with_masks(seed=1, n_samples=400)
    error = np.std(values) / 20
    assert abs(np.mean(values) - many.value(start(f))) < 5 * error


def test_seeds_and_threads():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    big = np.random.default_rng(0).normal(size=(3000, 6))
    f = Network(big, np.arange(3000) % 3, LAYERS)

    def look(threads, **options):
        with threadpoolctl.threadpool_limits(threads):
            training, values = trained(f, 2, batch_size=1100, **options)
        return [training.x, values]

    for one, many in zip(look(1), look(2), strict=True):
        np.testing.assert_array_equal(one, many)
    assert (look(1)[0] != look(1, seed=1)[0]).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_state_goes_on_bit_for_bit(dtype):
    f = network(dtype=dtype)
    options = {"averaged_epochs": 3, "warmup": 1.5, "amsgrad": True, "weight_decay": 0.01}
    straight, values = trained(f, 6, **options)
    training = BatchAdam(f, start(f), epochs=6, **options)
    assert training.x.dtype == dtype
    told = []
    while training.n_epochs < 6:
        training = pickle.loads(pickle.dumps(training))
        told.append(training.run_epoch(f))
    assert told == values
    for name in ("x", "mean"):
        np.testing.assert_array_equal(getattr(training, name), getattr(straight, name))
    with pytest.raises(ValueError, match="saved state: truncated or damaged"):
        BatchAdam.__new__(BatchAdam).__setstate__(training.__getstate__()[:-1])


def test_float32_is_near_float64():
    narrow, values = trained(network(dtype=np.float32), 5)
    f = Network(X.astype(np.float32).astype(float), Y, LAYERS, l2=[1e-3, 1e-2, 0.0])
    wide, others = trained(f, 5)
    np.testing.assert_allclose(values, others, rtol=1e-4)
    np.testing.assert_allclose(narrow.x, wide.x, rtol=0, atol=1e-3)


def test_the_mean_of_the_last_iterates():
    f = network(PLAIN)
    training, _ = trained(f, 6, batch_size=1000, averaged_epochs=3)
    each = BatchAdam(f, start(f), epochs=6, batch_size=1000)
    iterates = []
    for _ in range(6):
        each.run_epoch(f)
        iterates.append(each.x)
    np.testing.assert_array_equal(training.x, each.x)
    np.testing.assert_allclose(training.mean, np.mean(iterates[3:], axis=0), rtol=0, atol=1e-14)
    np.testing.assert_array_equal(each.mean, each.x)


def test_numbers_that_vanish_are_not_denormal():
    """Weights of pixels that are always 0 shrink without end, and must not take ever longer."""
    blank = np.hstack([X, np.zeros((N, 30))]).astype(np.float32)
    f = Network(blank, Y, [Dense(9, "relu"), Dense(3)], l2=1e-2)
    training = BatchAdam(f, f.initial(0), epochs=4000, schedule="constant")
    for _ in range(600):
        training.run_epoch(f)
    x = np.abs(training.x)
    assert (x == 0).sum() > 100
    assert not ((x > 0) & (x < np.finfo(np.float32).tiny)).any()


def test_schedules():
    f = network(PLAIN)
    rates = {}
    for schedule in ("constant", "linear", "cosine"):
        training = BatchAdam(
            f, start(f), epochs=5, batch_size=330, learning_rate=0.1, schedule=schedule, warmup=2
        )
        rates[schedule] = []
        for _ in range(6):
            rates[schedule].append(training.learning_rate)
            training.run_epoch(f)
    assert rates["constant"] == pytest.approx([0.1 / 3, 0.2 / 3, 0.1, 0.1, 0.1, 0.1])
    assert rates["linear"] == pytest.approx([0.1 / 3, 0.2 / 3, 0.1, 0.2 / 3, 0.1 / 3, 0])
    half = [0.05 * (1 + np.cos(np.pi * k / 3)) for k in range(4)]
    assert rates["cosine"] == pytest.approx([0.1 / 3, 0.2 / 3, *half])


def test_batches_and_weights_of_a_view():
    f = network(PLAIN, sample_weight=np.arange(1.0, N + 1))
    part = f.batch(np.arange(0, N, 3))
    _, values = trained(part, 1, batch_size=40, learning_rate=1e-13)
    assert values[0] == pytest.approx(part.value(start(f)), rel=1e-9)


def test_the_recipe():
    """Adam, then L-BFGS on 16 masks: below Adam alone on masks that neither has seen."""
    f = network()
    options = {"epochs": 60, "learning_rate": 0.02}
    both = fit(f, start(f), **options, method="adam+lbfgs", maxiter=200)
    adam = fit(f, start(f), **options)
    assert both.success
    assert both.nit[0] == 60
    assert both.nfev[0] == 180
    assert both.network._given[1]["n_samples"] == 16
    assert both.fun == both.network.value(both.x)
    assert both.fun < both.fun_fresh < adam.fun_fresh
    stage, fun = both.history["stage"], both.history["fun"]
    assert (stage == 0).sum() == 60
    assert (stage == 1).sum() == both.nit[1]
    assert fun[stage == 1][-1] == both.fun
    np.testing.assert_array_equal(fun[stage == 0], adam.history["fun"])


@pytest.mark.parametrize("method", ["lbfgs", "newton_cg", "trust_region"])
def test_solvers(method):
    f = network()
    result = fit(f, start(f), method=method, n_samples=4, maxiter=60)
    assert result.fun < 0.5 * result.network.value(start(f))
    assert result.network._given[1]["n_samples"] == 4
    assert len(result.history["fun"]) == result.nit[0]
    assert "\n" in repr(result)


def test_adamw_decays():
    f = network(PLAIN)
    plain, decayed = (fit(f, start(f), method=m, epochs=5) for m in ("adam", "adamw"))
    heavy = fit(f, start(f), method="adamw", epochs=5, weight_decay=5.0)
    assert np.linalg.norm(heavy.x) < np.linalg.norm(decayed.x) < np.linalg.norm(plain.x)


@pytest.mark.parametrize("method", ["adam", "lbfgs", "adam+lbfgs"])
def test_early_stopping_keeps_the_best(method):
    f = Network(X, rng.integers(0, 3, N), [Dense(30, "tanh"), Dense(3)])  # nothing to be learnt
    how = {"epochs": 300, "learning_rate": 0.02} if "adam" in method else {}
    result = fit(f, method=method, patience=5, validation=HELD_OUT, **how)
    curve = result.history["validation"]
    held_out = Network(*HELD_OUT, [Dense(30, "tanh"), Dense(3)])
    assert result.fun_validation == curve.min() == held_out.value(result.x)
    assert result.message == "CALLBACK: no lower validation loss in 5 " + (
        "epochs" if method == "adam" else "iterations"
    )
    for stage in range(len(result.nit)):
        assert (result.history["stage"] == stage).sum() < 290


@pytest.mark.parametrize("method", ["adam", "lbfgs", "adam+lbfgs"])
@pytest.mark.parametrize("stop", [3, 7])
def test_a_callback_sees_every_step_and_can_stop(method, stop):
    f, seen = network(dtype=np.float32), []

    def callback(intermediate_result):
        seen.append((intermediate_result.fun, intermediate_result.x))
        return len(seen) == stop

    how = {"epochs": 5} if "adam" in method else {}
    result = fit(f, method=method, callback=callback, **how)
    if len(seen) == stop:
        assert result.message == "CALLBACK: the callback asked to stop"
        assert result.status == hessopt.Status.CALLBACK
    assert [fun for fun, _ in seen] == result.history["fun"].tolist()
    assert len(seen) == sum(result.nit) == (5 if method == "adam" and stop > 5 else stop)
    np.testing.assert_array_equal(seen[-1][1], result.x)
    xs = []
    fit(f, method=method, callback=lambda x: xs.append(x) or len(xs) == 2, **how)
    np.testing.assert_array_equal(xs[1], seen[1][1])


@pytest.mark.parametrize("method", ["adam", "lbfgs", "adam+lbfgs"])
@pytest.mark.parametrize("stop", [3, 11, 17])
def test_a_fit_goes_on_bit_for_bit(method, stop, tmp_path, monkeypatch):
    f = network(dtype=np.float32)
    how = {"method": method, "validation": HELD_OUT, "patience": 40}
    how |= {"epochs": 8} if "adam" in method else {}
    how |= {"maxiter": 25} if "lbfgs" in method else {}
    straight = fit(f, **how)
    path = tmp_path / "fit"
    seen = 0
    look = hessopt.networks.watch.Watch.look

    def interrupted(self, *told):
        nonlocal seen
        seen += 1
        if seen == stop:
            raise KeyboardInterrupt
        return look(self, *told)

    def go():
        return fit(f, **how, checkpoint=path, checkpoint_every=2)

    with monkeypatch.context() as patch:
        patch.setattr(hessopt.networks.watch.Watch, "look", interrupted)
        if stop > 8 and method == "adam":
            go()
        else:
            with pytest.raises(KeyboardInterrupt):
                go()
    resumed = go()
    again = go()  # of a file that is at its end
    for result in (resumed, again):
        np.testing.assert_array_equal(result.x, straight.x)
        assert (result.fun, result.nit, result.message) == (
            straight.fun,
            straight.nit,
            straight.message,
        )


def test_a_checkpoint_is_of_one_fit(tmp_path):
    f = network()
    path = tmp_path / "fit"
    fit(f, method="adam+lbfgs", epochs=2, maxiter=3, checkpoint=path)
    fit(f, method="adam+lbfgs", epochs=2, maxiter=5, checkpoint=path)  # how far it goes may change
    with pytest.raises(ValueError, match=r"checkpoint: got .*of another fit \(adam.learning_rate"):
        fit(f, method="adam+lbfgs", epochs=2, learning_rate=0.1, checkpoint=path)
    with pytest.raises(ValueError, match=r"checkpoint: got .*of another fit \(network"):
        fit(network(PLAIN), method="adam+lbfgs", epochs=2, checkpoint=path)
    other = Network(X + 1, Y, LAYERS, l2=[1e-3, 1e-2, 0.0])
    with pytest.raises(ValueError, match=r"checkpoint: got .*of another fit \(data"):
        fit(other, method="adam+lbfgs", epochs=2, checkpoint=path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"checkpoint: got .*truncated or damaged"):
        fit(f, epochs=2, checkpoint=path)
    path.write_bytes(b"a text")
    with pytest.raises(ValueError, match=r"checkpoint: got .*something else"):
        fit(f, epochs=2, checkpoint=path)
    with pytest.raises(IsADirectoryError, match="checkpoint"):
        fit(f, epochs=2, checkpoint=tmp_path)


def test_augmentation():
    shape = (2, 3)
    f = network(PLAIN)
    seen = []

    def change(rows, random):
        seen.append(random.normal())
        return rows + 0.01 * random.normal(size=rows.shape)

    fit(f, epochs=3, augmentation=hessopt.Augmentation(change))
    assert len(set(seen)) == 3
    noise = hessopt.Augmentation(images.Images(images.Noise(0.1), images.Flip(), shape=shape))
    one, two = (fit(f, epochs=3, augmentation=noise) for _ in range(2))
    np.testing.assert_array_equal(one.x, two.x)
    assert (one.x != fit(f, method="adam", epochs=3).x).any()
    part = f.batch(np.arange(100))
    assert fit(part, method="adam", epochs=2, augmentation=noise).success


def test_a_bar_of_progress(capsys):
    pytest.importorskip("tqdm")
    fit(network(), method="adam+lbfgs", epochs=3, maxiter=4, progress=True)
    told = capsys.readouterr().err
    assert "3/3" in told
    assert "4/4" in told


def test_a_fit_that_runs_away_says_so():
    f = Network(np.abs(X) * 1e3, np.ones(N), [Dense(1)], loss="poisson")
    result = fit(f, method="adam", epochs=5, learning_rate=1e3)
    assert not result.success
    assert result.message.startswith("NON_FINITE")
    assert np.isfinite(result.x).all()


def test_ensembles():
    f = network()
    ensemble = fit_ensemble(f, 3, seed=4, epochs=5, method="adam")
    assert ensemble.x.shape == (3, f.n_parameters)
    assert len({result.fun for result in ensemble.results}) == 3
    probabilities = ensemble.predict(X[:7])
    assert probabilities.shape == (3, 7, 3)
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, rtol=1e-14)
    logits = f.predict(ensemble.x[1], X[:7])
    np.testing.assert_allclose(
        probabilities[1], np.exp(logits) / np.exp(logits).sum(1, keepdims=True), rtol=1e-13
    )
    np.testing.assert_allclose(ensemble.distribution(X[:7]).mean, probabilities.mean(0), rtol=1e-14)
    again = fit_ensemble(f, 2, seed=5, epochs=5, method="adam")
    np.testing.assert_array_equal(again.x[0], ensemble.x[1])
    means = {"logistic": lambda z: 1 / (1 + np.exp(-z)), "poisson": np.exp, "squared": np.copy}
    for loss, mean in means.items():
        g = Network(X, np.minimum(Y, 1), [Dense(1)], loss=loss)
        told = fit_ensemble(g, 2, epochs=2, method="adam").predict(X[:2])
        eta = g.predict(fit(g, epochs=2, method="adam").x, X[:2])
        np.testing.assert_allclose(told[0], mean(eta), rtol=1e-13)


def test_snapshots():
    """One training whose rate falls to 0 again and again: each member goes on from the last."""
    f = network()
    how = {"epochs": 4, "learning_rate": 0.02}
    ensemble = fit_ensemble(f, 3, members="snapshots", seed=4, **how)
    x = None
    for k, result in enumerate(ensemble.results):
        x = fit(f, x, seed=4 + k, **how).x
        np.testing.assert_array_equal(result.x, x)
    assert repr(ensemble).startswith("Ensemble(3 snapshots of Network(")
    assert ensemble.members == "snapshots"
    assert fit_ensemble(f, 2, **how).members == "seeds"
    begun = fit_ensemble(f, 2, members="snapshots", seed=5, x0=ensemble.x[0], **how)
    np.testing.assert_array_equal(begun.x[0], ensemble.x[1])
    spread = [
        fit_ensemble(f, 3, members=m, **how).distribution(X).variance.mean()
        for m in ("seeds", "snapshots")
    ]
    assert 0 < spread[1] < spread[0]


def test_snapshots_go_on_from_their_files(tmp_path):
    f = network()
    how = {"members": "snapshots", "epochs": 3, "checkpoint": tmp_path / "fit"}
    straight = fit_ensemble(f, 3, **how)
    (tmp_path / "fit.2").unlink()
    np.testing.assert_array_equal(fit_ensemble(f, 3, **how).x, straight.x)


def test_fit_averages_iterates():
    f = network()
    training, _ = trained(f, 6, averaged_epochs=3, schedule="constant")
    result = fit(f, start(f), epochs=6, averaged_epochs=3, schedule="constant")
    np.testing.assert_array_equal(result.x, training.mean)


def test_what_does_not_do():
    f = network()
    x = start(f)
    for name, value in (
        ("batch_size", 0),
        ("epochs", 0),
        ("learning_rate", 0.0),
        ("learning_rate", np.nan),
        ("schedule", "step"),
        ("warmup", 3.0),
        ("warmup", -1.0),
        ("weight_decay", -1.0),
        ("beta1", 1.0),
        ("beta2", -0.1),
        ("epsilon", 0.0),
        ("averaged_epochs", 4),
        ("seed", -1),
    ):
        given = {"epochs": 3, name: value}
        with pytest.raises(ValueError, match=f"{name}: got"):
            BatchAdam(f, x, **given)
        with pytest.raises(ValueError, match=f"{name}: got"):
            fit(f, x, **given)
    for call in (BatchAdam, fit):
        with pytest.raises(ValueError, match="x0: got length 3"):
            call(f, np.zeros(3), epochs=3)
        with pytest.raises(TypeError, match="network: got int"):
            call(3, x, epochs=3)
    training = BatchAdam(f, x, epochs=3)
    with pytest.raises(ValueError, match="network: got 100 rows"):
        training.run_epoch(f.batch(np.arange(100)))
    with pytest.raises(ValueError, match="network: got X of another precision"):
        training.run_epoch(network(dtype=np.float32))
    with pytest.raises(ValueError, match=r"network: got .* parameters"):
        training.run_epoch(network([Dense(9, "tanh"), Dense(7), Dense(3)]))
    with pytest.raises(ValueError, match="method: got 'sgd'"):
        fit(f, method="sgd")
    with pytest.raises(TypeError, match="momentum: got an unknown argument"):
        fit(f, momentum=0.9)
    with pytest.raises(TypeError, match="maxcor: got an unknown argument"):
        fit(f, method="adam", maxcor=3)
    with pytest.raises(ValueError, match="patience: got 3"):
        fit(f, patience=3)
    with pytest.raises(ValueError, match="patience: got 0"):
        fit(f, patience=0, validation=HELD_OUT)
    with pytest.raises(TypeError, match="validation: got int"):
        fit(f, validation=3)
    with pytest.raises(ValueError, match="validation: got shape"):
        fit(f, validation=(X[:, :2], Y))
    with pytest.raises(TypeError, match="augmentation: got 3"):
        fit(f, augmentation=3)
    with pytest.raises(ValueError, match="augmentation: got one"):
        fit(f, method="lbfgs", augmentation=hessopt.Augmentation(lambda rows, random: rows))
    with pytest.raises(TypeError, match="progress: got 1"):
        fit(f, progress=1)
    with pytest.raises(ValueError, match="n_samples: got 0"):
        fit(f, n_samples=0)
    with pytest.raises(ValueError, match="n_members: got 1"):
        fit_ensemble(f, 1)
    with pytest.raises(TypeError, match="network: got int"):
        fit_ensemble(3)
    with pytest.raises(ValueError, match="members: got 'cycles'; want 'seeds' or 'snapshots'"):
        fit_ensemble(f, members="cycles")
    with pytest.raises(ValueError, match="method: got 'lbfgs'; want 'adam' or 'adamw'"):
        fit_ensemble(f, members="snapshots", method="lbfgs")
    with pytest.raises(ValueError, match="schedule: got 'constant'; want 'cosine' or 'linear'"):
        fit_ensemble(f, members="snapshots", schedule="constant")


def test_one_thread_at_a_time():
    big = Network(rng.normal(size=(20_000, 30)), np.arange(20_000) % 3, [Dense(50), Dense(3)])
    training = BatchAdam(big, np.zeros(big.n_parameters), epochs=20)
    thread = threading.Thread(target=lambda: [training.run_epoch(big) for _ in range(3)])
    thread.start()
    time.sleep(0.01)
    refused = 0
    while thread.is_alive() and not refused:
        try:
            training.run_epoch(big)
        except RuntimeError:
            refused += 1
    thread.join()
    assert refused or training.n_epochs >= 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_leaves_whole_steps():
    program = """
        import signal, threading
        import numpy as np, hessopt
        from hessopt.networks import BatchAdam, Dense, Dropout, Network
        signal.signal(signal.SIGINT, signal.default_int_handler)
        rng = np.random.default_rng(0)
        f = Network(rng.normal(size=(60_000, 50)), np.arange(60_000) % 3,
            [Dense(60, "tanh"), Dropout(0.5), Dense(3)])
        x0 = 0.1 * rng.normal(size=f.n_parameters)
        training = BatchAdam(f, x0, epochs=200)
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        try:
            for _ in range(200):
                training.run_epoch(f)
        except KeyboardInterrupt:
            assert 0 < training.n_steps < 20_000
            epoch = training.n_epochs + 1
            value = training.run_epoch(f)
            assert training.n_epochs == epoch
            straight = BatchAdam(f, x0, epochs=200)
            values = [straight.run_epoch(f) for _ in range(epoch)]
            assert values[-1] == value and np.array_equal(straight.x, training.x)
            print("whole")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "whole\n", done.stderr
