"""A few hundred random calls; tests/fuzz.py makes as many as you like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has alarms, which end a call that hangs")
def test_random_calls_answer_or_refuse_as_documented():
    fuzz = Path(__file__).with_name("fuzz.py")
    done = subprocess.run(
        [sys.executable, str(fuzz), "--calls", "400"], capture_output=True, text=True, timeout=250
    )
    assert done.returncode == 0, done.stdout + done.stderr
