"""What the band follows, as the parameter `follow` says: chords that are known, or a melody that is given or heard."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec

from bandmate_plugins._engines.sketch.accompany.reading import SOLO, is_solo
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.playing import mix_tracks, playing_tracks
from bandmate_plugins._engines.sketch.theory.measures import felt_grid
from bandmate_plugins._engines.sketch.words.decisions import names_parts
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._listening.melody.lines import MELODY, LineSearch, TranscribedNote
from bandmate_plugins._listening.transcript import TranscribedPassage, Transcript
from bandmate_plugins._tasks.accompany import AccompanyParams
from bandmate_plugins._tasks.follow import follows_chords, has_readable_chords, no_chords_error
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins._tasks.given_notes import NotesUse
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import chords_report
from bandmate_plugins.outputs import Output, Remark, StageProgress, TaskReport
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import MAX_GIVEN_NOTES, NOTES_OFF, ChordMark, GivenPart, Note
from bandmate_protocol.texts import say

P = TypeVar("P", GenerateParams, AccompanyParams)

_SOFTEST, _LOUDEST = 45, 112
"""Velocities of the softest and the loudest note that is heard."""


def without_unfollowed_chords(request: TaskRequest[P, SketchOptions]) -> TaskRequest[P, SketchOptions]:
    """The request without the chords of its timeline, where they are not to be followed."""
    if follows_chords(request.params.follow) or not request.timeline.chords:
        return request
    return replace(request, timeline=msgspec.structs.replace(request.timeline, chords=()))


@dataclass(frozen=True)
class KnownChords:
    """The chords that a band plays on, and where they come from."""

    music: MusicalRange
    source: str
    """`given` (the parameter `chords`), `prompt`, `project`, `notes` or `heard`."""

    def report(self) -> TaskReport:
        """For programs: what is followed, from where, and the chords bar by bar."""
        chords = chords_report(self.music)
        return TaskReport({"follow": {"what": "chords", "from": self.source, "chords": chords}})


def known_chords(
    asked: TaskRequest[GenerateParams, SketchOptions],
    played: TaskRequest[GenerateParams, SketchOptions],
    music: MusicalRange,
    heard: tuple[ChordMark, ...],
) -> KnownChords | None:
    """The chords that are followed; None for none.

    `asked` is the request, `played` the same with the chords of its prompt, and `music` also has those of its notes.
    Raises RequestError (`bad_params`) where chords are to be followed and none are known.
    """
    if not follows_chords(asked.params.follow):
        return None
    if has_readable_chords(music.timeline):
        return KnownChords(music, _chords_source(asked, played))
    if heard:
        return KnownChords(music.with_chords(heard), "heard")
    if asked.params.follow == "chords":
        raise no_chords_error(music.timeline)
    return None


def _chords_source(asked: TaskRequest[GenerateParams], played: TaskRequest[GenerateParams]) -> str:
    if asked.params.chords.strip():
        return "given"
    if played is not asked:
        return "prompt"
    return "project" if asked.timeline.chords else "notes"


@dataclass(frozen=True)
class HeardMelody:
    """A melody that was heard."""

    notes: tuple[Note, ...]
    """In frames from the start of the range."""
    tracker: str = ""
    """What followed the pitch of a voice; empty where none sings by itself."""


def with_heard_melody(
    request: TaskRequest[GenerateParams, SketchOptions], context: TaskContext
) -> Generator[Output, None, TaskRequest[GenerateParams, SketchOptions]]:
    """The request with the melody to follow among its notes, if it follows one: a given one, else one that is heard.

    Where the prompt names players, they play the melody; else it leads the band of a style. Raises RequestError:
    `bad_params` where there are neither notes nor audio, `input_unusable` where no melody is heard.
    """
    if request.params.follow != "melody":
        return request
    if request.timeline.parts and request.params.notes != NOTES_OFF:
        count = sum(len(part.notes) for part in request.timeline.parts)
        yield TaskReport({"follow": {"what": "melody", "from": "notes", "notes": count}})
        return request
    audio = mix_tracks(request, playing_tracks(request))
    if audio is None:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "There is no melody to follow.",
            "Give notes, such as --midi-in tune.mid, or a recording, such as --context hum.wav.",
        )
    melody = yield from hear_melody(request, audio, context)
    yield TaskReport({"follow": {"what": "melody", "from": "heard", "notes": len(melody.notes)}})
    yield Remark(say("The melody was heard in the recording: {count} notes.", count=len(melody.notes)))
    wish = parse_prompt(request.params.prompt)
    use: NotesUse = "only" if names_parts(wish) or wish.ensemble else "melody"
    part = GivenPart(name="Melody", notes=melody.notes)
    return replace(
        request,
        options=msgspec.structs.replace(request.options, tracker=melody.tracker or request.options.tracker),
        params=msgspec.structs.replace(request.params, notes=use),
        timeline=msgspec.structs.replace(request.timeline, parts=(part,)),
    )


def hear_melody(
    request: TaskRequest[Any, SketchOptions], audio: AudioInput, context: TaskContext
) -> Generator[Output, None, HeardMelody]:
    """The lead line of audio over the range: a voice or an instrument by itself, else the top line of a mix.

    Raises RequestError (`input_unusable`) where none is clear.
    """
    music = MusicalRange(request.timeline, request.tempo)
    yield StageProgress("Analysing", 0, 1)
    passages = _melodic_passages(request, audio, SOLO, context)
    if not all(map(is_solo, passages)):
        passages = _melodic_passages(request, audio, MELODY, context)
    yield StageProgress("Analysing", 1, 1)
    heard = [note for passage in passages for note in passage.melody]
    placed = [
        _placed_note(note, music) for note in heard if music.start_frame <= note.start < music.end_frame
    ]
    if not placed:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "No melody was heard in the recording.",
            "Choose a recording of one voice or instrument, or give the melody as notes.",
        )
    tracker = next((passage.tracker for passage in passages if passage.tracker), "")
    return HeardMelody(tuple(placed[:MAX_GIVEN_NOTES]), tracker)


def _melodic_passages(
    request: TaskRequest[Any, SketchOptions], audio: AudioInput, line: LineSearch, context: TaskContext
) -> list[TranscribedPassage]:
    """The passages of a recording that have a melody."""
    music = MusicalRange(request.timeline, request.tempo)
    transcript = Transcript(
        audio, music.timeline, line, context.check, request.options.tracker, felt_grid(music)
    )
    found: list[TranscribedPassage] = []
    while (passage := transcript.transcribe_next()) is not None:
        if passage.clear.has_melody and not passage.is_silent:
            found.append(passage)
    return found


def _placed_note(note: TranscribedNote, music: MusicalRange) -> Note:
    start = round(note.start) - music.start_frame
    end = min(round(note.end), music.end_frame) - music.start_frame
    velocity = round(_SOFTEST + (_LOUDEST - _SOFTEST) * min(max(note.level, 0.0), 1.0))
    return Note(start=start, frames=max(end - start, 1), pitch=note.pitch, velocity=velocity)


class ContextAudio(AudioInput):
    """A source as if it played on another track."""

    role = "context"

    def __init__(self, audio: AudioInput) -> None:
        self._audio = audio
        self.start_frame, self.frames, self.channels = audio.start_frame, audio.frames, audio.channels

    def read(self, offset: int = 0, frames: int | None = None) -> Any:
        """As the source."""
        return self._audio.read(offset, frames)


def melody_request(
    request: TaskRequest[AccompanyParams, SketchOptions],
) -> TaskRequest[GenerateParams, SketchOptions]:
    """An accompaniment that follows the melody of its source, as new music beside it."""
    params = request.params
    asked = GenerateParams(
        prompt=params.prompt,
        mix=params.mix,
        match_loudness=params.match_loudness,
        level=params.level,
        lyrics=params.lyrics,
        language=params.language,
        chords=params.chords,
        follow=params.follow,
    )
    inputs = tuple(ContextAudio(audio) if audio.role == "source" else audio for audio in request.inputs)
    return TaskRequest(asked, request.timeline, request.seed, inputs, request.options)
