"""Finds out whether a file's header may be believed about the length of its audio."""

from __future__ import annotations

import mmap
from typing import Protocol

from bandmate_server.audio.containers.aiff import mend_aiff
from bandmate_server.audio.containers.flac import mend_flac
from bandmate_server.audio.containers.mpeg import open_stream
from bandmate_server.audio.containers.riff import mend_riff, mend_w64
from bandmate_server.audio.containers.view import ByteView


class AudioContainer(Protocol):
    """A file of which more is known than libsndfile can tell."""

    def view_from(self, start: int) -> tuple[ByteView, int]:
        """What to decode to hear the file from a frame on, and how many frames in it come before that."""
        ...

    def frames_of(self, decoded: int) -> int:
        """How many frames of audio are there, where libsndfile finds so many in the view from frame 0."""
        ...

    def promised_frames(self, frames: int) -> int:
        """How many the file's own header says, where ``frames`` are there; never less."""
        ...

    @property
    def loose_frames(self) -> int:
        """By how much another decoder may find the end later; as much silence belongs to the file."""
        ...

    @property
    def stop_reason(self) -> str:
        """Why the file is not heard to its end; empty when it is."""
        ...


def mended_container(data: mmap.mmap) -> AudioContainer | None:
    """The file with a true header; None when its own is true, or when only decoding it can tell."""
    for mend in (mend_riff, mend_w64, mend_aiff, mend_flac):
        found = mend(data)
        if found is not None:
            return found
    return None


def counted_container(data: mmap.mmap) -> AudioContainer | None:
    """An MPEG stream, whose header is never believed; None where no frames are found."""
    return open_stream(data)
