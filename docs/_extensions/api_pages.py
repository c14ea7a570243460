"""The pages of the API, made of the names that the package itself says are public."""

import pkgutil
from importlib import import_module

from sphinx.ext.autodoc.mock import mock

import hessopt

TITLES = {  # in this order; a room that is not among them follows under its own name
    "_minimize": "Minimize",
    "solvers": "Solvers",
    "_least_squares": "Least squares",
    "_batch": "Many small problems",
    "_l1": "Paths of the l1 term",
    "linalg": "Linear algebra",
    "integrate": "Expectations",
    "noise": "Noise",
    "rows": "Data",
    "uncertainty": "Inference",
    "_result": "Result",
    "_config": "Configuration",
}
INDEX = """API
===

Everything public, by room. What stands under ``hessopt`` itself is imported when it is asked for.

.. list-table::
   :widths: 30 70

{rows}

.. toctree::
   :hidden:

{pages}
"""
PAGE = """{title}
{line}

{sentence}

.. currentmodule:: {module}

.. autosummary::
   :toctree: .
   :nosignatures:

{names}
"""


def rooms():
    """Page, title, the module that has the names, its first sentence, and the names."""
    for room in sorted(hessopt._ROOMS, key=[*TITLES, *hessopt._ROOMS].index):
        title = TITLES.get(room, room.strip("_").replace("_", " ").capitalize())
        module = import_module(f"hessopt.{room}")
        yield room.strip("_"), title, "hessopt", module, hessopt._ROOMS[room]
    packages = [m.name for m in pkgutil.iter_modules(hessopt.__path__) if m.ispkg]
    for name in [*packages, "noise.images"]:
        module = import_module(f"hessopt.{name}")
        if name not in hessopt._ROOMS and hasattr(module, "__all__"):
            yield name, f"hessopt.{name}", f"hessopt.{name}", module, module.__all__


def write(app, config):
    """Write them before Sphinx looks which files there are."""
    folder = app.srcdir / "api"
    folder.mkdir(exist_ok=True)
    rows, pages, kept = [], [], {"index.rst"}
    with mock(config.autodoc_mock_imports):
        found = list(rooms())
    for page, title, module, room, names in found:
        sentence = " ".join(room.__doc__.split("\n\n")[0].split())
        put(
            folder / f"{page}.rst",
            PAGE.format(
                title=title,
                line="=" * len(title),
                sentence=sentence,
                module=module,
                names="\n".join(f"   {name}" for name in sorted(names, key=str.lower)),
            ),
        )
        rows.append(f"   * - :doc:`{title} <{page}>`\n     - {sentence}")
        pages.append(f"   {title} <{page}>")
        kept |= {f"{page}.rst", *(f"{module}.{name}.rst" for name in names)}
    for path in folder.iterdir():  # names of an earlier version
        if path.name not in kept:
            path.unlink()
    put(folder / "index.rst", INDEX.format(rows="\n".join(rows), pages="\n".join(pages)))


def is_of_others(app, what, name, obj, skip, options):
    """What scikit-learn's classes bring along is explained there."""
    return True if str(getattr(obj, "__module__", None)).startswith("sklearn.") else None


def put(path, text):
    """Write what has changed only: the others need not be read again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app):
    """Join Sphinx."""
    app.connect("config-inited", write)
    app.connect("autodoc-skip-member", is_of_others)
    return {"parallel_read_safe": True}
