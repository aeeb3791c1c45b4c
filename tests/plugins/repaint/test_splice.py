"""What comes back fits the source to the sample, at every rate and length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins import RequestError
from bandmate_plugins._host.check_params import check_params
from bandmate_plugins._host.checked_run import ContractError
from bandmate_plugins._tasks.repaint import FrameRange, RepaintParams, RepaintTask, SourceJob
from bandmate_plugins._tasks.repaint.seams import head_seam, tail_seam
from bandmate_plugins._timing.crossfade import fade_gains, signal_correlation
from bandmate_plugins.testing import MemoryInput, check_task, make_timeline, run_task
from tests.plugins.repaint.conftest import Player, clicks, noise, tone

RATE = 48_000


def repaint(old, new, start, end, *, rate=RATE, role="keys", piece=4_096, at=0, **params):
    """The new range, where `old` and `new` both begin at frame `at` of the project."""
    engine = Player(new, role, piece, at)
    when = make_timeline(start_frame=start, frames=end - start, sample_rate=rate)
    return run_task(
        RepaintTask(), params, timeline=when, inputs=[MemoryInput(old, start_frame=at)], engine=engine
    )


def test_the_task_keeps_its_contract():
    check_task(RepaintTask(), engine="sketch")


def test_a_repainted_range_with_the_same_audio_is_the_same_audio():
    old = noise(RATE)
    for role in ("keys", "drums"):
        got = repaint(old, old, 9_000, 30_001, role=role).stems[0].samples
        assert np.abs(got - old[9_000:30_001]).max() < 1e-7


@given(
    start=st.integers(0, 3_000),
    frames=st.integers(1, 6_000),
    rate=st.sampled_from([8_000, 11_025, 44_100, 48_000, 96_000, 192_000]),
    channels=st.integers(1, 3),
    piece=st.sampled_from([1, 7, 64, 1_000, 100_000]),
    role=st.sampled_from(["drums", "keys"]),
)
@settings(max_examples=60, deadline=None)
def test_the_first_and_the_last_frame_are_the_sources_own(start, frames, rate, channels, piece, role):
    old, new = noise(9_001, channels, 1), noise(9_001, channels, 2)
    end = start + frames
    if piece == 1:
        end = min(end, start + 300)
    got = repaint(old, new, start, end, rate=rate, piece=piece, role=role).stems[0].samples
    assert got.shape == (end - start, channels)
    if start > 0:
        assert got[0].tobytes() == old[start].tobytes()
    assert got[-1].tobytes() == old[end - 1].tobytes()
    assert np.abs(got).max() <= 2 * max(np.abs(old).max(), np.abs(new).max())


def test_what_is_beyond_the_fades_is_the_engines_own():
    old, new = noise(RATE), noise(RATE, seed=2)
    result = repaint(old, new, 10_000, 40_000)
    told = result.report["ranges"][0]
    assert 0 < told["fade_in_frames"] <= 0.06 * RATE
    inner = slice(told["fade_in_frames"], 30_000 - round(0.12 * RATE))
    assert result.stems[0].samples[inner].tobytes() == new[10_000:40_000][inner].tobytes()


def test_no_fade_is_longer_than_half_of_the_range():
    old, new = tone(RATE, 220), tone(RATE, 331)
    result = repaint(old, new, 10_000, 10_100)
    told = result.report["ranges"][0]
    assert told["fade_in_frames"] <= 50
    assert told["fade_out_frames"] <= 50


def test_audio_comes_while_the_engine_works_and_only_the_tail_waits():
    old, new = noise(4 * RATE), noise(4 * RATE, seed=2)
    when = make_timeline(start_frame=RATE, frames=2 * RATE, sample_rate=RATE)
    engine, done = Player(new, piece=4_800), 0
    from bandmate_plugins._host.checked_run import run_checked
    from bandmate_plugins.outputs import StageProgress, StemAudio
    from bandmate_plugins.request import TaskRequest
    from bandmate_plugins.testing.running import PatientContext

    request = TaskRequest(RepaintParams(), when, 0, (MemoryInput(old),))
    for output in run_checked(RepaintTask(), request, engine, PatientContext()):
        if isinstance(output, StemAudio):
            done += len(output.samples)
        elif isinstance(output, StageProgress):
            assert done >= output.step - round(0.13 * RATE) or done == 0
            assert done > 0 or output.step <= 0.25 * RATE


@pytest.mark.parametrize("part", [1.0, 0.6, 0.0])
def test_power_stays_even_through_the_fade_whatever_the_correlation(part):
    old = noise(RATE, 1, 1)
    other = noise(RATE, 1, 2)
    new = (part * old + np.sqrt(1 - part**2) * other).astype(np.float32)
    assert signal_correlation(old, new) == pytest.approx(part, abs=0.02)
    leaving, coming = fade_gains(old, new)
    mixed = old * leaving + new * coming
    power = np.square(mixed[:, 0]).reshape(20, -1).mean(axis=1)
    assert 10 * np.log10(power / power.mean()) == pytest.approx(np.zeros(20), abs=0.5)


def test_an_attack_after_the_start_is_heard_once_and_whole():
    old, new = tone(RATE, 110), clicks(RATE, 4_800, 1_000)
    seam = head_seam(old[:2_000], old[:6_000], new[:6_000], RATE, 6_000, False)
    assert seam.length <= 1_000
    assert seam.length > 700
    sustained = head_seam(old[:2_000], old[2_000:8_000], tone(6_000, 150), RATE, 6_000, False)
    assert sustained.length == round(0.06 * RATE)


def test_an_early_attack_of_what_follows_stays_the_sources_own():
    frames = 6_000
    old = clicks(12_000, 4_800, frames - 300)
    new = tone(frames, 150)
    seam = tail_seam(old[:frames], old[frames : frames + 2_000], new, RATE, frames, False)
    assert 300 <= seam.margin <= 450
    result = repaint(old, np.concatenate((new, new)), 1_000, frames)
    got = result.stems[0].samples
    assert got[-300:].tobytes() == old[frames - 300 : frames].tobytes()


def test_nothing_is_faded_in_where_the_source_begins_or_ends():
    old, new = noise(RATE), tone(RATE, 300, phase=1.0)
    got = repaint(old, new, 0, RATE).stems[0].samples
    guard = round(0.002 * RATE)
    assert not got[0].any()
    assert not got[-1].any()
    assert got[guard:-guard].tobytes() == new[guard:-guard].tobytes()


def test_a_range_may_go_past_the_source():
    old, new = noise(RATE), tone(3 * RATE, 300)
    got = repaint(old, new, RATE // 2, 2 * RATE).stems[0].samples
    assert len(got) == 3 * RATE // 2
    assert got[0].tobytes() == old[RATE // 2].tobytes()
    assert got[RATE : RATE + 9].tobytes() == new[3 * RATE // 2 : 3 * RATE // 2 + 9].tobytes()
    with pytest.raises(RequestError, match="s is outside the audio, which runs from"):
        repaint(old, new, RATE, 2 * RATE)


def test_several_ranges_are_several_stems():
    old, new = noise(4 * RATE), noise(4 * RATE, seed=2)
    spans = [(RATE, RATE + 7_000), (2 * RATE, 2 * RATE + 9_001), (3 * RATE, 3 * RATE + 1)]
    ranges = [{"start_frame": start, "end_frame": end} for start, end in spans]
    result = repaint(old, new, RATE, 3 * RATE + 1, ranges=ranges)
    assert [(stem.start_frame, stem.start_frame + len(stem.samples)) for stem in result.stems] == spans
    assert [stem.name for stem in result.stems] == ["Keys 1", "Keys 2", "Keys 3"]
    for stem, (start, end) in zip(result.stems, spans, strict=True):
        assert stem.samples[0].tobytes() == old[start].tobytes()
        assert stem.samples[-1].tobytes() == old[end - 1].tobytes()


def test_the_engine_is_asked_for_each_range_with_all_of_the_audio():
    old, engine = noise(4 * RATE), Player(noise(4 * RATE, seed=2))
    when = make_timeline(start_frame=RATE, frames=2 * RATE, sample_rate=RATE, key="A minor")
    ranges = [
        {"start_frame": RATE, "end_frame": RATE + 500},
        {"start_frame": 2 * RATE, "end_frame": 3 * RATE},
    ]
    source = MemoryInput(old)
    run_task(RepaintTask(), {"ranges": ranges, "prompt": "x"}, timeline=when, inputs=[source], engine=engine)
    first, second = engine.asked
    assert (first.timeline.start_frame, first.timeline.end_frame) == (RATE, RATE + 500)
    assert second.timeline.context_before_frames == 2 * RATE
    assert second.timeline.context_after_frames == RATE
    assert second.timeline.key == "A minor"
    assert first.inputs == second.inputs == (source,)
    assert first.params.prompt == "x"
    assert first.seed != second.seed


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ([{"start_frame": 5, "end_frame": 5}], "is empty"),
        ([{"start_frame": 9, "end_frame": 20}, {"start_frame": 1, "end_frame": 5}], "in order"),
        (
            [{"start_frame": 1, "end_frame": 20}, {"start_frame": 19, "end_frame": 25}],
            "begins before the one that ends at frame",
        ),
    ],
)
def test_ranges_that_make_no_sense_are_refused_with_a_sentence(ranges, said):
    with pytest.raises(RequestError, match=said):
        check_params(RepaintTask(), {"ranges": ranges})


def test_a_range_outside_of_the_timeline_is_refused():
    old = noise(RATE)
    with pytest.raises(RequestError, match="is outside the timeline, which runs from"):
        repaint(old, old, 100, 200, ranges=[{"start_frame": 150, "end_frame": 300}])


def test_mono_and_many_channels():
    new = tone(RATE, 300)
    mono = repaint(noise(RATE, 1), new, 9_000, 20_000).stems[0].samples
    assert mono.shape[1] == 1
    assert mono[5_000] == pytest.approx(new[14_000].mean())
    source = noise(RATE, 6) * np.array([1, 1, 0.5, 0, 2, 0.25], np.float32)
    result = repaint(source, new, 9_000, 20_000)
    got = result.stems[0].samples
    assert got.shape[1] == 6
    assert got[5_000] / new[14_000, 0] == pytest.approx([1, 1, 0.5, 0, 1, 0.25], rel=0.02)
    assert "6 channels" in result.remarks[0]


def test_an_engine_that_gives_too_little_or_too_much_is_named():
    old = noise(RATE)
    with pytest.raises(ContractError, match="gave 5000 frames"):
        repaint(old, old[:10_000], 5_000, 12_000)


def test_a_recipe_can_be_sent_as_plain_values():
    import msgspec

    when = make_timeline(bars=1)
    recipe = msgspec.to_builtins(SourceJob("rock drums", 3, when, "Drums", "A minor"))
    checked = check_params(RepaintTask(), {"recipe": recipe, "ranges": [{"start_frame": 0, "end_frame": 9}]})
    assert checked == RepaintParams(
        recipe=SourceJob("rock drums", 3, when, "Drums", "A minor"), ranges=(FrameRange(0, 9),)
    )
