"""Who plays in a repainted range, and what: from the prompt, and from what was heard around it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import Genre, LineStyle
from bandmate_plugins._engines.sketch.players.band import Band, BandPart, assemble_band
from bandmate_plugins._engines.sketch.players.chart import Chart
from bandmate_plugins._engines.sketch.players.density import DensityMusician
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.repaint.ensemble import onset_density, replace_musicians
from bandmate_plugins._engines.sketch.repaint.wishes import RepaintChange
from bandmate_plugins._engines.sketch.theory.form import SongForm
from bandmate_plugins._engines.sketch.theory.measures import beat_level, measure_count
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.decisions import part_kinds
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._listening.grid_timing import GridTiming
from bandmate_plugins._listening.parts import DetectedPart
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.musical_range import MusicalRange

_ENERGIES = (0.0, -0.2, -0.4, 0.2)
_TOUCHES = (0.35, 0.7, 1.0)
_NEAR = 0.15
"""How far the density may be off before it is worked on."""
_LOOK_SECONDS = 10.0
_MIN_DENSITY = 0.25
_NEUTRAL_STYLES = ("pop", "rock", "soul", "funk", "hip_hop", "house", "punk", "blues", "jazz", "country")
"""Styles that are taken where the prompt names none, the most neutral first."""
_DEFAULT_INSTRUMENTS = {
    ("bass", True): "synth_bass",
    ("bass", False): "electric_bass",
    ("keys", True): "organ",
    ("keys", False): "piano",
    ("lead", True): "synth_lead",
    ("lead", False): "vibraphone",
}
"""Instruments where none is named, by whether notes are held."""
_FILL = {"snare": "xxxx --x-", "mid_tom": "---- x---", "low_tom": "---- -x-x", "kick": "x--- x---"}
"""A fill of two beats for styles that have none."""


@dataclass(frozen=True)
class RepaintCast:
    """What the prompt and the ears say before the first note."""

    wish: ParsedPrompt
    change: RepaintChange
    heard_part: bool
    """Whether what plays was heard rather than told."""


def choose_cast(
    wish: ParsedPrompt,
    change: RepaintChange,
    part: str,
    playing: DetectedPart | None,
    pulse: GridTiming,
    bpm: float,
) -> RepaintCast:
    """Who plays: whom the prompt names, else what the track is said to be, else what is heard there."""
    asked = names_a_part(wish)
    told = parse_prompt(part)
    heard_part = False
    if not asked and (change.fill and not part and playing is None):
        wish.parts.append("drums")
    elif not asked and names_a_part(told):
        wish.instruments, wish.parts, wish.assigned = told.instruments, told.parts, told.assigned
        wish.drums, wish.kit, wish.band = told.drums, told.kit, told.band
        wish.places, wish.drum_kits = told.places, told.drum_kits
    elif not asked and playing is not None:
        heard_part = True
        wish.band = playing.part == "band"
        wish.parts = [] if wish.band else [playing.part]
    kinds = part_kinds(wish)
    if playing is not None and len(kinds) == 1 and kinds[0] != "drums" and not wish.instruments:
        wish.instruments = [_DEFAULT_INSTRUMENTS[kinds[0], playing.texture.held]]
    if wish.genre is None:
        wish.genre = choose_style(bpm, pulse.swing)
    return RepaintCast(wish, change, heard_part)


def choose_style(bpm: float, swing: float | None) -> str:
    """A plain style that is at home at a tempo, or at its half or double, and swings alike."""

    def strangeness(name: str) -> float:
        genre = library.genres()[name]
        low, high = genre.tempo
        off = min(
            (max(math.log2(low / felt), math.log2(felt / high), 0.0) + cost
             for felt, cost in ((bpm, 0.0), (bpm / 2, 0.3), (2 * bpm, 0.3))),
        )  # fmt: skip
        swung = abs(genre.swing - swing) * 4 if swing is not None else 0.0
        return off + swung + 0.03 * _NEUTRAL_STYLES.index(name)

    return min(_NEUTRAL_STYLES, key=strangeness)


@dataclass(frozen=True)
class RepaintComposer:
    """Writes for a window of the project."""

    cast: RepaintCast
    window: MusicalRange
    key: Key
    seed: int
    pulse: GridTiming
    playing: DetectedPart | None
    tuning_cents: int

    def compose_band(self, start: int) -> Band:
        """The band whose density is nearest to what is asked for, from a frame of the project on."""
        wanted = max(self.pulse.density, _MIN_DENSITY) * self.cast.change.density_factor
        look = partial(onset_density, window=self.window, start=start, seconds=_LOOK_SECONDS)
        best = self._write_band(0.0, 0.0)
        if self.pulse.density <= 0:
            # Nothing to compare with: only what was asked for counts.
            return self._write_band(0.0, 0.7 * self.cast.change.density)
        found = [
            (look(band), energy, band) for energy in _ENERGIES for band in (self._write_band(energy, 0.0),)
        ]
        count, energy, best = min(found, key=lambda one: abs(math.log((one[0] + 0.05) / wanted)))
        if abs(count / wanted - 1) > _NEAR or self.cast.change.density:
            way = 1 if count < wanted else -1
            tried = [(count, best)] + [
                (look(band), band) for touch in _TOUCHES for band in (self._write_band(energy, way * touch),)
            ]
            best = min(tried, key=lambda one: abs(math.log((one[0] + 0.05) / wanted)))[1]
        return best

    def _write_band(self, energy: float, touch: float) -> Band:
        adapt = partial(self._adapt_chart, energy=energy)
        band = assemble_band(
            self.cast.wish, self.window, self.key, self.seed, None, adapt,
            tuning_cents=self.tuning_cents,
        )  # fmt: skip
        if not touch:
            return band

        def hire(part: BandPart) -> Callable[[], Musician]:
            return lambda: DensityMusician(part.hire(), band.chart, part.name, touch, part.kind == "drums")

        return replace_musicians(band, hire)

    def _adapt_chart(self, chart: Chart, energy: float) -> Chart:
        kinds = frozenset(part_kinds(self.cast.wish))
        level = beat_level(self.window.tempo, self.window.start_frame)
        count = measure_count(self.window, level)
        character = decisions.sum_moods(self.cast.wish)
        # One section however long: the range lies in the middle of a piece.
        form = SongForm(1, character.energy + energy + 0.2 * self.cast.change.density, kinds)
        form.sections[0] = replace(form.sections[0], measures=count)
        genre = self._adapt_genre(chart.genre, kinds)
        follows = self.pulse.swing is not None and character.swing is None
        swing = self.pulse.swing if follows and self.pulse.swing is not None else chart.swing
        return replace(chart, form=form, genre=genre, swing=swing)

    def _adapt_genre(self, genre: Genre, kinds: frozenset[str]) -> Genre:
        drums = genre.drums
        if self.cast.change.fill:
            drums = msgspec.structs.replace(drums, fills=drums.fills or (_FILL,))
        unit = self.pulse.swing_unit if self.pulse.swing is not None else genre.swing_unit
        registers = self.playing.register if self.playing and len(kinds) == 1 else {}
        return msgspec.structs.replace(
            genre,
            dynamics=(),
            drums=drums,
            swing_unit=unit,
            bass=_move_register(genre.bass, registers.get("bass")),
            keyboard=_move_register(genre.keyboard, registers.get("keys")),
            lead=_move_register(genre.lead, registers.get("lead")),
        )


def _move_register(line: LineStyle, register: float | None) -> LineStyle:
    return line if register is None else msgspec.structs.replace(line, register=round(register))


def names_a_part(wish: ParsedPrompt) -> bool:
    """Whether words say who plays."""
    return bool(wish.instruments or wish.parts or wish.drums or wish.kit or wish.band)
