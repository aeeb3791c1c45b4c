-- Puts results into the project: tracks, items and takes, in one undo step each.

local facts = require("facts")

local place = {}

-- Runs what changes the project as one undo step. An error in it is raised after the step was closed.
function place.step(proj, label, act)
  reaper.PreventUIRefresh(1)
  reaper.Undo_BeginBlock2(proj)
  local ok, problem = pcall(act)
  reaper.Undo_EndBlock2(proj, label, -1)
  reaper.PreventUIRefresh(-1)
  reaper.UpdateArrange()
  if not ok then
    -- Half a result is none.
    reaper.Undo_DoUndo2(proj)
    error(problem, 0)
  end
end

local function plain(text)
  return (text:gsub("[%c]+", " "))
end

-- Sixty characters, as the project-file bridge names folders.
local function shortened(text)
  local stop = utf8.len(text) and utf8.offset(text, 61)
  local short = (stop and text:sub(1, stop - 1) or text):match("^%s*(.-)%s*$")
  return short ~= "" and short or "Bandmate"
end

function place.find_track(proj, guid)
  if not guid or guid == "" then return nil end
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    if facts.track_guid(track) == guid then return track, index end
  end
end

-- Where items were seen last: to look through a project of thousands takes longer than a tick may.
local seen = {}

local function note_item(item)
  local guid = facts.item_guid(item)
  seen[guid] = item
  return guid
end
place.note_item = note_item

function place.find_item(proj, guid)
  if not guid or guid == "" then return nil end
  local last = seen[guid]
  if last and reaper.ValidatePtr2(proj, last, "MediaItem*") and facts.item_guid(last) == guid then return last end
  for index = 0, reaper.CountMediaItems(proj) - 1 do
    local item = reaper.GetMediaItem(proj, index)
    if note_item(item) == guid then return item end
  end
end

local function native(colour)
  local red, green, blue = (colour or ""):match("^#(%x%x)(%x%x)(%x%x)$")
  if not red then return 0 end
  return reaper.ColorToNative(tonumber(red, 16), tonumber(green, 16), tonumber(blue, 16)) | 0x1000000
end
place.native = native

local function source_of(file)
  local source = reaper.PCM_Source_CreateFromFile(file)
  if not source then error("REAPER cannot open " .. file, 0) end
  return source
end

-- A new take of a file, and its source.
local function add_take(item, file, name, offset)
  local source = source_of(file)
  local take = reaper.AddTakeToMediaItem(item)
  reaper.SetMediaItemTake_Source(take, source)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", plain(name), true)
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset or 0.0)
  return take, source
end

local function add_track(proj, index, name, colour, job)
  if reaper.APIExists("InsertTrackInProject") then
    reaper.InsertTrackInProject(proj, index, 0)
  else
    local current = reaper.EnumProjects(-1)
    if current ~= proj then reaper.SelectProjectInstance(proj) end
    reaper.InsertTrackAtIndex(index, false)
    if current ~= proj then reaper.SelectProjectInstance(current) end
  end
  local track = reaper.GetTrack(proj, index)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", plain(name), true)
  if native(colour) ~= 0 then reaper.SetMediaTrackInfo_Value(track, "I_CUSTOMCOLOR", native(colour)) end
  reaper.GetSetMediaTrackInfo_String(track, "P_EXT:bandmate", job, true)
  return track
end

local function depth_of(track)
  return math.floor(reaper.GetMediaTrackInfo_Value(track, "I_FOLDERDEPTH"))
end

-- Where new tracks go: below a track, or at the end, after closing a folder that was left open there.
local function opening(proj, below)
  local track, index = place.find_track(proj, below)
  if track then return index + 1, track end
  local count, open = reaper.CountTracks(proj), 0
  for at = 0, count - 1 do
    local before = open
    open = math.max(open + depth_of(reaper.GetTrack(proj, at)), 0)
    if at == count - 1 and open > 0 then
      reaper.SetMediaTrackInfo_Value(reaper.GetTrack(proj, at), "I_FOLDERDEPTH", -before)
    end
  end
  return count, nil
end

local function add_item(track, stem, name)
  local item = reaper.AddMediaItemToTrack(track)
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", stem.position)
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", stem.length)
  reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", 0)
  reaper.SetMediaItemInfo_Value(item, "D_FADEINLEN", 0.0)
  reaper.SetMediaItemInfo_Value(item, "D_FADEOUTLEN", 0.0)
  local _, source = add_take(item, stem.file, name, 0.0)
  return item, source
end

-- New tracks for the stems, in a folder when there are several. `shared`: tracks by name that take them.
local function onto_new_tracks(proj, job, stems, shared, noted)
  local kept, fresh = {}, {}
  for _, stem in ipairs(stems) do
    local track = shared and place.find_track(proj, shared[stem.name])
    if track then
      local item, source = add_item(track, stem, stem.name)
      noted(stem, track, item, source)
      kept[#kept + 1] = stem
    else
      fresh[#fresh + 1] = stem
    end
  end
  if #fresh == 0 then return end
  local index, below = opening(proj, job.place.below)
  local closes = below and math.min(depth_of(below), 0) or 0
  if closes < 0 then reaper.SetMediaTrackInfo_Value(below, "I_FOLDERDEPTH", 0) end
  local folder = #fresh > 1 and not job.place.flat
  if folder then
    local parent = add_track(proj, index, shortened(job.title), fresh[1].colour, job.id)
    reaper.SetMediaTrackInfo_Value(parent, "I_FOLDERDEPTH", 1)
    index = index + 1
  end
  local last
  for _, stem in ipairs(fresh) do
    local name = job.place.mixed and job.title or stem.name
    last = add_track(proj, index, name, stem.colour, job.id)
    index = index + 1
    local item, source = add_item(last, stem, stem.name)
    noted(stem, last, item, source)
    if shared then shared[stem.name] = facts.track_guid(last) end
  end
  reaper.SetMediaTrackInfo_Value(last, "I_FOLDERDEPTH", (folder and -1 or 0) + closes)
end

-- What lies on both sides of a cut plays as before: no fades there, and not a sample moved.
local function cut(item, at)
  local begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
  if at <= begin + 1e-7 or at >= begin + length - 1e-7 then return item, nil end
  local offsets = {}
  for index = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, index)
    offsets[index] = take and reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS")
  end
  local later = reaper.SplitMediaItem(item, at)
  if not later then error("REAPER did not split the item", 0) end
  -- A preference may have made the pieces overlap, to fade from one into the other.
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", at - begin)
  reaper.SetMediaItemInfo_Value(later, "D_POSITION", at)
  reaper.SetMediaItemInfo_Value(later, "D_LENGTH", begin + length - at)
  for _, parm in ipairs({ "D_FADEOUTLEN", "D_FADEOUTLEN_AUTO" }) do reaper.SetMediaItemInfo_Value(item, parm, 0.0) end
  for _, parm in ipairs({ "D_FADEINLEN", "D_FADEINLEN_AUTO" }) do reaper.SetMediaItemInfo_Value(later, parm, 0.0) end
  for index = 0, reaper.CountTakes(later) - 1 do
    local take = reaper.GetMediaItemTake(later, index)
    if take and offsets[index] then
      local rate = reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
      reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offsets[index] + (at - begin) * rate)
    end
  end
  return item, later
end

local LIKE = { "D_VOL", "D_PAN", "D_PANLAW" }

-- A take that sounds in the place of the one that sounded, as loud and where that was.
local function add_take_like(item, stem, name)
  local like = reaper.GetActiveTake(item)
  local take, source = add_take(item, stem.file, name, stem.offset)
  if like then
    for _, parm in ipairs(LIKE) do
      reaper.SetMediaItemTakeInfo_Value(take, parm, reaper.GetMediaItemTakeInfo_Value(like, parm))
    end
    if reaper.GetMediaItemTakeInfo_Value(like, "I_CHANMODE") == 2 then
      reaper.SetMediaItemTakeInfo_Value(take, "I_CHANMODE", 2)
    end
  end
  reaper.SetActiveTake(take)
  return source
end

-- The piece of the item from begin to end; the item is cut where it must be.
local function piece(proj, job, stem)
  local item = place.find_item(proj, job.spot.item)
  if not item then return nil end
  local track = reaper.GetMediaItemTrack(item)
  local middle = (stem.begin + stem["end"]) / 2
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local other = reaper.GetTrackMediaItem(track, index)
    local begin = reaper.GetMediaItemInfo_Value(other, "D_POSITION")
    local stop = begin + reaper.GetMediaItemInfo_Value(other, "D_LENGTH")
    local inside = begin >= job.spot.position - 1e-6 and stop <= job.spot.position + job.spot.length + 1e-6
    if inside and begin < middle and stop > middle then
      if begin > stem.begin + 1e-6 or stop < stem["end"] - 1e-6 then return nil end
      local _, later = cut(other, stem.begin)
      local found = later or other
      cut(found, stem["end"])
      return found
    end
  end
end

local function as_takes(proj, job, stems, noted, rest)
  for _, stem in ipairs(stems) do
    local item = place.find_item(proj, job.joins and job.joins[stem.part]) or piece(proj, job, stem)
    if item then
      noted(stem, reaper.GetMediaItemTrack(item), item, add_take_like(item, stem, job.title))
    else
      rest[#rest + 1] = stem
    end
  end
end

-- Further takes on the items of an earlier job.
local function as_further_takes(proj, job, stems, noted, rest)
  for _, stem in ipairs(stems) do
    local item = place.find_item(proj, job.joins and job.joins[stem.name])
    if item then
      local take, source = add_take(item, stem.file, stem.name, 0.0)
      reaper.SetActiveTake(take)
      noted(stem, reaper.GetMediaItemTrack(item), item, source)
    else
      rest[#rest + 1] = stem
    end
  end
end

local function onto_track(proj, job, stems, noted, rest)
  local track = place.find_track(proj, job.place.track)
  for _, stem in ipairs(stems) do
    if track then
      local item, source = add_item(track, stem, stem.name)
      noted(stem, track, item, source)
    else
      rest[#rest + 1] = stem
    end
  end
end

-- Inserts stems of a job; `noted(stem, track, item, source)` is told of each. What has lost its place
-- (a track or an item that was deleted meanwhile) comes on a new track. Returns whether that happened.
function place.stems(proj, job, stems, shared, noted)
  local lost = false
  place.step(proj, "Bandmate: " .. plain(job.title), function()
    local rest = {}
    if job.place.kind == "takes" then
      as_takes(proj, job, stems, noted, rest)
      lost = #rest > 0
    else
      as_further_takes(proj, job, stems, noted, rest)
      if job.place.kind == "track" and #rest > 0 then
        local before = rest
        rest = {}
        onto_track(proj, job, before, noted, rest)
        lost = #rest > 0
      end
    end
    if #rest > 0 then onto_new_tracks(proj, job, rest, shared, noted) end
    local mute = place.find_item(proj, job.place.mute)
    if mute then reaper.SetMediaItemInfo_Value(mute, "B_MUTE", 1) end
  end)
  job.changes, job.blocks = reaper.GetProjectStateChangeCount(proj), (job.blocks or 0) + 1
  return lost
end

-- Undoes what a job inserted, if that was one step and is the very last thing that happened to the project.
function place.undo(proj, job)
  local is_last = job.changes == reaper.GetProjectStateChangeCount(proj)
  if not is_last or job.blocks ~= 1 or reaper.Undo_CanUndo2(proj) ~= "Bandmate: " .. plain(job.title) then return false end
  job.blocks = 0
  return reaper.Undo_DoUndo2(proj) ~= 0
end

-- The take before the one of that file sounds again.
local function silence(item, file)
  for index = 1, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, index)
    local source = take and reaper.GetMediaItemTake_Source(take)
    local before = reaper.GetMediaItemTake(item, index - 1)
    if source and before and take == reaper.GetActiveTake(item) and reaper.GetMediaSourceFileName(source) == file then
      reaper.SetActiveTake(before)
    end
  end
end

-- Takes what a job inserted out of the project again: by undo where that is the last step, else as a step.
-- `whole`: that is all that it inserted. Returns whether nothing refers to its files any more: a take cannot be taken out of an item, only silenced.
function place.remove(proj, job, placed, whole)
  if whole and place.undo(proj, job) then return true end
  local clean = true
  place.step(proj, "Bandmate: take back " .. plain(job.title), function()
    for _, entry in pairs(placed) do
      local item = place.find_item(proj, entry.item)
      if item then
        local track = reaper.GetMediaItemTrack(item)
        if reaper.CountTakes(item) <= 1 then
          reaper.DeleteTrackMediaItem(track, item)
        else
          silence(item, entry.file)
          clean = false
        end
      end
    end
    local depth, lowest = 0, nil
    for index = reaper.CountTracks(proj) - 1, 0, -1 do
      local track = reaper.GetTrack(proj, index)
      local _, owner = reaper.GetSetMediaTrackInfo_String(track, "P_EXT:bandmate", "", false)
      if owner == job.id and reaper.CountTrackMediaItems(track) == 0 then
        depth, lowest = depth + depth_of(track), index
        reaper.DeleteTrack(track)
      end
    end
    -- The folder that the last of them closed is closed by the track before them again.
    local before = lowest and lowest > 0 and depth ~= 0 and reaper.GetTrack(proj, lowest - 1)
    if before then reaper.SetMediaTrackInfo_Value(before, "I_FOLDERDEPTH", depth_of(before) + depth) end
  end)
  return clean
end

-- Markers, regions and, when asked for, the tempo map that was heard.
function place.marks(proj, marks, title, tempo)
  place.step(proj, "Bandmate: " .. plain(title), function()
    for _, mark in ipairs(marks.markers) do
      local is_region = mark["end"] ~= nil
      reaper.AddProjectMarker2(proj, is_region, mark.start, mark["end"] or 0.0, plain(mark.name), -1, native(mark.colour))
    end
    if tempo and reaper.CountTempoTimeSigMarkers(proj) == 0 then
      for _, point in ipairs(marks.tempo) do
        reaper.SetTempoTimeSigMarker(proj, -1, point.seconds, -1, -1.0, point.bpm, point.numerator, point.denominator, false)
      end
    end
  end)
end

-- The notes of a stem as a MIDI item, on a track of its own below the audio.
function place.midi(proj, job, entry, notes)
  local audio = place.find_item(proj, entry.item)
  if not audio then return end
  place.step(proj, "Bandmate: MIDI of " .. plain(entry.name), function()
    local parent = reaper.GetMediaItemTrack(audio)
    local _, index = place.find_track(proj, facts.track_guid(parent))
    local closes = math.min(depth_of(parent), 0)
    if closes < 0 then reaper.SetMediaTrackInfo_Value(parent, "I_FOLDERDEPTH", 0) end
    local track = add_track(proj, index + 1, entry.name .. " MIDI", entry.colour, job.id)
    if closes < 0 then reaper.SetMediaTrackInfo_Value(track, "I_FOLDERDEPTH", closes) end
    local begin = reaper.GetMediaItemInfo_Value(audio, "D_POSITION")
    local stop = begin + reaper.GetMediaItemInfo_Value(audio, "D_LENGTH")
    local take = reaper.GetActiveTake(reaper.CreateNewMIDIItemInProj(track, begin, stop, false))
    for _, note in ipairs(notes) do
      local first = reaper.MIDI_GetPPQPosFromProjTime(take, note[1])
      local last = reaper.MIDI_GetPPQPosFromProjTime(take, note[1] + note[2])
      reaper.MIDI_InsertNote(take, false, false, first, last, note[5], note[3], note[4], true)
    end
    reaper.MIDI_Sort(take)
    reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", plain(entry.name) .. " MIDI", true)
  end)
end

return place
