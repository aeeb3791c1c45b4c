"""Tempo, metre, key and length where no project says them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.client.older_servers import SUGGEST_TASK, lacks_message
from bandmate_bridge.jobs.job_origin import HelperOrigin
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.job_run import ReportSink, run_job
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.rpp import end_after
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Suggested, TempoPoint, Timeline
from bandmate_protocol.suggestions import suggested_from_report
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

DEFAULT_BARS = 8.0
_DEFAULT_BPM = 120.0
_NO_SUGGESTION = (ErrorCode.NO_SUCH_TASK, ErrorCode.ENGINE_UNAVAILABLE, ErrorCode.NO_SUCH_ENGINE)


@dataclass(frozen=True, slots=True)
class MusicLength:
    """A length in one unit; eight bars when none is given."""

    bars: float | None = None
    beats: float | None = None
    seconds: float | None = None

    def or_default(self) -> MusicLength:
        """Itself, or eight bars when nothing was said."""
        if self.is_open:
            return MusicLength(bars=DEFAULT_BARS)
        return self

    @property
    def is_open(self) -> bool:
        """Nothing was said."""
        return (self.bars, self.beats, self.seconds) == (None, None, None)


@dataclass(frozen=True, slots=True)
class TempoMetreKey:
    """What was said of tempo, metre and key; None is open."""

    bpm: float | None = None
    metre: tuple[int, int] | None = None
    key: str | None = None

    @property
    def is_complete(self) -> bool:
        """Nothing is left open."""
        return None not in (self.bpm, self.metre, self.key)

    def chosen_text(self, said: TempoMetreKey) -> str:
        """A sentence of what was left open and is decided here; empty when nothing was."""
        words = []
        if said.bpm is None and self.bpm is not None:
            words.append(f"{self.bpm:g} bpm")
        if said.metre is None and self.metre is not None:
            words.append(f"{self.metre[0]}/{self.metre[1]}")
        if said.key is None and self.key is not None:
            words.append(self.key)
        return f"Chosen automatically: {', '.join(words)}." if words else ""

    def timeline(self, length: MusicLength, rate: int) -> Timeline:
        """A timeline from frame 0. Raises RequestError (`bad_position`) for a length that cannot be."""
        numerator, denominator = self.metre or (4, 4)
        try:
            point = msgspec.convert(
                {
                    "position": 0.0,
                    "bpm": self.bpm or _DEFAULT_BPM,
                    "numerator": numerator,
                    "denominator": denominator,
                },
                TempoPoint,
            )
        except msgspec.ValidationError as error:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("Invalid tempo or metre: {error}.", error=error),
                "Try --bpm 120 --metre 4/4.",
            ) from error
        tempo = TempoMap([point], rate)
        given = length.or_default()
        end = end_after(0, tempo, bars=given.bars, beats=given.beats, seconds=given.seconds)
        return tempo.timeline_between(0, end, key=self.key)


def suggest_tempo_and_key(
    client: Client,
    prompt: str,
    feel: TempoMetreKey,
    engine: str | None,
    seed: int,
    progress: ProgressCallback,
) -> TempoMetreKey:
    """Fills what is open with what the prompt asks for, as an engine understands it; the same for a seed."""
    if feel.is_complete:
        return feel
    found = _suggest(client, prompt, engine, seed, progress)
    return feel if found is None else _fill_open(feel, found)


def suggest_length(
    client: Client,
    prompt: str,
    length: MusicLength,
    engine: str | None,
    seed: int,
    progress: ProgressCallback,
) -> MusicLength:
    """The length that was given, else the one that the prompt asks for: `16 bars of funk`."""
    if not length.is_open:
        return length
    found = _suggest(client, prompt, engine, seed, progress)
    return length if found is None else _asked_length(found)


def _suggest(
    client: Client, prompt: str, engine: str | None, seed: int, progress: ProgressCallback
) -> Suggested | None:
    """What an engine reads in a prompt; None where none can."""
    try:
        return _ask_server(client, prompt, engine, seed, progress)
    except BandmateError as error:
        if error.code not in _NO_SUGGESTION:
            raise
        return None


def _asked_length(found: Suggested) -> MusicLength:
    if found.seconds is not None:
        return MusicLength(seconds=found.seconds)
    return MusicLength(bars=found.bars)


def _ask_server(
    client: Client, prompt: str, engine: str | None, seed: int, progress: ProgressCallback
) -> Suggested:
    """The server's answer; an older server gives it as the report of a job."""
    try:
        return client.suggest(prompt, engine=engine, seed=seed)
    except BandmateError as error:
        if not lacks_message(error):
            raise
    timeline = TempoMetreKey().timeline(MusicLength(), 48_000)
    request = JobRequest(SUGGEST_TASK, timeline, {"prompt": prompt}, engine=engine, seed=seed)
    accepted, outcome = run_job(
        client, request, ReportSink(), progress, origin=HelperOrigin(purpose="tempo and key")
    )
    return suggested_from_report(accepted.request, accepted.engine, outcome.done.report)


def prompt_timeline(
    client: Client,
    prompt: str,
    given: TempoMetreKey,
    length: MusicLength,
    *,
    sample_rate: int,
    engine: str | None,
    seed: int,
    key_follows: bool,
    progress: ProgressCallback,
) -> tuple[Timeline, str]:
    """The timeline where only the prompt decides what was not given, and a sentence about what was chosen.

    That includes its length.

    ``key_follows``: the engine gets audio or chords, which say more about the key than the prompt.
    """
    found = None
    if not given.is_complete or length.is_open:
        found = _suggest(client, prompt, engine, seed, progress)
    feel = given if found is None else _fill_open(given, found)
    if key_follows:
        feel = replace(feel, key=given.key)
    if found is not None and length.is_open:
        length = _asked_length(found)
    return feel.timeline(length, sample_rate), feel.chosen_text(given)


def _fill_open(feel: TempoMetreKey, found: Suggested) -> TempoMetreKey:
    """What was given stays; the rest is as suggested."""
    metre = (found.numerator, found.denominator) if found.numerator and found.denominator else None
    return TempoMetreKey(
        found.bpm if feel.bpm is None else feel.bpm,
        metre if feel.metre is None else feel.metre,
        found.key if feel.key is None else feel.key,
    )
