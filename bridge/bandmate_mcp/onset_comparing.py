"""Where sounds begin in two takes: in both, in one alone, and how much later in the second."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile

from bandmate_plugins._listening.grid_timing import measure_flux
from bandmate_plugins._listening.placed_audio import PlacedAudio

_MATCH_SECONDS = 0.05
"""How far apart two onsets may be and still be one: what onset detectors are judged by (MIREX)."""
_BLOCK_SECONDS, _OVERLAP_SECONDS = 20.0, 0.5
"""Listened to at once, about 100 MB, and what each block has of the next one."""
_LEAST_STRENGTH = 0.25
"""Of the strongest onset of a take: what is weaker is noise where little is played."""
_MAX_LISTED = 32


def compare_onsets(first: Path, second: Path) -> dict[str, Any] | None:
    """How the onsets of two files differ, in seconds from the start of each; None for a file that is read elsewhere."""
    try:
        one, other = detect_onset_seconds(first), detect_onset_seconds(second)
    except soundfile.LibsndfileError:
        return None
    matched = match_onsets(one, other)
    in_both, in_both_second = {here for here, _ in matched}, {there for _, there in matched}
    missing = [round(each, 3) for each in one if each not in in_both]
    added = [round(each, 3) for each in other if each not in in_both_second]
    shifts = [1e3 * (there - here) for here, there in matched]
    return {
        "first": len(one),
        "second": len(other),
        "matched": len(matched),
        "missing_in_second": len(missing),
        "added_in_second": len(added),
        "median_shift_ms": round(median(shifts), 1) if shifts else None,
        "missing_at_seconds": missing[:_MAX_LISTED],
        "added_at_seconds": added[:_MAX_LISTED],
    }


def detect_onset_seconds(path: Path) -> list[float]:
    """Where sounds begin in a file, ascending, to 2 ms. Raises soundfile.LibsndfileError."""
    found: list[tuple[float, float]] = []
    with soundfile.SoundFile(path) as file:
        rate = file.samplerate
        size, overlap = round(_BLOCK_SECONDS * rate), round(_OVERLAP_SECONDS * rate)
        blocks = file.blocks(size + 2 * overlap, 2 * overlap, dtype="float32", always_2d=True)
        for number, samples in enumerate(blocks):
            start = number * size
            is_last = start + len(samples) >= file.frames
            # An onset near an edge belongs to the block that has what comes before and after it.
            after = (start + overlap) / rate if number else 0.0
            before = np.inf if is_last else (start + size + overlap) / rate
            onsets = _onsets_of(PlacedAudio(start, np.asarray(samples, np.float32), rate))
            found += [each for each in onsets if after <= each[0] < before]
    strongest = max((strength for _, strength in found), default=0.0)
    return [seconds for seconds, strength in found if strength >= _LEAST_STRENGTH * strongest]


def _onsets_of(audio: PlacedAudio) -> list[tuple[float, float]]:
    """Seconds and strength of each onset."""
    flux = measure_flux(audio, audio.rate)
    frames = flux.onset_frames(audio.rate)
    strengths = flux.values[np.round((frames - flux.start) / flux.hop).astype(np.int64)]
    return [(float(frame) / audio.rate, float(each)) for frame, each in zip(frames, strengths, strict=True)]


def match_onsets(one: Sequence[float], other: Sequence[float]) -> list[tuple[float, float]]:
    """Pairs of onsets of both, ascending, each onset once and as many pairs as there can be."""
    pairs, at = [], 0
    for onset in one:
        while at < len(other) and other[at] < onset - _MATCH_SECONDS:
            at += 1
        if at < len(other) and other[at] <= onset + _MATCH_SECONDS:
            pairs.append((onset, other[at]))
            at += 1
    return pairs
