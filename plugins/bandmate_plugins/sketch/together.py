"""What several tracks play, added up, as if it were one recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bandmate_plugins.request import AudioInput

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

_CHANNELS = 2


def together(tracks: Sequence[AudioInput]) -> AudioInput | None:
    """All that plays; one track as it is, None for none."""
    if len(tracks) < 2:
        return tracks[0] if tracks else None
    return Together(tracks)


class Together(AudioInput):
    """Inputs on the same frames; silence where none of them plays. Of each, the first two channels."""

    def __init__(self, tracks: Sequence[AudioInput]) -> None:
        self.role = tracks[0].role
        self.start_frame = min(track.start_frame for track in tracks)
        self.frames = max(track.start_frame + track.frames for track in tracks) - self.start_frame
        self.channels = _CHANNELS
        self._tracks = tuple(tracks)

    def read(self, offset: int = 0, frames: int | None = None) -> Samples:
        """float32 of shape (frames, 2). Raises RequestError as the inputs do."""
        end = self.frames if frames is None else min(offset + frames, self.frames)
        total = np.zeros((max(end - offset, 0), _CHANNELS), dtype=np.float32)
        for track in self._tracks:
            ahead = track.start_frame - self.start_frame
            first, last = max(offset, ahead), min(end, ahead + track.frames)
            if last > first:
                total[first - offset : last - offset] += track.read(first - ahead, last - first)[
                    :, :_CHANNELS
                ]
        return total
