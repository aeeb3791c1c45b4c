"""What the tests of a failing disk share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import DOUBLES
from tests.server.durable import faults
from tests.server.durable.rig import Bench

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def bench_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the catalogue of plugins from module to module."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def bench(bench_home: Path) -> Iterator[Bench]:
    """The worker's code with the tests' plugin, which leaves the path with the module."""
    faults.install()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOUBLES))
        patch.setenv("BANDMATE_HOME", str(bench_home))
        patch.setenv("PYTHONPATH", str(DOUBLES))
        yield Bench()


@pytest.fixture
def fast_folder() -> Iterator[Path]:
    """In memory where the system has that: a sync that costs nothing is still seen."""
    where = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield Path(folder)
