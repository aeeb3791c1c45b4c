"""Cuts a source into parts block by block, in memory that does not grow with its length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bandmate_plugins._engines.dsp.exact import exact_remainder, quantize_parts
from bandmate_plugins._engines.dsp.feed import BlockReader
from bandmate_plugins._engines.dsp.masks import Masks, SpectralMasker
from bandmate_plugins._engines.dsp.stft import Floats, OverlapAdder, Spectra, StftGrid
from bandmate_plugins.request import AudioInput

_BLOCK_SECONDS = 4.0
_BLOCK_VALUES = 2_000_000
"""Complex numbers in the spectra of a block, 16 MB: many channels at a high rate make blocks shorter."""
_MIN_FRAMES = 16


class StemCutter:
    """One source on its way through masks and back to audio."""

    def __init__(
        self,
        source: AudioInput,
        grid: StftGrid,
        masker: SpectralMasker,
        check: Callable[[], None],
        whole: AudioInput | None = None,
    ) -> None:
        """`whole` is what the rest is left of, where that is more than what is cut."""
        self._grid = grid
        self._masker = masker
        self._check = check
        self._feed = BlockReader(source)
        self._source = source
        self._whole = whole
        self._heard = 0
        self._count = grid.frame_count(source.frames)
        most = _BLOCK_VALUES // (source.channels * grid.bins)
        self._block = max(_MIN_FRAMES, min(grid.frames_in(_BLOCK_SECONDS), most))

    @property
    def block_count(self) -> int:
        """How many blocks there are."""
        return -(-self._count // self._block)

    def cut_blocks(self, roles: Sequence[str], rest: bool) -> Iterator[list[Floats]]:
        """The audio of the parts, block by block, each shape (frames, channels); together the whole source.

        With `rest`, one more part is the whole less the others. A block may be empty of audio, as frames of
        the transform complete no sample at the very start. Raises RequestError (`input_unusable`).
        """
        adders = [self._grid.make_adder(self._source.channels) for _ in roles]
        for first in range(0, self._count, self._block):
            stop = min(first + self._block, self._count)
            self._feed_masker(stop)
            spectra = self._block_spectra(first, stop)
            masks = self._masker.block_masks(spectra, first, self._check)
            margin = self._masker.margin
            inner = spectra[:, margin : margin + stop - first]
            parts = [
                self._part_audio(adder, inner, masks, role) for adder, role in zip(adders, roles, strict=True)
            ]
            yield self._completed_audio(parts, first, stop, rest)
            self._feed.discard_before(
                min(self._grid.frame_start(stop - self._masker.margin), self._grid.frame_start(stop))
            )

    def _part_audio(self, adder: OverlapAdder, spectra: Spectra, masks: Masks, role: str) -> Floats:
        self._check()
        return adder.add(spectra * masks[role])

    def _feed_masker(self, stop: int) -> None:
        """Lets the masker hear as far ahead of a block's end as it wants, a block at a time."""
        if not self._masker.ahead:
            return
        target = min(stop + self._masker.ahead, self._count)
        while self._heard < target:
            upto = min(self._heard + self._block, target)
            self._check()
            self._masker.add_ahead(self._read_spectra(self._heard, upto))
            self._heard = upto

    def _block_spectra(self, first: int, stop: int) -> Spectra:
        self._check()
        return self._read_spectra(first - self._masker.margin, stop + self._masker.margin)

    def _read_spectra(self, first: int, stop: int) -> Spectra:
        start = self._grid.frame_start(first)
        return self._grid.to_spectra(
            self._feed.read_span(start, self._grid.frame_start(stop - 1) + self._grid.size)
        )

    def _completed_audio(self, parts: list[Floats], first: int, stop: int, rest: bool) -> list[Floats]:
        """What a block completed, inside the source."""
        begin = self._grid.frame_start(first)
        end = min(self._grid.frame_start(stop), self._source.frames)
        start = max(begin, 0)
        if end <= start:
            empty = np.zeros((0, self._source.channels), np.float32)
            return [empty] * (len(parts) + rest)
        cut = [part[:, start - begin : end - begin] for part in parts]
        if rest:
            whole = self._feed.read_span(start, end) if self._whole is None else self._read_whole(start, end)
            cut = quantize_parts(whole, cut)
            cut.append(exact_remainder(whole, cut))
        return [np.ascontiguousarray(part.T) for part in cut]

    def _read_whole(self, start: int, end: int) -> Floats:
        assert self._whole is not None, "it was asked before"
        return self._whole.read(start, end - start).T
