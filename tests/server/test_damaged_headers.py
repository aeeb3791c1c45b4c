"""Headers that are damaged anywhere: looking at them raises nothing, and promises nothing impossible."""

import mmap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_server.audio.containers import counted_container, mended_container
from tests.wrong_lengths import flac_total, mp3, music, packed, sized

SHORT = music(0.2)
FILES = [
    *(sized(packed(SHORT, kind=kind), 0) for kind in ("WAV", "RF64", "W64", "AIFF")),
    packed(SHORT),
    flac_total(packed(SHORT, kind="FLAC"), 0),
    mp3(SHORT),
    mp3(SHORT) * 2,
]


def check(data: bytes, start: int) -> None:
    with mmap.mmap(-1, len(data)) as held:
        held.write(data)
        for found in (mended_container(held), counted_container(held)):
            if found is None:
                continue
            frames = found.frames_of(1_000)
            assert frames >= 0
            assert found.promised_frames(frames) >= frames
            view, ahead = found.view_from(start)
            assert 0 <= ahead <= start + len(data) * 1_152
            assert len(view.read()) <= len(data) + 16_384


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(0, 6))):
        near = draw(st.sampled_from([64, 200, len(data)]))
        data[draw(st.integers(0, near - 1))] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFE, 0xFF]))
    return bytes(data[: draw(st.sampled_from([len(data), draw(st.integers(1, 300))]))])


@settings(deadline=None, max_examples=300)
@given(damaged(), st.integers(0, 20_000))
def test_a_damaged_header(data: bytes, start: int) -> None:
    check(data, start)


@pytest.mark.parametrize("data", FILES, ids=range(len(FILES)))
def test_a_file_that_ends_in_its_header(data: bytes) -> None:
    for length in range(1, 300):
        check(data[:length], 0)
