"""What the tests of MIDI share."""

from __future__ import annotations

import pytest

from bandmate_server.surfaces.control.model import ControlModel
from tests.server.control.test_model import info


@pytest.fixture
def model() -> ControlModel:
    return ControlModel([info("cover")])
