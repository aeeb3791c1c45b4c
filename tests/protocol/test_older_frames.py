"""Frames of peers that predate a field are read, and the new fields have their defaults.

The frames were written by the encoder of the commit before `models` and `TaskInfo.result` were added.
"""

from __future__ import annotations

from pathlib import Path

import msgpack
import pytest

from bandmate_protocol.codec import SERVER_FRAMES
from bandmate_protocol.messages import FORM_ORDER, Catalogue, Done, Error, Failed

FOLDER = Path(__file__).parent / "older_frames"


def test_an_older_catalogue_says_nothing_of_results() -> None:
    catalogue = SERVER_FRAMES.decode((FOLDER / "catalogue.msgpack").read_bytes())
    assert isinstance(catalogue, Catalogue)
    [task] = catalogue.tasks
    assert (task.name, task.engines) == ("generate", ("acestep", "sketch"))
    assert (task.result, task.hidden, task.listens, task.order) == (None, False, False, FORM_ORDER)
    assert catalogue.engines[0].wanted_models == ()


@pytest.mark.parametrize(("name", "kind"), [("error", Error), ("failed", Failed), ("done", Done)])
def test_older_ends_name_no_models(name: str, kind: type[Error | Failed | Done]) -> None:
    frame = (FOLDER / f"{name}.msgpack").read_bytes()
    message = SERVER_FRAMES.decode(frame)
    assert isinstance(message, kind)
    assert message.models == ()
    assert "models" not in msgpack.unpackb(frame), "the frame is one from before"
