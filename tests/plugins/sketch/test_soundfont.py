"""Instruments from a SoundFont: a small one made here, whose every sample begins with a click."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bandmate_plugins import LoadedEngine, testing
from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.recipe import BAND_VERSION
from bandmate_plugins._engines.sketch.sound.soundfont import bank as banks
from bandmate_plugins._engines.sketch.sound.soundfont import choice, choose_bank
from bandmate_plugins._engines.sketch.sound.soundfont.file import DamagedError, SoundFontFile
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._models.soundfont_places import SETTING
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._tasks.cover import CoverTask
from bandmate_plugins.testing import MemoryInput, TaskResult, run_task
from bandmate_protocol.tempo import TempoMap
from tests.plugins.cover.pieces import known
from tests.plugins.cover.pieces import perform as run_cover
from tests.plugins.sketch.conftest import perform, timeline

RATE = 48_000
ROOT = 60
SILENT = 300
"""Frames of silence that each sample begins with, as recordings do."""


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def made_soundfont(lead: int = 0, instrument: int = 0, empty: int = -1) -> bytes:
    """A SoundFont of melodic presets 0 to 127 and drums, all of one bright sample that dies away slowly.

    Damaged when its last preset plays another `instrument` than 0, or when the preset `empty` has no zone.
    """
    time = np.arange(2 * RATE) / RATE
    tone = np.sign(np.sin(2 * np.pi * 261.63 * time + 0.3)) * np.exp(-time) * 20_000
    sample = np.concatenate((np.zeros(lead), tone)).astype("<i2")
    presets = [(0, program) for program in range(128)] + [(128, 0)]
    phdr = b"".join(
        struct.pack("<20sHHHIII", b"preset", program, bank, number + (number == empty), 0, 0, 0)
        for number, (bank, program) in enumerate(presets)
    ) + struct.pack("<20sHHHIII", b"EOP", 0, 0, len(presets), 0, 0, 0)
    pbag = b"".join(struct.pack("<HH", number, 0) for number in range(len(presets) + 1))
    pgen = struct.pack("<HH", 41, 0) * (len(presets) - 1) + struct.pack("<HHHH", 41, instrument, 0, 0)
    inst = struct.pack("<20sH", b"inst", 0) + struct.pack("<20sH", b"EOI", 1)
    ibag = struct.pack("<HHHH", 0, 0, 2, 0)
    igen = struct.pack("<HHHHHH", 54, 0, 53, 0, 0, 0)
    end = len(sample)
    shdr = struct.pack("<20sIIIIIBbHH", b"tone", 0, end, end - 200, end - 100, RATE, ROOT, 0, 0, 1)
    shdr += struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    info = b"INFO" + chunk(b"ifil", struct.pack("<HH", 2, 1)) + chunk(b"INAM", b"made\0\0")
    tables = ((b"phdr", phdr), (b"pbag", pbag), (b"pmod", bytes(10)), (b"pgen", pgen), (b"inst", inst))
    more = ((b"ibag", ibag), (b"imod", bytes(10)), (b"igen", igen), (b"shdr", shdr))
    body = b"sfbk" + chunk(b"LIST", info)
    body += chunk(b"LIST", b"sdta" + chunk(b"smpl", sample.tobytes() + bytes(128)))
    return chunk(
        b"RIFF", body + chunk(b"LIST", b"pdta" + b"".join(chunk(*each) for each in (*tables, *more)))
    )


@pytest.fixture
def soundfont(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "made.sf2"
    path.write_bytes(made_soundfont(SILENT))
    monkeypatch.setenv(SETTING, str(path))
    return path


def test_a_note_starts_where_the_renderer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latency that `bank` counts with, measured: a tick of the file is a block of the renderer."""
    path = tmp_path / "click.sf2"
    path.write_bytes(made_soundfont())
    monkeypatch.setenv(SETTING, str(path))
    bank = choose_bank("auto").bank
    assert bank is not None
    raw = bank._render(SoundFontFile(path).cut_preset(0, 0), banks._note_as_midi((0, 0), ROOT, 127, 0.5))
    samples = np.frombuffer(raw[44:], dtype="<i2").reshape(-1, 2)
    first = int(np.flatnonzero(np.abs(samples).max(axis=1) > 100)[0])
    assert 0 <= first - (banks._START_TICK * banks._BLOCK + banks.LATENCY) <= 4


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("prompt", ["pop piano melody", "jazz upright bass", "rock drums"])
def test_notes_are_exact_to_the_frame(engine: LoadedEngine, soundfont: Path, prompt: str, rate: int) -> None:
    show = perform(engine, f"{prompt}, dry", timeline(6, 97, rate=rate), seed=2)
    audio = np.abs(show.audio(0)).max(axis=1)
    starts = sorted({note.start for note in show.notes[0]})
    spans = [(note.start, note.start + note.frames) for note in show.notes[0]]
    seen = 0
    for start in starts:
        if start < 2_400 or any(begun < start < end + 4_800 for begun, end in spans) or "drums" in prompt:
            continue
        rise = np.flatnonzero(audio[start - 200 : start + 400] > 0.1 * audio[start : start + 400].max())
        assert abs(int(rise[0]) - 200) <= 16
        seen += 1
    assert seen or "drums" in prompt or len(starts) > 4


def test_the_result_says_which_soundfont_played_what(engine: LoadedEngine, soundfont: Path) -> None:
    show = perform(engine, "jazz", timeline(6, 120))
    bank = choose_bank("auto").bank
    assert bank is not None
    assert show.report["sound"] == "soundfont"
    assert show.report["soundfont"]["sha256"] == bank.sha256
    said = [remark for remark in show.remarks if "SoundFont" in remark]
    assert len(said) == 1
    assert "made.sf2" in said[0]
    assert bank.sha256[:12] in said[0]


def test_the_mix_is_at_its_level_and_the_same_each_time(engine: LoadedEngine, soundfont: Path) -> None:
    first, again = (perform(engine, "jazz", timeline(10, 120), seed=3) for _ in range(2))
    assert first.mix.tobytes() == again.mix.tobytes()
    meter = LoudnessMeter(RATE, 2)
    meter.add(first.mix)
    assert meter.integrated_lufs() == pytest.approx(-16, abs=1.0)
    assert (meter.true_peak_dbtp() or 0) <= -1.0
    own = perform(engine, "jazz", timeline(10, 120), seed=3, options=SketchOptions(sound="own"))
    assert own.mix.tobytes() != first.mix.tobytes()
    assert own.notes == first.notes
    assert own.report["sound"] == "own"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Bandmate's folder and a folder of the system, both empty, in place of those of this machine."""
    places = [tmp_path / "own", tmp_path / "system"]
    for place in places:
        place.mkdir()
    monkeypatch.delenv(SETTING)
    monkeypatch.setattr(choice, "soundfont_folders", lambda: places)
    return places


def test_a_soundfont_of_the_system_plays_unless_own_sound_is_asked_for(
    engine: LoadedEngine, folders: list[Path]
) -> None:
    usual = perform(engine, "jazz piano", timeline(3, 120))
    assert usual.report["sound"] == "own"
    (folders[1] / "general.sf2").write_bytes(made_soundfont())
    assert perform(engine, "jazz piano", timeline(3, 120)).report["soundfont"]["file"] == "general.sf2"
    (folders[0] / "mine.sf2").write_bytes(made_soundfont(SILENT))
    assert perform(engine, "jazz piano", timeline(3, 120)).report["soundfont"]["file"] == "mine.sf2"
    for way in ({"sound": "own"}, {}):
        prompt = "jazz piano" if way else "jazz piano, no soundfont"
        played = perform(engine, prompt, timeline(3, 120), options=SketchOptions(**way))
        assert played.mix.tobytes() == usual.mix.tobytes()


def test_a_piece_is_played_again_from_what_played_it_before(
    engine: LoadedEngine, folders: list[Path]
) -> None:
    own = perform(engine, "jazz piano", timeline(3, 120))
    assert own.report["recipe"] == {"soundfont": "none", "band": BAND_VERSION}
    font = folders[1] / "general.sf2"
    font.write_bytes(made_soundfont())
    again = perform(engine, "jazz piano", timeline(3, 120), options=SketchOptions(**own.report["recipe"]))
    assert again.mix.tobytes() == own.mix.tobytes()
    first = perform(engine, "jazz piano", timeline(3, 120))
    (folders[0] / "mine.sf2").write_bytes(made_soundfont(SILENT))
    again = perform(engine, "jazz piano", timeline(3, 120), options=SketchOptions(**first.report["recipe"]))
    assert again.report["soundfont"]["file"] == "general.sf2", "though another one comes first now"
    assert again.mix.tobytes() == first.mix.tobytes()
    assert not any("sounds different" in remark for remark in again.remarks)
    font.unlink()
    other = perform(engine, "jazz piano", timeline(3, 120), options=SketchOptions(**first.report["recipe"]))
    (said,) = [remark for remark in other.remarks if "sounds different" in remark]
    assert first.report["soundfont"]["sha256"][:12] in said
    assert "mine.sf2" in said
    assert other.report["recipe"]["soundfont"] == other.report["soundfont"]["sha256"]


def test_a_repaint_says_when_the_recording_was_played_from_another_soundfont(
    engine: LoadedEngine, folders: list[Path]
) -> None:
    font = folders[1] / "general.sf2"
    font.write_bytes(made_soundfont())
    when = testing.make_timeline(8, sample_rate=RATE)
    made = run_task("generate", {"prompt": "jazz piano", "mix": True}, timeline=when, engine=engine, seed=3)
    recipe = {
        "prompt": "jazz piano",
        "seed": 3,
        "timeline": msgspec.to_builtins(when),
        **made.report["recipe"],
    }
    asked = TempoMap.from_timeline(when).timeline_between(4 * RATE, 8 * RATE)

    def repainted() -> TaskResult:
        source = MemoryInput(made.stems[0].samples)
        return run_task("repaint", {"recipe": recipe}, timeline=asked, engine=engine, seed=4, inputs=[source])

    same = repainted()
    assert same.report["from_notes"]
    assert not any("sounds different" in sentence for sentence in same.remarks)
    font.unlink()
    other = repainted()
    assert "from_notes" not in other.report
    assert sum("sounds different" in sentence for sentence in other.remarks) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF\x04\0\0\0sfbk", b"hello" * 100, made_soundfont()[:5_000], made_soundfont()[:-60]],
    ids=["empty", "bare", "text", "cut", "cut at the end"],
)
def test_a_damaged_soundfont_is_told_in_a_sentence(
    engine: LoadedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = tmp_path / "broken.sf2"
    path.write_bytes(content)
    monkeypatch.setenv(SETTING, str(path))
    show = perform(engine, "jazz piano", timeline(2, 120))
    said = [remark for remark in show.remarks if "broken.sf2" in remark]
    assert len(said) == 1
    assert "everything is synthesised" in said[0]
    with pytest.raises((DamagedError, LookupError)):
        SoundFontFile(path).cut_preset(0, 0)


def test_a_soundfont_that_is_not_there_is_told(
    engine: LoadedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path / "nowhere.sf2"))
    show = perform(engine, "jazz piano", timeline(2, 120))
    assert any("nowhere.sf2" in remark and "everything is synthesised" in remark for remark in show.remarks)


DAMAGES = {"another instrument": made_soundfont(SILENT, instrument=7), "no zone": made_soundfont(empty=1)}
"""Files that open, and that the renderer refuses with an error at the first note."""


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_soundfont_is_passed_over_for_the_next(
    engine: LoadedEngine, folders: list[Path], damage: str
) -> None:
    own = perform(engine, "jazz trio", timeline(3, 120))
    (folders[0] / "broken.sf2").write_bytes(DAMAGES[damage])
    alone = perform(engine, "jazz trio", timeline(3, 120))
    assert alone.mix.tobytes() == own.mix.tobytes()
    (said,) = [remark for remark in alone.remarks if "broken.sf2" in remark]
    assert "everything is synthesised" in said
    (folders[1] / "good.sf2").write_bytes(made_soundfont(SILENT))
    both = perform(engine, "jazz trio", timeline(3, 120))
    assert both.report["soundfont"]["file"] == "good.sf2"
    (said,) = [remark for remark in both.remarks if "broken.sf2" in remark]
    assert said.endswith("so good.sf2 plays.")


class PanicError(BaseException):
    """As a renderer in Rust raises it: no Exception."""


@pytest.mark.parametrize(
    ("notes", "consequence"),
    [(0, "everything is synthesised"), (9, "the engine's own synthesis took over")],
    ids=["at the opening", "in the middle of the band"],
)
def test_a_renderer_that_raises_whatever_it_likes_stops_no_band(
    engine: LoadedEngine, soundfont: Path, monkeypatch: pytest.MonkeyPatch, notes: int, consequence: str
) -> None:
    render, left = choice._find_renderer(), notes
    assert render is not None

    def fails_later(font: bytes, midi: bytes) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            raise PanicError("index out of bounds")
        return render(font, midi)

    monkeypatch.setattr(choice, "_find_renderer", lambda: fails_later)
    show = perform(engine, "jazz trio", timeline(4, 120))
    assert len(show.mix) == timeline(4, 120).frames
    assert np.abs(show.mix).max() > 0.01
    (said,) = [remark for remark in show.remarks if "made.sf2" in remark and "index out of bounds" in remark]
    assert consequence in said


def test_ctrl_c_in_the_renderer_is_no_damage(soundfont: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(font: bytes, midi: bytes) -> bytes:
        raise KeyboardInterrupt

    bank = banks.SoundFontBank(soundfont, interrupted)
    with pytest.raises(KeyboardInterrupt):
        bank.check_sounds([("piano", library.instruments()["piano"])])
    assert not bank.fault


def test_a_note_is_bent_to_the_recordings_tuning(soundfont: Path) -> None:
    bank = choose_bank("auto").bank
    assert bank is not None
    piano = library.instruments()["piano"]
    pitches = {}
    for cents in (-50, -13, 0, 40):
        note = bank.render_note("piano", piano, RATE, 64, 0.8, RATE, cents)[:, 0]
        power = np.abs(np.fft.rfft(note * np.hanning(len(note)), 1 << 19))
        low, high = (round(hertz * (1 << 19) / RATE) for hertz in (300, 360))
        pitches[cents] = 1200 * np.log2(low + np.argmax(power[low:high]))
    for cents, pitch in pitches.items():
        assert pitch - pitches[0] == pytest.approx(cents, abs=1.0)


@pytest.mark.parametrize("task", [CoverTask(), AccompanyTask()])
def test_covers_and_accompaniments_play_from_it_too(soundfont: Path, task: CoverTask | AccompanyTask) -> None:
    when, mix, _ = known("pop", bars=2)
    result = run_cover(task, when, mix, prompt="jazz piano")
    assert result.report["sound"] == "soundfont"
    assert result.report["recipe"]["soundfont"] == result.report["soundfont"]["sha256"]
    assert any("From the SoundFont made.sf2" in remark for remark in result.remarks)
    own = run_cover(task, when, mix, prompt="jazz piano, no soundfont")
    assert own.report["sound"] == "own"
    assert not np.array_equal(own.stems[0].samples, result.stems[0].samples)
