"""Going on from what is there: a job on the stage, or a file that is dropped."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, opened_job, start, stem_samples, wait_for_another

DROP = """([selector, name, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0))], name, { type: "audio/wav" }));
  const target = document.querySelector(selector);
  for (const type of ["dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: files }));
  }
}"""


def drop(page: Page, name: str, data: bytes, target: str = ".source") -> None:
    page.evaluate(DROP, [target, name, base64.b64encode(data).decode()])


def clicks(bars: int = 4, bpm: float = 100.0, rate: int = 48_000) -> bytes:
    """A wood block on each beat, higher on the first."""
    samples = np.zeros(round(bars * 4 * 60 / bpm * rate), np.float32)
    time = np.arange(rate // 20) / rate
    for beat in range(bars * 4):
        at = round(beat * 60 / bpm * rate)
        hit = np.sin(2 * np.pi * (1_600 if beat % 4 == 0 else 1_100) * time) * np.exp(-time * 90)
        samples[at : at + len(hit)] += 0.6 * hit[: len(samples) - at]
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format="WAV", subtype="FLOAT")
    return out.getvalue()


def test_a_drawn_range_is_repainted_and_nothing_outside_changes(page: Page) -> None:
    generate(page, "drums")
    before = stem_samples(page)
    page.evaluate("bandmate.player.setLoop([96_000, 192_000])")
    choose_task(page, "Repaint")
    expect(page.get_by_text("From 0:02.00 to 0:04.00.")).to_be_visible()
    page.get_by_label("Prompt").fill("busier fill")
    start(page)
    after = stem_samples(page)
    assert after.shape == before.shape, "the whole of it, with the range replaced"
    np.testing.assert_array_equal(after[:96_000], before[:96_000])
    np.testing.assert_array_equal(after[192_000:], before[192_000:])
    assert np.abs(after[96_000:192_000] - before[96_000:192_000]).max() > 0.05


def test_one_stem_of_several_is_repainted_and_the_range_stays(page: Page) -> None:
    generate(page, "rock drums and bass")
    before = [stem_samples(page, index) for index in (0, 1)]
    page.evaluate("bandmate.player.setLoop([96_000, 192_000])")
    choose_task(page, "Repaint")
    page.get_by_label("Prompt").fill("busier fill")
    for _ in range(2):
        start(page)
        assert page.evaluate("bandmate.player.loop") == [96_000, 192_000]
        assert page.evaluate("bandmate.opened.stems.map((stem) => stem.name)") == ["Drums", "Picked bass"]
        after = [stem_samples(page, index) for index in (0, 1)]
        np.testing.assert_array_equal(after[1], before[1])
        np.testing.assert_array_equal(after[0][:96_000], before[0][:96_000])
        np.testing.assert_array_equal(after[0][192_000:], before[0][192_000:])
        assert np.abs(after[0] - before[0]).max() > 0.05
    page.reload()
    page.wait_for_function("() => bandmate.opened?.stems.length === 2")
    np.testing.assert_array_equal(stem_samples(page, 0), after[0])


def test_a_job_is_covered_with_its_own_chords_and_tempo(page: Page) -> None:
    generate(page, "piano ballad")
    choose_task(page, "Cover")
    page.get_by_label("Prompt").fill("string quartet")
    start(page)
    assert page.evaluate("bandmate.opened.timeline.tempo[0].bpm") == 120
    assert page.evaluate("bandmate.opened.frames") == 4 * 96_000
    assert page.evaluate("bandmate.opened.stems.length") == 4


def test_a_file_is_dropped_heard_there_after_a_reload_and_accompanied(page: Page) -> None:
    choose_task(page, "Accompany")
    data = clicks()
    drop(page, "clicks.wav", data)
    expect(page.get_by_label("Stage").get_by_role("heading", name="clicks.wav")).to_be_visible()
    expect(page.locator("form button[type=submit]")).to_be_enabled()
    assert abs(page.evaluate("bandmate.opened.timeline.tempo[0].bpm") - 100) < 0.5
    np.testing.assert_array_equal(
        stem_samples(page)[:, 0], soundfile.read(io.BytesIO(data), dtype="float32")[0]
    )
    page.reload()
    page.wait_for_function("() => bandmate.opened?.isFile && bandmate.opened.stems.length === 1")
    np.testing.assert_array_equal(
        stem_samples(page)[:, 0], soundfile.read(io.BytesIO(data), dtype="float32")[0]
    )
    page.get_by_label("Prompt").fill("bass")
    start(page)
    assert page.evaluate("bandmate.opened.frames") == round(4 * 4 * 60 / 100 * 48_000)


def test_a_range_of_a_file_is_repainted_and_nothing_outside_changes(page: Page) -> None:
    choose_task(page, "Repaint")
    drop(page, "clicks.wav", clicks())
    page.wait_for_function("() => bandmate.file?.isReady && bandmate.opened.stems.length === 1")
    before = stem_samples(page)
    page.evaluate("bandmate.player.setLoop([115_200, 230_400])")
    page.get_by_label("Prompt").fill("rock drums")
    start(page)
    after = stem_samples(page)
    assert len(after) == len(before)
    np.testing.assert_array_equal(after[:115_200, 0], before[:115_200, 0])
    np.testing.assert_array_equal(after[230_400:, 0], before[230_400:, 0])
    assert np.abs(after[115_200:230_400, 0] - before[115_200:230_400, 0]).max() > 0.05


def test_a_file_that_was_sent_before_is_not_sent_again(page: Page) -> None:
    data = clicks(bars=2, bpm=90)
    choose_task(page, "Separate")
    drop(page, "first.wav", data)
    page.wait_for_function("() => bandmate.file?.isReady")
    sent = """() => {
      globalThis.sent = 0;
      const post = bandmate.wire.post.bind(bandmate.wire);
      bandmate.wire.post = (message) => {
        if (message.type === "upload") globalThis.sent += 1;
        post(message);
      };
    }"""
    page.evaluate(sent)
    drop(page, "second.wav", data)
    page.wait_for_function("() => bandmate.file?.title === 'second.wav' && bandmate.file.isReady")
    assert page.evaluate("sent") == 0


def test_a_file_that_is_no_audio_is_refused_in_a_sentence(page: Page) -> None:
    choose_task(page, "Cover")
    drop(page, "notes.wav", b"these are words, not music. " * 50)
    expect(page.locator(".source").get_by_role("alert")).to_contain_text("notes.wav cannot be read as audio")
    expect(page.locator("form button[type=submit]")).to_be_disabled()


def test_a_dropped_file_is_followed_where_the_form_needs_none(page: Page) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("claves")
    drop(page, "notes.wav", b"these are words, not music. " * 50, "main")
    form = page.get_by_label("Make", exact=True)
    expect(form.get_by_role("alert")).to_contain_text("notes.wav")
    expect(page.locator("form button[type=submit]")).to_be_enabled()
    form.get_by_role("button", name="Not this file").click()
    expect(form.get_by_role("alert")).to_have_count(0)
    # What is on its way is said, and what arrived is on the stage.
    page.evaluate(
        "() => { bandmate.wire.drained = () => new Promise((resolve) => (globalThis.goOn = resolve)); }"
    )
    drop(page, "clicks.wav", clicks(), "main")
    expect(form.get_by_role("progressbar", name="Reading")).to_be_visible()
    page.wait_for_function("() => globalThis.goOn")
    page.evaluate("() => { bandmate.wire.drained = async () => {}; goOn(); }")
    expect(page.get_by_label("Stage").get_by_role("heading", name="clicks.wav")).to_be_visible()
    expect(form.get_by_text("clicks.wav")).to_have_count(0)


def test_a_file_that_is_too_long_to_be_played_is_drawn_and_worked_on(page: Page) -> None:
    shorten = """async () => {
      const { limits } = await import("/page/model/file_job.js");
      limits.playedBytes = 1_000;
    }"""
    page.evaluate(shorten)
    drop(page, "opera.wav", clicks(bars=4), "main")
    stage = page.get_by_label("Stage")
    expect(stage.get_by_role("note")).to_contain_text("This file is too long to be played in a browser.")
    expect(stage.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    assert page.evaluate("bandmate.opened.lanes[0].audio.extremes(0, bandmate.opened.frames)[1]") > 20
    page.evaluate("bandmate.ranges.choose([0, bandmate.opened.rate * 2])")
    file = opened_job(page)
    go_on = page.get_by_role("group", name="Go on from here")
    go_on.get_by_role("button", name="Accompany this range").click()
    wait_for_another(page, file)
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    assert page.evaluate("bandmate.opened.hasAudio")


def test_a_midi_file_is_refused_as_what_it_is(page: Page) -> None:
    choose_task(page, "Cover")
    drop(page, "song.mid", b"MThd\x00\x00\x00\x06\x00\x01\x00\x00\x01\xe0")
    expect(page.locator(".source").get_by_role("alert")).to_contain_text("song.mid is a MIDI file")


def test_an_empty_file_is_refused(page: Page) -> None:
    choose_task(page, "Cover")
    drop(page, "empty.wav", b"")
    expect(page.locator(".source").get_by_role("alert")).to_contain_text("is empty")


def test_a_file_of_twelve_channels_is_taken(page: Page) -> None:
    out = io.BytesIO()
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (48_000, 12)).astype(np.float32)
    soundfile.write(out, noise, 48_000, format="WAV", subtype="PCM_16")
    choose_task(page, "Separate")
    drop(page, "twelve.wav", out.getvalue())
    page.wait_for_function("() => bandmate.file?.isReady || bandmate.file?.problem")
    assert page.evaluate("bandmate.file.problem") is None


def test_a_file_that_is_larger_than_the_server_takes_is_refused_before_it_is_read(page: Page) -> None:
    choose_task(page, "Cover")
    page.evaluate("bandmate.wire.limits.upload_bytes = 1_000")
    drop(page, "large.wav", clicks(bars=1))
    expect(page.locator(".source").get_by_role("alert")).to_contain_text("the server takes at most")


def test_an_analysis_is_shown_on_the_stage(page: Page) -> None:
    generate(page, "piano, C major", key="C major")
    source = opened_job(page)
    choose_task(page, "Analyse")
    start(page)
    assert opened_job(page) != source
    expect(page.get_by_label("Stage")).to_contain_text("C major")


def test_it_is_the_file_of_the_disk_too(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "song ü.wav"
    file.write_bytes(clicks(bars=1))
    choose_task(page, "Separate")
    page.locator("#source-file").set_input_files(file)
    page.wait_for_function("() => bandmate.file?.isReady")
    expect(page.get_by_label("Stage").get_by_role("heading", name="song ü.wav")).to_be_visible()


def test_a_file_without_a_single_frame_is_named(page: Page, tmp_path: Path) -> None:
    bare = tmp_path / "bare.wav"
    soundfile.write(bare, np.zeros((0, 2), np.float32), 48_000)
    choose_task(page, "Separate")
    page.get_by_label("Choose an audio file").set_input_files(bare)
    expect(page.locator(".source").get_by_role("alert")).to_contain_text("bare.wav holds no audio")
