"""--no-skips: a test that is skipped for a reason that nobody has listed fails the run."""

import pytest

# Those of other systems, which have their own runs.
ALLOWED = (
    "links, modes and devices are POSIX",
    "Windows has no SIGKILL",
    "only POSIX has alarms",
    "Windows has no SIGINT to send",
    "only ELF symbols are read",
    "this system has no fork",
    "torch is not installed",  # several gigabytes with its libraries
)


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips", action="store_true", help="fail on a skip whose reason is not listed"
    )


def pytest_configure(config):
    if config.getoption("--no-skips"):
        config.pluginmanager.register(NoSkips())


class NoSkips:
    """Looks at the reports of all workers."""

    def __init__(self):
        self.found = []

    def pytest_runtest_logreport(self, report):
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            if not reason.removeprefix("Skipped: ").startswith(ALLOWED):
                self.found.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session):
        if self.found and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        for line in self.found:
            terminalreporter.write_line(f"skipped without leave: {line}", red=True)
