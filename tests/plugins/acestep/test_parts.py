"""The parts of the engine that need no model: grid, latents on the disk, words, levels, steps, presets."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bandmate_plugins._engines.acestep.grid import LatentGrid, ProjectResampler, SourceSpan, read_excerpt
from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.levels import matching_gain, part_gain, surrounding_gain
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.musical import music_metadata
from bandmate_plugins._engines.acestep.presets import choose_preset
from bandmate_plugins._engines.acestep.stepping import OnStep, run_with_steps
from bandmate_plugins._engines.acestep.takes import TakeIndex
from bandmate_plugins._engines.acestep.tracks import stem_for_prompt, tracks_in_prompt
from bandmate_plugins._engines.acestep.variants import CORE, VARIANTS, CheckpointVariant
from bandmate_plugins._engines.sketch.words.suggestion import suggest_for_prompt
from bandmate_plugins._tasks.generate import SuggestParams
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import StageProgress, TaskReport
from bandmate_plugins.request import JobCancelled, TaskRequest
from bandmate_plugins.testing import MemoryInput, make_timeline
from bandmate_plugins.testing.running import PatientContext
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import TempoPoint

RATES = (8_000, 11_025, 22_050, 44_100, 44_101, 47_999, 48_000, 96_000)
FRAMES = (1, 257, 1_919, 1_920, 100_001)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", FRAMES)
@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_any_length_at_any_rate_comes_out_to_the_frame(rate: int, frames: int, device: str) -> None:
    grid = LatentGrid(rate, 48_000, 1_920)
    latents = grid.covering_latents(frames)
    assert (latents - 1) * grid.hop < frames * 48_000 / rate <= latents * grid.hop
    for lead in {0, grid.lead_latents}:
        outgoing = ProjectResampler(grid, frames, lead, device)
        samples = np.ones(((latents + lead) * grid.hop, 2), np.float32)
        given = [outgoing.add(samples[:700]), outgoing.add(samples[700:], last=True)]
        assert sum(map(len, given)) == frames


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_on_a_device_the_rate_is_converted_there_and_the_audio_is_the_same(rate: int) -> None:
    grid = LatentGrid(rate, 48_000, 1_920)
    samples = np.repeat(sine(96_000, 48_000, 1_000.0), 2, axis=1)
    host, device = (
        np.concatenate((outgoing.add(samples[:9_999]), outgoing.add(samples[9_999:], last=True)))
        for outgoing in (ProjectResampler(grid, 2 * rate, 0, name) for name in ("cpu", "cpu:0"))
    )
    inside = slice(1_000, -1_000)
    assert np.abs(device[inside] - host[inside]).max() < 1e-5
    # Two resamplers they are.
    assert not np.array_equal(device, host)


def sine(frames: int, rate: int, hertz: float = 110.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(frames) / rate).astype(np.float32)[:, None]


@pytest.mark.parametrize("rate", RATES)
def test_an_excerpt_lies_where_it_belongs_to_the_sample(rate: int) -> None:
    source = MemoryInput(sine(2 * rate, rate), start_frame=1_000)
    grid = LatentGrid(rate, 48_000, 1_920)
    origin = 1_000 + rate  # one second into it
    got = read_excerpt(SourceSpan(source, origin, -5, 10, grid)).samples
    at = 1 + (np.arange(-5 * 1_920, 10 * 1_920)) / 48_000
    wanted = np.sin(2 * np.pi * 110.0 * at)
    assert got.shape == (15 * 1_920, 2)
    assert np.abs(got[:, 0] - wanted).max() < 2e-3
    back = ProjectResampler(grid, grid.whole_latents(rate // 4) and rate // 4, 0).add(
        got[5 * 1_920 :], last=True
    )
    inner = slice(rate // 50, rate // 5)
    assert np.abs(back[inner, 0] - source.read(rate, rate // 4)[inner, 0]).max() < 4e-3


def test_the_same_audio_has_the_same_name_and_other_audio_another() -> None:
    grid = LatentGrid(44_100, 48_000, 1_920)
    audio = sine(44_100, 44_100)
    first, again = (read_excerpt(SourceSpan(MemoryInput(audio), 0, 0, 25, grid)).digest for _ in range(2))
    moved = read_excerpt(SourceSpan(MemoryInput(audio, start_frame=1), 0, 0, 25, grid)).digest
    changed = audio.copy()
    changed[20_000] += 1e-6
    other = read_excerpt(SourceSpan(MemoryInput(changed), 0, 0, 25, grid)).digest
    assert first == again
    assert (
        len({first, moved, other, read_excerpt(SourceSpan(MemoryInput(audio), 0, 0, 24, grid)).digest}) == 4
    )


def test_latents_are_kept_within_their_budget_the_latest_used_longest(tmp_path: Path) -> None:
    latents = np.arange(64, dtype=np.float32).reshape(16, 4)
    store = LatentStore(tmp_path / "latents", 1_400)  # three files of 522 bytes are too many
    store.put("vae", "a", latents=latents)
    store.put("vae", "b", latents=latents + 1)
    for path in (tmp_path / "latents").iterdir():
        os.utime(path, (1, 1))
    assert np.array_equal(store.get("vae", "a"), latents)  # type: ignore[arg-type]
    store.put("vae", "c", latents=latents + 2)
    assert store.get("vae", "b") is None
    assert store.get("vae", "a") is not None
    assert store.get("other codec", "a") is None


def test_damaged_latents_and_a_folder_that_cannot_be_written_are_no_error(tmp_path: Path) -> None:
    store = LatentStore(tmp_path / "latents")
    store.put("vae", "a", latents=np.zeros((2, 4), np.float32))
    (path,) = (tmp_path / "latents").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    assert store.get("vae", "a") is None
    (tmp_path / "file").touch()
    nowhere = LatentStore(tmp_path / "file" / "latents")
    nowhere.put("vae", "a", latents=np.zeros((2, 4), np.float32))
    assert nowhere.get("vae", "a") is None


def kept_take(tmp_path: Path, rate: int, frames: int) -> tuple[TakeIndex, LatentGrid, np.ndarray, np.ndarray]:
    random = np.random.default_rng(rate)
    grid = LatentGrid(rate, 48_000, 1_920)
    takes = TakeIndex(LatentStore(tmp_path / "latents"), "vae", grid)
    audio = random.standard_normal((frames, 2)).astype(np.float32)
    audio[: frames // 3] = 0  # nothing to be found by
    latents = random.standard_normal((grid.covering_latents(frames), 4)).astype(np.float32)
    takes.add_take(audio, latents)
    return takes, grid, audio, latents


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
@pytest.mark.parametrize(("first", "last"), [(0, None), (0.4, 0.9), (0.31, None), (0.5, 0.55)])
def test_a_take_is_found_by_any_part_of_it(
    tmp_path: Path, rate: int, first: float, last: float | None
) -> None:
    frames = 6 * rate + 77
    takes, grid, audio, latents = kept_take(tmp_path, rate, frames)
    takes.add_take(audio[::-1].copy(), latents)  # another one
    begin, end = int(first * frames), frames if last is None else int(last * frames)
    source = MemoryInput(audio[begin:end], start_frame=10 * rate)
    take = takes.find_match(source)
    assert take is not None
    assert take.at == 10 * rate - begin
    at = take.latent_boundary(source.start_frame + (end - begin) // 2)
    number = (at - take.at) // take.frames
    stretch = SourceSpan(source, at, -2, 1, grid)
    found = take.latents_over(stretch, (), np.zeros((3, 4), np.float32))
    assert found is not None
    assert np.array_equal(found, latents[number - 2 : number + 1])
    assert take.latents_over(SourceSpan(source, at + 1, -3, 2, grid), (), found) is None


def test_what_was_changed_in_a_take_is_not_taken_for_it_unless_it_can_be_spared(tmp_path: Path) -> None:
    takes, grid, audio, latents = kept_take(tmp_path, 48_000, 288_000)
    changed = audio.copy()
    changed[200_000] += 1e-6
    source = MemoryInput(changed)
    take = takes.find_match(source)
    assert take is not None
    assert int((~take.same).sum()) == 1
    whole = SourceSpan(source, 0, 0, len(latents), grid)
    quiet = np.full((len(latents), 4), 9, np.float32)
    assert take.latents_over(whole, (), quiet) is None
    known = take.latents_over(whole, [(104, 105)], quiet)
    assert known is not None
    assert np.array_equal(known[:104], latents[:104])
    assert (known[104] == 9).all()
    # Beyond the source there is nothing that could be known.
    beyond = take.latents_over(SourceSpan(source, 0, 140, 160, grid), (), quiet)
    assert beyond is not None
    assert np.array_equal(beyond[:10], latents[140:150])
    assert (beyond[10:] == 9).all()


def test_other_audio_and_silence_and_odd_rates_are_no_take(tmp_path: Path) -> None:
    takes, _, audio, _ = kept_take(tmp_path, 48_000, 288_000)
    assert takes.find_match(MemoryInput(audio * np.float32(0.5))) is None
    assert takes.find_match(MemoryInput(np.zeros_like(audio))) is None
    assert takes.find_match(MemoryInput(audio[:5])) is None
    assert takes.find_match(MemoryInput(audio[:, :1])) is None
    odd, _, other, _ = kept_take(tmp_path / "odd", 44_101, 88_202)
    assert odd.find_match(MemoryInput(other)) is None
    for path in (tmp_path / "latents").iterdir():
        path.write_bytes(path.read_bytes()[:500])
    assert (
        TakeIndex(LatentStore(tmp_path / "latents"), "vae", LatentGrid(48_000, 48_000, 1_920)).find_match(
            MemoryInput(audio)
        )
        is None
    )


@pytest.mark.parametrize(
    ("metre", "known"), [("4/4", 4), ("3/4", 3), ("2/4", 2), ("6/8", 6), ("12/8", 6), ("7/8", None)]
)
def test_metres_are_told_in_the_models_words(metre: str, known: int | None) -> None:
    music = music_metadata(MusicalRange.from_timeline(make_timeline(2, metre=metre)))
    assert music.metre == known
    assert any(metre in remark for remark in music.remarks) == (known is None)


@pytest.mark.parametrize(
    ("key", "known", "remark"),
    [
        (None, None, ""),
        ("C# minor", "C# minor", ""),
        ("Bb", "Bb major", ""),
        ("Am", "A minor", ""),
        ("F# dorian", "F# minor", "The model supports only major and minor, so it was given"),
        ("H dur", None, "The model does not support the key"),
    ],
)
def test_keys_are_told_in_the_models_words(key: str | None, known: str | None, remark: str) -> None:
    music = music_metadata(MusicalRange.from_timeline(make_timeline(2, key=key)))
    assert music.key == known
    assert remark in " ".join(music.remarks)


def test_a_tempo_that_moves_is_told_by_its_mean_and_one_out_of_reach_not_at_all() -> None:
    assert music_metadata(MusicalRange.from_timeline(make_timeline(2, bpm=97.3))).bpm == 97
    points = (
        TempoPoint(position=0.0, bpm=90.0, shape="linear"),
        TempoPoint(position=480_000.0, bpm=150.0),
    )
    moving = music_metadata(MusicalRange.from_timeline(make_timeline(frames=480_000, tempo=points)))
    assert moving.bpm == 120
    assert "120 bpm" in moving.remarks[0]
    assert music_metadata(MusicalRange.from_timeline(make_timeline(2, bpm=400.0))).bpm is None


@pytest.mark.parametrize(
    ("prompt", "tracks"),
    [
        ("add a shaker", ["percussion"]),
        ("strings pad", ["strings"]),
        ("warm bass guitar", ["bass"]),
        ("choir and soft pianos", ["keyboard", "backing_vocals"]),
        ("backing vocals", ["backing_vocals"]),
        ("a male voice", ["vocals"]),
        ("jazz trio", []),
    ],
)
def test_tracks_are_found_in_prompts(prompt: str, tracks: list[str]) -> None:
    assert tracks_in_prompt(prompt) == tracks
    assert stem_for_prompt(prompt)[1] == (tracks[0] if len(tracks) == 1 else "mix")


def test_gains_match_what_they_are_measured_by_and_stay_in_bounds() -> None:
    random = np.random.default_rng(2)
    noise = 0.1 * random.standard_normal((48_000, 2)).astype(np.float32)
    assert surrounding_gain(noise * 0.5, noise) == pytest.approx(2.0, rel=1e-3)
    assert surrounding_gain(noise * 1e-9, noise) == 1.0
    assert matching_gain(noise, 48_000, None) == 1.0
    assert matching_gain(noise, 48_000, 40.0) == pytest.approx(10 ** (12 / 20))
    other = 0.1 * random.standard_normal((48_000, 2)).astype(np.float32)
    assert part_gain(noise * 0.5, noise + other) == pytest.approx(2.0, rel=0.05)
    assert part_gain(other, noise) == 1.0


def variant(name: str) -> CheckpointVariant:
    return next(each for each in VARIANTS if each.name == name)


def test_each_checkpoint_has_the_preset_that_it_was_made_for() -> None:
    presets = {each.name: choose_preset(each, "text") for each in VARIANTS}
    for each in VARIANTS:
        own = presets[each.name]
        if each.kind == "turbo":
            assert (own.steps, own.guidance) == (8, 1.0)
            assert own.shift == (1.0 if "shift1" in each.name else 3.0)
        else:
            assert (own.steps, own.shift) == (50, 1.0)
    assert choose_preset(variant("acestep_v15_base"), "separate").guidance == 1.0


def test_what_a_preset_may_not_be_is_refused_or_said() -> None:
    assert choose_preset(CORE, "text", 12).steps == 12
    with pytest.raises(RequestError, match="at most 20 steps, not 21"):
        choose_preset(CORE, "text", 21)
    assert "has its guidance built in" in choose_preset(CORE, "text", None, 5.0).remarks[0]
    own = choose_preset(variant("acestep_v15_sft"), "text", 30, 2.5)
    assert (own.steps, own.guidance, own.shift) == (30, 2.5, 1.0)


class Cancelling(PatientContext):
    def __init__(self, at: int) -> None:
        self._left = at

    def check(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise JobCancelled


def counted(seen: list[int]):
    def work(on_step: OnStep) -> str:
        for step in range(1, 6):
            on_step(step, 5)
            seen.append(step)
        return "done"

    return work


def test_steps_are_told_while_a_call_runs_and_its_result_comes_back() -> None:
    outputs = []

    def run():
        result = yield from run_with_steps(counted([]), "Sampling", PatientContext())
        outputs.append(result)

    steps = list(run())
    assert steps == [StageProgress("Sampling", step, 5) for step in range(1, 6)]
    assert outputs == ["done"]


def test_what_a_call_raises_is_raised_and_a_cancel_ends_it() -> None:
    def fails(on_step: OnStep) -> None:
        on_step(1, 2)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(run_with_steps(fails, "Sampling", PatientContext()))
    with pytest.raises(JobCancelled):
        list(run_with_steps(counted([]), "Sampling", Cancelling(2)))
    running = run_with_steps(counted([]), "Sampling", PatientContext())
    next(running)
    running.close()


def test_a_prompt_suggests_the_same_as_to_the_embedded_band_without_a_checkpoint(tmp_path: Path) -> None:
    prompt = "rock at 143 bpm in F# minor, 7/8"
    for text, seed in ((prompt, 1), ("slow sad lofi", 7), ("lofi", 7), ("", 3)):
        request = TaskRequest(SuggestParams(prompt=text), make_timeline(1), seed)
        loaded = LoadedAceStep("cpu", "full", LatentStore(tmp_path))
        (report,) = loaded.suggest(request, PatientContext())
        assert isinstance(report, TaskReport)
        assert report.values == suggest_for_prompt(text, seed)
    assert suggest_for_prompt(prompt, 1) == {
        "bpm": 143.0, "numerator": 7, "denominator": 8, "key": "F# minor",
    }  # fmt: skip
