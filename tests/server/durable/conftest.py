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


@pytest.fixture(scope="package")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The worker's code with the tests' plugin; its catalogue lies in a home of its own."""
    faults.install()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOUBLES))
        patch.setenv("BANDMATE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHONPATH", str(DOUBLES))
        yield Bench()


@pytest.fixture
def fast_folder() -> Iterator[Path]:
    """In memory where the system has that: a sync that costs nothing is still seen."""
    where = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield Path(folder)
