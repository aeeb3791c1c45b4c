"""Single notes from a SoundFont as bodies for the engine's own sampler, so that timing stays the engine's.

Each note is rendered alone by `midirenderer` at 48 kHz, without reverberation, and starts at the frame where
it is wanted: the renderer acts on events at whole blocks of 64 frames, a tick here is one block, and what
is silent at a sample's beginning is cut off.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import mido
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._engines.sketch.library import DrumKit, Instrument
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.sound import levels
from bandmate_plugins._engines.sketch.sound.sampler import velocity_gain
from bandmate_plugins._engines.sketch.sound.soundfont.file import DamagedError, SoundFontFile
from bandmate_plugins._listening.loudness import k_weighting
from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_protocol.units import one_line

_RATE = 48_000
_BLOCK = 64
_TICKS_PER_BEAT = _RATE // _BLOCK // 2
_START_TICK = 1
LATENCY = 0
"""Frames from a note's tick to its first sample, measured by a test with a SoundFont of clicks."""
_MAX_SILENCE_SECONDS = 0.03
_SPEAKS, _DRUM_SPEAKS = 0.04, 0.2
"""A sample speaks where it first reaches this part of what it reaches within `_MAX_SILENCE_SECONDS`."""
_REFERENCE_SECONDS = 0.8
_REFERENCE_VELOCITY = 100
_DRUM_BANK = 128
_MAX_REASON_LENGTH = 120
_BEND_CENTS, _FULL_BEND = 200.0, 8192
"""How far the wheel bends by default (General MIDI, two semitones), and its value there."""
_BRUSHES = 40
"""A kit that no other stands in for."""

Render = Callable[[bytes, bytes], bytes]


def file_sha256(path: Path) -> str:
    """The hash of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SoundFontBank:
    """A SoundFont to play from.

    Raises DamagedError where the file is at fault, and OSError when it cannot be opened. A bank that failed
    to render once says so in `fault`, and is of no more use.
    """

    def __init__(self, path: Path, render: Render) -> None:
        self.path, self._render = path, render
        self._file = SoundFontFile(path)
        self._presets = self._file.preset_programs()
        self._cuts: dict[tuple[int, int], bytes] = {}
        self._gains: dict[tuple[str, int], float] = {}
        self._proved: set[str] = set()
        self.sha256 = file_sha256(path)
        self.fault = ""
        """Why it cannot be played from, as the end of a sentence."""

    @property
    def melodic_programs(self) -> set[int]:
        """The programs that are not drums."""
        return {program for bank, program in self._presets if bank == 0}

    def has_sound(self, sound: Instrument | DrumKit) -> bool:
        """Whether it has what an instrument or a kit wants."""
        if sound.program is None:
            return False
        if isinstance(sound, DrumKit) and sound.program == _BRUSHES:
            return (_DRUM_BANK, _BRUSHES) in self._presets
        return self._find_preset(sound) in self._presets

    def check_sounds(self, sounds: Iterable[tuple[str, Instrument | DrumKit]]) -> None:
        """Renders a note of each of these, by name, that it has. Raises DamagedError.

        What is rendered for it is what playing needs first anyway: the gain of each.
        """
        if self.fault:
            raise DamagedError(self.fault)
        for name, sound in sounds:
            if name in self._proved or not self.has_sound(sound):
                continue
            if isinstance(sound, DrumKit):
                self.has_drum(sound, next(iter(sound.drums)))
            else:
                self._sound_gain(name, sound)
            self._proved.add(name)

    def render_note(
        self,
        name: str,
        instrument: Instrument,
        rate: int,
        pitch: int,
        velocity: float,
        frames: int,
        cents: int = 0,
    ) -> AudioSamples:
        """A body as `voices.body` makes it: shape (frames, 2) at most; `velocity` is 0 to 1."""
        gain = self._sound_gain(name, instrument)
        played = min(max(pitch + 12 * instrument.program_octave, 0), 127)
        made = self._render_preset(self._find_preset(instrument), played, velocity, frames / rate, cents)
        return _resample_mono(made * np.float32(gain), rate)[:frames]

    def render_drum(self, name: str, kit: DrumKit, drum: str, rate: int, velocity: float) -> AudioSamples:
        """A drum's body; it is as loud as the kit's own."""
        preset, pitch = self._find_preset(kit), DRUM_PITCHES[drum]
        seconds = max(kit.drums[drum].seconds, 0.6)
        key = (name, pitch)
        if key not in self._gains:
            loud = self._render_preset(preset, pitch, _REFERENCE_VELOCITY / 127, seconds)
            self._gains[key] = _matching_gain(levels.hit_energy(name, drum, _REFERENCE_VELOCITY), loud)
        return _fade_tail(
            _resample_mono(
                self._render_preset(preset, pitch, velocity, seconds) * np.float32(self._gains[key]), rate
            )
        )

    def has_drum(self, kit: DrumKit, drum: str) -> bool:
        """Whether its drums have that one."""
        if drum not in DRUM_PITCHES:
            return False
        made = self._render_preset(self._find_preset(kit), DRUM_PITCHES[drum], 1.0, 0.2)
        return float(np.abs(made).max(initial=0.0)) > 1e-3

    def _find_preset(self, sound: Instrument | DrumKit) -> tuple[int, int]:
        assert sound.program is not None
        if isinstance(sound, Instrument):
            return 0, sound.program
        wanted = (_DRUM_BANK, sound.program)
        return wanted if wanted in self._presets else (_DRUM_BANK, 0)

    def _sound_gain(self, name: str, instrument: Instrument) -> float:
        key = (name, -1)
        if key not in self._gains:
            self._gains[key] = self._instrument_gain(name, instrument)
        return self._gains[key]

    def _instrument_gain(self, name: str, instrument: Instrument) -> float:
        """What makes its notes as loud as the instrument's own: the mean over three pitches, in dB."""
        middle = (instrument.low + instrument.high) // 2
        decibels = []
        for pitch in ((instrument.low + middle) // 2, middle, (middle + instrument.high) // 2):
            wanted = levels.note_energy(name, pitch, _REFERENCE_SECONDS, _REFERENCE_VELOCITY)
            played = min(max(pitch + 12 * instrument.program_octave, 0), 127)
            made = self._render_preset(
                self._find_preset(instrument), played, _REFERENCE_VELOCITY / 127, _REFERENCE_SECONDS
            )
            decibels.append(20 * math.log10(_matching_gain(wanted, made)))
        return float(10 ** (float(np.mean(decibels)) / 20))

    def _render_preset(
        self, preset: tuple[int, int], pitch: int, velocity: float, seconds: float, cents: int = 0
    ) -> AudioSamples:
        """A note at 48 kHz from where it speaks on. Softer ones differ in timbre, not in level."""
        struck = min(max(round(velocity * 127), 1), 127)
        with self._blame_file():
            if preset not in self._cuts:
                self._cuts[preset] = self._file.cut_preset(*preset)
            note = _note_as_midi(preset, pitch, struck, seconds + _MAX_SILENCE_SECONDS, cents)
            raw = self._render(self._cuts[preset], note)
            samples, rate = soundfile.read(io.BytesIO(raw), dtype="float32", always_2d=True)
        assert rate == _RATE, "midirenderer renders at 48 kHz"
        made = np.asarray(samples[_START_TICK * _BLOCK + LATENCY :], np.float32)
        # A SoundFont's level goes with the square of the velocity (section 8.4.1 of its specification).
        threshold = _DRUM_SPEAKS if preset[0] == _DRUM_BANK else _SPEAKS
        return np.asarray(_trim_silence(made, threshold) * np.float32((127 / struck) ** 2), dtype=np.float32)

    @contextlib.contextmanager
    def _blame_file(self) -> Iterator[None]:
        """Takes whatever is raised for a fault of the file: the renderer raises what it likes, panics too."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            self.fault = str(error) if isinstance(error, DamagedError) else _error_reason(error)
            self._cuts.clear()
            raise DamagedError(self.fault) from error


def _error_reason(error: BaseException) -> str:
    """What a renderer says, as the end of a sentence."""
    said = one_line(str(error), _MAX_REASON_LENGTH).rstrip(".")
    return f"it cannot be rendered: {said or type(error).__name__}"


def _note_as_midi(
    preset: tuple[int, int], pitch: int, velocity: int, seconds: float, cents: int = 0
) -> bytes:
    """One dry note, held for so long, bent so far from its pitch throughout."""
    channel = 9 if preset[0] == _DRUM_BANK else 0
    track = mido.MidiTrack()
    for control, value in ((91, 0), (93, 0), (7, 127), (11, 127)):
        track.append(mido.Message("control_change", channel=channel, control=control, value=value, time=0))
    track.append(mido.Message("program_change", channel=channel, program=preset[1], time=0))
    if cents:
        bend = round(cents / _BEND_CENTS * _FULL_BEND)
        track.append(mido.Message("pitchwheel", channel=channel, pitch=bend, time=0))
    ticks = math.ceil(seconds * 2 * _TICKS_PER_BEAT)
    track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=velocity, time=_START_TICK))
    track.append(mido.Message("note_off", channel=channel, note=pitch, velocity=0, time=ticks))
    track.append(mido.MetaMessage("end_of_track", time=1))
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_BEAT)
    file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _trim_silence(samples: AudioSamples, threshold: float) -> AudioSamples:
    """Without the silence, or the breath before the tone, that a recording begins with."""
    peaks = np.abs(samples[: round(_MAX_SILENCE_SECONDS * _RATE)]).max(axis=1, initial=0.0)
    if not len(peaks) or peaks.max() <= 0:
        return samples
    first = int(np.argmax(peaks > threshold * peaks.max()))
    out = samples[max(first - 4, 0) :].copy()
    out[:8] *= np.linspace(0, 1, 8, endpoint=False, dtype=np.float32)[: len(out[:8]), None]
    return out


def _resample_mono(samples: AudioSamples, rate: int) -> AudioSamples:
    if rate == _RATE:
        return samples
    return np.asarray(soxr.resample(samples, _RATE, rate, quality="HQ"), dtype=np.float32)


def _fade_tail(samples: AudioSamples) -> AudioSamples:
    """Ends at zero."""
    fade = min(len(samples), 960)
    samples[len(samples) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return samples


@lru_cache(maxsize=1)
def _weighting_filter() -> NDArray[np.float64]:
    return np.asarray(k_weighting(_RATE), dtype=np.float64)


def _matching_gain(energy: float, samples: AudioSamples) -> float:
    """The factor that brings a note at the reference velocity to an energy."""
    weighted = signal.sosfilt(_weighting_filter(), samples.astype(np.float64), axis=0)
    have = float(np.square(weighted).sum()) / _RATE * velocity_gain(_REFERENCE_VELOCITY) ** 2
    return math.sqrt(energy / have) if have > 1e-12 else 1.0
