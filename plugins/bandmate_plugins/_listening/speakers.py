"""Where the loudspeaker of each channel of a recording stands, told from the number of channels.

The order is that of WAVE files (the bits of `dwChannelMask`), which FLAC uses too; the angles are those of
ITU-R BS.775 and BS.2051, in degrees from straight ahead. Nothing here needs numpy.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeakerPosition:
    """One loudspeaker at ear height."""

    azimuth_degrees: float = 0.0
    """Positive to the left, 180 behind the listener."""
    effects: bool = False
    """It is the LFE: bass effects at another level, which carry no music of their own."""


_LEFT, _RIGHT, _CENTRE = SpeakerPosition(30.0), SpeakerPosition(-30.0), SpeakerPosition(0.0)
_LFE = SpeakerPosition(effects=True)
_LEFT_SURROUND, _RIGHT_SURROUND = SpeakerPosition(110.0), SpeakerPosition(-110.0)
_LEFT_SIDE, _RIGHT_SIDE = SpeakerPosition(90.0), SpeakerPosition(-90.0)
_LEFT_REAR, _RIGHT_REAR, _REAR = SpeakerPosition(135.0), SpeakerPosition(-135.0), SpeakerPosition(180.0)
_FRONT = (_LEFT, _RIGHT, _CENTRE)

_LAYOUTS: dict[int, tuple[SpeakerPosition, ...]] = {
    1: (_CENTRE,),
    2: (_LEFT, _RIGHT),
    3: _FRONT,
    4: (_LEFT, _RIGHT, _LEFT_SURROUND, _RIGHT_SURROUND),
    5: (*_FRONT, _LEFT_SURROUND, _RIGHT_SURROUND),
    6: (*_FRONT, _LFE, _LEFT_SURROUND, _RIGHT_SURROUND),
    7: (*_FRONT, _LFE, _REAR, _LEFT_SIDE, _RIGHT_SIDE),
    8: (*_FRONT, _LFE, _LEFT_REAR, _RIGHT_REAR, _LEFT_SIDE, _RIGHT_SIDE),
}
"""Mono, stereo, 3.0, quad, 5.0, 5.1, 6.1 and 7.1."""


def speaker_layout(channels: int) -> tuple[SpeakerPosition, ...]:
    """The loudspeakers of a recording; of a count without a usual layout, all straight ahead."""
    return _LAYOUTS.get(channels, (_CENTRE,) * channels)
