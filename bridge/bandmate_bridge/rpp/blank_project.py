"""A whole new project, as REAPER 7 would save an empty one."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bandmate_bridge.rpp.chunks import RppChunk, RppDocument, draft_chunk, lay_out
from bandmate_bridge.rpp.guids import new_guid
from bandmate_bridge.rpp.lines import number_text, quote_text
from bandmate_bridge.rpp.tempo_envelope import tempo_lines
from bandmate_protocol.messages import TempoPoint


def blank_document(
    sample_rate: int, tempo: Sequence[TempoPoint], *, media: str = "", created: int | None = None
) -> RppDocument:
    """A project without tracks.

    ``tempo``: at least one point, the first at or before the start, positions in frames at ``sample_rate``.
    ``media``: its media folder, relative to the project; none leaves it beside the project. ``created``:
    seconds since 1970, now when left out.
    """
    tempo_line, points = tempo_lines(tempo, sample_rate)
    stamp = int(time.time()) if created is None else created
    root = draft_chunk(
        f'REAPER_PROJECT 0.1 "7.0" {stamp}',
        draft_chunk("NOTES 0 2"),
        "RIPPLE 0 0",
        "GROUPOVERRIDE 0 0 0 0",
        "AUTOXFADE 129",
        "ENVATTACH 3",
        "POOLEDENVATTACH 0",
        "MIXERUIFLAGS 11 48",
        "PEAKGAIN 1",
        "FEEDBACK 0",
        "PANLAW 1",
        "PROJOFFS 0 0 0",
        "MAXPROJLEN 0 0",
        "GRID 3199 8 1 8 1 0 0 0",
        "TIMEMODE 1 5 -1 30 0 0 -1",
        "PANMODE 3",
        "PANLAWFLAGS 3",
        "CURSOR 0",
        "ZOOM 40 0 0",
        "VZOOMEX 6 0",
        "LOOP 0",
        "LOOPGRAN 0 4",
        f"RECORD_PATH {quote_text(media)} {quote_text('')}",
        draft_chunk("RECORD_CFG"),
        draft_chunk("APPLYFX_CFG"),
        'RENDER_FILE ""',
        "RENDER_FMT 0 2 0",
        "RENDER_RANGE 1 0 0 0 1000",
        "TIMELOCKMODE 1",
        "TEMPOENVLOCKMODE 1",
        "ITEMMIX 1",
        "DEFPITCHMODE 589824 0",
        "TAKELANE 1",
        f"SAMPLERATE {sample_rate} 1 0",
        "LOCK 1",
        "GLOBAL_AUTO -1",
        tempo_line,
        "PLAYRATE 1 0 0.25 4",
        "SELECTION 0 0",
        "SELECTION2 0 0",
        "MASTERAUTOMODE 0",
        "MASTERTRACKHEIGHT 0 0",
        "MASTERPEAKCOL 16576",
        "MASTERMUTESOLO 0",
        "MASTERTRACKVIEW 0 0.6667 0.5 0.5 0 0 0 0 0 0 0 0 0 0",
        "MASTERHWOUT 0 0 1 0 0 0 0 -1",
        "MASTER_NCH 2 2",
        "MASTER_VOLUME 1 0 -1 -1 1",
        "MASTER_PANMODE 3",
        "MASTER_FX 1",
        "MASTER_SEL 0",
        _tempo_envelope(points),
        draft_chunk("PROJBAY"),
    )
    return RppDocument(lay_out(root, 0, "\n"))


def _tempo_envelope(points: Sequence[str]) -> RppChunk:
    return draft_chunk(
        "TEMPOENVEX",
        f"EGUID {new_guid()}",
        f"ACT {number_text(1 if points else 0)} -1",
        "VIS 1 0 1",
        "LANEHEIGHT 0 0",
        "ARM 0",
        "DEFSHAPE 1 -1 -1",
        *points,
    )
