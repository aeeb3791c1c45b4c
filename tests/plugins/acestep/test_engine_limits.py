"""What the engine keeps, gives back and refuses: takes, memory, cancels, lengths, damage."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bandmate_plugins._engines.acestep import AceStepEngine, memory
from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.sampling import codec
from bandmate_plugins._host.checked_run import run_checked
from bandmate_plugins._host.loading import load_task, read_catalogue
from bandmate_plugins._models.place import MIRROR
from bandmate_plugins.outputs import StageProgress
from bandmate_plugins.request import JobCancelled
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_plugins.testing.running import CancellingContext, PatientContext, gather_result, make_request
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_server.workers.runner import describe_error
from tests.plugins.acestep.devices import SmallDevice
from tests.plugins.acestep.making import RATE, made, music, repaint, same


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the samples of each encode."""
    found: list[int] = []
    real = codec.encode_audio

    def counting(modules: Any, samples: Any, **rest: Any) -> Any:
        found.append(len(samples))
        return real(modules, samples, **rest)

    monkeypatch.setattr(codec, "encode_audio", counting)
    return found


def test_what_was_encoded_once_is_not_encoded_again(fresh: LoadedAceStep, encoded: list[int]) -> None:
    source = music(4 * RATE)
    first = repaint(fresh, (RATE, 2 * RATE), source=source)
    assert len(encoded) == 1
    again = repaint(fresh, (RATE, 2 * RATE), source=source, seed=9)
    assert len(encoded) == 1
    assert not same(first, again)


def test_nothing_of_what_was_generated_here_is_encoded(fresh: LoadedAceStep, encoded: list[int]) -> None:
    asked = make_timeline(frames=6 * RATE, sample_rate=RATE)
    song = made(fresh, "generate", {"prompt": "a"}, timeline=asked).stems[0].samples
    made(fresh, "cover", {"prompt": "b"}, timeline=asked, inputs=[MemoryInput(song)])
    # Any ranges of it, and of any part of it, wherever that begins.
    for first, last in ((0, RATE), (RATE + 77, 2 * RATE), (4 * RATE - 1, 6 * RATE)):
        assert repaint(fresh, (first, last), source=song).stems[0].start_frame == first
    part = made(
        fresh,
        "repaint",
        {"prompt": "a"},
        timeline=make_timeline(frames=RATE, start_frame=20 * RATE, sample_rate=RATE),
        inputs=[MemoryInput(song[1_111 : 5 * RATE], start_frame=19 * RATE)],
    )
    repaint(fresh, (RATE, 2 * RATE), (3 * RATE, 4 * RATE + 9), source=song)
    over = make_timeline(frames=6 * RATE, sample_rate=RATE)
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
        assert any(
            "The device ran out of memory, so the model continued" in remark for remark in result.remarks
        ) == (tier == "small")


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
    assert describe_error(raised.value, "acestep")[0] == ErrorCode.OUT_OF_MEMORY
    assert place.held == 0
    result = made(LoadedAceStep("cpu", "small", store, place), "generate", {"prompt": "a"})
    assert place.most < 1_900_000
    assert any("ran out of memory, so the model continued with two layers" in each for each in result.remarks)
    assert same(result, made(LoadedAceStep("cpu", "full", store), "generate", {"prompt": "a"}))


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("accompany", {"model": "ace_step1.5"}, "ace_step1.5 is a turbo checkpoint, but only base ones"),
    ("separate", {"model": "ace_step1.5"}, "only base ones were trained to extract parts"),
    ("separate", {"mode": "drums"}, "ACE-Step extracts drums as one track and cannot separate a drum kit"),
    ("generate", {"model": "acestep_v15_sft"}, "acestep_v15_sft is not installed"),
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
    with pytest.raises(RequestError, match="` needs audio"):
        run_task(task, {}, engine=engine)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 44_100, 47_999, 48_000, 96_000])
@pytest.mark.parametrize("task", ["generate", "repaint"])
def test_odd_lengths_at_odd_rates_come_out_to_the_frame(engine: LoadedAceStep, task: str, rate: int) -> None:
    for frames in (1, 313, 1_919, 20_011, 3 * rate - 1):
        asked = make_timeline(frames=frames, start_frame=rate + 13, sample_rate=rate)
        source = MemoryInput(music(2 * rate + frames), start_frame=7)
        inputs = [] if task == "generate" else [source]
        made_of = made(engine, task, {"prompt": "a", "steps": 1}, timeline=asked, inputs=inputs)
        (stem,) = made_of.stems
        assert (stem.start_frame, len(stem.samples)) == (rate + 13, frames)


def test_a_cancel_at_any_step_and_window_leaves_the_engine_usable(
    engine: LoadedAceStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "window_latents", lambda free: 8)
    asked = make_timeline(frames=2 * RATE, sample_rate=RATE)
    task = load_task(read_catalogue(), "generate")
    request = make_request(task, {"prompt": "a"}, asked, (), 3, engine=engine)

    def run(context: CancellingContext) -> TaskResult:
        return gather_result(run_checked(task, request, engine, context))

    counted = CancellingContext()
    plain = run(counted)
    windows = sum(step.stage == "Decoding" for step in plain.steps)
    assert windows == 7  # 50 latents, 8 at a time
    assert counted.checks >= 8 + windows
    for at in range(1, counted.checks + 1):
        with pytest.raises(JobCancelled):
            run(CancellingContext(at))
    # Closed between two windows, as the host does it, it is as usable.
    for window in range(1, windows):
        running = run_checked(task, request, engine, PatientContext())
        seen = 0
        while seen < window:
            output = next(running)
            seen += isinstance(output, StageProgress) and output.stage == "Decoding"
        running.close()
    assert same(plain, run(CancellingContext()))


def test_ranges_that_cannot_be_are_refused(engine: LoadedAceStep) -> None:
    with pytest.raises(RequestError, match="empty"):
        made(engine, "generate", {}, timeline=make_timeline(frames=0))
    with pytest.raises(RequestError, match="700 s long"):
        made(engine, "generate", {}, timeline=make_timeline(frames=700 * RATE, sample_rate=RATE))
    long = MemoryInput(np.zeros((700 * RATE, 1), np.float32))
    with pytest.raises(RequestError, match="demucs and dsp take any length"):
        made(engine, "separate", {}, inputs=[long])
    with pytest.raises(RequestError, match="s is outside the audio, which runs from"):
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
    assert (engine.readiness().status, sorted(engine.readiness().lacks)) == ("ready", ["analyse"])
    assert "models pull acestep_5hz_lm_0.6b" in engine.readiness().lacks["analyse"]
    shutil.copytree(mirror / "ACE-Step" / "Ace-Step1.5", tmp_path / "m" / "ACE-Step" / "Ace-Step1.5")
    monkeypatch.setenv(MIRROR, str(tmp_path / "m"))
    turbo = engine.readiness()
    assert turbo.status == "ready"
    assert sorted(turbo.lacks) == ["accompany", "analyse", "separate"]
    assert "models pull acestep_v15_base" in turbo.lacks["separate"]
    base, planner = ("acestep_v15_base",), ("acestep_5hz_lm_0.6b",)
    assert turbo.lacking_models == {"accompany": base, "separate": base, "analyse": planner}
    with pytest.raises(RequestError, match="No installed checkpoint of ACE-Step") as refused:
        made(LoadedAceStep("cpu", "full"), "accompany", {})
    assert "models pull acestep_v15_base" in refused.value.remedy
    assert refused.value.models == ("acestep_v15_base",)
    monkeypatch.setenv(MIRROR, str(tmp_path / "nothing"))
    with pytest.raises(RequestError, match="No weights of ACE-Step are installed") as missing:
        made(LoadedAceStep("cpu", "full"), "generate", {})
    assert missing.value.code == ErrorCode.ENGINE_UNAVAILABLE
    assert "models pull ace_step1.5" in missing.value.remedy
    assert missing.value.models == ("ace_step1.5",)
    assert engine.readiness().status == "needs_weights"
    assert "models pull ace_step1.5" in engine.readiness().reason
    assert engine.readiness().models == ("ace_step1.5",)


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
