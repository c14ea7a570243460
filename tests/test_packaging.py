"""What is installed: types, licences, symbols, size, and the library for C++ users."""

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

import hessopt

ROOT = Path(__file__).parents[1]
PACKAGE = Path(hessopt.__file__).parent


def modules():
    """The compiled modules in use by this process."""
    kernels = sys.modules[f"hessopt._native._kernels_{hessopt._core.level}"]
    return [Path(m.__file__) for m in (hessopt._core, kernels, hessopt._native._cpu)]


def test_types_ship():
    for name in ("py.typed", "_core.pyi", "_native/_cpu.pyi"):
        assert (PACKAGE / name).is_file()


def test_licences_ship():
    files = {f.name: f for f in distribution("hessopt").files or []}
    notice = files["NOTICE"].read_text()
    assert "Eigen 3.4.1" in notice
    assert "Mozilla Public License 2.0" in notice
    assert "https://gitlab.com/libeigen/eigen" in notice
    assert "LICENSE" in files
    assert distribution("hessopt").metadata["License-Expression"] == "MIT AND MPL-2.0"


def test_numpy_is_all_it_requires():
    required = [r for r in distribution("hessopt").requires or [] if "extra ==" not in r]
    assert [r.split(">")[0] for r in required] == ["numpy"]


def test_versions_agree():
    assert distribution("hessopt").version == hessopt.__version__ == hessopt._core.version
    for name in ("CITATION.cff", "conda/recipe.yaml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(r'^ *version: "?(\d[\d.]*)', text, re.MULTILINE) == [hessopt.__version__]


def test_the_module_says_what_it_runs_on_and_where_to_read_on():
    done = subprocess.run([sys.executable, "-m", "hessopt"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"version        {hessopt.__version__}" in done.stdout
    assert "python -m hessopt.demo" in done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only ELF symbols are read")
@pytest.mark.skipif(shutil.which("nm") is None, reason="nm comes with a compiler")
def test_a_module_exports_its_entry_and_nothing_else():
    for path in modules():
        done = subprocess.run(
            ["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True
        )
        name = path.name.split(".")[0]
        assert [line.split()[-1] for line in done.stdout.splitlines()] == [f"PyInit_{name}"]


def test_a_wheel_of_what_is_installed_is_small():
    files = [Path(f.locate()) for f in distribution("hessopt").files or []]
    files += [f for m in modules() for f in m.parent.glob("*.so")]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        for f in {f.resolve() for f in files if f.is_file()}:
            wheel.write(f)
    assert buffer.tell() < 6e6


@pytest.mark.slow
def test_a_cpp_program_finds_the_library(tmp_path):
    """cmake --install, then find_package(hessopt) in a program of ten lines."""
    site = Path(find_spec("cmeel").origin).parents[1]  # where the wheel of Eigen lies
    environment = {**os.environ, "CMAKE_GENERATOR": "Ninja"}
    prefix, library, program = tmp_path / "prefix", tmp_path / "library", tmp_path / "program"

    def cmake(*arguments):
        done = subprocess.run(
            ["cmake", *map(str, arguments)], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stdout + done.stderr

    cmake("-S", ROOT, "-B", library, f"-DCMAKE_PREFIX_PATH={site}")
    cmake("--install", library, "--prefix", prefix)
    consumer = ROOT / "tests" / "consumer"
    # Its speed is not asked, nor symbols; and most of a file's compilation is to read Eigen.
    quick = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0"]
    quick += ["-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=6"]
    widest = "-DHESSOPT_LEVEL=native"  # whose registers want the most stack
    cmake("-S", consumer, "-B", program, *quick, widest, f"-DCMAKE_PREFIX_PATH={prefix};{site}")
    cmake("--build", program)
    done = subprocess.run([program / "consumer"], capture_output=True, text=True, check=True)
    assert "GRADIENT" in done.stdout
