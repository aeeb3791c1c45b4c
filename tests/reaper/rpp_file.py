"""The model as REAPER would save it, and back from a file by the project bridge's reader."""

from pathlib import Path

from bandmate_bridge import rpp as bridge
from bandmate_bridge.rpp.colours import to_native
from bandmate_bridge.rpp.lines import number_text, quote_text
from tests.reaper.model import Item, Mark, Project, Source, Take, Tempo, Track


def item_lines(item: Item) -> list[str]:
    value = item.values
    lines = [
        "<ITEM",
        f"POSITION {number_text(value['D_POSITION'])}",
        f"SNAPOFFS {number_text(value['D_SNAPOFFSET'])}",
        f"LENGTH {number_text(value['D_LENGTH'])}",
        f"LOOP {value['B_LOOPSRC']:.0f}",
        "ALLTAKES 0",
        f"FADEIN 1 {number_text(value['D_FADEINLEN'])} {number_text(value['D_FADEINLEN_AUTO'])} 1 0 0 0",
        f"FADEOUT 1 {number_text(value['D_FADEOUTLEN'])} {number_text(value['D_FADEOUTLEN_AUTO'])} 1 0 0 0",
        f"MUTE {value['B_MUTE']:.0f} 0",
        f"SEL {int(item.selected)}",
        f"IGUID {item.guid}",
    ]
    for index, take in enumerate(item.takes):
        if index:
            lines.append("TAKE SEL" if index == item.active else "TAKE")
        lines += _take_lines(take, index == 0, value["D_VOL"])
    return [*lines, ">"]


def _take_lines(take: Take, first: bool, item_volume: float) -> list[str]:
    value = take.values
    pan = f"{number_text(value['D_PAN'])} {number_text(value['D_VOL'])} {number_text(value['D_PANLAW'])}"
    lines = [
        f"NAME {quote_text(take.name)}",
        f"VOLPAN {number_text(item_volume)} {pan}" if first else f"TAKEVOLPAN {pan}",
        f"SOFFS {number_text(value['D_STARTOFFS'])}",
        f"PLAYRATE {number_text(value['D_PLAYRATE'])} {value['B_PPITCH']:.0f} {number_text(value['D_PITCH'])} -1 0 0",
        f"CHANMODE {value['I_CHANMODE']:.0f}",
        f"GUID {take.guid}",
    ]
    if take.source is None:
        return lines
    if take.source.kind == "MIDI":
        return [*lines, "<SOURCE MIDI", "HASDATA 1 960 QN", *_events(take), ">"]
    return [*lines, f"<SOURCE {take.source.kind}", f"FILE {quote_text(take.source.file)}", ">"]


def _events(take: Take) -> list[str]:
    """Notes as REAPER saves them; at one tick, ends come before beginnings."""
    events = [(round(end), 0, f"{0x80 | channel:02x} {pitch:02x} 00")
              for _, end, channel, pitch, _ in take.notes]  # fmt: skip
    events += [(round(start), 1, f"{0x90 | channel:02x} {pitch:02x} {velocity:02x}")
               for start, _, channel, pitch, velocity in take.notes]  # fmt: skip
    lines, now = [], 0
    for tick, _, message in sorted(events):
        lines.append(f"E {tick - now} {message}")
        now = tick
    return [*lines, "E 0 b0 7b 00"]


def project_text(project: Project) -> str:
    begin, end = project.selection
    lines = [
        '<REAPER_PROJECT 0.1 "7.0" 0',
        "PROJOFFS 0 0 0",
        f"SAMPLERATE {project.rate} {int(project.uses_rate)} 0",
        f"TEMPO {number_text(project.bpm)} {project.numerator} {project.denominator}",
        f"CURSOR {number_text(project.cursor)}",
        f"SELECTION {number_text(begin)} {number_text(end)}",
        "<TEMPOENVEX",
        *(_point(point) for point in project.tempo),
        ">",
    ]
    for mark in project.marks:
        region = int(mark.end is not None)
        lines.append(
            f"MARKER {mark.number} {number_text(mark.start)} {quote_text(mark.name)} {region} {mark.colour}"
        )
        if mark.end is not None:
            lines.append(f'MARKER {mark.number} {number_text(mark.end)} "" 1')
    for track in project.tracks:
        lines += _track(track)
    lines.append("<EXTSTATE")
    lines.append("<BANDMATE")
    lines += [f"{key} {quote_text(value)}" for key, value in project.ext.items()]
    return "\n".join([*lines, ">", ">", ">", ""])


def _point(point: Tempo) -> str:
    text = f"PT {number_text(point.seconds)} {number_text(point.bpm)} {0 if point.linear else 1}"
    if point.numerator:
        return f"{text} {65536 * point.denominator + point.numerator} 0 {point.flags | 1}"
    return text


def _track(track: Track) -> list[str]:
    depth = int(track.values["I_FOLDERDEPTH"])
    state = 1 if depth > 0 else 2 if depth < 0 else 0
    colour = int(track.values["I_CUSTOMCOLOR"]) or 16576
    return [
        f"<TRACK {track.guid}",
        f"NAME {quote_text(track.name)}",
        f"PEAKCOL {colour}",
        f"ISBUS {state} {depth}",
        f"SEL {int(track.selected)}",
        f"TRACKID {track.guid}",
        *(line for item in track.items for line in item_lines(item)),
        ">",
    ]


def save(project: Project, path: Path) -> bridge.Project:
    """Saves the project and gives it back as the project bridge reads it."""
    path.write_text(project_text(project))
    project.file = str(path)
    return bridge.Project.load(path)


def load(path: Path) -> Project:
    """A project file as REAPER would hold it."""
    read = bridge.Project.load(path)
    points = read.tempo_map.points
    project = Project(path.parent, str(path), rate=read.sample_rate, bpm=points[0].bpm)
    project.numerator, project.denominator = points[0].numerator, points[0].denominator
    if len(points) > 1:
        for point in points:
            metre = (point.numerator, point.denominator) if point.starts_bar or point is points[0] else (0, 0)
            project.tempo.append(
                Tempo(point.position / read.sample_rate, point.bpm, *metre, point.shape == "linear")
            )
    for track in read.tracks:
        fresh = Track(track.name, track.guid, selected=track.selected)
        fresh.values["I_FOLDERDEPTH"] = float(track.chunk.integer("ISBUS", 1))
        fresh.values["I_CUSTOMCOLOR"] = float(to_native(track.colour)) if track.colour else 0.0
        fresh.items = [_item(item) for item in track.items]
        project.tracks.append(fresh)
    for mark in read.markers:
        end = None if mark.end_frame is None else mark.end_frame / read.sample_rate
        project.marks.append(Mark(mark.number, mark.name, mark.frame / read.sample_rate, end, 0))
    for line in path.read_text().partition("<BANDMATE")[2].splitlines():
        key, _, value = line.strip().partition(" ")
        if key and key != ">":
            project.ext[key] = value.strip("\"'`")
    return project


def _item(item: bridge.Item) -> Item:
    chunk = item.chunk
    fresh = Item(item.guid, selected=item.selected)
    fresh.values |= {
        "D_POSITION": chunk.number("POSITION"), "D_LENGTH": chunk.number("LENGTH"),
        "B_LOOPSRC": float(item.loops), "B_MUTE": float(item.muted),
        "D_FADEINLEN": item.fade_in_seconds, "D_FADEOUTLEN": item.fade_out_seconds,
        "D_VOL": chunk.number("VOLPAN", 0, 1.0),
    }  # fmt: skip
    for index, take in enumerate(item.takes):
        source = Source(str(take.source.file), take.source.kind) if take.source else None
        made = Take(take.name, source, take.guid)
        made.values |= {
            "D_STARTOFFS": take.offset_seconds, "D_PLAYRATE": take.play_rate, "D_PITCH": take.pitch_semitones,
            "B_PPITCH": float(take.preserve_pitch), "I_CHANMODE": float(take.channel_mode),
        }  # fmt: skip
        fresh.takes.append(made)
        if take.chosen:
            fresh.active = index
    return fresh
