"""Tempo and metre of a project against values worked out by hand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.rpp import Project, new_project
from bandmate_bridge.rpp.chunks import parse_project
from bandmate_bridge.rpp.tempo_envelope import read_tempo_map
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap
from tests.bridge.project.samples import reaper5, reaper6, reaper7

RATE = 48_000
METRE_34, METRE_44, METRE_68, METRE_78 = 262147, 262148, 524294, 524295


def tempo_map(*points: str, tempo: str = "120 4 4", offset: int = 0, rate: int = RATE) -> TempoMap:
    envelope = "<TEMPOENVEX\n" + "".join(f"PT {point}\n" for point in points) + ">\n" if points else ""
    text = f"<REAPER_PROJECT\nPROJOFFS 0 {offset} 0\nTEMPO {tempo}\n{envelope}>\n"
    return read_tempo_map(parse_project(text.encode(), "a.rpp").root, rate)


def seconds(found: TempoMap, bar: int, beat: float = 0.0) -> float:
    return found.position_of(bar, beat) / found.sample_rate


def test_without_an_envelope_the_project_line_holds() -> None:
    found = tempo_map(tempo="90 6 8")
    # An eighth is half a quarter, and a quarter lasts 60 / 90 s: a bar is 6 * 1/3 s.
    assert [seconds(found, bar) for bar in (1, 2, 9)] == pytest.approx([0, 2, 16])
    assert seconds(found, 1, 3) == pytest.approx(1)


def test_a_held_tempo_changes_at_its_point() -> None:
    found = tempo_map("0 120 1", "8 60 1")
    assert [seconds(found, bar) for bar in (1, 5, 6)] == pytest.approx([0, 8, 12])


def test_a_gradual_tempo_runs_evenly_in_time() -> None:
    # From 60 to 120 over 8 s: 8 * 90 / 60 = 12 quarters; at 4 s it is 90, and 4 * 75 / 60 = 5 are past.
    found = tempo_map("0 60 0", "8 120 1", tempo="60 4 4")
    assert found.bpm_at(4 * RATE) == pytest.approx(90)
    assert found.quarters_at(4 * RATE) == pytest.approx(5)
    assert [seconds(found, bar) for bar in (4, 5)] == pytest.approx([8, 10])


def test_a_metre_in_eighths_keeps_the_tempo_in_quarters() -> None:
    found = tempo_map("0 120 1 262148 0 1", f"4 120 1 {METRE_78} 0 1")
    # 7/8 at 120 quarters a minute: 3.5 quarters, 1.75 s.
    assert [seconds(found, bar) for bar in (3, 4, 5)] == pytest.approx([4, 5.75, 7.5])
    assert found.metre_at(4 * RATE) == (7, 8)


def test_a_point_without_a_metre_keeps_the_one_before() -> None:
    found = tempo_map(f"0 120 1 {METRE_34} 0 1", "3 60 1 0 0 0")
    assert found.metre_at(4 * RATE) == (3, 4)
    assert seconds(found, 3) == pytest.approx(3)
    assert seconds(found, 4) == pytest.approx(6)


def test_a_point_that_sets_only_the_metre_leaves_a_ramp_alone() -> None:
    plain = tempo_map("0 60 0", "8 120 1", tempo="60 4 4")
    split = tempo_map("0 60 0", f"4 999 1 {METRE_34} 0 7", "8 120 1", tempo="60 4 4")
    for second in (1, 4, 5, 7.5, 8, 20):
        assert split.bpm_at(second * RATE) == pytest.approx(plain.bpm_at(second * RATE))
        assert split.quarters_at(second * RATE) == pytest.approx(plain.quarters_at(second * RATE))
    assert split.metre_at(6 * RATE) == (3, 4)


def test_a_point_that_sets_only_the_metre_leaves_a_held_tempo_alone() -> None:
    found = tempo_map("0 90 1", f"4 120 0 {METRE_34} 0 3", "8 60 1", tempo="90 4 4")
    assert found.bpm_at(7 * RATE) == 90


def test_a_metre_in_the_middle_of_a_bar_cuts_it_short() -> None:
    found = tempo_map("0 120 1 262148 0 1", f"3 120 1 {METRE_34} 0 5")
    # The second 4/4 bar began at 2 s and has two beats; bar 3 begins at 3 s.
    assert [seconds(found, bar) for bar in (2, 3, 4)] == pytest.approx([2, 3, 4.5])


def test_a_repeated_metre_starts_a_bar_too() -> None:
    found = tempo_map("0 120 1 262148 0 1", f"3 120 1 {METRE_44} 0 5")
    assert [seconds(found, bar) for bar in (2, 3, 4)] == pytest.approx([2, 3, 5])


@pytest.mark.parametrize("rounded", [6.8571428, 6.857143, 6.85714286])
def test_a_metre_that_rounding_moved_off_its_barline_is_put_back(rounded: float) -> None:
    # Four bars at 140 end at 48/7 s; older versions write six decimals.
    found = tempo_map("0 140 1 262148 0 1", f"{rounded} 140 1 {METRE_34} 0 1", tempo="140 4 4")
    assert seconds(found, 5) == pytest.approx(48 / 7, abs=1e-12)
    assert found.bar_beat_at(48 / 7 * RATE)[0] == 5
    assert found.bar_beat_at(48 / 7 * RATE + RATE)[0] == 5
    assert found.bar_beat_at(48 / 7 * RATE + 1.3 * RATE)[0] == 6


def test_a_metre_after_a_rounded_ramp_is_put_back_on_its_barline() -> None:
    # From 100 to 50 the first 12 quarters take 12 * 60 / 75 s = 9.6 s.
    found = tempo_map("0 100 0", f"9.600004 50 1 {METRE_34} 0 1", tempo="100 4 4")
    assert found.bar_beat_at(9.7 * RATE)[0] == 4
    assert seconds(found, 4) == pytest.approx(9.6, abs=1e-9)


def test_before_the_first_point_the_project_line_holds() -> None:
    found = tempo_map("4 60 1", tempo="120 4 4")
    assert [seconds(found, bar) for bar in (1, 2, 3, 4)] == pytest.approx([0, 2, 4, 8])


def test_points_out_of_order_and_doubled_are_put_in_order() -> None:
    found = tempo_map("8 60 1", "0 120 1", "8 30 1")
    assert [point.position / RATE for point in found.points] == [0, 8]
    assert found.bpm_at(9 * RATE) == 30


def test_bars_count_as_the_ruler_shows_them() -> None:
    found = tempo_map(offset=-4)
    assert found.bar_beat_at(0)[0] == -3
    assert seconds(found, 1) == 8


@pytest.mark.parametrize(
    "points", [["0 0 1"], ["0 120 1", "4 5000 1"], ["0 x 1"], ["0 120 1 262144 0 1"], ["0 120 1 4"]]
)
def test_a_tempo_that_cannot_be_is_refused(points: list[str]) -> None:
    with pytest.raises(
        RequestError, match=r"The project has a (tempo|metre) of .* which is not valid"
    ) as caught:
        tempo_map(*points)
    assert caught.value.code is ErrorCode.NOT_A_PROJECT


def test_the_versions_are_read_alike(tmp_path: Path) -> None:
    paths = [tmp_path / f"{version}.rpp" for version in (5, 6, 7)]
    for path, data in zip(paths, (reaper5(), reaper6(), reaper7()), strict=True):
        path.write_bytes(data)
    five, six, seven = (Project.load(path) for path in paths)
    assert (five.sample_rate, five.rate.fixed) == (48_000, False)
    assert "Bandmate assumes 48000 Hz" in five.rate.remark
    assert (six.sample_rate, six.rate.fixed) == (96_000, False)
    assert (seven.sample_rate, seven.rate.fixed, seven.rate.remark) == (44_100, True, "")
    assert five.tempo_map.position_of(2) == pytest.approx(3 * 60 / 100.5 * 48_000)
    # 16 quarters in 8 s, then 3/6 bars (two quarters) from 60 to 120: 8 * 90 / 60 = 12 quarters by 16 s.
    assert seven.tempo_map.metre_at(9 * 44_100) == (3, 6)
    assert seven.tempo_map.position_of(11) == pytest.approx(16 * 44_100)


TEMPI = st.floats(20, 400)
METRES = st.sampled_from([(4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (2, 2)])


@given(
    st.lists(
        st.tuples(st.integers(1, 40), TEMPI, METRES, st.booleans(), st.booleans()), min_size=1, max_size=6
    ),
    st.sampled_from([22_050, 44_100, 48_000, 96_000]),
)
def test_what_is_written_is_read_back(
    steps: list[tuple[int, float, tuple[int, int], bool, bool]], rate: int
) -> None:
    points: list[TempoPoint] = []
    for index, (step, bpm, (numerator, denominator), linear, starts) in enumerate(steps):
        points.append(
            TempoPoint(
                position=points[-1].position + step * rate / 2 if points else 0.0,
                bpm=bpm,
                numerator=numerator,
                denominator=denominator,
                shape="linear" if linear else "square",
                starts_bar=starts and index > 0,
            )
        )
    asked, found = TempoMap(points, rate), new_project("new.rpp", sample_rate=rate, tempo=points).tempo_map
    for quarter in range(0, 200, 7):
        frame = asked.position_at(quarter)
        assert found.quarters_at(frame) == pytest.approx(quarter, abs=1e-4)
        assert found.metre_at(frame + 1) == asked.metre_at(frame + 1)
