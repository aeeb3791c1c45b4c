"""What the musician and programs are told about a repainted range."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._engines.sketch.performance import remarks as telling
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.repaint.compose import RepaintCast
from bandmate_plugins._engines.sketch.repaint.listen import RepaintAnalysis
from bandmate_plugins._theory.keys import Key
from bandmate_protocol.messages import Timeline
from bandmate_protocol.texts import say

_MIN_LATE_MS = 5.0
_MAX_CHORDS = 64


def repaint_report(
    told: RepaintAnalysis, key: Key, cast: RepaintCast, band: Band, target: float, timeline: Timeline
) -> dict[str, Any]:
    """The same as the remarks, for programs."""
    rate, pulse = timeline.sample_rate, told.pulse
    return {
        "genre": band.chart.genre.title,
        "key": key.name,
        "tuning_cents": band.chart.tuning_cents,
        "parts": [part.name for part in band.parts],
        "instruments": [part.sound_name for part in band.parts],
        "loudness_lufs": round(target, 2),
        "late_ms": [round(1000 * shift / rate, 1) for shift in (pulse.shift_before, pulse.shift_after)],
        "steady": pulse.steady,
        "swing": round(band.chart.swing, 3),
        "onsets_per_quarter": round(pulse.density, 2),
        "chords": [mark.symbol for mark in told.heard.chords[:_MAX_CHORDS]],
        "used_words": [*cast.change.words, *cast.wish.used][:32],
        "unknown_words": [word[:40] for word in cast.wish.unknown[:16]],
    }


def repaint_remarks(
    told: RepaintAnalysis, key: Key, why: str, cast: RepaintCast, band: Band, timeline: Timeline
) -> list[str]:
    """Sentences: what was heard, what was understood, and what was decided."""
    said = []
    used = [*cast.change.words, *cast.wish.used]
    if used:
        said.append(f"Understood: {telling.join_words(used)}.")
    if cast.wish.unknown:
        said.append(
            say(
                "Unknown words: {join_words}. `bandmate words` lists the known ones.",
                join_words=telling.join_words(cast.wish.unknown),
            )
        )
    said += telling.stand_in_remarks(cast.wish, band)
    if told.lufs is None:
        said.append("There is no sound around the range, so only the prompt decides.")
    if cast.heard_part:
        kinds = [part.kind for part in band.parts]
        what = "a whole band" if len(kinds) > 1 else "".join(kinds)
        said.append(
            say(
                "The source sounds like {what}; name the instrument in the prompt if it is something else.",
                what=what,
            )
        )
    said.append(_timing_remark(told, timeline))
    key_said = telling.key_remarks(band, key, why)
    if key_said:
        said += key_said
        if told.heard.chords and not timeline.chords:
            said.append(
                say(
                    "It follows the detected chords: {join_words}.",
                    join_words=telling.join_words(_chord_symbols(told)),
                )
            )
    return [sentence for sentence in said if sentence]


def _timing_remark(told: RepaintAnalysis, timeline: Timeline) -> str:
    pulse = told.pulse
    if told.lufs is None:
        return ""
    if not pulse.steady:
        return "The surrounding audio keeps no steady time, so this is played exactly on the beat."
    late = 500 * (pulse.shift_before + pulse.shift_after) / timeline.sample_rate
    if abs(late) < _MIN_LATE_MS:
        return ""
    return say(
        "It is played {milliseconds:.0f} ms {side} the grid, like the surrounding audio.",
        milliseconds=abs(late),
        side="behind" if late > 0 else "ahead of",
    )


def _chord_symbols(told: RepaintAnalysis) -> list[str]:
    return [mark.symbol for mark in told.heard.chords]
