"""What was made here is found again by its sound, wherever in a take a request begins.

With a take's latents goes a fingerprint of the audio under each. A source is searched for the beginning of
any latent of any take; where one is found, its grid is known, and all of its latents are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.acestep.grid import LatentGrid, SourceSpan, read_stereo
from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins.request import AudioInput

FrameWords = NDArray[np.uint64]
"""Stereo frames, each as one number of 64 bits."""

_HEAD_FRAMES = 8
"""Frames at a latent's beginning by which it is found."""
_PROBES = (0.02, 0.35, 0.65, 0.9)
"""Where in a source it is searched: somewhere there is sound."""


@dataclass(frozen=True)
class TakeMatch:
    """A take that a source has audio of."""

    latents: FloatArray32
    """Shape (latents, channels)."""
    at: int
    """The project's frame at which the first of them begins; it may be negative."""
    same: NDArray[np.bool_]
    """Of each latent, whether the source has exactly the audio under it."""

    frames: int
    """Of one latent."""

    def latent_boundary(self, frame: int) -> int:
        """The last frame up to `frame` at which a latent begins."""
        return self.at + (frame - self.at) // self.frames * self.frames

    def latents_over(
        self, stretch: SourceSpan, spare: Sequence[tuple[int, int]], quiet: FloatArray32
    ) -> FloatArray32 | None:
        """Latents of a stretch, with those of `quiet` where the source has no audio and where they are spare.

        `spare` has ranges of latents, counted from the stretch's first. None where any that is needed is not
        known, or the stretch does not begin with a latent.
        """
        offset, odd = divmod(stretch.origin - self.at, self.frames)
        if odd:
            return None
        numbers = np.arange(stretch.first, stretch.last)
        begins = stretch.origin + numbers * self.frames
        source = stretch.source
        needed = (begins + self.frames > source.start_frame) & (begins < source.start_frame + source.frames)
        for first, last in spare:
            needed[first:last] = False
        there = (numbers + offset >= 0) & (numbers + offset < len(self.latents))
        there[there] = self.same[(numbers + offset)[there]]
        if not there[needed].all():
            return None
        found = quiet[: len(numbers)].copy()
        found[needed] = self.latents[(numbers + offset)[needed]]
        return found


class TakeIndex:
    """The takes of one codec at one rate."""

    def __init__(self, store: LatentStore, codec: str, grid: LatentGrid) -> None:
        self._store = store
        self._kind = f"{codec} {grid}"
        self._grid = grid
        self._frames = grid.frames_of(1) if grid.aligned_every == 1 else 0
        """Of one latent; 0 where that is no whole number, and nothing can be found."""
        self._known: dict[str, FrameWords] = {}
        """What the latents of each take begin with, by the take's digest."""

    def add_take(self, audio: FloatArray32, latents: FloatArray32) -> None:
        """Keeps the latents of audio, shape (frames, 2), that begins with the first of them."""
        if not self._frames or len(audio) < _HEAD_FRAMES:
            return
        words, count = _frame_words(audio), -(-len(audio) // self._frames)
        padded = np.zeros(count * self._frames, np.uint64)
        padded[: len(words)] = words
        blocks = padded.reshape(count, self._frames)
        prints = _fingerprint_rows(blocks)
        digest = f"{int(_fingerprint_rows(prints[None])[0]):016x}"
        heads = _fingerprint_rows(blocks[:, :_HEAD_FRAMES])
        self._store.put(self._kind, digest, heads=heads, blocks=prints, latents=latents[:count])

    def find_match(self, source: AudioInput) -> TakeMatch | None:
        """The take that most of a source's audio comes from, or None."""
        if not self._frames or source.channels != 2:
            return None
        for probe in _PROBES:
            found = [
                self._load_match(source, digest, at) for digest, at in self._candidate_takes(source, probe)
            ]
            best = max((each for each in found if each), key=lambda each: int(each.same.sum()), default=None)
            if best is not None and best.same.any():
                return best
        return None

    def _candidate_takes(self, source: AudioInput, probe: float) -> Iterator[tuple[str, int]]:
        """Takes with the frame at which they would begin, by what is heard at one place of the source."""
        begin = int(probe * source.frames)
        heads = self._source_heads(source, begin)
        for digest in self._store.digests(self._kind):
            if digest not in self._known:
                known = self._store.get(self._kind, digest, "heads")
                self._known[digest] = np.zeros(0, np.uint64) if known is None else known
            for offset, number in _head_matches(heads, self._known[digest]):
                yield digest, source.start_frame + begin + offset - number * self._frames

    def _load_match(self, source: AudioInput, digest: str, at: int) -> TakeMatch | None:
        latents, blocks = (self._store.get(self._kind, digest, name) for name in ("latents", "blocks"))
        if latents is None or blocks is None:
            return None
        return TakeMatch(latents, at, self._matching_blocks(source, at, blocks), self._frames)

    def _source_heads(self, source: AudioInput, begin: int) -> FrameWords:
        """Fingerprints of what begins at each of the next frames, as many as a latent has; 0 for silence."""
        words = _frame_words(source.read(begin, self._frames + _HEAD_FRAMES - 1))
        if len(words) < _HEAD_FRAMES:
            return np.zeros(0, np.uint64)
        return _fingerprint_rows(np.lib.stride_tricks.sliding_window_view(words, _HEAD_FRAMES))

    def _matching_blocks(self, source: AudioInput, at: int, blocks: FrameWords) -> NDArray[np.bool_]:
        """Which blocks of a take that begins at a frame of the project the source has too."""
        same = np.zeros(len(blocks), np.bool_)
        end = source.start_frame + source.frames
        first = max(-(-(source.start_frame - at) // self._frames), 0)
        last = min(-(-(end - at) // self._frames), len(blocks))
        for low in range(first, last, 256):
            high = min(low + 256, last)
            audio = read_stereo(source, at + low * self._frames, at + high * self._frames)
            same[low:high] = (
                _fingerprint_rows(_frame_words(audio).reshape(high - low, self._frames)) == blocks[low:high]
            )
        return same


def _head_matches(heads: FrameWords, known: FrameWords) -> Iterator[tuple[int, int]]:
    """Places where one of the heads is one of those that are known; a few are enough."""
    for offset in np.flatnonzero(np.isin(heads, known[known != 0]))[:4]:
        for number in np.flatnonzero(known == heads[offset])[:4]:
            yield int(offset), int(number)


def _frame_words(audio: FloatArray32) -> FrameWords:
    words: FrameWords = np.ascontiguousarray(audio, "<f4").view("<u8")[:, 0]
    return words


def _fingerprint_rows(rows: FrameWords) -> FrameWords:
    """A fingerprint of each row: its words by odd random factors, in whole numbers of 64 bits."""
    found: FrameWords = (rows * _hash_factors(rows.shape[1])).sum(axis=1, dtype=np.uint64)
    return found


@lru_cache(maxsize=8)
def _hash_factors(count: int) -> FrameWords:
    drawn = np.random.default_rng(count).integers(0, 1 << 63, count, dtype=np.uint64)
    return drawn * np.uint64(2) + np.uint64(1)
