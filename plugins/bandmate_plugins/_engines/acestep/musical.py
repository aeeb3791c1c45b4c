"""What a timeline says of the music, in the words that the model was trained with."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.pitch_names import PITCH_NAMES
from bandmate_protocol.keys import read_key
from bandmate_protocol.messages import Timeline

_MIN_BPM, _MAX_BPM = 30, 300
"""The tempi that the model knows, in bpm."""
_METRES = {(2, 4): 2, (3, 4): 3, (4, 4): 4, (2, 2): 2, (6, 8): 6, (12, 8): 6}
"""Time signatures that it knows, as it calls them."""
_MINOR = ("minor", "dorian", "phrygian", "locrian", "harmonic minor", "melodic minor")
_STEADY = 0.02
"""A tempo that moves by less over a range counts as steady."""


@dataclass(frozen=True)
class MusicMetadata:
    """Tempo, metre, key and length as the model takes them; None where it takes none like it."""

    bpm: int | None
    metre: int | None
    key: str | None
    seconds: float
    remarks: tuple[str, ...] = ()


def music_metadata(music: MusicalRange) -> MusicMetadata:
    """Reads a range. A tempo that moves is told by its mean, and remarked on."""
    said: list[str] = []
    timeline = music.timeline
    bpm = _mean_bpm(music, said)
    metre = _time_signature(music, said)
    key = _key_scale(timeline, said)
    return MusicMetadata(bpm, metre, key, timeline.seconds, tuple(said))


def _mean_bpm(music: MusicalRange, said: list[str]) -> int | None:
    timeline, tempo = music.timeline, music.tempo
    quarters = tempo.quarters_at(timeline.end_frame) - tempo.quarters_at(timeline.start_frame)
    mean = quarters * 60 / timeline.seconds
    ends = [tempo.bpm_at(timeline.start_frame), tempo.bpm_at(timeline.end_frame - 1)]
    ends += [
        point.bpm for point in timeline.tempo if timeline.start_frame < point.position < timeline.end_frame
    ]
    if max(ends) - min(ends) > _STEADY * mean:
        said.append(f"The tempo changes, but the model takes only one, so it was given {round(mean)} bpm.")
    if not _MIN_BPM <= round(mean) <= _MAX_BPM:
        said.append(f"The model takes {_MIN_BPM} to {_MAX_BPM} bpm, so it was given no tempo.")
        return None
    return round(mean)


def _time_signature(music: MusicalRange, said: list[str]) -> int | None:
    metre = music.tempo.metre_at(music.start_frame)
    known = _METRES.get(metre)
    if known is None:
        said.append(
            f"The model takes 2, 3, 4 and 6 beats to a bar, so it was not given {metre[0]}/{metre[1]}."
        )
    return known


def _key_scale(timeline: Timeline, said: list[str]) -> str | None:
    if not timeline.key:
        return None
    key = read_key(timeline.key)
    if key is None:
        said.append(f"The model does not support the key {timeline.key}, so it was given none.")
        return None
    mode = "minor" if key.mode in _MINOR else "major"
    if key.mode not in ("major", "minor"):
        said.append(
            f"The model supports only major and minor, so it was given {PITCH_NAMES[key.tonic]} {mode}."
        )
    return f"{PITCH_NAMES[key.tonic]} {mode}"
