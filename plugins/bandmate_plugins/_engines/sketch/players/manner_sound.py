"""What manners of playing do to the sound of an instrument: darker, drier, distorted, chorused, or dying away."""

from __future__ import annotations

import msgspec

from bandmate_plugins._engines.sketch.library import DrumKit, Instrument
from bandmate_plugins._engines.sketch.library.manners import MannerEffect
from bandmate_plugins._engines.sketch.library.patches import (
    AdditivePatch,
    FmPatch,
    Sound,
    StringPatch,
    SubtractivePatch,
)

_HELD_SECONDS = 1.2
"""How long a held sound that a manner makes die away rings by itself, before its factor."""
_LEAST_RING = 0.05
_Held = SubtractivePatch | FmPatch | AdditivePatch


def shape_instrument(name: str, instrument: Instrument, manner: MannerEffect, kind: str) -> Instrument:
    """An instrument as it sounds when it is played in a manner by a part of a kind; it keeps its range."""
    if manner == MannerEffect(words=()):
        return instrument
    return msgspec.structs.replace(
        instrument,
        style=_playing_style(instrument, manner, kind),
        sound=_shape_sound(instrument.sound, manner),
        drive=instrument.drive + manner.drive,
        chorus=instrument.chorus + manner.chorus,
        room=instrument.room * manner.room,
        program=manner.programs.get(name, instrument.program),
    )


def shape_kit(kit: DrumKit, manner: MannerEffect) -> DrumKit:
    """A drum kit as it sounds when it is played in a manner."""
    return msgspec.structs.replace(kit, drive=kit.drive + manner.drive, room=kit.room * manner.room)


def _playing_style(instrument: Instrument, manner: MannerEffect, kind: str) -> str:
    walks = manner.style == "walking"
    if kind == "bass":
        return "walking" if walks else "pattern" if manner.bass_patterns else instrument.style
    if manner.in_rhythm and instrument.style == "pad":
        return "pattern"
    return instrument.style if walks else manner.style or instrument.style


def _shape_sound(sound: Sound, manner: MannerEffect) -> Sound:
    if isinstance(sound, StringPatch):
        return _shape_string(sound, manner)
    if isinstance(sound, AdditivePatch):
        sound = msgspec.structs.replace(
            sound,
            partials=tuple(
                (ratio, level * _tilt(ratio, manner), fall * manner.ring)
                for ratio, level, fall in sound.partials
            ),
        )
    elif isinstance(sound, FmPatch):
        sound = msgspec.structs.replace(
            sound,
            pairs=tuple(
                (carrier, modulator, index * 2**manner.bright, fall * manner.ring, level)
                for carrier, modulator, index, fall, level in sound.pairs
            ),
        )
    else:
        sound = msgspec.structs.replace(sound, cutoff_hz=sound.cutoff_hz * 4**manner.bright)
    return _shape_envelope(sound, manner)


def _shape_string(sound: StringPatch, manner: MannerEffect) -> StringPatch:
    return msgspec.structs.replace(
        sound,
        ring=max(sound.ring * manner.ring, _LEAST_RING),
        bright=min(max(sound.bright + 0.6 * manner.bright, 0.05), 1.0),
        damping=min(max(sound.damping - 0.5 * manner.bright, 0.02), 0.95),
        thump=sound.thump + manner.thump,
    )


def _shape_envelope(sound: _Held, manner: MannerEffect) -> _Held:
    attack = sound.attack * manner.attack
    if manner.ring >= 1:
        return msgspec.structs.replace(
            sound, attack=attack, decay=sound.decay * manner.ring, release=sound.release * manner.ring
        )
    ring = max(_HELD_SECONDS * manner.ring, _LEAST_RING)
    # From half of its ring on, what the bow or the breath held is left to die away.
    sustain = sound.sustain * max(0.0, 2 * manner.ring - 1)
    return msgspec.structs.replace(sound, attack=attack, decay=min(sound.decay, ring), sustain=sustain)


def _tilt(ratio: float, manner: MannerEffect) -> float:
    """The level of a partial relative to its own: higher ones are softer where it is darker."""
    return float(max(ratio, 1.0) ** (1.5 * manner.bright))
