"""The floors of the house: what may include or import what, by rank."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADERS = ROOT / "cpp" / "include" / "hessopt"

# A floor may include the floors listed beside it, and itself.
CPP = {
    "kernels": set(),
    "core": {"kernels"},
    "random": {"core", "kernels"},
    "dropout": {"core", "kernels", "random"},
    "linalg": {"core", "kernels"},
    "losses": {"core", "kernels"},
    "rows": {"core", "kernels", "linalg"},
    "objectives": {"core", "kernels", "linalg", "losses", "rows"},
    "networks": {
        "core",
        "kernels",
        "dropout",
        "linalg",
        "losses",
        "objectives",
        "random",
        "rows",
        "solvers",
    },
    "solvers": {"core", "kernels", "linalg"},
    "batched": {"core", "kernels", "linalg", "losses", "solvers"},
    "expectation": {
        "core",
        "kernels",
        "dropout",
        "linalg",
        "losses",
        "objectives",
        "random",
        "rows",
    },
}

# Lower ranks never import higher ones. A room is a folder, whose files see each other.
PYTHON = [
    {"_core", "_extras", "_native"},
    {"_config", "_absent", "_arrays", "_result"},
    {"_validation"},
    {"_progress", "_state_file", "linalg", "noise", "rows", "solvers"},
    {"objectives"},
    {"_minimize", "integrate"},
    {"_batch", "_l1", "_least_squares", "networks"},
    {"uncertainty"},
    {"plot", "sklearn", "torch"},
    {"__init__", "__main__"},
    {"demo"},
]
RANK = {name: rank for rank, names in enumerate(PYTHON) for name in names}


def test_headers_include_lower_floors_only():
    checked = 0
    for path in HEADERS.rglob("*/*.hpp"):
        floor = path.parent.name
        for target in re.findall(r'#include "hessopt/(\w+)/', path.read_text(encoding="utf-8")):
            assert target == floor or target in CPP[floor], f"{path.name} includes {target}"
            checked += 1
    assert checked > 30


def test_headers_know_no_python():
    for path in HEADERS.rglob("*.hpp"):
        assert "pybind11" not in path.read_text(encoding="utf-8")


def test_modules_import_lower_ranks_only():
    package = ROOT / "python" / "hessopt"
    checked = 0
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        top = parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or node.level == 0:
                continue
            if node.level == len(parts):  # "from .. import x" or "from ..x import y" in a room
                names = [node.module] if node.module else [a.name for a in node.names]
                for name in names:
                    target = name.split(".")[0]
                    allowed = RANK[target] < RANK[top] or target == top or top == "_native"
                    assert allowed, f"{path.name} imports {target}"
                    checked += 1
    assert checked > 100


# What takes a pointer from an array, or lets pybind11 do so; the way is in arrays.hpp.
POINTERS = re.compile(
    r"mutable_data|unchecked<|\.strides\(|PyArray_DATA|pybind11/eigen\.h|Eigen::Ref"
    r"|py::array_t<[^;(){}]*>\s*(const\s*)?&|py::array_t<[^;(){}]*>\s+\w+\s*[,)]"
)


def test_arrays_have_one_way_into_the_kernels():
    bindings = ROOT / "cpp" / "bindings"
    assert POINTERS.search((bindings / "arrays.hpp").read_text(encoding="utf-8"))
    for path in [*bindings.glob("*.cpp"), *bindings.glob("*.hpp")]:
        text = path.read_text(encoding="utf-8")
        arrays = set(re.findall(r"py::array&? (\w+)", text))
        taken = [m for m in re.findall(r"(\w+)\.data\(", text) if m in arrays]
        if path.name != "arrays.hpp":
            assert not POINTERS.search(text), (path.name, POINTERS.search(text))
            assert not taken, (path.name, taken)
