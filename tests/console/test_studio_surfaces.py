"""Surfaces on the page: a real virtual MIDI port is learned, seen, and forgotten; OSC is switched on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.acting import open_topic
from tests.console.test_everybody import violations
from tests.running import RunningServer
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
def midi_server(jack: None, tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path / "home", environ={"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


def test_a_knob_is_learned_and_forgotten(
    open_page: Callable[[RunningServer], Page], midi_server: RunningServer, box: Box
) -> None:
    page = open_page(midi_server)
    topic = open_topic(page, "Surfaces")
    card = topic.get_by_role("listitem").filter(has_text="bandmate-box").first
    expect(card).to_contain_text("no map yet")
    learn = topic.get_by_role("form", name="MIDI learn")
    learn.get_by_label("Control", exact=True).select_option("cover/strength")
    learn.get_by_role("button", name="Learn").click()
    expect(learn).to_contain_text("Move a knob or press a pad.")
    assert violations(page) == []
    learn.get_by_role("button", name="Stop").click()
    expect(learn.get_by_role("alert")).to_contain_text("Learning was stopped.")

    learn.get_by_role("button", name="Learn").click()
    heard = learn.get_by_role("status")
    number = 0
    # Until the port is open, nobody hears the knob.
    while "controls" not in (heard.text_content() or ""):
        number += 1
        box.send([0xB1, 16, number % 128])
        page.wait_for_timeout(200)
    expect(heard).to_contain_text("controller 16, channel 2 of")
    expect(heard).to_contain_text("controls Strength")
    path = midi_server.home / "config" / "midi" / "bandmate-box.toml"
    assert 'id = "cover/strength"' in path.read_text(encoding="utf-8")
    expect(card).to_contain_text("Your map")
    topic.get_by_label("Listen to MIDI controllers").check()
    expect(card).to_contain_text("in use")
    assert "midi = true" in (midi_server.home / "config" / "server.toml").read_text(encoding="utf-8")

    card.get_by_role("button", name="Forget Strength").click()
    expect(card).to_contain_text("no map yet")
    assert not path.exists()


def test_osc_is_switched_on_and_off(
    open_page: Callable[[RunningServer], Page], midi_server: RunningServer
) -> None:
    page = open_page(midi_server)
    settings = open_topic(page, "Settings")
    port = settings.get_by_role("group", name="OSC port")
    port.get_by_role("spinbutton").fill("0")
    port.get_by_role("button", name="Save").click()
    expect(port.get_by_role("button", name="Save")).to_have_count(0)
    topic = open_topic(page, "Surfaces")
    topic.get_by_label("Listen to OSC").check()
    expect(topic).to_contain_text("UDP port")
    expect(topic).to_contain_text("No surface has subscribed.")
    topic.get_by_label("Listen to OSC").uncheck()
    expect(topic.get_by_text("No surface has subscribed.")).to_have_count(0)
