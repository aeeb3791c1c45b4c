"""The tempo of a recording that came with a request."""

from __future__ import annotations

import pytest

from bandmate_protocol.messages import Probed
from bandmate_protocol.tempo import TempoMap
from bandmate_server.compat.chat.song import Song, reported_song
from bandmate_server.compat.chat.source_timeline import source_timeline

RATE = 44_100
PROBED = Probed(
    request="r", sha256="0" * 64, sample_rate=RATE, channels=2, frames=10 * RATE, missing_frames=0
)
REPORT = {
    "frames": 10 * RATE,
    "tempo": [{"position": 22_050.0, "bpm": 100.0, "numerator": 3, "denominator": 4}],
    "downbeats": [22_050],
    "metre": "3/4",
    "key": "D minor",
    "median_bpm": 100.0,
}


def test_the_detected_tempo_counts_from_the_first_downbeat():
    found = source_timeline(PROBED, Song("", "", key="D minor"), REPORT)
    assert (found.sample_rate, found.start_frame, found.end_frame) == (RATE, 0, 10 * RATE)
    assert found.key == "D minor"
    assert TempoMap.from_timeline(found).bar_beat_at(22_050) == (1, 0.0)
    assert TempoMap.from_timeline(found).bpm_at(0) == 100.0


def test_a_tempo_that_is_given_counts_more():
    (point,) = source_timeline(PROBED, Song("", "", bpm=90.0, metre=(6, 8)), REPORT).tempo
    assert (point.position, point.bpm, point.numerator, point.denominator) == (0.0, 90.0, 6, 8)


@pytest.mark.parametrize("report", [{}, {"tempo": []}, {"tempo": [{"bpm": "fast"}]}, {"tempo": 5}])
def test_without_a_tempo_there_is_one_all_the_same(report):
    assert source_timeline(PROBED, Song("", ""), report).tempo[0].bpm == 120.0


def test_reports_are_read_as_far_as_they_can_be():
    found = reported_song(REPORT | {"seconds": "long", "lyrics": 5})
    assert (found.bpm, found.metre, found.key) == (100.0, (3, 4), "D minor")
    assert (found.seconds, found.lyrics) == (None, "")
    assert reported_song({"metre": "x"}).metre is None
