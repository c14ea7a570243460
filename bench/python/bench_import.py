"""What ``import hessopt`` adds to ``import numpy``.

Run: python bench/python/bench_import.py [--smoke]
"""

from __future__ import annotations

import statistics
import subprocess
import sys

import harness

# Both measure inside the process, after NumPy is there: what remains is hessopt alone.
PROGRAM = """
import time, numpy
begin = time.perf_counter()
import hessopt
print(time.perf_counter() - begin)
"""


def main() -> None:
    """Print the median of many fresh processes."""
    repeats = 2 if harness.options().smoke else 21
    harness.header()
    times = [
        float(
            subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True).stdout
        )
        for _ in range(repeats)
    ]
    print(f"import hessopt after NumPy: {1e3 * statistics.median(times):.1f} ms")


if __name__ == "__main__":
    main()
