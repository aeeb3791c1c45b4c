# ruff: noqa: N802 - the names are REAPER's
"""REAPER's functions about items, takes and sources."""

import copy
import hashlib
from pathlib import Path

from tests.reaper.accessor import Accessor
from tests.reaper.model import Item, Source, Take, new_guid
from tests.reaper.rpp_file import item_lines


class ItemApi:
    """Mixed into the double."""

    def CountMediaItems(self, proj):
        return len(self.project(proj).items())

    def GetMediaItem(self, proj, index):
        return self.project(proj).items()[int(index)]

    def CountTrackMediaItems(self, track):
        return len(self.alive(track).items)

    def GetTrackMediaItem(self, track, index):
        items = self.alive(track).items
        return items[int(index)] if 0 <= index < len(items) else None

    def CountSelectedMediaItems(self, proj):
        return sum(item.selected for item in self.project(proj).items())

    def GetSelectedMediaItem(self, proj, index):
        chosen = [item for item in self.project(proj).items() if item.selected]
        return chosen[int(index)] if 0 <= index < len(chosen) else None

    def AddMediaItemToTrack(self, track):
        item = Item()
        self.alive(track).items.append(item)
        return item

    def DeleteTrackMediaItem(self, track, item):
        self.alive(track).items.remove(item)
        return True

    def GetMediaItemTrack(self, item):
        return self.owner(item).track_of(item)

    def GetMediaItemInfo_Value(self, item, parm):
        return self.alive(item).values[parm]

    def SetMediaItemInfo_Value(self, item, parm, value):
        assert parm in self.alive(item).values, parm
        item.values[parm] = float(value)
        return True

    def GetSetMediaItemInfo_String(self, item, parm, text, is_set):
        if (parm, is_set) == ("P_NOTES", True):
            self.alive(item).notes = text
            return True, text
        assert (parm, is_set) == ("GUID", False)
        return True, self.alive(item).guid

    def GetItemStateChunk(self, item, text, is_undo):
        self.alive(item)
        return True, "\n".join(item_lines(item)) + "\n"

    def SplitMediaItem(self, item, at):
        project = self.owner(item)
        if not item.position < at < item.end:
            return None
        later = copy.deepcopy(item)
        later.guid = new_guid()
        for take in later.takes:
            take.guid = new_guid()
        # As with the preference for crossfades at splits: the pieces overlap, and fade into each other.
        overlap = min(self.split_overlap, at - item.position)
        later.values["D_POSITION"] = at - overlap
        later.values["D_LENGTH"] = item.end - at + overlap
        for take in later.takes:
            take.values["D_STARTOFFS"] += (at - overlap - item.position) * take.values["D_PLAYRATE"]
        item.values["D_LENGTH"] = at - item.position
        item.values["D_FADEOUTLEN"] = later.values["D_FADEINLEN"] = 0.01
        item.values["D_FADEOUTLEN_AUTO"] = later.values["D_FADEINLEN_AUTO"] = overlap
        items = project.track_of(item).items
        items.insert(items.index(item) + 1, later)
        return later

    def CountTakes(self, item):
        return len(self.alive(item).takes)

    def GetMediaItemTake(self, item, index):
        takes = self.alive(item).takes
        return takes[int(index)] if 0 <= index < len(takes) else None

    def GetActiveTake(self, item):
        takes = self.alive(item).takes
        return takes[item.active] if takes else None

    def SetActiveTake(self, take):
        item = self.owner(take).item_of(take)
        item.active = item.takes.index(take)

    def AddTakeToMediaItem(self, item):
        self.alive(item).takes.append(Take())
        return item.takes[-1]

    def GetTakeName(self, take):
        return self.alive(take).name

    def GetSetMediaItemTakeInfo_String(self, take, parm, text, is_set):
        assert parm == "P_NAME", parm
        if is_set:
            self.must_be_in_block("GetSetMediaItemTakeInfo_String", self.owner(take))
            take.name = text
        return True, self.alive(take).name

    def GetMediaItemTakeInfo_Value(self, take, parm):
        return self.alive(take).values[parm]

    def SetMediaItemTakeInfo_Value(self, take, parm, value):
        assert parm in self.alive(take).values, parm
        take.values[parm] = float(value)
        return True

    def GetMediaItemTake_Source(self, take):
        return self.alive(take).source

    def SetMediaItemTake_Source(self, take, source):
        self.alive(take).source = source
        return True

    def PCM_Source_CreateFromFile(self, file):
        if not Path(file).is_file():
            return None
        source = Source(file)
        self.sources.append(source)
        return source

    def PCM_Source_Destroy(self, source):
        self.sources.remove(source)

    def GetMediaSourceFileName(self, source):
        return source.file

    def GetMediaSourceLength(self, source):
        return source.seconds(), False

    def PCM_Source_BuildPeaks(self, source, mode):
        """Peaks are what the file held when they were begun; they need as many calls as it has blocks."""
        self.peak_calls += 1
        if mode == 0:
            now = hashlib.sha256(Path(source.file).read_bytes()).digest() if self.reads_peaks else b"?"
            if source.peaks_of == now and self.reads_peaks:
                return 0
            source.peaks_of = now
            self.peak_steps[source] = 2
            return 100
        if mode == 1:
            self.peak_steps[source] -= 1
            return 50 * self.peak_steps[source]
        return 0

    def CreateTakeAudioAccessor(self, take):
        self.alive(take)
        accessor = Accessor(take)
        self.accessors.append(accessor)
        return accessor

    def DestroyAudioAccessor(self, accessor):
        self.accessors.remove(accessor)

    def GetAudioAccessorSamples(self, accessor, rate, channels, start, count, buffer):
        assert accessor in self.accessors, "the accessor was destroyed"
        values = accessor.read(int(rate), int(channels), float(start), int(count))
        if values is None:
            return 0
        for index, value in enumerate(values, start=1):
            buffer["values"][index] = value
        return 1

    def new_array(self, size):
        make = self.script.lua.eval(
            "function(n) local a = {values = {}} for i = 1, n do a.values[i] = 0.0 end "
            "a.table = function() return a.values end "
            "a.clear = function() for i = 1, n do a.values[i] = 0.0 end end return a end"
        )
        return make(int(size))

    def CreateNewMIDIItemInProj(self, track, start, end, quarters=False):
        item = Item(takes=[Take(source=Source("", "MIDI"))])
        item.values |= {"D_POSITION": float(start), "D_LENGTH": float(end) - float(start)}
        self.alive(track).items.append(item)
        return item

    def MIDI_GetPPQPosFromProjTime(self, take, time):
        project = self.owner(take)
        return (time - project.item_of(take).position) * project.bpm / 60 * 960

    def MIDI_InsertNote(self, take, selected, muted, start, end, channel, pitch, velocity, unsorted=False):
        self.alive(take).notes.append((start, end, int(channel), int(pitch), int(velocity)))
        return True

    def MIDI_Sort(self, take):
        self.alive(take).notes.sort()
