"""Every block of code in the README and the docs runs, and so does every example."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hessopt

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LONG = ("calibration_of_networks", "hessian_spectrum", "transfer_learning")
ON_DATA_OF_STATSMODELS = ("ordered_classes", "survival")
MARKS = {name: pytest.mark.slow for name in LONG}
MARKS |= {name: pytest.mark.agreement for name in ON_DATA_OF_STATSMODELS}
EXAMPLES = [
    pytest.param(path, marks=MARKS.get(path.stem, ()))
    for path in sorted((ROOT / "examples").glob("*.py"))
]


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=lambda p: p.name)
def test_the_python_blocks_of_a_page_run_in_order(page, tmp_path):
    program = tmp_path / "blocks.py"
    program.write_text("\n".join(blocks(page, "python")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    if page.name == "README.md":
        assert "2.53" in done.stdout
        assert "4.0" in done.stdout


def test_the_set_up_lines_are_the_promised_ones():
    assert blocks(ROOT / "README.md", "sh")[0].splitlines() == [
        'pip install ".[demo]" && python -m hessopt.demo',
        'pip install ".[test]" && pytest',
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_the_files_a_page_names_exist(page):
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:cpp|python|docs|examples|tests|bench|cmake|\.ci)/[\w./]+)`", text)
    linked = re.findall(r"\]\(((?!http)[\w./]+)(?:#[\w-]+)?\)", text)
    for name in [*(ROOT / n for n in named), *(page.parent / n for n in linked)]:
        assert name.exists(), f"{page.name} names {name}"


def test_the_fields_of_the_status_table_exist():
    table = (ROOT / "docs" / "solve.md").read_text(encoding="utf-8")
    for status in hessopt.Status:
        assert status.name == "RUNNING" or f"`{status.name}`" in table


def test_the_examples_open_with_the_title_of_their_page():
    for example in (ROOT / "examples").glob("*.py"):
        title, line, *_ = example.read_text(encoding="utf-8").removeprefix('"""').splitlines()
        assert line == "=" * len(title), f"{example.name}: underline its title"


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_the_examples_run(example, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", example],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,  # where pictures go
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "False" not in done.stdout


def _modules():
    """All in Python, but for the one that runs when it is imported."""
    names = [module.name for module in pkgutil.walk_packages(hessopt.__path__, "hessopt.")]
    return [n for n in names if "._native" not in n and not n.endswith("__main__")]


@pytest.mark.parametrize("name", _modules())
def test_docstring_examples(name):
    if name.startswith("hessopt.torch"):
        pytest.importorskip("torch", reason="torch is not installed")
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
