"""How long frames take. `python -m tests.protocol.speed` prints microseconds, the best of several rounds."""

from __future__ import annotations

import timeit
from collections.abc import Callable

from bandmate_protocol.codec import SERVER_FRAMES, encode_message
from bandmate_protocol.messages import MAX_AUDIO_BYTES, Audio, Note, Notes, Ping, Progress, Stem
from tests.protocol.pair import JOB, Pair, stem

SMALL = (
    Ping(request="a-request-1"),
    Progress(job=JOB, attempt=0, stage="Rendering", step=3, steps=9, seconds_left=1.5),
    stem(),
)
NOTES = Notes(
    job=JOB,
    attempt=0,
    stem=0,
    notes=tuple(Note(start=at, frames=10, pitch=60, velocity=90) for at in range(4096)),
)


def best(work: Callable[[], object], count: int) -> float:
    return min(timeit.repeat(work, number=count, repeat=7)) / count * 1e6


def row(name: str, message: Ping | Progress | Stem | Audio | Notes, count: int) -> str:
    frame = encode_message(message)
    writing, reading = (
        best(lambda: encode_message(message), count),
        best(lambda: SERVER_FRAMES.decode(frame), count),
    )
    return f"{name:<28}{writing:>9.1f}{reading:>9.1f}{writing + reading:>12.1f}"


def through_sessions() -> float:
    """One full piece from `send_audio` to its event, with credit going back."""
    pair = Pair().greet()
    pair.start_job()
    pieces = 400
    frames = MAX_AUDIO_BYTES // 4
    pair.server.send(stem(frames=pieces * frames))
    pair.to_client()
    data = bytes(MAX_AUDIO_BYTES)
    offset = 0

    def piece() -> None:
        nonlocal offset
        pair.server.send_audio(Audio(job=JOB, attempt=0, stem=0, offset=offset, data=data))
        offset += frames
        for event in pair.to_client():
            pair.client.confirm_stored(len(event.data))
        pair.to_server()

    return best(piece, pieces // 8)


def main() -> None:
    print(f"{'microseconds':<28}{'write':>9}{'read':>9}{'both':>12}")
    for message in SMALL:
        print(row(type(message).__name__, message, 20_000))
    print(row("Notes, 4096 of them", NOTES, 50))
    data = bytes(range(256)) * (MAX_AUDIO_BYTES // 256)
    print(row("Audio, 256 KiB", Audio(job=JOB, attempt=0, stem=0, offset=0, data=data), 2_000))
    print(f"{'copying 256 KiB':<28}{best(lambda: bytearray(data), 2_000):>9.1f}")
    print(f"{'Audio through both sessions':<28}{through_sessions():>30.1f}")


if __name__ == "__main__":
    main()
