"""The pages of the API, made of the names that the package itself says are public."""

import pkgutil
from importlib import import_module

from sphinx.ext.autodoc.mock import mock

import hessopt

GROUPS = {  # the rooms of each verb, in this order; one that no group names is among the last
    "Assemble": ("objectives", "rows", "linalg", "networks"),
    "Solve": ("_minimize", "solvers", "_least_squares", "_batch", "_l1", "_result"),
    "Integrate": ("integrate", "noise", "noise.images"),
    "What a fit tells": ("uncertainty", "plot"),
    "Beside other libraries": ("sklearn", "torch"),
    "And": (),
}
TITLES = {
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

Everything public. What stands under ``hessopt`` itself is imported when it is asked for.

{groups}

.. toctree::
   :hidden:

{pages}
"""
GROUP = """{title}
{line}

.. list-table::
   :widths: 30 70

{rows}
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
    """Each room, its title, the prefix of its names, the module that has them, and the names."""
    for room, names in hessopt._ROOMS.items():
        title = TITLES.get(room, room.strip("_").replace("_", " ").capitalize())
        yield room, title, "hessopt", import_module(f"hessopt.{room}"), names
    packages = [m.name for m in pkgutil.iter_modules(hessopt.__path__) if m.ispkg]
    for room in [*packages, "noise.images"]:
        module = import_module(f"hessopt.{room}")
        if room not in hessopt._ROOMS and hasattr(module, "__all__"):
            yield room, f"hessopt.{room}", f"hessopt.{room}", module, module.__all__


def write(app, config):
    """Write them before Sphinx looks which files there are."""
    folder = app.srcdir / "api"
    folder.mkdir(exist_ok=True)
    with mock(config.autodoc_mock_imports):
        found = list(rooms())
    kept, entries = {"index.rst"}, {}
    for room, title, module, source, names in found:
        page = room.strip("_")
        sentence = " ".join(source.__doc__.split("\n\n")[0].split())
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
        row = f"   * - :doc:`{title} <{page}>`\n     - {sentence}"
        entries[room] = row, f"   {title} <{page}>"
        kept |= {f"{page}.rst", *(f"{module}.{name}.rst" for name in names)}
    for path in folder.iterdir():  # names of an earlier version
        if path.name not in kept:
            path.unlink()
    placed = {room for of_group in GROUPS.values() for room in of_group}
    groups, pages = [], []
    for title, of_group in (GROUPS | {"And": [r for r in entries if r not in placed]}).items():
        rows = "\n".join(entries[room][0] for room in of_group)
        groups.append(GROUP.format(title=title, line="-" * len(title), rows=rows))
        pages += [entries[room][1] for room in of_group]
    index = INDEX.format(groups="\n".join(groups), pages="\n".join(pages))
    put(folder / "index.rst", index)


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
