"""What is read is written back byte for byte, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.rpp.chunks import parse_project
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.project.samples import reaper5, reaper6, reaper7

ENDINGS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\r\n \t\r\n"])
MARGINS = st.sampled_from([b"", b"  ", b"\t", b" \t  "])
HARMLESS = st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"").lstrip(b" \t\r<>"))
TEXT_LINES = st.binary(max_size=20).map(lambda raw: b"|" + raw.replace(b"\n", b""))
NAMES = st.sampled_from([b"TRACK", b"ITEM {X}", b'VST "a > b"', b"", b"NOTES 0 2", b"X 0 0"])


def line(content: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.tuples(MARGINS, content, ENDINGS).map(b"".join)


def chunk(inside: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    head = line(NAMES.map(lambda name: b"<" + name))
    return st.tuples(head, st.lists(inside, max_size=4).map(b"".join), line(st.just(b">"))).map(b"".join)


BODIES = st.recursive(st.one_of(line(HARMLESS), line(TEXT_LINES)), chunk, max_leaves=25)
HEADS = st.tuples(
    st.sampled_from([b"", b"\n", b"\xef\xbb\xbf"]),
    st.just(b'<REAPER_PROJECT 0.1 "7.0" 1'),
    st.sampled_from([b"\n", b"\r\n"]),
).map(b"".join)
PROJECTS = st.tuples(
    HEADS, st.lists(BODIES, max_size=6).map(b"".join), st.sampled_from([b">", b">\n", b" >\r\n\r\n"])
).map(b"".join)


@given(PROJECTS)
def test_any_project_comes_back_byte_for_byte(data: bytes) -> None:
    assert parse_project(data, "a.rpp").encode() == data


@pytest.mark.parametrize("data", [reaper5(), reaper6(), reaper7(), reaper7(newline="\r\n")])
def test_projects_of_each_version_come_back_byte_for_byte(data: bytes) -> None:
    assert parse_project(data, "a.rpp").encode() == data


def test_very_deep_chunks_come_back() -> None:
    deep = b"<REAPER_PROJECT\n" + b"<A\n" * 20_000 + b">\n" * 20_001
    assert parse_project(deep, "a.rpp").encode() == deep


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"RIFF\x24\x00\x00\x00WAVE",
        b"<TRACK\n>\n",
        b"<REAPER_PROJECTS\n>\n",
        b"\x00" * 100,
        b"<\n>",
    ],
)
def test_what_is_no_project_is_refused(data: bytes) -> None:
    with pytest.raises(RequestError, match=r"song\.rpp is not a REAPER project") as caught:
        parse_project(data, "song.rpp")
    assert caught.value.code is ErrorCode.NOT_A_PROJECT
    assert caught.value.remedy


@given(st.integers(0, len(reaper7()) - 3))
def test_a_project_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(RequestError) as caught:
        parse_project(reaper7()[:length], "song.rpp")
    assert caught.value.code is ErrorCode.NOT_A_PROJECT


def test_the_sentence_names_the_chunk_without_an_end() -> None:
    with pytest.raises(RequestError, match="its ITEM chunk has no end"):
        parse_project(b"<REAPER_PROJECT\n<TRACK\n<ITEM\nPOSITION 1\n", "song.rpp")


@pytest.mark.parametrize("rest", [b">\n", b"<REAPER_PROJECT\n>\n", b"x\n"])
def test_a_project_that_goes_on_after_its_end_is_refused(rest: bytes) -> None:
    with pytest.raises(RequestError, match="continues after its end") as caught:
        parse_project(reaper6() + rest, "song.rpp")
    assert caught.value.code is ErrorCode.NOT_A_PROJECT
