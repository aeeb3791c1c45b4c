"""What Bandmate made, as clips: stems, notes, and takes that play as an item does."""

from __future__ import annotations

from bandmate_bridge.dawproject.arriving_audio import ArrivingAudio
from bandmate_bridge.dawproject.new_clips import NewClip, NewNote
from bandmate_bridge.rpp import Item, NewMidi, NewStem, NewTake
from bandmate_bridge.rpp.items import chosen_part
from bandmate_bridge.rpp.lines import as_float
from bandmate_bridge.rpp.write_like import item_gain, take_sound
from bandmate_protocol.tempo import TempoMap


def stem_clips(stem: NewStem, rate: int, audio: ArrivingAudio) -> list[NewClip]:
    """A clip for each take of a stem, the chosen one first; the others are disabled. `rate` is that of its frames."""
    start, length = stem.start_frame / rate, stem.frames / rate
    fade_in, fade_out, gain, pan = stem.fade_in_seconds, stem.fade_out_seconds, 1.0, 0.0
    if stem.like is not None:
        like, frame = stem.like, 1 / rate
        position = like.chunk.number("POSITION")
        end = position + like.chunk.number("LENGTH")
        gain, pan = _gain_and_pan(like)
        fade_in = like.fade_in_seconds if abs(start - position) <= frame else 0.0
        fade_out = like.fade_out_seconds if abs(start + length - end) <= frame else 0.0
    return [
        NewClip(
            take.name,
            start,
            length,
            audio=audio.take_in(take.file),
            offset=take.offset_seconds,
            fade_in=fade_in,
            fade_out=fade_out,
            gain=gain,
            pan=pan,
            enabled=index == stem.chosen,
            colour=stem.colour,
        )
        for index, take in sorted(enumerate(stem.takes), key=lambda one: one[0] != stem.chosen)
    ]


def notes_clip(part: NewMidi, tempo: TempoMap) -> NewClip:
    """A clip with the notes that begin in it."""
    rate = tempo.sample_rate
    first = tempo.quarters_at(part.start_frame)
    end = part.start_frame + part.frames
    notes = []
    for note in part.notes:
        on, off = part.start_frame + note.start, min(part.start_frame + note.start + note.frames, end)
        if part.start_frame <= on < off:
            start = tempo.quarters_at(on)
            length = tempo.quarters_at(off) - start
            notes.append(NewNote(start - first, length, note.pitch, note.velocity, note.channel))
    return NewClip(part.name, part.start_frame / rate, part.frames / rate, notes=notes, colour=part.colour)


def take_clip(
    item: Item,
    take: NewTake,
    span: tuple[float, float],
    audio: ArrivingAudio,
    *,
    chosen: bool,
    fades: tuple[bool, bool] = (True, True),
) -> NewClip:
    """A take from one second to another, played as an item is: its gain and pan, and its fades at the ends that have
    them.
    """
    gain, pan = _gain_and_pan(item) if item.takes else (1.0, 0.0)
    return NewClip(
        take.name,
        span[0],
        span[1] - span[0],
        audio=audio.take_in(take.file),
        offset=take.offset_seconds,
        fade_in=item.fade_in_seconds if fades[0] else 0.0,
        fade_out=item.fade_out_seconds if fades[1] else 0.0,
        gain=gain,
        pan=pan,
        enabled=chosen,
    )


def _gain_and_pan(item: Item) -> tuple[float, float]:
    return item_gain(item), as_float(take_sound(chosen_part(item.chunk)).volume.split()[0])
