# ruff: noqa: N802 - the names are REAPER's
"""REAPER's rendering: by the project's render settings, and as strict about prompts as can be."""

import struct
from pathlib import Path

from tests.reaper.accessor import Accessor
from tests.reaper.model import Project

RENDER = 42230
STEMS, CUSTOM_BOUNDS = 2, 0
WAV_FLOAT = "ZXZhdyAAAA=="


class RenderApi:
    """Mixed into the double."""

    def GetSetProjectInfo_String(self, proj, what, text, is_set):
        project = self.project(proj)
        if what == "RENDER_TARGETS":
            assert not is_set
            return True, ";".join(str(path) for path in targets(project))
        assert what in project.render.texts, what
        if is_set:
            project.render.texts[what] = text
        return True, project.render.texts[what]

    def Main_OnCommandEx(self, command, flag, proj):
        assert int(command) == RENDER, command
        project = self.project(proj)
        assert self.depths() == 0, "a render inside an undo block"
        assert not project.recording, "a modal prompt: stop the recording?"
        numbers, texts = project.render.numbers, project.render.texts
        assert (numbers["RENDER_SETTINGS"], numbers["RENDER_BOUNDSFLAG"]) == (STEMS, CUSTOM_BOUNDS)
        assert (texts["RENDER_FORMAT"], texts["RENDER_FORMAT2"]) == (WAV_FLOAT, "")
        (path,) = targets(project)
        assert not path.exists(), f"a modal prompt: replace {path}?"
        assert path.parent.is_dir(), f"a modal prompt: there is no {path.parent}"
        if not self.render_fails:
            write_stem(project, path)
            self.renders.append(path)

    def depths(self):
        return sum(project.depth for project in self.projects)


def targets(project: Project) -> list[Path]:
    """What would be written: a file for each selected track."""
    texts = project.render.texts
    return [
        Path(texts["RENDER_FILE"], f"{texts['RENDER_PATTERN']}{'' if not index else f'-{index}'}.wav")
        for index, track in enumerate(track for track in project.tracks if track.selected)
    ]


def write_stem(project: Project, path: Path) -> None:
    """The selected track as it sounds: its items, and then its effects."""
    (track,) = [track for track in project.tracks if track.selected]
    numbers = project.render.numbers
    rate, channels = int(numbers["RENDER_SRATE"]), int(numbers["RENDER_CHANNELS"])
    begin, end = numbers["RENDER_STARTPOS"], numbers["RENDER_ENDPOS"]
    frames = round((end - begin) * rate)
    mix = [0.0] * (frames * channels)
    for item in track.items:
        first, last = max(item.position, begin), min(item.end, end)
        if last > first and not item.values["B_MUTE"]:
            count, at = round((last - first) * rate), round((first - begin) * rate) * channels
            heard = Accessor(item.takes[item.active]).read(rate, channels, first - item.position, count)
            for index, value in enumerate(heard or ()):
                mix[at + index] += value * track.gain
    data = struct.pack(f"<{len(mix)}f", *mix)
    form = struct.pack("<HHIIHHH", 3, channels, rate, rate * channels * 4, channels * 4, 32, 0)
    head = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(head) + len(data)) + head + data)
