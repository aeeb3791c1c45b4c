"""RoFormers, SCNet and MDX23C in a stream: the result of the package's own whole-file call."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_plugins._engines.roformer import RoformerEngine
from bandmate_plugins._engines.roformer.checkpoint import read_config, read_network
from bandmate_plugins._engines.roformer.places import KNOWN_CHECKPOINTS
from bandmate_plugins._tasks.separate import SeparateTask
from bandmate_plugins.outputs import StemAudio
from bandmate_plugins.testing import MemoryInput, TaskResult, check_engine, make_timeline, run_task
from bandmate_plugins.testing.running import PatientContext, make_request
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.plugins.roformer.conftest import CHUNK, FOUR, Write

pytestmark = pytest.mark.usefixtures("one_thread")

RATE = 44_100
KINDS = ["bs_roformer", "mel_band_roformer", "scnet", "mdx23c"]


def music(frames: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    random = np.random.default_rng(frames)
    at = np.arange(frames)[:, None] / RATE
    tones = np.sin(2 * np.pi * at * np.array([220.0, 331.0]))
    return (0.2 * tones + 0.1 * random.standard_normal((frames, 2))).astype(np.float32)


def run(samples: np.ndarray, **params: Any) -> TaskResult:
    return run_task(
        "separate",
        params,
        timeline=make_timeline(frames=len(samples), sample_rate=RATE),
        inputs=[MemoryInput(samples)],
        engine=RoformerEngine().load("cpu", "full"),
    )


def separated(samples: np.ndarray, **params: Any) -> dict[str, Any]:
    return {stem.role: stem.samples for stem in run(samples, **params).stems}


def by_the_package(kind: str, path: Path, samples: np.ndarray) -> dict[str, Any]:
    """What `pymss` makes of the whole file."""
    from pymss.utils import demix, get_model_from_config
    from safetensors.torch import load_file

    network, config = get_model_from_config(kind, path)
    network.load_state_dict(load_file(path.with_name("model.safetensors")))
    # SCNet has no window, which is how it was trained.
    warnings.filterwarnings("ignore", "A window was not provided")
    stems = demix(config, network.eval(), samples.T, "cpu", model_type=kind)
    return {role: stem.T for role, stem in stems.items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("overlap", [1, 2, 4])
def test_the_stream_is_the_packages_own_result(write: Write, kind: str, overlap: int) -> None:
    path = write(kind, overlap=overlap)
    samples = music(3 * CHUNK + 1_234)
    ours, theirs = separated(samples), by_the_package(kind, path, samples)
    assert list(ours) == ["drums", "bass", "vocals", "other"]
    for role, stem in ours.items():
        assert np.abs(stem - theirs[role]).max() < 1e-5
    assert max(np.abs(stem).max() for stem in ours.values()) > 1e-3


@pytest.mark.parametrize("frames", [2_700, CHUNK - 7, CHUNK, CHUNK + 1, 2 * CHUNK - 9, 17_000])
def test_sources_of_any_length_end_as_the_package_ends_them(write: Write, frames: int) -> None:
    path = write("mel_band_roformer", overlap=2)
    samples = music(frames)
    ours, theirs = separated(samples), by_the_package("mel_band_roformer", path, samples)
    for role, stem in ours.items():
        assert stem.shape == samples.shape
        assert np.abs(stem - theirs[role]).max() < 1e-5


def test_an_overlap_that_is_asked_for_is_used(write: Write) -> None:
    write("scnet", name="one", overlap=2)
    write("scnet", name="two", overlap=4)
    samples = music(3 * CHUNK)
    asked, own = separated(samples, model="one", overlap=0.75), separated(samples, model="two")
    assert all(np.array_equal(asked[role], own[role]) for role in own)


@pytest.mark.parametrize(
    ("instruments", "target"),
    [
        (["vocals", "other"], "vocals"),
        (["Vocals", "Instrumental"], None),
        (["vocals", "instrumental"], "instrumental"),
        (["vocals", "other"], None),
        (FOUR, None),
    ],
)
def test_models_of_vocals_give_two_stems(write: Write, instruments: list[str], target: str | None) -> None:
    write("bs_roformer", instruments, target)
    samples = music(2 * CHUNK)
    for more in ({}, {"consistency": True}):
        stems = separated(samples, mode="two", **more)
        assert list(stems) == ["vocals", "instrumental"]
        if target or more:
            assert np.abs(stems["vocals"] + stems["instrumental"] - samples).max() < 1e-5
    assert np.abs(stems["vocals"]).max() > 1e-3
    assert np.abs(stems["vocals"] - samples).max() > 1e-3


def test_what_no_checkpoint_can_do_the_embedded_engine_does_and_says(write: Write) -> None:
    write("bs_roformer", ["vocals", "other"], "vocals")
    result = run(music(CHUNK))
    assert [stem.role for stem in result.stems] == ["drums", "bass", "vocals", "other"]
    assert any("the engine dsp made them" in remark for remark in result.remarks)


def test_drums_of_a_mix_that_no_checkpoint_takes_out_are_said(write: Write) -> None:
    write("bs_roformer", ["vocals", "other"], "vocals")
    result = run(music(CHUNK), mode="drums", from_mix=True)
    assert [stem.role for stem in result.stems] == ["kick", "snare", "hats"]
    assert any("No installed checkpoint gives drums" in remark for remark in result.remarks)


def test_a_drum_track_needs_no_checkpoint(write: Write) -> None:
    path = write("bs_roformer")
    path.with_name("model.safetensors").write_bytes(b"not read")
    result = run(music(CHUNK), mode="drums")
    assert [stem.role for stem in result.stems] == ["kick", "snare", "hats"]
    assert "model" not in result.report


def test_six_stems_serve_for_six_and_for_four(write: Write) -> None:
    write("scnet", [*FOUR, "guitar", "piano"])
    samples = music(CHUNK)
    six, four = separated(samples, mode="six"), separated(samples)
    assert list(six) == ["drums", "bass", "guitar", "piano", "vocals", "other"]
    assert np.abs(four["other"] - (six["other"] + six["guitar"] + six["piano"])).max() < 1e-6


@pytest.mark.parametrize("suffix", [".ckpt", ".pth"])
def test_a_checkpoint_of_torch_is_read_without_running_it(write: Write, suffix: str) -> None:
    path = write("scnet", suffix=suffix)
    assert separated(music(CHUNK))
    import torch

    class Harm:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(path.parent / "harm"),)

    torch.save({"state_dict": Harm()}, path.with_name(f"model{suffix}"))
    with pytest.raises(RequestError, match="cannot be read"):
        separated(music(CHUNK))
    assert not (path.parent / "harm").exists()


@pytest.mark.parametrize(
    "damage", ["truncated", "other network", "no weights", "object", "kind", "mono", "stems"]
)
def test_what_cannot_be_used_is_named(write: Write, damage: str) -> None:
    path = write("bs_roformer")
    weights, text = path.with_name("model.safetensors"), path.read_text()
    if damage == "truncated":
        weights.write_bytes(weights.read_bytes()[:5_000])
    elif damage == "other network":
        path.write_text(text.replace("dim: 8", "dim: 16"))
    elif damage == "no weights":
        weights.unlink()
    elif damage == "object":
        path.write_text(f"harm: !!python/object/apply:os.getcwd []\n{text}")
    elif damage == "kind":
        path.write_text(f"model_type: apollo\n{text}")
    elif damage == "stems":
        path.write_text(text.replace("  - vocals\n", "  - vocals\n  - guitar\n"))
    else:
        path.write_text(text.replace("stereo: true", "stereo: false"))
    with pytest.raises(RequestError, match="tiny") as refused:
        separated(music(CHUNK))
    assert refused.value.code == ErrorCode.ENGINE_UNAVAILABLE
    assert "\n" not in refused.value.sentence
    assert "models verify" in refused.value.remedy
    assert "dsp" in refused.value.remedy


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        ("bs_roformer", "depth: 1\n", "depth: 8000\n", "its configuration is far larger than its weights"),
        ("bs_roformer", "dim: 8\n", "dim: 8000\n", "its configuration is far larger than its weights"),
        (
            "mel_band_roformer",
            "depth: 1\n",
            "depth: 8000\n",
            "its configuration is far larger than its weights",
        ),
        (
            "mdx23c",
            "num_channels: 4\n",
            "num_channels: 8000\n",
            "its configuration is far larger than its weights",
        ),
        ("bs_roformer", "depth: 1\n", "depth: 1000000\n", "depth is 1000000"),
        ("mel_band_roformer", "num_bands: 6\n", "num_bands: 1000000\n", "num_bands is 1000000"),
        ("scnet", "nfft: 512\n", "nfft: 1000000000\n", "nfft is 1000000000"),
        ("scnet", "chunk_size: 8064\n", "chunk_size: .inf\n", "chunk_size is inf"),
        ("scnet", "training:\n", "training:\n  x: [" + "1," * 10_000 + "]\n", "more than 10000 values"),
    ],
)
def test_an_absurd_configuration_is_refused_before_it_takes_memory(
    write: Write, kind: str, before: str, after: str, words: str
) -> None:
    import torch
    from torch.overrides import TorchFunctionMode

    class Counter(TorchFunctionMode):
        numbers = 0

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            made = func(*args, **(kwargs or {}))
            if isinstance(made, torch.Tensor) and func in (torch.empty, torch.zeros, torch.ones, torch.randn):
                Counter.numbers += made.numel()
            return made

    path = write(kind)
    text = path.read_text()
    assert text.count(before) >= 1
    path.write_text(text.replace(before, after, 1))
    with Counter(), pytest.raises(RequestError, match=words) as refused:
        separated(music(CHUNK))
    assert refused.value.code == ErrorCode.ENGINE_UNAVAILABLE
    assert Counter.numbers < 40e6, "of the floats that the smallest of these would have asked for"


def test_aliases_that_mean_billions_of_values_are_refused(write: Write) -> None:
    path = write("scnet")
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 5)]
    path.write_text("\n".join(lines) + "\n" + path.read_text())
    with pytest.raises(RequestError, match="more than 10000 values"):
        separated(music(CHUNK))


def test_a_configuration_is_read_once(write: Write) -> None:
    """What was checked is what the network is built from, whatever the file says by then."""
    path = write("scnet")
    checkpoint = read_config("tiny", path)
    path.write_text(f"harm: !!python/object/apply:os.getcwd []\n{path.read_text()}")
    assert read_network(checkpoint)
    path.unlink()
    assert read_network(checkpoint)


def test_a_model_is_asked_for_by_its_name(write: Write) -> None:
    write("scnet", name="one")
    write("scnet", ["vocals", "other"], name="two")
    result = run(music(CHUNK), model="two", mode="two")
    assert result.report["model"] == "two"
    with pytest.raises(RequestError, match="no installed model three") as refused:
        run(music(CHUNK), model="three")
    assert "one, two" in refused.value.remedy
    with pytest.raises(RequestError, match="not enough"):
        run(music(CHUNK), model="two", mode="four")


def test_the_first_audio_comes_after_the_first_tile(write: Write) -> None:
    write("scnet")
    asked: list[int] = []

    class Watched(MemoryInput):
        def read(self, offset: int = 0, frames: int | None = None) -> Any:
            asked.append(offset + (frames or 0))
            return super().read(offset, frames)

    frames = 40 * CHUNK
    source = Watched(music(frames))
    engine = RoformerEngine().load("cpu", "full")
    timeline = make_timeline(frames=frames, sample_rate=RATE)
    request = make_request(SeparateTask(), {}, timeline, [source], 0, engine=engine)
    outputs = engine.separate(request, PatientContext())
    next(output for output in outputs if isinstance(output, StemAudio) and len(output.samples))
    # The source is read in blocks of eight tiles.
    assert max(asked) <= 9 * CHUNK


def test_the_contract_of_engines(write: Write) -> None:
    write("scnet", overlap=1, chunk=16 * CHUNK)
    check_engine(RoformerEngine())


def test_without_a_checkpoint_it_says_how_to_get_one(mirror: Path) -> None:
    readiness = RoformerEngine().readiness()
    assert readiness.status == "needs_weights"
    assert "bandmate models pull kim_vocals" in readiness.reason
    assert readiness.models == ("kim_vocals",)
    assert KNOWN_CHECKPOINTS[0].name == "kim_vocals"


def test_a_checkpoint_of_the_hub_is_found(write: Write, mirror: Path) -> None:
    path = write("scnet", suffix=".ckpt")
    known = next(model for model in KNOWN_CHECKPOINTS if model.name == "scnet_large")
    for source, file in zip((path.with_name("model.ckpt"), path), known.files, strict=True):
        (mirror / known.hub_id / file).parent.mkdir(parents=True, exist_ok=True)
        source.rename(mirror / known.hub_id / file)
    assert run(music(CHUNK)).report["model"] == "scnet_large"
    assert all(model.licence == "not stated" for model in KNOWN_CHECKPOINTS)
