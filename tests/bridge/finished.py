"""Jobs that are done, without a server: what an output is given."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_bridge.outputs.output import ReceivedJob
from bandmate_protocol.messages import Stem, StemEnd, TempoPoint, Timeline
from bandmate_protocol.session import StemFinished, StemPiece, StemStarted


def made(folder: Path, name: str, *, start: int = 0, frames: int = 100, rate: int = 44_100) -> ReceivedJob:
    """A job of one silent stem of one channel."""
    folder.mkdir(exist_ok=True)
    data = bytes(4 * frames)
    about = {"job": "abcd1234", "attempt": 1, "stem": 0, "frames": frames}
    stem = Stem(
        name=name, role="drums", colour="#d9534f", sample_rate=rate, channels=1, start_frame=start, **about
    )
    receiver = StemReceiver(folder)
    receiver.take(StemStarted(stem, replaces=False))
    receiver.take(StemPiece(stem, 0, data))
    receiver.take(StemFinished(stem, StemEnd(sha256=hashlib.sha256(data).hexdigest(), **about)))
    timeline = Timeline(
        sample_rate=rate,
        start_frame=start,
        end_frame=start + frames,
        tempo=(TempoPoint(position=0.0, bpm=120.0),),
    )
    return ReceivedJob(job="abcd1234", seed=1, number=None, timeline=timeline, receiver=receiver)
