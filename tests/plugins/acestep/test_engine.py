"""The engine over a tiny checkpoint: every ability through its task, to the frame, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bandmate_plugins.acestep import AceStepEngine, memory
from bandmate_plugins.acestep.latents import LatentStore
from bandmate_plugins.acestep.loaded import LoadedAceStep
from bandmate_plugins.acestep.network import codec
from bandmate_plugins.conduct import conduct
from bandmate_plugins.loading import load_task, read_catalogue
from bandmate_plugins.models.place import MIRROR
from bandmate_plugins.outputs import Steps
from bandmate_plugins.request import JobCancelled
from bandmate_plugins.testing import MemoryInput, Result, check_engine, run_task, timeline
from bandmate_plugins.testing.running import PatientContext, gather, make_request
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_server.workers.performer import describe
from tests.plugins.acestep.devices import SmallDevice

RATE = 8_000


def music(frames: int, channels: int = 2, seed: int = 5) -> np.ndarray:
    """Noise that is left of at the tiny codec's rate."""
    slow = np.random.default_rng(seed).uniform(-0.9, 0.9, (-(-frames // 160), channels))
    return np.repeat(slow, 160, axis=0)[:frames].astype(np.float32)


def made(engine: LoadedAceStep, task: str, params: dict[str, Any], **more: Any) -> Result:
    asked = more.pop("timeline", None) or timeline(frames=2 * RATE, sample_rate=RATE, key="A minor")
    inputs = more.pop("inputs", ())
    if task != "generate" and not inputs:
        inputs = [MemoryInput(music(asked.frames), start_frame=asked.start_frame)]
    return run_task(task, params, timeline=asked, inputs=inputs, engine=engine, seed=more.pop("seed", 3))


def same(one: Result, other: Result) -> bool:
    pairs = zip(one.stems, other.stems, strict=True)
    return all(np.array_equal(a.samples, b.samples) for a, b in pairs)


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
    def at(**music_of: Any) -> Result:
        asked = timeline(frames=RATE, sample_rate=RATE, **music_of)
        return made(engine, "generate", {"prompt": "a"}, timeline=asked)

    plain = at(bpm=100.0)
    assert not same(plain, at(bpm=140.0))
    assert not same(plain, at(bpm=100.0, key="C major"))
    assert not same(plain, at(bpm=100.0, metre="3/4"))
    assert not same(plain, made(engine, "generate", {"prompt": "a"}, seed=4))
    odd = at(bpm=100.0, metre="7/8")
    assert any("7/8" in remark for remark in odd.remarks)


def test_a_reference_is_heard_and_only_its_timbre_counts(engine: LoadedAceStep) -> None:
    plain = made(engine, "generate", {"prompt": "a"})
    reference = MemoryInput(music(3 * RATE, 1), role="reference")
    like = made(engine, "generate", {"prompt": "a"}, inputs=[reference])
    assert not same(plain, like)
    assert len(like.stems[0].samples) == 2 * RATE


def test_a_cover_lets_go_of_its_source_as_far_as_was_asked(engine: LoadedAceStep) -> None:
    # Far apart: the tokens of random weights are coarse.
    one, other = ([MemoryInput(gain * music(2 * RATE))] for gain in (0, 40))

    def cover(strength: float, inputs: list[MemoryInput]) -> Result:
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

    def cover(strength: float, near: float, heard: MemoryInput = source) -> Result:
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
    asked = timeline(frames=RATE, start_frame=RATE, sample_rate=RATE)
    inputs = [] if task == "generate" else [MemoryInput(music(3 * RATE))]
    plain = made(engine, task, params, timeline=asked, inputs=inputs)
    assert not same(plain, made(engine, task, params | change, timeline=asked, inputs=inputs))


def repaint(engine: LoadedAceStep, *ranges: tuple[int, int], source: np.ndarray, **params: Any) -> Result:
    spans = [{"start_frame": first, "end_frame": last} for first, last in ranges]
    asked = timeline(frames=ranges[-1][1] - ranges[0][0], start_frame=ranges[0][0], sample_rate=RATE)
    seed = params.pop("seed", 3)
    values = {"prompt": "a", "ranges": spans} | params
    return made(engine, "repaint", values, timeline=asked, inputs=[MemoryInput(source)], seed=seed)


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
    over = timeline(frames=4 * RATE, start_frame=4 * RATE, sample_rate=RATE, bpm=120)
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
    over = timeline(frames=4 * RATE, sample_rate=RATE, bpm=120)

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
    source = music(RATE)
    asked = timeline(frames=RATE, sample_rate=RATE)

    def taken(channels: int = 2, **params: Any) -> Result:
        audio = [MemoryInput(source[:, :channels])]
        return made(engine, "separate", {"steps": 2, **params}, timeline=asked, inputs=audio)

    named = taken(mode="tracks", stems="synth, backing_vocals", residual=True)
    assert [stem.role for stem in named.stems] == ["synth", "backing_vocals", "residual"]
    assert np.abs(sum(stem.samples for stem in named.stems) - source).max() < 1e-5
    four = taken(channels=1)
    assert [stem.role for stem in four.stems] == ["drums", "bass", "vocals", "other"]
    assert np.abs(sum(stem.samples for stem in four.stems) - source[:, :1]).max() < 1e-5
    two = taken(mode="two", stems="instrumental", residual=True)
    assert [stem.role for stem in two.stems] == ["instrumental", "residual"]
    assert np.abs(sum(stem.samples for stem in two.stems) - source).max() < 1e-5


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the samples of each encode."""
    found: list[int] = []
    real = codec.encode

    def counting(modules: Any, samples: Any, **rest: Any) -> Any:
        found.append(len(samples))
        return real(modules, samples, **rest)

    monkeypatch.setattr(codec, "encode", counting)
    return found


def test_what_was_encoded_once_is_not_encoded_again(fresh: LoadedAceStep, encoded: list[int]) -> None:
    source = music(4 * RATE)
    first = repaint(fresh, (RATE, 2 * RATE), source=source)
    assert len(encoded) == 1
    again = repaint(fresh, (RATE, 2 * RATE), source=source, seed=9)
    assert len(encoded) == 1
    assert not same(first, again)


def test_nothing_of_what_was_generated_here_is_encoded(fresh: LoadedAceStep, encoded: list[int]) -> None:
    asked = timeline(frames=6 * RATE, sample_rate=RATE)
    song = made(fresh, "generate", {"prompt": "a"}, timeline=asked).stems[0].samples
    made(fresh, "cover", {"prompt": "b"}, timeline=asked, inputs=[MemoryInput(song)])
    # Any ranges of it, and of any part of it, wherever that begins.
    for first, last in ((0, RATE), (RATE + 77, 2 * RATE), (4 * RATE - 1, 6 * RATE)):
        assert repaint(fresh, (first, last), source=song).stems[0].start_frame == first
    part = made(
        fresh,
        "repaint",
        {"prompt": "a"},
        timeline=timeline(frames=RATE, start_frame=20 * RATE, sample_rate=RATE),
        inputs=[MemoryInput(song[1_111 : 5 * RATE], start_frame=19 * RATE)],
    )
    repaint(fresh, (RATE, 2 * RATE), (3 * RATE, 4 * RATE + 9), source=song)
    over = timeline(frames=6 * RATE, sample_rate=RATE)
    made(fresh, "extend", {"after": 1}, timeline=over, inputs=[MemoryInput(song)])
    assert encoded == []
    # What was changed outside of the range is no longer what was generated.
    other = song.copy()
    other[3 * RATE] += 0.1
    repaint(fresh, (RATE, 2 * RATE), source=other)
    assert len(encoded) == 1
    # Inside of it, it does not matter: it is made anew.
    inside = song.copy()
    inside[RATE + RATE // 2] += 0.1
    same_again = repaint(fresh, (RATE, 2 * RATE), source=inside)
    assert len(encoded) == 1
    assert len(same_again.stems[0].samples) == len(part.stems[0].samples) == RATE


def test_every_tier_gives_the_same_audio_and_the_small_one_says_why(
    engine: LoadedAceStep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How the codec's windows join is the affair of its own tests.
    monkeypatch.setattr(memory, "window_latents", lambda free: 100)
    plain = made(engine, "generate", {"prompt": "a"})
    for free, tier in ((0.0, "full"), (memory.WORK_BYTES + 300_000.0, "full"), (float("inf"), "small")):
        monkeypatch.setattr(memory, "free_bytes", lambda device, free=free: free)
        other = LoadedAceStep("cpu", tier, LatentStore(tmp_path / "other"))
        result = made(other, "generate", {"prompt": "a"})
        assert same(plain, result)
        assert any("memory ran out" in remark for remark in result.remarks) == (tier == "small")


def write_text_encoder(folder: Path) -> None:
    """One that is larger than all the rest of a tiny checkpoint: three layers of 0.8 MB."""
    from transformers import Qwen3Config, Qwen3Model

    known = json.loads((folder / "config.json").read_text())
    torch.manual_seed(1)
    config = Qwen3Config.from_dict(
        known | {"num_hidden_layers": 3, "intermediate_size": 4096, "layer_types": None}
    )
    Qwen3Model(config).save_pretrained(folder)


class Boasting(SmallDevice):
    """Says that it has room for any one module, and has not."""

    def free_bytes(self) -> float:
        return memory.WORK_BYTES + 2_500_000.0


def test_out_of_memory_is_told_as_such_and_one_way_lower_the_same_music_comes(
    hub: Path, mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(hub / "ACE-Step" / "Ace-Step1.5", tmp_path / "m" / "ACE-Step" / "Ace-Step1.5")
    monkeypatch.setenv(MIRROR, str(tmp_path / "m"))
    write_text_encoder(tmp_path / "m" / "ACE-Step" / "Ace-Step1.5" / "Qwen3-Embedding-0.6B")
    # How the codec's windows join is the affair of its own tests.
    monkeypatch.setattr(memory, "window_latents", lambda free: 100)
    place, store = Boasting(1_900_000), LatentStore(tmp_path / "l")
    with pytest.raises(torch.OutOfMemoryError) as raised:
        made(LoadedAceStep("cpu", "full", store, place), "generate", {"prompt": "a"})
    # By this the server's worker knows what to do: drop the engine and load it anew, one tier lower.
    assert describe(raised.value, "acestep")[0] == ErrorCode.OUT_OF_MEMORY
    assert place.held == 0
    result = made(LoadedAceStep("cpu", "small", store, place), "generate", {"prompt": "a"})
    assert place.most < 1_900_000
    assert any("memory ran out, so the model went on with two layers" in each for each in result.remarks)
    assert same(result, made(LoadedAceStep("cpu", "full", store), "generate", {"prompt": "a"}))


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("accompany", {"model": "ace_step1.5"}, "ace_step1.5 is a turbo checkpoint, and only base ones"),
    ("separate", {"model": "ace_step1.5"}, "only base ones were trained to take parts out"),
    ("separate", {"mode": "drums"}, "cannot take a drum kit apart"),
    ("generate", {"model": "acestep_v15_sft"}, "acestep_v15_sft is not here"),
    ("generate", {"model": "nonsense"}, "ACE-Step has no model 'nonsense'"),
    ("generate", {"steps": 21}, "at most 20 steps, not 21"),
    ("generate", {"steps": 0}, "Steps must be"),
    ("generate", {"guidance": 9.0}, "Guidance must be"),
    ("generate", {"language": "xx"}, "Language must be"),
    ("generate", {"prompt": "very " * 80}, "The prompt is too long for ACE-Step"),
    ("generate", {"lyrics": "la " * 1_300}, "The lyrics are too long for ACE-Step"),
    ("generate", {"lyrics": "la " * 2_000}, "Lyrics must be text of at most 4096"),
]


@pytest.mark.parametrize(("task", "params", "sentence"), REFUSED)
def test_what_cannot_be_is_refused_with_a_sentence(
    engine: LoadedAceStep, task: str, params: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RequestError) as refused:
        made(engine, task, params)
    assert sentence in f"{refused.value.sentence} {refused.value.remedy}"


@pytest.mark.parametrize("task", ["cover", "accompany", "separate", "repaint"])
def test_a_task_on_audio_needs_some(engine: LoadedAceStep, task: str) -> None:
    with pytest.raises(RequestError, match="works on audio"):
        run_task(task, {}, engine=engine)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 44_100, 47_999, 48_000, 96_000])
@pytest.mark.parametrize("task", ["generate", "repaint"])
def test_odd_lengths_at_odd_rates_come_out_to_the_frame(engine: LoadedAceStep, task: str, rate: int) -> None:
    for frames in (1, 313, 1_919, 20_011, 3 * rate - 1):
        asked = timeline(frames=frames, start_frame=rate + 13, sample_rate=rate)
        source = MemoryInput(music(2 * rate + frames), start_frame=7)
        inputs = [] if task == "generate" else [source]
        made_of = made(engine, task, {"prompt": "a", "steps": 1}, timeline=asked, inputs=inputs)
        (stem,) = made_of.stems
        assert (stem.start_frame, len(stem.samples)) == (rate + 13, frames)


class Cancelling(PatientContext):
    """Cancels at a check, counted from 1."""

    def __init__(self, at: int | None = None) -> None:
        self.checks = 0
        self._at = at

    def check(self) -> None:
        self.checks += 1
        if self.checks == self._at:
            raise JobCancelled


def test_a_cancel_at_any_step_and_window_leaves_the_engine_usable(
    engine: LoadedAceStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "window_latents", lambda free: 8)
    asked = timeline(frames=2 * RATE, sample_rate=RATE)
    task = load_task(read_catalogue(), "generate")
    request = make_request(task, {"prompt": "a"}, asked, (), 3)

    def run(context: Cancelling) -> Result:
        return gather(conduct(task, request, engine, context))

    counted = Cancelling()
    plain = run(counted)
    windows = sum(step.stage == "Decoding" for step in plain.steps)
    assert windows == 7  # 50 latents, 8 at a time
    assert counted.checks >= 8 + windows
    for at in range(1, counted.checks + 1):
        with pytest.raises(JobCancelled):
            run(Cancelling(at))
    # Closed between two windows, as the host does it, it is as usable.
    for window in range(1, windows):
        running = conduct(task, request, engine, PatientContext())
        seen = 0
        while seen < window:
            output = next(running)
            seen += isinstance(output, Steps) and output.stage == "Decoding"
        running.close()
    assert same(plain, run(Cancelling()))


def test_ranges_that_cannot_be_are_refused(engine: LoadedAceStep) -> None:
    with pytest.raises(RequestError, match="empty"):
        made(engine, "generate", {}, timeline=timeline(frames=0))
    with pytest.raises(RequestError, match="700 s long"):
        made(engine, "generate", {}, timeline=timeline(frames=700 * RATE, sample_rate=RATE))
    long = MemoryInput(np.zeros((700 * RATE, 1), np.float32))
    with pytest.raises(RequestError, match="demucs and dsp take any length"):
        made(engine, "separate", {}, inputs=[long])
    with pytest.raises(RequestError, match="lies outside of the audio"):
        repaint(engine, (9 * RATE, 10 * RATE), source=music(4 * RATE))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("acestep-v15-turbo/model.safetensors", b"no tensors"),
        ("acestep-v15-turbo/config.json", b"{"),
        ("acestep-v15-turbo/silence_latent.pt", b"no pickle"),
        ("vae/config.json", b"[]"),
        ("vae/diffusion_pytorch_model.safetensors", None),
    ],
)
def test_damaged_weights_are_named(
    hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: Path, file: str, damage: bytes | None
) -> None:
    shutil.copytree(hub / "ACE-Step" / "Ace-Step1.5", tmp_path / "m" / "ACE-Step" / "Ace-Step1.5")
    monkeypatch.setenv(MIRROR, str(tmp_path / "m"))
    path = tmp_path / "m" / "ACE-Step" / "Ace-Step1.5" / file
    path.write_bytes(path.read_bytes()[:5_000] if damage is None else damage)
    with pytest.raises(RequestError, match="cannot be used") as refused:
        made(LoadedAceStep("cpu", "full", LatentStore(tmp_path / "l")), "generate", {})
    assert "models verify" in refused.value.remedy


def test_readiness_says_what_to_pull(mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = AceStepEngine()
    assert (engine.readiness().status, dict(engine.readiness().lacks)) == ("ready", {})
    shutil.copytree(mirror / "ACE-Step" / "Ace-Step1.5", tmp_path / "m" / "ACE-Step" / "Ace-Step1.5")
    monkeypatch.setenv(MIRROR, str(tmp_path / "m"))
    turbo = engine.readiness()
    assert turbo.status == "ready"
    assert sorted(turbo.lacks) == ["accompany", "separate"]
    assert "models pull acestep_v15_base" in turbo.lacks["separate"]
    with pytest.raises(RequestError, match="No checkpoint of ACE-Step that is here") as refused:
        made(LoadedAceStep("cpu", "full"), "accompany", {})
    assert "models pull acestep_v15_base" in refused.value.remedy
    monkeypatch.setenv(MIRROR, str(tmp_path / "nothing"))
    with pytest.raises(RequestError, match="There are no weights of ACE-Step here") as missing:
        made(LoadedAceStep("cpu", "full"), "generate", {})
    assert missing.value.code == ErrorCode.ENGINE_UNAVAILABLE
    assert "models pull ace_step1.5" in missing.value.remedy
    assert engine.readiness().status == "needs_weights"
    assert "models pull ace_step1.5" in engine.readiness().reason


def test_memory_stays_as_it_is_over_many_jobs(engine: LoadedAceStep, loops: Any) -> None:
    import gc

    import psutil

    def run(seed: int) -> None:
        made(engine, "generate", {"prompt": "a", "steps": 2}, seed=seed)
        made(engine, "cover", {"prompt": "a", "steps": 2}, seed=seed)

    for seed in range(6):
        run(seed)
    gc.collect()
    before = psutil.Process().memory_info().rss
    for seed in range(loops(10, 100)):
        run(seed)
    gc.collect()
    assert psutil.Process().memory_info().rss - before < 30_000_000


def test_what_an_engine_raises_has_a_code(engine: LoadedAceStep) -> None:
    with pytest.raises(BandmateError):
        made(engine, "separate", {"mode": "tracks", "stems": "kazoo"})
