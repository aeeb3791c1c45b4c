"""Splitting an item and adding takes to its pieces: what lies outside plays as before, to the frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import rpp
from hypothesis import example, given
from hypothesis import strategies as st

from bandmate_bridge.rpp import (
    ItemMap,
    NewPart,
    NewTake,
    Project,
    check_splittable,
    map_item,
    resolve_item,
)
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.project.playing import Heard, Sounding, items
from tests.bridge.project.samples import added_lines

RATES = [8_000, 44_100, 48_000, 96_000]
ITEM = """    <ITEM
      POSITION {position}
      SNAPOFFS 0.02
      LENGTH {length}
      LOOP 0
      ALLTAKES 0
      FADEIN 1 {fade_in} 0 1 0 0 0
      FADEOUT 1 0 {fade_out} 1 0 0 0
      MUTE 0 0
      SEL 1
      IGUID {{BBBBBBBB-0000-4000-8000-000000000001}}
      IID 7
      NAME "take one.wav"
      VOLPAN 0.5 0.1 -0.75 -1
      SOFFS {other}
      PLAYRATE 1.5 1 0 -1 0 0.0025
      CHANMODE 0
      GUID {{CCCCCCCC-0000-4000-8000-000000000001}}
      <SOURCE WAVE
        FILE "one.wav"
      >
      TAKE NULL
      TAKE SEL
      NAME 'take "two"'
      TAKEVOLPAN 0.25 0.5 -1
      SOFFS {offset}
      PLAYRATE {rate} 0 0 -1 0 0.0025
      CHANMODE {mode}
      GUID {{CCCCCCCC-0000-4000-8000-000000000002}}
      <SOURCE WAVE
        FILE "two.wav"
      >
{extra}    >
"""
EXTRA = """      <TAKEFX
        BYPASS 0 0 0
        <JS utility/volume ''
          0.000000 - - -
        >
        FXID {DDDDDDDD-0000-4000-8000-000000000001}
        <PARMENV 0 0 1 0.5
          EGUID {EEEEEEEE-0000-4000-8000-000000000001}
          PT 0 1 0
          PT 2 0.5 0
        >
      >
      <VOLENV
        EGUID {EEEEEEEE-0000-4000-8000-000000000002}
        ACT 1 -1
        PT 0 1 0
        PT 1.5 0.25 0 0 1
      >
"""


def project_with(folder: Path, hertz: int = 44_100, **values: object) -> Project:
    """A project with one item of two takes, the second of which sounds."""
    filled = {"position": 1, "length": 8, "fade_in": 0, "fade_out": 0, "other": 0.125, "offset": 0.5}
    filled |= {"rate": 1, "mode": 0, "extra": ""} | values
    lines = (
        f'<REAPER_PROJECT 0.1 "7.52/linux-x86_64" 1762965367 0\n  SAMPLERATE {hertz} 1 0\n  TEMPO 120 4 4 0\n'
    )
    lines += "  <TRACK\n    NAME Drums\n" + ITEM.format(**filled) + "  >\n>\n"
    path = folder / "song.rpp"
    path.write_text(lines)
    for name in ("one.wav", "two.wav"):
        (folder / name).touch()
    return Project.load(path)


def laid(project: Project, start: float, end: float, *, rate: int, frames: int = 10**9) -> ItemMap:
    (track,) = project.tracks
    heard = resolve_item(track, track.items[0], project.tempo_map)
    check_splittable(heard, project.tempo_map)
    return map_item(heard, rate, frames, (start, end))


def repaint(project: Project, on: ItemMap, ranges: list[tuple[int, int]]) -> None:
    parts = [
        NewPart(
            on.grid.time_of(first), on.grid.time_of(last), [NewTake("new", project.path.parent / "new.wav")]
        )
        for first, last in ranges
    ]
    project.insert_parts(on.heard, parts)


def played(data: bytes, rate: int, file_rate: int, frames: range) -> list[list[Heard]]:
    sounding = items(data)
    return [heard_at(sounding, frame, rate, file_rate) for frame in frames]


def heard_at(sounding: list[Sounding], frame: int, rate: int, file_rate: int) -> list[Heard]:
    found = [item.at(frame, rate, file_rate) for item in sounding]
    return [heard for heard in found if heard is not None]


@pytest.fixture(scope="module")
def song_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("song")


@given(
    rate=st.sampled_from(RATES),
    file_rate=st.sampled_from(RATES),
    position=st.floats(0, 1000).map(lambda x: round(x, 12)),
    offset=st.floats(0, 100).map(lambda x: round(x, 12)),
    edges=st.lists(st.integers(2, 7_998), min_size=2, max_size=6, unique=True),
    fade=st.floats(0, 0.0001),
)
@example(rate=8_000, file_rate=8_000, position=1.6484375, offset=0.0, edges=[2, 7_996], fade=9.16e-05)
def test_outside_the_ranges_the_very_same_frames_of_the_file_play(
    song_folder: Path,
    rate: int,
    file_rate: int,
    position: float,
    offset: float,
    edges: list[int],
    fade: float,
) -> None:
    project = project_with(
        song_folder,
        rate,
        position=position,
        offset=offset,
        length=1,
        fade_in=fade,
        fade_out=fade,
        extra=EXTRA,
    )
    before = items(project.encode())
    edges = sorted(edges)[: len(edges) // 2 * 2]
    on = laid(project, position, position + 1, rate=file_rate)
    frames = [round(on.grid.frame_at(position + edge / 8_000)) for edge in edges]
    ranges = [pair for pair in zip(frames[::2], frames[1::2], strict=True) if pair[0] < pair[1]]
    repaint(project, on, ranges)
    after = items(project.encode())
    # Every frame around each edge, and some of all the others.
    near = {round(on.grid.time_of(edge) * rate) + step for edge in frames for step in range(-3, 4)}
    start = round(position * rate)
    near |= set(range(start - 1, start + rate + 2, 997))
    for frame in sorted(near):
        old, new = (heard_at(sounding, frame, rate, file_rate) for sounding in (before, after))
        assert len(old) == len(new) <= 1, "no gap, nothing twice"
        if not new:
            continue
        if new[0].file == "two.wav":
            # Times are doubles, which a fade of less than a frame shows in its gain.
            assert new[0].gain == pytest.approx(old[0].gain, abs=1e-9)
            assert replace(new[0], gain=old[0].gain) == old[0]
            continue
        assert new[0].file == "new.wav"
        assert (new[0].gain, new[0].settings) == (1, old[0].settings)
        assert_in_a_range(frame, rate, on, ranges)


def assert_in_a_range(frame: int, rate: int, on: ItemMap, ranges: list[tuple[int, int]]) -> None:
    half = 0.5 / rate + 1e-9
    times = [(on.grid.time_of(first), on.grid.time_of(last)) for first, last in ranges]
    assert any(first - half <= frame / rate <= last + half for first, last in times)


@pytest.mark.parametrize("file_rate", RATES)
def test_the_new_take_plays_its_own_frames_in_their_place(tmp_path: Path, file_rate: int) -> None:
    project = project_with(tmp_path, file_rate, position=1.00001234, offset=0.500007)
    on = laid(project, 3, 5, rate=file_rate)
    first, last = (round(on.grid.frame_at(moment)) for moment in (3, 5))
    repaint(project, on, [(first, last)])
    frames = played(project.encode(), file_rate, file_rate, range(first - 2, last + 2))
    new = [heard.frame for at in frames for heard in at if heard.file == "new.wav"]
    assert new == list(range(last - first))


def test_every_piece_has_all_takes_and_ids_of_its_own(tmp_path: Path) -> None:
    project = project_with(tmp_path, extra=EXTRA)
    before = project.encode()
    on = laid(project, 3, 5, rate=44_100)
    repaint(project, on, [(3 * 44_100, 5 * 44_100)])
    left, middle, right = project.tracks[0].items
    assert [len(item.takes) for item in (left, middle, right)] == [3, 4, 3]
    assert [take.chosen for take in middle.takes] == [False, False, False, True]
    assert middle.takes[2].source == left.takes[2].source
    assert [item.takes[0].offset_seconds for item in (left, middle, right)] == [0.125, 3.125, 6.125]
    data = project.encode().decode()
    lines = [line.split() for line in data.splitlines()]
    ids = [words[1] for words in lines if words[0] in ("IGUID", "GUID", "EGUID", "FXID", "IID")]
    assert len(ids) == len(set(ids))
    assert rpp.loads(data).find("TRACK") is not None
    kept = added_lines(before.replace(b"      LENGTH 8\n", b"      LENGTH 2\n"), project.encode())
    assert kept, "and of the item itself no line changed but its length"


def test_envelopes_keep_their_place_in_the_project(tmp_path: Path) -> None:
    project = project_with(tmp_path, extra=EXTRA)
    on = laid(project, 2.25, 5, rate=44_100)
    repaint(project, on, [(round(2.25 * 44_100), 5 * 44_100)])
    for index, item in enumerate(rpp.loads(project.encode().decode()).findall(".//ITEM")):
        shift = (0, 1.25, 4)[index]
        envelopes = item.findall("VOLENV")
        assert len(envelopes) == (1, 2, 1)[index], "the new take is shaped as the old one"
        for envelope in envelopes:
            points = [child for child in envelope.children if child[0] == "PT"]
            assert [float(point[1]) for point in points] == [0 - shift, 1.5 - shift]
            assert points[1][2:] == ["0.25", "0", "0", "1"]


def test_a_range_over_the_whole_item_only_adds_a_take(tmp_path: Path) -> None:
    project = project_with(tmp_path, fade_in=1, fade_out=1)
    before = project.encode()
    on = laid(project, 1, 9, rate=44_100)
    assert (on.first, on.last) == (44_100, 9 * 44_100)
    repaint(project, on, [(on.first, on.last)])
    (item,) = project.tracks[0].items
    assert len(item.takes) == 4
    old = before.replace(b"      TAKE SEL\n", b"      TAKE\n")
    assert len(added_lines(old, project.encode())) == 10


def test_ranges_that_touch_share_an_edge(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    on = laid(project, 2, 6, rate=44_100)
    repaint(project, on, [(2 * 44_100, 4 * 44_100), (4 * 44_100, 6 * 44_100)])
    pieces = project.tracks[0].items
    assert [(item.start_frame, item.end_frame) for item in pieces] == [
        (edge * 44_100, end * 44_100) for edge, end in ((1, 2), (2, 4), (4, 6), (6, 9))
    ]
    assert [len(item.takes) for item in pieces] == [3, 4, 4, 3]


@pytest.mark.parametrize("fades", [{"fade_in": 1.5}, {"fade_out": 5}])
def test_a_cut_inside_a_fade_is_refused(tmp_path: Path, fades: dict[str, float]) -> None:
    project = project_with(tmp_path, **fades)
    before = project.encode()
    on = laid(project, 2, 6, rate=44_100)
    with pytest.raises(RequestError, match="fade") as caught:
        repaint(project, on, [(2 * 44_100, 6 * 44_100)])
    assert caught.value.code == ErrorCode.BAD_POSITION
    assert project.encode() == before


def test_a_mix_to_mono_stays_one(tmp_path: Path) -> None:
    project = project_with(tmp_path, mode=2)
    on = laid(project, 2, 6, rate=44_100)
    repaint(project, on, [(2 * 44_100, 6 * 44_100)])
    assert project.tracks[0].items[1].takes[-1].channel_mode == 2


def test_an_item_at_another_speed_is_cut_on_the_projects_frames(tmp_path: Path) -> None:
    project = project_with(tmp_path, rate=2)
    (track,) = project.tracks
    heard = resolve_item(track, track.items[0], project.tempo_map)
    on = map_item(heard, 48_000, 10**9, (2, 6), project.sample_rate)
    repaint(project, on, [(2 * 44_100, 6 * 44_100)])
    sent = on.build_input("source", "0" * 64, 2 * 44_100, 6 * 44_100)
    assert (sent.start_frame, sent.frames, sent.play_rate) == (2.5 * 48_000, 8 * 48_000, 2)
    frames = played(project.encode(), 44_100, 48_000, range(2 * 44_100 - 1, 2 * 44_100 + 2))
    assert [heard.file for at in frames for heard in at] == ["two.wav", "new.wav", "new.wav"]
    assert project.tracks[0].items[1].take is not None
    assert project.tracks[0].items[1].take.play_rate == 1
