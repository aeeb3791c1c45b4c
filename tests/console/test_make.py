"""Making music on the page: it grows, it plays, it goes on after a reload."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

import bandmate
from tests.console.acting import (
    allow_recording,
    choose_task,
    generate,
    opened_job,
    record_audio,
    start,
    stem_samples,
    wait_for_another,
)
from tests.running import RunningServer


def test_a_prompt_becomes_stems_that_play(page: Page) -> None:
    generate(page, "dusty lo-fi drums and warm bass")
    stage = page.get_by_label("Stage")
    expect(stage.get_by_text("Drums", exact=True)).to_be_visible()
    expect(stage.get_by_text("120 bpm, 4/4, A minor")).to_be_visible()
    expect(stage.get_by_text("LUFS")).to_have_count(2)
    expect(stage.get_by_role("listitem").first).to_contain_text("Understood")
    stage.get_by_role("button", name="Play").click()
    page.wait_for_function(
        """() => {
          const samples = new Float32Array(bandmate.player.meter.fftSize);
          bandmate.player.meter.getFloatTimeDomainData(samples);
          return bandmate.player.position > 24_000 && samples.some((sample) => Math.abs(sample) > 0.05);
        }"""
    )


def test_what_is_heard_is_what_was_made_without_a_gap_or_a_click(page: Page) -> None:
    allow_recording(page)
    generate(page, "warm bass", bars=1)
    made = stem_samples(page)
    # The context must run before it can be tapped.
    page.evaluate("bandmate.player.play()")
    page.evaluate("bandmate.player.pause()")
    record_audio(page)
    assert is_played_whole(page, made)


def is_played_whole(page: Page, made: NDArray[np.float32]) -> bool:
    """Plays all of it, and finds every sample of it in what was heard."""
    page.evaluate("recorded.length = 0; bandmate.player.seek(0); bandmate.player.play()")
    page.wait_for_function("() => !bandmate.player.isPlaying && recorded.length > 64")
    blocks = page.evaluate("recorded")
    heard = np.array([np.concatenate(blocks[channel::2]) for channel in (0, 1)], np.float32).T
    probe, signal = made[:48_000, 0], heard[:, 0]
    size = 1 << (len(signal) + len(probe)).bit_length()
    match = np.fft.irfft(np.fft.rfft(signal, size) * np.conj(np.fft.rfft(probe, size)))[: len(signal)]
    at = int(match.argmax())
    played = heard[at : at + len(made)]
    return len(played) == len(made) and np.allclose(played, made, atol=1e-6)


INKED = """() => {
  const canvas = document.querySelector(".wave");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const columns = new Set();
  for (let at = 3; at < data.length; at += 4) if (data[at] > 0) columns.add(((at - 3) / 4) % canvas.width);
  return columns.size / canvas.width;
}"""


def start_noise(page: Page, pieces: int, delay_ms: int) -> None:
    """Starts a job that takes so long, and waits for its first piece."""
    choose_task(page, "Noise")
    page.locator("[name=pieces]").fill(str(pieces))
    page.locator("[name=delay_ms]").fill(str(delay_ms))
    page.locator("[name=bars]").fill("8")
    page.locator("form button[type=submit]").click()
    page.wait_for_function("() => bandmate.opened?.stems[0]?.audio.drawn > 0")


def test_a_waveform_grows_while_it_is_made_and_plays_meanwhile(slow_page: Page) -> None:
    page = slow_page
    start_noise(page, pieces=400, delay_ms=1_000)
    expect(page.locator(".head [role=status]")).to_contain_text("Being made")
    page.get_by_role("button", name="Play").click()
    grown = "bandmate.opened.stems[0].audio.drawn"
    early, inked = page.evaluate(grown), page.evaluate(INKED)
    assert 0 < inked < 0.5
    page.wait_for_function(f"early => {grown} > early", arg=early)
    page.wait_for_function(f"early => ({INKED})() > early", arg=inked)
    page.wait_for_function("() => bandmate.player.position > 1_000")
    assert page.evaluate("bandmate.opened.isActive")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".head [role=status]")).to_have_text("Cancelled")


def test_a_finished_waveform_is_drawn_to_its_end(slow_page: Page) -> None:
    start_noise(slow_page, pieces=10, delay_ms=1)
    expect(slow_page.locator(".head [role=status]")).to_have_text("Done")
    slow_page.wait_for_function(f"() => ({INKED})() > 0.99")


def test_mute_and_solo_are_heard(page: Page) -> None:
    generate(page, "drums and bass")
    heard = "bandmate.opened.stems.map((stem) => bandmate.player.isHeard(bandmate.opened, stem))"
    page.get_by_role("button", name="Mute Drums").click()
    assert page.evaluate(heard) == [False, True]
    page.get_by_role("button", name="Solo Drums").click()
    assert page.evaluate(heard) == [True, False]
    page.get_by_role("button", name="Solo Drums").click()
    page.get_by_role("button", name="Mute Drums").click()
    assert page.evaluate(heard) == [True, True]


def test_a_range_is_dragged_to_the_beat_and_repeats(page: Page) -> None:
    generate(page, "drums")
    page.locator(".lanes").scroll_into_view_if_needed()
    box = page.locator(".lanes").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.252, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.497, box["y"] + 60, steps=4)
    page.mouse.up()
    assert page.evaluate("bandmate.player.loop") == [96_000, 192_000], "the second bar, to the frame"
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => bandmate.player.position > 150_000")
    page.wait_for_function("() => bandmate.player.position < 110_000")
    page.get_by_role("button", name="Loop", exact=True).click()
    assert page.evaluate("bandmate.player.loop") is None


def test_what_cannot_be_is_answered_in_a_sentence_and_the_form_stays(page: Page) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("zzyzx quux")
    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("alert").first).to_contain_text("zzyzx")
    assert page.get_by_label("Prompt").input_value() == "zzyzx quux"


@pytest.mark.parametrize("key", ["H sharp", "C major!", "42"])
def test_a_key_that_is_none_is_refused_before_anything_is_made(page: Page, key: str) -> None:
    page.get_by_label("Prompt").fill("drums")
    page.locator("[name=key]").fill(key)
    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("alert").first).to_contain_text(f"{key} is not a key.")
    assert opened_job(page) == ""


def test_open_tempo_does_not_wait_behind_a_long_job(slow_page: Page) -> None:
    page = slow_page
    start_noise(page, pieces=400, delay_ms=1_000)
    long = opened_job(page)
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("jazz trio at 143 bpm")
    for name in ("bars", "bpm", "key"):
        page.locator(f"[name={name}]").fill("")
    page.locator("form button[type=submit]").click()
    page.wait_for_function("long => bandmate.opened.id !== long", arg=long)
    assert page.evaluate("bandmate.opened.timeline.tempo[0].bpm") == 143
    assert page.evaluate("long => bandmate.jobs.get(long).state", long) == "running"
    expect(page.locator(".head [role=status]")).to_contain_text("Waiting, 1 ahead")
    page.get_by_role("button", name="Cancel").click()
    page.evaluate("long => bandmate.jobs.cancel(bandmate.jobs.get(long))", long)
    expect(page.locator(".head [role=status]")).to_have_text("Cancelled")


def test_another_request_is_sent_while_one_waits(page: Page, server: RunningServer) -> None:
    generate(page, "claves", bars=1)
    before = page.evaluate("bandmate.jobs.size")
    page.locator("[name=bars]").fill("")
    workers = [psutil.Process(each) for each in server.workers()]
    for worker in workers:
        worker.suspend()  # as an engine that is busy with another job
    try:
        send = page.locator("form button[type=submit]")
        send.click()
        expect(page.get_by_text("Your request is sent as soon as it answers")).to_be_visible()
        expect(send).to_have_text("Generate")
        send.click()
        expect(page.get_by_text("Your 2 requests are sent as soon as it answers")).to_be_visible()
    finally:
        for worker in workers:
            worker.resume()
    page.wait_for_function("size => bandmate.jobs.size === size", arg=before + 2)
    expect(page.locator(".head [role=status]")).to_have_text("Done")


def test_a_reload_loses_neither_form_nor_job(slow_page: Page) -> None:
    page = slow_page
    start_noise(page, pieces=40, delay_ms=100)
    job = opened_job(page)
    page.reload()
    page.wait_for_function("job => bandmate.opened?.id === job", arg=job)
    assert page.locator("[name=pieces]").input_value() == "40"
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    page.wait_for_function(
        "() => bandmate.opened.stems.every((stem) => stem.audio.drawn === stem.audio.frames)"
    )


def test_the_same_seed_makes_the_same_music_as_python(page: Page, home: Path) -> None:
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Seed", exact=True).fill("7")
    generate(page, "drums")
    with bandmate.connect(start=False) as band:
        same = band.generate("drums", bars=4, bpm=120, metre="4/4", key="A minor", seed=7)
        np.testing.assert_array_equal(stem_samples(page), same.stems[0].samples)
    page.get_by_label("Seed", exact=True).fill("")


@pytest.mark.parametrize("container", ["WAV", "FLAC"])
def test_a_stem_is_taken_away(page: Page, container: str) -> None:
    generate(page, "drums")
    with page.expect_download() as coming:
        page.get_by_role("button", name=f"Download Drums as {container}").click()
    assert coming.value.suggested_filename.endswith(f".{container.lower()}")
    samples, rate = soundfile.read(coming.value.path(), dtype="float32")
    assert rate == 48_000
    assert np.abs(samples - stem_samples(page)).max() <= 2**-23


def test_all_stems_and_the_recipe_are_taken_away(page: Page, server: RunningServer) -> None:
    job = generate(page, "drums and bass")
    with page.expect_download() as coming:
        page.get_by_role("button", name="All stems (zip)").click()
    with zipfile.ZipFile(coming.value.path()) as bundle:
        assert len(bundle.namelist()) == 2
        assert soundfile.info(io.BytesIO(bundle.read(bundle.namelist()[0]))).frames == 4 * 96_000
    with page.expect_download() as coming:
        page.get_by_role("button", name="Recipe (JSON)").click()
    recipe = json.loads(Path(coming.value.path()).read_text())
    assert recipe["params"]["prompt"] == "drums and bass"
    assert recipe["seed"] == page.evaluate("bandmate.opened.seed")
    assert coming.value.suggested_filename == f"generate {job}.json"


def test_again_makes_another_take(page: Page) -> None:
    first = generate(page, "drums")
    seed = page.evaluate("bandmate.opened.seed")
    page.get_by_role("button", name="Again, with another seed").click()
    wait_for_another(page, first)
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    assert page.evaluate("bandmate.opened.seed") != seed


def test_two_jobs_are_compared_at_equal_loudness_without_a_gap(page: Page) -> None:
    generate(page, "soft piano")
    quiet = opened_job(page)
    generate(page, "loud rock band")
    page.get_by_role("button", name="Library").click()
    page.get_by_role("row", name="soft piano").first.get_by_role("button", name="Compare").click()
    page.wait_for_function("quiet => bandmate.compared?.id === quiet", arg=quiet)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => bandmate.player.position > 10_000")
    page.get_by_role("group", name="Compare").get_by_role("button", name="B", exact=True).click()
    page.wait_for_function("() => bandmate.player.isPlaying && bandmate.player.chosen === 1")
    gains, loudness = page.evaluate(
        "[[0, 1].map((deck) => bandmate.player.deckGain(deck)), [bandmate.opened.loudness, bandmate.compared.loudness]]"
    )
    levels = [level + 20 * np.log10(gain) for level, gain in zip(loudness, gains, strict=True)]
    assert abs(levels[0] - levels[1]) < 0.01
    assert max(gains) == 1, "the louder one is turned down"


def test_start_waits_for_nobody(page: Page) -> None:
    """A form that was sent twice makes two jobs, each its own."""
    generate(page, "drums")
    assert start(page) != ""


def test_what_the_job_fills_in_is_not_asked_for(page: Page) -> None:
    choose_task(page, "Generate")
    expect(page.get_by_label("Prompt")).to_be_visible()
    assert page.get_by_label("SoundFont used").count() == 0
    assert page.get_by_label("Drum pattern").count() == 1
