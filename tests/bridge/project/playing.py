"""What REAPER plays of a project, frame by frame, by another reader and in exact numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import rpp


@dataclass(frozen=True)
class Heard:
    """One frame of one item: which frame of which file, and how loud the fades leave it."""

    file: str
    frame: int
    gain: Fraction
    settings: tuple[str, ...]


@dataclass(frozen=True)
class Sounding:
    """An item and the take that sounds, as the file has them."""

    start: Fraction
    length: Fraction
    fades: tuple[Fraction, Fraction]
    offset: Fraction
    rate: Fraction
    file: str
    settings: tuple[str, ...]
    """What else shapes the sound: channel mode, volume and pan."""

    def at(self, frame: int, project_rate: int, file_rate: int) -> Heard | None:
        """What is heard at a frame of the project; the file's frame is the nearest one."""
        now = Fraction(frame, project_rate)
        if (
            not nearest(self.start * project_rate)
            <= frame
            < nearest((self.start + self.length) * project_rate)
        ):
            return None
        within = now - self.start
        file_frame = nearest((self.offset + within * self.rate) * file_rate)
        fade_in, fade_out = self.fades
        gain = min(Fraction(1), within / fade_in if fade_in else Fraction(1))
        left = self.length - within
        gain *= min(Fraction(1), left / fade_out if fade_out else Fraction(1))
        return Heard(self.file, file_frame, gain, self.settings)


def nearest(value: Fraction) -> int:
    """Halves go up; a millionth of a frame is what floats may have lost."""
    return floor(value + Fraction(1, 2) + Fraction(1, 10**6))


def items(data: bytes, track: int = 0) -> list[Sounding]:
    """The items of a track."""
    root = rpp.loads(data.decode())
    return [_item(element) for element in root.findall(".//TRACK")[track].findall("ITEM")]


def _item(element: rpp.Element) -> Sounding:
    takes: list[list[object]] = [[]]
    chosen = 0
    for child in element.children:
        if isinstance(child, list) and child[0] == "TAKE":
            if "SEL" in child:
                chosen = len(takes)
            takes.append([])
        takes[-1].append(child)
    lines = {child[0]: child[1:] for child in element.children if isinstance(child, list)}
    take = {child[0]: child[1:] for child in takes[chosen] if isinstance(child, list)}
    source = next(
        child for child in takes[chosen] if isinstance(child, rpp.Element) and child.tag == "SOURCE"
    )
    volume = take.get("TAKEVOLPAN") or take["VOLPAN"][1:]
    return Sounding(
        Fraction(lines["POSITION"][0]),
        Fraction(lines["LENGTH"][0]),
        (_fade(lines["FADEIN"]), _fade(lines["FADEOUT"])),
        Fraction(take["SOFFS"][0]),
        Fraction(take["PLAYRATE"][0]),
        source.find("FILE")[1],
        (take["CHANMODE"][0], *volume, lines["VOLPAN"][0]),
    )


def _fade(words: list[str]) -> Fraction:
    return max(Fraction(words[1]), Fraction(words[2]))
