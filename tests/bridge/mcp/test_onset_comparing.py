"""Onsets of two takes are matched, and those of one alone are named."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from bandmate_mcp.onset_comparing import compare_onsets, detect_onset_seconds, match_onsets

RATE = 48_000
STROKES = [0.5 + 0.5 * number for number in range(90)]
"""Seconds: across two edges of the blocks that are listened to."""


def strokes_file(path, places, seconds=46.0):
    """Short bursts of noise that fade, each at its place."""
    noise = np.random.default_rng(1)
    samples = 1e-4 * noise.standard_normal(round(seconds * RATE))
    stroke = noise.standard_normal(RATE // 10) * np.exp(-np.arange(RATE // 10) / (0.01 * RATE)) * 0.3
    for place in places:
        start = round(place * RATE)
        samples[start : start + len(stroke)] += stroke
    soundfile.write(path, np.stack([samples, samples], axis=1), RATE, subtype="FLOAT")
    return path


def test_each_stroke_is_found_once_and_where_it_is(tmp_path):
    found = detect_onset_seconds(strokes_file(tmp_path / "a.wav", STROKES))
    assert found == pytest.approx(STROKES, abs=0.006)


def test_what_is_later_added_and_missing_is_said(tmp_path):
    later = [each + 0.02 for each in STROKES if each not in (3.0, 20.0)]
    second = strokes_file(tmp_path / "b.wav", sorted([*later, 7.25, 20.25]))
    said = compare_onsets(strokes_file(tmp_path / "a.wav", STROKES), second)
    assert (said["first"], said["second"], said["matched"]) == (90, 90, 88)
    assert said["median_shift_ms"] == pytest.approx(20, abs=1)
    assert said["missing_at_seconds"] == pytest.approx([3.0, 20.0], abs=0.006)
    assert said["added_at_seconds"] == pytest.approx([7.25, 20.25], abs=0.006)
    assert (said["missing_in_second"], said["added_in_second"]) == (2, 2)


def test_silence_and_other_files_have_none(tmp_path):
    silent = strokes_file(tmp_path / "silent.wav", ())
    soundfile.write(silent, np.zeros((RATE, 1)), RATE)
    said = compare_onsets(silent, silent)
    assert (said["first"], said["matched"], said["median_shift_ms"]) == (0, 0, None)
    other = tmp_path / "other.m4a"
    other.write_bytes(b"no audio that is known here")
    assert compare_onsets(silent, other) is None


def test_close_onsets_are_each_matched_once():
    assert match_onsets([1.0, 1.04], [1.03, 1.07]) == [(1.0, 1.03), (1.04, 1.07)]
    assert match_onsets([1.0, 1.04], [1.03]) == [(1.0, 1.03)]
    assert match_onsets([1.0], [1.06]) == []
