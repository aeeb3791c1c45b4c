# ruff: noqa: N802 - the names are REAPER's
"""REAPER's functions about projects, tracks, time and markers."""

from pathlib import Path

from bandmate_bridge.rpp import Project, new_project
from bandmate_bridge.rpp.chunks import parse_project
from bandmate_protocol.messages import TempoPoint
from tests.reaper.model import Mark, Tempo, Track
from tests.reaper.rpp_file import project_text


class ProjectApi:
    """Mixed into the double."""

    def EnumProjects(self, index):
        if index == -1:
            return self.current, self.current.file
        if 0 <= index < len(self.projects):
            return self.projects[int(index)], self.projects[int(index)].file
        return None, None

    def SelectProjectInstance(self, proj):
        self.current = self.project(proj)

    def GetProjectName(self, proj):
        return self.project(proj).file.rsplit("/", 1)[-1]

    def GetProjectPath(self):
        return self.GetProjectPathEx(0)

    def GetProjectTimeOffset(self, proj, rounds):
        return self.project(proj).time_offset

    def GetProjectPathEx(self, proj):
        return str(self.project(proj).folder)

    def GetProjectStateChangeCount(self, proj):
        return self.project(proj).changes

    def GetProjExtState(self, proj, section, key):
        value = self.project(proj).ext.get(key, "") if section == "bandmate" else ""
        return (1 if value else 0), value

    def SetProjExtState(self, proj, section, key, value):
        assert section == "bandmate"
        self.project(proj).ext[key] = value
        return 1

    def GetSetProjectInfo(self, proj, what, value, is_set):
        project = self.project(proj)
        if what in project.render.numbers:
            if is_set:
                project.render.numbers[what] = float(value)
            return project.render.numbers[what]
        assert not is_set
        return {"PROJECT_SRATE_USE": float(project.uses_rate), "PROJECT_SRATE": float(project.rate)}[what]

    def GetSetRepeatEx(self, proj, value):
        assert value == -1
        return 0

    def GetSet_LoopTimeRange2(self, proj, is_set, is_loop, start, end, seeks):
        project = self.project(proj)
        if is_set and not is_loop:
            project.selection = (start, end)
        return project.selection

    def GetCursorPositionEx(self, proj):
        return self.project(proj).cursor

    def SetEditCurPos2(self, proj, time, moves, seeks):
        self.project(proj).cursor = float(time)

    def GetPlayPositionEx(self, proj):
        return self.project(proj).cursor

    def GetPlayStateEx(self, proj):
        return int(self.project(proj).playing) | 4 * int(self.project(proj).recording)

    def OnPlayButtonEx(self, proj):
        self.project(proj).playing = True

    def OnStopButtonEx(self, proj):
        self.project(proj).playing = False

    def TimeMap_GetTimeSigAtTime(self, proj, time):
        project = self.project(proj)
        numerator, denominator, bpm = project.numerator, project.denominator, project.bpm
        for point in project.tempo:
            if point.seconds <= time + 1e-9:
                bpm = point.bpm
                if point.numerator:
                    numerator, denominator = point.numerator, point.denominator
        return numerator, denominator, bpm

    def CountTempoTimeSigMarkers(self, proj):
        return len(self.project(proj).tempo)

    def GetTempoTimeSigMarker(self, proj, index):
        points = self.project(proj).tempo
        if not 0 <= index < len(points):
            return False, 0.0, 0, 0.0, 0.0, 0, 0, False
        at = points[int(index)]
        # Without a metre of its own REAPER gives -1 for both parts.
        metre = (at.numerator, at.denominator) if at.numerator else (-1, -1)
        return True, at.seconds, 0, 0.0, at.bpm, *metre, at.linear

    def GetSetTempoTimeSigMarkerFlag(self, proj, index, flag, is_set):
        assert not is_set
        return self.project(proj).tempo[int(index)].flags

    def SetTempoTimeSigMarker(self, proj, index, time, measure, beat, bpm, numerator, denominator, linear):
        point = Tempo(float(time), float(bpm), int(numerator), int(denominator), linear)
        points = self.project(proj).tempo
        if index == -1:
            points.append(point)
        else:
            points[int(index)] = point
        return True

    def TimeMap2_timeToBeats(self, proj, time):
        project = self.project(proj)
        read = Project(Path("x.rpp"), parse_project(project_text(project).encode(), "x.rpp"), None)
        bar, beat = read.tempo_map.bar_beat_at(round(time * project.rate))
        return beat, bar - 1, read.tempo_map.metre_at(round(time * project.rate))[0], 0.0, 4

    def TimeMap2_timeToQN(self, proj, time):
        project = self.project(proj)
        blank = new_project(
            "x.rpp", sample_rate=project.rate, tempo=[TempoPoint(position=0.0, bpm=project.bpm)]
        )
        return blank.tempo_map.quarters_at(time * project.rate)

    def AddProjectMarker2(self, proj, is_region, start, end, name, wanted, colour):
        project = self.project(proj)
        mark = Mark(
            len(project.marks) + 1, name, float(start), float(end) if is_region else None, int(colour)
        )
        project.marks.append(mark)
        return mark.number

    def EnumProjectMarkers3(self, proj, index):
        marks = sorted(self.project(proj).marks, key=lambda mark: mark.start)
        if not 0 <= index < len(marks):
            return 0, False, 0.0, 0.0, "", 0, 0
        mark = marks[int(index)]
        return (
            index + 1, mark.end is not None, mark.start, mark.end or 0.0, mark.name, mark.number, mark.colour
        )  # fmt: skip

    def CountTracks(self, proj=0):
        return len(self.project(proj).tracks)

    def GetTrack(self, proj, index):
        tracks = self.project(proj).tracks
        return tracks[int(index)] if 0 <= index < len(tracks) else None

    def CountSelectedTracks(self, proj):
        return sum(track.selected for track in self.project(proj).tracks)

    def GetSelectedTrack(self, proj, index):
        return [track for track in self.project(proj).tracks if track.selected][int(index)]

    def SetTrackSelected(self, track, selected):
        self.alive(track).selected = selected

    def AnyTrackSolo(self, proj):
        return any(track.values["I_SOLO"] for track in self.project(proj).tracks)

    def IsTrackSelected(self, track):
        return self.alive(track).selected

    def InsertTrackAtIndex(self, index, defaults):
        self.current.tracks.insert(int(index), Track())

    def InsertTrackInProject(self, proj, index, flags):
        self.project(proj).tracks.insert(int(index), Track())

    def DeleteTrack(self, track):
        self.owner(track).tracks.remove(track)

    def GetTrackStateChunk(self, track, text, is_undo):
        comp = self.alive(track).comp_lane
        freeze = "<FREEZE 0\n>\n" if track.frozen else ""
        return True, f"<TRACK {track.guid}\nFIXEDLANES 9 0 0 0 0\nLANEREC -1 {comp} {comp} 0\n{freeze}>\n"

    def GetTrackGUID(self, track):
        return self.alive(track).guid

    def GetTrackName(self, track):
        number = self.owner(track).tracks.index(track) + 1
        return True, track.name or f"Track {number}"

    def GetMediaTrackInfo_Value(self, track, parm):
        if parm == "IP_TRACKNUMBER":
            return float(self.owner(track).tracks.index(track) + 1)
        return self.alive(track).values[parm]

    def GetParentTrack(self, track):
        depth, folders = 0, []
        for each in self.owner(self.alive(track)).tracks:
            del folders[depth:]
            if each is track:
                return folders[-1] if folders else None
            folders.append(each)
            depth = max(depth + int(each.values["I_FOLDERDEPTH"]), 0)
        return None

    def SetMediaTrackInfo_Value(self, track, parm, value):
        assert parm in self.alive(track).values, parm
        track.values[parm] = float(value)
        return True

    def GetSetMediaTrackInfo_String(self, track, parm, text, is_set):
        self.alive(track)
        if parm.startswith("P_EXT:"):
            if is_set:
                track.ext[parm] = text
            return True, track.ext.get(parm, "")
        if parm.startswith("P_LANENAME:"):
            assert not is_set
            return True, dict(enumerate(track.lane_names)).get(int(parm.partition(":")[2]), "")
        if parm == "GUID":
            assert not is_set
            return True, track.guid
        if parm == "P_RAZOREDITS":
            assert not is_set
            return True, track.razor
        assert parm == "P_NAME", parm
        if is_set:
            self.must_be_in_block("GetSetMediaTrackInfo_String", self.owner(track))
            track.name = text
        return True, track.name
