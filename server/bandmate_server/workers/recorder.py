"""Turns what a task yields into messages and frames in the spool, metering each stem on the way."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bandmate_plugins._host.checked_run import CheckedOutput, ResolvedStem
from bandmate_plugins._host.merged_report import merge_report
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins.outputs import Remark, StageProgress, StemAudio, StemNotes, TaskReport
from bandmate_protocol.codec import encode_message
from bandmate_protocol.messages import Done, Message, Note, Notes, Progress, Stem, StemEnd, Wording
from bandmate_protocol.texts import TemplateText, model_names, wording_of, wording_with_values
from bandmate_server.audio.peaks import PEAKS_SUFFIX, PeakMeter
from bandmate_server.spool import SpoolWriter
from bandmate_server.workers import link

_PROGRESS_SECONDS = 0.05
_NOTES_A_MESSAGE = 4096


@dataclass
class _OpenStem:
    stem: ResolvedStem
    meter: LoudnessMeter
    peaks: PeakMeter
    frames: int = 0


class ReportRecorder:
    """What one attempt reports and remarks; audio and notes are passed over."""

    def __init__(self, run: link.RunJob, report: Callable[[link.WorkerReport], None]) -> None:
        self._run = run
        self._report = report
        self._remarks: list[str] = []
        self._models: list[str] = []
        self._values: dict[str, Any] = {}
        self._progress_at = 0.0
        self._began = time.monotonic()
        self.seed_used = True
        """Whether the task looked at the seed."""

    def record_output(self, output: CheckedOutput) -> None:
        """Records one output."""
        match output:
            case StageProgress():
                self.report_progress(output)
            case Remark():
                self._remarks.append(output.sentence)
                self._models += output.models
            case TaskReport():
                merge_report(self._values, output.values)

    def report_progress(self, progress: StageProgress) -> None:
        """Tells how far the job is, not oftener than anybody can see."""
        stage, step, steps = progress.stage, progress.step, progress.steps
        now = time.monotonic()
        if now - self._progress_at < _PROGRESS_SECONDS and step < steps:
            return
        self._progress_at = now
        left = (now - self._began) / step * (steps - step) if step else None
        self._relay_message(
            Progress(
                job=self._run.job,
                attempt=self._run.attempt,
                stage=str(stage),
                stage_wording=wording_with_values(stage),
                step=step,
                steps=steps,
                unit=progress.unit,
                seconds_left=left,
            )
        )

    def done_message(self, seconds: float) -> Done:
        """The job's end, once every stem has ended."""
        return Done(
            job=self._run.job,
            attempt=self._run.attempt,
            remarks=tuple(str(remark) for remark in self._remarks),
            remark_wordings=_wordings(self._remarks),
            models=model_names(self._models),
            report=self._values,
            seconds=seconds,
            seed_used=self.seed_used,
        )

    def close(self) -> None:
        """Nothing is open."""

    def _relay_message(self, message: Message) -> None:
        self._report(link.RelayFrame(encode_message(message)))


class OutputRecorder(ReportRecorder):
    """One attempt's output. The spool is always written before the server is told."""

    def __init__(
        self, run: link.RunJob, writer: SpoolWriter, report: Callable[[link.WorkerReport], None]
    ) -> None:
        super().__init__(run, report)
        self._writer = writer
        self._rate = run.submit.timeline.sample_rate
        self._shelf = Path(run.shelf)
        self._open: dict[int, _OpenStem] = {}

    def record_output(self, output: CheckedOutput) -> None:
        """Records one output. Raises OSError when the disk is full."""
        match output:
            case ResolvedStem():
                self._begin_stem(output)
            case StemAudio():
                self._record_audio(output)
            case StemNotes():
                self._record_notes(output.stem, output.notes)
            case _:
                super().record_output(output)

    def close(self) -> None:
        """Closes the spool."""
        self._writer.close()

    def _begin_stem(self, stem: ResolvedStem) -> None:
        self._open[stem.index] = _OpenStem(stem, LoudnessMeter(self._rate, stem.channels), PeakMeter())
        self._writer.begin_stem(stem.index, stem.revision, stem.channels)
        self._write_message(
            Stem(
                job=self._run.job,
                attempt=self._run.attempt,
                revision=stem.revision,
                stem=stem.index,
                name=stem.name,
                role=stem.role,
                colour=stem.colour,
                sample_rate=self._rate,
                channels=stem.channels,
                frames=stem.frames,
                start_frame=stem.start_frame,
            )
        )

    def _record_audio(self, piece: StemAudio) -> None:
        state = self._open[piece.stem]
        self._writer.append_audio(piece.stem, state.stem.revision, piece.samples)
        self._report(link.SpoolGrown(self._run.job))
        state.meter.add(piece.samples)
        state.peaks.add(piece.samples)
        state.frames += len(piece.samples)
        if state.frames == state.stem.frames:
            self._end_stem(state)

    def _end_stem(self, state: _OpenStem) -> None:
        stem = state.stem
        digest = self._writer.end_stem(stem.index, stem.revision, self._shelf)
        # Only for drawing, and made again when somebody asks for what is not there.
        with contextlib.suppress(OSError):
            state.peaks.write_file(self._shelf / f"{digest}{PEAKS_SUFFIX}")
        self._write_message(
            StemEnd(
                job=self._run.job,
                attempt=self._run.attempt,
                revision=stem.revision,
                stem=stem.index,
                frames=stem.frames,
                sha256=digest,
                loudness_lufs=state.meter.integrated_lufs(),
                true_peak_dbtp=state.meter.true_peak_dbtp(),
            )
        )

    def _record_notes(self, index: int, notes: Iterable[Note]) -> None:
        batch = tuple(notes)
        revision = self._open[index].stem.revision
        for start in range(0, len(batch), _NOTES_A_MESSAGE):
            self._write_message(
                Notes(
                    job=self._run.job,
                    attempt=self._run.attempt,
                    revision=revision,
                    stem=index,
                    notes=batch[start : start + _NOTES_A_MESSAGE],
                ),
                relay=False,
            )

    def _write_message(self, message: Stem | StemEnd | Notes, *, relay: bool = True) -> None:
        frame = self._writer.append_message(message)
        self._report(link.RelayFrame(frame) if relay else link.SpoolGrown(self._run.job))


def _wordings(remarks: Sequence[str]) -> tuple[Wording, ...]:
    """Of all remarks, or none where all are plain."""
    if not any(isinstance(remark, TemplateText) for remark in remarks):
        return ()
    return tuple(wording_of(remark) for remark in remarks)
