"""What the band has played, as outputs of a task: notes in batches, audio by part or mixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins.outputs import Output, StemAudio, StemNotes
from bandmate_protocol.messages import Note

_SCORE_NOTES = 1_024


def emit_notes(notes: Sequence[Sequence[Note]], mixed: bool) -> Iterator[Output]:
    """The new notes of each part, for its stem or for the one stem of a mix."""
    for stem, new in enumerate(notes):
        for start in range(0, len(new), _SCORE_NOTES):
            yield StemNotes(0 if mixed else stem, new[start : start + _SCORE_NOTES])


def emit_audio(audio: Sequence[AudioSamples], mixed: bool) -> Iterator[Output]:
    """The next audio of each part, all of one length; added in the order of the parts for a mix."""
    if not len(audio[0]):
        return
    if mixed:
        total = audio[0].copy()
        for stem in audio[1:]:
            total += stem
        yield StemAudio(0, total)
        return
    for number, samples in enumerate(audio):
        yield StemAudio(number, samples)
