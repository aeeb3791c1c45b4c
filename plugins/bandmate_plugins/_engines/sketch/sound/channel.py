"""One part's channel: its notes become a stereo stream behind its effects."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from bandmate_plugins._engines.sketch.library import DrumKit, Instrument
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_plugins._engines.sketch.library.patches import StringPatch
from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.sound import sampler
from bandmate_plugins._engines.sketch.sound.bends import bend_body, highest_ratio
from bandmate_plugins._engines.sketch.sound.effects import (
    ChorusEffect,
    RoomReverb,
    RoomSound,
    ToneFilter,
    apply_drive,
)
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from bandmate_plugins._engines.sketch.sound.sampler import MixBuffer, NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont import DamagedError, SoundFontBank
from bandmate_plugins._engines.sketch.sound.voices import render_body
from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_protocol.messages import Note

_CHOKED = frozenset({"open"})
_CHOKE_SECONDS = 0.04
MAX_WRITTEN_SECONDS = 60.0
"""Seconds that a written note is held at most; others are held for `sampler.MAX_NOTE_SECONDS`."""
_VARIANTS = 4
"""How many ways a repeated drum sounds."""
_STRING_VARIANTS = 3
_TURNS = 61


class PartChannel:
    """Takes notes in order of time and gives windows in order."""

    def __init__(
        self,
        part: BandPart,
        band: Band,
        rate: int,
        gain: float,
        shelf: NoteCache,
        dense: float = 0.0,
        played: int = 0,
        bank: SoundFontBank | None = None,
    ) -> None:
        """`played` is how many notes came before, where a channel takes up in the middle of a piece.

        `bank` plays what it has; the rest is the engine's own synthesis.
        """
        self._bank = (
            bank if bank is not None and bank.has_sound(part.instrument or _require_kit(part)) else None
        )
        self._part, self._rate, self._gain, self._shelf = part, rate, gain, shelf
        self._source = part.instrument or _require_kit(part)
        self._stream = MixBuffer()
        self._waiting: deque[Note] = deque()
        self._count = played
        self._at = 0
        mix, mood, sound = band.chart.genre.mix, band.character, part.instrument or part.kit
        assert sound is not None
        bright = min(max(mix.bright + mood.bright, -1.0), 1.0)
        self._drive = min(max(sound.drive + (mix.drive + mood.drive) * 0.5, 0.0), 1.5) + 1.5 * dense
        low_hz = mix.low_hz if part.kind in ("drums", "bass") else 70.0
        self._tone = ToneFilter(rate, low_hz, bright * (0.4 if part.kind == "bass" else 1.0))
        chorus = part.instrument.chorus if part.instrument else 0.0
        self._chorus = ChorusEffect(rate, min(max(chorus, 0.0), 1.0))
        self._room = RoomReverb(rate, *part_room(part, band))
        self._cents = band.chart.tuning_cents
        self._most_seconds = sampler.MAX_NOTE_SECONDS if part.written is None else MAX_WRITTEN_SECONDS

    def queue_notes(self, notes: Sequence[Note]) -> None:
        """Takes in notes, in order of time, that start after those taken before."""
        self._waiting.extend(notes)

    def render_window(self, frames: int) -> AudioSamples:
        """The next frames behind the effects; shape (frames, 2)."""
        end = self._at + frames
        while self._waiting and self._waiting[0].start < end:
            self._start_note(self._waiting.popleft())
        out = self._stream.take(frames)
        self._at = end
        out = apply_drive(out, self._drive)
        return self._room.add(self._chorus.add(self._tone.add(out)))

    def _start_note(self, note: Note) -> None:
        self._count += 1
        gain = self._gain * sampler.velocity_gain(note.velocity)
        if isinstance(self._source, DrumKit):
            samples, pan = self._hit_sample(note, self._source)
        else:
            samples, pan = self._note_sample(note, self._source)
        left, right = sampler.pan_gains(pan, samples.shape[1])
        self._stream.add(note.start - self._at, samples, left * gain, right * gain)

    def _hit_sample(self, note: Note, kit: DrumKit) -> tuple[AudioSamples, float]:
        name = kit.sounding_drum(DRUM_NAMES[note.pitch])
        drum = kit.drums[name]
        layer, variant = sampler.velocity_layer(note.velocity), note_variant(self._count)
        made = self._shelf.get(
            (drum, self._rate, layer, variant, self._bank),
            lambda: self._render_hit(kit, name, layer, variant),
        )
        if name in _CHOKED and note.frames < len(made):
            made = sampler.release_body(made, note.frames, _CHOKE_SECONDS, self._rate)
        elif drum.reverse:
            made = sampler.end_with_note(made, note.frames, self._rate)
        return made, drum.pan

    def _note_sample(self, note: Note, instrument: Instrument) -> tuple[AudioSamples, float]:
        sound, rate = instrument.sound, self._rate
        seconds = min(note.frames / rate, self._most_seconds)
        reach = seconds * highest_ratio(note.bend)
        layer = sampler.velocity_layer(note.velocity)
        several = isinstance(sound, StringPatch) and self._bank is None
        variant = self._count % _STRING_VARIANTS if several else 0
        length = round((sampler.length_class(reach) + sound.release * reach / seconds) * rate) + 2
        key = (sound, rate, note.pitch, self._cents, layer, variant, length, self._bank)
        made = self._shelf.get(key, lambda: self._render_body(instrument, note.pitch, layer, length, variant))
        if note.bend:
            made = bend_body(made, note.bend, round((seconds + sound.release) * rate) + 2, rate)
        middle = (instrument.low + instrument.high) / 2
        pan = instrument.pan + instrument.width * (note.pitch - middle) / max(instrument.high - middle, 1)
        return sampler.release_body(made, round(seconds * rate), sound.release, rate), 0.8 * pan

    def _render_hit(self, kit: DrumKit, name: str, layer: int, variant: int) -> AudioSamples:
        velocity = sampler.layer_velocity(layer)
        made = self._render_from_bank(
            lambda bank: (
                bank.render_drum(self._part.sound_name, kit, name, self._rate, velocity)
                if bank.has_drum(kit, name)
                else None
            )
        )
        return render_hit(kit.drums[name], self._rate, velocity, variant) if made is None else made

    def _render_body(
        self, instrument: Instrument, pitch: int, layer: int, length: int, variant: int
    ) -> AudioSamples:
        velocity = sampler.layer_velocity(layer)
        name, rate, cents = self._part.sound_name, self._rate, self._cents
        made = self._render_from_bank(
            lambda bank: bank.render_note(name, instrument, rate, pitch, velocity, length, cents)
        )
        if made is not None:
            return made
        return render_body(instrument.sound, rate, pitch, velocity, length, variant, cents)

    def _render_from_bank(self, play: Callable[[SoundFontBank], AudioSamples | None]) -> AudioSamples | None:
        """What the bank plays; None where it has nothing, or turns out to be damaged: the band plays on."""
        if self._bank is None or self._bank.fault:
            return None
        try:
            return play(self._bank)
        except DamagedError:
            return None


def note_variant(number: int) -> int:
    """Which of a few ways the note of a number sounds: no pattern of drums falls in step with them."""
    return _variant_turns()[number % _TURNS]


@lru_cache(maxsize=1)
def _variant_turns() -> list[int]:
    """A round in which neither neighbours nor notes two apart sound alike."""
    rng = np.random.Generator(np.random.PCG64(1_977))
    turns: list[int] = []
    for place in range(_TURNS):
        near = {*turns[-2:], *(turns[: place - _TURNS + 3] if place >= _TURNS - 2 else [])}
        choices = sorted(set(range(_VARIANTS)) - near) or sorted(
            set(range(_VARIANTS)) - {*turns[-1:], turns[0]}
        )
        turns.append(choices[int(rng.integers(len(choices)))])
    return turns


_SPREAD = {"drums": 0.32, "bass": 0.0, "keys": 0.55, "lead": 0.3}
"""How wide each kind of part sounds in a style of the usual width."""


def part_room(part: BandPart, band: Band) -> RoomSound:
    """The room that a part sounds in, and how wide it is."""
    mix, mood, sound = band.chart.genre.mix, band.character, part.instrument or _require_kit(part)
    amount = 0.0 if part.kind == "bass" else min(max(mix.room + mood.room, 0.0), 0.7)
    spread = min(_SPREAD[part.kind] * mix.width, 0.9)
    return RoomSound(
        mix.room_seconds * (1 + mood.room), amount * sound.room, spread, list(_SPREAD).index(part.kind)
    )


def _require_kit(part: BandPart) -> DrumKit:
    assert part.kit is not None, "what has no instrument has a kit"
    return part.kit
