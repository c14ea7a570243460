"""What is installed, and where to read on: ``python -m hessopt``."""

from __future__ import annotations

from ._config import show_config

WAYS = """
python -m hessopt.demo    four solvers on digits with dropout integrated out (extra: demo)
help(hessopt)             the public names, by the verbs assemble, solve and integrate
docs/ in the sources      guides, gallery and API as a site: CONTRIBUTING.md says how it is built"""


def main() -> None:
    """Print both."""
    show_config()
    print(WAYS)


if __name__ == "__main__":
    main()
