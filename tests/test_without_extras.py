"""NumPy alone at run time: every optional package absent."""

import subprocess
import sys
import textwrap

import pytest

EXTRAS = [
    "scipy",
    "sklearn",
    "matplotlib",
    "tqdm",
    "threadpoolctl",
    "pandas",
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


@pytest.mark.parametrize(("room", "package"), [("torch", "torch"), ("plot", "matplotlib")])
def test_what_needs_an_extra_says_so(room, package):
    done = run(
        f"""
        import sys
        sys.modules["{package}"] = None
        import hessopt.networks
        try:
            import hessopt.{room}
        except ImportError as exc:
            print(exc)
        """
    )
    assert done.stdout.strip() == f"hessopt.{room} needs {package}: pip install hessopt[{room}]"


def test_what_needs_scikit_learn_says_so():
    done = run(
        """
        import sys
        sys.modules["sklearn"] = None
        try:
            import hessopt.sklearn
        except ImportError as exc:
            print(exc)
        """
    )
    want = "hessopt.sklearn needs scikit-learn 1.7 or later: pip install hessopt[sklearn]"
    assert done.stdout.strip() == want


def test_import_pulls_in_nothing_heavy():
    done = run(
        f"""
        import sys, hessopt
        print([name for name in {EXTRAS} if name in sys.modules])
        """
    )
    assert done.stdout.strip() == "[]", done.stderr
