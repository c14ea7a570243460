"""The same bits for any number of threads."""

from threadpoolctl import threadpool_limits


def check_bits(bits):
    """`bits()`, a list of bytes, by one thread and by teams."""
    with threadpool_limits(1, user_api="openmp"):
        want = bits()
    for threads in (2, 3, 8):
        with threadpool_limits(threads, user_api="openmp"):
            assert bits() == want
