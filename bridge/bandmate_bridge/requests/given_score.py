"""A score that a musician gives, as ABC or MusicXML: its notes to be played or followed, and its chords as a chart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from bandmate_bridge.midi.midi_reader import MidiTempo
from bandmate_plugins._score.abc_reader import read_abc
from bandmate_plugins._score.musicxml_reader import MAX_BYTES, read_musicxml
from bandmate_plugins._score.read_score import ReadBar, ReadScore
from bandmate_plugins._theory.chord_chart import MAX_CHART_TEXT
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MAX_CHART_BARS = MAX_CHART_TEXT // len("| % ")
"""More of them do not fit into a chart, whatever they hold."""
SCORE_ENDINGS = frozenset({".abc", ".musicxml", ".mxl", ".xml"})


def is_score_file(file: Path) -> bool:
    """Whether a file is a score, by its ending."""
    return file.suffix.lower() in SCORE_ENDINGS


def read_score_file(file: Path) -> ReadScore:
    """Reads ABC or MusicXML. Raises RequestError (`file_unusable`) that names the file."""
    if not file.is_file():
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("There is no file {file}.", file=file),
            "Name a score, such as song.abc or song.musicxml.",
        )
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error),
            "Give a file that you are allowed to read.",
        ) from error
    if size > MAX_BYTES:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{name} is too large for a score.", name=file.name),
            "Give a shorter score.",
        )
    try:
        if file.suffix.lower() == ".abc":
            return read_abc(data.decode("utf-8-sig"))
        return read_musicxml(data)
    except UnicodeDecodeError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{name} is not text in UTF-8.", name=file.name),
            "Save it as UTF-8.",
        ) from error
    except RequestError as error:
        raise RequestError(error.code, f"{file.name}: {error.sentence}", error.remedy) from error


def score_tempo(score: ReadScore) -> tuple[MidiTempo, ...]:
    """Tempo and metre of a score, as those of a MIDI file."""
    found = [MidiTempo(float(place), bpm=bpm) for place, bpm in score.tempi]
    before: tuple[int, int] | None = None
    for bar in score.bars:
        if bar.metre != before:
            found.append(MidiTempo(float(bar.start), metre=bar.metre))
        before = bar.metre
    return tuple(sorted(found, key=lambda event: event.quarters))


def score_chart(score: ReadScore, name: str) -> str:
    """The chords of a score as a chart, a share for each beat; empty where it has none. `name` is its file's.

    Raises RequestError (`bad_params`) for more chords than a chart takes.
    """
    if not score.chords:
        return ""
    bars = whole_bars(score)
    chart = " ".join([*_bar_texts(score, bars), "|"]) if len(bars) <= _MAX_CHART_BARS else ""
    if not chart or len(chart) > MAX_CHART_TEXT:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{name} has more chords than fit into a chart.", name=name),
            "Give a shorter score.",
        )
    return chart


def whole_bars(score: ReadScore) -> list[ReadBar]:
    """The bars of a score as its notes count them: each as long as its metre says; no more than a chart can hold.

    A strain that begins with a pickup has its first bar split in two in the score; here it is one.
    """
    bars: list[ReadBar] = []
    starts = [bar.start for bar in score.bars]
    place = starts[0] if starts else Fraction(0)
    while starts and place <= starts[-1] and len(bars) <= _MAX_CHART_BARS:
        metre = score.bars[bisect_right(starts, place) - 1].metre
        bars.append(ReadBar(place, metre))
        place += Fraction(4 * metre[0], metre[1])
    return bars


def _bar_texts(score: ReadScore, bars: Sequence[ReadBar]) -> Iterator[str]:
    """Each bar's chords on its beats, such as `| Am . F .`; without a change, `| %`."""
    starts = [bar.start for bar in bars]
    cells = [[""] * bar.metre[0] for bar in bars]
    for place, symbol in score.chords:
        number = bisect_right(starts, place) - 1
        bar = bars[number]
        beat = min(int((place - bar.start) * bar.metre[1] / 4 + Fraction(1, 2)), bar.metre[0] - 1)
        cells[number][beat] = symbol
    before = "N.C."
    for here in cells:
        if any(here):
            here[0] = here[0] or before
            yield "| " + (" ".join(cell or "." for cell in here) if any(here[1:]) else here[0])
            before = "."
        else:
            yield "| N.C." if before == "N.C." else "| %"
