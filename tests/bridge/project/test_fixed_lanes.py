"""Tracks with fixed item lanes (REAPER 7) are read, and never written into."""

from pathlib import Path

import pytest

from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.rpp import Project, check_splittable, resolve_item
from bandmate_protocol.errors import ErrorCode, RequestError

TEXT = """<REAPER_PROJECT 0.1 "7.0" 0
  SAMPLERATE 48000 1 0
  TEMPO 120 4 4
  <TRACK {{AAAAAAAA-0000-4000-8000-000000000001}}
    NAME Voice
    FREEMODE {mode}
    FIXEDLANES 9 0 0 0 0
    TRACKID {{AAAAAAAA-0000-4000-8000-000000000001}}
    <ITEM
      POSITION 0
      LENGTH 1
      IGUID {{BBBBBBBB-0000-4000-8000-000000000001}}
      NAME one
      SOFFS 0
      PLAYRATE 1 1 0 -1 0 0.0025
      CHANMODE 0
      <SOURCE WAVE
        FILE one.wav
      >
    >
  >
>
"""


def song(folder: Path, mode: int) -> Project:
    WavFile(folder / "one.wav", sample_rate=48_000, channels=1, frames=48_000).close()
    path = folder / "song.rpp"
    path.write_text(TEXT.format(mode=mode))
    return Project.load(path)


@pytest.mark.parametrize("mode", [0, 1])
def test_plain_tracks_and_free_positions_are_written_into(tmp_path: Path, mode: int) -> None:
    project = song(tmp_path, mode)
    (track,) = project.tracks
    check_splittable(resolve_item(track, track.items[0], project.tempo_map), project.tempo_map)
    ProjectOutput(project, TrackLayout("drums", track="Voice")).check(1)


def test_lanes_are_not(tmp_path: Path) -> None:
    project = song(tmp_path, 2)
    (track,) = project.tracks
    heard = resolve_item(track, track.items[0], project.tempo_map)
    with pytest.raises(RequestError, match="fixed item lanes") as split:
        check_splittable(heard, project.tempo_map)
    with pytest.raises(RequestError, match="fixed item lanes") as onto:
        ProjectOutput(project, TrackLayout("drums", track="Voice")).check(1)
    assert (split.value.code, onto.value.code) == (ErrorCode.INPUT_UNUSABLE,) * 2
    ProjectOutput(project, TrackLayout("Voice stems", below=track.guid)).check(1)
