"""What several tracks play, added up, as if it were one recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bandmate_plugins._listening.downmix import DownmixReader
from bandmate_plugins.request import AudioInput

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

_CHANNELS = 2


def mix_inputs(tracks: Sequence[AudioInput], rate: int) -> AudioInput | None:
    """All that plays, at a sample rate; one track as it is, None for none."""
    if len(tracks) < 2:
        return tracks[0] if tracks else None
    return MixedInput(tracks, rate)


class MixedInput(AudioInput):
    """Inputs on the same frames, in stereo; silence where none of them plays.

    A track whose channels oppose each other would vanish from the sum of both sides, so it is turned over.
    """

    def __init__(self, tracks: Sequence[AudioInput], rate: int) -> None:
        self.role = tracks[0].role
        self.start_frame = min(track.start_frame for track in tracks)
        self.frames = max(track.start_frame + track.frames for track in tracks) - self.start_frame
        self.channels = _CHANNELS
        self._tracks = tuple((track, DownmixReader(track, rate)) for track in tracks)

    def read(self, offset: int = 0, frames: int | None = None) -> Samples:
        """float32 of shape (frames, 2). Raises RequestError as the inputs do."""
        end = self.frames if frames is None else min(offset + frames, self.frames)
        total = np.zeros((max(end - offset, 0), _CHANNELS), dtype=np.float32)
        for track, reader in self._tracks:
            ahead = track.start_frame - self.start_frame
            first, last = max(offset, ahead), min(end, ahead + track.frames)
            if last > first:
                total[first - offset : last - offset] += reader.read_stereo(first - ahead, last - first)
        return total
