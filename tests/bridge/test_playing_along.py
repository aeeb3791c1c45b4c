"""`accompany` and `cover` hear the other tracks of a project, or the file of `--context`, unless told otherwise."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import NewStem, NewTake, Project, new_project
from bandmate_bridge.rpp.faders import track_gains
from bandmate_protocol.messages import TempoPoint
from tests.bridge.command_line import CommandLine
from tests.bridge.project.written import written_project
from tests.running import RunningServer

RATE = 48_000
BPM = 96
BARS = 8
BAR = 4 * 60 / BPM
CHORDS = ({9, 0, 4}, {5, 9, 0}, {0, 4, 7}, {7, 11, 2})
"""Am F C G, over and over."""
LOWEST = (57, 53, 60, 55)
TUNE = (76, 79, 76, 72, 76, 79, 74, 74)
"""Two notes a bar, which C, Em or G would suit as well."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without the stand-in engines, which would analyse in place of `dsp`."""
    running = RunningServer(tmp_path_factory.mktemp("home"), environ={"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


def tone(pitch: int, seconds: float, fade: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hertz * n * time) / n**1.3 for n in range(1, 8))
    return wave * np.exp(-time * fade) * np.minimum(1, np.minimum(time, time[::-1]) / 0.01)


def piano() -> np.ndarray:
    """Each chord twice a bar, with its root below."""
    bars = []
    for bar in range(BARS):
        root = LOWEST[bar % 4]
        thirds = sorted((step - root) % 12 for step in CHORDS[bar % 4])
        chord = sum(tone(root + step, BAR / 2, 1.5) for step in (-12, *thirds))
        bars.append(np.concatenate((chord, chord)))
    return np.concatenate(bars) * 0.06


def voice() -> np.ndarray:
    return np.concatenate([tone(TUNE[at % 8], BAR / 2, 0.4) for at in range(2 * BARS)]) * 0.15


def write(path: Path, samples: np.ndarray) -> Path:
    soundfile.write(path, np.repeat(samples[:, None], 2, axis=1), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    """A piano that plays Am F C G, and beside it a voice that would suit other chords."""
    folder = bandmate.folder
    project = new_project(
        folder / "song.rpp", sample_rate=RATE, tempo=[TempoPoint(position=0.0, bpm=float(BPM))]
    )
    frames = round(BARS * BAR * RATE)
    for name, samples in (("Piano", piano()), ("Lead Vox", voice())):
        file = write(folder / f"{name}.wav", samples)
        project.insert_stems([NewStem(name, 0, frames, [NewTake(name, file)])])
    project.save()
    return project.path


def bars_on_the_chords(notes: list[tuple[float, float, int]]) -> int:
    """How many bars sound the chord that the piano plays; notes have start and end in bars, and a pitch."""
    right = 0
    for bar in range(BARS):
        lengths: Counter[int] = Counter()
        for start, end, pitch in notes:
            lengths[pitch % 12] += max(min(end, bar + 1) - max(start, bar), 0)
        wanted = CHORDS[bar % 4]
        total = sum(lengths.values())
        right += total > 0 and sum(lengths[tone] for tone in wanted) > 0.7 * total
    return right


def project_notes(song: Path) -> list[tuple[float, float, int]]:
    project = Project.load(song)
    track = project.tracks[-1]
    assert track.name.endswith("MIDI")
    played = project.played_notes(track, track.items[0])
    return [(note.start / 4, note.end / 4, note.pitch) for note in played]


def newest_job(bandmate: CommandLine) -> Any:
    return json.loads(bandmate.good("jobs", "--json", "--most", 1).out)[0]


@pytest.mark.parametrize("task", ["accompany", "cover"])
def test_the_chords_are_those_of_the_song(bandmate: CommandLine, song: Path, task: str) -> None:
    before = song.read_bytes()
    words = (task, "strings pad", "--into", song, "--track", "Lead Vox", "--midi", "--seed", 1)
    strength = ("--strength", 1) if task == "cover" else ()
    done = bandmate.good(*words, *strength)
    heard = bars_on_the_chords(project_notes(song))
    assert [each["role"] for each in newest_job(bandmate)["inputs"]] == ["source", "context"]
    assert "It follows the detected chords" in done.out
    song.write_bytes(before)
    alone = bandmate.good(*words, *strength, "--alone")
    assert [each["role"] for each in newest_job(bandmate)["inputs"]] == ["source"]
    assert "It follows the detected chords" not in alone.out
    assert heard >= BARS - 1 > bars_on_the_chords(project_notes(song))


def test_a_muted_track_is_not_heard(bandmate: CommandLine, song: Path) -> None:
    song.write_text(song.read_text().replace("    MUTESOLO 0", "    MUTESOLO 1", 1))
    bandmate.good("accompany", "strings pad", "--into", song, "--track", "Lead Vox")
    assert [each["role"] for each in newest_job(bandmate)["inputs"]] == ["source"]


def wrong_piano() -> np.ndarray:
    """Each chord a semitone higher."""
    pitched = [
        (root + 1, {(step + 1) % 12 for step in chord}) for root, chord in zip(LOWEST, CHORDS, strict=True)
    ]
    bars = []
    for bar in range(BARS):
        root, chord = pitched[bar % 4]
        thirds = sorted((step - root) % 12 for step in chord)
        one = sum(tone(root + step, BAR / 2, 1.5) for step in (-12, *thirds))
        bars.append(np.concatenate((one, one)))
    return np.concatenate(bars) * 0.06


@pytest.mark.parametrize(
    "lines",
    [
        {"track": "VOLPAN 0.001 0 -1 -1 1"},
        {"track": "VOLPAN 0.02 0 -1 -1 1"},
        {"item": "VOLPAN 0.001 0 1 -1"},
        {"item": "VOLPAN 1 0 0.01 -1"},
        {"folder": "VOLPAN 0.001 0 -1 -1 1"},
        {"folder": "MUTESOLO 1 0 0"},
    ],
    ids=["closed", "low", "item", "take", "folder", "muted folder"],
)
def test_what_is_soft_in_the_mix_does_not_decide_the_chords(
    bandmate: CommandLine, song: Path, lines: dict[str, str]
) -> None:
    """A track with other chords, as loud in its file as the piano, but not in the project."""
    project = Project.load(song)
    file = write(bandmate.folder / "Wrong.wav", wrong_piano())
    stem = NewStem("Wrong", 0, round(BARS * BAR * RATE), [NewTake("Wrong", file)])
    project.insert_stems([stem], folder="Room")
    project.save()
    *before, folder, track = song.read_text().split("  <TRACK")
    track = put_line(track, lines.get("track"))
    if "item" in lines:
        head, item = track.split("    <ITEM", 1)
        track = f"{head}    <ITEM{put_line(item, lines['item'])}"
    song.write_text("  <TRACK".join([*before, put_line(folder, lines.get("folder")), track]))
    words = ("accompany", "strings pad", "--into", song, "--track", "Lead Vox", "--midi", "--seed", 1)
    bandmate.good(*words)
    assert bars_on_the_chords(project_notes(song)) >= BARS - 1


def put_line(chunk: str, line: str | None) -> str:
    """A chunk with another line in place of the first one of the same key."""
    if line is None:
        return chunk
    key = line.split()[0]
    rows = chunk.split("\n")
    at = next(number for number, row in enumerate(rows) if row.split()[:1] == [key])
    rows[at] = rows[at][: len(rows[at]) - len(rows[at].lstrip())] + line
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("tracks", "gains"),
    [
        ({"A": [], "B": ["VOLPAN 0.5 0 -1 -1 1"]}, (1, 0.5)),
        # Soloed: the track, a folder with its tracks, and what is sent to a soloed track; defeat is heard anyway.
        ({"A": ["MUTESOLO 0 1 0"], "B": [], "C": ["MUTESOLO 0 0 1"]}, (1, 0, 1)),
        ({"F": ["ISBUS 1 1", "MUTESOLO 0 2 0"], "A": ["ISBUS 2 -1"], "B": []}, (1, 1, 0)),
        ({"A": [], "B": [], "Bus": ["MUTESOLO 0 1 0", "AUXRECV 0 0 1 0 0 0 0 0 0"]}, (2**0.5, 0, 1)),
        # Sent only, by a level, after the fader, before it, through a fader, and muted.
        ({"A": ["MAINSEND 0 0"], "Bus": ["AUXRECV 0 0 0.5 0 0 0 0 0 0"]}, (0.5, 1)),
        ({"A": ["MAINSEND 0 0", "VOLPAN 0.5 0 -1 -1 1"], "Bus": ["AUXRECV 0 0 0.5 0 0 0 0 0 0"]}, (0.25, 1)),
        ({"A": ["MAINSEND 0 0", "VOLPAN 0.1 0 -1 -1 1"], "Bus": ["AUXRECV 0 3 0.5 0 0 0 0 0 0"]}, (0.5, 1)),
        ({"A": ["MAINSEND 0 0"], "Bus": ["VOLPAN 0.5 0 -1 -1 1", "AUXRECV 0 0 1 0 0 0 0 0 0"]}, (0.5, 0.5)),
        ({"A": ["MAINSEND 0 0"], "Bus": ["AUXRECV 0 0 1 0 1 0 0 0 0"]}, (0, 1)),
        ({"A": ["MAINSEND 0 0"], "B": []}, (0, 1)),
        # Beside the way through the folder, by the power; a loop of sends ends.
        ({"A": [], "Bus": ["AUXRECV 0 0 1 0 0 0 0 0 0"]}, (2**0.5, 1)),
        ({"A": ["MAINSEND 0 0", "AUXRECV 1 0 0.5 0 0"], "B": ["AUXRECV 0 0 1 0 0"]}, (1.1547, 1.1547)),
    ],
)  # fmt: skip
def test_sends_and_solos_count(
    tracks: dict[str, list[str]], gains: tuple[float, ...], tmp_path: Path
) -> None:
    assert gains_of(tmp_path, tracks) == pytest.approx(gains, abs=1e-3)


ENVELOPE = ["<VOLENV2", "  ACT 1 -1", "  PT 0 1 0", "  PT 4 0 0", "  PT 8 0.5 1", "  PT 12 1 0", ">"]


@pytest.mark.parametrize(
    ("lines", "span", "gain"),
    [
        (ENVELOPE, (0, 0.001), 1),
        (ENVELOPE, (3.999, 4), 0),
        (ENVELOPE, (0, 4), 3**-0.5),
        (ENVELOPE, (8, 12), 0.5),
        (ENVELOPE, (20, 24), 1),
        (["VOLPAN 0.5 0 -1 -1 1", "AUTOMODE 0", *ENVELOPE], (8, 12), 0.25),
        (["VOLPAN 0.5 0 -1 -1 1", "AUTOMODE 1", *ENVELOPE], (8, 12), 0.5),
        ([line.replace("ACT 1", "ACT 0") for line in ENVELOPE], (3.999, 4), 1),
        (["<PANENV2", "  ACT 1 -1", "  PT 0 1 0", ">"], (0, 4), 2**-0.5),
        (["<VOLENV", "  PT 0 0.5 0", ">", *ENVELOPE], (8, 12), 0.25),
    ],
)
def test_automation_counts_by_its_mean(
    lines: list[str], span: tuple[float, float], gain: float, tmp_path: Path
) -> None:
    assert gains_of(tmp_path, {"A": lines}, span) == pytest.approx([gain], abs=0.01)


def gains_of(folder: Path, tracks: dict[str, list[str]], span: tuple[float, float] = (0, 8)) -> list[float]:
    path = folder / "song.rpp"
    path.write_text(written_project({name: [] for name in tracks}, within=tracks))
    return list(track_gains(Project.load(path).tracks, span).values())


def test_many_sends_are_followed_in_time(tmp_path: Path) -> None:
    """Each track sends to all that follow: more ways than could be walked one by one."""
    tracks = {
        f"T{number}": ["MAINSEND 0 0", *(f"AUXRECV {source} 0 0.1 0 0" for source in range(number))]
        for number in range(120)
    }
    tracks["T119"][0] = "MAINSEND 1 0"
    assert all(0 < gain < 64 for gain in gains_of(tmp_path, tracks))


@pytest.mark.parametrize(
    "lines",
    [["MUTESOLO 0 0 0", "<VOLENV2", "  ACT 1 -1", "  PT 0 0 0", ">"], ["MAINSEND 0 0"]],
    ids=["faded out", "sent nowhere"],
)
def test_what_automation_and_routing_silence_is_not_heard(
    bandmate: CommandLine, song: Path, lines: list[str]
) -> None:
    head, *tracks = song.read_text().split("  <TRACK")
    piano = next(number for number, track in enumerate(tracks) if "Piano.wav" in track)
    opening, rest = tracks[piano].split("\n", 1)
    tracks[piano] = "\n".join([opening, *(f"    {line}" for line in lines), rest])
    song.write_text("  <TRACK".join([head, *tracks]))
    bandmate.good("accompany", "strings pad", "--into", song, "--track", "Lead Vox")
    assert [each["role"] for each in newest_job(bandmate)["inputs"]] == ["source"]


def test_a_loud_track_with_other_chords_does_decide_them(bandmate: CommandLine, song: Path) -> None:
    """The same track at full level, for comparison."""
    project = Project.load(song)
    file = write(bandmate.folder / "Wrong.wav", 3 * wrong_piano())
    project.insert_stems([NewStem("Wrong", 0, round(BARS * BAR * RATE), [NewTake("Wrong", file)])])
    project.save()
    words = ("accompany", "strings pad", "--into", song, "--track", "Lead Vox", "--midi", "--seed", 1)
    bandmate.good(*words)
    assert bars_on_the_chords(project_notes(song)) < BARS - 1


def test_a_file_has_its_context_from_another(bandmate: CommandLine, song: Path) -> None:
    words = ("accompany", "Lead Vox.wav", "strings pad", "--midi", "--seed", 1, "--context", "Piano.wav")
    done = bandmate.good(*words, "-o", "out.wav")
    assert "It follows the detected chords" in done.out
    (inputs,) = [newest_job(bandmate)["inputs"]]
    assert [each["role"] for each in inputs] == ["source", "context"]
    notes = file_notes(bandmate.folder / "out.mid")
    assert bars_on_the_chords(notes) >= BARS - 1


def kick_and_piano(first_beat: float) -> np.ndarray:
    """The piano over a kick on each beat, after a moment of silence."""
    kick = np.tile(np.pad(tone(31, 0.12, 25), (0, round(BAR / 4 * RATE) - round(0.12 * RATE))), 4 * BARS)
    return np.concatenate((np.zeros(round(first_beat * RATE)), piano() + 0.7 * kick))


def test_new_music_has_the_tempo_and_first_beat_of_its_context(bandmate: CommandLine) -> None:
    first = 0.4
    write(bandmate.folder / "mix.wav", kick_and_piano(first))
    words = ("generate", "rock bass", "--context", "mix.wav", "--bars", BARS, "--midi", "--seed", 1)
    done = bandmate.good(*words, "-o", "out.wav", "--rate", 44_100)
    assert f"those of mix.wav: {BPM} bpm, 4/4." in done.out
    assert "detected in the audio around it" in done.out
    tempo = json.loads(bandmate.good("jobs", "--json", "--most", 1).out)[0]["timeline"]["tempo"][0]
    assert tempo["bpm"] == pytest.approx(BPM, abs=0.1)
    starts = np.array([start for start, _, _ in file_notes(bandmate.folder / "out.mid")]) * BAR - first
    eighth = BAR / 8
    assert np.median(np.abs(starts - np.round(starts / eighth) * eighth)) < 0.02
    roots = {9, 5, 0, 7}
    assert np.mean([pitch % 12 in roots for _, _, pitch in file_notes(bandmate.folder / "out.mid")]) > 0.6


def test_a_tempo_that_is_given_goes_before_that_of_the_context(bandmate: CommandLine) -> None:
    write(bandmate.folder / "mix.wav", kick_and_piano(0.0))
    done = bandmate.good(
        "generate", "rock bass", "--context", "mix.wav", "--bars", 2, "--bpm", 120, "-o", "out.wav"
    )
    assert "those of mix.wav" not in done.out
    assert soundfile.info(bandmate.folder / "out.wav").frames == 4 * RATE


def test_a_context_without_a_beat_leaves_the_tempo_to_the_prompt(bandmate: CommandLine) -> None:
    write(bandmate.folder / "mix.wav", np.zeros(4 * RATE))
    done = bandmate.good(
        "generate", "150 bpm rock bass", "--context", "mix.wav", "--bars", 2, "-o", "out.wav"
    )
    assert "No beat is clear in mix.wav" in done.out
    assert soundfile.info(bandmate.folder / "out.wav").frames == round(8 * 60 / 150 * RATE)


def file_notes(path: Path) -> list[tuple[float, float, int]]:
    """The notes of a MIDI file, in bars of the song."""
    begun: dict[int, list[float]] = defaultdict(list)
    found, seconds = [], 0.0
    for message in mido.MidiFile(path):
        seconds += message.time
        if message.type == "note_on" and message.velocity:
            begun[message.note].append(seconds)
        elif message.type in ("note_on", "note_off"):
            found.append((begun[message.note].pop(0) / BAR, seconds / BAR, message.note))
    return found


def test_options_that_do_not_apply_are_refused(bandmate: CommandLine, song: Path) -> None:
    said = bandmate.refused("accompany", "Lead Vox.wav", "pop", "-o", "out.wav", "--alone", code=2)
    assert "--alone needs a project" in said
    said = bandmate.refused(
        "cover", "pop", "--into", song, "--track", "Piano", "--context", "Piano.wav", code=2
    )
    assert "--context is for files" in said
