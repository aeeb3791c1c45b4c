"""What `analyse` says of a recording: for people, for markers, and for the tempo of other tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_origin import HelperOrigin
from bandmate_bridge.jobs.job_run import ReportSink, run_job
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.requests.audio_jobs import TaskOptions, plan_file_job
from bandmate_bridge.rpp import Marker, time_text
from bandmate_plugins._theory.section_names import NamedSection
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Probed, TempoPoint
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

_DEFAULT_BPM = 120.0
_SECTION_COLOURS = ("#5b9bd5", "#4aa8a0", "#c98b2b", "#8e6bb0", "#4caf50", "#d9534f", "#d4a017", "#8a9199")
_STEADY_BPM = 0.5
"""Differences under which a tempo counts as one."""
_TOLERANCE_FRAMES = 1.0
"""Frames under which two positions are one."""


class ReportChord(msgspec.Struct, frozen=True):
    """A chord from a position on, in absolute frames."""

    position: int
    symbol: str


class ReportSection(msgspec.Struct, frozen=True):
    """A part of the form."""

    start_frame: int
    end_frame: int
    label: str


class ReportTempo(msgspec.Struct, frozen=True):
    """A tempo from a position on."""

    position: float
    bpm: float
    numerator: int = 4
    denominator: int = 4


class ReportSong(msgspec.Struct, frozen=True):
    """What a planner understands of a recording, as far as it is used here."""

    lyrics: str = ""


class ReportLoudness(msgspec.Struct, frozen=True):
    """As EBU R 128 measures it; None for silence."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None


@dataclass(frozen=True)
class RecordingTempo:
    """Tempo, metre and key of a recording."""

    tempo: TempoMap
    key: str | None
    sections: tuple[NamedSection, ...] = ()
    """In seconds; empty where nothing was detected."""

    @property
    def metre(self) -> tuple[int, int]:
        """At the start."""
        return self.tempo.points[0].numerator, self.tempo.points[0].denominator


class AnalysisReport(msgspec.Struct, frozen=True):
    """The report of `analyse`, as far as it is used here; what else is in it is let through."""

    frames: int
    sample_rate: int
    start_frame: int = 0
    tempo: tuple[ReportTempo, ...] = ()
    beats: tuple[int, ...] = ()
    downbeats: tuple[int, ...] = ()
    tempo_source: str = "audio"
    """`project` where the project's own grid fits the recording."""
    tempo_kind: str | None = None
    """`steady`, `moving` or `unsure`; None without beats."""
    median_bpm: float | None = None
    metre: str | None = None
    """None where nothing tells."""
    key: str | None = None
    key_confidence: float = 0.0
    tuning_cents: int | None = None
    chords: tuple[ReportChord, ...] = ()
    sections: tuple[ReportSection, ...] = ()
    loudness: ReportLoudness | None = ReportLoudness()
    """None where there is no sound, as in MIDI."""
    song: ReportSong | None = None
    """None where no planner listened."""

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> AnalysisReport:
        """From the values that a job reported. Raises RequestError (`engine_failed`) for anything else."""
        try:
            return msgspec.convert(dict(values), cls, strict=False)
        except msgspec.ValidationError as error:
            raise RequestError(
                ErrorCode.ENGINE_FAILED,
                say("The engine's analysis cannot be read: {error}.", error=error),
                "Try another --engine.",
            ) from error

    @property
    def first_downbeat(self) -> float:
        """Where bar 1 begins, in frames: the first barline that was heard, else the first tempo."""
        if self.downbeats:
            return float(self.downbeats[0])
        return self.tempo[0].position if self.tempo else float(self.start_frame)

    @property
    def has_usable_tempo(self) -> bool:
        """Whether its tempo may become a project's: it is certain, and not the project's already."""
        return bool(self.beats) and self.tempo_kind != "unsure" and self.tempo_source != "project"

    def tempo_points(self) -> list[TempoPoint]:
        """The tempo as the protocol has it; at least one point, the first at the start of the audio."""
        changes = self.tempo or (ReportTempo(float(self.start_frame), _DEFAULT_BPM),)
        first = msgspec.structs.replace(
            changes[0], position=min(changes[0].position, float(self.start_frame))
        )
        return [msgspec.convert(msgspec.structs.asdict(each), TempoPoint) for each in (first, *changes[1:])]

    def recording_tempo(self, sample_rate: int, metre: tuple[int, int] | None = None) -> RecordingTempo:
        """For a timeline that begins with the recording, at any sample rate; bar 1 is the first whole bar.

        ``metre`` overrides the detected one.
        """
        scale = sample_rate / self.sample_rate
        points = [
            msgspec.structs.replace(point, position=point.position * scale) for point in self.tempo_points()
        ]
        if metre is not None:
            numerator, denominator = metre
            points = [
                msgspec.structs.replace(point, numerator=numerator, denominator=denominator)
                for point in points
            ]
        return RecordingTempo(
            TempoMap(points, sample_rate, anchor=self.first_downbeat * scale, bar=1),
            self.key,
            tuple(self.named_sections()),
        )

    def project_tempo(self) -> list[TempoPoint]:
        """Points for a project whose first bar begins at 0: a bar begins on the first downbeat, however long
        the one before it then is.
        """
        points = self.tempo_points()
        downbeat = self.first_downbeat
        held = [point for point in points if point.position <= downbeat + _TOLERANCE_FRAMES][-1]
        start = msgspec.structs.replace(points[0], position=0.0)
        after = [point for point in points if point.position > downbeat + _TOLERANCE_FRAMES]
        if downbeat <= _TOLERANCE_FRAMES:
            return [msgspec.structs.replace(held, position=0.0), *after]
        return [start, msgspec.structs.replace(held, position=downbeat, starts_bar=True), *after]

    def named_sections(self) -> list[NamedSection]:
        """The sections, in seconds."""
        rate = self.sample_rate
        return [
            NamedSection(one.label, one.start_frame / rate, one.end_frame / rate) for one in self.sections
        ]

    def markers(self) -> list[Marker]:
        """Chords as markers, sections as regions of a colour for each label."""
        labels = list(dict.fromkeys(section.label for section in self.sections))
        colours = dict(
            zip(labels, _SECTION_COLOURS * (len(labels) // len(_SECTION_COLOURS) + 1), strict=False)
        )
        found = [Marker(0, chord.symbol, chord.position) for chord in self.chords if chord.symbol != "N"]
        found += [
            Marker(0, one.label, one.start_frame, one.end_frame, colours[one.label])
            for one in self.sections
            if one.end_frame > one.start_frame
        ]
        return found


def steady_tempo_map(sample_rate: int, bpm: float | None, metre: tuple[int, int] | None) -> TempoMap:
    """One tempo throughout. Raises RequestError (`bad_params`) for one that cannot be."""
    numerator, denominator = metre or (4, 4)
    try:
        point = msgspec.convert(
            {"position": 0.0, "bpm": bpm or _DEFAULT_BPM, "numerator": numerator, "denominator": denominator},
            TempoPoint,
        )
    except msgspec.ValidationError as error:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("Invalid tempo or metre: {error}.", error=error),
            "Try --bpm 120 --metre 4/4.",
        ) from error
    return TempoMap([point], sample_rate)


def analyse_upload(client: Client, probed: Probed, progress: ProgressCallback) -> AnalysisReport:
    """Has a file that was sent analysed. Raises RequestError."""
    wanted = TaskOptions("analyse", {"tempo": "audio"})
    order = plan_file_job(wanted, probed, steady_tempo_map(probed.sample_rate, None, None), ())
    _, outcome = run_job(client, order, ReportSink(), progress, origin=HelperOrigin(purpose="tempo"))
    return AnalysisReport.from_values(outcome.done.report)


def read_analysis(values: Mapping[str, Any]) -> AnalysisReport | None:
    """The analysis in what a job reported; None for the report of anything else."""
    if "beats" not in values and "sections" not in values:
        return None
    try:
        return AnalysisReport.from_values(values)
    except RequestError:
        return None


def report_lines(values: Mapping[str, Any]) -> list[str]:
    """What a task reported, for people: an analysis in words, anything else as JSON."""
    if analysis := read_analysis(values):
        return report_summary(analysis)
    return msgspec.json.format(msgspec.json.encode(dict(values))).decode().splitlines() if values else []


def report_summary(report: AnalysisReport, ruler_start: float = 0.0) -> list[str]:
    """A few lines for people.

    Times are those of the whole file, also where a range of it was analysed, or those of a project's ruler,
    which shows ``ruler_start`` seconds at frame 0.
    """
    rate = report.sample_rate
    zero = -ruler_start * rate
    lines = [f"Length    {_clock_text(report.frames / rate)} at {rate} Hz"]
    if report.tempo and report.beats:
        first = _clock_text((report.first_downbeat - zero) / rate)
        opens = f"{report.metre}; the first bar begins at {first}" if report.metre else "no metre detected"
        lines.append(f"Tempo     {tempo_text(report)}, {opens}")
    else:
        lines.append("Tempo     no beat detected")
    lines.append(f"Key       {_key_text(report)}")
    if report.tuning_cents is not None:
        lines.append(f"Tuning    {_tuning_text(report.tuning_cents)}")
    lines += _list_line(
        "Chords",
        [f"{_clock_text((mark.position - zero) / rate)} {mark.symbol}" for mark in report.chords],
    )
    lines += _list_line("Sections", [_section_text(one, zero, rate) for one in report.sections])
    if report.loudness is not None:
        lines.append(f"Loudness  {_loudness_text(report.loudness)}")
    return lines


def tempo_text(report: AnalysisReport) -> str:
    """The tempo in words: the median, and a range only where it really moves."""
    bpms = [change.bpm for change in report.tempo]
    median = report.median_bpm or bpms[0]
    if report.tempo_kind == "unsure":
        return f"about {median:.0f} bpm (unsure)"
    if max(bpms) - min(bpms) < _STEADY_BPM:
        return f"{median:.2f} bpm"
    return f"{median:.1f} bpm, moving from {min(bpms):.1f} to {max(bpms):.1f}"


def _key_text(report: AnalysisReport) -> str:
    return f"{report.key} (confidence {report.key_confidence:.2f})" if report.key else "none detected"


def _tuning_text(cents: int) -> str:
    if not cents:
        return "concert pitch (A4 = 440 Hz)"
    side = "above" if cents > 0 else "below"
    return f"{abs(cents)} cents {side} concert pitch (A4 = {440 * 2 ** (cents / 1200):.1f} Hz)"


def _section_text(one: ReportSection, zero: float, rate: int) -> str:
    begin, end = (_clock_text((edge - zero) / rate) for edge in (one.start_frame, one.end_frame))
    return f"{one.label} {begin} to {end}"


def _loudness_text(loudness: ReportLoudness) -> str:
    said = [
        ("", loudness.integrated_lufs, " LUFS"),
        ("range ", loudness.range_lu, " LU"),
        ("true peak ", loudness.true_peak_dbtp, " dBTP"),
    ]
    return (
        ", ".join(f"{name}{value:.1f}{unit}" for name, value, unit in said if value is not None) or "silence"
    )


def _list_line(title: str, entries: Sequence[str], most: int = 12) -> list[str]:
    if not entries:
        return []
    more = f", and {len(entries) - most} more" if len(entries) > most else ""
    return [f"{title:<10}{', '.join(entries[:most])}{more}"]


def _clock_text(seconds: float) -> str:
    return time_text(seconds, 1)
