"""A REAPER project in memory."""

import copy
import struct
import uuid
from dataclasses import dataclass, field
from pathlib import Path


def new_guid() -> str:
    return "{" + str(uuid.uuid4()).upper() + "}"


@dataclass(eq=False, repr=False)
class Source:
    file: str
    kind: str = "WAVE"
    peaks_of: bytes | None = None
    """What the peaks were built from; None before."""

    def __deepcopy__(self, memo):
        return self

    def seconds(self) -> float:
        data = Path(self.file).read_bytes()[:256]
        channels, rate = struct.unpack_from("<HI", data, data.find(b"fmt ") + 10)
        bits = struct.unpack_from("<H", data, data.find(b"fmt ") + 22)[0]
        at = data.find(b"data")
        return struct.unpack_from("<I", data, at + 4)[0] / (channels * bits // 8) / rate


@dataclass(eq=False, repr=False)
class Take:
    name: str = ""
    source: Source | None = None
    guid: str = field(default_factory=new_guid)
    values: dict[str, float] = field(
        default_factory=lambda: {
            "D_STARTOFFS": 0.0,
            "D_PLAYRATE": 1.0,
            "D_VOL": 1.0,
            "D_PAN": 0.0,
            "D_PANLAW": -1.0,
            "D_PITCH": 0.0,
            "B_PPITCH": 1.0,
            "I_CHANMODE": 0.0,
        }
    )
    notes: list[tuple] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Item:
    guid: str = field(default_factory=new_guid)
    takes: list[Take] = field(default_factory=list)
    active: int = 0
    selected: bool = False
    notes: str = ""
    values: dict[str, float] = field(
        default_factory=lambda: {
            "D_POSITION": 0.0,
            "D_LENGTH": 0.0,
            "B_LOOPSRC": 1.0,
            "B_MUTE": 0.0,
            "D_VOL": 1.0,
            "D_SNAPOFFSET": 0.0,
            "D_FADEINLEN": 0.01,
            "D_FADEOUTLEN": 0.01,
            "D_FADEINLEN_AUTO": 0.0,
            "D_FADEOUTLEN_AUTO": 0.0,
            "I_FIXEDLANE": 0.0,
            "C_LANEPLAYS": 1.0,
            "F_FREEMODE_Y": 0.0,
        }
    )

    @property
    def position(self) -> float:
        return self.values["D_POSITION"]

    @property
    def end(self) -> float:
        return self.position + self.values["D_LENGTH"]


@dataclass(eq=False, repr=False)
class Track:
    name: str = ""
    guid: str = field(default_factory=new_guid)
    items: list[Item] = field(default_factory=list)
    selected: bool = False
    razor: str = ""
    ext: dict[str, str] = field(default_factory=dict)
    values: dict[str, float] = field(
        default_factory=lambda: {
            "I_CUSTOMCOLOR": 0.0,
            "I_FOLDERDEPTH": 0.0,
            "B_MUTE": 0.0,
            "I_SOLO": 0.0,
            "I_FREEMODE": 0.0,
            "D_VOL": 1.0,
            "D_PAN": 0.0,
            "B_MAINSEND": 1.0,
        }
    )
    lane_names: tuple[str, ...] = ()
    comp_lane: int = -1
    frozen: bool = False
    gain: float = 1.0
    """What its effects do."""


@dataclass
class Tempo:
    seconds: float
    bpm: float
    numerator: int = 0
    denominator: int = 0
    linear: bool = False
    flags: int = 0


@dataclass
class Mark:
    number: int
    name: str
    start: float
    end: float | None
    colour: int


@dataclass
class RenderSettings:
    """The musician's own, of the render dialog."""

    numbers: dict[str, float] = field(
        default_factory=lambda: {
            "RENDER_SETTINGS": 640.0, "RENDER_BOUNDSFLAG": 3.0, "RENDER_STARTPOS": 1.5,
            "RENDER_ENDPOS": 99.25,
            "RENDER_SRATE": 0.0, "RENDER_CHANNELS": 6.0, "RENDER_TAILFLAG": 18.0, "RENDER_ADDTOPROJ": 1.0,
            "RENDER_DITHER": 5.0, "RENDER_NORMALIZE": 33.0,
        }
    )  # fmt: skip
    texts: dict[str, str] = field(
        default_factory=lambda: {
            "RENDER_FILE": "/music/masters", "RENDER_PATTERN": "$project-$region",
            "RENDER_FORMAT": "bDNwbUABAAABAAAACgAAAP////8EAAAAQAEAAAAAAAA=", "RENDER_FORMAT2": "ZXZhdxgAAA==",
        }
    )  # fmt: skip


@dataclass(eq=False, repr=False)
class Project:
    folder: Path
    file: str = ""
    rate: int = 48_000
    uses_rate: bool = True
    bpm: float = 120.0
    numerator: int = 4
    denominator: int = 4
    tracks: list[Track] = field(default_factory=list)
    tempo: list[Tempo] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    ext: dict[str, str] = field(default_factory=dict)
    selection: tuple[float, float] = (0.0, 0.0)
    cursor: float = 0.0
    time_offset: float = 0.0
    playing: bool = False
    recording: bool = False
    render: RenderSettings = field(default_factory=RenderSettings)
    changes: int = 0
    depth: int = 0
    """Open undo blocks."""
    before: tuple | None = None
    done: list[tuple[str, tuple]] = field(default_factory=list)
    """Undo steps: what they are called, and what was before them."""

    def snapshot(self) -> tuple:
        return copy.deepcopy((self.tracks, self.tempo, self.marks))

    def restore(self, snapshot: tuple) -> None:
        self.tracks, self.tempo, self.marks = copy.deepcopy(snapshot)

    def items(self):
        return [item for track in self.tracks for item in track.items]

    def track_of(self, item: Item) -> Track:
        return next(track for track in self.tracks if item in track.items)

    def item_of(self, take: Take) -> Item:
        return next(item for item in self.items() if take in item.takes)

    def named(self, name: str) -> Track:
        return next(track for track in self.tracks if track.name == name)

    def holds(self, thing: object) -> bool:
        """Asked at every call, so it looks only where a thing of that kind can be."""
        if isinstance(thing, Track):
            return any(thing is track for track in self.tracks)
        items = (item for track in self.tracks for item in track.items)
        if isinstance(thing, Item):
            return any(thing is item for item in items)
        takes = (take for item in items for take in item.takes)
        if isinstance(thing, Take):
            return any(thing is take for take in takes)
        return any(thing is take.source for take in takes)
