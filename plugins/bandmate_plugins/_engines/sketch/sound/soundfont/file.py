"""Reads SoundFont files, SF2 and SF3, and cuts out of them what one preset needs.

Format: "SoundFont Technical Specification", version 2.04 (Creative, 2006). An SF3 is an SF2 whose samples are
Ogg Vorbis streams; those that a preset needs are decoded.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_protocol.texts import say

_TABLES = {
    b"phdr": np.dtype([("name", "S20"), ("preset", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "V12")]),
    b"pbag": np.dtype([("generator", "<u2"), ("modulator", "<u2")]),
    b"pgen": np.dtype([("kind", "<u2"), ("amount", "<u2")]),
    b"inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    b"ibag": np.dtype([("generator", "<u2"), ("modulator", "<u2")]),
    b"igen": np.dtype([("kind", "<u2"), ("amount", "<u2")]),
    b"shdr": np.dtype(
        [
            ("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4"),
            ("rate", "<u4"), ("pitch", "u1"), ("correction", "i1"), ("link", "<u2"), ("kind", "<u2"),
        ]
    ),
}  # fmt: skip
_MODULATOR_BYTES = 10
_INSTRUMENT, _SAMPLE = 41, 53
_COMPRESSED = 0x10
_SILENCE = 1 << 17
"""Frames of silence that stand for the samples that a preset does not need: room for any offset in them."""
_GAP = 64
_KEPT_WHOLE = (b"pmod", b"imod")


class DamagedError(ValueError):
    """The file is no SoundFont, or not a whole one; the sentence says what is wrong."""


class SoundFontFile:
    """A SoundFont on the disk; its samples are read when they are needed. Raises DamagedError, OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            chunks = _find_chunks(file, path.stat().st_size)
            missing = [name for name in (*_TABLES, *_KEPT_WHOLE, b"smpl") if name not in chunks]
            if missing:
                raise DamagedError(say("it has no {decode} chunk", decode=missing[0].decode()))
            self._samples_at, self._samples_bytes = chunks[b"smpl"]
            self._raw = {name: _read_bytes(file, *chunks[name]) for name in (*_TABLES, *_KEPT_WHOLE)}
        self._tables: dict[bytes, NDArray[Any]] = {}
        for name, kind in _TABLES.items():
            rows = len(self._raw[name]) // kind.itemsize
            self._tables[name] = np.frombuffer(self._raw[name], dtype=kind, count=rows)
            if not rows:
                raise DamagedError(say("its {decode} chunk is empty", decode=name.decode()))
        self._check_indexes()

    def preset_programs(self) -> set[tuple[int, int]]:
        """Bank and program of each preset; drums have bank 128."""
        return {(int(row["bank"]), int(row["preset"])) for row in self._tables[b"phdr"][:-1]}

    def cut_preset(self, bank: int, program: int) -> bytes:
        """A SoundFont (SF2) in which only that preset sounds. Raises DamagedError, LookupError, OSError."""
        needed = self._preset_samples(bank, program)
        headers = self._tables[b"shdr"].copy()
        parts: list[NDArray[np.int16]] = [np.zeros(_SILENCE, dtype=np.int16)]
        at = _SILENCE
        with self.path.open("rb") as file:
            for number, header in enumerate(headers[:-1]):
                if number not in needed:
                    middle = _SILENCE // 2
                    header["start"], header["end"] = middle, middle + 48
                    header["loop_start"], header["loop_end"] = middle + 8, middle + 40
                    header["kind"] &= 0x0F
                    continue
                samples, loop = self._read_sample(file, header)
                header["start"], header["end"] = at, at + len(samples)
                header["loop_start"], header["loop_end"] = at + loop[0], at + loop[1]
                header["kind"] &= 0x0F
                parts += [samples, np.zeros(_GAP, dtype=np.int16)]
                at += len(samples) + _GAP
        return self._build_file(np.concatenate(parts), headers)

    def _check_indexes(self) -> None:
        """A renderer reads all of the tables, whatever preset it plays."""
        pairs = ((b"phdr", b"pbag", b"pgen", b"pmod"), (b"inst", b"ibag", b"igen", b"imod"))
        for heads, bags, generators, modulators in pairs:
            limits = (
                (self._tables[heads]["bag"], len(self._tables[bags]) - 1),
                (self._tables[bags]["generator"], len(self._tables[generators])),
                (self._tables[bags]["modulator"], len(self._raw[modulators]) // _MODULATOR_BYTES),
            )
            if any(int(indexes.max()) > limit for indexes, limit in limits):
                raise DamagedError("its tables point outside themselves")

    def _preset_samples(self, bank: int, program: int) -> set[int]:
        """The numbers of the samples that a preset plays."""
        presets = self._tables[b"phdr"]
        rows = np.flatnonzero((presets["bank"][:-1] == bank) & (presets["preset"][:-1] == program))
        if not len(rows):
            raise LookupError(f"no preset {bank}:{program}")
        instruments = self._reached_targets(b"phdr", b"pbag", b"pgen", int(rows[0]), _INSTRUMENT)
        samples: set[int] = set()
        for instrument in instruments:
            samples |= self._reached_targets(b"inst", b"ibag", b"igen", instrument, _SAMPLE)
        return samples

    def _reached_targets(self, head: bytes, bag: bytes, generators: bytes, row: int, kind: int) -> set[int]:
        heads, bags, rows = self._tables[head], self._tables[bag], self._tables[generators]
        if row + 1 >= len(heads) or int(heads[row + 1]["bag"]) >= len(bags):
            raise DamagedError("its tables point outside themselves")
        first, last = (int(bags[int(heads[at]["bag"])]["generator"]) for at in (row, row + 1))
        part = rows[first:last]
        return {int(amount) for amount in part["amount"][part["kind"] == kind]}

    def _read_sample(self, file: Any, header: Any) -> tuple[NDArray[np.int16], tuple[int, int]]:
        """A sample's frames and where in them it loops."""
        start, end = int(header["start"]), int(header["end"])
        loop = int(header["loop_start"]), int(header["loop_end"])
        if header["kind"] & _COMPRESSED:
            raw = _read_bytes(file, self._samples_at + start, self._check_size(end - start, start))
            try:
                decoded, _ = soundfile.read(io.BytesIO(raw), dtype="int16", always_2d=True)
            except soundfile.LibsndfileError as error:
                raise DamagedError("a sample in it cannot be decoded") from error
            return np.asarray(decoded[:, 0], np.int16), _clip_loop(loop, len(decoded))
        raw = _read_bytes(file, self._samples_at + 2 * start, self._check_size(2 * (end - start), 2 * start))
        samples = np.frombuffer(raw, dtype="<i2").astype(np.int16)
        return samples, _clip_loop((loop[0] - start, loop[1] - start), len(samples))

    def _check_size(self, size: int, at: int) -> int:
        if size <= 0 or at + size > self._samples_bytes:
            raise DamagedError("a sample in it is outside the file")
        return size

    def _build_file(self, samples: NDArray[np.int16], headers: NDArray[Any]) -> bytes:
        info = _pack_chunk(b"ifil", struct.pack("<HH", 2, 1)) + _pack_chunk(b"isng", b"EMU8000\0")
        info += _pack_chunk(b"INAM", b"cut out\0")
        tables = b""
        order = (b"phdr", b"pbag", b"pmod", b"pgen", b"inst", b"ibag", b"imod", b"igen")
        for name in order:
            tables += _pack_chunk(name, self._raw[name])
        tables += _pack_chunk(b"shdr", headers.tobytes())
        body = b"sfbk" + _pack_chunk(b"LIST", b"INFO" + info)
        body += _pack_chunk(b"LIST", b"sdta" + _pack_chunk(b"smpl", samples.astype("<i2").tobytes()))
        return _pack_chunk(b"RIFF", body + _pack_chunk(b"LIST", b"pdta" + tables))


def _clip_loop(loop: tuple[int, int], frames: int) -> tuple[int, int]:
    start = min(max(loop[0], 0), max(frames - 2, 0))
    return start, min(max(loop[1], start + 1), frames)


def _pack_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _find_chunks(file: Any, size: int) -> dict[bytes, tuple[int, int]]:
    """Where each chunk's bytes begin, and how many they are; lists are opened."""
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise DamagedError("it is not a SoundFont")
    found: dict[bytes, tuple[int, int]] = {}
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"LIST":
            at += 12
            continue
        if at + 8 + length > size:
            raise DamagedError("it is truncated")
        found[name] = (at + 8, length)
        at += 8 + length
        if length % 2:
            # Some writers leave out the byte that makes it even.
            file.seek(at)
            at += file.read(1) == b"\0"
    return found


def _read_bytes(file: Any, at: int, size: int) -> bytes:
    file.seek(at)
    data: bytes = file.read(size)
    if len(data) < size:
        raise DamagedError("it is truncated")
    return data
