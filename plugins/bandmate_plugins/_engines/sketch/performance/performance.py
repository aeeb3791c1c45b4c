"""Plays a band: composes a little ahead, renders window by window, sets the level and limits the sum."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import signal

from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.sound.channel import PartChannel, part_room
from bandmate_plugins._engines.sketch.sound.effects import room_power
from bandmate_plugins._engines.sketch.sound.forecast import ExpectedEnergy, PowerForecast
from bandmate_plugins._engines.sketch.sound.glue import BusCompressor
from bandmate_plugins._engines.sketch.sound.limiter import StemLimiter
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont import SoundFontBank
from bandmate_plugins._listening.loudness import k_weighting
from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.messages import Note

TARGET_LUFS = -16.0
_FIRST_WINDOW_SECONDS = 0.1
_MAX_WINDOW_SECONDS = 1.6
_MAX_CORRECTION_DB = 9.0
_MAX_MAKE_UP_DB = 8.0
_TRUST_LOSS_SECONDS = 3.0
_DENSE_LUFS = -13.0
"""Louder than this, parts are saturated: peaks alone cannot give way any more."""
_TRUST_SECONDS = 1.5
"""How much audio must have been measured before its level corrects the prediction in full."""
_BACK_SECONDS = 4.0
"""Over how long a level that was too high is evened out."""


def window_lengths(frames: int, rate: int) -> list[int]:
    """The lengths of the windows: short at first, so that audio is there at once; they add up to `frames`."""
    sizes: list[int] = []
    size, left = _FIRST_WINDOW_SECONDS, frames
    while left > 0:
        taken = min(left, max(1, round(size * rate)))
        sizes.append(taken)
        left -= taken
        size = min(size * 2, _MAX_WINDOW_SECONDS)
    return sizes


class BandPlayer:
    """One performance; `play` may be called once."""

    def __init__(
        self,
        band: Band,
        music: MusicalRange,
        shelf: NoteCache,
        target_lufs: float,
        bank: SoundFontBank | None = None,
    ) -> None:
        self._band, self._frames, self._rate = band, music.frames, music.sample_rate
        self._writer = NoteWriter(band, music)
        self._rooms = [room_power(self._rate, *part_room(part, band)) for part in band.parts]
        self.gains = self._balance_parts()
        dense = max(0.0, target_lufs - _DENSE_LUFS) / 5
        self._channels = [
            PartChannel(part, band, self._rate, gain, shelf, dense, bank=bank)
            for part, gain in zip(band.parts, self.gains, strict=True)
        ]
        # A part alone has no bus.
        glue = band.chart.genre.mix.glue if len(band.parts) > 1 else 0.0
        self._glue = BusCompressor(self._rate, glue, _usual_power(TARGET_LUFS))
        self._limiter = StemLimiter(self._rate, len(band.parts), target_lufs + band.chart.genre.mix.peaks)
        self._k_sos = k_weighting(self._rate)
        self._k_state = np.zeros((2, 2, 2))
        self._heard = 0.0
        self._given = 0.0
        self._expectation = ExpectedEnergy(band.parts, self._gains_with_rooms(self.gains), self._rate)
        self._master = 10 ** ((target_lufs - TARGET_LUFS) / 20)
        self._gain = self._master

    def play(self) -> Iterator[tuple[int, int, list[list[Note]], list[AudioSamples]]]:
        """Yields for each window: its number from 1, how many there are, each part's notes and audio.

        AudioSamples comes a little later than the notes, and all of it by the end.
        """
        sizes = window_lengths(self._frames, self._rate)
        at = 0
        for number, size in enumerate(sizes, 1):
            notes = self._writer.write_until(at + size)
            for part, (channel, new) in enumerate(zip(self._channels, notes, strict=True)):
                channel.queue_notes(new)
                self._expectation.add(part, new)
            stems = self._glue.add([channel.render_window(size) for channel in self._channels])
            at += size
            ready = self._limiter.add(self._correct_level(stems, at))
            if number == len(sizes):
                rest = self._limiter.finish()
                ready = [np.concatenate(pair) for pair in zip(ready, rest, strict=True)]
            yield number, len(sizes), notes, ready

    def _balance_parts(self) -> list[float]:
        """A gain for each part: as loud as the genre wants, their mix at the target."""
        parts = self._band.parts
        forecast = PowerForecast(parts, self._writer.sample_sections(), self._rate)
        gains = []
        for number, part in enumerate(parts):
            power = forecast.part_power(number) * self._rooms[number]
            gains.append(math.sqrt(10 ** (part.level / 10) / power) if power else 0.0)
        mixed = forecast.mix_power(self._gains_with_rooms(gains))
        scale = math.sqrt(10 ** ((TARGET_LUFS + 0.691) / 10) / mixed) if mixed else 1.0
        return [gain * scale if gain else 1.0 for gain in gains]

    def _gains_with_rooms(self, gains: Sequence[float]) -> list[float]:
        """The gains that would be as loud without the room."""
        return [gain * math.sqrt(power) for gain, power in zip(gains, self._rooms, strict=True)]

    def _correct_level(self, stems: list[AudioSamples], end: int) -> list[AudioSamples]:
        """The stems at the level asked for: what has sounded so far corrects what the notes made expect."""
        mix = stems[0].astype(np.float64)
        for stem in stems[1:]:
            mix = mix + stem
        weighted, self._k_state = signal.sosfilt(self._k_sos, mix.T, axis=-1, zi=self._k_state)
        self._heard += float(np.square(weighted).sum()) / self._rate
        trust = min(1.0, end / self._rate / _TRUST_LOSS_SECONDS)
        make_up = 10 ** (min(self._limiter.loss_db, _MAX_MAKE_UP_DB) * trust / 20)
        before, self._gain = self._gain, self._master * self._level_correction(end) * make_up
        ramp = np.linspace(before, self._gain, len(mix), endpoint=False, dtype=np.float32)[:, None]
        # What the limiter takes is made up for, so it does not count as too soft.
        self._given += float(np.square(weighted * ramp[:, 0]).sum()) / self._rate / make_up**2
        stems = [stem * ramp for stem in stems]
        left = self._frames - (end - len(mix))
        return [_fade_end(stem, left, self._rate) for stem in stems]

    def _level_correction(self, end: int) -> float:
        seconds, expected = end / self._rate, self._expectation.energy_until(end)
        if self._heard <= 0 or expected <= 0:
            return 1.0
        error_db = 10 * math.log10(expected / self._heard)
        error_db = min(max(error_db, -_MAX_CORRECTION_DB), _MAX_CORRECTION_DB)
        # What the beginning gave too much is saved over the seconds to come.
        owed = (expected * self._master**2 - self._given) / (expected * self._master**2)
        owed_db = 10 * math.log10(min(max(1 + owed * seconds / _BACK_SECONDS, 0.5), 1.0))
        return float(10 ** ((error_db + owed_db) * min(1.0, seconds / _TRUST_SECONDS) / 20))


def _usual_power(lufs: float) -> float:
    """The mean square, of both channels, that music of a loudness has (ITU-R BS.1770)."""
    return float(10 ** ((lufs + 0.691) / 10))


def _fade_end(stem: AudioSamples, left: int, rate: int) -> AudioSamples:
    """Fades the last five milliseconds of the range, so that nothing clicks; `left` frames are left of it."""
    fade = min(round(0.005 * rate), left // 4)
    start = max(left - fade, 0)
    if fade and start < len(stem):
        place = np.arange(start, len(stem)) - (left - fade)
        turn = np.cos((place + 1) / fade * math.pi)
        stem[start:] *= (0.5 + 0.5 * turn).astype(np.float32)[:, None]
    return stem
