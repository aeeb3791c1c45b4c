"""The tempo of a recording that came with a request."""

from __future__ import annotations

import pytest

from bandmate_protocol.tempo import TempoMap
from bandmate_server.compat.songs.music_request import read_music_request
from bandmate_server.compat.songs.planning import SourceAudio, Surroundings, plan_jobs, tempo_of_report

RATE = 44_100
SOURCE = SourceAudio("0" * 64, 10 * RATE, RATE)
REPORT = {
    "frames": 10 * RATE,
    "tempo": [{"position": 22_050.0, "bpm": 100.0, "numerator": 3, "denominator": 4}],
    "downbeats": [22_050],
    "metre": "3/4",
    "key": "D minor",
    "median_bpm": 100.0,
}


def timeline_of(report, **fields):
    request = read_music_request({"task_type": "cover", "prompt": "x", **fields})
    around = Surroundings((), SOURCE, tempo=tempo_of_report(report, RATE))
    return plan_jobs(request, request.song, around)[0].timeline


def test_the_detected_tempo_counts_from_the_first_downbeat():
    found = timeline_of(REPORT, key_scale="D minor")
    assert (found.sample_rate, found.start_frame, found.end_frame) == (RATE, 0, 10 * RATE)
    assert found.key == "D minor"
    assert TempoMap.from_timeline(found).bar_beat_at(22_050) == (1, 0.0)
    assert TempoMap.from_timeline(found).bpm_at(0) == 100.0


def test_a_tempo_that_is_given_counts_more():
    (point,) = timeline_of(REPORT, bpm=90, time_signature="6/8").tempo
    assert (point.position, point.bpm, point.numerator, point.denominator) == (0.0, 90.0, 6, 8)


@pytest.mark.parametrize("report", [{}, {"tempo": []}, {"tempo": [{"bpm": "fast"}]}, {"tempo": 5}])
def test_without_a_tempo_there_is_one_all_the_same(report):
    assert timeline_of(report).tempo[0].bpm == 120.0


def test_ranges_are_in_frames_of_the_recording():
    request = read_music_request(
        {"task_type": "repaint", "prompt": "x", "bpm": 90, "repainting_start": 1, "repainting_end": 2}
    )
    job = plan_jobs(request, request.song, Surroundings((), SOURCE))[0]
    assert job.params["ranges"] == [{"start_frame": RATE, "end_frame": 2 * RATE}]
