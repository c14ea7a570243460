"""Random bits to the standard output, for the batteries of tests of random numbers.

The bits are masks at 1/2, one superblock after another, until the reader has enough. How many there
were is told in the end.

Run: python bench/python/random_bits.py | RNG_test stdin32 -tlmax 1GB      (PractRand)
     python bench/python/random_bits.py | dieharder -a -g 200
"""

from __future__ import annotations

import argparse
import os
import sys

import hessopt


def main() -> None:
    """Write blocks of a megabyte."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stream", type=int, default=0)
    parser.add_argument("--mib", type=int, default=2**40, help="stop after so many MiB")
    options = parser.parse_args()
    n, done = 2**23, 0
    try:
        while done < options.mib:
            block = hessopt.bernoulli_mask(
                n, 0.5, options.seed, stream=options.stream, offset=done * n, packed=True
            )
            view = memoryview(block)
            while view:
                view = view[os.write(sys.stdout.fileno(), view) :]
            done += 1
    except BrokenPipeError:
        pass
    print(f"{done} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()
