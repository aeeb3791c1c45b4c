"""Covers: what was heard of a recording, played again by another band."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from bandmate_plugins._engines.sketch.cover import ensembles as ensembles
from bandmate_plugins._engines.sketch.cover.chart import SourceChart, SourceForm
from bandmate_plugins._engines.sketch.cover.players import (
    STYLE_JOINS,
    CoverBassist,
    CoverDrummer,
    CoverKeys,
    CoverLead,
    CoverPiano,
    CoverSheet,
)
from bandmate_plugins._engines.sketch.cover.reading import MeasureTranscript
from bandmate_plugins._engines.sketch.cover.stage import (
    announce,
    audible,
    loudness,
    play,
    refuse_silence,
    source_of,
    telling,
    voice_remarks,
)
from bandmate_plugins._engines.sketch.ears.surroundings import Heard
from bandmate_plugins._engines.sketch.ears.transcribe.pitch import MELODY
from bandmate_plugins._engines.sketch.ears.transcribe.transcript import Stretch, Transcript
from bandmate_plugins._engines.sketch.performance.remarks import remarks, report
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.players.band import Band, Part
from bandmate_plugins._engines.sketch.players.chart import Chart
from bandmate_plugins._engines.sketch.sound.sampler import Shelf
from bandmate_plugins._engines.sketch.theory.harmony import parse_key
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import Wish
from bandmate_plugins.outputs import Output, Remark, Report
from bandmate_plugins.request import Context, TaskRequest
from bandmate_protocol.tempo import TempoMap, check_timeline


def perform(request: TaskRequest[Any], context: Context, shelf: Shelf) -> Iterator[Output]:
    """Plays the source again as `CoverParams` ask; a stem for each part, or their mix.

    Raises RequestError (`input_missing`, `input_unusable`) where there is no sound to cover.
    """
    timeline, params = request.timeline, request.params
    check_timeline(timeline)
    context.check()
    tempo = TempoMap.of(timeline)
    source = source_of(request, "cover")
    group, wish = ensembles.asked(params.prompt)
    target = yield from loudness(request, source, context, 0.0)
    transcript = Transcript(source, timeline, MELODY, context.check, params.tracker)
    transcript.key = parse_key(timeline.key) if timeline.key else None
    heard = yield from audible(transcript)
    refuse_silence(heard, "cover")
    transcript.key = transcript.key or heard.key
    reading = MeasureTranscript(transcript, timeline, tempo)
    sounding = heard.key if heard.clear.has_chords else None
    key, why = decisions.key_of(wish, timeline, request.seed, sounding)
    energy = 0.5 * decisions.character_of(wish).energy

    def adapt(chart: Chart) -> Chart:
        return SourceChart.of(chart, reading, SourceForm(reading, energy))

    cast = _whole_band(wish) if group else wish
    band = bands.gather(
        cast, timeline, tempo, key, request.seed, adapt=adapt, tuning_cents=heard.tuning_cents
    )
    sheet = CoverSheet(band.chart, reading, params.strength)
    parts = ensembles.parts(group, band, sheet, wish) if group else _cover_parts(band, sheet)
    band = replace(band, parts=_playable_parts(parts, heard, wish, params.strength))
    yield from announce(band, params.mix)
    yield from play(band, timeline, tempo, shelf, target, params.mix, context)
    said, found = telling(heard)
    yield Report({**report(wish, band, tempo.bpm_at(timeline.start_frame)), **found})
    yield from map(Remark, [*said, *voice_remarks(heard, params.tracker)])
    yield from map(Remark, remarks(wish, band, timeline, why, Heard()))


def _whole_band(wish: Wish) -> Wish:
    """The wish for a whole band, for a group to take its players from."""
    return replace(wish, instruments=[], parts=[], drums=[], assigned={}, band=True)


def _cover_parts(band: Band, sheet: CoverSheet) -> tuple[Part, ...]:
    """A style's parts, each by a player who reads; keys without a lead play the melody too."""
    kinds = [part.kind for part in band.parts]
    lead_by_keys = "lead" not in kinds and "keys" in kinds
    made: list[Part] = []
    for part in band.parts:
        hire = part.hire
        if part.kind == "drums":
            made.append(replace(part, hire=partial(CoverDrummer, hire, sheet)))
            continue
        instrument = part.instrument
        assert instrument is not None, "only drums have none"
        line = sheet.chart.genre.lead if part.kind == "lead" else sheet.chart.genre.keyboard
        if part.kind == "bass":
            made.append(replace(part, hire=partial(CoverBassist, hire, sheet, instrument)))
        elif part.kind == "lead":
            made.append(replace(part, hire=partial(CoverLead, hire, sheet, instrument, line.register)))
        elif lead_by_keys and kinds.index("keys") == len(made):
            lead = partial(CoverLead, None, sheet, instrument, line.register + 10)
            keys = partial(CoverKeys, hire, sheet, instrument, line.register)
            made.append(replace(part, hire=partial(_join_hands, lead, keys)))
        else:
            made.append(replace(part, hire=partial(CoverKeys, hire, sheet, instrument, line.register)))
    return tuple(made)


def _join_hands(lead: partial[CoverLead], keys: partial[CoverKeys]) -> CoverPiano:
    return CoverPiano(lead(), keys())


def _playable_parts(parts: tuple[Part, ...], heard: Stretch, wish: Wish, strength: float) -> tuple[Part, ...]:
    """The parts that have something to play: no drums or lead are made up for a faithful cover."""
    named = set(wish.parts) | ({"drums"} if wish.drums or wish.kit else set())
    silent: set[str] = set()
    if strength < STYLE_JOINS and not heard.clear.has_drums and "drums" not in named:
        silent.add("drums")
    left = tuple(part for part in parts if part.kind not in silent)
    return left or parts
