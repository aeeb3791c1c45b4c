"""What the tests of MIDI share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bandmate_server.surfaces.control.model import ControlModel
from tests.server.control.test_model import info
from tests.server.midi.box import Box
from tests.server.midi.jack import jack_server


@pytest.fixture(scope="module")
def jack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with jack_server(tmp_path_factory.mktemp("jack") / "log"):
        yield


@pytest.fixture
def box(jack: None) -> Iterator[Box]:
    found = Box()
    yield found
    found.close()


@pytest.fixture
def model() -> ControlModel:
    return ControlModel([info("cover")])
