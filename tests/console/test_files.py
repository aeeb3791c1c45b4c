"""Files that leave the page and come back: notes, recipes, drags into a DAW, several takes."""

from __future__ import annotations

import json
from pathlib import Path

import mido
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, opened_job, stem_samples, wait_for_another
from tests.running import RunningServer


def saved(page: Page, button: str) -> Path:
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    return Path(coming.value.path())


@pytest.mark.parametrize(("bpm", "metre"), [(120, "4/4"), (93.7, "3/4"), (140, "6/8")])
def test_notes_come_as_a_midi_file_in_time(page: Page, bpm: float, metre: str) -> None:
    page.locator("[name=metre]").select_option(metre)
    generate(page, "drums and piano", bars=2, bpm=bpm)
    file = mido.MidiFile(saved(page, "Notes (MIDI)"))
    assert [track.name for track in file.tracks] == ["drums and piano", "Drums", "Piano"]
    made = page.evaluate("bandmate.opened.stems.map((stem) => stem.notes)")
    for track, notes in zip(file.tracks[1:], made, strict=True):
        now, starts = 0, []
        for message in track:
            now += message.time
            if message.type == "note_on":
                starts.append((message.note, message.velocity, now / file.ticks_per_beat * 60 / bpm))
        wanted = [(note["pitch"], note["velocity"], note["start"] / 48_000) for note in notes]
        assert [each[:2] for each in sorted(starts)] == [each[:2] for each in sorted(wanted)]
        off = [abs(a[2] - b[2]) for a, b in zip(sorted(starts), sorted(wanted), strict=True)]
        assert max(off) < 0.6 / 960 * 60 / bpm + 1e-4, "within a tick"
    (signature,) = [message for message in file.tracks[0] if message.type == "time_signature"]
    assert f"{signature.numerator}/{signature.denominator}" == metre


def test_a_ramp_is_in_the_midi_file(page: Page, home: Path, tmp_path: Path) -> None:
    seconds = page.evaluate(
        """async () => {
          const { midiFile } = await import("/page/model/midi_file.js");
          const timeline = {
            sample_rate: 48_000, start_frame: 0, end_frame: 480_000,
            tempo: [{ position: 0, bpm: 60, shape: "linear" }, { position: 480_000, bpm: 120 }],
          };
          const stem = { name: "x", noteAt: 0, notes: [{ start: 240_000, frames: 100, pitch: 60, velocity: 90 }] };
          return [...midiFile({ title: "ramp", timeline, start: 0, stems: [stem] })];
        }"""
    )
    path = tmp_path / "ramp.mid"
    path.write_bytes(bytes(seconds))
    now = 0.0
    for message in mido.MidiFile(path):
        now += message.time
        if message.type == "note_on":
            break
    assert abs(now - 5.0) < 0.01, "the note of 5 s, through the ramp"


def test_a_recipe_loads_again_and_makes_the_same(page: Page) -> None:
    generate(page, "busy funk band", bars=2, bpm=101, key="E minor")
    before, recipe = stem_samples(page), saved(page, "Recipe (JSON)")
    seed = page.evaluate("bandmate.opened.seed")
    page.get_by_label("Prompt").fill("something else")
    page.get_by_text("More", exact=True).click()
    page.locator("#recipe-file").set_input_files(recipe)
    expect(page.get_by_label("Prompt")).to_have_value("busy funk band")
    expect(page.get_by_label("Seed", exact=True)).to_have_value(str(seed))
    first = opened_job(page)
    page.locator("form button[type=submit]").click()
    wait_for_another(page, first)
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    np.testing.assert_array_equal(stem_samples(page), before)


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "no json", json.dumps({"bandmate": "recipe", "task": "gone"})]
)
def test_a_file_that_is_no_recipe_changes_nothing(page: Page, tmp_path: Path, text: str) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("claves")
    page.get_by_text("More", exact=True).click()
    file = tmp_path / "file.json"
    file.write_text(text)
    page.locator("#recipe-file").set_input_files(file)
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value("claves")


def test_several_takes_are_made_at_once(page: Page, server: RunningServer, home: Path) -> None:
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Takes").fill("3")
    page.get_by_label("Seed", exact=True).fill("40")
    generate(page, "cowbell", bars=1)
    page.wait_for_function(
        "() => [...bandmate.jobs.values()].filter((each) => each.params.prompt === 'cowbell').length === 3"
    )
    seeds = page.evaluate(
        "[...bandmate.jobs.values()].filter((each) => each.params.prompt === 'cowbell').map((each) => each.seed)"
    )
    assert sorted(seeds) == [40, 41, 42]
    assert page.evaluate("bandmate.opened.seed") == 40


def test_a_stem_can_be_dragged_out(page: Page, server: RunningServer) -> None:
    generate(page, "claves", bars=1)
    button = page.get_by_role("button", name="Download Claves as WAV")
    with page.expect_response("**/console/download"):
        button.hover()
    dragged = """(button) => {
      const dataTransfer = new DataTransfer();
      button.dispatchEvent(new DragEvent("dragstart", { bubbles: true, dataTransfer }));
      return dataTransfer.getData("DownloadURL");
    }"""
    page.wait_for_function(f"(button) => ({dragged})(button) !== ''", arg=button.element_handle())
    kind, name, address = button.evaluate(dragged).split(":", 2)
    assert (kind, name) == ("audio/wav", f"claves - Claves {opened_job(page)}.wav")
    assert page.request.get(address).body()[:4] == b"RIFF"
