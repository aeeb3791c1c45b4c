"""What is repainted fits what is around it: in time, in key, as loud, on the part that plays there."""

from __future__ import annotations

import time

import librosa
import msgspec
import numpy as np
import pytest

from bandmate_plugins._engines.sketch.repaint.match import _band_edges, _band_levels
from bandmate_plugins._engines.sketch.repaint.wishes import parse_change
from bandmate_plugins._listening.grid_timing import measure_flux, measure_timing
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._listening.parts import detect_part
from bandmate_plugins._listening.placed_audio import PlacedAudio
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap
from tests.material.game_recordings import takes
from tests.metrics import seams

RATE = 44_100
BARS = 10


def made(engine, prompt, bpm=120, seed=3, bars=BARS, **more):
    """A piece by the engine itself, mixed, and its timeline."""
    when = make_timeline(bars, bpm=bpm, sample_rate=RATE, **more)
    result = run_task("generate", {"prompt": prompt, "mix": True}, timeline=when, engine=engine, seed=seed)
    return result.stems[0], when, result.report


def repaint(
    engine, samples, when, first=4, bars=2, prompt="", seed=5, start_frame=0, more_inputs=(), **params
):
    """Bars of a recording played anew, and where they begin and end."""
    tempo = TempoMap.from_timeline(when)
    start, end = (round(tempo.position_of(when.bar + bar)) for bar in (first, first + bars))
    asked = tempo.timeline_between(start, end, key=params.pop("key", None))
    source = MemoryInput(samples, start_frame=start_frame)
    result = run_task(
        "repaint", {"prompt": prompt, **params}, timeline=asked, seed=seed, engine=engine,
        inputs=[source, *more_inputs],
    )  # fmt: skip
    return result, start, end


def lufs(*stretches):
    meter = LoudnessMeter(RATE, stretches[0].shape[1])
    for one in stretches:
        meter.add(one)
    return meter.integrated_lufs()


@pytest.mark.parametrize("late_ms", [0, 22, -30])
@pytest.mark.parametrize("prompt", ["rock drums", "jazz drums", "house"])
def test_how_late_a_recording_plays_is_heard_to_a_few_milliseconds(engine, prompt, late_ms):
    stem, when, _ = made(engine, prompt, bars=6)
    stretch = [measure_flux(PlacedAudio(round(late_ms * RATE / 1000), stem.samples, RATE), RATE)]
    heard = measure_timing(stretch, stretch, TempoMap.from_timeline(when))
    assert heard.steady
    assert 1000 * heard.shift_before / RATE == pytest.approx(late_ms, abs=5)


@pytest.mark.parametrize(
    ("prompt", "swing", "unit"),
    [("jazz drums", 0.64, 8), ("rock drums", 0.5, 8), ("hip hop drums", 0.6, 16)],
)
def test_swing_is_heard(engine, prompt, swing, unit):
    stem, when, _ = made(engine, prompt, 90 if unit == 16 else 130)
    stretch = [measure_flux(PlacedAudio(0, stem.samples, RATE), RATE)]
    heard = measure_timing(stretch, stretch, TempoMap.from_timeline(when))
    assert heard.swing == pytest.approx(swing, abs=0.03)
    if swing > 0.5:
        assert heard.swing_unit == unit


def test_noise_silence_and_pads_keep_no_time(engine):
    random = np.random.default_rng(0)
    when = make_timeline(4, sample_rate=RATE)
    for samples in (random.standard_normal((6 * RATE, 1)) * 0.1, np.zeros((6 * RATE, 1))):
        stretch = [measure_flux(PlacedAudio(0, samples.astype(np.float32), RATE), RATE)]
        assert not measure_timing(stretch, stretch, TempoMap.from_timeline(when)).steady


@pytest.mark.parametrize(
    ("prompt", "part"),
    [("rock drums", "drums"), ("jazz drums", "drums"), ("upright bass", "bass"), ("sub bass", "bass"),
     ("strings", "keys"), ("violin", "lead"), ("rock band", "band"), ("soul band", "band")],
)  # fmt: skip
def test_what_plays_is_heard(engine, prompt, part):
    stem, _, _ = made(engine, prompt, 100)
    heard = detect_part([PlacedAudio(0, stem.samples, RATE)], RATE, keyed=part == "band")
    assert heard is not None
    assert heard.part == part


def test_what_was_heard_wrong_is_named_in_the_prompt(engine):
    """Every task that repaints has a prompt; not every command has an option for the part."""
    stem, when, _ = made(engine, "rock drums")
    said = " ".join(repaint(engine, stem.samples, when)[0].remarks)
    assert "The source sounds like drums; name the instrument in the prompt" in said
    said = " ".join(repaint(engine, stem.samples, when, prompt="upright bass")[0].remarks)
    assert "sounds like" not in said


@pytest.mark.parametrize(
    ("prompt", "bpm", "level"),
    [("rock drums", 120, 1.0), ("jazz piano", 140, 0.2), ("house", 124, 1.0), ("pop bass", 96, 0.05)],
)
def test_the_new_range_is_as_loud_as_what_is_around(engine, prompt, bpm, level):
    stem, when, _ = made(engine, prompt, bpm)
    source = stem.samples * np.float32(level)
    result, start, end = repaint(engine, source, when)
    around = lufs(source[max(start - 6 * RATE, 0) : start], source[end : end + 6 * RATE])
    assert lufs(result.stems[0].samples) == pytest.approx(around, abs=1.0)


def test_drums_land_where_the_recording_plays_them(engine):
    """Late by 26 ms against the project; the new onsets are read by librosa."""
    stem, when, _ = made(engine, "rock drums", 120)
    late = round(0.026 * RATE)
    result, start, _ = repaint(engine, stem.samples, when, start_frame=late)
    assert result.report["late_ms"] == pytest.approx([26, 26], abs=5)
    found = librosa.onset.onset_detect(
        y=result.stems[0].samples.mean(axis=1), sr=RATE, hop_length=32, backtrack=False, units="samples"
    )
    step = 0.25 * RATE / 2
    off = (found + start - late + step / 2) % step - step / 2
    assert len(found) > 6
    assert abs(np.median(off)) < 0.008 * RATE


def test_a_recording_off_the_grid_is_not_followed_where_it_cannot_be(engine):
    """A pad has no onsets: the project's grid holds, and the musician is told."""
    stem, when, _ = made(engine, "warm pad", 70)
    result, _, _ = repaint(engine, stem.samples, when, part="piano")
    assert result.report["late_ms"] == [0.0, 0.0]
    assert any(
        "The surrounding audio keeps no steady time, so this is played exactly on the beat" in sentence
        for sentence in result.remarks
    )


def test_busier_means_more_notes_and_simpler_fewer(engine):
    stem, when, _ = made(engine, "rock drums", 120)
    counts = {
        prompt: len(repaint(engine, stem.samples, when, prompt=prompt)[0].stems[0].notes)
        for prompt in ("busier fill", "", "simpler")
    }
    assert counts["busier fill"] > 1.2 * counts[""] > 1.2 * counts["simpler"]


def test_a_fill_is_played_on_toms_or_snare_at_the_end(engine):
    stem, when, _ = made(engine, "house drums", 124)
    result, _, _ = repaint(engine, stem.samples, when, prompt="drum fill")
    notes, frames = result.stems[0].notes, len(result.stems[0].samples)
    last = [note.pitch for note in notes if note.start > 0.75 * frames]
    assert any(pitch in (38, 39, 40, 45, 47, 50, 54, 63, 62, 64) for pitch in last)
    assert "drum fill" in result.report["used_words"]


def test_words_of_change_are_taken_out_of_the_prompt():
    change, rest = parse_change("a BUSIER drum fill, louder, with brushes")
    assert (change.density, change.fill, change.loudness) == (1, True, 3.0)
    assert rest.split() == ["a", ",", ",", "with", "brushes"]
    assert parse_change("less busy")[0].density == -1
    assert parse_change("filling station") == (parse_change("")[0], "filling station")


def test_louder_is_louder(engine):
    stem, when, _ = made(engine, "rock drums", 120)
    source = stem.samples * np.float32(0.3)
    plain, loud = (repaint(engine, source, when, prompt=prompt)[0] for prompt in ("", "louder"))
    assert lufs(loud.stems[0].samples) - lufs(plain.stems[0].samples) == pytest.approx(3, abs=0.8)


def test_the_prompt_wins_over_the_part_and_the_part_over_the_ears(engine):
    stem, when, _ = made(engine, "rock drums", 120)
    heard = repaint(engine, stem.samples, when)[0]
    told = repaint(engine, stem.samples, when, part="Bass")[0]
    asked = repaint(engine, stem.samples, when, part="Bass", prompt="jazz piano")[0]
    assert [result.stems[0].role for result in (heard, told, asked)] == ["drums", "bass", "piano"]


def test_the_spectrum_comes_nearer_to_that_of_the_surroundings(engine):
    """A dull recording is repainted duller than a bright one."""
    from scipy import signal

    stem, when, _ = made(engine, "rock drums", 120)
    dull = signal.sosfilt(signal.butter(2, 900, output="sos", fs=RATE), stem.samples, axis=0)
    edges = _band_edges(RATE)
    bands = {}
    for name, source in (("plain", stem.samples), ("dull", dull.astype(np.float32))):
        result, _, _ = repaint(engine, source, when)
        bands[name] = _band_levels([result.stems[0].samples.mean(axis=1)], RATE, edges)
    middles = np.sqrt(edges[1:] * edges[:-1])
    tilt = {name: row[middles > 3000].mean() - row[middles < 500].mean() for name, row in bands.items()}
    assert tilt["dull"] < tilt["plain"] - 5


def test_mono_stays_mono_and_a_mono_image_stays_in_the_middle(engine):
    stem, when, _ = made(engine, "house", 124)
    middle = stem.samples.mean(axis=1, keepdims=True)
    assert repaint(engine, middle, when)[0].stems[0].samples.shape[1] == 1
    both = repaint(engine, np.repeat(middle, 2, axis=1), when)[0].stems[0].samples
    assert np.abs(both[:, 0] - both[:, 1]).max() < 2e-3


def test_the_same_request_gives_the_same_bytes(engine):
    stem, when, _ = made(engine, "funk", 100)
    first, second = (repaint(engine, stem.samples, when)[0].stems[0] for _ in range(2))
    assert first.samples.tobytes() == second.samples.tobytes()
    assert first.notes == second.notes


def test_the_projects_key_and_chords_win(engine):
    stem, when, _ = made(engine, "pop piano", 100)
    result, _, _ = repaint(engine, stem.samples, when, key="F# minor", part="bass")
    assert result.report["key"] == "F# minor"


def test_chords_come_from_the_other_tracks(engine):
    band, when, _ = made(engine, "pop piano and strings in A minor", 100)
    drums, _, _ = made(engine, "pop drums", 100)
    context = MemoryInput(band.samples, role="context")
    result, _, _ = repaint(engine, drums.samples, when, part="bass", more_inputs=[context])
    assert result.report["key"].split()[0] in ("A", "C")
    assert result.stems[0].role == "bass"


def test_a_new_bass_keeps_the_roots_of_the_old_one(engine):
    stem, when, _ = made(engine, "pop bass", 100, bars=8)
    result, start, end = repaint(engine, stem.samples, when, 4, 4, "busier", part="Bass")
    half = round(RATE * 1.2)
    agreed = 0
    for at in range(0, end - start - half + 1, half):
        old, new = (
            {note.pitch % 12 for note in notes if at <= note.start - lead < at + half}
            for notes, lead in ((stem.notes, start), (result.stems[0].notes, 0))
        )
        agreed += bool(old & new) or not new
    assert agreed >= 6
    assert result.stems[0].role == "bass"


def recipe_of(prompt, when, stem, report, seed=3):
    made_on = msgspec.to_builtins(when)
    return {"prompt": prompt, "seed": seed, "timeline": made_on, "part": stem, "key": report["key"]}


@pytest.mark.parametrize("prompt", ["rock drums", "jazz piano", "lofi", "house"])
def test_what_was_made_here_is_repainted_from_its_notes(engine, prompt):
    stem, when, report = made(engine, prompt, 110)
    result, start, end = repaint(engine, stem.samples, when, recipe=recipe_of(prompt, when, "", report))
    assert result.report["from_notes"] is True
    assert result.report["genre"] == report["genre"]
    assert result.report["key"] == report["key"]
    new = result.stems[0]
    # What rings on at the start is the same on both sides of the seam.
    early = slice(0, round(0.004 * RATE))
    old = stem.samples[start:end]
    assert np.abs(new.samples[early] - old[early]).max() < 0.25 * np.abs(old).max()
    assert new.samples.tobytes() != old.tobytes()
    around = lufs(stem.samples[max(start - 6 * RATE, 0) : start], stem.samples[end : end + 6 * RATE])
    assert lufs(new.samples) == pytest.approx(around, abs=1.0)


def test_a_recipe_that_is_not_the_sources_is_not_believed(engine):
    stem, when, report = made(engine, "jazz piano", 110)
    wrong = recipe_of("jazz piano", when, "", report, seed=99)
    result, _, _ = repaint(engine, stem.samples, when, recipe=wrong)
    assert "from_notes" not in result.report


def test_another_instrument_leaves_the_recipe_aside(engine):
    stem, when, report = made(engine, "jazz piano", 110)
    recipe = recipe_of("jazz piano", when, "", report)
    result, _, _ = repaint(engine, stem.samples, when, recipe=recipe, prompt="vibraphone")
    assert "from_notes" not in result.report
    assert result.report["instruments"] == ["vibraphone"]


def speech(frames, rate=RATE):
    """Bursts of a buzzing voice with formants, at no tempo."""
    random = np.random.default_rng(4)
    time_ = np.arange(frames) / rate
    buzz = np.sign(np.sin(2 * np.pi * np.cumsum(110 + 15 * np.sin(3 * time_)) / rate)) * 0.2
    syllables = np.interp(time_, np.cumsum(random.uniform(0.08, 0.4, 400)), random.uniform(0, 1, 400) ** 2)
    return (buzz * syllables + 0.02 * random.standard_normal(frames) * syllables)[:, None].astype(np.float32)


@pytest.mark.parametrize("kind", ["silence", "noise", "speech", "clipped", "tiny"])
@pytest.mark.parametrize("part", ["", "drums", "piano"])
def test_any_audio_is_repainted_without_a_fault(engine, kind, part):
    frames = 12 * RATE
    source = {
        "silence": np.zeros((frames, 2), np.float32),
        "noise": np.random.default_rng(1).uniform(-1, 1, (frames, 2)).astype(np.float32),
        "speech": speech(frames),
        "clipped": np.sign(np.sin(np.arange(frames) / 30))[:, None].astype(np.float32),
        "tiny": np.full((frames, 1), 1e-9, np.float32),
    }[kind]
    when = make_timeline(6, sample_rate=RATE)
    result, start, end = repaint(engine, source, when, first=2, bars=1, part=part)
    got = result.stems[0].samples
    assert got.shape == (end - start, source.shape[1])
    assert np.abs(got).max() <= max(1.0, 1.05 * float(np.abs(source).max()))
    assert got[0].tobytes() == source[start].tobytes()


@pytest.mark.parametrize(
    ("bpm", "metre", "rate", "frames"),
    [(20, "4/4", 44_100, 30_000), (400, "4/4", 44_100, 30_000), (120, "31/8", 48_000, 60_000),
     (120, "1/16", 48_000, 20_000), (97.3, "7/8", 8_000, 9_001), (120, "4/4", 192_000, 40_000),
     (120, "4/4", 48_000, 1), (120, "4/4", 48_000, 2), (120, "4/4", 96_000, 257)],
)  # fmt: skip
def test_any_tempo_metre_rate_and_length(engine, bpm, metre, rate, frames):
    random = np.random.default_rng(2)
    source = (0.1 * random.standard_normal((3 * rate, 2))).astype(np.float32)
    start = rate + 17
    asked = make_timeline(bpm=bpm, metre=metre, sample_rate=rate, start_frame=start, frames=frames)
    for part in ("drums", "keys"):
        result = run_task(
            "repaint", {"part": part}, timeline=asked, engine=engine, inputs=[MemoryInput(source)]
        )
        got = result.stems[0].samples
        assert len(got) == frames
        assert got[-1].tobytes() == source[start + frames - 1].tobytes()


def test_a_change_of_metre_and_tempo_inside_the_range(engine):
    points = (
        TempoPoint(position=0.0, bpm=120.0),
        TempoPoint(position=5.0 * RATE, bpm=90.0, numerator=3, denominator=4, starts_bar=True),
        TempoPoint(position=7.0 * RATE, bpm=140.0, numerator=7, denominator=8, starts_bar=True),
    )
    asked = make_timeline(tempo=points, sample_rate=RATE, start_frame=4 * RATE, frames=4 * RATE)
    stem, _, _ = made(engine, "rock drums", 120)
    result = run_task("repaint", {}, timeline=asked, engine=engine, inputs=[MemoryInput(stem.samples)])
    assert len(result.stems[0].samples) == 4 * RATE
    assert len(result.stems[0].notes) > 10


def test_without_context_and_past_the_end_of_the_source(engine):
    stem, when, _ = made(engine, "rock drums", 120, bars=4)
    tempo = TempoMap.from_timeline(when)
    bar = round(tempo.position_of(2))
    only = MemoryInput(stem.samples[bar : 2 * bar], start_frame=bar)
    result = run_task(
        "repaint", {}, timeline=tempo.timeline_between(bar, 2 * bar), engine=engine, inputs=[only]
    )
    assert len(result.stems[0].samples) == bar
    longer = run_task(
        "repaint", {}, timeline=tempo.timeline_between(3 * bar, 6 * bar), engine=engine,
        inputs=[MemoryInput(stem.samples)],
    )  # fmt: skip
    assert len(longer.stems[0].samples) == 3 * bar
    assert np.abs(longer.stems[0].samples[2 * bar :]).max() > 0.01


def test_it_is_many_times_faster_than_real_time(engine):
    stem, when, _ = made(engine, "house", 124, bars=40)
    repaint(engine, stem.samples, when)
    began = time.process_time()
    _, start, end = repaint(engine, stem.samples, when, first=4, bars=32)
    spent = time.process_time() - began
    assert (end - start) / RATE > 8 * spent


@pytest.fixture(scope="session")
def real_repaints(engine):
    """Four ranges of the first songs of `fretsonfire-songs-sectoid`, spliced in three ways."""
    found = list(takes(4, sectoid_only=True))
    assert len(found) == 4, "the Debian package fretsonfire-songs-sectoid is needed"
    return [seams.repainted(take, number, engine) for number, take in enumerate(found)]


def test_outside_every_byte_is_the_sources(real_repaints):
    assert all(map(seams.outside_is_untouched, real_repaints))


def test_seams_lie_within_what_the_songs_themselves_do(real_repaints):
    edges = [edge for made_one in real_repaints for edge in seams.edges_of(made_one)]

    def share(way, measure):
        chosen = [edge.inside for edge in edges if edge.way == way and edge.measure == measure]
        return sum(chosen) / len(chosen)

    assert share("repaint", "step") == 1.0
    assert share("repaint", "flux") >= 0.8
    assert share("repaint", "level") >= 0.8
    assert share("hard cut", "step") <= 0.5


def test_real_songs_are_met_in_loudness_and_in_key(real_repaints):
    for made_one in real_repaints:
        assert abs(seams.louder_by(made_one)) <= 1.0
    shares = []
    for made_one in real_repaints:
        take, stem = made_one.take, made_one.result.stems[0]
        if stem.role == "drums":
            continue
        near = np.concatenate((
            take.samples[max(made_one.start - 10 * RATE, 0) : made_one.start],
            take.samples[made_one.end : made_one.end + 10 * RATE],
        ))  # fmt: skip
        shares.append(seams.in_scale(stem.samples, take.rate, seams.key_of(near, take.rate)))
    # Seven notes of twelve by chance are 0.58.
    assert np.mean(shares) > 0.66
