"""NumPy alone at run time: every optional package absent."""

import subprocess
import sys
import textwrap

EXTRAS = [
    "scipy",
    "sklearn",
    "matplotlib",
    "tqdm",
    "threadpoolctl",
    "pandas",
    "polars",
    "pyarrow",
    "statsmodels",
    "torch",
    "hypothesis",
]


def run(program):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True
    )


def test_the_library_runs_on_numpy_alone():
    done = run(
        f"""
        import sys
        for name in {EXTRAS}:
            sys.modules[name] = None  # importing it raises ImportError
        import numpy as np, hessopt
        f = hessopt.objectives.Logistic(np.eye(4), [0, 1, 0, 1], l2=0.1)
        noisy = hessopt.expected(f, hessopt.Dropout(0.5), "normal")
        assert hessopt.minimize(noisy, np.zeros(5)).success
        assert hessopt.minimize(noisy, np.zeros(5), method="lbfgs").success
        hessopt.expectation(lambda z: z.sum(1), hessopt.Bernoulli(0.5, 3), method="sample")
        hessopt.expectation(np.exp, hessopt.Normal())
        hessopt.predict_distribution(lambda x: x, np.eye(4), hessopt.Dropout(0.5), n_samples=4)
        print("ok")
        """
    )
    assert done.stdout.strip() == "ok", done.stderr


# Whatever needs an extra, and the one line it says without it.
SOBOL = "expected(model, hessopt.Dropout(0.5), 'sample', sampling='sobol')"
MISSING = {
    "import hessopt.torch": "hessopt.torch needs torch: pip install hessopt[torch]",
    "import hessopt.plot": "hessopt.plot needs matplotlib: pip install hessopt[plot]",
    "import hessopt.sklearn": "hessopt.sklearn needs scikit-learn 1.7 or later: "
    "pip install hessopt[sklearn]",
    "networks.from_torch(model)": "from_torch needs torch: pip install hessopt[torch]",
    "networks.to_torch(network, x)": "to_torch needs torch: pip install hessopt[torch]",
    "networks.to_sklearn(network, x)": "to_sklearn needs scikit-learn: "
    "pip install hessopt[sklearn]",
    "hessopt.inference(model, [0, 0]).to_frame()": "to_frame needs pandas: pip install pandas",
    f"hessopt.{SOBOL}": "sampling='sobol' needs SciPy: pip install scipy",
    "hessopt.expectation(untouched, hessopt.Normal(), method='sobol')": "method='sobol' "
    "needs SciPy: pip install scipy",
} | dict.fromkeys(
    [
        "hessopt.minimize(untouched, [0.0], options={'progress': True})",
        "hessopt.minimize_batch(untouched, [[0.0]], progress=True)",
        "hessopt.l1_path(model, progress=True)",
        "hessopt.predict_distribution(untouched, X, hessopt.Dropout(0.5), progress=True)",
        "networks.fit(network, progress=True)",
        "networks.cached_features(untouched, X, progress=True)",
    ],
    "progress=True needs tqdm: pip install tqdm",
)


def test_what_needs_an_extra_says_so_before_any_work():
    done = run(
        f"""
        import sys
        for name in {EXTRAS}:
            sys.modules[name] = None
        import hessopt
        from hessopt import networks

        def untouched(*arguments):
            raise AssertionError("was called")

        X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
        model = hessopt.objectives.Logistic(X, y, l2=0.1)
        network = networks.Network(X, y, [networks.Dense(2)], loss="softmax")
        x = network.initial(0)
        for line in {list(MISSING)}:
            try:
                exec(line)
            except ImportError as exc:
                print(exc)
        """
    )
    assert done.stdout.splitlines() == list(MISSING.values()), done.stderr


def test_import_pulls_in_nothing_heavy():
    done = run(
        f"""
        import sys, hessopt
        print([name for name in {EXTRAS} if name in sys.modules])
        """
    )
    assert done.stdout.strip() == "[]", done.stderr
