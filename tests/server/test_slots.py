"""Slots: over the wire, on the disk, and through the command."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import ClearSlot, Error, ListSlots, Slot, StoreSlot
from bandmate_server.surfaces.control import SlotStore


def test_a_new_server_has_some_that_can_be_fired(wire):
    found = wire.ask(ListSlots(request="l")).slots
    assert [slot.number for slot in found] == sorted({slot.number for slot in found})
    assert {"generate", "repaint", "cover", "accompany", "separate"} <= {slot.task for slot in found}
    for number, slot in enumerate(found):
        stored = wire.ask(StoreSlot(request=f"s{number}", slot=slot))
        assert stored.slots == found  # every one of them passes the checks of a stored one


def test_what_is_stored_outlives_the_server(tmp_path: Path):
    store = SlotStore(tmp_path / "slots.json")
    told = []
    store.add_listener(lambda: told.append(len(store.all_slots())))
    store.store(Slot(number=12, task="generate", params={"prompt": "東京"}))
    store.clear(1)
    again = SlotStore(tmp_path / "slots.json")
    assert again.get(12) == Slot(number=12, task="generate", params={"prompt": "東京"})
    assert again.get(1) is None
    assert again.all_slots() == store.all_slots()
    assert told == [9, 8]


def test_what_could_not_run_is_not_stored(wire):
    before = wire.ask(ListSlots(request="l")).slots
    for number, (slot, code) in enumerate(
        [
            (Slot(number=1, task="sing"), "no_such_task"),
            (Slot(number=1, task="generate", params={"colour": 1}), "bad_params"),
            (Slot(number=1, task="generate", engine="nobody"), "no_such_engine"),
        ]
    ):
        wire.send(StoreSlot(request=f"s{number}", slot=slot))
        error = wire.answer(f"s{number}")
        assert isinstance(error, Error)
        assert error.code == code
    assert wire.ask(ListSlots(request="l2")).slots == before


def test_a_slot_is_emptied(wire):
    wire.ask(StoreSlot(request="s", slot=Slot(number=40, task="generate")))
    assert 40 not in [slot.number for slot in wire.ask(ClearSlot(request="c", number=40)).slots]
    wire.ask(ClearSlot(request="again", number=40))


def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = tmp_path / "slots.json"
    path.write_text('[{"number": 0}]')
    store = SlotStore(path)
    assert store.all_slots()
    assert "cannot be read" in caplog.text
    store.clear(1)
    assert (tmp_path / "slots.unreadable.json").read_text() == '[{"number": 0}]'


def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("")
    store = SlotStore(tmp_path / "file" / "slots.json")
    before = store.all_slots()
    with pytest.raises(BandmateError, match="cannot be written") as caught:
        store.store(Slot(number=3, task="generate"))
    assert "Errno" not in str(caught.value)
    assert store.all_slots() == before


def test_the_file_is_one_that_a_person_can_read(tmp_path: Path):
    store = SlotStore(tmp_path / "slots.json")
    store.store(Slot(number=2, task="cover", name="Strings", params={"prompt": "strings", "strength": 0.5}))
    text = (tmp_path / "slots.json").read_text()
    assert json.loads(text)[1]["params"]["strength"] == 0.5
    assert len(text.splitlines()) > 20
    assert msgspec.json.decode(text, type=list[Slot])[1].name == "Strings"
