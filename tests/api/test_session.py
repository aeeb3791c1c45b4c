"""The Python API against a real server."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

import bandmate
from bandmate_bridge.client import Client
from bandmate_protocol.messages import Timeline
from tests.bridge.command_line import CommandLine
from tests.running import RunningServer

BARS = {"bars": 2, "bpm": 120, "metre": "4/4", "key": "A minor"}
OPTIONS = ("--bars", 2, "--bpm", 120, "--metre", "4/4", "--key", "A minor", "--seed", 7)


def test_three_lines_make_a_file(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with bandmate.connect() as band:
        band.generate("dusty lo-fi drums", bars=8, bpm=84, seed=7).save("drums.wav")
    info = soundfile.info("drums.wav")
    assert info.frames == round(8 * 4 * 60 / 84 * 48_000)
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["drums.wav"]


@pytest.mark.parametrize("prompt", ["dusty lo-fi drums", "slow jazz trio"])
def test_the_same_seed_gives_the_bytes_of_the_command_line(
    band: bandmate.Session, server: RunningServer, tmp_path: Path, prompt: str
) -> None:
    line = CommandLine(server.home, tmp_path)
    line.good("generate", prompt, "-o", "theirs.wav", *OPTIONS)
    line.good("generate", prompt, "-o", "theirs/", "--midi", *OPTIONS)
    job = band.generate(prompt, seed=7, **BARS)
    job.save(tmp_path / "ours.wav")
    job.save(f"{tmp_path / 'ours'}/", midi=True)
    assert (tmp_path / "ours.wav").read_bytes() == (tmp_path / "theirs.wav").read_bytes()
    names = sorted(path.name for path in (tmp_path / "theirs").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "ours").iterdir())
    for name in names:
        assert (tmp_path / "ours" / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes()


def test_a_song_is_written_in_words(band: bandmate.Session) -> None:
    job = band.write("slow jazz waltz in D minor", bpm=70.0, engine="sketch")
    song = {name: job.report[name] for name in ("bpm", "metre", "key", "given")}
    assert song == {"bpm": 70.0, "metre": "3/4", "key": "D minor", "given": ["bpm"]}


def test_what_the_prompt_leaves_open_is_chosen_as_on_the_command_line(
    band: bandmate.Session, server: RunningServer, tmp_path: Path
) -> None:
    CommandLine(server.home, tmp_path).good(
        "generate", "slow jazz trio", "-o", "theirs.wav", "--seed", 5, "--bars", 1
    )
    job = band.generate("slow jazz trio", bars=1, seed=5)
    job.save(tmp_path / "ours.wav")
    assert (tmp_path / "ours.wav").read_bytes() == (tmp_path / "theirs.wav").read_bytes()


def test_stems_have_samples_notes_and_levels(band: bandmate.Session, tmp_path: Path) -> None:
    result = band.generate("slow jazz trio", seed=7, **BARS).wait()
    drums = result.stems["drums"]
    assert drums is result.stems[drums.name.upper()]
    assert len(result.stems) > 1
    assert drums.samples.shape == (drums.frames, drums.channels)
    assert drums.samples.dtype == np.float32
    assert drums.frames == 4 * 48_000
    assert all(0 <= note.start_seconds < 4 and note.channel == 9 for note in drums.notes)
    assert len(drums.notes) > 4
    assert drums.loudness_lufs is not None
    file = drums.save(tmp_path / "drums.flac", bits=16)
    assert soundfile.info(file).subtype == "PCM_16"
    heard, _ = soundfile.read(file, dtype="float32")
    np.testing.assert_allclose(heard, drums.samples, atol=1e-4)
    with pytest.raises(KeyError, match="There is no stem 'tuba'"):
        result.stems["tuba"]


def test_results_outlive_the_session(home: Path, tmp_path: Path) -> None:
    with bandmate.connect() as band:
        stems = list(band.generate("slow jazz trio", seed=7, **BARS))
    first = stems[0]
    folder = first.path.parent
    file = first.save(tmp_path / "first.wav")
    assert soundfile.info(file).frames == first.frames
    del first, stems
    gc.collect()
    assert not folder.exists()


def test_jobs_run_beside_each_other_and_report_progress(band: bandmate.Session) -> None:
    heard: list[bandmate.Progress] = []
    first = band.generate("slow jazz trio", seed=1, progress=heard.append, **BARS)
    second = band.generate("dusty lo-fi drums", seed=2, **BARS)
    assert len(band.running_jobs) == 2
    assert second.wait().seed == 2
    reports = list(first.progress())
    assert first.done
    assert reports == heard
    assert all(report.fraction is None or 0 <= report.fraction <= 1 for report in reports)
    assert first.wait().stems["drums"].frames == 4 * 48_000
    assert not band.running_jobs


def test_a_cancelled_job_raises_where_it_is_awaited(band: bandmate.Session) -> None:
    job = band.generate("slow jazz trio", bars=400, bpm=60, metre="4/4", key="A minor", seed=1)
    job.cancel()
    with pytest.raises(bandmate.BandmateError) as caught:
        job.wait()
    assert caught.value.code == bandmate.ErrorCode.INTERRUPTED
    assert caught.value.job == job.id
    with pytest.raises(bandmate.BandmateError):
        job.stems  # noqa: B018 - reading it waits


def test_what_nobody_waited_for_is_cancelled(home: Path) -> None:
    with bandmate.connect() as band:
        job = band.generate("slow jazz trio", bars=400, bpm=60, metre="4/4", key="A minor", seed=1)
    with Client.connect(start=False) as client:
        while (state := client.job(job.id).state) in ("queued", "running"):
            client.poll(0.05)
    assert state == "cancelled"


def test_errors_say_what_would_have_worked(band: bandmate.Session, tmp_path: Path) -> None:
    for ask, code, words in (
        (lambda: band.generate("x", bars=1, beats=2), "bad_params", "one length"),
        (lambda: band.generate("x", bars=-1), "bad_params", "no length"),
        (lambda: band.generate("x", metre="four"), "bad_params", "4/4 or 7/8"),
        (lambda: band.generate("x", engine="Nobody"), "no_such_engine", "sketch"),
        (lambda: band.generate("x", colour="red", **BARS), "bad_params", "colour"),
        (lambda: band.run("nothing"), "no_such_task", "generate"),
        (lambda: band.run("separate"), "input_missing", 'run("separate", "mix.wav")'),
        (lambda: band.separate(tmp_path / "no.wav"), "file_unusable", "no.wav"),
        (lambda: band.repaint(tmp_path, "x"), "bad_position", "range"),
        (lambda: band.repaint(tmp_path, "x", start="1s"), "bad_position", "an end"),
        (lambda: band.open(tmp_path / "no.rpp"), "file_unusable", "no.rpp"),
    ):
        with pytest.raises(bandmate.BandmateError) as caught:
            ask()
        assert caught.value.code == code, caught.value
        assert words in str(caught.value), caught.value


def test_a_file_is_only_replaced_when_asked_for(band: bandmate.Session, tmp_path: Path) -> None:
    job = band.generate("dusty lo-fi drums", seed=1, **BARS)
    job.save(tmp_path / "a.wav")
    before = (tmp_path / "a.wav").read_bytes()
    other = band.generate("dusty lo-fi drums", seed=2, **BARS)
    with pytest.raises(bandmate.BandmateError, match="replace=True") as caught:
        other.save(tmp_path / "a.wav")
    assert caught.value.code == bandmate.ErrorCode.FILE_EXISTS
    assert (tmp_path / "a.wav").read_bytes() == before
    other.save(tmp_path / "a.wav", replace=True)
    assert (tmp_path / "a.wav").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.wav"]


def test_a_repaint_is_the_source_with_the_range_in_it(
    band: bandmate.Session, drums: Path, server: RunningServer, tmp_path: Path
) -> None:
    job = band.repaint(drums, "busier fill", start=2.0, end="4s", bpm=120, metre="4/4", key="A minor", seed=9)
    (file,) = job.save(tmp_path / "repainted.wav")
    before, after = (soundfile.read(path, dtype="float32")[0] for path in (drums, file))
    rate = 48_000
    np.testing.assert_array_equal(before[: 2 * rate], after[: 2 * rate])
    np.testing.assert_array_equal(before[4 * rate :], after[4 * rate :])
    assert np.abs(before - after).max() > 0.01
    CommandLine(server.home, tmp_path).good(
        *("repaint", drums, "busier fill", "--from", "2s", "--to", "4s", "-o", "theirs.wav"),
        *("--bpm", 120, "--metre", "4/4", "--key", "A minor", "--seed", 9),
    )
    assert file.read_bytes() == (tmp_path / "theirs.wav").read_bytes()
    drums.write_bytes(drums.read_bytes() + b"\0\0")
    with pytest.raises(bandmate.BandmateError, match="has changed since"):
        job.save(tmp_path / "late.wav")
    (alone,) = job.save(f"{tmp_path / 'ranges'}/")
    assert soundfile.info(alone).frames == 2 * rate


def test_audio_is_separated_covered_and_analysed(band: bandmate.Session, drums: Path, tmp_path: Path) -> None:
    given = {"bpm": 120, "metre": "4/4", "key": "A minor"}
    parts = band.separate(drums, mode="drums")
    assert {"kick", "snare"} <= {stem.name.lower() for stem in parts}
    assert sum(stem.samples for stem in parts).shape == (8 * 48_000, 2)
    report = band.analyse(drums).report
    assert report["frames"] == 8 * 48_000
    cover = band.cover(drums, "as a string quartet", strength=0.6, seed=1, **given)
    assert cover.stems[0].frames == 8 * 48_000
    backing = band.accompany(drums, "jazz trio", seed=1, **given)
    assert len(backing.stems) > 1
    longer = band.extend(drums, after=1, seed=1, **given)
    assert longer.stems[0].frames == 10 * 48_000
    looped = band.loop(drums, seam=2, seed=1, **given)
    assert looped.stems[0].frames == 8 * 48_000
    named = band.run("separate", drums, stems="kick", mode="drums")
    assert [stem.name.lower() for stem in named] == ["kick"]


def test_a_report_has_nothing_to_save(band: bandmate.Session, drums: Path, tmp_path: Path) -> None:
    with pytest.raises(bandmate.BandmateError, match="no audio to save"):
        band.analyse(drums).save(tmp_path / "report.wav")


def test_notes_become_a_midi_file(band: bandmate.Session, tmp_path: Path) -> None:
    job = band.generate("dusty lo-fi drums", seed=1, **BARS)
    audio, notes = job.save(tmp_path / "a.wav", midi=True)
    assert (audio.suffix, notes.suffix) == (".wav", ".mid")
    struck = [message for message in mido.MidiFile(notes) if message.type == "note_on" and message.velocity]
    assert len(struck) == sum(len(stem.notes) for stem in job)


def test_the_timeline_says_what_was_filled(band: bandmate.Session) -> None:
    timeline = band.generate("dusty lo-fi drums", seed=1, **BARS).wait().timeline
    assert isinstance(timeline, Timeline)
    assert (timeline.frames, timeline.key, timeline.tempo[0].bpm) == (4 * 48_000, "A minor", 120)


def test_the_import_is_light() -> None:
    code = "import bandmate, sys; print(sorted({'numpy', 'scipy', 'click', 'asyncio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "numpy" not in done.stdout
    assert "scipy" not in done.stdout
