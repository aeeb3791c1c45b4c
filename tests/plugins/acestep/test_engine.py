"""The engine over a tiny checkpoint: every ability through its task, to the frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_plugins._engines.acestep import AceStepEngine
from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.levels import integrated_loudness
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins.testing import MemoryInput, TaskResult, check_engine, make_timeline
from tests.plugins.acestep.making import RATE, made, music, repaint, same


def test_the_contract_of_engines(mirror: Path) -> None:
    check_engine(AceStepEngine(), {"steps": 2, "after": 0.25}, exact=True)


def test_a_prompt_makes_one_stem_named_after_what_it_names(engine: LoadedAceStep) -> None:
    whole = made(engine, "generate", {"prompt": "slow jazz"})
    bass = made(engine, "generate", {"prompt": "warm upright bass"})
    assert [(stem.name, stem.role) for stem in whole.stems] == [("Mix", "mix")]
    assert [(stem.name, stem.role) for stem in bass.stems] == [("Bass", "bass")]
    assert whole.report["model"] == "ace_step1.5"
    assert (whole.report["steps"], whole.report["shift"]) == (8, 3.0)
    assert {step.stage for step in whole.steps} >= {"Rendering", "Decoding"}


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "b"},
        {"prompt": "a", "lyrics": "[Verse]\nhello"},
        {"prompt": "a", "lyrics": "[Verse]\nhello", "language": "ja"},
        {"prompt": "a", "steps": 5},
        {"prompt": "a", "model": "acestep_v15_base", "steps": 8},
    ],
)
def test_all_that_is_said_changes_the_music(engine: LoadedAceStep, change: dict[str, Any]) -> None:
    plain = made(engine, "generate", {"prompt": "a"})
    base = plain if "language" not in change else made(engine, "generate", change | {"language": "en"})
    assert not same(base, made(engine, "generate", change))
    assert same(plain, made(engine, "generate", {"prompt": "a"}))


def test_tempo_key_metre_and_seed_change_it_too(engine: LoadedAceStep) -> None:
    def at(**music_of: Any) -> TaskResult:
        asked = make_timeline(frames=RATE, sample_rate=RATE, **music_of)
        return made(engine, "generate", {"prompt": "a"}, timeline=asked)

    plain = at(bpm=100.0)
    assert not same(plain, at(bpm=140.0))
    assert not same(plain, at(bpm=100.0, key="C major"))
    assert not same(plain, at(bpm=100.0, metre="3/4"))
    assert not same(plain, made(engine, "generate", {"prompt": "a"}, seed=4))
    odd = at(bpm=100.0, metre="7/8")
    assert any("7/8" in remark for remark in odd.remarks)


def test_on_a_device_its_audio_leaves_the_device_at_the_projects_rate(
    engine: LoadedAceStep, tmp_path: Path
) -> None:
    asked = make_timeline(frames=48_000, sample_rate=48_000)
    # What torch calls cpu:0 is any device to the engine.
    device = LoadedAceStep("cpu:0", "full", LatentStore(tmp_path / "latents"))
    one, other = (made(each, "generate", {"prompt": "a"}, timeline=asked) for each in (engine, device))
    ours, theirs = (result.stems[0].samples for result in (other, one))
    assert ours.shape == theirs.shape
    assert not np.array_equal(ours, theirs)
    # Both keep what lies well below the codec's highest; the rest they cut off at different slopes.
    low = [np.fft.rfft(samples, axis=0)[:40] for samples in (ours, theirs)]
    assert np.abs(low[0] - low[1]).max() < 1e-3 * np.abs(low[1]).max()


def test_the_level_changes_the_loudness_and_nothing_else(engine: LoadedAceStep) -> None:
    plain, louder = (made(engine, "generate", {"prompt": "a", "level": level}) for level in (0.0, 6.0))
    ours, theirs = (result.stems[0].samples for result in (plain, louder))
    np.testing.assert_allclose(theirs, ours * 10 ** (6 / 20), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("prompt", "below"), [("bass", 6.0), ("a song", 2.0)])
def test_a_part_is_below_what_plays_beside_it(engine: LoadedAceStep, prompt: str, below: float) -> None:
    alone = made(engine, "generate", {"prompt": prompt}).stems[0].samples
    tracks = [MemoryInput(alone * np.float32(0.5), role="context") for _ in range(2)]
    beside = made(engine, "generate", {"prompt": prompt}, inputs=tracks).stems[0].samples
    loudness = [integrated_loudness(samples, RATE) for samples in (alone, beside)]
    assert None not in loudness
    assert loudness[1] == pytest.approx(loudness[0] - below, abs=0.2)


def test_a_reference_is_heard_and_only_its_timbre_counts(engine: LoadedAceStep) -> None:
    plain = made(engine, "generate", {"prompt": "a"})
    reference = MemoryInput(music(3 * RATE, 1), role="reference")
    like = made(engine, "generate", {"prompt": "a"}, inputs=[reference])
    assert not same(plain, like)
    assert len(like.stems[0].samples) == 2 * RATE


def test_a_cover_lets_go_of_its_source_as_far_as_was_asked(engine: LoadedAceStep) -> None:
    # Far apart: the tokens of random weights are coarse.
    one, other = ([MemoryInput(gain * music(2 * RATE))] for gain in (0, 40))

    def cover(strength: float, inputs: list[MemoryInput]) -> TaskResult:
        params = {"prompt": "a", "strength": strength, "match_loudness": False}
        return made(engine, "cover", params, inputs=inputs)

    near, half, far = (cover(strength, one) for strength in (0.0, 0.5, 1.0))
    assert not same(near, half)
    assert not same(half, far)
    assert not same(near, cover(0.0, other))
    assert same(far, cover(1.0, other))  # nothing of the source is left in it
    assert same(far, made(engine, "generate", {"prompt": "a"}))


def test_a_cover_may_set_out_from_near_the_source(engine: LoadedAceStep) -> None:
    source = MemoryInput(music(2 * RATE))

    def cover(strength: float, near: float, heard: MemoryInput = source) -> TaskResult:
        params = {"prompt": "a", "strength": strength, "noise_start": near, "match_loudness": False}
        return made(engine, "cover", params, inputs=[heard])

    for strength in (0.0, 1.0):
        assert not same(cover(strength, 0.0), cover(strength, 0.7))
    # Let go of from the first step on, the source is still what it sets out from.
    assert not same(cover(1.0, 0.7), cover(1.0, 0.7, MemoryInput(-source.read())))
    assert cover(0.0, 1.0).steps[1].steps < cover(0.0, 0.0).steps[1].steps


@pytest.mark.parametrize(
    ("task", "change"),
    [
        ("generate", {"sampler": "sde"}),
        ("cover", {"sampler": "sde"}),
        ("repaint", {"sampler": "sde"}),
        ("repaint", {"mask": "auto"}),
        ("repaint", {"hold": 0.0}),
        ("repaint", {"hold": 1.0}),
        ("accompany", {"mask": "auto"}),
        ("accompany", {"sampler": "sde"}),
    ],
)
def test_what_is_for_a_model_alone_reaches_it(
    engine: LoadedAceStep, task: str, change: dict[str, Any]
) -> None:
    params = {"prompt": "add a shaker", "steps": 4}
    asked = make_timeline(frames=RATE, start_frame=RATE, sample_rate=RATE)
    inputs = [] if task == "generate" else [MemoryInput(music(3 * RATE))]
    plain = made(engine, task, params, timeline=asked, inputs=inputs)
    assert not same(plain, made(engine, task, params | change, timeline=asked, inputs=inputs))


def test_a_repaint_gives_each_range_to_the_frame_and_hears_what_is_around(engine: LoadedAceStep) -> None:
    source = music(4 * RATE)
    ranges = ((RATE + 7, 2 * RATE + 1), (3 * RATE - 400, 3 * RATE + 11))
    result = repaint(engine, *ranges, source=source)
    assert [(stem.start_frame, len(stem.samples)) for stem in result.stems] == [
        (first, last - first) for first, last in ranges
    ]
    inside = source.copy()
    inside[RATE + 400 : 2 * RATE - 400] = 0
    around = source.copy()
    around[: RATE - 400] *= -1
    plain = repaint(engine, ranges[0], source=source)
    assert not same(plain, repaint(engine, ranges[0], source=around))
    # What was in the range is silenced before the model sees it, but for the codec's reach over its edges.
    middle = slice(RATE // 3, RATE // 2)
    other = repaint(engine, ranges[0], source=inside)
    assert np.abs(plain.stems[0].samples[middle] - other.stems[0].samples[middle]).max() < 0.05


def test_ranges_near_each_other_are_made_in_one_pass_and_those_apart_each_alone(
    engine: LoadedAceStep,
) -> None:
    source = music(80 * RATE)
    first, near, far = (RATE + 7, 2 * RATE + 1), (3 * RATE - 400, 3 * RATE + 11), (70 * RATE, 71 * RATE)
    together = repaint(engine, first, near, source=source)
    assert sum(step.stage == "Rendering" for step in together.steps) == 8
    # Each knows of the other: the first one differs from what it is alone, though its noise is the same.
    assert not np.array_equal(
        together.stems[0].samples, repaint(engine, first, source=source).stems[0].samples
    )
    apart = repaint(engine, first, far, source=source)
    assert sum(step.stage == "Rendering" for step in apart.steps) == 16
    assert np.array_equal(apart.stems[0].samples, repaint(engine, first, source=source).stems[0].samples)
    assert np.array_equal(
        apart.stems[1].samples, repaint(engine, far, source=source, seed=4).stems[0].samples
    )


def test_a_recording_goes_on_in_both_directions_in_one_pass(engine: LoadedAceStep) -> None:
    source = MemoryInput(music(4 * RATE), start_frame=4 * RATE)
    over = make_timeline(frames=4 * RATE, start_frame=4 * RATE, sample_rate=RATE, bpm=120)
    params = {"prompt": "a", "after": 1, "before": 0.5}
    longer = made(engine, "extend", params, timeline=over, inputs=[source])
    assert sum(step.stage == "Rendering" for step in longer.steps) == 8
    (stem,) = longer.stems
    assert (stem.start_frame, len(stem.samples)) == (3 * RATE, 7 * RATE)
    assert np.array_equal(stem.samples[RATE + 960 : 5 * RATE - 960], source.read()[960:-960])
    quiet = np.zeros_like(source.read())
    other = made(engine, "extend", params, timeline=over, inputs=[MemoryInput(quiet, start_frame=4 * RATE)])
    for added in (slice(0, RATE), slice(5 * RATE, None)):  # the recording is heard from both sides
        assert not np.allclose(stem.samples[added], other.stems[0].samples[added], atol=1e-3)


def test_a_loops_seam_is_made_with_its_end_and_its_start_around_it(engine: LoadedAceStep) -> None:
    source = music(4 * RATE)
    over = make_timeline(frames=4 * RATE, sample_rate=RATE, bpm=120)

    def loop(audio: np.ndarray) -> np.ndarray:
        params = {"prompt": "a", "seam": 1}
        return made(engine, "loop", params, timeline=over, inputs=[MemoryInput(audio)]).stems[0].samples

    plain = loop(source)
    half = RATE // 4
    assert np.array_equal(plain[half:-half], source[half:-half])
    for changed in (slice(half, RATE), slice(-RATE, -half)):
        other = source.copy()
        other[changed] *= -1
        looped = loop(other)
        for seam in (slice(0, half), slice(-half, None)):
            assert not np.allclose(looped[seam], plain[seam], atol=1e-3)


def test_a_layer_and_a_backing_go_by_the_prompt_or_as_was_said(engine: LoadedAceStep) -> None:
    layer = made(engine, "accompany", {"prompt": "add a shaker", "steps": 3})
    backing = made(engine, "accompany", {"prompt": "jazz trio", "steps": 3})
    said = made(engine, "accompany", {"prompt": "jazz trio", "layer": "strings", "steps": 3})
    assert [stem.role for stem in (*layer.stems, *backing.stems, *said.stems)] == [
        "percussion",
        "mix",
        "strings",
    ]
    assert layer.report["model"] == "acestep_v15_base"
    assert layer.report["guidance"] == 1.0


def test_tracks_are_taken_out_by_name_and_add_up_with_what_is_left(engine: LoadedAceStep) -> None:
    # In the steps of 24-bit audio, so that sums can be exact.
    source = np.rint(music(RATE) * 2**23).astype(np.float32) / np.float32(2**23)
    asked = make_timeline(frames=RATE, sample_rate=RATE)

    def taken(channels: int = 2, **params: Any) -> TaskResult:
        audio = [MemoryInput(source[:, :channels])]
        return made(engine, "separate", {"steps": 2, **params}, timeline=asked, inputs=audio)

    named = taken(mode="tracks", stems="synth, backing_vocals", residual=True)
    assert [stem.role for stem in named.stems] == ["synth", "backing_vocals", "residual"]
    assert np.array_equal(sum(stem.samples for stem in named.stems), source)
    four = taken(channels=1)
    assert [stem.role for stem in four.stems] == ["drums", "bass", "vocals", "other"]
    assert np.array_equal(sum(stem.samples for stem in four.stems), source[:, :1])
    two = taken(mode="two", stems="instrumental", residual=True)
    assert [stem.role for stem in two.stems] == ["instrumental", "residual"]
    assert np.array_equal(sum(stem.samples for stem in two.stems), source)
