"""What the tests of every area share: the long form of loops, which of them are slow, and signals that are heard."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, settings

from tests.slow import is_slow

# Music must not depend on the SoundFonts of the machine; servers that tests start take this over.
os.environ["BANDMATE_SOUNDFONT"] = "none"

FULL_TIMEOUT_S = 3 * 60 * 60

# A slow machine is no fault of the code: nothing here is judged by the clock.
settings.register_profile("short", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", settings.get_profile("short"), max_examples=5_000)
settings.load_profile("short")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="run loops at their full length, and tests marked full"
    )
    parser.addoption(
        "--no-skips", action="store_true", help="fail when a test was skipped: something is missing here"
    )


def pytest_configure(config: pytest.Config) -> None:
    _hear_signals()
    if config.getoption("--full"):
        settings.load_profile("full")


def _hear_signals() -> None:
    """What a shell ignores for its background jobs, or nohup, would be ignored by each command that a test starts."""
    for name, usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)  # Windows has no SIGHUP.
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # First, so that `-m` sees the mark.
    for item in items:
        place = PurePosixPath(item.path.relative_to(Path(__file__).parent).as_posix())
        if is_slow(place, getattr(item, "fixturenames", [])):
            item.add_marker(pytest.mark.slow)
    _choose_length(config, items)


def _choose_length(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        for item in items:
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(FULL_TIMEOUT_S))
        return
    # Left out rather than skipped: a skip says that something is missing here.
    long = [item for item in items if item.get_closest_marker("full")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("Tests were skipped that should run here; their reasons are above.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="module", autouse=True)
def _import_path_is_left_as_it_was() -> Iterator[None]:
    """A plugin that a module of tests installs must not be found by the next one."""
    before = list(sys.path)
    yield
    assert sys.path == before, "this module of tests left something on sys.path"


@pytest.fixture(scope="session")
def loops(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """``loops(short, full)``: how many times to go round, the second with `--full`."""
    whole = bool(pytestconfig.getoption("--full"))
    return lambda short, full: full if whole else short
