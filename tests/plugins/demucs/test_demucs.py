"""HTDemucs in a stream: the package's own result, tile by tile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bandmate_plugins._engines.demucs import DemucsEngine
from bandmate_plugins._engines.demucs.loaded import LoadedDemucs
from bandmate_plugins._engines.separation_nets.options import NetworkOptions
from bandmate_plugins._tasks.separate import SeparateParams
from bandmate_plugins.engine import Engine, LoadedEngine
from bandmate_plugins.request import WatchedRequest
from bandmate_plugins.testing import MemoryInput, check_engine, make_timeline, run_task
from bandmate_plugins.testing.running import PatientContext
from bandmate_protocol.errors import RequestError
from tests.plugins.demucs.conftest import SIX, write_model

pytestmark = pytest.mark.usefixtures("one_thread")

RATE = 44_100


def music(frames: int, channels: int = 2, rate: int = RATE) -> np.ndarray[Any, np.dtype[np.float32]]:
    random = np.random.default_rng(frames)
    at = np.arange(frames)[:, None] / rate
    tones = np.sin(2 * np.pi * at * np.linspace(100, 900, channels))
    return (0.2 * tones + 0.1 * random.standard_normal((frames, channels))).astype(np.float32)


def separated(engine: LoadedEngine, samples: np.ndarray, rate: int = RATE, **params: Any) -> dict[str, Any]:
    result = run_task(
        "separate",
        params,
        timeline=make_timeline(frames=len(samples), sample_rate=rate),
        inputs=[MemoryInput(samples)],
        engine=engine,
        seed=4,
    )
    return {stem.role: stem.samples for stem in result.stems}


def by_the_package(
    folder: Path, name: str, samples: np.ndarray, overlap: float, shifts: int = 0
) -> dict[str, Any]:
    """What `demucs.apply.apply_model` makes of the whole file."""
    import torch
    import yaml
    from demucs.apply import BagOfModels, apply_model
    from demucs.hf import load_safetensors_model

    described = yaml.safe_load((folder / f"{name}.yaml").read_text())
    networks = [load_safetensors_model(folder / f"{each}.safetensors") for each in described["models"]]
    bag = BagOfModels(networks, described.get("weights"))
    stems = apply_model(bag, torch.from_numpy(samples.T)[None], shifts=shifts, overlap=overlap)[0]
    return {role: stem.numpy().T for role, stem in zip(bag.sources, stems, strict=True)}


@pytest.mark.parametrize("overlap", [0.0, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.83])
def test_the_stream_is_the_packages_own_result(htdemucs: Path, overlap: float, seconds: float) -> None:
    samples = music(round(seconds * RATE))
    ours = separated(DemucsEngine().load("cpu", "full"), samples, overlap=overlap)
    theirs = by_the_package(htdemucs, "htdemucs", samples, overlap)
    assert list(ours) == ["drums", "bass", "vocals", "other"]
    for role, stem in ours.items():
        assert np.abs(stem - theirs[role]).max() < 1e-5


@pytest.mark.parametrize("shifts", [0, 1])
def test_the_seed_counts_only_for_shifts(htdemucs: Path, shifts: int) -> None:
    source = MemoryInput(music(RATE // 10))
    request = WatchedRequest(
        SeparateParams(),
        make_timeline(frames=source.frames, sample_rate=RATE),
        4,
        (source,),
        NetworkOptions(shifts=shifts),
    )
    list(DemucsEngine().load("cpu", "full").separate(request, PatientContext()))
    assert bool(request.reads) is (shifts > 0)


def test_a_bag_of_networks_is_the_packages_own_result(mirror: Path) -> None:
    folder = mirror / "adefossez" / "HTDemucs-ft"
    signatures = {"f7e0c4bc": 2, "d12395a8": 3, "92cfc3b6": 4, "04573f0d": 5}
    write_model(folder, "htdemucs_ft", signatures, ["drums", "bass", "other", "vocals"])
    samples = music(RATE)
    ours = separated(DemucsEngine().load("cpu", "full"), samples)
    theirs = by_the_package(folder, "htdemucs_ft", samples, 0.25)
    for role, stem in ours.items():
        assert np.abs(stem - theirs[role]).max() < 1e-5


@pytest.mark.parametrize("name", ["htdemucs", "htdemucs_ft"])
@pytest.mark.parametrize("shifts", [1, 3])
@pytest.mark.parametrize("overlap", [0.1, 0.25])
def test_shifts_are_the_packages_own_from_the_same_moments(
    mirror: Path, monkeypatch: pytest.MonkeyPatch, name: str, shifts: int, overlap: float
) -> None:
    four = ("f7e0c4bc", "d12395a8", "92cfc3b6", "04573f0d")
    folder, signatures = {
        "htdemucs": (mirror / "adefossez" / "HTDemucs", ("955717e8",)),
        "htdemucs_ft": (mirror / "adefossez" / "HTDemucs-ft", four),
    }[name]
    write_model(folder, name, {each: 2 + place for place, each in enumerate(signatures)}, SIX[:4])
    samples = music(round(1.83 * RATE))
    ours = separated(DemucsEngine().load("cpu", "full"), samples, shifts=shifts, overlap=overlap)
    # The package draws how far each pass begins into half a second of silence; ours has another generator.
    draw, most = np.random.default_rng(4), RATE // 2
    drawn = [int(draw.integers(-most, 1)) + most for _ in range(shifts * len(signatures))]
    moments = iter(drawn)
    monkeypatch.setattr("demucs.apply.random.randint", lambda *_: next(moments))
    theirs = by_the_package(folder, name, samples, overlap, shifts)
    assert next(moments, None) is None
    for role, stem in ours.items():
        assert np.abs(stem - theirs[role]).max() < 1e-5


def test_shifts_average_passes_and_depend_on_the_seed_alone(htdemucs: Path) -> None:
    samples = music(RATE)
    engine = DemucsEngine().load("cpu", "full")
    once, again = separated(engine, samples, shifts=2), separated(engine, samples, shifts=2)
    plain = separated(engine, samples)
    assert all(np.array_equal(once[role], again[role]) for role in once)
    assert any(np.abs(once[role] - plain[role]).max() > 1e-6 for role in once)


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_any_channels_and_rate_keep_their_shape(htdemucs: Path, channels: int, rate: int) -> None:
    samples = music(rate, channels, rate)
    stems = separated(DemucsEngine().load("cpu", "full"), samples, rate, residual=True)
    assert all(stem.shape == samples.shape for stem in stems.values())
    assert np.abs(sum(stems.values()) - samples).max() < 1e-4


def test_on_a_device_rates_are_converted_there_and_the_stems_are_the_same(htdemucs: Path) -> None:
    samples = music(2 * 48_000, 2, 48_000)
    # Both ends are silent, for of a click the two resamplers keep different parts.
    samples *= np.sin(np.linspace(0, np.pi, len(samples), dtype=np.float32))[:, None]
    # What torch calls cpu:0 is any device to the engine: short formats if they hold, and no host's resampler.
    host, device = (
        separated(DemucsEngine().load(name, "full"), samples, 48_000) for name in ("cpu", "cpu:0")
    )
    for role in host:
        # Both keep what lies below 19 kHz; the rest they cut off at different slopes.
        stem, other = (np.fft.rfft(found[role], axis=0)[: 2 * 19_000] for found in (host, device))
        assert np.sum(np.abs(other - stem) ** 2) < 1e-6 * np.sum(np.abs(stem) ** 2)


def test_on_a_device_a_kit_is_cut_there_and_is_the_same(htdemucs: Path) -> None:
    samples = music(RATE)
    host, device = (
        separated(DemucsEngine().load(name, "full"), samples, mode="drums") for name in ("cpu", "cpu:0")
    )
    for role in host:
        assert np.abs(device[role] - host[role]).max() < 1e-5


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("rate", [RATE, 48_000])
def test_the_stems_add_up_to_the_last_bit_if_they_are_to(htdemucs: Path, bits: int, rate: int) -> None:
    full = np.float32(1 << (bits - 1))
    samples = np.rint(music(rate, 2, rate) * full) / full
    engine = DemucsEngine().load("cpu", "full")
    assert np.abs(sum(separated(engine, samples, rate).values()) - samples).max() > 1e-3
    for params in (
        {"residual": True},
        {"consistency": True},
        {"consistency": True, "residual": True, "shifts": 2},
        {"mode": "two", "residual": True},
        {"mode": "two", "consistency": True},
        {"stems": "bass, vocals", "residual": True},
        {"mode": "drums"},
        {"mode": "drums", "from_mix": True, "residual": True},
        {"mode": "drums", "from_mix": True, "stems": "kick", "residual": True},
    ):
        stems = list(separated(engine, samples, rate, **params).values())
        assert np.array_equal(np.sum(stems, axis=0, dtype=np.float64), samples), params
        assert np.array_equal(np.sum(stems, axis=0, dtype=np.float32), samples), params


def test_mixture_consistency_shares_out_what_is_left(htdemucs: Path) -> None:
    samples = music(RATE)
    engine = DemucsEngine().load("cpu", "full")
    loose, exact = separated(engine, samples), separated(engine, samples, consistency=True)
    left = samples - sum(loose.values())
    assert np.abs(left).max() > 1e-3
    for role, stem in exact.items():
        assert np.abs(stem - (loose[role] + left / 4)).max() < 1e-6
    assert np.abs(sum(exact.values()) - samples).max() < 1e-6


def test_two_stems_and_a_choice_with_the_rest(htdemucs: Path) -> None:
    samples = music(RATE)
    engine = DemucsEngine().load("cpu", "full")
    four, two = separated(engine, samples), separated(engine, samples, mode="two")
    assert np.abs(two["instrumental"] - (four["drums"] + four["bass"] + four["other"])).max() < 1e-5
    some = separated(engine, samples, stems="bass, drums", residual=True)
    assert list(some) == ["drums", "bass", "residual"]
    assert np.abs(sum(some.values()) - samples).max() < 1e-5


def test_the_drums_of_a_mix_come_apart_further(htdemucs: Path) -> None:
    samples = music(RATE)
    engine = DemucsEngine().load("cpu", "full")
    drums = separated(engine, samples)["drums"]
    kit = separated(engine, samples, mode="drums", from_mix=True)
    assert list(kit) == ["kick", "snare", "hats"]
    assert np.abs(sum(kit.values()) - drums).max() < 1e-4
    rest = separated(engine, samples, mode="drums", from_mix=True, residual=True)
    assert np.abs(rest["residual"] - (samples - drums)).max() < 1e-4


def test_six_stems_need_the_model_that_knows_them(htdemucs: Path, mirror: Path) -> None:
    samples = music(RATE // 2)
    with pytest.raises(RequestError, match="No weights") as refused:
        separated(DemucsEngine().load("cpu", "full"), samples, mode="six")
    assert "models pull htdemucs_6s" in refused.value.remedy
    assert refused.value.models == ("htdemucs_6s",)
    assert "`four`" in refused.value.remedy
    assert "dsp" not in refused.value.remedy
    write_model(mirror / "adefossez" / "HTDemucs-6s", "htdemucs_6s", {"5c90dfd2": 7}, SIX)
    six = separated(DemucsEngine().load("cpu", "full"), samples, mode="six")
    assert list(six) == ["drums", "bass", "guitar", "piano", "vocals", "other"]


class Hungry(torch.nn.Module):
    """A GPU with room for so many tiles."""

    def __init__(self, real: torch.nn.Module, room: int) -> None:
        super().__init__()
        self.real, self.room = real, room

    def to(self, *_: Any) -> Any:
        return self.real

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        if len(tiles) > self.room:
            raise torch.OutOfMemoryError("no room")
        return self.real(tiles)


@pytest.mark.parametrize(("room", "words"), [(2, "fits 2 tiles at a time"), (0, "it ran on the CPU")])
def test_a_gpu_that_is_too_small_is_said_once_and_the_stems_are_the_same(
    htdemucs: Path, room: int, words: str
) -> None:
    samples = music(4 * RATE)
    engine = DemucsEngine().load("cpu:0", "full")
    expected = separated(engine, samples)
    assert isinstance(engine, LoadedDemucs)
    assert engine._held is not None
    runner = engine._held.runners[0]
    runner._network = Hungry(runner._network, room)
    result = run_task(
        "separate",
        {},
        timeline=make_timeline(frames=len(samples), sample_rate=RATE),
        inputs=[MemoryInput(samples)],
        engine=engine,
    )
    assert len(result.remarks) == 1
    assert words in result.remarks[0]
    for stem in result.stems:
        # On the CPU in float32 again, and not in the short format of the GPU.
        assert np.abs(stem.samples - expected[stem.role]).max() < 1e-3


def test_the_first_audio_comes_after_the_first_tile(htdemucs: Path) -> None:
    asked: list[int] = []

    class Watched(MemoryInput):
        def read(self, offset: int = 0, frames: int | None = None) -> Any:
            asked.append(offset)
            return super().read(offset, frames)

    from bandmate_plugins._tasks.separate import SeparateTask
    from bandmate_plugins.outputs import StemAudio
    from bandmate_plugins.testing.running import PatientContext, make_request

    source = Watched(music(20 * RATE))
    engine = DemucsEngine().load("cpu", "full")
    timeline = make_timeline(frames=20 * RATE, sample_rate=RATE)
    request = make_request(SeparateTask(), {}, timeline, [source], 0, engine=engine)
    outputs = engine.separate(request, PatientContext())
    next(output for output in outputs if isinstance(output, StemAudio))
    # A tile lasts half a second, and the source is read in blocks of one and a half.
    assert max(asked) < 2 * RATE


def test_the_contract_of_engines(htdemucs: Path) -> None:
    check_engine(DemucsEngine())


def test_without_weights_it_says_how_to_get_them(mirror: Path) -> None:
    readiness = DemucsEngine().readiness()
    assert readiness.status == "needs_weights"
    assert "bandmate models pull" in readiness.reason
    assert readiness.models == ("htdemucs",)


@pytest.mark.parametrize("damage", ["truncated", "no bag", "another class", "another size", "another file"])
def test_damaged_weights_are_named(htdemucs: Path, damage: str) -> None:
    path = htdemucs / "955717e8.safetensors"
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:10_000])
    elif damage == "no bag":
        (htdemucs / "htdemucs.yaml").write_text("models: nothing")
    elif damage == "another class":
        data = path.read_bytes().replace(b"demucs.htdemucs.HTDemucs", b"pathlib.PosixPath.unlink")
        path.write_bytes(data)
    elif damage == "another size":
        data = path.read_bytes()
        assert b'\\"bottom_channels\\": 32' in data
        path.write_bytes(data.replace(b'\\"bottom_channels\\": 32', b'\\"bottom_channels\\": 64'))
    else:
        path.write_bytes(b"<html>Not found</html>" * 100)
    with pytest.raises(RequestError, match=r"htdemucs|955717e8") as refused:
        separated(DemucsEngine().load("cpu", "full"), music(1_000))
    assert "models verify" in refused.value.remedy
    assert len(refused.value.sentence) < 300
    assert "\n" not in refused.value.sentence


def test_a_far_larger_network_than_the_weights_is_not_built(htdemucs: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    path = htdemucs / "955717e8.safetensors"
    with safe_open(str(path), framework="pt") as file:
        described = file.metadata()
    larger = described["kwargs"].replace('"channels": 8,', '"channels": 256,', 1)
    assert larger != described["kwargs"]
    save_file(load_file(path), path, described | {"kwargs": larger})
    with pytest.raises(RequestError, match="its configuration is far larger than its weights"):
        separated(DemucsEngine().load("cpu", "full"), music(1_000))


def test_weights_under_the_name_of_others_are_named(htdemucs: Path, mirror: Path) -> None:
    write_model(mirror / "adefossez" / "HTDemucs-6s", "htdemucs_6s", {"5c90dfd2": 7}, SIX[:4])
    with pytest.raises(RequestError, match=r"htdemucs_6s is not the model .* not give guitar, piano"):
        separated(DemucsEngine().load("cpu", "full"), music(1_000), mode="six")


def test_a_source_without_audio_is_refused(htdemucs: Path) -> None:
    source = MemoryInput(np.zeros((0, 2), np.float32))
    with pytest.raises(RequestError, match="The recording contains no audio"):
        run_task("separate", inputs=[source], engine=DemucsEngine().load("cpu", "full"))


def test_a_drum_track_needs_no_weights(htdemucs: Path) -> None:
    (htdemucs / "955717e8.safetensors").write_bytes(b"not read")
    samples = music(RATE // 2)
    kit = separated(DemucsEngine().load("cpu", "full"), samples, mode="drums")
    assert np.abs(sum(kit.values()) - samples).max() < 1e-6


def test_the_catalogue_says_which_models_are_here(htdemucs: Path) -> None:
    engine: Engine = DemucsEngine()
    assert [engine.holds(model) for model in engine.models] == [True, False, False]
