"""How instruments and drums are described: the parameters of `voices` and `percussion`."""

from __future__ import annotations

import msgspec


class _PitchedPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="voice"):
    """What all voices share; times in seconds."""

    attack: float = 0.005
    decay: float = 1.0
    sustain: float = 0.7
    """The level that the decay leads to, 0 to 1."""
    release: float = 0.12
    vibrato_cents: float = 0.0
    vibrato_hz: float = 5.2
    vibrato_delay: float = 0.3
    breath: float = 0.0
    """Noise along with the tone, 0 to 1."""
    octave: int = 0
    """Sounds that many octaves from what is written."""


class SubtractivePatch(_PitchedPatch, frozen=True, kw_only=True, tag="analogue"):
    """Subtractive: a wave through a low-pass filter whose corner falls (or rises) from the attack on."""

    wave: str = "saw"
    """`saw`, `square`, `pulse`, `triangle`, `reed` or `organ`."""
    voices: int = 1
    """Detuned copies."""
    detune_cents: float = 0.0
    spread: float = 0.0
    """How far the copies lie apart in the stereo image, 0 to 1."""
    cutoff_hz: float = 4000.0
    tracking: float = 0.5
    """How far the corner follows the note, 0 to 1."""
    sweep_octaves: float = 0.0
    """Where the corner starts, above where it ends."""
    sweep: float = 0.3
    resonance: float = 0.0
    """0 to 1."""
    slope_db: float = 24.0
    """An octave."""
    formants: tuple[tuple[float, float, float], ...] = ()
    """Resonances of the body: hertz, gain in dB, width in octaves."""
    sub: float = 0.0
    """The octave below, 0 to 1."""


class FmPatch(_PitchedPatch, frozen=True, kw_only=True, tag="fm"):
    """Frequency modulation: pairs of carrier and modulator."""

    pairs: tuple[tuple[float, float, float, float, float], ...]
    """Carrier's ratio, modulator's ratio, index, seconds until the index has fallen to a third, level."""
    spread: float = 0.0
    velocity_index: float = 0.5
    """How far the velocity opens the index, 0 to 1."""


class AdditivePatch(_PitchedPatch, frozen=True, kw_only=True, tag="additive"):
    """A sum of partials, each dying away by itself."""

    partials: tuple[tuple[float, float, float], ...]
    """Ratio, level, seconds until it has fallen to a third (at middle C)."""
    stretch: float = 0.0
    """Inharmonicity of a stiff string: partial n is sharp by the root of 1 + stretch * n * n."""
    strike: float = 0.0
    """The noise of the hammer, 0 to 1."""
    spread: float = 0.0
    decay_tracking: float = 0.5
    """How much faster high notes die away: the exponent of the frequency."""


class StringPatch(_PitchedPatch, frozen=True, kw_only=True, tag="string"):
    """A plucked string after Karplus and Strong (1983), with Jaffe and Smith's pick position (1983)."""

    ring: float = 2.0
    """Seconds until middle C has fallen by 60 dB."""
    bright: float = 0.5
    """Of the pluck, 0 to 1."""
    damping: float = 0.5
    """How much faster the overtones die, 0 to 1."""
    pick: float = 0.2
    """Where along the string."""
    course: tuple[tuple[float, float], ...] = ()
    """Strings that are plucked along, as on a mandolin: the ratio of their frequency, and their level."""
    body: tuple[tuple[float, float, float], ...] = ()
    """Resonances: hertz, gain in dB, width in octaves."""
    thump: float = 0.0
    """Of the finger, 0 to 1."""
    spread: float = 0.0


Sound = SubtractivePatch | FmPatch | AdditivePatch | StringPatch


class DrumPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One drum: a falling tone, a chord of modes, and noise through a band."""

    words: tuple[str, ...] = ()
    level: float = 1.0
    pan: float = 0.0
    seconds: float = 0.4
    """Its length."""
    tone: float = 0.0
    """Level of the falling tone."""
    overtones: float = 0.0
    """Of the tone: 0 is a sine, 1 a buzz."""
    flutter_hz: float = 0.0
    """How often the tone is interrupted, as by the pea of a whistle."""
    hz: float = 60.0
    sweep_hz: float = 0.0
    """How much higher the tone starts; lower, if negative."""
    sweep: float = 0.03
    """Seconds until it has fallen by two thirds."""
    decay: float = 0.2
    """Of the tone: seconds until it has fallen to a third."""
    modes: tuple[tuple[float, float, float], ...] = ()
    """Ring along: hertz, level, seconds."""
    stagger: float = 0.0
    """Seconds from each mode to the next, as along a bell tree."""
    noise: float = 0.0
    noise_hz: tuple[float, float] = (200.0, 9000.0)
    noise_decay: float = 0.1
    noise_attack: float = 0.0
    bursts: int = 1
    """Claps are several bursts."""
    metal: float = 0.0
    """Of a cluster of square waves, as in cymbals of drum machines."""
    metal_hz: float = 4000.0
    metal_decay: float = 0.1
    click: float = 0.0
    drive: float = 0.0
    crush: float = 0.0
    """Coarser steps in time and level, 0 to 1."""
    rattle_hz: float = 0.0
    """How often its teeth, jingles or halves strike again, as in a guiro, sleigh bells or castanets."""
    reverse: bool = False
    """Played backwards, so that it swells."""
