"""The engine's contract: exact lengths, equal bytes, levels, and what it says, whatever is asked."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins import JobCancelled, LoadedEngine, TaskRequest
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.recipe import BAND_VERSION
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._tasks.generate import GenerateParams, SuggestParams
from bandmate_plugins.testing.running import CancellingContext, PatientContext
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, TempoPoint
from tests.plugins.sketch.conftest import Recording, perform, timeline


def loudness(samples: np.ndarray, rate: int = 48_000) -> tuple[float, float]:
    meter = LoudnessMeter(rate, samples.shape[1])
    meter.add(samples)
    lufs, peak = meter.integrated_lufs(), meter.true_peak_dbtp()
    assert lufs is not None
    assert peak is not None
    return lufs, peak


def digest(*arrays: np.ndarray) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def test_scanning_the_plugin_imports_neither_numpy_nor_scipy() -> None:
    code = (
        "import sys, bandmate_plugins._engines.sketch as s; got = []; s.bandmate_engines(got.append);"
        "assert got[0].readiness().status == 'ready';"
        "print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_style_gives_the_whole_band_and_named_instruments_only_themselves(engine: LoadedEngine) -> None:
    roles = [stem.role for stem in perform(engine, "lofi", timeline(2)).stems]
    assert roles == ["drums", "bass", "keys", "lead"]
    assert [s.name for s in perform(engine, "warm upright bass", timeline(2)).stems] == ["Upright bass"]
    assert [s.role for s in perform(engine, "dusty lo-fi drums, brushed snare", timeline(2)).stems] == [
        "drums"
    ]
    assert [s.role for s in perform(engine, "jazz without drums", timeline(2)).stems] == [
        "bass",
        "piano",
        "lead",
    ]


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000, 96_000])
def test_every_stem_has_exactly_the_frames_asked_for(engine: LoadedEngine, rate: int) -> None:
    for seconds in (0.0, 0.013, 1.7, 3.3):
        when = timeline(seconds, rate=rate, start=12_345)
        played = perform(engine, "rock", when)
        assert {len(played.audio(stem)) for stem in range(4)} == {when.frames}
        assert all(note.start + note.frames <= when.frames for notes in played.notes for note in notes)


def test_a_range_at_384_khz(engine: LoadedEngine) -> None:
    when = timeline(0.5, rate=384_000)
    assert len(perform(engine, "house drums", when).audio(0)) == when.frames


@given(
    seconds=st.floats(0, 3),
    metre=st.tuples(st.integers(1, 31), st.sampled_from([1, 2, 4, 8, 16, 3])),
    bpm=st.floats(20, 400),
    start=st.integers(0, 10_000_000),
    beat=st.floats(0, 5),
    ramp=st.none() | st.tuples(st.floats(0.01, 2), st.floats(20, 400), st.booleans()),
    prompt=st.sampled_from(["jazz", "lofi", "house bass and drums", "piano, rock", "strings"]),
)
@settings(max_examples=40, deadline=None)
def test_any_timeline(engine, seconds, metre, bpm, start, beat, ramp, prompt) -> None:
    rate = 8_000
    tempo = [
        TempoPoint(position=start - 17.5, bpm=bpm, numerator=metre[0], denominator=metre[1], shape="linear")
    ]
    if ramp:
        after, other, bar = ramp
        later = TempoPoint(
            position=start + after * rate, bpm=other, numerator=5, denominator=8, starts_bar=bar
        )
        tempo.append(later)
    when = timeline(
        seconds, rate=rate, start=start, tempo=tuple(tempo), beat=min(beat, metre[0] - 0.01), bar=7
    )
    played = perform(engine, prompt, when)
    for stem in range(len(played.stems)):
        audio = played.audio(stem)
        assert audio.shape == (when.frames, 2)
        assert np.isfinite(audio).all()
        assert np.abs(audio).max() <= 1.0


def test_the_same_request_gives_the_same_bytes_in_another_process(engine: LoadedEngine) -> None:
    when = timeline(5.0, bpm=97)
    here = perform(engine, "jazz", when, seed=5)
    assert digest(*map(here.audio, range(4))) == digest(
        *map(perform(engine, "jazz", when, seed=5).audio, range(4))
    )
    assert digest(here.mix) != digest(perform(engine, "jazz", when, seed=6).mix)
    code = (
        "from tests.plugins.sketch.conftest import *; from tests.plugins.sketch.test_engine import digest;"
        "p = perform(SketchEngine().load('cpu', 'full'), 'jazz', timeline(5.0, bpm=97), seed=5);"
        "print(digest(*map(p.audio, range(4))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(*map(here.audio, range(4)))


def test_the_mix_is_the_sum_of_the_stems_to_the_byte(engine: LoadedEngine) -> None:
    when = timeline(6.0)
    apart, mixed = perform(engine, "rock", when), perform(engine, "rock", when, mix=True)
    assert [(stem.name, stem.role) for stem in mixed.stems] == [("Mix", "mix")]
    assert mixed.audio(0).tobytes() == apart.mix.tobytes()


def test_a_part_plays_the_same_notes_alone(engine: LoadedEngine) -> None:
    when = timeline(8.0)
    band, alone = perform(engine, "lofi", when), perform(engine, "lofi bass", when)
    assert alone.notes[0] == band.notes[1]


def test_steps_count_every_window_up_to_the_last(engine: LoadedEngine) -> None:
    steps = [step for step in perform(engine, "lofi", timeline(7)).steps if step.stage == "Playing"]
    assert [step.step for step in steps] == list(range(1, steps[0].steps + 1))


def test_cancelling_ends_it_at_the_next_window(engine: LoadedEngine) -> None:
    request = TaskRequest(GenerateParams(prompt="lofi"), timeline(30), 1, (), SketchOptions())
    host, outputs = CancellingContext(4), []
    with pytest.raises(JobCancelled):
        outputs.extend(engine.text(request, host))
    assert host.checks == 4
    assert len(outputs) < 60


@pytest.mark.parametrize("level", [-40.0, -30.0, -20.0, -12.0, -9.0])
def test_a_band_is_nearly_as_loud_as_the_audio_around_it(engine: LoadedEngine, level: float) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (48_000 * 5, 2)).astype(np.float32)
    noise *= 10 ** ((level - loudness(noise)[0]) / 20)
    played = perform(engine, "pop", timeline(20), inputs=(Recording(noise),))
    lufs, peak = loudness(played.mix)
    assert lufs == pytest.approx(level - 2, abs=1.0)
    assert peak <= -1.0
    free = perform(engine, "pop", timeline(20), inputs=(Recording(noise),), match_loudness=False)
    assert loudness(free.mix)[0] == pytest.approx(-16.0, abs=1.0)


def test_silence_as_context_changes_nothing(engine: LoadedEngine) -> None:
    silent = Recording(np.zeros((48_000, 2), dtype=np.float32))
    when = timeline(4)
    assert digest(perform(engine, "pop", when, inputs=(silent,)).mix) == digest(
        perform(engine, "pop", when).mix
    )


def test_tracks_that_play_at_the_same_time_are_heard_together(engine: LoadedEngine) -> None:
    when = timeline(6)
    symbols = ("E", "A", "B", "E", "B", "E")
    chords = tuple(ChordMark(position=2 * 48_000 * bar, symbol=each) for bar, each in enumerate(symbols))
    band = perform(engine, "pop piano and bass", timeline(6, key="E major", chords=chords))
    tracks = [Recording(band.audio(stem)) for stem in range(2)]
    late = Recording(tracks[1].read(48_000))
    late.start_frame = 48_000
    whole = Recording(tracks[0].read() + np.pad(late.read(), ((48_000, 0), (0, 0))))
    apart = perform(engine, "pop strings", when, inputs=(late, tracks[0]))
    assert "The key is E major, detected in the audio around it." in apart.remarks
    assert digest(apart.mix) == digest(perform(engine, "pop strings", when, inputs=(whole,)).mix)
    assert digest(apart.mix) != digest(perform(engine, "pop strings", when, inputs=(tracks[0],)).mix)


def test_the_projects_key_and_tempo_win_and_it_says_so(engine: LoadedEngine) -> None:
    played = perform(engine, "rock in F# minor at 170 bpm", timeline(2, key="C major"))
    assert played.report["key"] == "C major"
    assert any("replaces the prompt's F# minor" in sentence for sentence in played.remarks)
    assert any("The project's 120 bpm replace the prompt's 170" in sentence for sentence in played.remarks)


def test_given_chords_are_played(engine: LoadedEngine) -> None:
    rate = 48_000
    marks = (
        ChordMark(position=0, symbol="F#m7"),
        ChordMark(position=2 * rate, symbol="N"),
        ChordMark(position=4 * rate, symbol="D/F#"),
    )
    played = perform(engine, "pop piano and bass", timeline(6, chords=marks))
    bass, piano = played.notes
    assert {note.pitch % 12 for note in piano if note.start < 2 * rate} <= {6, 9, 1, 4}
    assert not [note for notes in played.notes for note in notes if 2 * rate <= note.start < 4 * rate]
    assert {note.pitch % 12 for note in piano if note.start >= 4 * rate} <= {2, 6, 9}
    first = min((note for note in bass if note.start >= 4 * rate), key=lambda note: note.start)
    assert first.pitch % 12 == 6


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "   ",
        "🎹🎸",
        "lofi " * 2_000,
        "\x00\n\t",
        "))((*&^%$#@!",
    ],
)
def test_strange_prompts_give_music_and_a_clear_word(engine: LoadedEngine, prompt: str) -> None:
    played = perform(engine, prompt, timeline(2))
    assert loudness(played.mix)[0] > -30
    assert all(len(sentence) < 4_096 for sentence in played.remarks)
    if "lofi" not in prompt:
        assert any("The prompt names no style, so" in sentence for sentence in played.remarks)


@pytest.mark.parametrize("prompt", ["静かな夜のピアノ", "тихая ночь", "blorptronica at 120", "x" * 10_000])
def test_a_prompt_without_a_known_word_is_refused_and_can_be_played_anyway(
    engine: LoadedEngine, prompt: str
) -> None:
    with pytest.raises(RequestError, match="knows no word of") as refused:
        perform(engine, prompt, timeline(2))
    assert refused.value.code == ErrorCode.BAD_PARAMS
    assert "--anyway plays Pop" in refused.value.remedy
    played = perform(engine, prompt, timeline(2), options=SketchOptions(anyway=True))
    assert loudness(played.mix)[0] > -30
    assert all(len(sentence) < 4_096 for sentence in played.remarks)


def test_the_nearest_words_are_named(engine: LoadedEngine) -> None:
    with pytest.raises(RequestError) as refused:
        perform(engine, "trumbolone and klarinettist", timeline(2))
    assert refused.value.remedy.startswith("Nearest: trombone, clarinet")


def test_a_length_that_the_range_does_not_have_is_told(engine: LoadedEngine) -> None:
    def told(prompt: str) -> list[str]:
        return [one for one in perform(engine, prompt, timeline(4)).remarks if "decides the length" in one]

    assert told("16 bars of rock") == ["The range decides the length, 2 bars, not the prompt's 16."]
    assert told("30 second pad") == [
        "The range decides the length, 4.0 seconds, not the prompt's 30 seconds."
    ]
    assert told("rock, 2 bars") == told("4 second pad") == told("rock") == []


def test_a_redo_says_that_another_version_of_the_band_played_first(engine: LoadedEngine) -> None:
    def told(band: str) -> list[str]:
        options = SketchOptions(band=band)
        return [
            one for one in perform(engine, "drums", timeline(2), options=options).remarks if "version" in one
        ]

    assert told("1") == [
        f"This was first played by version 1 of the embedded band and now by version {BAND_VERSION}, so the result "
        "may differ."
    ]
    assert told("") == told(BAND_VERSION) == []


def suggested(engine: LoadedEngine, prompt: str) -> dict:
    request = TaskRequest(SuggestParams(prompt=prompt), timeline(1), 1)
    (report,) = engine.suggest(request, PatientContext())
    return dict(report.values)


def test_suggestions(engine: LoadedEngine) -> None:
    assert suggested(engine, "rock at 143 bpm in F# minor, 7/8") == {
        "bpm": 143.0,
        "numerator": 7,
        "denominator": 8,
        "key": "F# minor",
    }
    assert suggested(engine, "12 bar blues band")["bars"] == 12
    assert suggested(engine, "4 bars of 12 bar blues")["bars"] == 4
    slow, usual = suggested(engine, "slow sad lofi"), suggested(engine, "lofi")
    assert slow["bpm"] < usual["bpm"]
    assert slow["key"].endswith("minor")
    assert 60 <= usual["bpm"] <= 95


def test_an_hour_is_played_in_bounded_memory(engine: LoadedEngine) -> None:
    import tracemalloc

    when = timeline(3_600, rate=8_000)
    request = TaskRequest(GenerateParams(prompt="house drums"), when, 1, (), SketchOptions())
    frames, most = 0, 0
    tracemalloc.start()
    try:
        for output in engine.text(request, PatientContext()):
            samples = getattr(output, "samples", None)
            frames += 0 if samples is None else len(samples)
            if frames > 8_000 * 120:
                most = max(most, tracemalloc.get_traced_memory()[0])
            if frames > 8_000 * 300:
                break
    finally:
        tracemalloc.stop()
    assert 0 < most < 40 * 2**20
